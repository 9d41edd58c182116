"""Every SELECT about lines, calls and devices."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.viewer import Role, StaffViewer, SystemViewer, Viewer
from holdfast.channels.voice import stages
from holdfast.channels.voice.models import (
    BlockedNumber,
    Call,
    CallBack,
    CallCommand,
    CallEvent,
    CallLeg,
    Device,
    Line,
    Menu,
    Recording,
)
from holdfast.channels.voice.waits import Phone
from holdfast.conversations.models import Conversation, Inbox, Queue, Topic
from holdfast.conversations.visibility import queued
from holdfast.core.clock import now
from holdfast.people.models import ContactPoint
from holdfast.routing.models import WrapUp
from holdfast.verification.models import Verification
from holdfast.verification.operations import WAITS

# --- lines and menus ---


def oversees(viewer: Viewer) -> ColumnElement[bool]:
    """Lines, menus and blocked numbers are for those who keep them, and for the phone itself."""
    keeps = isinstance(viewer, StaffViewer) and viewer.holds(Role.ADMINISTRATOR, Role.LEAD)
    return true() if keeps or isinstance(viewer, SystemViewer) else false()


async def lines(session: AsyncSession, viewer: Viewer) -> Sequence[Line]:
    return (await session.scalars(select(Line).where(oversees(viewer)).order_by(Line.number))).all()


def digits(number: str) -> str:
    return "".join(filter(str.isdigit, number))


async def line_by_number(session: AsyncSession, number: str) -> Line | None:
    """A provider writes a number with a plus, with zeros or bare: the digits count."""
    written = func.regexp_replace(Line.number, "[^0-9]", "", "g")
    found: Line | None = await session.scalar(select(Line).where(written == digits(number), Line.active))
    return found


async def menu(session: AsyncSession, viewer: Viewer, key: str) -> Menu | None:
    """The version in force."""
    found: Menu | None = await session.scalar(
        select(Menu).where(Menu.key == key, oversees(viewer)).order_by(Menu.version.desc()).limit(1)
    )
    return found


async def menus(session: AsyncSession, viewer: Viewer) -> Sequence[Menu]:
    """Those in force."""
    newest = select(Menu).where(oversees(viewer)).distinct(Menu.key).order_by(Menu.key, Menu.version.desc())
    return (await session.scalars(newest)).all()


async def menu_versions(session: AsyncSession, viewer: Viewer, key: str, most: int = 50) -> Sequence[Menu]:
    """The latest first."""
    statement = select(Menu).where(Menu.key == key, oversees(viewer)).order_by(Menu.version.desc()).limit(most)
    return (await session.scalars(statement)).all()


async def queue_by_key(session: AsyncSession, key: str) -> Queue | None:
    found: Queue | None = await session.scalar(select(Queue).where(Queue.key == key))
    return found


async def topic_by_key(session: AsyncSession, key: str) -> Topic | None:
    found: Topic | None = await session.scalar(select(Topic).where(Topic.key == key))
    return found


async def keys_of(session: AsyncSession) -> tuple[list[str], list[str]]:
    """The keys of queues and topics that a menu can lead to."""
    queues = await session.scalars(select(Queue.key))
    topics = await session.scalars(select(Topic.key))
    return list(queues), list(topics)


async def inbox_of(session: AsyncSession, line_id: UUID | None) -> Inbox:
    """Of a line; the first one for calls that came over none."""
    statement = select(Inbox).order_by(Inbox.id).limit(1)
    if line_id is not None:
        statement = select(Inbox).join(Line, Line.inbox_id == Inbox.id).where(Line.id == line_id)
    return (await session.scalars(statement)).one()


# --- who calls ---


async def known_of(session: AsyncSession, indexes: Collection[bytes], hours: int = 1) -> tuple[bool, list[datetime]]:
    """Whether the number is blocked, and when it has called in the last hours."""
    blocked = select(BlockedNumber.id).where(
        BlockedNumber.number_index.in_(indexes), or_(BlockedNumber.until.is_(None), BlockedNumber.until > now())
    )
    calls = select(func.array_agg(Call.started_at)).where(
        Call.number_index.in_(indexes), Call.direction == "in", Call.started_at > now() - timedelta(hours=hours)
    )
    row = (await session.execute(select(blocked.exists(), calls.scalar_subquery()))).one()
    return row[0], row[1] or []


async def customer_by_phone(session: AsyncSession, indexes: Collection[bytes]) -> UUID | None:
    """Whose number it is, the last added first. A number can be faked: it finds a customer, it proves nobody."""
    found: UUID | None = await session.scalar(
        select(ContactPoint.customer_id)
        .where(ContactPoint.kind == "phone", ContactPoint.value_index.in_(indexes))
        .order_by(ContactPoint.proven_at.desc().nulls_last(), ContactPoint.id.desc())
        .limit(1)
    )
    return found


async def open_conversation(session: AsyncSession, customer_id: UUID) -> UUID | None:
    """The customer's open conversation that was last spoken in."""
    found: UUID | None = await session.scalar(
        select(Conversation.id)
        .where(Conversation.customer_id == customer_id, Conversation.category != "resolved")
        .order_by(Conversation.last_at.desc())
        .limit(1)
    )
    return found


