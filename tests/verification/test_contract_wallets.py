"""Contract wallets, those not deployed yet, and accounts that run another's code, on a real chain of this machine."""

import secrets
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from coincurve import PrivateKey

from holdfast.chains import evm as addresses
from holdfast.chains.addresses import Address, Chain
from holdfast.chains.hashes import keccak256
from holdfast.chains.nodes import EvmNode
from holdfast.chains.ports import Readers
from holdfast.chains.validator import UNDEPLOYED_MARK
from holdfast.verification.proofs import evm
from holdfast.verification.proofs.challenge import render
from holdfast.verification.proofs.checking import verify
from holdfast.verification.proofs.outcome import CHAIN_NOT_READ, KeyKind, Proof, ProofRefused, Reason
from tests.chains.local_chain import CHAIN_ID, LocalChain, arguments, fetch, function, running
from tests.verification.challenges import challenge

OWNER, STRANGER, DELEGATING = (PrivateKey(bytes([seed]) * 32) for seed in (1, 2, 3))
SALT = secrets.token_bytes(32)


@pytest.fixture(scope="module")
def chain() -> Iterator[LocalChain]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = int(listener.getsockname()[1])
    with running(port) as chain:
        yield chain


def account(key: PrivateKey) -> bytes:
    return addresses.from_key(key.public_key.format(compressed=False))


def text_for(address: str, **changes: Any) -> str:
    changes = {"chain_reference": str(CHAIN_ID)} | changes
    return render(challenge(Address(Chain.EVM, address), **changes))


def sign(key: PrivateKey, text: str) -> bytes:
    raw = key.sign_recoverable(evm.digest(text), hasher=None)
    return raw[:64] + bytes([27 + raw[64]])


async def check(chain: LocalChain, address: str, signature: bytes, text: str | None = None) -> Proof:
    readers = Readers(evm=chain.node)
    return await verify(text or text_for(address), Address(Chain.EVM, address), "0x" + signature.hex(), readers)


async def refusal(chain: LocalChain, address: str, signature: bytes, text: str | None = None) -> Reason:
    with pytest.raises(ProofRefused) as refused:
        await check(chain, address, signature, text)
    return refused.value.reason


async def test_a_contract_wallet_recognises_its_owner(chain: LocalChain) -> None:
    """EIP-1271."""
    wallet = chain.deploy("Wallet", account(OWNER))
    text = text_for(wallet)
    proof = await check(chain, wallet, sign(OWNER, text))
    assert (proof.key_kind, proof.warnings) == (KeyKind.CONTRACT, ())
    assert await refusal(chain, wallet, sign(STRANGER, text)) == Reason.CONTRACT_REFUSED
    assert await refusal(chain, wallet, sign(OWNER, text_for(wallet, nonce="0" * 32))) == Reason.CONTRACT_REFUSED
    assert await refusal(chain, wallet, sign(OWNER, text) + b"\0") == Reason.CONTRACT_REFUSED
    assert await refusal(chain, wallet, b"\0") == Reason.CONTRACT_REFUSED


async def test_the_largest_signature_can_still_be_asked_about(chain: LocalChain) -> None:
    wallet = chain.deploy("Wallet", account(OWNER))
    assert await refusal(chain, wallet, bytes(evm.LONGEST)) == Reason.CONTRACT_REFUSED
    assert await refusal(chain, wallet, bytes(evm.LONGEST + 2)) == Reason.MALFORMED
    assert await refusal(chain, chain.deploy("Obliging"), bytes(evm.LONGEST + 2)) == Reason.MALFORMED
    assert (await check(chain, chain.deploy("Obliging"), bytes(evm.LONGEST))).key_kind == KeyKind.CONTRACT


@pytest.mark.parametrize("contract", ["Reverting", "Careless", "Endless", "Factory"])
async def test_nothing_but_the_word_counts(chain: LocalChain, contract: str) -> None:
    address = chain.deploy(contract)
    assert await refusal(chain, address, sign(OWNER, text_for(address))) == Reason.CONTRACT_REFUSED


def wrapped(factory: str, call: bytes, signature: bytes) -> bytes:
    def padded(data: bytes) -> bytes:
        return len(data).to_bytes(32, "big") + data + bytes(-len(data) % 32)

    first, second = padded(call), padded(signature)
    head = arguments(bytes.fromhex(factory[2:]), (96).to_bytes(32, "big"), (96 + len(first)).to_bytes(32, "big"))
    return head + first + second + UNDEPLOYED_MARK


