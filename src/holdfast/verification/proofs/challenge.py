"""The text that a customer signs: one form for all chains, EIP-4361's, and strictly so on EVM chains, where wallets
read it. It is rendered here, stored, and the stored text is verified: nothing that a client sends is parsed."""

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from holdfast.chains.addresses import Address, Chain
from holdfast.chains.caip import ChainId

LIFETIME = timedelta(minutes=5)
# A Ledger shows off-chain messages of Solana up to 1,212 bytes, and the text must fit with room to spare.
LONGEST_PURPOSE = 120
LABELS = {
    Chain.EVM: "Ethereum",
    Chain.TRON: "TRON",
    Chain.SOLANA: "Solana",
    Chain.BITCOIN: "Bitcoin",
    Chain.ANTELOPE: "EOS",
}
# RFC 3986's authority without a user, as EIP-4361 wants it: a name or IPv4 address or IPv6 literal, and a port.
_DOMAIN = re.compile(r"(?:[a-zA-Z0-9._~-]{1,253}|\[[0-9a-fA-F:.]{2,45}\])(?::[0-9]{1,5})?")
# EIP-4361: statement = 1*( reserved / unreserved / " " ). No quotation marks, no percent sign, nothing but ASCII.
_WORDS = re.compile(rf"[a-zA-Z0-9._~:/?#\[\]@!$&'()*+,;= -]{{1,{LONGEST_PURPOSE}}}")
_REFERENCE = re.compile(r"[a-zA-Z0-9._~!$&'()*+,;=:@-]{1,64}")
_NONCE = re.compile(r"[a-zA-Z0-9]{16,64}")


@dataclass(frozen=True, slots=True)
class Challenge:
    """What is asked of the owner of ``address``. ``reference`` is the conversation's, ``domain`` that of the page which
    the wallet sees (MetaMask compares them), ``purpose`` English words as EIP-4361 allows them. Raises ValueError when
    a field could change the text's structure."""

    chain: Chain
    chain_reference: str
    address: Address
    domain: str
    purpose: str
    reference: str
    nonce: str
    issued_at: datetime
    expires_at: datetime

    def __post_init__(self) -> None:
        ChainId(self.chain, self.chain_reference)
        forms = ((_DOMAIN, self.domain), (_WORDS, self.purpose), (_REFERENCE, self.reference), (_NONCE, self.nonce))
        wrong = [text for form, text in forms if not form.fullmatch(text)]
        if wrong:
            raise ValueError(f"not allowed in a challenge: {wrong[0][:64]!r}")
        if self.address.chain is not self.chain:
            raise ValueError(f"an address of {self.address.chain} in a challenge of {self.chain}")
        if self.issued_at.tzinfo is None or not self.issued_at < self.expires_at:
            raise ValueError("a challenge needs a time zone, and must end after it begins")


def purpose_fits(words: str) -> bool:
    """Whether this may stand as a purpose in the text."""
    return bool(_WORDS.fullmatch(words))


def new_nonce() -> str:
    """128 random bits; letters and digits only, as EIP-4361 wants it."""
    return secrets.token_hex(16)


def render(challenge: Challenge) -> str:
    """The text to sign."""
    return (
        f"{challenge.domain} wants you to sign in with your {LABELS[challenge.chain]} account:\n"
        f"{challenge.address.canonical}\n"
        "\n"
        f"Prove to support that this address is yours, for: {challenge.purpose}. "
        "This moves no funds and costs nothing. Support never asks for your recovery phrase.\n"
        "\n"
        f"URI: https://{challenge.domain}\n"
        "Version: 1\n"
        f"{_chain_line(challenge.chain_reference)}\n"
        f"Nonce: {challenge.nonce}\n"
        f"Issued At: {_instant(challenge.issued_at)}\n"
        f"Expiration Time: {_instant(challenge.expires_at)}\n"
        f"Request ID: {challenge.reference}"
    )


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _chain_line(reference: str) -> str:
    return f"Chain ID: {reference}"


def names(text: str, address: Address) -> bool:
    """Whether this rendered text asks for this address."""
    lines = text.split("\n", 2)
    return len(lines) == 3 and lines[0].endswith(f" {LABELS[address.chain]} account:") and lines[1] == address.canonical


def names_chain(text: str, reference: str) -> bool:
    """Whether this rendered text is for this chain of its family."""
    return _chain_line(reference) in text.split("\n")
