"""What runs out: one rule for each kind of data, in days; a hold keeps everything of its customer."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.models import AccessGrant, Alarm
from holdfast.automation.models import ScheduledMessage
from holdfast.channels.mail.models import AddressAsked, MailThread, StoredLetter
from holdfast.conversations import fragments
from holdfast.conversations.models import Attachment, Conversation, Exposure, Fragment, Message, Rating
from holdfast.core.clock import now
from holdfast.core.database import Base, Database
from holdfast.core.files import FileStore
from holdfast.core.jobs import defer
from holdfast.people.models import Customer
from holdfast.privacy.models import WORK, Erasure, RetentionRule, RetentionRun, SubjectRequest
from holdfast.privacy.queries import OPEN, held, rules
from holdfast.technical.models import TechnicalLink

# Conversations, files or customers of one transaction.
BATCH = 100
EVERY = timedelta(hours=20)

Sweep = Callable[[AsyncSession, FileStore, datetime], Awaitable[int]]


@dataclass(frozen=True, slots=True)
class Kind:
    """``days`` is the rule of a new installation (null: for ever), ``least`` what nobody may go below."""

    days: int | None
    least: int
    sweep: Sweep


def _settled(cutoff: datetime) -> ColumnElement[bool]:
    return (Conversation.category == "resolved") & (Conversation.resolved_at < cutoff) & ~held(Conversation.customer_id)


# Where words of a conversation stand: its entries, and what other parts of the house keep of them. A message that is
# still to go out stays until it has; a follow-up's note ends with its day, after 90 at the most.
_WORDS: tuple[tuple[Any, ColumnElement[bool]], ...] = (
    (Message, Message.kind.in_(("public", "note", "spoken"))),
    (ScheduledMessage, ScheduledMessage.state != "waiting"),
    (TechnicalLink, true()),
    (MailThread, true()),
    (AddressAsked, true()),
)


async def _conversation_text(session: AsyncSession, _files: FileStore, cutoff: datetime) -> int:
    some = (exists().where(model.conversation_id == Conversation.id, which) for model, which in _WORDS)
    ids = (
        await session.scalars(
            select(Conversation.id).where(_settled(cutoff), or_(*some)).order_by(Conversation.resolved_at).limit(BATCH)
        )
    ).all()
    await fragments.discard(session, Fragment.conversation_id.in_(ids))
    for model, which in _WORDS:
        await session.execute(delete(model).where(model.conversation_id.in_(ids), which))
    await session.execute(
        update(Conversation).where(Conversation.id.in_(ids)).values(preview="", version=Conversation.version + 1)
    )
    return len(ids)


async def _attachment(session: AsyncSession, files: FileStore, cutoff: datetime) -> int:
    rows = (
        await session.execute(
            select(Attachment.id, Attachment.key)
            .join(Conversation, Conversation.id == Attachment.conversation_id)
            .where(_settled(cutoff))
            .limit(BATCH)
        )
    ).all()
    await asyncio.to_thread(unlink, files, [key for _, key in rows])
    await session.execute(delete(Attachment).where(Attachment.id.in_([row[0] for row in rows])))
    return len(rows)


async def _raw_letter(session: AsyncSession, files: FileStore, cutoff: datetime) -> int:
    """The raw form of letters and their layout; quarantined ones are nobody's yet (``quarantine.purge``)."""
    rows = (
        await session.scalars(
            select(StoredLetter)
            .where(StoredLetter.raw != "", StoredLetter.came_at < cutoff, ~held(StoredLetter.customer_id))
            .order_by(StoredLetter.came_at)
            .limit(BATCH)
            .with_for_update(of=StoredLetter)
        )
    ).all()
    await asyncio.to_thread(unlink, files, [row.raw for row in rows])
    for row in rows:
        row.raw, row.raw_key_sealed = "", None
    return len(rows)


def unlink(files: FileStore, keys: Sequence[str]) -> None:
    for key in keys:
        files.delete(key)


async def _rating_words(session: AsyncSession, _files: FileStore, cutoff: datetime) -> int:
    some = (
        select(Rating.id)
        .join(Conversation, Conversation.id == Rating.conversation_id)
        .where(Rating.at < cutoff, Rating.words != "", ~held(Conversation.customer_id))
        .limit(BATCH)
    )
    found = await session.scalars(
        update(Rating).where(Rating.id.in_(some)).values(words="").returning(Rating.id),
        execution_options={"synchronize_session": False},
    )
    return len(found.all())


