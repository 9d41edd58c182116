"""Every SELECT on mailboxes and letters, but for what staff see of them (``staff_queries``)."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.viewer import Role
from holdfast.channels.mail.models import AddressAsked, Mailbox, MailThread, SentLetter, StoredLetter
from holdfast.conversations.models import Conversation, Message
from holdfast.core.due import Due
from holdfast.people.models import Agent, ContactPoint, Customer

# The machinery: nobody asks, nothing is shown.


async def mailbox(session: AsyncSession, mailbox_id: UUID, *, lock: bool = False) -> Mailbox | None:
    statement = select(Mailbox).where(Mailbox.id == mailbox_id)
    return await session.scalar(statement.with_for_update() if lock else statement)


async def all_mailboxes(session: AsyncSession) -> Sequence[Mailbox]:
    return (await session.scalars(select(Mailbox).order_by(Mailbox.address))).all()


async def mailbox_by_address(session: AsyncSession, address: str) -> Mailbox | None:
    found: Mailbox | None = await session.scalar(
        select(Mailbox).where(Mailbox.address == address.lower(), Mailbox.active)
    )
    return found


async def letter_by_key(session: AsyncSession, keys: Collection[bytes]) -> StoredLetter | None:
    found: StoredLetter | None = await session.scalar(select(StoredLetter).where(StoredLetter.key.in_(keys)))
    return found


async def letter(session: AsyncSession, letter_id: UUID) -> StoredLetter | None:
    """Locked."""
    found: StoredLetter | None = await session.scalar(
        select(StoredLetter).where(StoredLetter.id == letter_id).with_for_update()
    )
    return found


async def letters_since(session: AsyncSession, sender_index: bytes, since: datetime) -> int:
    counted = select(func.count()).where(StoredLetter.sender_index == sender_index, StoredLetter.came_at > since)
    return await session.scalar(counted) or 0


async def thread(session: AsyncSession, conversation_id: UUID, *, lock: bool = False) -> MailThread | None:
    statement = select(MailThread).where(MailThread.conversation_id == conversation_id)
    return await session.scalar(statement.with_for_update() if lock else statement)


async def writes_for(session: AsyncSession, customer_id: UUID, indexes: Sequence[bytes]) -> bool:
    """Whether one of these addresses (blind indexes) is the customer's."""
    return bool(
        await session.scalar(
            select(
                exists().where(
                    ContactPoint.customer_id == customer_id,
                    ContactPoint.kind == "email",
                    ContactPoint.value_index.in_(indexes),
                )
            )
        )
    )


async def own_numbers(session: AsyncSession, references: Collection[str], indexes: Sequence[bytes]) -> bool:
    """Whether each of these conversations is one of a customer who has this address."""
    theirs = exists().where(
        ContactPoint.customer_id == Conversation.customer_id,
        ContactPoint.kind == "email",
        ContactPoint.value_index.in_(indexes),
    )
    counted = select(func.count()).where(Conversation.reference.in_(references), theirs)
    return await session.scalar(counted) == len(set(references))


async def is_proven(session: AsyncSession, indexes: Sequence[bytes]) -> bool:
    """Whether somebody has proven that this address is theirs."""
    return bool(
        await session.scalar(
            select(
                exists().where(
                    ContactPoint.kind == "email",
                    ContactPoint.value_index.in_(indexes),
                    or_(ContactPoint.proven_at.is_not(None), ContactPoint.confirmed_at.is_not(None)),
                    ContactPoint.bounced_at.is_(None),
                )
            )
        )
    )


async def writer_by_address(session: AsyncSession, indexes: Sequence[bytes]) -> Customer | None:
    """The unproven customer who wrote from this address before. Never a proven one: anybody can write any sender."""
    found: Customer | None = await session.scalar(
        select(Customer)
        .join(ContactPoint, ContactPoint.customer_id == Customer.id)
        .where(
            ContactPoint.kind == "email",
            ContactPoint.value_index.in_(indexes),
            Customer.proven.is_(False),
            Customer.subject_index.is_(None),
            Customer.merged_into_id.is_(None),
        )
        .order_by(Customer.id.desc())
        .limit(1)
    )
    return found


async def key_names(session: AsyncSession, among: Sequence[UUID]) -> set[UUID]:
    """Those of ``among`` whose words are still sealed."""
    return set(
        await session.scalars(
            select(StoredLetter.id).where(StoredLetter.id.in_(among), StoredLetter.sealed.is_not(None))
        )
    )


async def quarantined_before(session: AsyncSession, cutoff: datetime, limit: int) -> Sequence[UUID]:
    return (
        await session.scalars(
            select(StoredLetter.id)
            .where(StoredLetter.state == "quarantined", StoredLetter.came_at < cutoff)
            .order_by(StoredLetter.came_at)
            .limit(limit)
        )
    ).all()