async def test_a_wallet_that_is_not_deployed_yet(chain: LocalChain) -> None:
    """EIP-6492: the same address, before and after, and nothing is written by asking."""
    factory = chain.deploy("Factory")
    predicted = chain.call(
        "eth_call",
        {"to": factory, "data": "0x" + function("predict(address,bytes32)", account(OWNER), SALT).hex()},
        "latest",
    )
    wallet = addresses.encode(bytes.fromhex(predicted[-40:]))
    call = function("deploy(address,bytes32)", account(OWNER), SALT)
    text = text_for(wallet)
    good = wrapped(factory, call, sign(OWNER, text))

    assert (await check(chain, wallet, good)).key_kind == KeyKind.UNDEPLOYED
    assert chain.code(wallet) == "0x"
    assert await refusal(chain, wallet, sign(OWNER, text)) == Reason.WRONG_SIGNATURE
    assert await refusal(chain, wallet, wrapped(factory, call, sign(STRANGER, text))) == Reason.CONTRACT_REFUSED
    strangers = function("deploy(address,bytes32)", account(STRANGER), SALT)
    assert await refusal(chain, wallet, wrapped(factory, strangers, sign(STRANGER, text))) == Reason.CONTRACT_REFUSED
    assert await refusal(chain, wallet, wrapped(wallet, call, sign(OWNER, text))) == Reason.CONTRACT_REFUSED
    assert await refusal(chain, wallet, good[32:]) == Reason.MALFORMED
    with pytest.raises(ProofRefused, match="needs_chain"):
        await verify(text, Address(Chain.EVM, wallet), good.hex())

    chain.send("0x" + call.hex(), factory)
    assert (await check(chain, wallet, good)).key_kind == KeyKind.CONTRACT
    assert (await check(chain, wallet, sign(OWNER, text))).key_kind == KeyKind.CONTRACT


async def test_a_wrapping_makes_no_key_of_an_account(chain: LocalChain) -> None:
    """A stranger may name any factory; it cannot put code where a key's account is."""
    victim = addresses.encode(account(OWNER))
    obliging = chain.deploy("Obliging")
    forged = wrapped(obliging, b"", sign(STRANGER, text_for(victim)))
    assert await refusal(chain, victim, forged) == Reason.CONTRACT_REFUSED


def delegate(chain: LocalChain, key: PrivateKey, to: bytes, nonce: int) -> None:
    """A real set-code transaction, which anybody may send for who has signed (EIP-7702)."""
    rlp = b"\x82" + CHAIN_ID.to_bytes(2, "big") + b"\x94" + to + (bytes([nonce]) if nonce else b"\x80")
    raw = key.sign_recoverable(keccak256(b"\x05" + bytes([0xC0 + len(rlp)]) + rlp), hasher=None)
    signed = {"r": "0x" + raw[:32].hex(), "s": "0x" + raw[32:64].hex(), "yParity": hex(raw[64])}
    authorization = {"chainId": hex(CHAIN_ID), "address": "0x" + to.hex(), "nonce": hex(nonce)} | signed
    chain.send("0x", addresses.encode(account(STRANGER)), authorizationList=[authorization])


async def test_an_account_that_runs_anothers_code(chain: LocalChain) -> None:
    """EIP-7702: its key still rules it, the delegate is named, and what the delegate says is no proof."""
    owner = addresses.encode(account(DELEGATING))
    text = text_for(owner)
    plain = await check(chain, owner, sign(DELEGATING, text))
    assert (plain.key_kind, plain.warnings) == (KeyKind.KEY, ())
    obliging = chain.deploy("Obliging")
    delegate(chain, DELEGATING, bytes.fromhex(obliging[2:]), nonce=0)
    delegated = await check(chain, owner, sign(DELEGATING, text))
    assert (delegated.key_kind, delegated.warnings) == (KeyKind.KEY, (f"delegated:{obliging}",))
    # The delegate says yes to everything, and the chain would ask it.
    assert await refusal(chain, owner, sign(STRANGER, text)) == Reason.WRONG_SIGNATURE
    assert await refusal(chain, owner, b"\1" * 70) == Reason.WRONG_SIGNATURE
    assert await refusal(chain, owner, wrapped(obliging, b"", b"\1")) == Reason.WRONG_SIGNATURE
    delegate(chain, DELEGATING, bytes(20), nonce=1)
    assert (await check(chain, owner, sign(DELEGATING, text))).warnings == ()


async def test_without_a_node_a_key_is_proven_and_the_gap_is_named() -> None:
    owner = addresses.encode(account(OWNER))
    text = text_for(owner)
    proof = await verify(text, Address(Chain.EVM, owner), sign(OWNER, text).hex())
    assert (proof.key_kind, proof.warnings) == (KeyKind.KEY, (CHAIN_NOT_READ,))


async def test_a_node_of_another_chain_is_not_believed(chain: LocalChain) -> None:
    wallet = chain.deploy("Wallet", account(OWNER))
    text = text_for(wallet, chain_reference="1")
    assert await refusal(chain, wallet, sign(OWNER, text), text) == Reason.WRONG_CHAIN
    owner = addresses.encode(account(OWNER))
    text = text_for(owner, chain_reference="3133")
    assert await refusal(chain, owner, sign(OWNER, text), text) == Reason.WRONG_CHAIN


async def test_a_node_that_is_away(free_port: int) -> None:
    owner = addresses.encode(account(OWNER))
    text = text_for(owner)
    away = Readers(evm=EvmNode(fetch, f"http://127.0.0.1:{free_port}"))
    with pytest.raises(ProofRefused, match="chain_failed"):
        await verify(text, Address(Chain.EVM, owner), sign(OWNER, text).hex(), away)
