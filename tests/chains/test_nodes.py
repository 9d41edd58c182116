"""What nodes say is read as their documentation has it; anything else is NodeFailed and nothing else."""

import json
from collections.abc import Awaitable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.chains.addresses import Chain
from holdfast.chains.caip import MAIN, ChainId
from holdfast.chains.nodes import AntelopeNode, EvmNode, Nodes, TronNode
from holdfast.chains.ports import NodeFailed, Permission, Readers, TronAccount
from holdfast.core.settings import SettingsError, load

TRON, OTHER = "TZ4UXDV5ZhNW7fb2AMSbgfAEZ7hWsnYS2g", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
KEY, LEGACY_KEY = (
    "PUB_K1_6MRyAjQq8ud7hVNYcfnVPJqcVpscN5So8BhtHuGYqET5BoDq63",
    "EOS6MRyAjQq8ud7hVNYcfnVPJqcVpscN5So8BhtHuGYqET5GDW5CV",
)


class Answering:
    """A connection that gives one answer, and keeps what was asked."""

    def __init__(self, body: object, status: int = 200) -> None:
        self.status = status
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.asked: list[tuple[str, str, Any]] = []

    async def __call__(self, method: str, url: str, json: object | None = None) -> tuple[int, bytes]:
        self.asked.append((method, url, json))
        return self.status, self.body


def tron_answer(**changes: Any) -> dict[str, Any]:
    """As TronGrid has it for an account that was never changed, shortened."""
    permission = {"threshold": 1, "keys": [{"address": TRON, "weight": 1}]}
    return {
        "address": TRON,
        "balance": 3_310_170,
        "create_time": 1_575_349_611_000,
        "owner_permission": {"permission_name": "owner", **permission},
        "active_permission": [
            {
                "type": "Active",
                "id": 2,
                "permission_name": "active",
                "operations": "7fff1fc0033e" + "0" * 52,
                **permission,
            }
        ],
        "frozenV2": [{}, {"type": "ENERGY"}],
    } | changes


async def test_tron() -> None:
    answering = Answering(tron_answer())
    account = await TronNode(answering, "https://node.example/").account(TRON)
    assert account == TronAccount(Permission("owner", 1, {TRON: 1}), (Permission("active", 1, {TRON: 1}),))
    assert answering.asked == [("POST", "https://node.example/wallet/getaccount", {"address": TRON, "visible": True})]
    assert await TronNode(Answering({}), "").account(TRON) == TronAccount(None)
    bare = {"address": TRON, "balance": 1}
    assert await TronNode(Answering(bare), "").account(TRON) == TronAccount(None)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"Error": "class java.lang.NullPointerException : null"}, 200),
        (tron_answer(address=OTHER), 200),
        (tron_answer(), 429),
        (tron_answer(owner_permission={"threshold": 1, "keys": [{"address": "41" + "00" * 20, "weight": 1}]}), 200),
        (tron_answer(owner_permission=[]), 200),
        (b"<html>", 502),
        (b"{" + b" " * 1_100_000 + b"}", 200),
    ],
)
async def test_tron_failing(body: object, status: int) -> None:
    with pytest.raises(NodeFailed):
        await TronNode(Answering(body, status), "").account(TRON)


def eos_answer(**changes: Any) -> dict[str, Any]:
    def permission(name: str, parent: str, key: str) -> dict[str, Any]:
        keys = [
            {"key": key, "weight": 1},
            {"key": "PUB_R1_6FPFZqw5ahYrR9jD96yDbbDNTdKtNqRbze6oTDLntrsANgQKZu", "weight": 1},
        ]
        authority = {"threshold": 1, "keys": keys, "accounts": [], "waits": []}
        return {"perm_name": name, "parent": parent, "required_auth": authority, "linked_actions": []}

    return {
        "account_name": "alice.gm",
        "head_block_num": 301_000_000,
        "ram_quota": 5487,
        "permissions": [permission("active", "owner", LEGACY_KEY), permission("owner", "", KEY)],
    } | changes


async def test_antelope() -> None:
    answering = Answering(eos_answer())
    permissions = await AntelopeNode(answering, "https://node.example").permissions("alice.gm")
    assert permissions == (Permission("active", 1, {KEY: 1}), Permission("owner", 1, {KEY: 1}))
    assert answering.asked == [("POST", "https://node.example/v1/chain/get_account", {"account_name": "alice.gm"})]
    chain_id = "aca376f206b8fc25a6ed44dbdc66547c36c6c33e3a119ffbeaef943642f0e906"
    assert await AntelopeNode(Answering({"chain_id": chain_id}), "").chain_id() == chain_id[:32]


