"""The glance passes over what is surely no piece of a phrase, and over nothing that is one."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.redaction import fragment
from holdfast.redaction.glance import alone, may_be_piece
from holdfast.redaction.lists import LISTS

BIP39 = [name for name in LISTS if name not in {"electrum_old", "monero"}]


@pytest.mark.parametrize("name", BIP39)
@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), count=st.integers(3, 10), shape=st.sampled_from([" ", ", ", "\n", "numbered"]))
def test_whatever_is_a_piece_is_looked_at(name: str, seed: int, count: int, shape: str) -> None:
    words = random.Random(seed).sample(list(LISTS[name].index), count)
    text = " ".join(f"{n}. {word}" for n, word in enumerate(words, 1)) if shape == "numbered" else shape.join(words)
    assert fragment(text) is None or may_be_piece(text)


@pytest.mark.parametrize("text", ["slogan", "12. gorilla", "orphan tunnel", "3 wrist"])
def test_a_word_or_two_of_a_list_may_begin_a_phrase(text: str) -> None:
    assert alone(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "?",
        "Hello",
        "help",
        "Good morning",
        "thank you",
        "yes please",
        "wait",
        "ok",
        "12345",
        "slogan or what",
        "你好",
        "谢谢",
    ],
)
def test_what_people_write_alone_begins_none(text: str) -> None:
    assert not alone(text)
