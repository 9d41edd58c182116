"""CAIP-2: one way to write a chain, for all families."""

import re
from dataclasses import dataclass

from holdfast.chains.addresses import Chain

_REFERENCE = {
    Chain.EVM: re.compile(r"[1-9][0-9]{0,31}"),
    Chain.TRON: re.compile(r"0x[0-9a-f]{1,30}"),
    Chain.SOLANA: re.compile(r"[1-9A-HJ-NP-Za-km-z]{32}"),
    Chain.BITCOIN: re.compile(r"[0-9a-f]{32}"),
    Chain.ANTELOPE: re.compile(r"[0-9a-f]{32}"),
}
# The family's name before it was renamed.
_FORMER = {"eosio": Chain.ANTELOPE.value}


@dataclass(frozen=True, slots=True)
class ChainId:
    """A chain: its family, and which one of it, such as ``eip155:1``."""

    chain: Chain
    reference: str

    def __post_init__(self) -> None:
        if not _REFERENCE[self.chain].fullmatch(self.reference):
            raise ValueError(f"not a chain of {self.chain}: {self.reference[:64]!r}")

    def __str__(self) -> str:
        return f"{self.chain}:{self.reference}"


# What a person means who names only the family: its oldest network.
MAIN: dict[Chain, ChainId] = {
    chain: ChainId(chain, reference)
    for chain, reference in {
        Chain.EVM: "1",
        Chain.TRON: "0x2b6653dc",
        Chain.SOLANA: "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp",
        Chain.BITCOIN: "000000000019d6689c085ae165831e93",
        Chain.ANTELOPE: "aca376f206b8fc25a6ed44dbdc66547c",
    }.items()
}


def parse_chain_id(text: str) -> ChainId | None:
    """``namespace:reference`` (CAIP-2), or None."""
    namespace, separator, reference = text.partition(":")
    try:
        return ChainId(Chain(_FORMER.get(namespace, namespace)), reference) if separator else None
    except ValueError:
        return None