# --- calls ---


async def assignee(session: AsyncSession, conversation_id: UUID) -> UUID | None:
    found: UUID | None = await session.scalar(
        select(Conversation.assignee_id).where(Conversation.id == conversation_id)
    )
    return found


async def call(session: AsyncSession, call_id: UUID, *, lock: bool = False) -> Call | None:
    statement = select(Call).where(Call.id == call_id).execution_options(populate_existing=True)
    found: Call | None = await session.scalar(statement.with_for_update() if lock else statement)
    return found


async def calls_up(session: AsyncSession, application: str) -> Sequence[Call]:
    return (await session.scalars(select(Call).where(Call.application == application, Call.ended_at.is_(None)))).all()


async def still_up(session: AsyncSession, ids: Collection[UUID]) -> set[UUID]:
    """Those of these calls, whoever conducts them."""
    return set(await session.scalars(select(Call.id).where(Call.id.in_(ids), Call.ended_at.is_(None))))


async def call_by_channel(session: AsyncSession, channel: str) -> Call | None:
    """Also one that is over."""
    found: Call | None = await session.scalar(select(Call).where(Call.channel == channel))
    return found


async def calls_of(session: AsyncSession, conversation_id: UUID) -> Sequence[UUID]:
    """Those of the conversation that are up."""
    return (
        await session.scalars(select(Call.id).where(Call.conversation_id == conversation_id, Call.ended_at.is_(None)))
    ).all()


async def is_called_in(
    session: AsyncSession, conversation_id: UUID, *, but: UUID | None = None, apps: bool = True
) -> bool:
    """Whether a caller is on the phone in it, or has typed its code and is about to be. ``but``: beside this call;
    ``apps``: calls from inside the app count."""
    place = Call.place["joined"].astext == str(conversation_id)
    found = exists().where(
        Call.ended_at.is_(None),
        or_(Call.conversation_id == conversation_id, place),
        Call.id != but if but else true(),
        true() if apps else Call.place["app"].astext.is_(None),
    )
    return bool(await session.scalar(select(found)))


async def unnoted(session: AsyncSession, call_id: UUID) -> Sequence[CallEvent]:
    statement = select(CallEvent).where(CallEvent.call_id == call_id, CallEvent.noted.is_(False))
    return (await session.scalars(statement.order_by(CallEvent.at, CallEvent.id))).all()


async def legs(session: AsyncSession, call_id: UUID) -> Sequence[CallLeg]:
    """Those that have not ended."""
    statement = select(CallLeg).where(CallLeg.call_id == call_id, CallLeg.state != "ended").order_by(CallLeg.id)
    return (await session.scalars(statement.execution_options(populate_existing=True))).all()


async def agent_left(session: AsyncSession, call_id: UUID) -> datetime | None:
    """When the last agent who had answered left; None while one is there, or if there was none."""
    had = and_(CallLeg.call_id == call_id, CallLeg.role == "agent", CallLeg.answered_at.is_not(None))
    there = func.bool_or(CallLeg.ended_at.is_(None))
    stays, left = (await session.execute(select(there, func.max(CallLeg.ended_at)).where(had))).one()
    return None if stays else left


async def commands(session: AsyncSession, call_id: UUID) -> Sequence[CallCommand]:
    statement = select(CallCommand).where(CallCommand.call_id == call_id, CallCommand.done_at.is_(None))
    return (await session.scalars(statement.order_by(CallCommand.id))).all()


async def handled(session: AsyncSession, most: int = 50) -> list[timedelta]:
    """How long the last calls took their agents, wrap-up included."""
    found = await session.execute(
        select(Call.answered_at, func.coalesce(Call.wrapped_at, Call.wrap_until, Call.talked_until))
        .where(
            Call.answered_at.is_not(None), Call.talked_until.is_not(None), Call.started_at > now() - timedelta(days=1)
        )
        .order_by(Call.started_at.desc())
        .limit(most)
    )
    return [until - since for since, until in found if since is not None and until > since]


def _of_agent(agent_id: UUID) -> Select[Call]:
    """Calls in which the agent is, or whose wrap-up they are in, also if they passed it on."""
    leg = select(CallLeg.id).where(CallLeg.call_id == Call.id, CallLeg.agent_id == agent_id, CallLeg.state != "ended")
    wrapping = and_(Call.agent_id == agent_id, Call.wrap_until > now(), Call.wrapped_at.is_(None))
    passed_on = select(WrapUp.ref).where(WrapUp.agent_id == agent_id, WrapUp.until > now())
    return select(Call).where(or_(leg.exists(), wrapping, Call.id.in_(passed_on))).order_by(Call.id)


async def calls_with(session: AsyncSession, agent_id: UUID) -> Sequence[Call]:
    return (await session.scalars(_of_agent(agent_id))).all()


