"""How well and how fast secrets are found: on samples that the rules have never seen.

python -m bench.redaction             50,000 held-out phrases, 14 MB of ordinary text, look-alikes, speed
python -m bench.redaction --quick     for CI: 3,000 phrases, nothing is downloaded
python -m bench.redaction --tuning    the samples that the rules were made with [phrases per list and way]
"""

import sys

from bench import redaction_tuning
from bench.held_out import report


def main() -> None:
    arguments = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    if "--tuning" in sys.argv:
        redaction_tuning.main(int(arguments[0]) if arguments else 100)
    else:
        sys.exit(report.run(quick="--quick" in sys.argv))


if __name__ == "__main__":
    main()
