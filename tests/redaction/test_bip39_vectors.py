"""BIP-39 in all ten of its word lists: what certainty rests on, the checksum by `mnemonic`, against published vectors.

The phrases are those of Trezor's published entropies as another library (@scure/bip39) writes them:
tests/verification/signers/bip39.mjs.
"""

import json
import unicodedata
from pathlib import Path

import pytest
from mnemonic import Mnemonic

VECTORS: dict[str, list[dict[str, str]]] = json.loads(Path(__file__).with_name("bip39_vectors.json").read_text())
CASES = [
    pytest.param(language, case, id=f"{language} {case['entropy']}")
    for language, cases in VECTORS.items()
    for case in cases
]


def test_the_recording_is_of_all_lists_and_anchored_in_the_standard() -> None:
    """The two lines are of BIP-39's own English vectors."""
    assert set(VECTORS) == {
        "english", "japanese", "korean", "spanish", "chinese_simplified", "chinese_traditional", "french", "italian",
        "czech", "portuguese",
    }  # fmt: skip
    legal = VECTORS["english"][1]
    assert legal["phrase"] == "legal winner thank year wave sausage worth useful legal winner thank yellow"
    assert legal["seed"].startswith("2e8905819b8723fe2c1d161860e5ee1830318dbf49a83bd451cfb8440c28bd6f")


@pytest.mark.parametrize(("language", "case"), CASES)
def test_a_vector(language: str, case: dict[str, str]) -> None:
    made = Mnemonic(language)
    # Japanese phrases are written with an ideographic space, which `to_entropy` does not know: decomposed, it is one.
    phrase = unicodedata.normalize("NFKD", case["phrase"])
    assert unicodedata.normalize("NFKD", made.to_mnemonic(bytes.fromhex(case["entropy"]))) == phrase
    assert made.check(case["phrase"])
    assert made.check(phrase)
    assert bytes(made.to_entropy(phrase)).hex() == case["entropy"]
    assert Mnemonic.to_seed(case["phrase"], "TREZOR").hex() == case["seed"]
    # The lowest bit of the last word is of the checksum alone: its neighbour in the list never passes.
    *words, last = phrase.split(" ")
    numbers = {unicodedata.normalize("NFKD", word): number for number, word in enumerate(made.wordlist)}
    assert not made.check(" ".join([*words, made.wordlist[numbers[last] ^ 1]]))
