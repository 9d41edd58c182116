"""The readers over HTTP. A node is somebody else's: what it says is checked for its shape and not kept."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec

from holdfast.chains import antelope, tron
from holdfast.chains.addresses import Chain
from holdfast.chains.caip import ChainId, parse_chain_id
from holdfast.chains.ports import Fetch, NodeFailed, Permission, Readers, TronAccount

T = TypeVar("T")
# Enough to deploy a contract wallet and ask it, and less than public nodes allow for a call (25 to 50 million).
_GAS = 10_000_000
# An account may have eight active permissions of five keys (TRON), or some dozens (Antelope): a few kilobytes.
_LONGEST_ANSWER = 1_048_576


async def _ask(fetch: Fetch, url: str, question: object, shape: type[T]) -> tuple[int, T]:
    status, body = await fetch("POST", url, question)
    if len(body) > _LONGEST_ANSWER:
        raise NodeFailed(f"{len(body)} bytes")
    try:
        return status, msgspec.json.decode(body, type=shape)
    except msgspec.MsgspecError as error:
        raise NodeFailed(f"status {status}: {error}") from None


class _RpcError(msgspec.Struct):
    code: int
    message: str = ""


class _RpcAnswer(msgspec.Struct):
    result: str | None = None
    error: _RpcError | None = None


class EvmNode:
    """Ethereum's JSON-RPC at one address."""

    def __init__(self, fetch: Fetch, url: str) -> None:
        self._fetch = fetch
        self._url = url

    async def _call(self, method: str, *params: object) -> _RpcAnswer:
        question = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        _, answer = await _ask(self._fetch, self._url, question, _RpcAnswer)
        return answer

    async def _bytes(self, method: str, *params: object) -> bytes:
        answer = await self._call(method, *params)
        if answer.error is not None:
            raise NodeFailed(f"{method}: {answer.error.code} {answer.error.message[:200]}")
        return _from_hex(answer.result)

    async def chain_id(self) -> int:
        answer = await self._call("eth_chainId")
        try:
            return int(answer.result or "", 16)
        except ValueError:
            raise NodeFailed("eth_chainId: not a number") from None

    async def code(self, address: str) -> bytes:
        return await self._bytes("eth_getCode", address, "latest")

    async def simulate(self, creation_code: bytes) -> bytes:
        answer = await self._call("eth_call", {"data": "0x" + creation_code.hex(), "gas": hex(_GAS)}, "latest")
        if answer.error is None:
            return _from_hex(answer.result)
        # 3: reverted. Some nodes say so only in words, under the code for every failure of theirs.
        if answer.error.code == 3 or "revert" in answer.error.message.lower():
            return b""
        raise NodeFailed(f"eth_call: {answer.error.code} {answer.error.message[:200]}")


def _from_hex(text: str | None) -> bytes:
    try:
        if text is None or not text.startswith("0x"):
            raise ValueError
        return bytes.fromhex(text[2:])
    except ValueError:
        raise NodeFailed("not in hexadecimal digits") from None


class _TronKey(msgspec.Struct):
    address: str
    weight: int


class _TronPermission(msgspec.Struct):
    threshold: int = 0
    permission_name: str = ""
    keys: list[_TronKey] = []


class _TronAccount(msgspec.Struct):
    address: str | None = None
    owner_permission: _TronPermission | None = None
    active_permission: list[_TronPermission] = []
    Error: str | None = None


class TronNode:
    """A full node's or TronGrid's HTTP interface; ``url`` without the path, such as ``https://node.example``."""

    def __init__(self, fetch: Fetch, url: str) -> None:
        self._fetch = fetch
        self._url = url.rstrip("/") + "/wallet/getaccount"

    async def account(self, address: str) -> TronAccount:
        status, answer = await _ask(self._fetch, self._url, {"address": address, "visible": True}, _TronAccount)
        if status != 200 or answer.Error is not None:
            raise NodeFailed(f"status {status}: {(answer.Error or '')[:200]}")
        if answer.address is None:
            return TronAccount(owner=None)
        if answer.address != address:
            raise NodeFailed("an account that was not asked for")
        owner = answer.owner_permission
        return TronAccount(
            owner=_tron_permission(owner) if owner is not None else None,
            active=tuple(_tron_permission(permission) for permission in answer.active_permission),
        )


