"""Family B: complete, repeatable, its places true; and what is within the promise is decided by the promise."""

import random
import zlib
from collections import Counter

from bench.held_out.family_b.draw import LISTS, hidden_on_purpose, phrases
from bench.held_out.family_b.secrets import secrets, sentences
from bench.held_out.family_b.sendings import SENDINGS
from bench.held_out.family_b.slips import one_letter
from bench.held_out.family_b.voices import voices
from bench.held_out.family_b.writings import WRITINGS
from bench.held_out.phrases import BIP39, draw, words_of
from bench.held_out.promise import BEYOND, ON_PURPOSE, PROMISED, errors, scope
from bench.held_out.sample import STRAY, Piece, build
from hypothesis import given
from hypothesis import strategies as st

MONERO = (
    "velvet lymph giddy number token physics poetry unquoted nibs useful sabotage limits benches lifestyle eden "
    "nitrogen anvil fewest avoid batch vials washing fences goat unquoted"
)  # the example in the guides of Monero
WORDS = [f"{letter}{letter}ord{letter}" for letter in "abcdefghijkl"]


def written(between: list[Piece], words: list[str] = WORDS, order: range | None = None) -> list[Piece]:
    """The words with the pieces of `between` in turn after each."""
    pieces: list[Piece] = []
    for place, at in enumerate(order or range(len(words))):
        pieces += [(words[at], at), *between[place : place + 1], (" ", None)]
    return pieces


def test_the_same_seed_gives_the_same_samples_and_another_gives_others() -> None:
    assert list(phrases(200, 5)) == list(phrases(200, 5))
    assert list(phrases(20, 5)) != list(phrases(20, 6))
    assert list(secrets(50, 5)) == list(secrets(50, 5))
    assert list(phrases(20, 5)) == list(phrases(200, 5))[:20]


def test_every_list_way_and_sending_comes_and_each_word_stands_where_the_sample_says() -> None:
    samples = list(phrases(3_000, 7))
    assert {sample.list_name for sample in samples} == set(LISTS)
    assert {sample.layout for sample in samples} >= set(WRITINGS) | set(SENDINGS)
    for sample in samples:
        assert {word.index for word in sample.words} == set(range(1 + max(word.index for word in sample.words)))
        for word in sample.words:
            text = sample.messages[word.message][word.start : word.end]
            assert text
            assert text == text.strip()
        if sample.distortion == "clean" and sample.list_name in BIP39:
            known = {text.casefold() for text in words_of(sample.list_name)}
            shown = [sample.messages[word.message][word.start : word.end].casefold() for word in sample.words]
            assert sum(text in known for text in shown) >= len(shown) - 2  # "asked: or" shows another


def test_most_write_the_words_plainly_and_few_are_beyond_the_promise() -> None:
    samples = list(phrases(3_000, 8))
    scopes = Counter(sample.scope for sample in samples)
    assert set(scopes) == {PROMISED, BEYOND}
    assert 0.01 < scopes[BEYOND] / len(samples) < 0.08
    layouts = Counter(sample.layout for sample in samples)
    plain = ("in a line", "glued", "ideographic spaces", "one a line", "numbers in lines", "numbers in a row", "commas")
    assert sum(layouts[name] for name in plain) > len(samples) / 2
    assert {sample.scope for sample in hidden_on_purpose(50, 8)} == {ON_PURPOSE}


def test_monero_has_its_checksum() -> None:
    known = MONERO.split()
    assert known[-1] == known[checked(known)]
    for seed in range(20):
        words = draw(random.Random(seed), "monero", valid=True)
        assert len(words) == 25
        assert words[-1] == words[checked(words)]
        assert set(words) <= set(words_of("monero"))


def checked(words: list[str]) -> int:
    return zlib.crc32("".join(word[:3] for word in words[:24]).encode()) % 24


def test_the_secrets_come_in_every_language_kind_and_form() -> None:
    samples = list(secrets(2_000, 7))
    assert {sample.list_name for sample in samples} == set(sentences())
    assert len(sentences()) >= 15
    assert len({sample.distortion for sample in samples}) == 19
    for sample in samples:
        (word,) = sample.words
        assert word.end - word.start >= 4


def test_every_voice_says_enough() -> None:
    assert len(voices()) >= 20
    for language, voice in voices().items():
        assert len(voice.before) >= 4, language
        assert len(voice.after) >= 3, language
        assert "{n}" in voice.label, language
        assert "{n}" in voice.fix, language
        assert "{w}" in voice.fix, language


@given(
    st.randoms(use_true_random=False), st.sampled_from(["english", "french", "czech", "japanese", "korean", "monero"])
)
def test_a_slip_is_one_letter(rng: random.Random, name: str) -> None:
    word = rng.choice(words_of(name))
    assert errors(word, one_letter(rng, word)) <= 1


def test_what_is_no_difference_and_what_is_more_than_a_letter() -> None:
    assert errors("ábaco", "ABACO") == 0
    assert errors("abandon", "aban") == 0
    assert errors("abandon", "Ａｂａｎｄｏｎ") == 0
    assert errors("abandon", "abadnon") == 1
    assert errors("abandon", "abandons") == 1
    assert errors("abandon", "abandoned") == 2
    assert errors("あける", "アケル") == 0
    assert errors("가격", "가겨") == 1


def test_one_stray_word_on_eight_is_promised_and_two_on_twelve_are_beyond() -> None:
    talk: Piece = (" then", STRAY)
    assert scope(WORDS, WORDS, [written([talk])]) == PROMISED
    assert scope(WORDS, WORDS, [written([talk, talk])]) == BEYOND
    assert scope(WORDS, WORDS, [written([(" 1. =>", STRAY)] * 12)]) == PROMISED
    assert scope(WORDS, WORDS, [[("this is my secret phrase ", STRAY), *written([])]]) == PROMISED


def test_a_quarter_of_the_words_may_have_a_letter_wrong() -> None:
    wrong = [word + "x" if at < 3 else word for at, word in enumerate(WORDS)]
    assert scope(WORDS, wrong, [written([], wrong)]) == PROMISED
    wrong[5] += "x"
    assert scope(WORDS, wrong, [written([], wrong)]) == BEYOND
    lost = ["quite", *WORDS[1:]]
    assert scope(WORDS, lost, [written([], lost)]) == PROMISED
    lost[1] = "another"
    assert scope(WORDS, lost, [written([], lost)]) == BEYOND


def test_the_order_is_kept_or_the_words_are_numbered() -> None:
    backwards = range(11, -1, -1)
    assert scope(WORDS, WORDS, [written([], order=backwards)]) == BEYOND
    counted: list[Piece] = [piece for at in backwards for piece in ((f" {at + 1}. ", None), (WORDS[at], at))]
    assert scope(WORDS, WORDS, [counted]) == PROMISED
    assert scope(WORDS, WORDS, [written([]), written([])]) == PROMISED
    assert scope(WORDS, WORDS, [written([])[:-4]]) == BEYOND  # ten words


def test_talk_of_the_writer_is_no_word_of_the_phrase() -> None:
    sample = build("recovery_phrase", "english", "in a line", "clean", [written([(" then", STRAY)])])
    assert len(sample.words) == len(WORDS)
    assert " then" in sample.messages[0]
