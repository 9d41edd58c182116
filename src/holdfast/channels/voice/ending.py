"""The ends of a call: the survey after the agent has left, a message, and a call-back instead of waiting."""

from holdfast.channels.voice import keeping, stages, voicemail, waits
from holdfast.channels.voice.ari_shapes import RecordingFailed, RecordingFinished
from holdfast.channels.voice.conducting import Conductor, Gone, here
from holdfast.channels.voice.models import SurveyAnswer
from holdfast.channels.voice.waiting import leave_music
from holdfast.channels.voice.waits import Prompt
from holdfast.core.clock import now

# Seconds of a message, and of the silence that ends it.
LONGEST, SILENCE = 180, 5
_TRIES = 2
_PATIENCE = 8.0


async def survey(c: Conductor) -> str:
    """Asked by us, when the agent is no longer there: they can neither skip nor hear it."""
    score = None
    async with c.change() as (_, call):
        call.survey_at = now()
    for _ in range(_TRIES):
        key = await c.say(Prompt("survey"), patience=_PATIENCE)
        score = waits.SURVEY.get(key or "")
        if score is not None:
            break
    if score is not None:
        async with c.change() as (session, call):
            session.add(
                SurveyAnswer(call_id=call.id, conversation_id=call.conversation_id, agent_id=call.agent_id, score=score)
            )
            await keeping.note(session, call, "call_survey", score=score)
    await c.say(Prompt("goodbye"), keys=False)
    return await _over(c, "answered")


async def callback(c: Conductor) -> str:
    """They keep their place. Nobody is called back whose number is withheld: they may leave a message."""
    if not c.call.number:
        return stages.MESSAGE
    await leave_music(c)
    async with c.change() as (session, call):
        await keeping.enter(session, call, queue=call.place.get("queue", ""), topic=call.place.get("topic", ""))
        await keeping.ask_back(session, call, "asked")
        call.outcome = "callback"
    await c.say(Prompt("callback-noted"), Prompt("goodbye"), keys=False)
    return await _over(c, "callback")


async def message(c: Conductor) -> str:
    """What they say becomes an entry of their conversation, also when they simply hang up."""
    await leave_music(c)
    await c.say(Prompt("leave-message"))
    name = f"message-{c.call.id}"
    try:
        with here():
            await c.ari.record(
                f"channel:{c.call.channel}", name, longest=LONGEST, silence=SILENCE, beep=True, ends_on="#"
            )
        while True:
            found = await c.next()
            if isinstance(found, RecordingFinished | RecordingFailed) and found.recording.name == name:
                break
    except Gone:
        await voicemail.keep(c.desk, c.call, name)
        raise
    await voicemail.keep(c.desk, c.call, name)
    await c.say(Prompt("message-taken"), Prompt("goodbye"), keys=False)
    return await _over(c, "message")


async def _over(c: Conductor, outcome: str) -> str:
    async with c.change() as (session, call):
        await keeping.finish(session, call, outcome)
    return stages.OVER
