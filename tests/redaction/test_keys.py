"""Keys of every chain are hidden; hashes, addresses, signatures stay; what nothing decides is hidden with a doubt."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.redaction import MARKER, redact
from holdfast.redaction.addresses import of_key
from holdfast.redaction.base58 import bech32_right, stellar_right
from tests.redaction.samples_keys import AMBIGUOUS, HARMLESS, KEYS

randoms = st.integers(0, 2**64).map(random.Random)


@pytest.mark.parametrize("form", KEYS)
@settings(max_examples=10, deadline=None)
@given(rng=randoms)
def test_a_key_never_survives(form: str, rng: random.Random) -> None:
    text, secret = KEYS[form](rng)
    redaction = redact(text)
    assert secret not in redaction.text
    assert [finding.kind for finding in redaction.findings] == ["private_key"], text
    found = redaction.findings[0]
    assert secret in text[found.start : found.end]
    assert redact(redaction.text).text == redaction.text


@pytest.mark.parametrize("form", HARMLESS)
@settings(max_examples=10, deadline=None)
@given(rng=randoms)
def test_what_looks_like_a_key_stays(form: str, rng: random.Random) -> None:
    text = HARMLESS[form](rng)
    assert redact(text).text == text


@pytest.mark.parametrize("form", AMBIGUOUS)
@settings(max_examples=10, deadline=None)
@given(rng=randoms)
def test_what_nothing_decides_is_hidden_with_a_doubt(form: str, rng: random.Random) -> None:
    redaction = redact(AMBIGUOUS[form](rng))
    assert [(f.kind, f.certainty) for f in redaction.findings] == [("private_key", "ambiguous")]
    match = MARKER.search(redaction.text)
    assert match is not None
    assert (match["kind"], match["words"], match["ambiguous"]) == ("private_key", None, "?")
    assert "[⛔ private_key?]" in redaction.text


@settings(max_examples=25, deadline=None)
@given(rng=randoms)
def test_a_key_of_a_known_address_is_certain_whatever_is_said(rng: random.Random) -> None:
    key = rng.randbytes(32)
    address = rng.choice(sorted(of_key(key)))
    text = f"please check transaction 0x{key.hex()}"
    assert redact(text).text == text
    assert redact(text, frozenset({"0x" + "11" * 20})).text == text
    written = address.upper().replace("0X", "0x") if address.startswith("0x") else address
    assert redact(text, frozenset({written})).findings[0].certainty == "certain"


def test_the_addresses_of_the_first_key_are_the_published_ones() -> None:
    assert of_key((1).to_bytes(32, "big")) == {
        "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf",
        "TMVQGm1qAQYVdetCeGRRkTWYYrLXuHK2HC",
        "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH",
        "1EHNa6Q4Jz2uvNExL497mE43ikXhwF6kZm",
        "3JvL6Ymt8MVWiCNHC7oWU6nLeHNJKLZGLN",
        "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
    }
    assert of_key(bytes(32)) == of_key(b"\xff" * 32) == frozenset()


@pytest.mark.parametrize(
    ("text", "is_right"),
    [
        ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", True),
        ("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0", True),
        ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", False),
    ],
)
def test_bech32_is_the_published_one(text: str, is_right: bool) -> None:
    assert bech32_right(text) is is_right


def test_published_keys_are_certain() -> None:
    for key in (
        "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ",
        "KwDiBf89QgGbjEhKnhXJuH7LrciVrZi3qYjgd9M7rFU73sVHnoWn",
        "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi",
        "sn259rEFXrQrWyx3Q7XneWcwV6dfL",
        "SBGWKM3CD4IL47QN6X54N6Y33T3JDNVI6AIJ6CD5IM47HG3IG4O36XCU",
        "6PRVWUbkzzsbcVac2qwfssoUJAN1Xhrg6bNk8J7Nzm5H7kxEbn2Nh2ZoGg",
        "AGE-SECRET-KEY-1QQPQZRFR7ZZ2WCV4CHGJZ5Q8RVDHHAD4HFYHMSSRWT9DHFPZ6GHQX4MPKQ",
    ):
        redaction = redact(f"here {key} ok")
        assert redaction.text == "here [⛔ private_key] ok", key
    assert stellar_right("SBGWKM3CD4IL47QN6X54N6Y33T3JDNVI6AIJ6CD5IM47HG3IG4O36XCU")
