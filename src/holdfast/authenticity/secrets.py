"""The secrets of this folder, each made from or sealed by the installation's key ring: the one place that knows how."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.keys import key_ring
from holdfast.authenticity import queries
from holdfast.authenticity.models import SigningKey
from holdfast.core.ids import new_id


def code_key(purpose: str) -> bytes:
    """The HMAC key of check codes or rotating codes (128 bits): the same in every process, never stored."""
    return bytes.fromhex(key_ring().sign(f"authenticity/{purpose}"))


def target_index(kind: str, key: str) -> bytes:
    """Equal targets of reports have equal indexes."""
    return key_ring().blind_index(f"{kind}:{key}", "impostor_case.target")


async def register_key(session: AsyncSession) -> Ed25519PrivateKey:
    """The key that signs the register, made at its first use. Apps hold its public half: it is stored, not derived,
    so that it outlives the installation's other keys."""
    secret = await queries.signing_secret(session, "register") or await _made(session, "register")
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret))


async def _made(session: AsyncSession, purpose: str) -> str:
    """A new signing secret, in hex; of two that make one at once, both get the first."""
    statement = insert(SigningKey).values(
        id=new_id(), purpose=purpose, secret=Ed25519PrivateKey.generate().private_bytes_raw().hex()
    )
    kept = statement.on_conflict_do_update(index_elements=["purpose"], set_={"purpose": purpose})
    return (await session.scalars(kept.returning(SigningKey.secret))).one()
