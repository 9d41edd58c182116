"""Messages that the dialplan took while the application was down, to be made into conversations when it is back.

One message is three files in spool/messages (``configuration._extensions`` writes them): ``ID.from`` when the caller
is asked to speak, ``ID.wav`` what they said, ``ID.end`` when the call is over and the message therefore whole.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from holdfast.channels.voice.engine.layout import Layout

# A WAV file's header alone: the caller hung up without a word.
_HEADER = 44


@dataclass(frozen=True, slots=True)
class Message:
    """``identifier`` is unique (a source id). ``caller`` is empty when the number was withheld; ``seconds`` 0.0 when
    they hung up without a word: somebody called, and may be called back."""

    identifier: str
    at: datetime
    line: str
    language: str
    caller: str
    sound: Path
    seconds: float


def left(layout: Layout) -> Iterator[Message]:
    """Every whole message, the oldest first. Blocking; a message that cannot be read is left where it is."""
    for end in sorted(layout.messages.glob("*.end")):
        words = _words(end.with_suffix(".from"))
        if len(words) < 3 or not words[0].isdigit():
            continue
        sound = end.with_suffix(".wav")
        size = sound.stat().st_size if sound.exists() else 0
        yield Message(
            identifier=end.stem,
            at=datetime.fromtimestamp(int(words[0]), UTC),
            line=words[1],
            language=words[2],
            caller=words[3] if len(words) > 3 else "",
            sound=sound,
            seconds=max(0, size - _HEADER) / 16_000,
        )


def done(message: Message) -> None:
    """It is kept elsewhere: delete it here. ``.end`` goes first, so that a half deleted one is not read again."""
    for suffix in (".end", ".wav", ".from"):
        message.sound.with_suffix(suffix).unlink(missing_ok=True)


def close_unfinished(layout: Layout) -> None:
    """Before the engine starts: those in whose middle it was killed are as whole as they will ever be."""
    for begun in layout.messages.glob("*.from"):
        begun.with_suffix(".end").touch()


def _words(file: Path) -> list[str]:
    try:
        return file.read_text("utf-8", errors="replace").split()
    except FileNotFoundError:
        return []
