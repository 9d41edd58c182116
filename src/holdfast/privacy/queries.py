"""Every SELECT about requests, holds, rules and reviews. What people read goes through their viewer."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, false, func, or_, select, true
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.customer_keys import open_for
from holdfast.access.encrypted import CustomersOwn
from holdfast.access.models import CustomerKey
from holdfast.access.viewer import CustomerViewer, Role, StaffViewer, SystemViewer, Viewer
from holdfast.channels.mail.models import StoredLetter
from holdfast.conversations.models import Attachment, Conversation, Message
from holdfast.core.ids import parse_reference
from holdfast.people.errors import CustomerUnknown
from holdfast.people.models import Customer
from holdfast.privacy.errors import PrivacyRefused, RequestUnknown, ReviewUnknown
from holdfast.privacy.inventory import CUSTOMERS, Holding
from holdfast.privacy.models import (
    Erasure,
    LegalHold,
    RetentionRule,
    RetentionRun,
    SecurityReview,
    SubjectRequest,
)

OPEN = ("waiting", "ready", "running", "stopped")
# An archive is kept for so long.
KEPT = timedelta(days=7)


def handles(viewer: Viewer) -> bool:
    """Administrators handle requests; auditors look on."""
    return isinstance(viewer, StaffViewer) and viewer.holds(Role.ADMINISTRATOR, Role.AUDITOR)


def _visible(viewer: Viewer, statement: Select[Any]) -> Select[Any]:
    match viewer:
        case SystemViewer():
            return statement.where(true())
        case CustomerViewer():
            return statement.where(SubjectRequest.customer_id == viewer.id)
        case _ if handles(viewer):
            return statement.where(true())
        case _:
            return statement.where(false())


async def requests(session: AsyncSession, viewer: Viewer, limit: int = 100) -> Sequence[SubjectRequest]:
    """The newest first. A customer sees their own; staff without the role raise PrivacyRefused."""
    if isinstance(viewer, StaffViewer) and not handles(viewer):
        raise PrivacyRefused
    statement = select(SubjectRequest).order_by(SubjectRequest.created_at.desc()).limit(limit)
    return (await session.scalars(_visible(viewer, statement))).all()


async def request(session: AsyncSession, viewer: Viewer, request_id: UUID, *, lock: bool = False) -> SubjectRequest:
    """Raises RequestUnknown, also for somebody else's."""
    statement = _visible(viewer, select(SubjectRequest).where(SubjectRequest.id == request_id))
    if lock:
        statement = statement.with_for_update()
    found: SubjectRequest | None = await session.scalar(statement.execution_options(populate_existing=lock))
    if found is None:
        raise RequestUnknown
    return found


async def open_request(session: AsyncSession, customer_id: UUID, kind: str) -> SubjectRequest | None:
    found: SubjectRequest | None = await session.scalar(
        select(SubjectRequest).where(
            SubjectRequest.customer_id == customer_id, SubjectRequest.kind == kind, SubjectRequest.state.in_(OPEN)
        )
    )
    return found


async def on_hold(session: AsyncSession, customer_id: UUID) -> bool:
    return bool(await session.scalar(select(held(customer_id))))


def held(customer_id: Any) -> ColumnElement[bool]:
    """The condition that a hold is in force for the customer (a value or a column)."""
    return exists().where(LegalHold.customer_id == customer_id, LegalHold.ended_at.is_(None))


async def holds(session: AsyncSession, viewer: StaffViewer) -> Sequence[LegalHold]:
    """Those in force, the newest first. Raises PrivacyRefused."""
    if not handles(viewer):
        raise PrivacyRefused
    return (
        await session.scalars(
            select(LegalHold).where(LegalHold.ended_at.is_(None)).order_by(LegalHold.placed_at.desc())
        )
    ).all()


async def customer_named(session: AsyncSession, viewer: StaffViewer, text: str) -> UUID:
    """By their id, or by the reference of a conversation. Raises PrivacyRefused, CustomerUnknown."""
    if not handles(viewer):
        raise PrivacyRefused
    reference = parse_reference(text)
    if reference is not None:
        found: UUID | None = await session.scalar(
            select(Conversation.customer_id).where(Conversation.reference == reference)
        )
    else:
        try:
            found = await session.scalar(select(Customer.id).where(Customer.id == UUID(text.strip())))
        except ValueError:
            found = None
    if found is None:
        raise CustomerUnknown
    return found


