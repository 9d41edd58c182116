"""What is asked of chains outside of this process, and how it gets there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


class NodeFailed(Exception):
    """A node could not be reached, answered with an error, or with something else than its interface says. The words
    are for the operator's log, never for a customer."""


class Fetch(Protocol):
    """One HTTP request to a node, by whoever guards outgoing connections. ``json`` becomes the body. Gives status and
    body; raises NodeFailed when there is no answer in time."""

    async def __call__(self, method: str, url: str, json: object | None = None) -> tuple[int, bytes]: ...


@dataclass(frozen=True, slots=True)
class Permission:
    """Who may act for an account: keys whose weights together reach the threshold. Keys are addresses on TRON and
    ``PUB_K1_…`` on Antelope."""

    name: str
    threshold: int
    keys: Mapping[str, int]

    def alone(self, key: str) -> bool:
        """Whether this key needs no other."""
        return 0 < self.threshold <= self.keys.get(key, 0)


@dataclass(frozen=True, slots=True)
class TronAccount:
    """``owner`` is None for an account that the chain does not know yet, or that never changed its permissions: then
    the key that its address was made from owns it."""

    owner: Permission | None
    active: tuple[Permission, ...] = ()


class EvmReader(Protocol):
    async def chain_id(self) -> int: ...

    async def code(self, address: str) -> bytes: ...

    async def simulate(self, creation_code: bytes) -> bytes:
        """What the constructor would give back; nothing is written to the chain. Empty when it reverts."""
        ...


class TronReader(Protocol):
    async def account(self, address: str) -> TronAccount: ...


class AntelopeReader(Protocol):
    async def chain_id(self) -> str:
        """The first 32 hex digits, as in CAIP-2."""
        ...

    async def permissions(self, name: str) -> tuple[Permission, ...]:
        """Of one account; empty when there is no such account."""
        ...


@dataclass(frozen=True, slots=True)
class Readers:
    """The nodes that the operator has named for one chain; None where there is none."""

    evm: EvmReader | None = None
    tron: TronReader | None = None
    antelope: AntelopeReader | None = None
