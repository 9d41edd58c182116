"""Challenges for tests, and the signatures over them that ``record.py`` has taken from the chains' own libraries."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from holdfast.chains.addresses import Address, Chain
from holdfast.chains.caip import MAIN
from holdfast.verification.proofs.challenge import LIFETIME, Challenge, render

RECORDING = Path(__file__).with_name("signatures.json")
ISSUED = datetime(2026, 11, 26, 14, 2, 7, tzinfo=UTC)
SEEDS = ("holdfast test key 1", "holdfast test key 2")
SIGNERS = {
    "viem": Chain.EVM,
    "ethers": Chain.EVM,
    "tronweb": Chain.TRON,
    "tweetnacl, plain": Chain.SOLANA,
    "tweetnacl, Ledger's layout": Chain.SOLANA,
    "tweetnacl, @solana/kit's off-chain message": Chain.SOLANA,
    "@solana/kit, plain": Chain.SOLANA,
    "bitcoinjs-message, p2pkh": Chain.BITCOIN,
    "bitcoinjs-message, p2pkh of an uncompressed key": Chain.BITCOIN,
    "bitcoinjs-message, p2wpkh": Chain.BITCOIN,
    "bitcoinjs-message, p2wpkh as Electrum": Chain.BITCOIN,
    "bitcoinjs-message, p2sh-p2wpkh": Chain.BITCOIN,
    "bitcoinjs-message, p2sh-p2wpkh as Electrum": Chain.BITCOIN,
    "bip322-js, p2wpkh": Chain.BITCOIN,
    "bip322-js, p2sh-p2wpkh": Chain.BITCOIN,
    "bip322-js, p2tr": Chain.BITCOIN,
    "@wharfkit/antelope": Chain.ANTELOPE,
}
ACCOUNT = Address(Chain.ANTELOPE, "alice.gm")


def challenge(address: Address, **changes: Any) -> Challenge:
    """Always the same one for an address, so that its text can be recorded."""
    made = Challenge(
        chain=address.chain,
        chain_reference=MAIN[address.chain].reference,
        address=address,
        domain="support.example.org",
        purpose="unlocking your login after a lost phone",
        reference="HF-7K3M-92QX",
        nonce="8b1f0a52c3d94e67a0b5c9d1e2f30415",
        issued_at=ISSUED,
        expires_at=ISSUED + LIFETIME,
    )
    return replace(made, **changes)


@dataclass(frozen=True, slots=True)
class Signed:
    """``key``: of Antelope, in the older form in which nodes name it."""

    signer: str
    seed: str
    address: Address
    text: str
    signature: str
    key: str = ""


@cache
def recorded() -> tuple[Signed, ...]:
    return tuple(
        Signed(**{**row, "address": Address(Chain(row["address"][0]), row["address"][1])})
        for row in json.loads(RECORDING.read_text())["signatures"]
    )


def signed_by(signer: str) -> Signed:
    return next(row for row in recorded() if row.signer == signer)


def rendered(address: Address) -> str:
    return render(challenge(address))
