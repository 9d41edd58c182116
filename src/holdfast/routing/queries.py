"""Every SELECT about offers, assignments, and what routing decides on."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.viewer import Role, SystemViewer
from holdfast.conversations import queries as conversations
from holdfast.conversations import visibility
from holdfast.conversations.models import Conversation, Message, Queue, Topic
from holdfast.core.clock import now
from holdfast.core.due import Due
from holdfast.people.models import Agent, AgentLanguage, Presence
from holdfast.people.presence import GRACE_KIND, OFFLINE
from holdfast.routing import ports
from holdfast.routing.choice import COOL_DOWN, Candidate, Waiting
from holdfast.routing.loads import RINGING, both, load_of, ringing_load
from holdfast.routing.models import Assignment, Offer
from holdfast.routing.schemas import OfferView
from holdfast.training.operations import EMERGENCY, certified_skills
from holdfast.training.rights import Reason

_ANSWERING = (Role.AGENT, Role.EMERGENCY_AGENT, Role.LEAD)
# Offers that the agent did not take, and ends of an assignment by which they gave it up.
_REFUSED = ("declined", "expired")
_GIVEN_UP = ("silent", "released", "transferred", "phone_silent")
# Seconds that a call rings at one agent, whatever its queue allows what is written.
_CALL_SECONDS = 20

# How an assignment ends when its agent is not there any more.
ABSENT = "agent_absent"


# --- offers ---


async def ringing_offers(session: AsyncSession, agent_id: UUID) -> list[OfferView]:
    """What rings at the agent now, for their console; the offer itself is the permission to see the row."""
    offers = (
        await session.scalars(
            select(Offer)
            .where(Offer.agent_id == agent_id, RINGING, Offer.expires_at > now())
            .order_by(Offer.offered_at, Offer.id)
        )
    ).all()
    if not offers:
        return []
    rows = await conversations.rows(session, SystemViewer("offers"), [o.conversation_id for o in offers])
    by_id = {row.id: row for row in rows}
    return [
        OfferView(o.id, by_id[o.conversation_id], o.offered_at, o.expires_at, reasons_of(o))
        for o in offers
        if o.conversation_id in by_id
    ]


def reasons_of(offer: Offer) -> list[Reason]:
    return [Reason(r["id"], r.get("params", {})) for r in offer.why]


async def outcomes(session: AsyncSession, offer_ids: Collection[UUID]) -> dict[UUID, str]:
    """Those of the offers that have ended, and how."""
    if not offer_ids:
        return {}
    found = await session.execute(
        select(Offer.id, Offer.outcome).where(Offer.id.in_(offer_ids), Offer.outcome.is_not(None))
    )
    return {offer_id: outcome for offer_id, outcome in found if outcome is not None}


async def offer(session: AsyncSession, offer_id: UUID) -> Offer | None:
    """Unlocked, as this session knows it."""
    return await session.get(Offer, offer_id)


def _fresh(statement: Select[Offer], *, wait: bool) -> Select[Offer]:
    return statement.with_for_update(key_share=True, skip_locked=not wait).execution_options(populate_existing=True)


async def locked_offer(session: AsyncSession, offer_id: UUID, *, wait: bool = True) -> Offer | None:
    """The offer, locked and read afresh; None also if another holds it and ``wait`` is false."""
    return await session.scalar(_fresh(select(Offer).where(Offer.id == offer_id), wait=wait))


async def offers_to_end(session: AsyncSession, *conditions: ColumnElement[bool], wait: bool = True) -> Sequence[Offer]:
    """Ringing offers that meet the conditions, locked, in the order of their ids."""
    statement = select(Offer).where(RINGING, *conditions).order_by(Offer.id)
    return (await session.scalars(_fresh(statement, wait=wait))).all()


async def ringing(session: AsyncSession) -> Sequence[Offer]:
    """Everything that rings, unlocked and read afresh."""
    statement = select(Offer).where(RINGING).order_by(Offer.id).execution_options(populate_existing=True)
    return (await session.scalars(statement)).all()


# --- assignments ---


async def open_assignments(session: AsyncSession, conversation_id: UUID) -> Sequence[Assignment]:
    """Who has it by our books (one, or none), locked."""
    return (
        await session.scalars(
            select(Assignment)
            .where(Assignment.conversation_id == conversation_id, Assignment.until_at.is_(None))
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    ).all()


async def how_assigned(session: AsyncSession, conversation_id: UUID) -> str:
    """How the present assignee came to it, as the timeline has it."""
    how: str | None = await session.scalar(
        select(Message.event["how"].astext)
        .where(
            Message.conversation_id == conversation_id,
            Message.kind == "system",
            Message.event["type"].astext == "assigned",
        )
        .order_by(Message.seq.desc())
        .limit(1)
    )
    return how or "taken"


async def assigned(session: AsyncSession, agent_id: UUID) -> list[UUID]:
    """The agent's unresolved conversations, in the order of their ids."""
    found = await session.scalars(
        select(Conversation.id)
        .where(Conversation.assignee_id == agent_id, Conversation.category != "resolved")
        .order_by(Conversation.id)
    )
    return list(found)


