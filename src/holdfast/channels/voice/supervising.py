"""A supervisor in a call: listening (hears both), whispering (the agent hears them), barging in (all hear them).

Who listens or whispers is in a bridge of their own with a channel that snoops on the agent's.
"""

from holdfast.channels.voice.ari import Listening
from holdfast.channels.voice.ari_shapes import StasisStart
from holdfast.channels.voice.conducting import Conductor
from holdfast.channels.voice.models import CallLeg


async def attend(c: Conductor, leg: CallLeg) -> None:
    """Let them hear, as they asked for; also when they ask for something else, or another agent has the call."""
    mode = c.call.place.get("supervision", {}).get(str(leg.agent_id), "listen")
    agent = next((one for one in c.of_role("agent", state="up")), None)
    await let_go(c, leg.channel)
    if agent is None:
        await c.drop(leg.channel)
        return
    if mode == "barge":
        await c.ari.add(c.call.bridge, leg.channel)
        return
    with c.ari.expect(StasisStart, lambda event: event.args == ("snoop", leg.channel)) as begun:
        whisper: Listening = "out" if mode == "whisper" else "none"
        snoop = await c.ari.snoop(agent.channel, "snoop", leg.channel, spy="both", whisper=whisper)
        await begun
    ear = await c.ari.create_bridge(name=_ear(leg.channel))
    await c.ari.add(ear.id, snoop.id, leg.channel)


async def let_go(c: Conductor, channel: str) -> None:
    """They hear nothing any more. Harmless for a channel that is nobody's who attends."""
    if not c.call.place.get("supervision"):
        return
    for bridge in await c.ari.bridges():
        if bridge.name == _ear(channel):
            for snoop in set(bridge.channels) - {channel}:
                await c.ari.hang_up(snoop)
            await c.ari.destroy_bridge(bridge.id)
        elif bridge.id == c.call.bridge and channel in bridge.channels:
            await c.ari.remove(bridge.id, channel)


def _ear(channel: str) -> str:
    return f"ear-{channel}"
