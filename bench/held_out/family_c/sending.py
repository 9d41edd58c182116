"""In how many messages the words are sent, and what is said between them."""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from bench.held_out.family_c.slips import HAN, LATIN, SCRIPT, Entry, misspell
from bench.held_out.family_c.speech import Voice
from bench.held_out.family_c.standing import LINES, stand
from bench.held_out.phrases import words_of
from bench.held_out.sample import STRAY, Piece

SENDINGS = {
    "one message": 79.0,
    "in halves": 5,
    "in three or four": 3.5,
    "a few at a time": 3.5,
    "uneven parts": 2.5,
    "one word a message": 3,
    "with answers between": 0.8,
    "corrected after": 1,
    "written again": 0.8,
    "a part only": 0.4,
    "backwards": 0.1,
}
# Of these the table of `standing.py` is drawn whole; who sends several messages writes plainly.
ONE_MESSAGE = {"one message", "a part only", "backwards"}
TALK_BETWEEN = 0.012  # how often somebody who sends parts says something between two of them
LABEL = re.compile(r"\[([^\]]*)\]|\{(\w+)\}")

Messages = list[list[Piece]]


def send(
    rng: random.Random, name: str, standing: str, entries: list[Entry], said: Voice, language: str, list_name: str,
    *, large: bool,
) -> tuple[Messages, list[Entry]]:  # fmt: skip
    """The messages, and the entries as they were written first (a correction comes after a wrong one)."""

    style = rng.getrandbits(32)

    def written(part: Sequence[Entry], how: str = standing) -> list[Piece]:
        if large:  # the keyboard's large letter at the beginning of a message or of each line
            part = [
                replace(entry, text=entry.text[:1].upper() + entry.text[1:]) if not at or how in LINES else entry
                for at, entry in enumerate(part)
            ]
        # Who numbers or separates in one way goes on so in the next message, mostly
        same = random.Random(style if rng.random() < 0.85 else rng.getrandbits(32))
        return stand(same, how, list(part), said, language)

    if name == "one message":
        return [written(entries)], entries
    if name == "backwards":
        return [written(entries[::-1])], entries
    if name == "a part only":
        count = rng.randrange(5, 12)
        return [written(entries[:count] if rng.random() < 0.7 else entries[-count:])], entries
    if name == "written again":
        again = written(entries, rng.choice(["spaces", "numbered lines", "commas", "one a line"]))
        talk: Messages = [[(rng.choice(said["between"]), STRAY)]] if rng.random() < 0.3 else []
        return [written(entries), *talk, again], entries
    if name == "corrected after":
        return _corrected(rng, written, entries, said, list_name)
    if name == "one word a message":
        return _one_each(rng, entries, said, large=large), entries
    messages: Messages = []
    for at, part in enumerate(_parts(rng, name, entries)):
        if at and name == "with answers between" and (at == 1 or rng.random() < 0.5):
            messages.append([(rng.choice(said["answers"]), STRAY)])
        elif at and rng.random() < TALK_BETWEEN:
            messages.append([(rng.choice(said["between"]), STRAY)])
        messages.append(written(part))
    return messages, entries


def _parts(rng: random.Random, name: str, entries: list[Entry]) -> list[list[Entry]]:
    count = len(entries)
    if name == "in halves":
        cuts = [count // 2 + rng.choice([0, 0, 0, -1, 1])]
    elif name == "uneven parts":
        cuts = sorted(rng.sample(range(1, count), rng.choice([1, 2, 3, 4])))
    elif name == "a few at a time":
        each = rng.choice([2, 3, 3, 4, 4, 5])
        cuts = list(range(each, count, each))
    else:
        parts = rng.choice([3, 4]) if name == "in three or four" else rng.choice([2, 3])
        cuts = [count * at // parts for at in range(1, parts)]
    return [entries[start:end] for start, end in zip([0, *cuts], [*cuts, count], strict=True)]


def _one_each(rng: random.Random, entries: list[Entry], said: Voice, *, large: bool) -> Messages:
    label = rng.choice(said["word"]) + " "
    form = rng.choices(["", "{n}. ", "{n} ", "{n}) ", "{n}: ", label], [55, 12, 8, 4, 4, 12])[0]
    messages: Messages = []
    for entry in entries:
        text = entry.text[:1].upper() + entry.text[1:] if large else entry.text
        number: list[Piece] = [(form.format(n=entry.number), None)] if form else []
        tail: list[Piece] = [(entry.tail, STRAY)] if entry.tail else []
        if messages and rng.random() < 0.002:
            messages.append([(rng.choice(said["between"]), STRAY)])
        messages.append([*number, (text, entry.index), *tail])
    return messages


def _corrected(
    rng: random.Random,
    written: Callable[[Sequence[Entry]], list[Piece]],
    entries: list[Entry],
    said: Voice,
    list_name: str,
) -> tuple[Messages, list[Entry]]:
    """All words with one of them wrong, then what it should have been."""
    place = rng.randrange(len(entries))
    right = entries[place]
    script = SCRIPT.get(list_name, LATIN)
    slip = rng.random() < 0.6 and script != HAN
    text = (
        misspell(rng, right.text, script, rng.choice(["any", "drop", "swap"]))
        if slip
        else rng.choice(words_of(list_name))
    )
    first = [*entries[:place], replace(right, text=text, tail=""), *entries[place + 1 :]]
    # The wrong word is the phrase's own, written badly, or it is none of it.
    wrong: Piece = (text, right.index if slip else STRAY)
    after: list[Piece] = []
    template, end = rng.choice(said["correct"]), 0
    for match in LABEL.finditer(template):
        after.append((template[end : match.start()], STRAY))
        if match[1]:
            after.append((match[1].format(n=right.number), None))
        elif match[2] == "n":
            after.append((str(right.number), None))
        else:
            after.append((right.text, right.index) if match[2] == "word" else wrong)
        end = match.end()
    after.append((template[end:], STRAY))
    return [written(first), [piece for piece in after if piece[0]]], first
