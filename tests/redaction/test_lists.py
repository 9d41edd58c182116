"""Every list, however a phrase is written; and the lists and checksums are the published ones."""

import random
import re
import unicodedata

import pytest
import shamir_mnemonic.wordlist  # type: ignore[import-untyped]  # it has no types
from hypothesis import given, settings
from hypothesis import strategies as st
from mnemonic import Mnemonic

from holdfast.redaction import MARKER, checksums, join, redact
from holdfast.redaction.folding import fold
from holdfast.redaction.lists import CHINESE, LISTS, chinese_pairs
from tests.redaction.samples_phrases import ALL_LISTS, BIP39, electrum, in_both_writings, phrase_of, ways

randoms = st.integers(0, 2**64).map(random.Random)
# Words of the phrase that may stay readable: at most these, when the text around holds them as well.
_PLAIN = re.compile(r"[a-z]+|[\u3041-\u30fc]+|[\uac00-\ud7a3]+|[\u4e00-\u9fff]")


def survivors(words: list[str], text: str) -> set[str]:
    return {fold(word).lower for word in words} & set(_PLAIN.findall(fold(MARKER.sub(" ", text)).lower))


@pytest.mark.parametrize("name", CHINESE)
def test_a_phrase_in_both_writings_of_chinese_is_one(name: str) -> None:
    rng = random.Random(name)
    for _ in range(40):
        words = in_both_writings(name, rng)
        assert [found.certainty for found in redact(" ".join(words)).findings] == ["certain"]
        joined = join([" ".join(words[:4]), "等一下", " ".join(words[4:8]), " ".join(words[8:])])
        assert joined is not None
        assert joined.pieces == (0, 2, 3)


CASES = [(name, way) for name in ALL_LISTS for way in ways(name) if way not in ("a quarter misspelt", "four letters")]


@pytest.mark.parametrize(("name", "way"), CASES)
def test_hardly_a_word_of_a_phrase_survives(name: str, way: str) -> None:
    rng = random.Random(f"{name} {way}")
    left = 0
    for _ in range(30):
        words = phrase_of(name, rng, rng.choice([12, 24]))
        text = ways(name)[way](rng, words, name)
        redaction = redact(text)
        assert {finding.kind for finding in redaction.findings} <= {"recovery_phrase"}
        assert redact(redaction.text).text == redaction.text
        # An everyday word at an end may stay.
        left += len(survivors(words, redaction.text)) > 1
    # Of everyday words, as those of Electrum's old list are, one in a hundred is taken for a sentence.
    assert left <= 1


@pytest.mark.parametrize(
    ("name", "way"), [(n, w) for n in ALL_LISTS for w in ("a quarter misspelt", "four letters") if w in ways(n)]
)
def test_spoilt_phrases_are_found_nearly_always(name: str, way: str) -> None:
    rng = random.Random(f"{name} {way}")
    missed = 0
    for _ in range(150):
        words = phrase_of(name, rng, rng.choice([12, 24]))
        text = ways(name)[way](rng, words, name)
        hidden = sum(finding.end - finding.start for finding in redact(text).findings)
        missed += hidden < 0.9 * len(text)
    # Two misspelt words beside each other at an end may stay.
    assert missed <= 0.1 * 150


@pytest.mark.parametrize("name", BIP39)
def test_a_phrase_as_it_was_made_is_certain(name: str) -> None:
    rng = random.Random(name)
    for size in (12, 15, 18, 21, 24):
        words = phrase_of(name, rng, size)
        finding = redact(("" if name in CHINESE else "wallet: ") + " ".join(words)).findings[0]
        assert (finding.certainty, finding.words) == ("certain", size)


@pytest.mark.parametrize("name", BIP39)
def test_the_bip39_lists_and_checksums_are_the_published_ones(name: str) -> None:
    reference = Mnemonic(name)
    assert list(LISTS[name].index) == [fold(word).lower for word in reference.wordlist]
    rng = random.Random(name)
    for _ in range(200):
        words = rng.choices(reference.wordlist, k=12)
        folded = [fold(word).lower for word in words]
        assert checksums.right(folded, LISTS[name]) == reference.check(" ".join(words))


