"""Addresses of all chains: recognised, checked, and in one canonical form each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from holdfast.chains import antelope, bitcoin, evm, solana, tron

# PUB_K1_ and a key of 37 bytes: 58 characters; a witness program of 40 bytes: 74.
_LONGEST = 90


class Chain(StrEnum):
    """Families of chains, by their names in CAIP-2."""

    EVM = "eip155"
    TRON = "tron"
    SOLANA = "solana"
    BITCOIN = "bip122"
    ANTELOPE = "antelope"


@dataclass(frozen=True, slots=True)
class Address:
    """``canonical``: the one way in which this address is written here, so that equal means the same."""

    chain: Chain
    canonical: str


PARSERS: Mapping[Chain, Callable[[str], str | None]] = {
    Chain.EVM: evm.parse,
    Chain.TRON: tron.parse,
    Chain.BITCOIN: bitcoin.parse,
    Chain.ANTELOPE: antelope.parse,
    # Last: it has no checksum, so what another chain knows is not asked of it.
    Chain.SOLANA: solana.parse,
}


def parse_address(text: str, chain: Chain | None = None) -> Address | None:
    """The address that ``text`` is, white space around it aside; None when it is none or its checksum is wrong.

    With ``chain``, of that chain only. An account name of Antelope looks like a word, so it is one only when that chain
    is asked for.
    """
    text = text.strip()
    if not text or len(text) > _LONGEST:
        return None
    for each, parse in PARSERS.items():
        if chain not in (None, each) or (chain is None and each is Chain.ANTELOPE and antelope.is_name(text)):
            continue
        canonical = parse(text)
        if canonical is not None:
            return Address(each, canonical)
    return None