async def orphans(session: AsyncSession, before: datetime) -> dict[UUID, list[UUID]]:
    """Conversations of agents who are not there, by agent: whose assignment was ended by their absence while somebody
    else held the row; who were deactivated; who are offline and had it since ``before``, with no grace running (only
    a crash, or a transfer to somebody absent, leaves these)."""
    grace = select(Due.ref).where(Due.kind == GRACE_KIND)
    assignment = select(Assignment.id).where(
        Assignment.conversation_id == Conversation.id, Assignment.agent_id == Conversation.assignee_id
    )
    running = assignment.where(Assignment.until_at.is_(None))
    gone = or_(
        Agent.active.is_(False),
        and_(assignment.where(Assignment.ended == ABSENT).exists(), ~running.exists()),
        and_(
            or_(Presence.agent_id.is_(None), and_(Presence.state == OFFLINE, Presence.since < before)),
            Agent.id.not_in(grace),
            ~running.where(Assignment.from_at >= before).exists(),
        ),
    )
    result: dict[UUID, list[UUID]] = defaultdict(list)
    for agent_id, conversation_id in await session.execute(
        select(Agent.id, Conversation.id)
        .select_from(Conversation)
        .join(Agent, Agent.id == Conversation.assignee_id)
        .outerjoin(Presence, Presence.agent_id == Agent.id)
        .where(Conversation.category != "resolved", gone)
        .order_by(Conversation.id)
    ):
        result[agent_id].append(conversation_id)
    return result


# --- rows that are locked ---


async def lock_presence(session: AsyncSession, agent_id: UUID) -> None:
    """Hold the agent's presence as it is: they cannot become absent while they accept."""
    await session.execute(
        select(Presence.agent_id).where(Presence.agent_id == agent_id).with_for_update(key_share=True)
    )


def presence_if_free(agent_id: UUID) -> Select[UUID]:
    """The agent's presence, if no other transaction holds it; for the WHERE of an update."""
    return (
        select(Presence.agent_id).where(Presence.agent_id == agent_id).with_for_update(key_share=True, skip_locked=True)
    )


async def lock_if_free(session: AsyncSession, ids: Collection[UUID], *conditions: ColumnElement[bool]) -> set[UUID]:
    """Lock those of the conversations that nobody else holds now and that meet the conditions."""
    if not ids:
        return set()
    found = await session.scalars(
        select(Conversation.id)
        .where(Conversation.id.in_(ids), *conditions)
        .with_for_update(key_share=True, skip_locked=True)
    )
    return set(found)


async def still_queued(session: AsyncSession, ids: Collection[UUID]) -> set[UUID]:
    """Those of the conversations that wait for an agent."""
    return set(await session.scalars(select(Conversation.id).where(Conversation.id.in_(ids), visibility.queued())))


async def conversation_now(session: AsyncSession, conversation_id: UUID) -> Conversation | None:
    """The row as it is committed (or locked by us), not as this session remembers it."""
    return await session.get(Conversation, conversation_id, populate_existing=True)


# --- what is decided on ---


@dataclass(frozen=True, slots=True)
class Queued:
    """A conversation for ``choose``, and how many seconds it rings at one agent."""

    waiting: Waiting
    offer_seconds: int


async def queued(session: AsyncSession) -> list[Queued]:
    """Every conversation that waits for an agent and does not ring."""
    rings = select(Offer.id).where(Offer.conversation_id == Conversation.id, RINGING).exists()
    return await _queued(session, visibility.queued(), ~rings)


async def waiting(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Waiting]:
    """The conversations as routing sees them, whether they wait or not."""
    return {q.waiting.id: q.waiting for q in await _queued(session, Conversation.id.in_(ids))} if ids else {}


