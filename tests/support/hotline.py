"""A hotline that works: a desk with its router, and a voice process at a real engine, in this process."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import UUID

import msgspec
from sqlalchemy import select, update

from holdfast.access.viewer import Role, StaffViewer
from holdfast.app.desk import Phones
from holdfast.app.voice import switchboard
from holdfast.app.worker import DEADLINES
from holdfast.channels.voice import commands, queries
from holdfast.channels.voice.channel import VOICE
from holdfast.channels.voice.conducting import Desk as VoiceDesk
from holdfast.channels.voice.errors import EngineUnreachable
from holdfast.channels.voice.menus import Queue, Tree
from holdfast.channels.voice.models import Call, Device, Line, Menu
from holdfast.channels.voice.switchboard import Switchboard
from holdfast.conversations.models import Conversation, Message
from holdfast.core import clock
from holdfast.core.database import tell
from holdfast.core.due import Claimer
from holdfast.core.notify import DUE, LIVE, ROUTING, Listener
from holdfast.core.settings import Settings
from holdfast.people.models import Agent
from holdfast.routing import ports as routing
from holdfast.routing.models import Offer
from tests.routing.support import Desk
from tests.routing.support import desk as make_desk
from tests.support import baresip
from tests.support.phones import Exchange
from tests.support.waiting import eventually_so

HOTLINE, EMERGENCY = "+18005550100", "+18005550199"
# Leads into the queue without a question: whoever echoes sound is heard to press a key twice at times, and the second
# one would be an answer to what is asked next.
DIRECT = "+18005550155"
DIRECT_MENU = msgspec.to_builtins(Tree("person", {"person": Queue()}))


@dataclass
class Hotline:
    desk: Desk
    exchange: Exchange
    board: Switchboard
    folder: Path
    application: str = "holdfast"
    settings: Settings = field(default_factory=Settings)
    working: "asyncio.Task[None] | None" = None

    @property
    def voice(self) -> VoiceDesk:
        return self.board.desk

    # What there is ---------------------------------------------------------------------------------------------------

    async def calls(self) -> list[Call]:
        async with self.desk.database.transaction() as session:
            return list(await session.scalars(select(Call).order_by(Call.id)))

    async def call(self) -> Call:
        """The only one."""
        (found,) = await self.calls()
        return found

    async def at(self, stage: str, seconds: float = 30, number: int = 0) -> Call:
        """Wait until a call, by its order, stands there."""

        async def there() -> bool:
            calls = await self.calls()
            return len(calls) > number and calls[number].stage == stage

        try:
            await eventually_so(there, seconds, f"the call is at {stage}")
        except AssertionError as error:
            raise AssertionError(f"{error}: {[(c.stage, c.outcome, c.place) for c in await self.calls()]}") from None
        return (await self.calls())[number]

    async def answered_by(self, agent: StaffViewer, phone: str) -> Call:
        """The caller who waits, once this phone of the agent's has answered."""
        await self.at("waiting")
        async with self.desk.database.transaction() as session:
            await commands.answer(session, agent, (await self.call()).id, phone)
        return await self.at("talking", 25)

    async def conversation(self, call: Call) -> Conversation:
        async with self.desk.database.transaction() as session:
            return await session.get_one(Conversation, call.conversation_id)

    async def timeline(self, call: Call) -> list[str]:
        """The types of the lines of its conversation, and "said" for what is none."""
        async with self.desk.database.transaction() as session:
            found = await session.scalars(
                select(Message).where(Message.conversation_id == call.conversation_id).order_by(Message.seq)
            )
            return [(entry.event or {}).get("type", "said") for entry in found]

    async def offers(self, agent: StaffViewer) -> list[UUID]:
        """What rings at the agent's console now."""
        async with self.desk.database.transaction() as session:
            return list(
                await session.scalars(select(Offer.id).where(Offer.agent_id == agent.id, Offer.outcome.is_(None)))
            )

    async def offer(self, agent: StaffViewer, seconds: float = 10) -> UUID:
        """Wait until something rings at the agent's console."""
        found: list[UUID] = []

        async def rings() -> bool:
            found[:] = await self.offers(agent)
            return bool(found)

        await eventually_so(rings, seconds, f"a call is offered to {agent.name}")
        return found[0]

    async def offer_to(self, *agents: StaffViewer) -> None:
        """Wait until something rings at one of them; whoever answers need not be the one."""

        async def rings() -> bool:
            async with self.desk.database.transaction() as session:
                ids = [agent.id for agent in agents]
                found = await session.scalar(select(Offer.id).where(Offer.agent_id.in_(ids), Offer.outcome.is_(None)))
                return found is not None

        await eventually_so(rings, 10, "a call is offered")

    async def talked(self, channel: str, packets: int = 75) -> None:
        """Wait until so many packets more have gone both ways: sound passes."""
        before = await self.voice.ari.rtp_statistics(channel)

        async def enough() -> bool:
            now = await self.voice.ari.rtp_statistics(channel)
            return min(now.txcount - before.txcount, now.rxcount - before.rxcount) >= packets

        await eventually_so(enough, 10, f"{packets} packets both ways")

    # Who is there ----------------------------------------------------------------------------------------------------

    async def agent(
        self,
        name: str,
        *roles: Role,
        skills: Sequence[str] = ("general",),
        languages: dict[str, str] | None = None,
    ) -> StaffViewer:
        agent = await self.desk.agent(name, *roles, skills=skills, languages=languages)
        async with self.desk.database.transaction() as session:
            await session.execute(update(Agent).where(Agent.id == agent.id).values(capacity={"voice": 1, "chat": 4}))
        return agent

    @asynccontextmanager
    async def phone(
        self, agent: StaffViewer, name: str, frequency: float = 440, *, answers: bool = True
    ) -> AsyncIterator[Path]:
        """A desk phone of the agent, which answers by itself (or only rings) and speaks a tone; gives its folder."""
        async with self.desk.database.transaction() as session:
            session.add(Device(agent_id=agent.id, name=name, kind="desk", password="a-password"))
            tell(session, VOICE, "devices")

        async def is_(field: str) -> bool:
            async with self.desk.database.transaction() as session:
                device = await queries.device(session, name)
                return device is not None and bool(getattr(device, field))

        await eventually_so(lambda: is_("ready"), 10, "the engine knows the phone")
        folder = self.folder / name
        folder.mkdir()
        reach = self.exchange.engine.reach
        async with baresip.desk_phone(reach, name, "a-password", folder, frequency, answers=answers):
            await eventually_so(lambda: is_("online"), 15, "the phone has signed in")
            yield folder

    # The process -----------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        self.working = asyncio.create_task(self._work())
        await asyncio.wait_for(self.voice.ari.connected.wait(), 10)

    async def _work(self) -> None:
        router, claimer = self.desk.router, Claimer(self.desk.database, DEADLINES)

        async def connected() -> None:
            self.board.look_again()

        channels = {
            VOICE: self.board.notice,
            LIVE: self.board.live,
            ROUTING: lambda _: router.wake(),
            DUE: lambda _: claimer.wake(),
        }
        async with asyncio.TaskGroup() as group:
            group.create_task(Listener(self.desk.dsn, channels, connected).run())
            group.create_task(router.run())
            group.create_task(claimer.run())
            group.create_task(self.board.run())

    async def stop(self) -> None:
        """As by SIGTERM: calls go on."""
        if self.working is not None:
            self.working.cancel()
            with suppress(asyncio.CancelledError):
                await self.working

    async def restart(self) -> None:
        """Killed, and back: nothing of it is left but what is kept."""
        await self.stop()
        self.board = board(self.desk, self.exchange, self.folder, self.application, self.settings)
        await self.start()


