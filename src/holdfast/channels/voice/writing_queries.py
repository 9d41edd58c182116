"""SELECTs about going on in writing. Whose call it is, the caller has looked up for its viewer."""

from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.channels.voice.models import CallLink
from holdfast.conversations.models import ConversationToken
from holdfast.core.clock import now
from holdfast.people.models import ContactPoint


async def known_email(session: AsyncSession, customer_id: UUID) -> str | None:
    """Where this customer reads letters: the wallet vouched for it, or its holder has answered from there."""
    point: ContactPoint | None = await session.scalar(
        select(ContactPoint)
        .where(
            ContactPoint.customer_id == customer_id,
            ContactPoint.kind == "email",
            or_(ContactPoint.proven_at.is_not(None), ContactPoint.confirmed_at.is_not(None)),
            ContactPoint.bounced_at.is_(None),
        )
        .order_by(ContactPoint.proven_at.desc().nulls_last(), ContactPoint.confirmed_at.desc())
        .limit(1)
    )
    return point.value if point else None


async def has_token(session: AsyncSession, conversation_id: UUID) -> bool:
    """Somebody holds one that opens it."""
    living = (ConversationToken.revoked_at.is_(None), ConversationToken.expires_at > now())
    statement = select(func.count()).where(ConversationToken.conversation_id == conversation_id, *living)
    return bool(await session.scalar(statement))


async def link_locked(session: AsyncSession, link_hash: bytes) -> CallLink | None:
    found: CallLink | None = await session.scalar(
        select(CallLink).where(CallLink.link_hash == link_hash).with_for_update()
    )
    return found