async def _queued(session: AsyncSession, *conditions: ColumnElement[bool]) -> list[Queued]:
    found = (
        await session.execute(
            select(
                Conversation.id,
                Conversation.language,
                Conversation.waiting_since,
                Conversation.last_at,
                Conversation.channel,
                Conversation.emergency,
                Conversation.next_due,
                Conversation.priority,
                Conversation.preferred_agent_id,
                Queue.skill,
                Queue.emergency.label("emergency_queue"),
                Queue.offer_seconds,
                Topic.skill.label("topic_skill"),
            )
            .join(Queue, Queue.id == Conversation.queue_id)
            .outerjoin(Topic, Topic.id == Conversation.topic_id)
            .where(*conditions)
        )
    ).all()
    if not found:
        return []
    declined = await _declined(session, select(Conversation.id).where(*conditions))
    result = []
    for row in found:
        emergency = row.emergency or row.emergency_queue
        skills = {row.skill, row.topic_skill, EMERGENCY if emergency else None} - {None}
        one = Waiting(
            id=row.id,
            language=row.language,
            since=row.waiting_since or row.last_at,
            channel=row.channel,
            emergency=emergency,
            due=row.next_due,
            priority=row.priority,
            skills=frozenset(skills),
            preferred=row.preferred_agent_id,
            declined=declined.get(row.id, {}),
        )
        seconds = min(row.offer_seconds, _CALL_SECONDS) if row.channel == "voice" else row.offer_seconds
        result.append(Queued(one, seconds))
    return result


async def _declined(session: AsyncSession, ids: Select[UUID]) -> dict[UUID, dict[UUID, datetime]]:
    """When each agent lately declined each conversation, let it ring out, or gave it up."""
    since = now() - COOL_DOWN
    result: dict[UUID, dict[UUID, datetime]] = defaultdict(dict)
    refused = select(Offer.conversation_id, Offer.agent_id, Offer.decided_at).where(
        Offer.conversation_id.in_(ids), Offer.outcome.in_(_REFUSED), Offer.decided_at > since
    )
    given_up = select(Assignment.conversation_id, Assignment.agent_id, Assignment.until_at).where(
        Assignment.conversation_id.in_(ids), Assignment.ended.in_(_GIVEN_UP), Assignment.until_at > since
    )
    for conversation_id, agent_id, at in await session.execute(refused.union_all(given_up)):
        if at is not None:
            result[conversation_id][agent_id] = max(result[conversation_id].get(agent_id, at), at)
    return result


async def candidates(
    session: AsyncSession,
    *,
    online_only: bool = False,
    only: Collection[UUID] | None = None,
    but: UUID | None = None,
) -> list[Candidate]:
    """Those who answer (or ``only`` these of them), with what they have and what rings at them, the conversation
    ``but`` not counted. Who is asked just now counts as not idle, although nothing was given to them yet."""
    state = func.coalesce(Presence.state, OFFLINE)
    rung = select(func.max(Offer.offered_at)).where(Offer.agent_id == Agent.id, RINGING).scalar_subquery()
    statement = (
        select(Agent.id, Agent.capacity, state, func.greatest(Presence.idle_since, rung), Agent.created_at)
        .outerjoin(Presence, Presence.agent_id == Agent.id)
        .where(Agent.active, Agent.roles.overlap([role.value for role in _ANSWERING]))
    )
    if online_only:
        statement = statement.where(Presence.state == "online")
    if only is not None:
        statement = statement.where(Agent.id.in_(only))
    found = (await session.execute(statement)).all()
    if not (ids := [row[0] for row in found]):
        return []
    skills = await certified_skills(session, ids, now())
    languages: dict[UUID, dict[str, str]] = defaultdict(dict)
    for agent_id, language, how in await session.execute(
        select(AgentLanguage.agent_id, AgentLanguage.language, AgentLanguage.level).where(
            AgentLanguage.agent_id.in_(ids)
        )
    ):
        languages[agent_id][language] = how
    held, rings = await load_of(session, ids), await ringing_load(session, ids, but)
    out_of_reach = await ports.reach().out_of_reach(session, ids)
    return [
        Candidate(
            id=agent_id,
            idle_since=idle_since or created_at,
            state=state_,
            skills=skills[agent_id],
            languages=languages[agent_id],
            load=both(held.get(agent_id, {}), rings.get(agent_id, {})),
            capacity=capacity,
            out_of_reach=out_of_reach.get(agent_id, frozenset()),
        )
        for agent_id, capacity, state_, idle_since, created_at in found
    ]


# --- why ---


async def history(session: AsyncSession, conversation_id: UUID) -> tuple[Sequence[Offer], Sequence[Assignment]]:
    """Every offer and every assignment of a conversation, oldest first."""
    offers = await session.scalars(
        select(Offer).where(Offer.conversation_id == conversation_id).order_by(Offer.offered_at, Offer.id)
    )
    assignments = await session.scalars(
        select(Assignment)
        .where(Assignment.conversation_id == conversation_id)
        .order_by(Assignment.from_at, Assignment.id)
    )
    return offers.all(), assignments.all()


async def names(session: AsyncSession, agent_ids: Collection[UUID]) -> dict[UUID, str]:
    found = await session.execute(select(Agent.id, Agent.name).where(Agent.id.in_(agent_ids)))
    return {row.id: row.name for row in found}