@pytest.mark.parametrize("error", [
    {"code": 3060002, "name": "account_query_exception", "what": "Account Query Exception", "details": []},
    {"code": 0, "name": "exception", "what": "unspecified", "details": [{"message": "unknown key"}]},
])  # fmt: skip
async def test_an_account_that_is_not_there(error: dict[str, Any]) -> None:
    answer = {"code": 500, "message": "Internal Service Error", "error": error}
    assert await AntelopeNode(Answering(answer, 500), "").permissions("alice.gm") == ()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"code": 500, "message": "Internal Service Error", "error": {"code": 3010008, "what": "timeout"}}, 500),
        (eos_answer(account_name="mallory.gm"), 200),
        (eos_answer(), 503),
        (eos_answer(permissions=[{"perm_name": "active"}]), 200),
        (b"", 200),
    ],
)
async def test_antelope_failing(body: object, status: int) -> None:
    with pytest.raises(NodeFailed):
        await AntelopeNode(Answering(body, status), "").permissions("alice.gm")


async def test_ethereum_failing() -> None:
    error = {"jsonrpc": "2.0", "id": 1, "error": {"code": -32005, "message": "limit exceeded"}}
    bodies: list[object] = [error, {"result": None}, {"result": "x"}, {"result": "0xa"}, {"result": 1}, [], b"busy"]
    for body in bodies:
        node = EvmNode(Answering(body), "")
        for question in (node.code(TRON), node.simulate(b"")):
            with pytest.raises(NodeFailed):
                await question
    with pytest.raises(NodeFailed):
        await EvmNode(Answering({"result": "latest"}), "").chain_id()


@pytest.mark.parametrize(
    ("code", "message"), [(3, "execution reverted"), (-32000, "VM Exception: revert"), (-32015, "Reverted 0x")]
)
async def test_a_reverting_contract_is_no_failure_of_the_node(code: int, message: str) -> None:
    answer = {"jsonrpc": "2.0", "id": 1, "error": {"code": code, "message": message, "data": "0x"}}
    assert await EvmNode(Answering(answer), "").simulate(b"") == b""


async def test_the_operators_nodes() -> None:
    settings = load({"HOLDFAST_NODES": "eip155:1=https://one.example/key?a=b  tron:0x2b6653dc=https://two.example\n"})
    answering = Answering({"result": "0x1"})
    nodes = Nodes(answering, settings.nodes)
    ethereum = nodes.readers(MAIN[Chain.EVM]).evm
    assert ethereum is not None
    assert await ethereum.chain_id() == 1
    assert answering.asked[0][1] == "https://one.example/key?a=b"
    assert nodes.readers(MAIN[Chain.TRON]).tron is not None
    assert nodes.readers(ChainId(Chain.EVM, "56")) == nodes.readers(MAIN[Chain.ANTELOPE]) == Readers()
    assert "one.example" not in repr(settings), "a node's URL holds a key"
    for wrong in ("eip155:01", "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp", "cosmos:1"):
        with pytest.raises(ValueError, match="no chain"):
            Nodes(answering, {wrong: "https://one.example"})
    for wrong in ("https://one.example", "eip155:1", "eip155:1=ftp://one.example"):
        with pytest.raises(SettingsError, match="HOLDFAST_NODES"):
            load({"HOLDFAST_NODES": wrong})


NAMES = (
    "address keys weight threshold owner_permission active_permission result error code permissions perm_name"
    " required_auth key account_name chain_id"
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES.split()), inner, max_size=5),
    max_leaves=12,
)


@given(body=JSON, status=st.sampled_from([200, 404, 500]), text=st.binary(max_size=20))
@settings(max_examples=300, deadline=None)
async def test_a_node_may_answer_anything(body: object, status: int, text: bytes) -> None:
    for answering in (Answering(body, status), Answering(text, status)):
        evm, tron, antelope = EvmNode(answering, ""), TronNode(answering, ""), AntelopeNode(answering, "")
        questions: list[Awaitable[object]] = [evm.chain_id(), evm.code(TRON), evm.simulate(b""), tron.account(TRON)]
        for question in [*questions, antelope.chain_id(), antelope.permissions("alice.gm")]:
            with suppress(NodeFailed):
                await question
