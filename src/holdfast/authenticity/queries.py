"""Every SELECT of the folder. The register is public; reports of impostors are for those who follow them up."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, false, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.models import AuditEntry
from holdfast.access.viewer import CustomerViewer, Role, StaffViewer, SystemViewer, Viewer
from holdfast.authenticity.errors import ChannelUnknown, ImpostorsRefused, ImpostorUnknown
from holdfast.authenticity.lookalikes import Official
from holdfast.authenticity.models import (
    ImpostorCase,
    ImpostorReport,
    ImpostorStep,
    OfficialChannel,
    PersonalCode,
    SigningKey,
)
from holdfast.conversations.models import Attachment, Conversation, Message
from holdfast.people.models import Customer

# Who follows reports up, who sees them, who counts what was stopped.
FOLLOW_UP = (Role.LEAD, Role.EMERGENCY_AGENT)
SEE = (*FOLLOW_UP, Role.AUDITOR)
# What the checker answers as a known fake.
FAKE = ("confirmed", "reported", "taken_down")
BLOCKED = "outgoing.blocked"


async def channels(session: AsyncSession) -> list[OfficialChannel]:
    """The whole register: it is public."""
    return list(await session.scalars(select(OfficialChannel).order_by(OfficialChannel.kind, OfficialChannel.key)))


async def register(session: AsyncSession) -> list[Official]:
    """The register as it is compared."""
    return [Official(c.kind, c.key, c.shown, c.note, c.since, c.until) for c in await channels(session)]


async def channel_by_key(session: AsyncSession, kind: str, key: str) -> OfficialChannel | None:
    found = select(OfficialChannel).where(OfficialChannel.kind == kind, OfficialChannel.key == key)
    channel: OfficialChannel | None = await session.scalar(found)
    return channel


async def signing_secret(session: AsyncSession, purpose: str) -> str | None:
    """In hex; None until it is made."""
    secret: str | None = await session.scalar(select(SigningKey.secret).where(SigningKey.purpose == purpose))
    return secret


async def channel(session: AsyncSession, viewer: StaffViewer, channel_id: UUID) -> OfficialChannel:
    """To change it. Raises ChannelUnknown, also for who may not."""
    found = await session.get(OfficialChannel, channel_id) if viewer.holds(Role.ADMINISTRATOR) else None
    if found is None:
        raise ChannelUnknown
    return found


def _sees(viewer: Viewer) -> ColumnElement[bool]:
    match viewer:
        case SystemViewer():
            return true()
        case StaffViewer() if viewer.holds(*SEE):
            return true()
        case _:
            return false()


async def cases(
    session: AsyncSession, viewer: StaffViewer, state: str | None = None, limit: int = 200
) -> list[ImpostorCase]:
    """The latest changed first. Raises ImpostorsRefused."""
    if not viewer.holds(*SEE):
        raise ImpostorsRefused
    query = select(ImpostorCase).where(_sees(viewer)).order_by(ImpostorCase.changed_at.desc()).limit(limit)
    return list(await session.scalars(query.where(ImpostorCase.state == state) if state else query))


async def case(session: AsyncSession, viewer: StaffViewer, case_id: UUID, *, lock: bool = False) -> ImpostorCase:
    """Raises ImpostorUnknown, also for who may not see it."""
    query = select(ImpostorCase).where(ImpostorCase.id == case_id, _sees(viewer))
    found: ImpostorCase | None = await session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise ImpostorUnknown
    return found


async def reports(session: AsyncSession, case_id: UUID) -> list[ImpostorReport]:
    """Of a case that the viewer may see; the latest first."""
    found = (
        select(ImpostorReport).where(ImpostorReport.case_id == case_id).order_by(ImpostorReport.at.desc()).limit(200)
    )
    return list(await session.scalars(found))


async def steps(session: AsyncSession, case_id: UUID) -> list[ImpostorStep]:
    found = select(ImpostorStep).where(ImpostorStep.case_id == case_id).order_by(ImpostorStep.at)
    return list(await session.scalars(found))


async def evidence(session: AsyncSession, found: Sequence[ImpostorReport]) -> list[Attachment]:
    """The pictures of a case's reports."""
    ids = [attachment for report in found for attachment in report.attachments]
    return list(await session.scalars(select(Attachment).where(Attachment.id.in_(ids)).order_by(Attachment.id)))


async def known_fake(session: AsyncSession, indexes: Sequence[bytes]) -> bool:
    """Whether a confirmed impostor is among these targets: the public answer says no more than that."""
    among = exists().where(ImpostorCase.target_index.in_(indexes), ImpostorCase.state.in_(FAKE))
    return bool(await session.scalar(select(among)))


async def personal_code(session: AsyncSession, viewer: CustomerViewer | SystemViewer, customer_id: UUID) -> str | None:
    """A customer's words, for the customer and for what is sent to them; staff never asks (there is no such viewer)."""
    if isinstance(viewer, CustomerViewer) and viewer.id != customer_id:
        return None
    # Chosen as a visitor who then turned out to be this customer: it is theirs still.
    earlier = select(Customer.id).where(Customer.merged_into_id == customer_id)
    own = PersonalCode.customer_id == customer_id
    words: str | None = await session.scalar(
        select(PersonalCode.words)
        .where(or_(own, PersonalCode.customer_id.in_(earlier)))
        .order_by(own.desc(), PersonalCode.set_at.desc())
        .limit(1)
    )
    return words


async def sent(session: AsyncSession, reference: str, since: datetime) -> list[tuple[UUID, int, datetime]]:
    """``(conversation, number, time)`` of what we sent in this case since then, the latest first."""
    rows = await session.execute(
        select(Message.conversation_id, Message.seq, Message.created_at)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(
            Conversation.reference == reference,
            Message.author != "customer",
            Message.kind == "public",
            Message.created_at > since,
        )
        .order_by(Message.seq.desc())
        .limit(1_000)
    )
    return [(row[0], row[1], row[2]) for row in rows]


async def last_sent(session: AsyncSession, conversation_id: UUID, limit: int = 20) -> list[Message]:
    """What we said last in a conversation that the viewer may see."""
    found = select(Message).where(
        Message.conversation_id == conversation_id, Message.author != "customer", Message.kind == "public"
    )
    return list(await session.scalars(found.order_by(Message.seq.desc()).limit(limit)))


async def blocked(session: AsyncSession, viewer: StaffViewer, since: datetime) -> dict[str, int]:
    """How often the outgoing filter stopped a message since then, by kind; for leads and auditors."""
    if not viewer.holds(Role.LEAD, Role.AUDITOR):
        return {}
    kind = AuditEntry.detail["kind"].astext
    rows = await session.execute(
        select(kind, func.count()).where(AuditEntry.action == BLOCKED, AuditEntry.at > since).group_by(kind)
    )
    return {str(name): count for name, count in rows}
