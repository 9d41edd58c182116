"""What comes out of a check."""

from dataclasses import dataclass
from enum import StrEnum

from holdfast.chains.addresses import Address


class Reason(StrEnum):
    """Why a proof is refused. Stable: they are stored, counted, and worded in the catalogues."""

    MALFORMED = "malformed"
    """Not a signature of this chain at all."""
    WRONG_SIGNATURE = "wrong_signature"
    """Another key, or another text."""
    OTHER_ADDRESS = "other_address"
    """The challenge was written for another address."""
    HIGH_S = "high_s"
    """The twin that anybody can make of a good signature."""
    SMALL_ORDER = "small_order"
    """A key for which signatures can be made without a secret."""
    NOT_A_KEY = "not_a_key"
    """An address that no key belongs to, such as a program's."""
    UNSUPPORTED = "unsupported"
    """An address or a key of a kind that cannot be checked, such as a script of several keys."""
    NEEDS_CHAIN = "needs_chain"
    """Only the chain can tell, and no node is set up for it."""
    CHAIN_FAILED = "chain_failed"
    """The node did not answer, or not sensibly."""
    WRONG_CHAIN = "wrong_chain"
    """The node is one of another chain than the challenge names."""
    CONTRACT_REFUSED = "contract_refused"
    """The contract wallet does not recognise the signature."""
    PERMISSION_CHANGED = "permission_changed"
    """The key is the right one, but it alone no longer rules the account."""
    UNKNOWN_ACCOUNT = "unknown_account"
    """The chain knows no account of that name."""
    LATE = "late"
    """It came when the challenge was over."""


class KeyKind(StrEnum):
    """By what the address was proven."""

    KEY = "key"
    """The key that the address was made from."""
    OWNER = "owner"
    """A key that the chain names as the account's owner."""
    ACTIVE = "active"
    """A key that the chain names for the account's daily use (Antelope)."""
    CONTRACT = "contract"
    """A contract wallet said so (EIP-1271)."""
    UNDEPLOYED = "undeployed"
    """A contract wallet that is not on the chain yet would say so (EIP-6492)."""


# Warnings: what an agent should know about a good proof. With a colon and an address behind it where one is named.
DELEGATED = "delegated"
"""EIP-7702: the account runs the code of the contract named behind the colon, which can move everything."""
CHAIN_NOT_READ = "chain_not_read"
"""The chain may know more (a delegate, changed permissions); no node was asked."""
OTHERS_HOLD_ACTIVE = "others_hold_active"
"""Keys of others may act for the account: a mark of the multi-signature scam."""
OTHER_KEY = "other_key"
"""The account is owned by another key than the one that its address was made from."""


class ProofRefused(Exception):
    """The only exception of a check, whatever it is given."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Proof:
    """Somebody controlled this address when they signed. It says nothing of who they are, and a thief signs too."""

    address: Address
    key_kind: KeyKind
    warnings: tuple[str, ...] = ()
