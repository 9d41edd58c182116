"""Seals of the audit log: what is signed, how one seal binds the one before, and how a single entry is proven. Pure,
so that an outsider can check with these lines and a public key alone.

An entry's *leaf* is the SHA-256 of its canonical JSON. A *seal* is a statement about the leaves committed since the
one before, in the order of the entries' ids: number, time, how many, their Merkle root, how many entries there are
altogether, and the hash of the statement before. The statement is signed with Ed25519. A *checkpoint* is a statement
and its signature, kept where the database's owner cannot reach.
"""

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from holdfast.access import merkle

# Signed words begin with what they are: a signature of ours can never be shown as one of something else.
_PREFIX = b"holdfast audit seal v1\n"
NO_SEAL = bytes(32)


class Statement(msgspec.Struct, frozen=True):
    """What a seal says. Hashes are hex; ``at`` is RFC 3339 in UTC with microseconds; ``count`` leaves in this seal,
    ``total`` in all up to it."""

    number: int
    at: str
    count: int
    total: int
    root: str
    previous: str

    def encoded(self) -> bytes:
        """The signed bytes."""
        return _PREFIX + canonical(msgspec.structs.asdict(self))

    def digest(self) -> bytes:
        """What the next seal names as ``previous``."""
        return sha256(self.encoded()).digest()


class Checkpoint(msgspec.Struct, frozen=True):
    """A statement with its signature (hex) and the public key's name; one line of a checkpoints file."""

    statement: Statement
    signature: str
    key: str

    def line(self) -> str:
        return msgspec.json.encode(self).decode()


class Proof(msgspec.Struct, frozen=True):
    """That one entry is in one seal: its place among the seal's leaves, and the path to the root (hex)."""

    entry: dict[str, Any]
    index: int
    path: list[str]
    seal: Checkpoint
    public_key: str


def canonical(value: Any) -> bytes:
    """JSON with sorted names and no spaces, in UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def entry_fields(
    entry_id: UUID,
    at: datetime,
    actor: tuple[str, UUID | None],
    action: str,
    subject: tuple[str, UUID | None],
    purpose: str | None,
    network: tuple[str, UUID] | None,
    detail: dict[str, Any],
) -> dict[str, Any]:
    """An entry as it is hashed, shown in a proof and exported. ``network`` comes with the entry's salt and goes in as
    a hash: a customer who gets a proof learns no address of the house."""
    return {
        "id": str(entry_id),
        "at": instant(at),
        "actor_kind": actor[0],
        "actor_id": str(actor[1]) if actor[1] else None,
        "action": action,
        "subject_kind": subject[0],
        "subject_id": str(subject[1]) if subject[1] else None,
        "purpose": purpose,
        "network_hash": sha256(network[1].bytes + network[0].encode()).hexdigest() if network else None,
        "detail": detail,
    }


def leaf(entry: dict[str, Any]) -> bytes:
    return merkle.leaf_hash(canonical(entry))


def key_name(public: Ed25519PublicKey) -> str:
    """A short name of a public key."""
    return sha256(public.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]


def public_hex(public: Ed25519PublicKey) -> str:
    return public.public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def sign(key: Ed25519PrivateKey, statement: Statement) -> Checkpoint:
    return Checkpoint(statement, key.sign(statement.encoded()).hex(), key_name(key.public_key()))


def signed(public: Ed25519PublicKey, checkpoint: Checkpoint) -> bool:
    """True if the key signed exactly this statement."""
    try:
        public.verify(bytes.fromhex(checkpoint.signature), checkpoint.statement.encoded())
    except (InvalidSignature, ValueError):
        return False
    return True


def proven(proof: Proof, public: Ed25519PublicKey | None = None) -> bool:
    """Whether the proof holds: the entry leads to the root, and the root was signed. Without ``public`` the key that
    the proof itself names is used: that shows only that the proof is whole, not who made it."""
    try:
        key = public or Ed25519PublicKey.from_public_bytes(bytes.fromhex(proof.public_key))
        siblings = [bytes.fromhex(step) for step in proof.path]
    except ValueError:
        return False
    statement = proof.seal.statement
    reached = merkle.root_of_path(leaf(proof.entry), proof.index, statement.count, siblings)
    return reached is not None and reached.hex() == statement.root and signed(key, proof.seal)
