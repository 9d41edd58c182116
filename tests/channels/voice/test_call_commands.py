"""What agents and leads do with a call, at the real engine: hold, mute, ask a colleague, confer, hand over, attend,
record."""

import wave
from array import array
from collections.abc import Awaitable, Callable
from io import BytesIO
from uuid import UUID

import pytest
from sqlalchemy import select, update

from holdfast.access.models import AuditEntry
from holdfast.access.viewer import Role, StaffViewer
from holdfast.channels.voice import commands, presenting, queries, recording
from holdfast.channels.voice.errors import NotASupervisor
from holdfast.channels.voice.models import Call, CallLeg, Line, Recording
from holdfast.conversations import files, timeline
from holdfast.conversations.errors import ConversationNotFound
from holdfast.core.errors import HoldfastError
from holdfast.routing import explaining
from tests.support import phones
from tests.support.hotline import DIRECT, Hotline
from tests.support.phones import Exchange
from tests.support.waiting import eventually_so

pytestmark = pytest.mark.engine


class Talk:
    """A call in talk, and what is done with it."""

    def __init__(self, desk: Hotline, call: Call) -> None:
        self.desk, self.id, self.channel = desk, call.id, call.channel

    async def do(self, viewer: StaffViewer, verb: str, **detail: object) -> None:
        async with self.desk.desk.database.transaction() as session:
            await commands.command(session, viewer, self.id, verb, **detail)

    async def until(self, true: Callable[[Call, list[CallLeg]], bool], what: str) -> None:
        async def look() -> bool:
            async with self.desk.desk.database.transaction() as session:
                call = await queries.call(session, self.id)
                return call is not None and true(call, list(await queries.legs(session, self.id)))

        await eventually_so(look, 15, what)

    async def together(self) -> set[str]:
        """The channels that hear each other in the call's bridge."""
        bridge = self.desk.voice.by_call[self.id].call.bridge
        found = [set(each.channels) for each in await self.desk.voice.ari.bridges() if each.id == bridge]
        return found[0] if found else set()

    def leg(self, agent: StaffViewer) -> str:
        return next(leg.channel for leg in self.desk.voice.by_call[self.id].legs.values() if leg.agent_id == agent.id)


async def refused(done: Awaitable[None]) -> type[HoldfastError] | None:
    try:
        await done
    except HoldfastError as error:
        return type(error)
    return None


async def test_an_agents_hands(desk: Hotline, exchange: Exchange) -> None:
    ann, ben = await desk.agent("Ann"), await desk.agent("Ben")
    lead = await desk.agent("Lea", Role.LEAD, skills=())
    async with desk.desk.database.transaction() as session:
        await session.execute(update(Line).values(records=True))
    async with (
        desk.phone(ann, "ann-desk"),
        desk.phone(ben, "ben-desk"),
        desk.phone(lead, "lea-desk"),
        phones.caller(exchange.engine.reach, DIRECT, "until-bye", caller="+15550020") as caller,
    ):
        await desk.at("waiting")
        await desk.offer_to(ann, ben)
        call = (await desk.calls())[0]
        async with desk.desk.database.transaction() as session:
            await commands.answer(session, ann, call.id, "ann-desk")
        talk = Talk(desk, await desk.at("talking", 25))
        await desk.talked(talk.leg(ann))

        assert await refused(talk.do(ben, "hold", on=True)) is ConversationNotFound
        await talk.do(ann, "hold", on=True)
        await talk.until(lambda call, _: bool(call.place.get("held")), "the customer is on hold")
        assert talk.channel not in await talk.together()
        await talk.do(ann, "hold", on=False)
        await talk.until(lambda call, _: not call.place.get("held"), "the customer is back")
        assert talk.channel in await talk.together()

        await talk.do(ann, "mute", on=True)
        await talk.until(lambda _, legs: any(leg.muted for leg in legs), "the agent is mute")
        await talk.do(ann, "mute", on=False)

        await talk.do(ann, "record", on=False)
        assert await paused(desk) == "agent"
        await talk.do(ann, "record", on=True)

        await talk.do(ann, "consult", agent=str(ben.id))
        await talk.until(lambda call, _: bool(call.place.get("consult")), "the colleague is asked")
        assert await talk.together() == {talk.leg(ann), talk.leg(ben)}, "the customer does not hear it"
        await talk.do(ann, "conference")
        await talk.until(lambda call, _: not call.place.get("held"), "a conference")
        assert await talk.together() == {talk.channel, talk.leg(ann), talk.leg(ben)}
        await talk.do(ann, "hand_over")
        await talk.until(lambda call, legs: call.agent_id == ben.id and len(legs) == 2, "the colleague has it")
        assert await talk.together() == {talk.channel, talk.leg(ben)}
        assert (await desk.conversation(await desk.call())).assignee_id == ben.id
        async with desk.desk.database.transaction() as session:
            assert (await presenting.phone(session, ann)).state == "wrap_up", "who handed it over"
        await desk.talked(talk.leg(ben))

        await attended(desk, talk, lead, ann)
        async with desk.desk.database.transaction() as session:
            view = await presenting.phone(session, ben)
        assert (view.state, [leg.role for leg in view.calls[0].legs]) == ("talking", ["agent", "supervisor"])

        await talk.do(ben, "hang_up")
        await desk.at("survey")
        await desk.voice.ari.hang_up(talk.channel)
        assert await caller.result() == 0
        await desk.at("over")
    await recorded(desk, exchange, ben)


