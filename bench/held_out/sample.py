"""What a held-out sample is, and when it counts as masked."""

from dataclasses import dataclass

STRAY = -1
# Text, and which word of the secret it is; None for what stands between, STRAY for talk that stands between.
Piece = tuple[str, int | None]


@dataclass(frozen=True, slots=True)
class Word:
    message: int
    start: int  # in code points of its message
    end: int
    index: int  # its place in the phrase


@dataclass(frozen=True, slots=True)
class Sample:
    """Messages of one conversation in their order, and where the words of the secret stand in them."""

    kind: str
    list_name: str
    layout: str
    distortion: str
    messages: tuple[str, ...]
    words: tuple[Word, ...]
    scope: str = "promised"  # or "beyond", "hidden on purpose": see promise.py


def build(
    kind: str,
    list_name: str,
    layout: str,
    distortion: str,
    messages: list[list[Piece]],
    scope: str = "promised",
) -> Sample:
    texts, words = [], []
    for at, pieces in enumerate(messages):
        length = 0
        for text, index in pieces:
            if index is not None and index != STRAY:
                words.append(Word(at, length, length + len(text), index))
            length += len(text)
        texts.append("".join(text for text, _ in pieces))
    return Sample(kind, list_name, layout, distortion, tuple(texts), tuple(words), scope)


Span = tuple[int, int]
READABLE_LETTERS = 3  # four letters name a BIP-39 word; one or two at an edge do not


def readable(word: Word, spans: list[Span]) -> bool:
    """Whether somebody can still read this word when `spans` of its message are hidden."""
    hidden = sum(max(0, min(word.end, end) - max(word.start, start)) for start, end in spans)
    return word.end - word.start - hidden >= min(READABLE_LETTERS, word.end - word.start)


def left_run(sample: Sample, hidden: list[list[Span]]) -> int:
    """The longest run of words, consecutive in the phrase, that is readable. `hidden`: spans of each message.

    A word that was written several times is readable if it is so anywhere.
    """
    left = {word.index for word in sample.words if readable(word, hidden[word.message])}
    longest = run = 0
    for index in range(max(left, default=-1) + 1):
        run = run + 1 if index in left else 0
        longest = max(longest, run)
    return longest


def left_letters(sample: Sample, hidden: list[list[Span]]) -> int:
    """The longest stretch of a key's or password's characters that is readable, in code points."""
    longest = 0
    for word in sample.words:
        edge = word.start
        for start, end in sorted((*hidden[word.message], (word.end, word.end))):
            longest = max(longest, min(start, word.end) - edge)
            edge = max(edge, end)
    return longest