def board(
    desk: Desk, exchange: Exchange, folder: Path, application: str, settings: Settings | None = None
) -> Switchboard:
    settings = replace(settings or Settings(), data_dir=folder)
    return switchboard(settings, exchange.settings, exchange.engine.layout, desk.database, application)


@asynccontextmanager
async def another(first: Hotline, application: str) -> AsyncIterator[Hotline]:
    """A second voice process at the same desk."""
    made = replace(first, board=board(first.desk, first.exchange, first.folder, application), application=application)
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


@asynccontextmanager
async def hotline(
    dsn: str, exchange: Exchange, folder: Path, application: str = "holdfast", settings: Settings | None = None
) -> AsyncIterator[Hotline]:
    """With two lines for the public and one for emergencies, nobody at work yet."""
    async with make_desk(dsn) as desk:
        clock.set_source(None)
        routing.plug(Phones())
        async with desk.database.transaction() as session:
            session.add(Menu(key="direct", name="Direct", tree=DIRECT_MENU))
            for number, name in ((HOTLINE, "standard"), (DIRECT, "direct")):
                session.add(Line(number=number, name="Hotline", menu=name, inbox_id=desk.inbox.id, wrap_seconds=600))
            session.add(Line(number=EMERGENCY, name="Emergencies", kind="emergency", inbox_id=desk.inbox.id))
        given = settings or Settings()
        made = Hotline(desk, exchange, board(desk, exchange, folder, application, given), folder, application, given)
        await made.start()
        try:
            yield made
        finally:
            with suppress(EngineUnreachable):
                for channel in await made.voice.ari.channels():
                    await made.voice.ari.hang_up(channel.id)
            await made.stop()
            routing.plug(routing.EverywhereInReach())