async def talking_call(session: AsyncSession, conversation_id: UUID) -> Call | None:
    found: Call | None = await session.scalar(
        select(Call).where(
            Call.conversation_id == conversation_id, Call.ended_at.is_(None), Call.stage == stages.TALKING
        )
    )
    return found


async def callers_ahead(session: AsyncSession, conversation: Conversation) -> int:
    """Those on the phone, or who wait for our call, in the same queue for longer. What is written is no call."""
    return (
        await session.scalar(
            select(func.count()).where(
                Conversation.queue_id == conversation.queue_id,
                Conversation.channel == conversation.channel,
                queued(),
                Conversation.waiting_since < conversation.waiting_since,
            )
        )
    ) or 0


async def call_back_of(session: AsyncSession, conversation_id: UUID) -> CallBack | None:
    """The one that waits, locked."""
    found: CallBack | None = await session.scalar(
        select(CallBack)
        .where(CallBack.conversation_id == conversation_id, CallBack.state == "waiting")
        .with_for_update()
    )
    return found


async def answered_since(session: AsyncSession, back: CallBack) -> Call | None:
    """The last call that came in its conversation after it was asked for, and was answered."""
    asked = await session.get(Call, back.call_id) if back.call_id else None
    found: Call | None = await session.scalar(
        select(Call)
        .where(
            Call.conversation_id == back.conversation_id,
            Call.direction == "in",
            Call.answered_at > back.since,
            Call.started_at > (asked.started_at if asked is not None else back.since),
        )
        .order_by(Call.answered_at.desc())
        .limit(1)
    )
    return found


async def is_noted(session: AsyncSession, call_id: UUID, kind: str) -> bool:
    statement = select(exists().where(CallEvent.call_id == call_id, CallEvent.kind == kind))
    return bool(await session.scalar(statement))


async def call_backs_ready(session: AsyncSession) -> Sequence[UUID]:
    """Conversations whose customer waits for our call, and that somebody has."""
    statement = select(CallBack.conversation_id).join(Conversation, Conversation.id == CallBack.conversation_id)
    return (
        await session.scalars(statement.where(CallBack.state == "waiting", Conversation.assignee_id.is_not(None)))
    ).all()


async def wrong_codes(session: AsyncSession, since: datetime, number_index: bytes | None = None) -> int:
    """Codes that fitted nobody, typed since then by callers of this number, or by all."""
    statement = select(func.count()).where(
        CallEvent.kind == "call_code",
        CallEvent.at > since,
        CallEvent.detail["how"].astext.in_(("wrong", "late", "used")),
    )
    if number_index is not None:
        statement = statement.where(CallEvent.call_id == Call.id, Call.number_index == number_index)
    return await session.scalar(statement) or 0


async def recording_up(session: AsyncSession, call_id: UUID) -> Recording | None:
    """The one that runs."""
    found: Recording | None = await session.scalar(
        select(Recording).where(Recording.call_id == call_id, Recording.ended_at.is_(None))
    )
    return found


async def recordings(session: AsyncSession, conversation_id: UUID) -> Sequence[Recording]:
    """The latest first."""
    statement = select(Recording).where(Recording.conversation_id == conversation_id)
    return (await session.scalars(statement.order_by(Recording.started_at.desc()))).all()


async def recording_events(session: AsyncSession, call_ids: Collection[UUID]) -> Sequence[CallEvent]:
    """When recordings of these calls were paused and resumed, in order."""
    statement = select(CallEvent).where(CallEvent.call_id.in_(call_ids), CallEvent.kind == "call_recorded")
    return (await session.scalars(statement.order_by(CallEvent.at, CallEvent.id))).all()


async def proof_is_asked(session: AsyncSession, call: Call) -> bool:
    """Whether the customer has been asked to prove something, and may still."""
    found = await session.scalar(
        select(func.count()).where(
            Verification.conversation_id == call.conversation_id,
            Verification.state == "waiting",
            Verification.asked_at > now() - WAITS,
        )
    )
    return bool(found)


# --- devices ---


def _living() -> Select[Device]:
    return select(Device).where(or_(Device.expires_at.is_(None), Device.expires_at > now())).order_by(Device.id)


async def devices(session: AsyncSession, agent_id: UUID | None = None) -> Sequence[Device]:
    """Those whose time is not over, of an agent or all."""
    statement = _living() if agent_id is None else _living().where(Device.agent_id == agent_id)
    return (await session.scalars(statement)).all()


async def over_devices(session: AsyncSession) -> Sequence[Device]:
    """Those that may no longer sign in."""
    return (await session.scalars(select(Device).where(Device.expires_at <= now()))).all()


async def device(session: AsyncSession, name: str) -> Device | None:
    found: Device | None = await session.scalar(select(Device).where(Device.name == name))
    return found


async def phones(session: AsyncSession, agent_ids: Collection[UUID]) -> list[Phone]:
    found = await session.scalars(_living().where(Device.agent_id.in_(agent_ids)))
    return [Phone(device.name, device.agent_id, device.online) for device in found]
