"""TRON and Antelope: a good signature by a key that no longer rules the account is refused."""

from dataclasses import dataclass
from typing import Any

import pytest

from holdfast.chains.addresses import Address, Chain
from holdfast.chains.nodes import AntelopeNode, TronNode
from holdfast.chains.ports import NodeFailed, Readers
from holdfast.verification.proofs.checking import verify
from holdfast.verification.proofs.outcome import (
    CHAIN_NOT_READ,
    OTHER_KEY,
    OTHERS_HOLD_ACTIVE,
    KeyKind,
    ProofRefused,
    Reason,
)
from tests.chains.test_nodes import Answering
from tests.verification.challenges import ACCOUNT, Signed, recorded

MINE, THIEFS = [row for row in recorded() if row.address.chain is Chain.TRON]
KEY, OTHER_KEY_ROW = [row for row in recorded() if row.signer == "@wharfkit/antelope" and row.address != ACCOUNT]
(NAMED,) = [row for row in recorded() if row.address == ACCOUNT]
EOS = "aca376f206b8fc25a6ed44dbdc66547c36c6c33e3a119ffbeaef943642f0e906"


def tron_permission(threshold: int, *signers: Signed, name: str = "owner") -> dict[str, Any]:
    keys = [{"address": signer.address.canonical, "weight": 1} for signer in signers]
    return {"permission_name": name, "threshold": threshold, "keys": keys}


def tron(owner: dict[str, Any] | None, *active: dict[str, Any]) -> Readers:
    answer: dict[str, Any] = {"address": MINE.address.canonical, "active_permission": list(active)}
    return Readers(tron=TronNode(Answering(answer | ({"owner_permission": owner} if owner else {})), ""))


async def reason(row: Signed, readers: Readers, signature: str | None = None, text: str | None = None) -> Reason:
    with pytest.raises(ProofRefused) as refused:
        await verify(text or row.text, row.address, signature or row.signature, readers)
    return refused.value.reason


async def test_tron_without_a_node_names_the_gap() -> None:
    proof = await verify(MINE.text, MINE.address, MINE.signature)
    assert (proof.key_kind, proof.warnings) == (KeyKind.KEY, (CHAIN_NOT_READ,))


@pytest.mark.parametrize(
    "readers",
    [
        tron(None),
        tron(tron_permission(1, MINE), tron_permission(1, MINE, name="active")),
        Readers(tron=TronNode(Answering({}), "")),
    ],
)
async def test_tron_as_it_was_made(readers: Readers) -> None:
    proof = await verify(MINE.text, MINE.address, MINE.signature, readers)
    assert (proof.key_kind, proof.warnings) == (KeyKind.KEY, ())


async def test_the_multi_signature_scam() -> None:
    """The thief has made himself a second owner, or the only one: the victim's key signs and rules nothing."""
    for owner in (tron_permission(2, MINE, THIEFS), tron_permission(1, THIEFS), tron_permission(0, MINE)):
        readers = tron(owner, tron_permission(1, MINE, name="active"))
        assert await reason(MINE, readers) == Reason.PERMISSION_CHANGED
    shared = await verify(MINE.text, MINE.address, MINE.signature, tron(tron_permission(1, MINE, THIEFS)))
    assert shared.warnings == ()
    for_daily_use = tron(tron_permission(1, MINE), tron_permission(1, MINE, THIEFS, name="active"))
    assert (await verify(MINE.text, MINE.address, MINE.signature, for_daily_use)).warnings == (OTHERS_HOLD_ACTIVE,)


async def test_another_owner_of_a_tron_account() -> None:
    """An account may be given to another key, which then proves it: sold, or moved to a hardware wallet."""
    from coincurve import PrivateKey

    from holdfast.chains import tron as addresses
    from holdfast.verification.proofs.tron import digest

    other = PrivateKey(b"\7" * 32)
    raw = other.sign_recoverable(digest(MINE.text), hasher=None)
    signature = (raw[:64] + bytes([27 + raw[64]])).hex()
    owner = Address(Chain.TRON, addresses.from_key(other.public_key.format(compressed=False)))
    row = Signed("", "", owner, "", "")
    proof = await verify(MINE.text, MINE.address, signature, tron(tron_permission(1, row)))
    assert (proof.key_kind, proof.warnings) == (KeyKind.OWNER, (OTHER_KEY,))
    assert await reason(MINE, tron(tron_permission(1, MINE)), signature) == Reason.WRONG_SIGNATURE
    assert await reason(MINE, tron(None), signature) == Reason.WRONG_SIGNATURE
    assert await reason(MINE, Readers(), signature) == Reason.WRONG_SIGNATURE


@dataclass(frozen=True, slots=True)
class Eos:
    """A node with one account, its answers by path."""

    permissions: dict[str, tuple[int, dict[str, int]]]
    chain_id: str = EOS

    async def __call__(self, method: str, url: str, json: object | None = None) -> tuple[int, bytes]:
        if url.endswith("get_info"):
            return await Answering({"chain_id": self.chain_id})(method, url, json)
        permissions = [
            {"perm_name": name, "required_auth": {"threshold": threshold,
             "keys": [{"key": key, "weight": weight} for key, weight in keys.items()]}}
            for name, (threshold, keys) in self.permissions.items()
        ]  # fmt: skip
        return await Answering({"account_name": "alice.gm", "permissions": permissions})(method, url, json)

    def readers(self) -> Readers:
        return Readers(antelope=AntelopeNode(self, "https://node.example"))


async def test_an_account_of_antelope_is_proven_by_its_permissions() -> None:
    mine, other = NAMED.key, OTHER_KEY_ROW.key

    async def kind(permissions: dict[str, tuple[int, dict[str, int]]]) -> KeyKind:
        return (await verify(NAMED.text, ACCOUNT, NAMED.signature, Eos(permissions).readers())).key_kind

    async def refused(permissions: dict[str, tuple[int, dict[str, int]]]) -> Reason:
        return await reason(NAMED, Eos(permissions).readers())

    assert await kind({"owner": (1, {mine: 1}), "active": (1, {mine: 1})}) == KeyKind.OWNER
    assert await kind({"owner": (1, {other: 1}), "active": (1, {mine: 1})}) == KeyKind.ACTIVE
    assert await kind({"owner": (2, {other: 1, mine: 2}), "active": (1, {other: 1})}) == KeyKind.OWNER
    # In the newer form too.
    assert await kind({"active": (1, {KEY.address.canonical: 1})}) == KeyKind.ACTIVE
    assert await refused({"owner": (1, {other: 1}), "active": (2, {mine: 1, other: 1})}) == Reason.PERMISSION_CHANGED
    assert await refused({"owner": (1, {other: 1}), "active": (1, {other: 1})}) == Reason.WRONG_SIGNATURE
    # A custom permission is for contracts and bots.
    assert await refused({"owner": (1, {other: 1}), "claim": (1, {mine: 1})}) == Reason.WRONG_SIGNATURE
    assert await refused({}) == Reason.UNKNOWN_ACCOUNT
    elsewhere = Eos({"active": (1, {mine: 1})}, chain_id="1064487b" + EOS[8:]).readers()
    assert await reason(NAMED, elsewhere) == Reason.WRONG_CHAIN


async def test_a_node_that_fails_proves_nothing() -> None:
    async def failing(method: str, url: str, json: object | None = None) -> tuple[int, bytes]:
        raise NodeFailed("time")

    assert await reason(MINE, Readers(tron=TronNode(failing, ""))) == Reason.CHAIN_FAILED
    assert await reason(NAMED, Readers(antelope=AntelopeNode(failing, ""))) == Reason.CHAIN_FAILED