async def quarantined_from(session: AsyncSession, indexes: Collection[bytes]) -> Sequence[UUID]:
    return (
        await session.scalars(
            select(StoredLetter.id).where(StoredLetter.state == "quarantined", StoredLetter.sender_index.in_(indexes))
        )
    ).all()


# --- what goes out ---


# Threads whose conversation went on after what was read.
_UNREAD = (
    select(MailThread)
    .join(Conversation, Conversation.id == MailThread.conversation_id)
    .where(Conversation.seq > MailThread.noted)
)


async def unread_threads(session: AsyncSession, limit: int) -> Sequence[UUID]:
    return (await session.scalars(_UNREAD.with_only_columns(MailThread.conversation_id).limit(limit))).all()


async def locked_unread(session: AsyncSession, ids: Collection[UUID]) -> Sequence[MailThread]:
    """Locked against other workers."""
    threads = _UNREAD.where(MailThread.conversation_id.in_(ids)).order_by(MailThread.conversation_id)
    return (await session.scalars(threads.with_for_update(of=MailThread, skip_locked=True))).all()


async def entries(session: AsyncSession, conversation_id: UUID, after: int, limit: int) -> Sequence[Row[int, str, str]]:
    """``(seq, kind, author)`` in order."""
    return (
        await session.execute(
            select(Message.seq, Message.kind, Message.author)
            .where(Message.conversation_id == conversation_id, Message.seq > after)
            .order_by(Message.seq)
            .limit(limit)
        )
    ).all()


async def due_letter(session: AsyncSession, at: datetime, letter_id: UUID | None = None) -> SentLetter | None:
    """The next one to send, locked."""
    which = SentLetter.next_at <= at if letter_id is None else SentLetter.id == letter_id
    found: SentLetter | None = await session.scalar(
        select(SentLetter)
        .where(SentLetter.state == "waiting", which)
        .order_by(SentLetter.next_at)
        .limit(1)
        .with_for_update(skip_locked=letter_id is None)
    )
    return found


async def next_due(session: AsyncSession) -> datetime | None:
    found: datetime | None = await session.scalar(
        select(func.min(SentLetter.next_at)).where(SentLetter.state == "waiting")
    )
    return found


async def reported(session: AsyncSession, conversation_id: UUID, seq: int, *, question: bool) -> Sequence[SentLetter]:
    """What a report of delivery is about, of what has gone (or may have, as far as we know): the letters of an entry
    (or the question with this number), else (0: it quotes no Message-ID) the last one. Never what waits: nobody reports
    on that."""
    statement = select(SentLetter).where(
        SentLetter.conversation_id == conversation_id, (SentLetter.kind == "confirm") == question
    )
    if seq:
        gone = or_(SentLetter.state.in_(("sent", "bounced")), SentLetter.tried_at.is_not(None))
        return (await session.scalars(statement.where(SentLetter.seq == seq, gone))).all()
    last = statement.where(SentLetter.sent_at.is_not(None)).order_by(SentLetter.sent_at.desc()).limit(1)
    return (await session.scalars(last)).all()


async def receipts_since(session: AsyncSession, to_hash: bytes, since: datetime) -> int:
    """How many letters went there, or wait to go, that nobody of ours wrote."""
    counted = select(func.count()).where(SentLetter.to_hash == to_hash, SentLetter.created_at > since)
    return await session.scalar(counted) or 0


async def last_sent(session: AsyncSession, conversation_id: UUID, before: int) -> int:
    """The entry of the last answer that went before this one; 0: none did."""
    found = select(func.max(SentLetter.seq)).where(
        SentLetter.conversation_id == conversation_id,
        SentLetter.kind == "answer",
        SentLetter.seq < before,
        SentLetter.state == "sent",
    )
    return await session.scalar(found) or 0


# What became of letters that the customer has not.
NOT_ARRIVED = ("dropped", "failed", "bounced")


async def gone_up_to(session: AsyncSession, conversation_id: UUID) -> int:
    """Up to which entry something was put into letters that have gone, or will; 0: nothing was."""
    found = select(func.max(SentLetter.seq)).where(
        SentLetter.conversation_id == conversation_id,
        SentLetter.kind == "answer",
        SentLetter.state.not_in(NOT_ARRIVED),
    )
    return await session.scalar(found) or 0


async def arrived_up_to(session: AsyncSession, conversation_id: UUID) -> int:
    """Up to which entry everything that went by letter has gone: whoever answers by letter has that."""
    waiting = (
        select(func.min(SentLetter.seq))
        .where(
            SentLetter.conversation_id == conversation_id, SentLetter.kind == "answer", SentLetter.state == "waiting"
        )
        .scalar_subquery()
    )
    found = select(func.max(SentLetter.seq)).where(
        SentLetter.conversation_id == conversation_id,
        SentLetter.kind == "answer",
        SentLetter.state == "sent",
        or_(waiting.is_(None), SentLetter.seq < waiting),
    )
    return await session.scalar(found) or 0


