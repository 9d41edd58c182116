"""A phrase that comes in more than one message."""

import random
from collections.abc import Callable

from bench.held_out.family_b.voices import Voice
from bench.held_out.family_b.writings import row
from bench.held_out.sample import STRAY, Piece

Sending = Callable[[random.Random, list[str], Voice], list[list[Piece]]]


def _parts(words: list[str], starts: list[int], between: str, *, capital: bool) -> list[list[Piece]]:
    """One message from each of `starts` to the next; a phone makes its first letter large."""
    messages = []
    for start, end in zip(starts, [*starts[1:], len(words)], strict=True):
        part = words[start:end]
        if capital and part:
            part = [part[0][:1].upper() + part[0][1:], *part[1:]]
        messages.append(row(part, lambda _: between, start=start))
    return messages


def by_word(rng: random.Random, words: list[str], _: Voice) -> list[list[Piece]]:
    """Return after each word."""
    return _parts(words, list(range(len(words))), " ", capital=rng.random() < 0.5)


def by_word_numbered(rng: random.Random, words: list[str], _: Voice) -> list[list[Piece]]:
    after = rng.choice([". ", " ", ")", ": ", "-"])
    return [[(f"{at + 1}{after}", None), (word, at)] for at, word in enumerate(words)]


def by_word_labelled(rng: random.Random, words: list[str], voice: Voice) -> list[list[Piece]]:
    """Each with what it is: word 3: apple; third apple."""
    names = (*voice.ordered, *map(str, range(len(voice.ordered) + 1, len(words) + 1)))
    ordinal = rng.random() < 0.4
    after = rng.choice([": ", " ", " - ", " = "])
    return [
        [((names[at] if ordinal else voice.label.format(n=at + 1)) + after, None), (word, at)]
        for at, word in enumerate(words)
    ]


def by_line(rng: random.Random, words: list[str], _: Voice) -> list[list[Piece]]:
    size = rng.choice([2, 3, 4, 4, 6, 6])
    return _parts(
        words, list(range(0, len(words), size)), rng.choice([" ", " ", ", ", "\n"]), capital=rng.random() < 0.5
    )


def too_early(rng: random.Random, words: list[str], _: Voice) -> list[list[Piece]]:
    """Sent before it was all typed, once or twice."""
    cuts = sorted(rng.sample(range(1, len(words)), rng.choice([1, 1, 2])))
    return _parts(words, [0, *cuts], rng.choice([" ", " ", ", ", "\n"]), capital=rng.random() < 0.5)


def two_halves(rng: random.Random, words: list[str], voice: Voice) -> list[list[Piece]]:
    """With a heading for each, or a word of the writer's in between."""
    half = len(words) // 2
    messages = _parts(words, [0, half], rng.choice([" ", ", ", "\n"]), capital=rng.random() < 0.4)
    if rng.random() < 0.4:
        for message, head in zip(messages, voice.halves, strict=True):
            message.insert(0, (head + " ", None))
    else:
        messages.insert(1, [(rng.choice(voice.wait), STRAY)])
    return messages


def with_a_pause(rng: random.Random, words: list[str], voice: Voice) -> list[list[Piece]]:
    """Lines, and once somewhere an excuse as a message of its own."""
    messages = by_line(rng, words, voice)
    messages.insert(rng.randrange(1, len(messages)), [(rng.choice(voice.wait), STRAY)])
    return messages


def numbered_lines(rng: random.Random, words: list[str], _: Voice) -> list[list[Piece]]:
    """Numbered words, some of them in each message."""
    size, after, end = rng.choice([3, 4, 6, 12]), rng.choice([". ", " ", ".", ") "]), rng.choice(["\n", " "])
    messages: list[list[Piece]] = []
    for at, word in enumerate(words):
        if at % size == 0:
            messages.append([])
        messages[-1] += [((end if at % size else "") + f"{at + 1}{after}", None), (word, at)]
    return messages


def with_chatter(_: random.Random, words: list[str], voice: Voice) -> list[list[Piece]]:
    """A sentence after each three words: more than is promised."""
    messages: list[list[Piece]] = []
    for at, part in enumerate(_parts(words, list(range(0, len(words), 3)), " ", capital=False)):
        talk: list[Piece] = [(voice.after[at % len(voice.after)], STRAY)]
        messages += [talk, part] if at else [part]
    return messages


def few_at_a_time(rng: random.Random, words: list[str], _: Voice) -> list[list[Piece]]:
    """One to four in each, as they are remembered."""
    starts = [0]
    while starts[-1] + 4 < len(words):
        starts.append(starts[-1] + rng.randint(1, 4))
    return _parts(words, starts, rng.choice([" ", " ", ", ", "\n"]), capital=rng.random() < 0.5)


def with_questions(rng: random.Random, words: list[str], voice: Voice) -> list[list[Piece]]:
    """Lines, and something else asked between some of them."""
    messages = by_line(rng, words, voice)
    for _ in range(rng.randint(1, 2)):
        messages.insert(rng.randrange(1, len(messages)), [(rng.choice([*voice.after, *voice.before]), None)])
    return messages


SENDINGS: dict[str, tuple[float, Sending]] = {
    "sent word by word": (3, by_word),
    "sent word by word, numbered": (1.5, by_word_numbered),
    "sent word by word, labelled": (1, by_word_labelled),
    "sent line by line": (5, by_line),
    "sent too early": (3, too_early),
    "sent in two halves": (3, two_halves),
    "sent with a pause": (1.5, with_a_pause),
    "sent in numbered lines": (2, numbered_lines),
    "sent a few at a time": (3, few_at_a_time),
    "sent with questions between": (1, with_questions),
    "sent with chatter": (0.7, with_chatter),
}
