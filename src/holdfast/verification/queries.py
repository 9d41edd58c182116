"""Every SELECT of verification. Whose conversation it is, the caller has looked up for its viewer."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, cast, func, select
from sqlalchemy.dialects.postgresql import JSONPATH
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.conversations.models import Conversation, Message
from holdfast.people.models import Agent, ContactPoint
from holdfast.verification.models import (
    CompromiseMark,
    CustomerPasskey,
    PhoneCode,
    Verification,
    VerificationChallenge,
    VerificationPurpose,
)

# What a message's marks say was in it: whoever saw it can sign. What only may be a secret (a hash) is no claim.
_EXPOSED = '$.red[*] ? ((@.kind == "recovery_phrase" || @.kind == "private_key") && !(@.certainty == "ambiguous"))'


async def verifications(
    session: AsyncSession, conversation_id: UUID, limit: int = 50
) -> list[tuple[Verification, str | None]]:
    """The newest first, with the name of the agent who asked."""
    found = await session.execute(
        select(Verification, Agent.name)
        .outerjoin(Agent, Agent.id == Verification.asked_by_id)
        .where(Verification.conversation_id == conversation_id)
        .order_by(Verification.asked_at.desc())
        .limit(limit)
    )
    return [(row[0], row[1]) for row in found]


async def proven(session: AsyncSession, conversation_id: UUID, moment: datetime) -> Sequence[Verification]:
    """Those whose time is not over; whether they still count is the policy's question."""
    return (
        await session.scalars(
            select(Verification).where(
                Verification.conversation_id == conversation_id,
                Verification.state == "proven",
                Verification.valid_until > moment,
            )
        )
    ).all()


async def verification(session: AsyncSession, conversation_id: UUID, verification_id: UUID) -> Verification | None:
    found: Verification | None = await session.scalar(
        select(Verification).where(Verification.id == verification_id, Verification.conversation_id == conversation_id)
    )
    return found


