"""A lead in a call, at the real engine: who hears whom is measured, since each phone speaks a tone of its own and the
caller sends back what they hear."""

from uuid import UUID

import pytest
from sqlalchemy import select

from holdfast.access.models import AuditEntry
from holdfast.access.viewer import Role, StaffViewer
from holdfast.channels.voice import commands, queries
from holdfast.channels.voice.ari_shapes import RecordingFinished, StasisStart
from holdfast.channels.voice.prompts.sound import Samples, samples_of
from holdfast.core.ids import new_id
from tests.support import baresip, phones
from tests.support.hotline import DIRECT, Hotline
from tests.support.phones import Exchange
from tests.support.waiting import eventually_so

pytestmark = pytest.mark.engine

# What the agents and the lead say, in Hz.
AGENT, COLLEAGUE, LEAD = 440.0, 700.0, 1000.0
# Of what somebody hears: in a mix of three voices each has a third.
AUDIBLE, INAUDIBLE = 0.15, 0.01


async def customer_hears(desk: Hotline, channel: str) -> Samples:
    """Two seconds of it: sipp sends it back."""
    ari, name = desk.voice.ari, f"heard-{new_id()}"
    with ari.expect(StasisStart, lambda event: event.args == ("hear", name)) as begun:
        ear = await ari.snoop(channel, "hear", name, spy="in")
        await begun
    with ari.expect(RecordingFinished, lambda event: event.recording.name == name) as done:
        await ari.record(f"channel:{ear.id}", name, longest=2)
        await done
    await ari.hang_up(ear.id)
    file = desk.exchange.engine.layout.recordings / f"{name}.wav"
    samples, _ = samples_of(file.read_bytes())
    file.unlink()
    return samples


async def hears(desk: Hotline, phone: str, frequency: float) -> None:
    async def audible() -> bool:
        return baresip.share(baresip.heard(desk.folder / phone), frequency) > AUDIBLE

    await eventually_so(audible, 15, f"{phone} hears {frequency} Hz")


async def test_whispers_are_for_the_agent_and_barging_is_for_all(desk: Hotline, exchange: Exchange) -> None:
    ann, ben = await desk.agent("Ann"), await desk.agent("Ben")
    lead = await desk.agent("Lea", Role.LEAD, skills=())

    async def supervise(mode: str) -> None:
        async with desk.desk.database.transaction() as session:
            await commands.supervise(session, lead, call.id, mode)

    async def do(viewer: StaffViewer, verb: str, **detail: object) -> None:
        async with desk.desk.database.transaction() as session:
            await commands.command(session, viewer, call.id, verb, **detail)

    async with (
        desk.phone(ann, "ann-desk", AGENT),
        desk.phone(ben, "ben-desk", COLLEAGUE),
        desk.phone(lead, "lea-desk", LEAD),
        phones.caller(exchange.engine.reach, DIRECT, "until-bye", caller="+15550030") as caller,
    ):
        await desk.at("waiting")
        await desk.offer_to(ann, ben)
        call = (await desk.calls())[0]
        async with desk.desk.database.transaction() as session:
            await commands.answer(session, ann, call.id, "ann-desk")
        call = await desk.at("talking", 25)

        await supervise("listen")
        await hears(desk, "lea-desk", AGENT)
        assert baresip.share(baresip.heard(desk.folder / "ann-desk"), LEAD) < INAUDIBLE
        assert baresip.share(await customer_hears(desk, call.channel), LEAD) < INAUDIBLE

        await supervise("whisper")
        await hears(desk, "ann-desk", LEAD)
        heard = await customer_hears(desk, call.channel)
        assert baresip.share(heard, LEAD) < INAUDIBLE
        assert baresip.share(heard, AGENT) > AUDIBLE, "the customer does hear the agent"
        await hears(desk, "ann-desk", LEAD)

        await do(ann, "consult", agent=str(ben.id))
        await eventually_so(lambda: asked(desk, call.id), 15, "the colleague is asked")
        await do(ann, "hand_over")
        await hears(desk, "ben-desk", LEAD)
        assert baresip.share(await customer_hears(desk, call.channel), LEAD) < INAUDIBLE

        await supervise("barge")

        async def customer_too() -> bool:
            return baresip.share(await customer_hears(desk, call.channel), LEAD) > AUDIBLE

        await eventually_so(customer_too, 15, "the customer hears the lead")
        await hears(desk, "ben-desk", LEAD)
        await hears(desk, "lea-desk", COLLEAGUE)

        await do(lead, "hang_up")
        await eventually_so(lambda: nobody_attends(desk), 10, "nothing of the lead is left in the engine")
        await do(ben, "hang_up")
        await desk.at("survey")
        await desk.voice.ari.hang_up(call.channel)
        assert await caller.result() == 0
    async with desk.desk.database.transaction() as session:
        written = await session.scalars(
            select(AuditEntry.action)
            .where(AuditEntry.actor_id == lead.id, AuditEntry.action.startswith("call."))
            .order_by(AuditEntry.id)
        )
        assert list(written) == ["call.listen", "call.whisper", "call.barge"]


async def asked(desk: Hotline, call_id: UUID) -> bool:
    async with desk.desk.database.transaction() as session:
        call = await queries.call(session, call_id)
        return call is not None and bool(call.place.get("consult"))


async def nobody_attends(desk: Hotline) -> bool:
    ari = desk.voice.ari
    ears = [bridge for bridge in await ari.bridges() if bridge.name.startswith("ear-")]
    snooping = [channel for channel in await ari.channels() if channel.name.startswith("Snoop/")]
    return not ears and not snooping