async def customer_exists(session: AsyncSession, customer_id: UUID) -> bool:
    return bool(await session.scalar(select(exists().where(Customer.id == customer_id))))


async def has_open_conversation(session: AsyncSession, customer_id: UUID) -> bool:
    return bool(
        await session.scalar(
            select(exists().where(Conversation.customer_id == customer_id, Conversation.category != "resolved"))
        )
    )


async def ids_of(session: AsyncSession, customer_id: UUID) -> list[UUID]:
    """The customer, and anonymous visitors who turned out to be them."""
    found = await session.scalars(select(Customer.id).where(Customer.merged_into_id == customer_id))
    return [customer_id, *found]


async def page(
    session: AsyncSession, holding: Holding, customer_id: UUID, offset: int, limit: int
) -> list[dict[str, Any]]:
    """Rows of one table as an export shows them, in the order of their keys."""
    table = holding.of()
    columns = [column for column in table.columns if column.name not in holding.hidden]
    sealed = {column.name: column.type for column in columns if isinstance(column.type, CustomersOwn)}
    keys: list[ColumnElement[Any]] = []
    if sealed:
        owner = table.c[next(iter(sealed.values())).owner]
        key = select(CustomerKey.wrapped).where(CustomerKey.customer_id == owner).scalar_subquery()
        keys = [owner.label("_owner"), key.label("_key")]
    found = await session.execute(
        select(*columns, *keys)
        .where(holding.belongs(customer_id))
        .order_by(*table.primary_key.columns)
        .offset(offset)
        .limit(limit)
    )
    return [_opened(dict(row._mapping), sealed) for row in found]


def _opened(row: dict[str, Any], sealed: dict[str, CustomersOwn]) -> dict[str, Any]:
    owner, key = row.pop("_owner", None), row.pop("_key", None)
    for name, kind in sealed.items():
        if row[name] is not None:
            plain = open_for(owner, key, row[name], kind.context)
            row[name] = None if plain is None else plain.decode()
    return row


async def remaining(session: AsyncSession, customer_id: UUID) -> dict[str, int]:
    """After an erasure: rows by table that should be gone, or hold what should be blank. Empty when it is complete."""
    left: dict[str, int] = {}
    for holding in CUSTOMERS:
        if holding.erasure == "keep":
            continue
        table = holding.of()
        statement = select(func.count()).select_from(table).where(holding.belongs(customer_id), holding.erasable())
        if holding.erasure == "blank":
            statement = statement.where(or_(*(table.c[name].is_distinct_from(value) for name, value in holding.blank)))
        count = await session.scalar(statement) or 0
        if count:
            left[holding.table] = count
    return left


async def conversations_of(session: AsyncSession, customer_id: UUID) -> Sequence[Conversation]:
    return (
        await session.scalars(
            select(Conversation).where(Conversation.customer_id == customer_id).order_by(Conversation.opened_at)
        )
    ).all()


async def conversation_at(session: AsyncSession, customer_id: UUID, place: int) -> Conversation | None:
    """The customer's ``place``-th conversation, from 0, in the order of their beginning."""
    found: Conversation | None = await session.scalar(
        select(Conversation)
        .where(Conversation.customer_id == customer_id)
        .order_by(Conversation.opened_at, Conversation.id)
        .offset(place)
        .limit(1)
    )
    return found


async def words_of(session: AsyncSession, conversation_id: UUID) -> Sequence[Message]:
    """The public messages of a conversation, in order."""
    return (
        await session.scalars(
            select(Message)
            .where(Message.conversation_id == conversation_id, Message.kind == "public")
            .order_by(Message.seq)
        )
    ).all()


