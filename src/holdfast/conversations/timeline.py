"""Every SELECT on the entries of timelines, their files and what of them is sealed.

Who may read them is the caller's to have checked.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select, text, true
from sqlalchemy import Row as SqlRow
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.conversations.models import TO_READ, Attachment, Conversation, Exposure, Fragment, Message
from holdfast.core.clock import now
from holdfast.people.models import Agent

RECENT = timedelta(days=1)

# A message and the name of the agent who wrote it (null for anyone else).
TimelineRow = SqlRow[Message, str]


async def entries_after(
    session: AsyncSession, conversation_id: UUID, after: int, limit: int = 200
) -> list[TimelineRow]:
    """Timeline rows ``(Message, agent's name)`` with a sequence above ``after``, in order."""
    return list(
        await session.execute(
            select(Message, Agent.name)
            .outerjoin(Agent, and_(Agent.id == Message.author_id, Message.author == "agent"))
            .where(Message.conversation_id == conversation_id, Message.seq > after)
            .order_by(Message.seq)
            .limit(limit)
        )
    )


async def entries_before(
    session: AsyncSession, conversation_id: UUID, before: int, limit: int = 50
) -> list[TimelineRow]:
    """Timeline rows with a sequence below ``before``: the latest ``limit`` of them, in order."""
    found = await session.execute(
        select(Message, Agent.name)
        .outerjoin(Agent, and_(Agent.id == Message.author_id, Message.author == "agent"))
        .where(Message.conversation_id == conversation_id, Message.seq < before)
        .order_by(Message.seq.desc())
        .limit(limit)
    )
    return list(found)[::-1]


async def attachments_of(
    session: AsyncSession, conversation_id: UUID, seqs: Sequence[int]
) -> dict[int, list[Attachment]]:
    """The files of the given entries, by sequence."""
    result: dict[int, list[Attachment]] = {}
    if not seqs:
        return result
    for attachment in await session.scalars(
        select(Attachment)
        .where(Attachment.conversation_id == conversation_id, Attachment.seq.in_(seqs))
        .order_by(Attachment.id)
    ):
        if attachment.seq is not None:
            result.setdefault(attachment.seq, []).append(attachment)
    return result


async def attachments_of_conversations(session: AsyncSession, conversation_ids: Sequence[UUID]) -> Sequence[Attachment]:
    """Every file of these conversations, locked."""
    found = await session.scalars(
        select(Attachment).where(Attachment.conversation_id.in_(conversation_ids)).with_for_update()
    )
    return found.all()


async def pending_attachments(
    session: AsyncSession, conversation_id: UUID, uploader: str, uploader_id: UUID, ids: Sequence[UUID]
) -> list[Attachment]:
    """Uploaded files of this uploader (customer or agent) that belong to no message yet, locked.

    A conversation has one customer, whose id changes when they prove who they are between the upload and the
    message: theirs are told by the kind alone.
    """
    mine = true() if uploader == "customer" else Attachment.uploader_id == uploader_id
    found = await session.scalars(
        select(Attachment)
        .where(
            Attachment.id.in_(ids),
            Attachment.conversation_id == conversation_id,
            Attachment.uploader == uploader,
            mine,
            Attachment.seq.is_(None),
        )
        .with_for_update()
    )
    return list(found)


async def unattached(session: AsyncSession, conversation_id: UUID, uploader: str) -> int:
    """How many uploaded files of the customer (or of agents) belong to no message yet."""
    return (
        await session.scalar(
            select(func.count()).where(
                Attachment.conversation_id == conversation_id,
                Attachment.uploader == uploader,
                Attachment.seq.is_(None),
            )
        )
    ) or 0


async def attachment(session: AsyncSession, attachment_id: UUID) -> Attachment | None:
    return await session.get(Attachment, attachment_id)


async def locked_attachment(session: AsyncSession, attachment_id: UUID) -> Attachment | None:
    """As it is now, held until the transaction ends."""
    found: Attachment | None = await session.scalar(
        select(Attachment)
        .where(Attachment.id == attachment_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return found


async def pictures_to_read(session: AsyncSession, limit: int = 50) -> list[UUID]:
    """Pictures that a worker has something to do with, oldest first."""
    found = await session.scalars(select(Attachment.id).where(text(TO_READ)).order_by(Attachment.id).limit(limit))
    return list(found)


async def claimed_picture(session: AsyncSession, attachment_id: UUID) -> bool:
    """Whether this transaction is the only one that reads the picture. Its row stays free for its message."""
    key = int.from_bytes(attachment_id.bytes[8:], signed=True)
    return bool(await session.scalar(select(func.pg_try_advisory_xact_lock(key))))


async def recent_pictures(session: AsyncSession, conversation_id: UUID) -> list[Attachment]:
    """Pictures of the last day that stand in the timeline: whoever was away may know an older state of them."""
    found = await session.scalars(
        select(Attachment).where(
            Attachment.conversation_id == conversation_id,
            Attachment.seq.is_not(None),
            Attachment.width.is_not(None),
            Attachment.created_at > now() - RECENT,
        )
    )
    return list(found)


async def message_by_source(session: AsyncSession, source: str, source_id: bytes) -> Message | None:
    found: Message | None = await session.scalar(
        select(Message).where(Message.source == source, Message.source_id == source_id)
    )
    return found


async def last_at(session: AsyncSession, conversation: Conversation) -> datetime:
    """Of a locked conversation's last entry."""
    last = select(Message.created_at).where(Message.conversation_id == conversation.id, Message.seq == conversation.seq)
    return await session.scalar(last) or conversation.opened_at


async def last_public(session: AsyncSession, conversation_id: UUID) -> int | None:
    """The sequence of the latest message."""
    found: int | None = await session.scalar(
        select(func.max(Message.seq)).where(Message.conversation_id == conversation_id, Message.kind == "public")
    )
    return found


async def unread_by_customer(session: AsyncSession, conversation: Conversation) -> int:
    """Answers the customer has not read yet."""
    return (
        await session.scalar(
            select(func.count()).where(
                Message.conversation_id == conversation.id,
                Message.seq > conversation.customer_read,
                Message.kind == "public",
                Message.author != "customer",
            )
        )
    ) or 0


async def pieces(session: AsyncSession, conversation_id: UUID, author: str, limit: int) -> list[Fragment]:
    """The latest sealed messages of an author that may be pieces of a phrase, in order."""
    found = await session.scalars(
        select(Fragment)
        .where(Fragment.conversation_id == conversation_id, Fragment.why == "fragment", Fragment.author == author)
        .order_by(Fragment.seq.desc())
        .limit(limit)
    )
    return list(found)[::-1]


async def said_before(
    session: AsyncSession, conversation_id: UUID, author: str, kind: str, before: int, since: datetime, limit: int
) -> list[Message]:
    """The latest messages of an author below a sequence that stand as they were written, in order."""
    found = await session.scalars(
        select(Message)
        .where(
            Message.conversation_id == conversation_id,
            Message.seq < before,
            Message.author == author,
            Message.kind == kind,
            Message.created_at > since,
            Message.event.is_(None),
        )
        .order_by(Message.seq.desc())
        .limit(limit)
    )
    return list(found)[::-1]


async def sealed(
    session: AsyncSession, conversation_id: UUID, why: str, seqs: Sequence[int] | None = None
) -> list[Fragment]:
    """What of the given entries (default: of all) is sealed for that reason, in order."""
    query = select(Fragment).where(Fragment.conversation_id == conversation_id, Fragment.why == why)
    if seqs is not None:
        query = query.where(Fragment.seq.in_(seqs))
    return list(await session.scalars(query.order_by(Fragment.seq)))


async def sealed_where(session: AsyncSession, which: ColumnElement[bool], limit: int | None) -> list[Fragment]:
    return list(await session.scalars(select(Fragment).where(which).order_by(Fragment.id).limit(limit)))


async def key_names(session: AsyncSession, among: Sequence[UUID]) -> set[UUID]:
    """Those of the given keys that something is sealed with."""
    return set(await session.scalars(select(Fragment.id).where(Fragment.id.in_(among))))


async def phrases_found(session: AsyncSession, conversation_id: UUID, author: str) -> list[datetime]:
    """When a recovery phrase of this author was found in the conversation."""
    found = await session.scalars(
        select(Exposure.at).where(
            Exposure.conversation_id == conversation_id,
            Exposure.author == author,
            Exposure.kind == "recovery_phrase",
        )
    )
    return list(found)


async def exposures(session: AsyncSession, customer_id: UUID, limit: int = 20) -> list[Exposure]:
    """What was found of a customer's, the latest first."""
    found = await session.scalars(
        select(Exposure).where(Exposure.customer_id == customer_id).order_by(Exposure.at.desc()).limit(limit)
    )
    return list(found)
