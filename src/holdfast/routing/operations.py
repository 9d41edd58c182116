"""Offers: made, taken, declined, rung out, withdrawn; and the watch over silent agents.

Order of locks: an agent's presence, then a conversation, then its offer. What handles several conversations in one
transaction (the router, deadlines, an agent's absence) never waits for a row: what is held by somebody else is left
to the next try. So there is no cycle.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.viewer import StaffViewer, SystemViewer
from holdfast.conversations import operations as conversations
from holdfast.conversations import queries as conversation_queries
from holdfast.conversations.errors import AlreadyAssigned, AlreadyResolved, NotResolved
from holdfast.conversations.models import Conversation
from holdfast.core.clock import now
from holdfast.core.database import tell
from holdfast.core.due import set_due
from holdfast.core.ids import new_id
from holdfast.core.notify import LIVE, ROUTING
from holdfast.people.models import Presence
from holdfast.routing import queries
from holdfast.routing.choice import Choice
from holdfast.routing.errors import OfferGone, SkillMissing
from holdfast.routing.models import Offer, WrapUp
from holdfast.training.operations import certified_skills

OFFER_KIND = "offer"
SILENCE_KIND = "silence"
# A deadline that finds its row held by somebody else looks again after this time.
_LOOK_AGAIN = timedelta(seconds=1)


def wake_router(session: AsyncSession, word: str) -> None:
    """With the commit, have every router look again."""
    tell(session, ROUTING, word)


def call(session: AsyncSession, agent_id: UUID) -> None:
    """The agent's offers or load changed: their consoles are told with the commit."""
    tell(session, LIVE, f"a:{agent_id.hex}")


async def make_offer(session: AsyncSession, choice: Choice, seconds: int) -> Offer:
    """Let the conversation ring at the agent for ``seconds``."""
    offer = Offer(
        conversation_id=choice.conversation_id,
        agent_id=choice.agent_id,
        offered_at=now(),
        expires_at=now() + timedelta(seconds=seconds),
        why=[{"id": reason.id, "params": reason.params} for reason in choice.why],
    )
    session.add(offer)
    await session.flush()
    await set_due(session, OFFER_KIND, offer.id, offer.expires_at)
    call(session, offer.agent_id)
    return offer


async def _end(session: AsyncSession, offers: Iterable[Offer], outcome: str, why: str | None = None) -> None:
    """End locked offers; the reason of a withdrawal is kept with those of the choice. The deadline stays, and finds
    nothing to do: to delete it would wait for the claimer, which may hold it just now."""
    for offer in offers:
        offer.outcome, offer.decided_at = outcome, now()
        if why is not None:
            offer.why = [*offer.why, {"id": "withdrawn", "params": {"why": why}}]
        call(session, offer.agent_id)
        wake_router(session, "offers")
    await session.flush()


async def withdraw(session: AsyncSession, why: str, *conditions: ColumnElement[bool], wait: bool = True) -> int:
    """Withdraw the ringing offers that meet the conditions; how many there were."""
    offers = await queries.offers_to_end(session, *conditions, wait=wait)
    await _end(session, offers, "withdrawn", why)
    return len(offers)


async def withdraw_for_agent(session: AsyncSession, agent_id: UUID, why: str) -> int:
    """Nothing rings at the agent any more. An offer that is being decided at this moment ends anyway."""
    return await withdraw(session, why, Offer.agent_id == agent_id, wait=False)


async def accept(session: AsyncSession, viewer: StaffViewer, offer_id: UUID) -> Conversation:
    """The agent takes what rings at them. Raises OfferGone, SkillMissing, AlreadyAssigned, AlreadyResolved."""
    await queries.lock_presence(session, viewer.id)
    known = await queries.offer(session, offer_id)
    if known is None or known.agent_id != viewer.id:
        raise OfferGone
    conversation = await conversation_queries.locked(session, SystemViewer("offer"), known.conversation_id)
    offer = await queries.locked_offer(session, offer_id)
    if offer is None or offer.outcome is not None or offer.expires_at <= now():
        raise OfferGone
    await must_be_certified(session, viewer.id, conversation.id)
    await _end(session, [offer], "accepted")
    return await conversations.assign(session, viewer, conversation.id, viewer.id, how="offer")


async def decline(session: AsyncSession, viewer: StaffViewer, offer_id: UUID) -> None:
    """The agent does not take it; it rings at the next. Raises OfferGone."""
    offer = await queries.locked_offer(session, offer_id)
    if offer is None or offer.agent_id != viewer.id or offer.outcome is not None:
        raise OfferGone
    await _end(session, [offer], "declined")


async def expire(session: AsyncSession, offer_id: UUID) -> None:
    """The handler of the deadline ``offer``: it has rung out."""
    offer = await queries.locked_offer(session, offer_id, wait=False)
    if offer is None:
        if await queries.offer(session, offer_id) is not None:
            # Held by the one who decides it now; if they fail it is still to be ended.
            await set_due(session, OFFER_KIND, offer_id, now() + _LOOK_AGAIN)
    elif offer.outcome is None:
        if offer.expires_at > now():
            await set_due(session, OFFER_KIND, offer_id, offer.expires_at)
        else:
            await _end(session, [offer], "expired")