async def test_who_answers_and_hangs_up_at_once_ends_no_talk(desk: Hotline, exchange: Exchange) -> None:
    """Neither a colleague who is asked nor a lead: they are gone before they can be put into a bridge."""
    ann, ben = await desk.agent("Ann"), await desk.agent("Ben")
    lead = await desk.agent("Lea", Role.LEAD, skills=())
    async with (
        desk.phone(ann, "ann-desk"),
        phones.caller(exchange.engine.reach, DIRECT, "until-bye", caller="+15550022") as caller,
    ):
        await desk.at("waiting")
        await desk.desk.accept(ann, await desk.offer(ann))
        talk = Talk(desk, await desk.at("talking", 25))
        async with desk.phone(ben, "ben-desk"), desk.phone(lead, "lea-desk"):
            left = leave_at_once(desk, talk)
            await talk.do(ann, "consult", agent=str(ben.id))
            await talk.until(lambda _, legs: len(left) == 1 and len(legs) == 2, "the colleague was there and has left")
            await talk.do(ann, "end_consult")
            await talk.until(lambda call, _: not call.place.get("held"), "the customer is back")
            async with desk.desk.database.transaction() as session:
                await commands.supervise(session, lead, talk.id, "listen")
            await talk.until(lambda _, legs: len(left) == 2 and len(legs) == 2, "the lead was there and has left")
        await talk.do(ann, "mute", on=True)
        await talk.until(lambda _, legs: any(leg.muted for leg in legs), "the call is still conducted")
        assert await talk.together() == {talk.channel, talk.leg(ann)}
        assert (await desk.call()).stage == "talking"
        await desk.voice.ari.hang_up(talk.channel)
        assert await caller.result() == 0
    assert (await desk.at("over")).outcome == "answered"


def leave_at_once(desk: Hotline, talk: Talk) -> list[str]:
    """Whoever is dialled from now on hangs up as soon as they have answered: their channels."""
    conductor, left = desk.voice.by_call[talk.id], list[str]()
    up = conductor.leg_up

    async def leg_up(channel: str) -> CallLeg | None:
        await desk.voice.ari.hang_up(channel)

        async def gone() -> bool:
            return channel not in {each.id for each in await desk.voice.ari.channels()}

        await eventually_so(gone, 10, "they have hung up")
        found = await up(channel)
        left.append(channel)
        return found

    conductor.leg_up = leg_up  # type: ignore[method-assign]  # of this call only
    return left


async def paused(desk: Hotline) -> str:
    found: list[str] = []

    async def look() -> bool:
        async with desk.desk.database.transaction() as session:
            found[:] = list(await session.scalars(select(Recording.paused)))
        return bool(found and found[0])

    await eventually_so(look, 10, "the recording is paused")
    return found[0]


async def attended(desk: Hotline, talk: Talk, lead: StaffViewer, stranger: StaffViewer) -> None:
    """Listening leaves the talk as it is, barging in does not; both stand in the audit log."""

    async def supervise(viewer: StaffViewer, mode: str) -> None:
        async with desk.desk.database.transaction() as session:
            await commands.supervise(session, viewer, talk.id, mode)

    assert await refused(supervise(stranger, "listen")) is NotASupervisor
    await supervise(lead, "listen")

    async def listens() -> bool:
        bridges = await desk.voice.ari.bridges()
        return any(each.name.startswith("ear-") and len(each.channels) == 2 for each in bridges)

    await eventually_so(listens, 15, "the lead listens")
    assert len(await talk.together()) == 2
    async with desk.desk.database.transaction() as session:
        entry = await session.scalar(select(AuditEntry).where(AuditEntry.action == "call.listen"))
        assert entry is not None
        assert (entry.actor_id, entry.subject_kind) == (lead.id, "conversation")


async def recorded(desk: Hotline, exchange: Exchange, agent: StaffViewer) -> None:
    """Sealed on disk, not silent, the plain file gone, and played for a purpose only."""
    async with desk.desk.database.transaction() as session:
        (row,) = await session.scalars(select(Recording))
        assert row.seconds >= 2
        file = await timeline.attachment(session, row.attachment_id or UUID(int=0))
        assert file is not None
        assert file.state == recording.STATE
        content = files.content(desk.voice.files, file)
    with wave.open(BytesIO(content)) as sound:
        assert max(map(abs, array("h", sound.readframes(sound.getnframes())))) > 1000
    assert b"RIFF" not in next((desk.folder / "files").rglob(file.key)).read_bytes()
    assert list(exchange.engine.layout.recordings.iterdir()) == []
    types = await desk.timeline(await desk.call())
    assert types.count("call_recorded") >= 3


async def test_a_call_is_offered_only_where_a_phone_has_signed_in(desk: Hotline, exchange: Exchange) -> None:
    ann = await desk.agent("Ann")
    async with phones.caller(exchange.engine.reach, DIRECT, "until-bye", caller="+15550021"):
        call = await desk.at("waiting")
        assert call.conversation_id is not None
        async with desk.desk.database.transaction() as session:
            why = await explaining.why(session, ann, call.conversation_id)
        assert [(one.eligible, [r.id for r in one.reasons]) for one in why.now.candidates] == [
            (False, ["out_of_reach"])
        ]
        async with desk.phone(ann, "ann-desk"):
            await desk.offer(ann)
