"""The doctor's part for the phone: engine, modules, ports, voices, and a call that is really made."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

from holdfast.app.findings import Finding, fault, ok, warning
from holdfast.channels.voice import settings as voice
from holdfast.channels.voice.access import Access
from holdfast.channels.voice.ari import Ari
from holdfast.channels.voice.captions.transcription import OpenAITranscriber, TranscriptionFailed
from holdfast.channels.voice.engine import messages, running, smoke, trial
from holdfast.channels.voice.engine.configuration import MODULES
from holdfast.channels.voice.engine.errors import EngineError
from holdfast.channels.voice.engine.fetching import installed
from holdfast.channels.voice.engine.layout import Reach, layout_of, read_reach
from holdfast.channels.voice.prompts.sound import NARROW
from holdfast.channels.voice.prompts.voices import VOICES, NoVoice, speak
from holdfast.channels.voice.settings import VoiceSettings
from holdfast.core.errors import HoldfastError
from holdfast.core.outgoing import outgoing_of
from holdfast.core.settings import Settings, SettingsError

# The longest that the prompt of the extension `smoke` takes in any language is 5 s.
_CALL_SECONDS = 15.0
_ARI_SECONDS = 5.0
_MANUAL = "see docs/operations/voice.md"


def phone(settings: Settings) -> Iterator[Finding]:
    try:
        given = voice.load()
    except SettingsError as error:
        yield fault("phone", str(error), "correct the setting; until then the phone is off")
        return
    if not given.on:
        yield ok("phone", "switched off by HOLDFAST_VOICE")
    elif given.elsewhere is not None:
        yield asyncio.run(_answers(given.elsewhere))
    elif reason := running.missing(given):
        yield warning("phone", f"is off: {reason}", _MANUAL)
    else:
        yield from _ours(settings, given)
    if given.on:
        yield _voices(given)
    if given.on and given.speech is not None:
        yield asyncio.run(_speech(OpenAITranscriber(outgoing_of(settings), given.speech)))


def _ours(settings: Settings, given: VoiceSettings) -> Iterator[Finding]:
    yield _version(given)
    layout = layout_of(settings)
    waiting = sum(1 for _ in messages.left(layout))
    if waiting:
        fact = f"{waiting} messages were left while the application was down"
        yield warning("phone messages", fact, "they become conversations once `holdfast up` runs")
    reach = read_reach(layout)
    if reach is not None:
        found = asyncio.run(_answers(reach.access))
        if found.state == "ok":
            yield found
            yield _call(reach)
            if given.trunk is not None:
                yield asyncio.run(_trunk(reach.access, given.trunk.host))
            return
    yield warning("phone engine", "does not run", "start `holdfast up`; the call is made with one started for it")
    try:
        with tempfile.TemporaryDirectory(prefix="holdfast-doctor-") as folder:
            loopback = VoiceSettings(cache=given.cache, program=given.program, language=given.language)
            with trial.engine(loopback, Path(folder)) as engine:
                yield asyncio.run(_answers(engine.reach.access))
                yield _call(engine.reach)
    except EngineError as error:
        yield fault("phone engine", str(error), _MANUAL)


def _version(given: VoiceSettings) -> Finding:
    if given.program is not None:
        return ok("phone engine", f"{given.program}, installed on this machine")
    found = installed(given.cache)
    if found is None:
        return fault("phone engine", "has disappeared", "run `holdfast engine fetch`")
    proven = "as proven" if found.proven else "newer than what was proven: the call below decides"
    return ok("phone engine", f"Asterisk {found.version} in {found.folder}, {proven}")


@asynccontextmanager
async def _connected(access: Access) -> AsyncIterator[Ari]:
    """Our client. Raises TimeoutError."""
    ari = Ari(lambda: access, "holdfast-doctor")
    work = asyncio.create_task(ari.run())
    try:
        await asyncio.wait_for(ari.connected.wait(), _ARI_SECONDS)
        yield ari
    finally:
        work.cancel()


async def _answers(access: Access) -> Finding:
    """Whether ARI answers, and has every module that our configuration loads."""
    try:
        async with _connected(access) as ari:
            version, modules = await ari.version(), await ari.modules()
    except (TimeoutError, HoldfastError):
        return fault("phone engine", f"does not answer at {access.url}", "see logs/engine.log; is the password right?")
    lacking = [name for name in MODULES if modules.get(name) != "Running"]
    if lacking:
        return fault("phone engine", f"lacks the modules {', '.join(lacking)}", _MANUAL)
    return ok("phone engine", f"Asterisk {version.partition('+')[0]} answers at {access.url}, {len(MODULES)} modules")


async def _trunk(access: Access, host: str) -> Finding:
    """Whether the provider answers the engine, which asks it every minute."""
    try:
        async with _connected(access) as ari:
            state = (await ari.endpoint("trunk")).state
    except (TimeoutError, HoldfastError):
        state = "unknown to the engine"
    if state != "online":
        repair = "check HOLDFAST_SIP_TRUNK and the firewall; after a change restart `holdfast up`"
        return fault("phone trunk", f"{host} is {state}", repair)
    return ok("phone trunk", f"{host} answers")


async def _speech(transcriber: OpenAITranscriber) -> Finding:
    """Whether the endpoint takes a second of silence."""
    try:
        await transcriber.text(bytes(2 * NARROW), "en")
    except TranscriptionFailed as failed:
        repair = "check HOLDFAST_SPEECH_…; an endpoint within needs HOLDFAST_OUTGOING_NETWORKS and …_HTTP_HOSTS"
        return fault("phone captions", f"the speech endpoint gives no text: {failed.reason}", repair)
    return ok("phone captions", "the speech endpoint answers")


def _call(reach: Reach) -> Finding:
    try:
        heard = smoke.call("127.0.0.1", reach.sip, "doctor", reach.doctor, _CALL_SECONDS)
    except EngineError as error:
        return fault("phone call", str(error), "see logs/engine.log")
    fact = (
        f"answered in {heard.answered * 1000:.0f} ms; {heard.sent} packets sent, {heard.received} received, of these "
        f"{heard.spoken} of the prompt and {heard.echoed} our own coming back"
    )
    if not heard.whole:
        return fault("phone call", fact, "sound does not come through: is the prompt there, are the RTP ports free?")
    return ok("phone call", fact)


def _voices(given: VoiceSettings) -> Finding:
    dumb = []
    for language in VOICES:
        try:
            speak(given.cache, language, "1")
        except NoVoice as error:
            dumb.append(f"{language} ({error})")
    if dumb:
        return warning("phone voices", f"prompts cannot be spoken: {dumb[0]}", "run `holdfast engine fetch`")
    return ok("phone voices", f"{len(VOICES)} languages")
