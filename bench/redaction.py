"""How well and how fast secrets are found: on samples that the rules have never seen.

python -m bench.redaction             50,000 phrases of each family, 14 MB of ordinary text, look-alikes, speed; exit
                                      status 1 while an aim is missed
python -m bench.redaction --record    the same, and writes bench/held_out/floor.json: what CI holds the rules to
python -m bench.redaction --quick     for CI: 5,000 phrases, nothing is downloaded; exit status 1 when a figure is worse
                                      than the floor
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
        sys.exit(report.run(quick="--quick" in sys.argv, record="--record" in sys.argv))


if __name__ == "__main__":
    main()
