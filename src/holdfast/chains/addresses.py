"""Addresses of all chains: recognised, checked, and in one canonical form each."""

import re
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


@dataclass(frozen=True, slots=True)
class Found:
    """An address in a text, at ``text[start:end]``."""

    address: Address
    start: int
    end: int


PARSERS: Mapping[Chain, Callable[[str], str | None]] = {
    Chain.EVM: evm.parse,
    Chain.TRON: tron.parse,
    Chain.BITCOIN: bitcoin.parse,
    Chain.ANTELOPE: antelope.parse,
    # Last: it has no checksum, so what another chain knows is not asked of it.
    Chain.SOLANA: solana.parse,
}
_BASE58 = "[1-9A-HJ-NP-Za-km-z]"
_CANDIDATE = re.compile(
    rf"(?<![0-9A-Za-z_])(?:0[xX][0-9a-fA-F]{{40}}|[bB][cC]1[0-9a-zA-Z]{{8,71}}|PUB_K1_{_BASE58}{{45,55}}|{_BASE58}{{25,53}})"
    r"(?![0-9A-Za-z_])"
)


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


def addresses_in(text: str) -> tuple[Found, ...]:
    """The addresses in a text in their order; no account names, which look like words. Linear in the text's length."""
    found = ((match, parse_address(match[0])) for match in _CANDIDATE.finditer(text))
    return tuple(Found(address, match.start(), match.end()) for match, address in found if address)
