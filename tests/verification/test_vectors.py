"""The published vectors of EIP-4361's grammar and BIP-322 (its test vectors are in the public domain, CC0)."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.chains import base58
from holdfast.chains import bitcoin as addresses
from holdfast.chains.addresses import Address, Chain
from holdfast.verification.proofs import bip322, bitcoin
from holdfast.verification.proofs.challenge import LONGEST_PURPOSE, Challenge, render
from holdfast.verification.proofs.outcome import ProofRefused
from holdfast.verification.proofs.solana import bodies
from tests.verification.challenges import ISSUED, RECORDING, challenge, recorded, signed_by

ETHEREUM = Address(Chain.EVM, "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")
# EIP-4361's ABNF, with the parts of RFC 3986 that it names.
_UNRESERVED, _SUB_DELIMS, _ESCAPED = r"A-Za-z0-9\-._~", r"!$&'()*+,;=", "%[0-9A-Fa-f]{2}"
_AUTHORITY = rf"(?:[{_UNRESERVED}{_SUB_DELIMS}]|{_ESCAPED}|\[[0-9A-Fa-f:.]+\])+(?::[0-9]*)?"
_DATE_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)"
_URI = rf"[A-Za-z][A-Za-z0-9+.\-]*:(?:[{_UNRESERVED}{_SUB_DELIMS}:@/?#\[\]]|{_ESCAPED})*"
GRAMMAR = re.compile(
    rf"(?:[A-Za-z][A-Za-z0-9+.\-]*://)?(?P<domain>{_AUTHORITY}) wants you to sign in with your Ethereum account:\n"
    r"(?P<address>0x[0-9A-Fa-f]{40})\n\n"
    rf"(?:(?P<statement>[{_UNRESERVED}{_SUB_DELIMS}:/?#\[\]@ ]*)\n)?\n"
    rf"URI: (?P<uri>{_URI})\nVersion: 1\nChain ID: (?P<chain>[0-9]+)\nNonce: (?P<nonce>[A-Za-z0-9]{{8,}})\n"
    rf"Issued At: (?P<issued>{_DATE_TIME})(?:\nExpiration Time: (?P<expires>{_DATE_TIME}))?"
    rf"(?:\nNot Before: {_DATE_TIME})?(?:\nRequest ID: (?P<request>(?:[{_UNRESERVED}{_SUB_DELIMS}:@]|{_ESCAPED})*))?"
    rf"(?:\nResources:(?:\n- {_URI})*)?"
)
EIP_4361_EXAMPLES = [
    f"""{start} wants you to sign in with your Ethereum account:
0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2

I accept the ExampleOrg Terms of Service: https://example.com/tos

URI: https://example.com/login
Version: 1
Chain ID: 1
Nonce: 32891756
Issued At: 2021-09-30T16:25:24Z
Resources:
- ipfs://bafybeiemxf5abjwjbikoz4mc3a3dla6ual3jsgpdr4cjr3oz3evfyavhwq/
- https://example.com/my-web2-claim.json"""
    for start in ("example.com", "example.com:3388", "https://example.com")
]


@pytest.mark.parametrize("text", EIP_4361_EXAMPLES)
def test_the_grammar_is_that_of_the_standard(text: str) -> None:
    assert GRAMMAR.fullmatch(text)
    changes = (("Version: 1", "Version: 2"), ("32891756", "3289175"), ("accept", '"accept"'), ("accept", "accept\n"))
    for good, bad in (*changes, ("Ethereum", "ethereum"), ("claim.json", "claim.json\n")):
        assert not GRAMMAR.fullmatch(text.replace(good, bad))


RESERVED = ":/?#[]@!$&'()*+,;=-._~ "
WORDS = st.text(st.sampled_from("abcXYZ019" + RESERVED), min_size=1, max_size=LONGEST_PURPOSE)


@given(
    domain=st.sampled_from(
        ["support.example.org", "localhost:8080", "127.0.0.1", "[2001:db8::1]:443", "xn--bcher-kva.de"]
    ),
    purpose=WORDS,
    reference=st.text(st.sampled_from("abcXYZ019:@!$&'()*+,;=-._~"), min_size=1, max_size=64),
    nonce=st.from_regex(r"[a-zA-Z0-9]{16,64}", fullmatch=True),
    chain=st.integers(1, 10**12),
    issued=st.datetimes(datetime(2024, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC)),
)
def test_what_is_rendered_for_ethereum_is_of_the_grammar(
    domain: str, purpose: str, reference: str, nonce: str, chain: int, issued: datetime
) -> None:
    text = render(
        Challenge(
            Chain.EVM, str(chain), ETHEREUM, domain, purpose, reference, nonce, issued, issued + timedelta(minutes=5)
        )
    )
    read = GRAMMAR.fullmatch(text)
    assert read
    assert read.group("domain", "address", "chain", "nonce", "request") == (
        domain, ETHEREUM.canonical, str(chain), nonce, reference)  # fmt: skip
    assert f"for: {purpose}. " in read["statement"]
    assert datetime.fromisoformat(read["expires"]) - datetime.fromisoformat(read["issued"]) == timedelta(minutes=5)


