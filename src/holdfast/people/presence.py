"""Who is there. Online is what an agent chose *and* has a live console for; nothing rings where nobody is.

    chosen online, a live socket          -> online
    chosen online, the last socket gone   -> offline at once (what rings there rings elsewhere), absent after the grace
    chosen away                           -> away while a socket lives, else offline; absent at once

Every change locks the agent's presence row, so that two processes see each other's sockets; the order of locks is
process, presence, sockets everywhere. Free of the web framework.
"""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.keys import FIELDS, key_ring
from holdfast.access.viewer import StaffViewer
from holdfast.core.clock import now
from holdfast.core.database import happened, tell
from holdfast.core.due import clear_due, set_due
from holdfast.core.notify import LIVE, ROUTING
from holdfast.people import ports, queries
from holdfast.people.facts import AgentAbsent, AgentAvailable, AgentUnreachable
from holdfast.people.models import ConsoleSocket, Presence, Process
from holdfast.people.schemas import PresenceView

GRACE_KIND = "presence_grace"
# A process beats each 5 s; three beats missed and it is dead, whatever its sockets say.
BEAT_EVERY = timedelta(seconds=5)
DEAD_AFTER = timedelta(seconds=15)
# Seconds, as the setting; what the caller does not pass.
DEFAULT_GRACE = 20.0
# A deadline that finds the presence held by somebody else looks again after this time.
_LOOK_AGAIN = timedelta(seconds=1)

ONLINE, AWAY, OFFLINE = "online", "away", "offline"


class ProcessSweptError(RuntimeError):
    """This process did not beat for 15 s and was taken for dead by another."""


async def register_process(session: AsyncSession, kind: str) -> UUID:
    """A process of the application begins to beat; kind is web, worker or voice."""
    process = Process(kind=kind, keys=key_ring().newest(FIELDS), started_at=now(), beat_at=now())
    session.add(process)
    await session.flush()
    return process.id


async def beat(session: AsyncSession, process_id: UUID) -> bool:
    """Say that the process lives. False: it was taken for dead and swept; it must register again, and open its
    sockets anew."""
    beaten = await session.scalar(
        update(Process)
        .where(Process.id == process_id)
        .values(beat_at=now(), keys=key_ring().newest(FIELDS))
        .returning(Process.id)
    )
    return beaten is not None


async def leave_process(session: AsyncSession, process_id: UUID, grace: timedelta | float = DEFAULT_GRACE) -> None:
    """An orderly end of the process: its sockets go at once, not after the missed beats."""
    await _remove_processes(session, [process_id], grace)


async def sweep(session: AsyncSession, grace: timedelta | float = DEFAULT_GRACE) -> int:
    """Remove processes that have not beaten for 15 s, with their sockets; how many there were."""
    dead = [process.id for process in await queries.dead_processes(session, now() - DEAD_AFTER)]
    await _remove_processes(session, dead, grace)
    return len(dead)


async def _remove_processes(session: AsyncSession, process_ids: Collection[UUID], grace: timedelta | float) -> None:
    if not process_ids:
        return
    # Ordered: two sweepers that lock the same agents must not wait for each other.
    affected = sorted(await queries.agents_on(session, process_ids))
    for agent_id in affected:
        await _row(session, agent_id)
    await session.execute(delete(Process).where(Process.id.in_(process_ids)))
    for agent_id in affected:
        await _settle(session, agent_id, grace)


async def socket_opened(session: AsyncSession, agent_id: UUID, process_id: UUID) -> UUID:
    """A console of the agent is open on this process; the socket's id.

    Raises ProcessSweptError if the process was taken for dead: it must register again.
    """
    if not await queries.process_kept(session, process_id):
        raise ProcessSweptError(process_id)
    await _row(session, agent_id)
    socket = ConsoleSocket(agent_id=agent_id, process_id=process_id, opened_at=now())
    session.add(socket)
    await session.flush()
    await _settle(session, agent_id, DEFAULT_GRACE)
    return socket.id


async def socket_closed(session: AsyncSession, socket_id: UUID, grace: timedelta | float = DEFAULT_GRACE) -> None:
    """The console is closed or lost; harmless if it was swept already."""
    socket = await queries.socket(session, socket_id)
    if socket is None:
        return
    await _row(session, socket.agent_id)
    await session.execute(delete(ConsoleSocket).where(ConsoleSocket.id == socket_id))
    await _settle(session, socket.agent_id, grace)


