"""A phrase over several messages is found when it completes; ordinary chat is never joined."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.redaction import is_left_over, join, may_be_piece
from holdfast.redaction.folding import fold
from holdfast.redaction.fragments import WORD_ALONE
from holdfast.redaction.lists import CHINESE
from holdfast.redaction.lists import LISTS as LISTS_OF
from holdfast.redaction.weights import weights
from tests.redaction.samples import MESSAGES
from tests.redaction.samples_chat import CHATS
from tests.redaction.samples_phrases import ALL_LISTS, BIP39, misspell, phrase_of

randoms = st.integers(0, 2**64).map(random.Random)
LISTS = [name for name in ALL_LISTS if name not in ("electrum_old", "monero")]
PUBLISHED = "legal winner thank year wave sausage worth useful legal winner thank yellow"
# Of the ordinary messages those that are held for half an hour.
HELD: frozenset[str] = frozenset()
TALK = ("where is my money", "one moment", "ok here it comes", "I had to look for the paper", "hmm")


def typed(rng: random.Random, pieces: list[str]) -> tuple[list[str], set[int]]:
    """The pieces with ordinary messages between them, and where they are."""
    messages = ["hello, my transfer is lost"]
    places = set()
    for piece in pieces:
        if rng.random() < 0.3:
            messages.append(rng.choice(TALK))
        places.add(len(messages))
        messages.append(piece)
    return messages, places


def missed(name: str, split: object, times: int = 60) -> tuple[int, int]:
    """How many phrases were not noticed, and of how many a piece stayed."""
    assert callable(split)
    rng = random.Random(name)
    unnoticed = incomplete = 0
    for _ in range(times):
        messages, places = typed(rng, split(rng, phrase_of(name, rng, rng.choice([12, 24]))))
        joined = join(messages)
        unnoticed += joined is None
        incomplete += joined is None or not places <= set(joined.pieces)
    return unnoticed, incomplete


def in_three(rng: random.Random, words: list[str]) -> list[str]:
    third = len(words) // 3
    return [" ".join(words[:third]), " ".join(words[third : 2 * third]), " ".join(words[2 * third :])]


def numbered_out_of_order(rng: random.Random, words: list[str]) -> list[str]:
    lines = [f"{n}. {word}" for n, word in enumerate(words, 1)]
    pieces = [lines[low : low + 4] for low in range(0, len(lines), 4)]
    rng.shuffle(pieces)
    return ["\n".join(piece) for piece in pieces]


def overlapping(rng: random.Random, words: list[str]) -> list[str]:
    return [" ".join(words[max(0, low - 2) : low + 4]) for low in range(0, len(words), 4)]


def one_by_one(rng: random.Random, words: list[str]) -> list[str]:
    return list(words)


def two_by_two(rng: random.Random, words: list[str]) -> list[str]:
    return [" ".join(words[low : low + 2]) for low in range(0, len(words), 2)]


@pytest.mark.parametrize("split", [in_three, numbered_out_of_order, overlapping, one_by_one, two_by_two])
@pytest.mark.parametrize("name", LISTS)
def test_a_phrase_in_pieces_is_joined(name: str, split: object) -> None:
    unnoticed, incomplete = missed(name, split)
    # Pieces of one or two everyday words ("wait", "good year") may stay, and remarks of list words ("one moment") are
    # taken for a piece: then the checksum is wrong, and what is left has to speak for itself.
    short = split in (one_by_one, two_by_two) and name in ("english", "slip39", *CHINESE)
    assert unnoticed <= (9 if short else 1)
    assert incomplete <= (15 if short else 3)


def test_what_is_joined_says_which_pieces_and_how_sure() -> None:
    words = PUBLISHED.split()
    pieces = ["hello", " ".join(words[:5]), "just a second", " ".join(words[5:9]), "and: " + " ".join(words[9:])]
    joined = join(pieces)
    assert joined is not None
    assert set(joined.pieces) == {1, 3, 4}
    assert (joined.kind, joined.words, joined.certainty) == ("recovery_phrase", 12, "certain")
    assert join(pieces[:4]) is None
    assert join([]) is None


def test_single_words_are_joined_when_they_are_most_of_a_phrase() -> None:
    rng = random.Random(3)
    words = phrase_of("english", rng)
    # Eight may be all but those that stood in talk.
    assert [join(words[:count]) is not None for count in range(1, 8)] == [False] * 7
    joined = join(["hi there", *words])
    assert joined is not None
    assert joined.pieces == tuple(range(1, 13))


@settings(max_examples=40, deadline=None)
@given(rng=randoms, name=st.sampled_from(BIP39), shape=st.sampled_from([" ", ", ", "\n", "numbered"]))
def test_four_words_may_be_a_piece(rng: random.Random, name: str, shape: str) -> None:
    words = phrase_of(name, rng, 24)[:4]
    text = "\n".join(f"{n}. {word}" for n, word in enumerate(words, 7)) if shape == "numbered" else shape.join(words)
    # Of four words three are hardly ever everyday ones at once.
    assert may_be_piece(text) or sum(weights(LISTS_OF[name]).get(fold(word).lower, 0.0) for word in words) < WORD_ALONE


def test_a_piece_tolerates_typing_errors_and_labels() -> None:
    rng = random.Random(5)
    assert may_be_piece(f"ritual {misspell(rng, 'olympic', 'english')} candy vessel")
    assert may_be_piece("word 1: ritual, word 2: candy, word 3: vessel")
    assert may_be_piece("ok, this is what the paper says: ritual candy vessel")
    assert not may_be_piece("where is it")
    assert not may_be_piece("where is it", running=True)
    # A word alone that is misspelt says something after another piece only.
    assert not may_be_piece("olympc")
    assert may_be_piece("olympc", running=True)


@pytest.mark.parametrize("text", ["slogan", "12. gorilla", "orphan tunnel", "3 wrist", "1. good"])
def test_a_word_or_two_of_a_list_may_begin_a_phrase(text: str) -> None:
    assert may_be_piece(text)


@pytest.mark.parametrize(
    "text",
    ["", "?", "Hello", "help", "Good morning", "thank you", "yes please", "wait", "ok", "12345", "你好", "谢谢"],
)
def test_what_people_write_alone_begins_none(text: str) -> None:
    assert not may_be_piece(text)
    assert not is_left_over(text)


@pytest.mark.parametrize("text", ["First", "message", "refund", "still the same"])
def test_an_everyday_word_begins_none_but_goes_on_with_one(text: str) -> None:
    assert not may_be_piece(text)
    assert may_be_piece("First", running=True)


@pytest.mark.parametrize("text", MESSAGES)
def test_few_ordinary_messages_are_held(text: str) -> None:
    # Two words of the list that tell something, side by side, in ordinary words.
    assert may_be_piece(text) == (text in HELD)


def test_what_was_held_beside_a_phrase_belongs_to_it_if_it_tells_something() -> None:
    assert is_left_over("during")
    assert is_left_over("garment climb wonder, thanks a lot")
    assert not is_left_over("ok thank you")
    assert not is_left_over("how long does it take until the money is back")


@pytest.mark.parametrize("chat", CHATS, ids=range(len(CHATS)))
def test_ordinary_chat_is_not_joined(chat: tuple[str, ...]) -> None:
    assert join(chat) is None


def test_short_answers_in_any_order_are_not_joined() -> None:
    lines = [line for chat in CHATS for line in chat] + list(MESSAGES)
    rng = random.Random(9)
    short = [line for line in lines if len(line) < 25]
    assert len(short) >= 60
    assert not [joined for _ in range(300) if (joined := join(rng.choices(short, k=40))) is not None]


@settings(max_examples=100, deadline=None)
@given(pieces=st.lists(st.text(max_size=40), max_size=12))
def test_any_messages_are_taken(pieces: list[str]) -> None:
    joined = join(pieces)
    assert joined is None or set(joined.pieces) <= set(range(len(pieces)))
    for piece in pieces:
        may_be_piece(piece, running=True)
        is_left_over(piece)


@pytest.mark.parametrize(
    "text", ["How do I prepare?", "one moment", "2 days later", "second question", "I want to sell"]
)
def test_short_questions_are_no_labelled_words(text: str) -> None:
    assert not may_be_piece(text)


@pytest.mark.parametrize(
    "text", ["third: prepare", "Woord 3 prepare", "第3个 = prepare", "перший = base", "iii) prepare"]
)
def test_a_word_behind_its_number_is_held(text: str) -> None:
    assert may_be_piece(text)
