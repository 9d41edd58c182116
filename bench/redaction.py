"""How well and how fast secrets are found.

python -m bench.redaction --tuning [phrases per list and way]
"""

import sys

from bench import redaction_tuning


def main() -> None:
    arguments = [argument for argument in sys.argv[1:] if argument != "--tuning"]
    redaction_tuning.main(int(arguments[0]) if arguments else 100)


if __name__ == "__main__":
    main()