def _tron_permission(permission: _TronPermission) -> Permission:
    keys = {key.address: key.weight for key in permission.keys}
    if any(tron.parse(key) is None for key in keys):
        raise NodeFailed("a permission of something that is no address")
    return Permission(permission.permission_name, permission.threshold, keys)


class _AntelopeKey(msgspec.Struct):
    key: str
    weight: int


class _Authority(msgspec.Struct):
    threshold: int
    keys: list[_AntelopeKey] = []


class _AntelopePermission(msgspec.Struct):
    perm_name: str
    required_auth: _Authority


class _AntelopeAccount(msgspec.Struct):
    account_name: str | None = None
    permissions: list[_AntelopePermission] = []
    error: Mapping[str, Any] | None = None


class _AntelopeInfo(msgspec.Struct):
    chain_id: str


class AntelopeNode:
    """The chain API of nodeos; ``url`` without the path."""

    def __init__(self, fetch: Fetch, url: str) -> None:
        self._fetch = fetch
        self._url = url.rstrip("/") + "/v1/chain/"

    async def chain_id(self) -> str:
        _, answer = await _ask(self._fetch, self._url + "get_info", {}, _AntelopeInfo)
        return answer.chain_id[:32]

    async def permissions(self, name: str) -> tuple[Permission, ...]:
        question = {"account_name": name}
        status, answer = await _ask(self._fetch, self._url + "get_account", question, _AntelopeAccount)
        if answer.error is not None:
            # 3060002 account_query_exception; older versions answer 0 "unknown key" for an account that is not there.
            if answer.error.get("code") == 3060002 or "unknown key" in str(answer.error).lower():
                return ()
            raise NodeFailed(f"status {status}: {str(answer.error)[:200]}")
        if status != 200 or answer.account_name != name:
            raise NodeFailed(f"status {status}: not the account that was asked for")
        return tuple(_antelope_permission(permission) for permission in answer.permissions)


def _antelope_permission(permission: _AntelopePermission) -> Permission:
    """Keys of other curves stay out: they cannot be checked here, and so cannot be satisfied."""
    authority = permission.required_auth
    keys = {antelope.parse(each.key): each.weight for each in authority.keys if antelope.decode_key(each.key)}
    return Permission(permission.perm_name, authority.threshold, {key: weight for key, weight in keys.items() if key})


class Nodes:
    """The nodes that the operator has named: URLs by chain (CAIP-2). Raises ValueError for what is no chain, or
    one that needs no node."""

    def __init__(self, fetch: Fetch, urls: Mapping[str, str]) -> None:
        self._readers: dict[ChainId, Readers] = {}
        for name, url in urls.items():
            chain_id = parse_chain_id(name)
            if chain_id is None or chain_id.chain not in _READERS:
                raise ValueError(f"no chain that is asked by a node: {name[:64]!r}")
            self._readers[chain_id] = _READERS[chain_id.chain](fetch, url)

    def readers(self, chain_id: ChainId) -> Readers:
        """For ``verification.proofs.checking.verify``; without a reader when there is no node for this chain."""
        return self._readers.get(chain_id, Readers())


_READERS: Mapping[Chain, Callable[[Fetch, str], Readers]] = {
    Chain.EVM: lambda fetch, url: Readers(evm=EvmNode(fetch, url)),
    Chain.TRON: lambda fetch, url: Readers(tron=TronNode(fetch, url)),
    Chain.ANTELOPE: lambda fetch, url: Readers(antelope=AntelopeNode(fetch, url)),
}