async def last_came(session: AsyncSession, conversation_id: UUID) -> datetime | None:
    found: datetime | None = await session.scalar(
        select(func.max(StoredLetter.came_at)).where(
            StoredLetter.conversation_id == conversation_id, StoredLetter.state.in_(("taken", "admitted"))
        )
    )
    return found


async def mailbox_for(session: AsyncSession, inbox_id: UUID, language: str) -> Mailbox | None:
    """The one that writes to a customer of this inbox, best in their language."""
    found = (
        await session.scalars(
            select(Mailbox).where(Mailbox.inbox_id == inbox_id, Mailbox.active).order_by(Mailbox.created_at)
        )
    ).all()
    return min(found, key=lambda one: (one.language != language, one.language != "en"), default=None)


async def asked(session: AsyncSession, conversation_id: UUID, number: int | None = None) -> AddressAsked | None:
    """The address that waits for its holder's word: this one, else the last. Locked."""
    statement = select(AddressAsked).where(AddressAsked.conversation_id == conversation_id)
    if number is not None:
        statement = statement.where(AddressAsked.number == number)
    found: AddressAsked | None = await session.scalar(
        statement.order_by(AddressAsked.number.desc()).limit(1).with_for_update()
    )
    return found


async def question(session: AsyncSession, asked: AddressAsked) -> str:
    """What became of the letter that asks there; '' if there is none."""
    found = select(SentLetter.state).where(
        SentLetter.conversation_id == asked.conversation_id,
        SentLetter.seq == asked.number,
        SentLetter.kind == "confirm",
    )
    return await session.scalar(found) or ""


async def asked_of(session: AsyncSession, conversation_ids: Collection[UUID]) -> Sequence[AddressAsked]:
    return (await session.scalars(select(AddressAsked).where(AddressAsked.conversation_id.in_(conversation_ids)))).all()


async def asked_since(session: AsyncSession, conversation_id: UUID, since: datetime) -> int:
    counted = select(func.count()).where(AddressAsked.conversation_id == conversation_id, AddressAsked.asked_at > since)
    return await session.scalar(counted) or 0


async def threads_of(session: AsyncSession, conversation_ids: Collection[UUID]) -> Sequence[MailThread]:
    return (await session.scalars(select(MailThread).where(MailThread.conversation_id.in_(conversation_ids)))).all()


async def email_point(session: AsyncSession, customer_id: UUID, indexes: Sequence[bytes]) -> ContactPoint | None:
    found: ContactPoint | None = await session.scalar(
        select(ContactPoint).where(
            ContactPoint.customer_id == customer_id,
            ContactPoint.kind == "email",
            ContactPoint.value_index.in_(indexes),
        )
    )
    return found


async def email_points(session: AsyncSession, customer_id: UUID) -> Sequence[ContactPoint]:
    return (
        await session.scalars(
            select(ContactPoint).where(ContactPoint.customer_id == customer_id, ContactPoint.kind == "email")
        )
    ).all()


async def vouched_email(session: AsyncSession, customer_id: UUID) -> ContactPoint | None:
    """The address that the wallet vouched for last, unless letters to it came back."""
    found: ContactPoint | None = await session.scalar(
        select(ContactPoint)
        .where(
            ContactPoint.customer_id == customer_id,
            ContactPoint.kind == "email",
            ContactPoint.proven_at.is_not(None),
            ContactPoint.bounced_at.is_(None),
        )
        .order_by(ContactPoint.proven_at.desc())
        .limit(1)
    )
    return found


async def letters_of(session: AsyncSession, conversation_id: UUID) -> Sequence[StoredLetter]:
    """Those that are entries of the conversation."""
    return (
        await session.scalars(
            select(StoredLetter)
            .where(StoredLetter.conversation_id == conversation_id, StoredLetter.state.in_(("taken", "admitted")))
            .order_by(StoredLetter.seq)
        )
    ).all()


async def answer_due(session: AsyncSession, conversation_id: UUID, kind: str) -> datetime | None:
    found: datetime | None = await session.scalar(select(Due.at).where(Due.kind == kind, Due.ref == conversation_id))
    return found


async def answers_sent(session: AsyncSession, conversation_id: UUID) -> Sequence[SentLetter]:
    return (
        await session.scalars(
            select(SentLetter)
            .where(SentLetter.conversation_id == conversation_id, SentLetter.kind == "answer")
            .order_by(SentLetter.seq)
        )
    ).all()


async def administrators(session: AsyncSession) -> Sequence[Agent]:
    """Who is told that a mailbox is silent."""
    return (
        await session.scalars(select(Agent).where(Agent.active, Agent.roles.contains([Role.ADMINISTRATOR.value])))
    ).all()