def test_the_slip39_list_and_checksum_are_the_published_ones() -> None:
    assert list(LISTS["slip39"].index) == list(shamir_mnemonic.wordlist.WORDLIST)
    # The first published vector, and the second, whose checksum is wrong.
    share = (
        "duckling enlarge academic academic agency result length solution fridge kidney coal piece deal husband "
        "erode "
        "duke ajar critical decision {}"
    )
    assert redact(share.format("keyboard")).findings[0].certainty == "certain"
    assert redact(share.format("kidney")).findings[0].certainty == "high"


def test_a_share_of_our_own_passes_the_reference() -> None:
    for words in (20, 33):
        share = phrase_of("slip39", random.Random(words), words)
        shamir_mnemonic.Share.from_mnemonic(" ".join(share))


def test_published_seeds_of_electrum_and_monero_are_certain() -> None:
    seeds = (
        "wild father tree among universe such mobile favorite target dynamic credit identify",
        "ostrich security deer aunt climb inner alpha arm mutual marble solid task",
        # Of Monero's own tests.
        "velvet lymph giddy number token physics poetry unquoted nibs useful sabotage limits benches lifestyle eden "
        "nitrogen anvil fewest avoid batch vials washing fences goat unquoted",
    )
    for seed in seeds:
        redaction = redact(f"seed: {seed}")
        assert redaction.text.startswith("seed: [⛔ recovery_phrase·")
        assert redaction.findings[0].certainty == "certain"


@pytest.mark.parametrize("name", ["english", "spanish", "portuguese"])
def test_a_new_electrum_seed_is_certain(name: str) -> None:
    seed = electrum(random.Random(name), name)
    assert redact(" ".join(seed)).findings[0].certainty == "certain"


def test_what_accidentally_is_a_phrase_of_another_list_hides_no_less() -> None:
    """Twelve of these words have a right checksum as words of the English list."""
    seed = (
        "11-wonder; 22-creator; 2-laugh; 23-mirror; 12-search; 20-sign; 4-got; 21-drum; 19-return; 7-lady; 8-build; "
        "17-puzzle; 5-among; 9-place; 1-rise; 15-straight; 16-dance; 6-stole; 24-forget; 13-easy; 3-mourn; 14-course; "
        "10-here; 18-fog"
    )
    assert redact(seed).text == "11-[⛔ recovery_phrase·24]"


def test_an_old_electrum_seed_is_likely() -> None:
    seed = "powerful random nobody notice nothing important anyway look away hidden message over"
    assert redact(seed).findings[0].certainty == "high"


def test_an_excerpt_of_a_list_is_no_phrase() -> None:
    for name in ("english", "spanish", "slip39"):
        words = list(LISTS[name].index)
        assert not redact("\n".join(words[100:124])).findings
        assert not redact(", ".join(words)).findings


def test_words_that_a_wallet_explains_are_no_phrase() -> None:
    text = (
        "A recovery phrase is made of 12 or 24 words of a list of 2048: abandon, ability, able, about and so on up "
        "to zoo. "
        "Words such as ocean, guitar or wisdom are on it. Never type them into a web page."
    )
    assert redact(text).text is text


@settings(max_examples=60, deadline=None)
@given(rng=randoms, count=st.integers(3, 10))
def test_ten_words_and_fewer_are_no_phrase(rng: random.Random, count: int) -> None:
    words = rng.sample(list(LISTS["english"].index), count)
    findings = redact(" ".join(words)).findings
    # Nine may be most of one whose first words came before.
    assert count >= 9 or not findings
    assert not [found for found in findings if found.certainty != "ambiguous"]


def test_common_pairs_hardly_occur_in_phrases() -> None:
    rng = random.Random(1)
    words = "".join(rng.choices(list(LISTS["chinese_simplified"].index), k=20_000))
    common = sum(words[place : place + 2] in chinese_pairs() for place in range(len(words) - 1))
    assert common < 50
    assert unicodedata.is_normalized("NFC", "".join(chinese_pairs()))
