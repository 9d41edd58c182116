"""A supervisor in a call: listening (hears both), whispering (the agent hears them), barging in (all hear them)."""

from holdfast.channels.voice.ari_shapes import StasisStart
from holdfast.channels.voice.conducting import Conductor
from holdfast.channels.voice.models import CallLeg


async def attend(c: Conductor, leg: CallLeg) -> None:
    """Their phone was answered: let them hear, as they asked for."""
    mode = c.call.place.get("supervision", {}).get(str(leg.agent_id), "listen")
    agent = next((one for one in c.of_role("agent", state="up")), None)
    if agent is None:
        await c.drop(leg.channel)
        return
    if mode == "barge":
        await c.ari.add(c.call.bridge, leg.channel)
        return
    with c.ari.expect(StasisStart, lambda event: event.args[:1] == ("snoop",)) as begun:
        snoop = await c.ari.snoop(
            agent.channel, "snoop", str(c.call.id), spy="both", whisper="out" if mode == "whisper" else "none"
        )
        await begun
    ear = await c.ari.create_bridge(name=f"ear-{leg.id}")
    await c.ari.add(ear.id, snoop.id, leg.channel)
