"""What an ordinary message pays for being looked at on its way in: ``python -m bench.intake``.

Prints microseconds a message (the median of 20 rounds) for the redaction alone, for the look whether it may be a piece
of a phrase, and for the whole of ``intake.take``; and how many of the messages were taken for pieces.
"""

import statistics
import sys
import time
from collections.abc import Callable, Sequence

from holdfast.conversations.intake import take
from holdfast.redaction import may_be_piece, redact

MESSAGES = (
    "Hello",
    "My withdrawal has been pending since this morning, can you look at it please?",
    "ok thanks, I will try that now and come back to you",
    "The transaction is shown as confirmed on the explorer but my balance did not change at all.",
    "Which network did you use, and what does the app show under history?",
    "你好，我的提现一直没有到账，请帮我看看",
    "Ich habe gestern Abend zweihundert Euro geschickt und sehe sie nicht.",
    "¿Cuánto tarda normalmente una transferencia a otra cartera?",
    "Good morning",
    "No, it still says waiting for confirmation (3 of 12).",
)


def microseconds(look: Callable[[str], object], messages: Sequence[str]) -> float:
    """A message, at the median of the rounds."""
    rounds = []
    for _ in range(20):
        begun = time.perf_counter()
        for _ in range(50):
            for message in messages:
                look(message)
        rounds.append((time.perf_counter() - begun) / 50 / len(messages) * 1e6)
    return statistics.median(rounds)


def main() -> None:
    pieces = sum(take(message).seal is not None for message in MESSAGES)
    for name, look in (
        ("redact", redact),
        ("may be a piece", may_be_piece),
        ("take (all of it)", take),
    ):
        sys.stdout.write(f"{name:18} {microseconds(look, MESSAGES):6.1f} us\n")
    sys.stdout.write(f"taken for pieces   {pieces} of {len(MESSAGES)}\n")


if __name__ == "__main__":
    main()
