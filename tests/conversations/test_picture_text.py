"""Words of a picture are put into every order that a person may have meant."""

from hypothesis import given
from hypothesis import strategies as st

from holdfast.conversations.picture_text import Seen, reading

WORDS = ("legal", "winner", "thank", "year", "wave", "sausage", "worth", "useful", "legal", "winner", "thank", "yellow")


def grid(cells: list[str], columns: int, *, down: bool) -> list[Seen]:
    """Cells on a regular grid, 300 pixels wide and 60 high; each cell's words stand close together."""
    rows = -(-len(cells) // columns)
    seen = []
    for at, cell in enumerate(cells):
        column, row = (at // rows, at % rows) if down else (at % columns, at // columns)
        left = column * 400
        for word in cell.split():
            seen.append(Seen(word, left, row * 60, len(word) * 12, 30))
            left += len(word) * 12 + 10
    return seen


@given(columns=st.integers(1, 4), down=st.booleans(), numbered=st.booleans(), mixed=st.randoms(use_true_random=False))
def test_one_of_the_orders_is_the_phrase(columns: int, down: bool, numbered: bool, mixed: object) -> None:
    cells = [f"{at}. {word}" if numbered else word for at, word in enumerate(WORDS, 1)]
    seen = grid(cells, columns, down=down)
    mixed.shuffle(seen)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    made = reading(seen)
    bare = {" ".join(word for word in text.split() if not word[0].isdigit()) for text in made.texts}
    assert " ".join(WORDS) in bare
    assert made.like_a_phrase == numbered


def test_numbers_in_any_place_give_the_order() -> None:
    order = [4, 0, 11, 2, 7, 1, 3, 10, 5, 9, 6, 8]
    seen = grid([f"{at + 1} {WORDS[at]}" for at in order], 3, down=False)
    assert " ".join(WORDS) in reading(seen).texts


@given(st.lists(st.builds(Seen, st.text(max_size=5), *[st.integers(-50, 5000)] * 4), max_size=40))
def test_nothing_that_a_reader_says_breaks_it(seen: list[Seen]) -> None:
    made = reading(seen)
    assert all(text.strip() for text in made.texts)
    assert bool(made.texts) == any(word.text.strip() for word in seen) or not made.texts
