"""A phrase over several messages is found when it completes; ordinary chat is never joined."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.redaction import fragment, join
from tests.redaction.samples import MESSAGES
from tests.redaction.samples_chat import CHATS
from tests.redaction.samples_phrases import ALL_LISTS, BIP39, misspell, phrase_of

randoms = st.integers(0, 2**64).map(random.Random)
LISTS = [name for name in ALL_LISTS if name not in ("electrum_old", "monero")]
PUBLISHED = "legal winner thank year wave sausage worth useful legal winner thank yellow"
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
    short = split in (one_by_one, two_by_two) and name in ("english", "slip39")
    assert unnoticed <= (8 if short else 1)
    assert incomplete <= (12 if short else 2)


def test_what_is_joined_says_which_pieces_and_how_sure() -> None:
    words = PUBLISHED.split()
    pieces = ["hello", " ".join(words[:5]), "just a second", " ".join(words[5:9]), "and: " + " ".join(words[9:])]
    joined = join(pieces)
    assert joined is not None
    assert set(joined.pieces) == {1, 3, 4}
    assert (joined.kind, joined.words, joined.certainty) == ("recovery_phrase", 12, "certain")
    assert join(pieces[:4]) is None
    assert join([]) is None


def test_only_the_last_of_single_words_completes_it() -> None:
    rng = random.Random(3)
    words = phrase_of("english", rng)
    assert [join(words[:count]) is not None for count in range(1, 10)] == [False] * 9
    joined = join(["hi there", *words])
    assert joined is not None
    assert joined.pieces == tuple(range(1, 13))


@settings(max_examples=40, deadline=None)
@given(rng=randoms, name=st.sampled_from(BIP39))
def test_three_words_are_a_fragment(rng: random.Random, name: str) -> None:
    words = phrase_of(name, rng, 24)
    numbered = fragment("\n".join(f"{n}. {word}" for n, word in enumerate(words[:6], 7)))
    assert numbered is not None
    assert numbered.numbered
    assert name in numbered.lists
    assert numbered.words == 6


def test_a_fragment_tolerates_typing_errors_and_labels() -> None:
    rng = random.Random(5)
    found = fragment(f"ritual {misspell(rng, 'olympic', 'english')} candy vessel")
    assert found is not None
    assert (found.words, found.numbered) == (4, False)
    labelled = fragment("word 1: ritual, word 2: candy, word 3: vessel")
    assert labelled is not None
    assert labelled.numbered
    assert fragment("ritual candy") is None
    assert fragment("ritual", least=1) is not None
    assert fragment("where is it", least=1) is None


@pytest.mark.parametrize("text", MESSAGES)
def test_ordinary_messages_are_no_fragments(text: str) -> None:
    assert fragment(text) is None


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
        fragment(piece, least=1)
