"""The router's loop: what waits is offered to whoever should be asked next.

One pass is one transaction under an advisory lock, so that one router at a time decides over all processes. All state
is in the tables: a router that is killed loses nothing, and the next pass of any process goes on.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.conversations import visibility
from holdfast.core.clock import now
from holdfast.core.database import Database, happened
from holdfast.core.looking import Looking
from holdfast.routing import operations, queries
from holdfast.routing.choice import choose, may_have
from holdfast.routing.facts import EmergencyUnheard
from holdfast.routing.models import Offer

# "Holdfast" and its router: one number for all processes of an installation.
LOCK = 0x486F6C64526F7574
# Seconds. A pass each 5 s finds what no notice told of (a certificate that ended, a pause after a refusal).
SAFETY_NET = 5.0
# What a pass found locked by somebody else is looked at again after this time.
_SOON = 0.1
# An absent agent's conversation is left alone this long after it was given to them or they went: the ordinary way
# (the grace of their presence) comes first.
_ORPHANED_AFTER = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Pass:
    """What one pass did. ``missed`` conversations were held by another transaction and must be looked at again."""

    offered: int
    ended: int
    released: int
    missed: int


class Router(Looking):
    """One per worker process."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database

    async def _look(self) -> float:
        done = await self.decide()
        return _SOON if done.missed else SAFETY_NET

    async def decide(self) -> Pass:
        """One pass: end what must not ring any more, release what nobody holds, offer what waits."""
        async with self._database.transaction() as session:
            # Waits for another process's pass. Its own statement: the next ones see what that pass committed.
            await session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            ended = await _end_wrong_offers(session)
            released, held = await _release_orphans(session)
            offered, missed = await _offer(session)
            return Pass(offered, ended, released, missed + held)


async def _end_wrong_offers(session: AsyncSession) -> int:
    """Offers that have rung out without their deadline, whose conversation no longer waits, or whose agent is not
    there, not certified, or does not have the language any more."""
    ringing = await queries.ringing(session)
    if not ringing:
        return 0
    overdue = [o.id for o in ringing if o.expires_at <= now()]
    ended = 0
    for offer_id in overdue:
        await operations.expire(session, offer_id)
        ended += 1
    waiting = await queries.waiting(session, [o.conversation_id for o in ringing])
    agents = {a.id: a for a in await queries.candidates(session, online_only=True, only={o.agent_id for o in ringing})}
    still_queued = await queries.still_queued(session, list(waiting))
    wrong: dict[str, list[UUID]] = defaultdict(list)
    for offer in ringing:
        agent = agents.get(offer.agent_id)
        if offer.conversation_id not in still_queued:
            wrong["not_waiting"].append(offer.id)
        elif agent is None:
            wrong["unreachable"].append(offer.id)
        elif (obstacle := next(may_have(waiting[offer.conversation_id], agent), None)) is not None:
            wrong[obstacle.id].append(offer.id)
    for why, ids in wrong.items():
        ended += await operations.withdraw(session, why, Offer.id.in_(ids), wait=False)
    return ended


async def _release_orphans(session: AsyncSession) -> tuple[int, int]:
    """How many were released, and how many were held by another transaction."""
    released = held = 0
    for agent_id, ids in (await queries.orphans(session, now() - _ORPHANED_AFTER)).items():
        free = await operations.release_orphans(session, agent_id, ids)
        released += len(free)
        held += len(ids) - len(free)
    return released, held


async def _offer(session: AsyncSession) -> tuple[int, int]:
    """Offer what waits; how many were offered, and how many were held by another transaction."""
    queued = {q.waiting.id: q for q in await queries.queued(session)}
    if not queued:
        return 0, 0
    agents = await queries.candidates(session, online_only=True)
    choices = choose([q.waiting for q in queued.values()], agents, now())
    emergencies = {q.waiting.id for q in queued.values() if q.waiting.emergency}
    for unheard in emergencies - {c.conversation_id for c in choices}:
        happened(session, EmergencyUnheard(unheard))
    free = await queries.lock_if_free(session, [c.conversation_id for c in choices], visibility.queued())
    for choice in choices:
        if choice.conversation_id in free:
            await operations.make_offer(session, choice, queued[choice.conversation_id].offer_seconds)
    return len(free), len(choices) - len(free)
