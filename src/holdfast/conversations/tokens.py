"""Conversation tokens: each opens one conversation to the customer who holds it, and nothing else."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.engine import Row as SqlRow
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.viewer import CustomerViewer
from holdfast.conversations.errors import TokenExpired, TokenInvalid
from holdfast.conversations.models import Conversation, ConversationToken
from holdfast.core.clock import now
from holdfast.core.ids import new_secret, secret_hash

LIFETIME = timedelta(days=30)


def issue_token(session: AsyncSession, conversation_id: UUID) -> str:
    """A new token; only its hash is stored."""
    secret = new_secret()
    session.add(
        ConversationToken(token_hash=secret_hash(secret), conversation_id=conversation_id, expires_at=now() + LIFETIME)
    )
    return secret


async def _found(session: AsyncSession, tokens: list[str]) -> list[SqlRow[ConversationToken, UUID]]:
    hashes = [secret_hash(token) for token in tokens]
    return list(
        await session.execute(
            select(ConversationToken, Conversation.customer_id)
            .join(Conversation, Conversation.id == ConversationToken.conversation_id)
            .where(ConversationToken.token_hash.in_(hashes), ConversationToken.revoked_at.is_(None))
        )
    )


async def open_token(session: AsyncSession, token: str) -> CustomerViewer:
    """The viewer that a token makes. Raises TokenInvalid, TokenExpired."""
    found = await _found(session, [token])
    if not found:
        raise TokenInvalid
    row, customer_id = found[0]
    if row.expires_at <= now():
        raise TokenExpired
    return CustomerViewer(id=customer_id, conversation_id=row.conversation_id)


async def open_tokens(session: AsyncSession, tokens: list[str]) -> dict[str, CustomerViewer]:
    """The viewers of those tokens that are alive, by token; the dead are left out."""
    alive = {
        bytes(row.token_hash): CustomerViewer(id=customer_id, conversation_id=row.conversation_id)
        for row, customer_id in await _found(session, tokens)
        if row.expires_at > now()
    }
    return {token: alive[secret_hash(token)] for token in tokens if secret_hash(token) in alive}
