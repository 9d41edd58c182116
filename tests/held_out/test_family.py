"""The held-out family is what it says: complete, repeatable, and its judge sees what a reader sees."""

import json
import random
from collections import Counter
from pathlib import Path

import pytest
from bench.held_out import outgoing
from bench.held_out.family import phrases
from bench.held_out.keys import secrets
from bench.held_out.lookalikes import lookalikes
from bench.held_out.measure import lower
from bench.held_out.phrases import BIP39, LISTS, draw, rs1024, words_of
from bench.held_out.promise import BEYOND
from bench.held_out.sample import Piece, build, left_letters, left_run
from mnemonic import Mnemonic

SHARE = (
    "duckling enlarge academic academic agency result length solution fridge kidney coal piece deal husband erode duke "
    "ajar critical decision keyboard"
)  # the first vector of SLIP-39


def test_the_same_seed_gives_the_same_samples_and_another_gives_others() -> None:
    assert list(phrases(300, 5)) == list(phrases(300, 5))
    assert list(phrases(20, 5)) != list(phrases(20, 6))
    assert list(secrets(50, 5)) == list(secrets(50, 5))
    assert list(lookalikes(50, 5)) == list(lookalikes(50, 5))


def test_every_list_comes_with_many_ways_and_each_word_stands_where_the_sample_says() -> None:
    samples = list(phrases(4_000, 7))
    assert {sample.list_name for sample in samples} == set(LISTS)
    assert len({sample.layout for sample in samples}) > 80
    assert len({sample.distortion for sample in samples}) >= 15
    assert max(len(sample.messages) for sample in samples) >= 24
    for sample in samples:
        indices = {word.index for word in sample.words}
        assert len(indices) >= 10, sample
        for word in sample.words:
            text = sample.messages[word.message][word.start : word.end]
            assert text
            assert text == text.strip()


def test_what_is_beyond_the_promise_is_marked_and_is_what_it_says() -> None:
    samples = list(phrases(4_000, 7))
    beyond = Counter(sample.layout for sample in samples if sample.scope == BEYOND)
    whole = Counter(sample.layout for sample in samples)
    assert 0.05 < sum(beyond.values()) / len(samples) < 0.15
    assert beyond["talk inside"] > whole["talk inside"] * 0.9
    for layout in (
        "spaces",
        "one a line",
        "numbered",
        "commas",
        "labelled",
        "JSON",
        "shuffled with numbers",
        "written twice",
    ):
        assert beyond[layout] == 0, layout


@pytest.mark.parametrize("name", BIP39)
def test_a_valid_phrase_has_its_checksum(name: str) -> None:
    phrase = draw(random.Random(1), name, valid=True)
    assert Mnemonic(name).check(" ".join(phrase))


def test_slip39_has_its_checksum() -> None:
    words = words_of("slip39")
    assert rs1024([*b"shamir", *(words.index(word) for word in SHARE.split())]) == 1
    for seed in range(20):
        values = [words.index(word) for word in draw(random.Random(seed), "slip39", valid=True)]
        assert 1 in (rs1024([*b"shamir", *values]), rs1024([*b"shamir_extendable", *values]))


def test_three_words_left_in_a_row_are_seen_and_two_are_not() -> None:
    pieces: list[Piece] = [
        ("abandon", 0),
        (" ", None),
        ("ability", 1),
        (" ", None),
        ("able", 2),
        (" ", None),
        ("about", 3),
    ]
    sample = build("recovery_phrase", "english", "spaces", "as written", [pieces])
    assert left_run(sample, [[]]) == 4
    assert left_run(sample, [[(0, 7)]]) == 3
    assert left_run(sample, [[(8, 15)]]) == 2
    assert left_run(sample, [[(2, 7)]]) == 3  # "ab" of the first word names nothing
    assert left_run(sample, [[(0, 26)]]) == 0


def test_a_word_written_twice_is_readable_if_it_is_once() -> None:
    pieces: list[Piece] = [("abandon", 0), (" ", None), ("ability", 1), (" ", None), ("able", 2)]
    sample = build("recovery_phrase", "english", "written twice", "as written", [pieces, pieces])
    assert left_run(sample, [[(0, 20)], []]) == 3


def test_the_longest_stretch_of_a_key_counts() -> None:
    sample = build("private_key", "en", "alone", "WIF", [[("key: ", None), ("K" * 50, 0)]])
    assert left_letters(sample, [[]]) == 50
    assert left_letters(sample, [[(5, 45)]]) == 10
    assert left_letters(sample, [[(20, 30), (0, 10)]]) == 25


def test_the_bound_is_wilsons() -> None:
    assert lower(49_950, 50_000) == pytest.approx(0.99868, abs=1e-5)
    assert lower(0, 0) == 0


def test_the_outgoing_sentences_are_complete_in_fifteen_languages() -> None:
    sentences = outgoing.sentences()
    widget = Path(__file__).parents[2] / "web/widget/src/locales"
    assert set(sentences) == {path.stem for path in widget.glob("*.json")}
    for language, (requests, legitimate) in sentences.items():
        assert len(requests) >= 25, language
        assert len(legitimate) >= 25, language
        assert {request.kind for request in requests} == {"phrase", "remote", "payment", "link"}
        assert len({request.evasion for request in requests}) >= 7, language
        texts = [request.text for request in requests] + legitimate
        assert not [text for text, times in Counter(texts).items() if times > 1]


def test_a_filter_that_blocks_everything_gets_no_praise() -> None:
    figures = outgoing.figures(lambda _language, _text: True)
    assert all(tally.misses == 0 for tally in figures.blocked.values())
    assert all(tally.misses == tally.count for tally in figures.passed.values())
    assert json.dumps(figures.lines())