async def choose(session: AsyncSession, viewer: StaffViewer, chosen: str) -> PresenceView:
    """The agent says whether they take work: ``online`` or ``away``. Away is absence at once.

    Raises ValueError for another word.
    """
    if chosen not in (ONLINE, AWAY):
        raise ValueError(f"presence is chosen as online or away, not {chosen!r}")
    row = await _row(session, viewer.id)
    if row.chosen != chosen:
        row.chosen = chosen
        record(session, viewer, "presence.chosen", ("agent", viewer.id), chosen=chosen)
        await _settle(session, viewer.id, DEFAULT_GRACE)
        # Told even if the state stays (offline): the choice is shown too.
        tell(session, LIVE, f"a:{viewer.id.hex}")
        if chosen == AWAY:
            await clear_due(session, GRACE_KIND, viewer.id)
            happened(session, AgentAbsent(viewer.id, "away"))
    await session.flush()
    return await state_of(session, viewer.id)


async def leave(session: AsyncSession, agent_id: UUID, why: str) -> None:
    """Gone at once and without grace, sockets and all (the account was deactivated)."""
    row = await _row(session, agent_id)
    await session.execute(delete(ConsoleSocket).where(ConsoleSocket.agent_id == agent_id))
    await clear_due(session, GRACE_KIND, agent_id)
    row.chosen = AWAY
    _become(session, row, OFFLINE)
    happened(session, AgentAbsent(agent_id, why))


async def grace_over(session: AsyncSession, agent_id: UUID) -> None:
    """The handler of the deadline ``presence_grace``: still not back, so the agent holds nothing any more."""
    row = await queries.presence_if_free(session, agent_id)
    if row is None:
        # Held by a console that just connects, perhaps, which then waits for this deadline's row to clear it: to wait
        # for the presence here would be a deadlock.
        if await queries.presence(session, agent_id) is not None:
            await set_due(session, GRACE_KIND, agent_id, now() + _LOOK_AGAIN)
        return
    await _settle(session, agent_id, DEFAULT_GRACE)
    if row.state == OFFLINE:
        happened(session, AgentAbsent(agent_id, "unreachable"))
        tell(session, ROUTING, "presence")


async def state_of(session: AsyncSession, agent_id: UUID) -> PresenceView:
    """The agent's presence as it stands, with their load (offline and away if there never was any)."""
    found = await queries.presence(session, agent_id)
    agent = await queries.agent_by_id(session, agent_id)
    return PresenceView(
        state=found.state if found else OFFLINE,
        chosen=found.chosen if found else AWAY,
        since=found.since if found else now(),
        load=await ports.desk().load(session, agent_id),
        capacity=dict(agent.capacity) if agent else {},
    )


def _length(grace: timedelta | float) -> timedelta:
    """A grace in seconds (as the setting has it), or as a duration."""
    return grace if isinstance(grace, timedelta) else timedelta(seconds=grace)


async def _row(session: AsyncSession, agent_id: UUID) -> Presence:
    """The presence row, made if there is none, locked until the commit."""
    await session.execute(
        insert(Presence)
        .values(agent_id=agent_id, chosen=AWAY, state=OFFLINE, since=now(), idle_since=now())
        .on_conflict_do_nothing()
    )
    row = await queries.presence(session, agent_id, lock=True)
    if row is None:
        raise RuntimeError(f"the presence of {agent_id} vanished")
    return row


async def _settle(session: AsyncSession, agent_id: UUID, grace: timedelta | float) -> None:
    """Make the state true again, and state the facts that follow from the change."""
    row = await _row(session, agent_id)
    await session.flush()
    reachable = await queries.live_sockets(session, agent_id, now() - DEAD_AFTER) > 0
    state = (ONLINE if row.chosen == ONLINE else AWAY) if reachable else OFFLINE
    before = row.state
    if state == before:
        return
    _become(session, row, state)
    if state == OFFLINE:
        # An agent who is away may hold work they took by hand: they too get the grace, and no more.
        await set_due(session, GRACE_KIND, agent_id, now() + _length(grace))
        if before == ONLINE:
            happened(session, AgentUnreachable(agent_id))
        return
    await clear_due(session, GRACE_KIND, agent_id)
    if state == ONLINE:
        row.idle_since = now()
        happened(session, AgentAvailable(agent_id))


def _become(session: AsyncSession, row: Presence, state: str) -> None:
    if row.state != state:
        row.state = state
        row.since = now()
    tell(session, LIVE, f"a:{row.agent_id.hex}")
    tell(session, ROUTING, "presence")
