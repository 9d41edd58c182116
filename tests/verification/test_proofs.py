"""What the chains' own libraries signed is accepted; everything else is refused, and by nothing but ProofRefused."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from coincurve import PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.bindings import crypto_core_ed25519_is_valid_point

from holdfast.chains import base58
from holdfast.chains import bitcoin as bitcoin_addresses
from holdfast.chains import evm as evm_addresses
from holdfast.chains.addresses import Address, Chain
from holdfast.chains.hashes import keccak256, ripemd160
from holdfast.verification.proofs import evm, solana
from holdfast.verification.proofs.challenge import LIFETIME, new_nonce, render
from holdfast.verification.proofs.checking import verify
from holdfast.verification.proofs.outcome import KeyKind, ProofRefused, Reason
from tests.verification.challenges import ACCOUNT, ISSUED, RECORDING, SIGNERS, Signed, challenge, recorded, signed_by

ORDER = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141
OFFLINE = [row for row in recorded() if row.address != ACCOUNT]
each_signer = pytest.mark.parametrize("signer", SIGNERS)


async def refusal(text: str, address: Address, signature: str) -> Reason:
    with pytest.raises(ProofRefused) as refused:
        await verify(text, address, signature)
    return refused.value.reason


@pytest.mark.parametrize("row", OFFLINE, ids=lambda row: f"{row.signer}, {row.seed[-1]}")
async def test_a_signature_by_the_chains_library_is_accepted(row: Signed) -> None:
    assert row.text == render(challenge(row.address)), "the text has changed: run tests.verification.record"
    proof = await verify(row.text, row.address, row.signature)
    assert (proof.address, proof.key_kind) == (row.address, KeyKind.KEY)
    # White space comes with copying.
    assert await verify(row.text, row.address, f" {row.signature}\n") == proof


def test_the_recording_is_of_every_signer() -> None:
    assert {row.signer for row in recorded()} == set(SIGNERS)
    assert {SIGNERS[row.signer] for row in recorded()} == set(Chain)


CHANGED: dict[str, dict[str, Any]] = {
    "another domain": {"domain": "support.example.com"},
    "another nonce": {"nonce": "8b1f0a52c3d94e67a0b5c9d1e2f30416"},
    "another purpose": {"purpose": "changing your address"},
    "another conversation": {"reference": "HF-7K3M-92QY"},
    "another time": {"issued_at": ISSUED + timedelta(seconds=1)},
    "another end": {"expires_at": ISSUED + 2 * LIFETIME},
}
OTHER_CHAIN = {
    Chain.EVM: "56",
    Chain.TRON: "0xcd8690dc",
    Chain.SOLANA: "EtWTRABZaYq6iMfeYKouRu166VU2xqa1",
    Chain.BITCOIN: "000000000933ea01ad0ee984209779ba",
    Chain.ANTELOPE: "1064487b3cd1a897ce03ae5b6a865651",
}


@each_signer
@pytest.mark.parametrize("change", CHANGED)
async def test_a_signature_of_another_challenge_is_refused(signer: str, change: str) -> None:
    row = signed_by(signer)
    text = render(challenge(row.address, **CHANGED[change]))
    assert await refusal(text, row.address, row.signature) == Reason.WRONG_SIGNATURE


@each_signer
async def test_a_signature_for_another_chain_of_the_family_is_refused(signer: str) -> None:
    row = signed_by(signer)
    text = render(challenge(row.address, chain_reference=OTHER_CHAIN[row.address.chain]))
    assert await refusal(text, row.address, row.signature) == Reason.WRONG_SIGNATURE


@each_signer
async def test_a_signature_by_another_key_is_refused(signer: str) -> None:
    mine, other = [row for row in OFFLINE if row.signer == signer]
    assert await refusal(mine.text, mine.address, other.signature) == Reason.WRONG_SIGNATURE
    assert await refusal(mine.text, other.address, mine.signature) == Reason.OTHER_ADDRESS
    retold = render(challenge(other.address))
    assert await refusal(retold, other.address, mine.signature) == Reason.WRONG_SIGNATURE


async def test_a_signature_of_one_chain_is_none_of_another() -> None:
    for mine in recorded():
        for other in recorded():
            if mine.address.chain is not other.address.chain:
                assert await refusal(mine.text, mine.address, other.signature) in (
                    Reason.MALFORMED, Reason.WRONG_SIGNATURE, Reason.NEEDS_CHAIN)  # fmt: skip


def test_no_two_challenges_are_alike() -> None:
    assert len({new_nonce() for _ in range(100)}) == 100


# --- bytes of a signature -------------------------------------------------------------------------------------------


def raw(row: Signed) -> bytes:
    match row.address.chain:
        case Chain.EVM | Chain.TRON:
            return bytes.fromhex(row.signature[2:])
        case Chain.SOLANA:
            return base58.decode(row.signature) or b""
        case Chain.BITCOIN:
            return base64.b64decode(row.signature)
        case Chain.ANTELOPE:
            return (base58.decode(row.signature.removeprefix("SIG_K1_")) or b"")[:-4]


def written(chain: Chain, signature: bytes) -> str:
    """As the wallet would write these bytes, with a right checksum."""
    match chain:
        case Chain.EVM | Chain.TRON:
            return "0x" + signature.hex()
        case Chain.SOLANA:
            return base58.encode(signature)
        case Chain.BITCOIN:
            return base64.b64encode(signature).decode()
        case Chain.ANTELOPE:
            return "SIG_K1_" + base58.encode(signature + ripemd160(signature + b"K1")[:4])


@pytest.mark.parametrize("row", OFFLINE, ids=lambda row: f"{row.signer}, {row.seed[-1]}")
async def test_every_changed_byte_of_a_signature_is_refused(row: Signed) -> None:
    good = raw(row)
    assert written(row.address.chain, good) in (row.signature, row.signature.lower())
    for place in range(len(good)):
        for flip in (0x01, 0x04, 0x80, 0xFF):
            changed = bytearray(good)
            changed[place] ^= flip
            # The same recovery id written as Electrum does: another spelling, not another signature.
            if _is_segwit(row) and place == 0 and (changed[0] - good[0]) % 4 == 0:
                continue
            await refusal(row.text, row.address, written(row.address.chain, bytes(changed)))


def _is_segwit(row: Signed) -> bool:
    return row.signer.startswith(("bitcoinjs-message, p2wpkh", "bitcoinjs-message, p2sh"))


@each_signer
async def test_a_shortened_or_extended_signature_is_refused(signer: str) -> None:
    row = signed_by(signer) if signer != "@wharfkit/antelope" else OFFLINE[-1]
    good = raw(row)
    wrong = [good[:length] for length in range(len(good))] + [good + b"\0", b"\0" + good, good + good, good + b"\1"]
    for signature in wrong:
        await refusal(row.text, row.address, written(row.address.chain, signature))
    for letters in (row.signature[:-1], row.signature[1:], row.signature + "A", row.signature + "=", "smp"):
        await refusal(row.text, row.address, letters)


@given(data=st.data())
@settings(max_examples=200, deadline=None)
async def test_every_changed_letter_of_the_text_is_refused(data: st.DataObject) -> None:
    row = data.draw(st.sampled_from(OFFLINE))
    place = data.draw(st.integers(0, len(row.text) - 1))
    letter = data.draw(st.characters().filter(lambda char: char != row.text[place]))
    await refusal(row.text[:place] + letter + row.text[place + 1 :], row.address, row.signature)


@given(
    text=st.text(), signature=st.text() | st.binary().map(bytes.hex), chain=st.sampled_from(list(Chain)), data=st.data()
)
@settings(max_examples=400, deadline=None)
async def test_nothing_but_a_refusal_comes_of_arbitrary_input(
    text: str, signature: str, chain: Chain, data: st.DataObject
) -> None:
    await refusal(text, Address(chain, data.draw(st.text())), signature)
    known = data.draw(st.sampled_from([row for row in recorded() if row.address.chain is chain]))
    other = data.draw(st.text())
    await refusal(known.text.replace(known.address.canonical, other), Address(chain, other), known.signature)
    await refusal(known.text, known.address, signature)
    await refusal(known.text, known.address, written(chain, data.draw(st.binary(max_size=160))))


# --- forgeries ------------------------------------------------------------------------------------------------------


ECDSA = [name for name, chain in SIGNERS.items() if chain is not Chain.SOLANA and name != "bip322-js, p2tr"]


@pytest.mark.parametrize("signer", ECDSA)
async def test_the_high_s_twin_is_refused(signer: str) -> None:
    row = signed_by(signer)
    good = raw(row)
    if signer.startswith("bip322"):
        twin = _twin_in_witness(good)
    elif row.address.chain in (Chain.BITCOIN, Chain.ANTELOPE):
        # The header's lowest bit (27 and 31 are odd) is turned with the sign of s.
        header = good[0] + 1 if good[0] % 2 else good[0] - 1
        twin = bytes([header]) + good[1:33] + _negated(good[33:])
    else:
        twin = good[:32] + _negated(good[32:64]) + bytes([27 + 28 - good[64]])
    assert await refusal(row.text, row.address, written(row.address.chain, twin)) == Reason.HIGH_S


def _negated(s: bytes) -> bytes:
    return (ORDER - int.from_bytes(s, "big")).to_bytes(32, "big")


def _twin_in_witness(witness: bytes) -> bytes:
    """Two parts: DER signature with its kind, key."""
    der = witness[2 : 1 + witness[1]]
    r = der[: 4 + der[3]]
    low = int.from_bytes(der[len(r) + 2 :], "big")
    high = (ORDER - low).to_bytes(33, "big")
    body = r[2:] + bytes([2, len(high)]) + high
    signature = bytes([0x30, len(body)]) + body + b"\1"
    return bytes([2, len(signature)]) + signature + witness[1 + 1 + witness[1] :]


async def test_a_second_spelling_of_a_der_signature_is_refused() -> None:
    """BIP-66: a zero in front of a number changes nothing but the spelling, which libraries forgive."""
    for row in [row for row in OFFLINE if row.signer in ("bip322-js, p2wpkh", "bip322-js, p2sh-p2wpkh")]:
        good = raw(row)
        der, rest = good[2 : 1 + good[1]], good[1 + good[1] :]
        r = der[4 : 4 + der[3]]
        tail = der[4 + der[3] :]
        for body in (b"\2" + bytes([len(r) + 1]) + b"\0" + r + tail, der[2:] + b"\0", der[2:-1]):
            signature = bytes([0x30, len(body)]) + body + rest[:1]
            witness = bytes([2, len(signature)]) + signature + rest[1:]
            assert await refusal(row.text, row.address, written(Chain.BITCOIN, witness)) == Reason.MALFORMED


@pytest.mark.parametrize("point", sorted(solana._SMALL_ORDER))
@pytest.mark.parametrize("sign", [0, 0x80])
async def test_a_forgery_for_a_key_of_small_order_is_refused(point: bytes, sign: int) -> None:
    """For the identity R = identity, s = 0 verifies of every text, where it is not looked for."""
    key = bytes([*point[:31], point[31] | sign])
    assert not crypto_core_ed25519_is_valid_point(key)
    address = Address(Chain.SOLANA, base58.encode(key))
    for r in (key, (1).to_bytes(32, "little"), bytes(32)):
        forged = base58.encode(r + bytes(32))
        assert await refusal(render(challenge(address)), address, forged) == Reason.SMALL_ORDER


async def test_an_s_that_is_not_reduced_is_refused() -> None:
    order = 2**252 + 27742317777372353535851937790883648493
    row = signed_by("tweetnacl, plain")
    good = raw(row)
    unreduced = (int.from_bytes(good[32:], "little") + order).to_bytes(32, "little")
    assert await refusal(row.text, row.address, base58.encode(good[:32] + unreduced)) == Reason.WRONG_SIGNATURE


async def test_an_address_that_is_no_key_is_named_so() -> None:
    # The associated token account of somebody: made so that no key belongs to it.
    for last in range(256):
        key = keccak256(bytes([last]))
        if not crypto_core_ed25519_is_valid_point(key):
            break
    address = Address(Chain.SOLANA, base58.encode(key))
    assert await refusal(render(challenge(address)), address, base58.encode(b"\1" * 64)) == Reason.NOT_A_KEY


@pytest.mark.parametrize("v", [2, 3, 26, 29, 30, 35, 36, 37, 38, 255])
@pytest.mark.parametrize("signer", ["viem", "tronweb"])
async def test_a_wrong_recovery_id_is_refused(signer: str, v: int) -> None:
    row = signed_by(signer)
    assert await refusal(row.text, row.address, (raw(row)[:64] + bytes([v])).hex()) == Reason.MALFORMED


async def test_a_recovery_id_may_be_counted_from_zero() -> None:
    row = signed_by("viem")
    good = raw(row)
    assert (await verify(row.text, row.address, (good[:64] + bytes([good[64] - 27])).hex())).key_kind == KeyKind.KEY


async def test_only_sighash_all_is_accepted() -> None:
    """BIP-322: "All signatures must use the SIGHASH_ALL flag"."""
    row = signed_by("bip322-js, p2wpkh")
    good = raw(row)
    place = 1 + good[1]
    for kind in (0, 2, 3, 0x81, 0x83):
        changed = good[:place] + bytes([kind]) + good[place + 1 :]
        assert await refusal(row.text, row.address, written(Chain.BITCOIN, changed)) == Reason.MALFORMED
    taproot = signed_by("bip322-js, p2tr")
    signature = raw(taproot)[2:66]
    for kind in (0, 2, 3, 0x81):
        changed = b"\1\x41" + signature + bytes([kind])
        assert await refusal(taproot.text, taproot.address, written(Chain.BITCOIN, changed)) == Reason.MALFORMED


@pytest.mark.parametrize(
    "text",
    [
        "bc1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qccfmv3",  # a script (BIP-173)
        "BC1SW50QGDZ25J".lower(),  # a witness version without meaning (BIP-350)
    ],
)
async def test_what_cannot_be_checked_is_unsupported(text: str) -> None:
    address = Address(Chain.BITCOIN, text)
    assert bitcoin_addresses.parse(text) == text
    assert (
        await refusal(render(challenge(address)), address, signed_by("bip322-js, p2tr").signature) == Reason.UNSUPPORTED
    )


async def test_a_signature_of_another_curve_is_unsupported() -> None:
    row = next(row for row in recorded() if row.address.chain is Chain.ANTELOPE)
    other = row.signature.replace("K1", "R1")
    assert await refusal(row.text, row.address, other) == Reason.UNSUPPORTED


async def test_what_only_the_chain_knows_needs_the_chain() -> None:
    account = next(row for row in recorded() if row.address == ACCOUNT)
    assert await refusal(account.text, account.address, account.signature) == Reason.NEEDS_CHAIN
    ethereum = signed_by("viem")
    assert await refusal(ethereum.text, ethereum.address, "0x" + "ab" * 200) == Reason.NEEDS_CHAIN
    assert await refusal(ethereum.text, ethereum.address, "0x" + "ab" * 70_000) == Reason.MALFORMED


async def test_half_a_character_is_refused() -> None:
    """JSON can carry a lone surrogate, which no UTF-8 can."""
    for row in recorded():
        assert await refusal(row.text + "\ud800", row.address, row.signature) == Reason.MALFORMED
        await refusal(row.text, row.address, row.signature + "\ud800")


def test_the_signed_hash_is_that_of_eip_191() -> None:
    # From the documentation of web3.eth.accounts.hashMessage.
    assert evm.digest("Hello World").hex() == "a1de988600a42c4b4ab089b619297c17d53cffae5d5120d82d8a92d0bb3b78f2"


@given(secret=st.integers(1, ORDER - 1), seed=st.binary(max_size=8))
@settings(max_examples=60, deadline=None)
async def test_any_keys_own_signature_is_accepted(secret: int, seed: bytes) -> None:
    """Not the recorded keys only: r and s of all lengths."""
    key = PrivateKey.from_int(secret)
    address = Address(Chain.EVM, evm_addresses.encode(evm_addresses.from_key(key.public_key.format(compressed=False))))
    text = render(challenge(address, reference=f"HF-{seed.hex()}"))
    signature = key.sign_recoverable(evm.digest(text), hasher=None)
    assert (await verify(text, address, signature.hex())).address == address


def test_the_recording_names_its_makers() -> None:
    versions = json.loads(RECORDING.read_text())["versions"]
    locked = json.loads((RECORDING.parent / "signers" / "package-lock.json").read_text())["packages"]
    assert versions == {name: locked[f"node_modules/{name}"]["version"] for name in versions}