def test_ethereums_own_parsers_read_what_was_asked() -> None:
    """Spruce's parser (the ABNF, by apg-js) and viem's, as recorded."""
    (read,) = json.loads(RECORDING.read_text())["eip4361"]
    asked = challenge(recorded()[0].address)
    assert read["text"] == render(asked)
    for parsed in (read["siwe"], read["viem"]):
        assert (parsed["domain"], parsed["address"], parsed["nonce"], parsed["requestId"], parsed["chainId"]) == (
            asked.domain, asked.address.canonical, asked.nonce, asked.reference, 1)  # fmt: skip
        assert datetime.fromisoformat(parsed["expirationTime"]) == asked.expires_at
        assert asked.purpose in parsed["statement"]


BROKEN: list[dict[str, Any]] = [
    {"purpose": "x\nURI: https://evil.example"},
    {"purpose": "x\r"},
    {"purpose": "解锁"},
    {"purpose": 'a "quoted" purpose'},
    {"purpose": ""},
    {"purpose": "x" * (LONGEST_PURPOSE + 1)},
    {"domain": "support.example.org\n"},
    {"domain": "evil.example/support.example.org"},
    {"domain": "support.example.org@evil.example"},
    {"domain": "поддержка.example"},
    {"reference": "HF 1"},
    {"reference": ""},
    {"nonce": "short"},
    {"nonce": "8b1f0a52c3d94e67-0b5c9d1e2f30415"},
    {"chain_reference": "1\nNonce: 12345678"},
    {"chain_reference": "0x1"},
    {"address": Address(Chain.TRON, "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t")},
    {"issued_at": ISSUED.replace(tzinfo=None)},
    {"expires_at": ISSUED},
]


@pytest.mark.parametrize("change", BROKEN, ids=str)
def test_no_field_can_change_the_form(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"not allowed in a challenge|not a chain of|an address of|needs a time zone"):
        replace(challenge(ETHEREUM), **change)


def test_the_text_fits_a_hardware_wallet() -> None:
    """A Ledger shows off-chain messages of Solana up to 1,212 bytes."""
    longest = challenge(
        signed_by("tweetnacl, plain").address,
        purpose="x" * LONGEST_PURPOSE,
        reference="x" * 64,
        nonce="0" * 64,
        domain="x" * 253 + ":65535",
    )
    text = render(longest).encode()
    assert len(text) > 900
    # Format 1: it is not longer than what is shown.
    assert [body[17] for body in bodies(text, b"")[1:2]] == [1]
    assert [body[17 + 32] for body in bodies(text, b"")[2:]] == [1]


# --- BIP-322 --------------------------------------------------------------------------------------------------------

VECTORS = json.loads(Path(__file__).with_name("bip322.json").read_text())


@pytest.mark.parametrize("message", VECTORS["hashes"])
def test_bip_322_hashes(message: str) -> None:
    output = addresses.decode(VECTORS["good"][0]["address"])
    assert output is not None
    raw, script = message.encode(), output.script()
    assert VECTORS["hashes"][message] == {
        "message": bip322.message_hash(raw).hex(),
        "to_spend": bip322.to_spend_id(raw, script)[::-1].hex(),
        "to_sign": bip322.to_sign_id(raw, script)[::-1].hex(),
    }


@pytest.mark.parametrize("case", VECTORS["good"], ids=lambda case: case["signature"][:12])
def test_bip_322_simple(case: dict[str, str]) -> None:
    address = Address(Chain.BITCOIN, case["address"])
    assert bitcoin.verify(case["message"], address, case["signature"]).address == address


@pytest.mark.parametrize("case", VECTORS["refused"], ids=lambda case: f"{case['reason']}, {case['message']}")
def test_bip_322_refuses(case: dict[str, str]) -> None:
    with pytest.raises(ProofRefused) as refused:
        bitcoin.verify(case["message"], Address(Chain.BITCOIN, case["address"]), case["signature"])
    assert refused.value.reason == case["reason"]


def test_the_first_signed_messages() -> None:
    """Bitcoin Core's own test (rpc_signmessagewithprivkey), its address written for the main network."""
    text = "This is just a test message"
    signature = "INbVnW4e6PeRmsv2Qgu8NuopvrVjkcxob+sX8OcZG0SALhWybUjzMLPdAsXI46YZGb0KQTRii+wWIQzRpG/U+S0="
    payload = base58.decode_checked("mpLQjfK79b7CCV4VMJWEWAj5Mpx8Up5zxB")
    assert payload is not None
    address = Address(Chain.BITCOIN, base58.encode_checked(b"\0" + payload[1:]))
    assert bitcoin.verify(text, address, signature).address == address
    with pytest.raises(ProofRefused):
        bitcoin.verify(text + ".", address, signature)