async def take(session: AsyncSession, viewer: StaffViewer, conversation_id: UUID) -> Conversation:
    """The agent takes a conversation that nobody has, without being asked.

    Raises ConversationNotFound, AlreadyAssigned, AlreadyResolved, SkillMissing.
    """
    await queries.lock_presence(session, viewer.id)
    conversation = await conversation_queries.locked(session, viewer, conversation_id)
    if conversation.category == "resolved":
        raise AlreadyResolved
    if conversation.assignee_id is not None:
        raise AlreadyAssigned
    await must_be_certified(session, viewer.id, conversation_id)
    record(session, viewer, "conversation.taken", ("conversation", conversation_id))
    return await conversations.assign(session, viewer, conversation_id, viewer.id, how="taken")


async def reopen(session: AsyncSession, viewer: StaffViewer, conversation_id: UUID) -> Conversation:
    """The agent opens a resolved conversation again and has it, if they may have it now.

    Raises ConversationNotFound, NotResolved, SkillMissing.
    """
    await queries.lock_presence(session, viewer.id)
    conversation = await conversation_queries.locked(session, viewer, conversation_id)
    if conversation.category != "resolved":
        raise NotResolved
    await must_be_certified(session, viewer.id, conversation_id)
    record(session, viewer, "conversation.reopened", ("conversation", conversation_id))
    return await conversations.reopen(session, viewer, conversation_id)


async def must_be_certified(session: AsyncSession, agent_id: UUID, conversation_id: UUID) -> None:
    """Asked again at the moment of taking: a certificate may have ended since the offer was made.

    Raises SkillMissing.
    """
    needed = (await queries.waiting(session, [conversation_id]))[conversation_id].skills
    held = (await certified_skills(session, [agent_id], now()))[agent_id]
    for skill in sorted(needed - held):
        raise SkillMissing(skill=skill)


# --- assignments ---


async def end_assignment(session: AsyncSession, conversation_id: UUID, why: str) -> None:
    """Whoever has it by our books has it no longer."""
    for assignment in await queries.open_assignments(session, conversation_id):
        assignment.until_at, assignment.ended = now(), why
        call(session, assignment.agent_id)
    await session.flush()


async def no_longer_idle(session: AsyncSession, agent_id: UUID) -> None:
    """The agent was given or finished work. A presence that is changing at this moment is left alone: who comes back
    starts idle anew, and to wait for it here would be the wrong order of locks."""
    free = queries.presence_if_free(agent_id)
    await session.execute(update(Presence).where(Presence.agent_id.in_(free)).values(idle_since=now()))


async def begin_wrap_up(session: AsyncSession, agent_id: UUID, ref: UUID, channel: str, until: datetime) -> WrapUp:
    """The agent has just given ``ref`` away: nothing rings at them that would not beside one of ``channel``."""
    await session.execute(delete(WrapUp).where(WrapUp.agent_id == agent_id, WrapUp.ref == ref))
    row = WrapUp(id=new_id(), agent_id=agent_id, ref=ref, channel=channel, until=until)
    session.add(row)
    await session.flush()
    return row


async def end_wrap_up(session: AsyncSession, *which: ColumnElement[bool]) -> UUID | None:
    """The agent has room again: whose it was, if it had not ended before."""
    agent_id: UUID | None = await session.scalar(delete(WrapUp).where(*which).returning(WrapUp.agent_id))
    if agent_id is not None:
        await no_longer_idle(session, agent_id)
        call(session, agent_id)
        wake_router(session, "wrap_up")
    return agent_id


async def release_all(session: AsyncSession, agent_id: UUID) -> None:
    """The agent is absent: everything they have goes back to its queue. What somebody else holds at this moment (a
    message is being stored) is marked in the books, and released by the router right afterwards."""
    ids = await queries.assigned(session, agent_id)
    for conversation_id in set(ids) - await release_orphans(session, agent_id, ids):
        await end_assignment(session, conversation_id, queries.ABSENT)


async def release_orphans(session: AsyncSession, agent_id: UUID, ids: list[UUID]) -> set[UUID]:
    """Release those of the absent agent's conversations that nobody holds and that are still theirs."""
    free = await queries.lock_if_free(
        session, ids, Conversation.category != "resolved", Conversation.assignee_id == agent_id
    )
    for conversation_id in sorted(free):
        await conversations.release(session, SystemViewer("routing"), conversation_id, why=queries.ABSENT)
    return free


async def watch_silence(session: AsyncSession, conversation: Conversation) -> None:
    """From now on the agent has the queue's answer time for each answer. The deadline is not moved by messages: it
    looks when it comes, and moves itself."""
    await set_due(session, SILENCE_KIND, conversation.id, now() + timedelta(seconds=conversation.answer_seconds))


async def silence(session: AsyncSession, conversation_id: UUID) -> None:
    """The handler of the deadline ``silence``: whoever leaves the customer without an answer for the promised time
    loses the conversation, and counts as having declined it."""
    if not await queries.lock_if_free(session, [conversation_id]):
        if await queries.conversation_now(session, conversation_id) is not None:
            await set_due(session, SILENCE_KIND, conversation_id, now() + _LOOK_AGAIN)
        return
    conversation = await queries.conversation_now(session, conversation_id)
    if conversation is None or conversation.category == "resolved" or conversation.assignee_id is None:
        return
    patience = timedelta(seconds=conversation.answer_seconds)
    if conversation.waiting_since is None:
        await set_due(session, SILENCE_KIND, conversation_id, now() + patience)
        return
    had_since = [a.from_at for a in await queries.open_assignments(session, conversation_id)]
    # A customer who waited long in the queue is not the fault of the agent who took them a moment ago.
    end = max([conversation.waiting_since, *had_since]) + patience
    if now() < end:
        await set_due(session, SILENCE_KIND, conversation_id, end)
    else:
        await conversations.release(session, SystemViewer("routing"), conversation_id, why="silent")