async def _inactive_customer(session: AsyncSession, _files: FileStore, cutoff: datetime) -> int:
    """Whoever has not been here for so long is erased as if they had asked for it."""
    busy = exists().where(Conversation.customer_id == Customer.id, Conversation.category != "resolved")
    asked = exists().where(
        SubjectRequest.customer_id == Customer.id,
        SubjectRequest.kind == "erasure",
        SubjectRequest.state.in_(OPEN),
    )
    erased = exists().where(Erasure.customer_id == Customer.id)
    ids = (
        await session.scalars(
            select(Customer.id)
            .where(
                Customer.seen_at < cutoff,
                Customer.merged_into_id.is_(None),
                ~or_(busy, asked, erased, held(Customer.id)),
            )
            .limit(BATCH)
        )
    ).all()
    for customer_id in ids:
        request = SubjectRequest(
            customer_id=customer_id,
            kind="erasure",
            state="ready",
            asked_by="retention",
            asked_by_id=customer_id,
            begins_at=now(),
        )
        session.add(request)
        await session.flush()
        await defer(session, WORK, request=str(request.id))
    return len(ids)


def _rows(model: type[Base], over: Callable[[datetime], ColumnElement[bool]]) -> Sweep:
    """Delete rows of a table that hold nothing but ids, kinds and times."""
    key = model.__table__.c.id

    async def sweep(session: AsyncSession, _files: FileStore, cutoff: datetime) -> int:
        some = select(key).where(over(cutoff)).limit(BATCH)
        done = await session.execute(
            delete(model).where(key.in_(some)), execution_options={"synchronize_session": False}
        )
        return int(done.rowcount)  # type: ignore[attr-defined]  # a CursorResult: it comes from a DELETE

    return sweep


KINDS: dict[str, Kind] = {
    "conversation_text": Kind(730, 30, _conversation_text),
    "attachment": Kind(365, 7, _attachment),
    # As long as a mistake in reading it may be noticed.
    "raw_letter": Kind(90, 7, _raw_letter),
    "rating_words": Kind(730, 30, _rating_words),
    # A theft may be claimed months after the phrase was written.
    "exposure": Kind(730, 90, _rows(Exposure, lambda cutoff: (Exposure.at < cutoff) & ~held(Exposure.customer_id))),
    # The audit log says for ever that somebody looked and for what purpose; here are the agent's own words.
    "access_grant": Kind(
        730, 365, _rows(AccessGrant, lambda cutoff: (AccessGrant.ended_at < cutoff) & ~held(AccessGrant.customer_id))
    ),
    # One that nobody has looked at stays.
    "access_alarm": Kind(730, 365, _rows(Alarm, lambda cutoff: Alarm.seen_at < cutoff)),
    "finished_request": Kind(
        1095,
        365,
        _rows(
            SubjectRequest,
            lambda cutoff: (
                SubjectRequest.state.in_(("expired", "refused", "withdrawn", "done"))
                & (SubjectRequest.finished_at < cutoff)
                & SubjectRequest.parts_sealed.is_(None)
                & ~held(SubjectRequest.customer_id)
            ),
        ),
    ),
    "inactive_customer": Kind(1095, 180, _inactive_customer),
}


def days_kept(changed: Mapping[str, RetentionRule], name: str) -> int | None:
    """How long this kind is kept: the operator's rule, or a new installation's."""
    return changed[name].days if name in changed else KINDS[name].days


async def sweep(database: Database, files: FileStore) -> dict[str, int]:
    """Every kind once, in small transactions; rows by kind. May be cut off anywhere and run again."""
    removed: dict[str, int] = {}
    for name, kind in KINDS.items():
        async with database.transaction() as session:
            days = days_kept(await rules(session), name)
        if days is None:
            continue
        count = 0
        while True:
            async with database.transaction() as session:
                some = await kind.sweep(session, files, now() - timedelta(days=days))
            count += some
            if some < BATCH:
                break
        async with database.transaction() as session:
            session.add(RetentionRun(kind=name, removed=count))
        removed[name] = count
    return removed