async def challenge_locked(
    session: AsyncSession, conversation_id: UUID, challenge_id: UUID
) -> VerificationChallenge | None:
    """Locked until the commit: of two answers at the same moment one finds it used."""
    found: VerificationChallenge | None = await session.scalar(
        select(VerificationChallenge)
        .where(VerificationChallenge.id == challenge_id, VerificationChallenge.conversation_id == conversation_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return found


async def challenges_since(session: AsyncSession, conversation_id: UUID, moment: datetime) -> dict[str, int]:
    """How many were made since then, by method."""
    rows = await session.execute(
        select(VerificationChallenge.method, func.count())
        .where(VerificationChallenge.conversation_id == conversation_id, VerificationChallenge.created_at > moment)
        .group_by(VerificationChallenge.method)
    )
    return {row[0]: row[1] for row in rows}


async def phone_code(session: AsyncSession, hashes: Sequence[bytes], moment: datetime) -> PhoneCode | None:
    """The code that somebody typed, locked; one that is open before any that was."""
    is_open = and_(PhoneCode.used_at.is_(None), PhoneCode.expires_at > moment)
    found: PhoneCode | None = await session.scalar(
        select(PhoneCode)
        .where(PhoneCode.code_hash.in_(hashes))
        .order_by(is_open.desc(), PhoneCode.created_at.desc())
        .limit(1)
        .with_for_update()
    )
    return found


async def phone_code_by_nonce(session: AsyncSession, conversation_id: UUID, nonce: str) -> PhoneCode | None:
    found: PhoneCode | None = await session.scalar(
        select(PhoneCode)
        .where(PhoneCode.conversation_id == conversation_id, PhoneCode.nonce == nonce)
        .with_for_update()
    )
    return found


async def open_phone_codes(session: AsyncSession, moment: datetime) -> int:
    statement = select(func.count()).where(
        PhoneCode.code_hash.is_not(None), PhoneCode.used_at.is_(None), PhoneCode.expires_at > moment
    )
    return await session.scalar(statement) or 0


async def phone_codes_since(session: AsyncSession, customer_id: UUID, moment: datetime) -> int:
    """How many were made for this customer, in any of their conversations."""
    theirs = select(Conversation.id).where(Conversation.customer_id == customer_id)
    statement = select(func.count()).where(PhoneCode.conversation_id.in_(theirs), PhoneCode.created_at > moment)
    return await session.scalar(statement) or 0


async def enrolment(session: AsyncSession, conversation_id: UUID) -> VerificationChallenge | None:
    """The open challenge of a passkey's enrolment, locked."""
    found: VerificationChallenge | None = await session.scalar(
        select(VerificationChallenge)
        .where(
            VerificationChallenge.conversation_id == conversation_id,
            VerificationChallenge.method == "enrol",
            VerificationChallenge.used_at.is_(None),
        )
        .order_by(VerificationChallenge.created_at.desc())
        .limit(1)
        .with_for_update()
    )
    return found


async def compromised_at(session: AsyncSession, conversation: Conversation) -> datetime | None:
    return await claimed_since(session, conversation.customer_id)


async def claimed_since(session: AsyncSession, customer_id: UUID) -> datetime | None:
    """Since when this customer's wallet is said to be in other hands, in any of their conversations: an emergency, a
    phrase or key in a message, or a mark; the first of them after the last time it was said to be theirs again."""
    theirs = select(Conversation.id).where(Conversation.customer_id == customer_id)
    lifted: datetime | None = await session.scalar(
        select(func.max(CompromiseMark.at)).where(
            CompromiseMark.conversation_id.in_(theirs), CompromiseMark.claimed.is_(False)
        )
    )
    raised = and_(Message.conversation_id == Conversation.id, Message.event["type"].astext == "emergency")
    exposed = func.jsonb_path_exists(Message.event, cast(_EXPOSED, JSONPATH))
    claims = (
        select(CompromiseMark.at.label("at"))
        .where(CompromiseMark.conversation_id.in_(theirs), CompromiseMark.claimed)
        .union_all(
            # Each time that it was raised is a row of its own: the first may be lifted and a later one not.
            select(func.coalesce(Message.created_at, Conversation.opened_at))
            .select_from(Conversation)
            .outerjoin(Message, raised)
            .where(Conversation.id.in_(theirs), Conversation.emergency),
            select(Message.created_at).where(Message.conversation_id.in_(theirs), Message.author != "agent", exposed),
        )
        .subquery()
    )
    first = select(func.min(claims.c.at))
    if lifted is not None:
        first = first.where(claims.c.at > lifted)
    found: datetime | None = await session.scalar(first)
    return found


async def customers_with(session: AsyncSession, signed: Sequence[bytes], on_file: Sequence[bytes]) -> Sequence[UUID]:
    """Who has signed with an address, or has it on file: its indexes as either, under every index key there is. All of
    them: of a part, whoever has the key could push the others out."""
    showed = (
        select(Conversation.customer_id)
        .join(Verification, Verification.conversation_id == Conversation.id)
        .where(Verification.address_index.in_(signed))
    )
    holds = select(ContactPoint.customer_id).where(ContactPoint.kind == "wallet", ContactPoint.value_index.in_(on_file))
    return (await session.scalars(showed.union(holds))).all()


async def verified_conversations(session: AsyncSession, customer_id: UUID, moment: datetime) -> Sequence[UUID]:
    """The customer's conversations in which something is proven."""
    return (
        await session.scalars(
            select(Conversation.id).where(Conversation.customer_id == customer_id, Conversation.verified_until > moment)
        )
    ).all()


async def purposes(session: AsyncSession) -> Sequence[VerificationPurpose]:
    return (await session.scalars(select(VerificationPurpose).order_by(VerificationPurpose.key))).all()


async def passkeys(session: AsyncSession, customer_id: UUID) -> Sequence[CustomerPasskey]:
    return (
        await session.scalars(
            select(CustomerPasskey)
            .where(CustomerPasskey.customer_id == customer_id)
            .order_by(CustomerPasskey.created_at)
        )
    ).all()


async def passkey_locked(session: AsyncSession, customer_id: UUID, credential_id: bytes) -> CustomerPasskey | None:
    found: CustomerPasskey | None = await session.scalar(
        select(CustomerPasskey)
        .where(CustomerPasskey.customer_id == customer_id, CustomerPasskey.credential_id == credential_id)
        .with_for_update()
    )
    return found


async def vouched_contacts(session: AsyncSession, customer_id: UUID) -> Sequence[ContactPoint]:
    """Those that the wallet's back end vouched for, the last vouched first."""
    return (
        await session.scalars(
            select(ContactPoint)
            .where(
                ContactPoint.customer_id == customer_id,
                ContactPoint.kind.in_(("email", "phone")),
                ContactPoint.proven_at.is_not(None),
            )
            .order_by(ContactPoint.proven_at.desc(), ContactPoint.created_at)
        )
    ).all()
