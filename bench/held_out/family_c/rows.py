"""Words and what stands between them, as pieces."""

from collections.abc import Iterator

from bench.held_out.family_c.slips import Entry
from bench.held_out.sample import STRAY, Piece


def word(entry: Entry) -> list[Piece]:
    return [(entry.text, entry.index), *([(entry.tail, STRAY)] if entry.tail else [])]


def joined(rows: list[list[Piece]], between: str, mark: int | None = None) -> list[Piece]:
    pieces: list[Piece] = []
    for at, row in enumerate(rows):
        pieces += [(between, mark), *row] if at and between else row
    return pieces


def batched(rows: list[list[Piece]], count: int) -> Iterator[list[list[Piece]]]:
    return (rows[at : at + count] for at in range(0, len(rows), count))


def around(before: str, pieces: list[Piece], after: str) -> list[Piece]:
    return [piece for piece in [(before, None), *pieces, (after, None)] if piece[0]]