async def attachments_of(
    session: AsyncSession, customer_id: UUID, after: UUID | None, limit: int
) -> Sequence[Attachment]:
    """The customer's files with an id above ``after``, in order."""
    statement = (
        select(Attachment)
        .join(Conversation, Conversation.id == Attachment.conversation_id)
        .where(Conversation.customer_id == customer_id)
        .order_by(Attachment.id)
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(Attachment.id > after)
    return (await session.scalars(statement)).all()


async def raw_letter(session: AsyncSession, customer_id: UUID, after: UUID | None) -> StoredLetter | None:
    """The customer's next letter with an id above ``after`` whose raw form is kept."""
    statement = select(StoredLetter).where(_raw_of(customer_id)).order_by(StoredLetter.id).limit(1)
    found: StoredLetter | None = await session.scalar(
        statement if after is None else statement.where(StoredLetter.id > after)
    )
    return found


def _raw_of(customer_id: UUID) -> ColumnElement[bool]:
    return (StoredLetter.customer_id == customer_id) & (StoredLetter.raw != "")


async def raw_names(session: AsyncSession, customer_id: UUID) -> Sequence[str]:
    """Where the raw forms of the customer's letters are in the file store."""
    return (await session.scalars(select(StoredLetter.raw).where(_raw_of(customer_id)))).all()


async def pieces(session: AsyncSession, customer_id: UUID) -> int:
    """How many conversations, files and raw letters the customer has."""
    mine = Conversation.customer_id == customer_id
    conversations = await session.scalar(select(func.count()).select_from(Conversation).where(mine))
    files = await session.scalar(
        select(func.count())
        .select_from(Attachment)
        .join(Conversation, Conversation.id == Attachment.conversation_id)
        .where(mine)
    )
    letters = await session.scalar(select(func.count()).select_from(StoredLetter).where(_raw_of(customer_id)))
    return (conversations or 0) + (files or 0) + (letters or 0)


async def rules(session: AsyncSession) -> dict[str, RetentionRule]:
    return {rule.kind: rule for rule in await session.scalars(select(RetentionRule))}


async def last_runs(session: AsyncSession) -> dict[str, RetentionRun]:
    newest = (
        select(RetentionRun).ext(distinct_on(RetentionRun.kind)).order_by(RetentionRun.kind, RetentionRun.at.desc())
    )
    return {run.kind: run for run in await session.scalars(newest)}


async def erased_customers(session: AsyncSession) -> set[UUID]:
    return set(await session.scalars(select(Erasure.customer_id)))


async def is_erased(session: AsyncSession, customer_id: UUID) -> bool:
    return bool(await session.scalar(select(exists().where(Erasure.customer_id == customer_id))))


async def reviews(session: AsyncSession, viewer: StaffViewer) -> Sequence[SecurityReview]:
    """The newest first. Raises PrivacyRefused."""
    if not handles(viewer):
        raise PrivacyRefused
    return (await session.scalars(select(SecurityReview).order_by(SecurityReview.until.desc()).limit(60))).all()


async def last_review(session: AsyncSession) -> SecurityReview | None:
    found: SecurityReview | None = await session.scalar(
        select(SecurityReview).order_by(SecurityReview.until.desc()).limit(1)
    )
    return found


async def expired_archive(session: AsyncSession, at: datetime) -> SubjectRequest | None:
    """One whose time is over, or that was stopped and left for a week, locked."""
    over = (SubjectRequest.state == "done") & (SubjectRequest.expires_at < at)
    left = (SubjectRequest.state == "stopped") & (SubjectRequest.created_at < at - KEPT)
    found: SubjectRequest | None = await session.scalar(
        select(SubjectRequest)
        .where(SubjectRequest.kind == "export", over | left)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return found


async def exports_of(session: AsyncSession, customer_id: UUID) -> Sequence[SubjectRequest]:
    """Those that have an archive, or may get one, locked."""
    statement = (
        select(SubjectRequest)
        .where(
            SubjectRequest.customer_id == customer_id,
            SubjectRequest.kind == "export",
            SubjectRequest.state.in_((*OPEN, "done")),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(statement)).all()


async def review(session: AsyncSession, viewer: StaffViewer, review_id: UUID, *, lock: bool = False) -> SecurityReview:
    """Raises PrivacyRefused, ReviewUnknown."""
    if not handles(viewer):
        raise PrivacyRefused
    found = await session.get(SecurityReview, review_id, with_for_update=lock or None)
    if found is None:
        raise ReviewUnknown
    return found
