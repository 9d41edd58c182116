"""A client of Asterisk's ARI (its "REST interface"): what is said is in ``ari_shapes``, what can be asked is here.

    ari = Ari(partial(access_of, voice_settings, layout), APPLICATION)
    group.create_task(ari.run())
    async for moment in ari.moments():      # Synced, events in order, Lost, Synced …

Every verb raises what ``Connection.ask`` raises. Ids of what is made are ours, so that an event about it cannot come
before its name is known.
"""

from collections.abc import Awaitable, Mapping
from typing import Any, Literal
from urllib.parse import quote

from holdfast.channels.voice.access import Access
from holdfast.channels.voice.ari_connection import ApplicationTaken, Connection, Expected, Lost, Moment, Synced
from holdfast.channels.voice.ari_shapes import (
    Application,
    Bridge,
    Channel,
    Endpoint,
    Playback,
    PlaybackFinished,
    Recording,
    RtpStatistics,
)
from holdfast.channels.voice.errors import CallGone, CallNotReady, EngineRefused, NobodyRegistered
from holdfast.core.ids import new_id

__all__ = ["Access", "ApplicationTaken", "Ari", "Expected", "Lost", "Moment", "Synced"]

Listening = Literal["none", "both", "in", "out"]


def _channel(identifier: str) -> str:
    return f"channels/{quote(identifier, safe='')}"


def _bridge(identifier: str) -> str:
    return f"bridges/{quote(identifier, safe='')}"


async def _there(request: Awaitable[object]) -> bool:
    """Await what may come too late: False if what it is about is gone already."""
    try:
        await request
    except (CallGone, CallNotReady):
        return False
    return True


class Ari(Connection):
    """A connection with its verbs. ``channel`` and ``bridge`` are ids."""

    # A channel -----------------------------------------------------------------------------------------------------

    async def answer(self, channel: str) -> None:
        await self.do("POST", f"{_channel(channel)}/answer")

    async def ring(self, channel: str) -> None:
        """Let the caller hear that it rings, without answering."""
        await self.do("POST", f"{_channel(channel)}/ring")

    async def hang_up(self, channel: str, reason: str = "normal") -> bool:
        """False if it had ended by itself. ``reason``: normal, busy, congestion, no_answer, rejected …"""
        return await _there(self.do("DELETE", _channel(channel), reason=reason))

    async def follow(self, channel: str) -> bool:
        """Get every event of it, its end included; False if it is gone.

        Without it the ``ChannelDestroyed`` of a channel that came out of the dialplan never comes.
        """
        uri = f"applications/{quote(self.application, safe='')}/subscription"
        return await _there(self.do("POST", uri, eventSource=f"channel:{channel}"))

    async def follow_device(self, name: str) -> bool:
        """Hear when a device signs in or out; False if the engine does not know it."""
        uri = f"applications/{quote(self.application, safe='')}/subscription"
        return await _there(self.do("POST", uri, eventSource=f"endpoint:PJSIP/{name}"))

    async def there_is(self, application: str) -> Synced:
        """What ``Synced`` would be for another application, which has lost its connection."""
        try:
            app = await self.ask("GET", f"applications/{quote(application, safe='')}", Application)
        except CallGone:
            app = Application(name=application)
        return Synced(await self.channels(), (), frozenset(app.channel_ids))

    async def go_on(self, channel: str, context: str, exten: str, priority: int = 1) -> None:
        """Give it back to the dialplan."""
        uri = f"{_channel(channel)}/continue"
        await self.do("POST", uri, context=context, extension=exten, priority=priority)

    async def hold(self, channel: str) -> None:
        await self.do("POST", f"{_channel(channel)}/hold")

    async def unhold(self, channel: str) -> None:
        await self.do("DELETE", f"{_channel(channel)}/hold")

    async def mute(self, channel: str, direction: str = "in") -> None:
        """``in``: the engine drops what comes from it."""
        await self.do("POST", f"{_channel(channel)}/mute", direction=direction)

    async def unmute(self, channel: str, direction: str = "in") -> None:
        await self.do("DELETE", f"{_channel(channel)}/mute", direction=direction)

    async def send_keys(self, channel: str, digits: str) -> None:
        await self.do("POST", f"{_channel(channel)}/dtmf", dtmf=digits)

    async def transfer_progress(self, channel: str, state: str) -> bool:
        """Tell a phone what became of the transfer it asked for: channel_answered, channel_declined …; False if it is
        gone."""
        return await _there(self.do("POST", f"{_channel(channel)}/transfer_progress", states=state))

    async def variable(self, channel: str, name: str) -> str:
        answer = await self.ask("GET", f"{_channel(channel)}/variable", dict[str, str], variable=name)
        return answer["value"]

    async def rtp_statistics(self, channel: str) -> RtpStatistics:
        return await self.ask("GET", f"{_channel(channel)}/rtp_statistics", RtpStatistics)

    async def channels(self) -> tuple[Channel, ...]:
        return await self.ask("GET", "channels", tuple[Channel, ...])

    async def claim(self, channel: str) -> bool:
        """Take a call of ``CallBroadcast``; False if another worker was faster or the caller has gone."""
        uri = "events/claim"
        return await _there(self.do("POST", uri, channelId=channel, application=self.application))

    # Calls that we make --------------------------------------------------------------------------------------------

    async def originate(
        self,
        endpoint: str,
        *arguments: str,
        seconds: int = 30,
        caller: str = "",
        originator: str | None = None,
        formats: str | None = None,
        variables: Mapping[str, str] | None = None,
        channel: str | None = None,
    ) -> Channel:
        """Ring ``endpoint`` (PJSIP/name); when it answers, StasisStart comes with ``arguments``, else ChannelDestroyed.

        ``caller`` such as ``"Alice" <+15550001>``. ``originator``: the channel for whose sake; it decides the formats,
        so that both together are refused. Raises NobodyRegistered.
        """
        identifier = channel or str(new_id())
        body = {"variables": dict(variables)} if variables else None
        try:
            return await self.ask(
                "POST",
                _channel(identifier),
                Channel,
                body=body,
                endpoint=endpoint,
                app=self.application,
                appArgs=",".join(arguments),
                timeout=seconds,
                callerId=caller or None,
                originator=originator,
                formats=formats,
            )
        except EngineRefused as refusal:
            if "Allocation failed" in str(refusal):
                raise NobodyRegistered from refusal
            raise

    async def snoop(
        self, channel: str, *arguments: str, spy: Listening = "both", whisper: Listening = "none", ear: str = ""
    ) -> Channel:
        """A channel that hears another one (``spy``) and speaks into it (``whisper``). ``ear``: its id, if it must be
        known before."""
        uri = f"{_channel(channel)}/snoop/{ear or new_id()}"
        query = {"spy": spy, "whisper": whisper, "app": self.application, "appArgs": ",".join(arguments)}
        return await self.ask("POST", uri, Channel, **query)

    async def stream_out(self, channel: str, address: str) -> Channel:
        """A channel of this id whose sound goes to ``address`` (host:port) by AudioSocket, under the same name (a
        UUID): 16 bits, 8 kHz. StasisStart comes without arguments."""
        query = {"encapsulation": "audiosocket", "transport": "tcp", "format": "slin", "data": channel}
        return await self.ask(
            "POST",
            "channels/externalMedia",
            Channel,
            channelId=channel,
            app=self.application,
            external_host=address,
            **query,
        )

    # Bridges -------------------------------------------------------------------------------------------------------

    async def create_bridge(self, kind: str = "mixing,dtmf_events", name: str = "") -> Bridge:
        """``mixing``: all hear each other; ``holding``: nobody hears anybody, for music and announcements."""
        return await self.ask("POST", _bridge(str(new_id())), Bridge, type=kind, name=name)

    async def destroy_bridge(self, bridge: str) -> bool:
        return await _there(self.do("DELETE", _bridge(bridge)))

    async def add(self, bridge: str, *channels: str, role: str | None = None) -> None:
        await self.do("POST", f"{_bridge(bridge)}/addChannel", channel=",".join(channels), role=role)

    async def remove(self, bridge: str, *channels: str) -> bool:
        uri = f"{_bridge(bridge)}/removeChannel"
        return await _there(self.do("POST", uri, channel=",".join(channels)))

    async def bridges(self) -> tuple[Bridge, ...]:
        return await self.ask("GET", "bridges", tuple[Bridge, ...])

    # Sound ---------------------------------------------------------------------------------------------------------
    # ``where`` is a subject as events have it: channel:ID or bridge:ID.

    async def play(self, where: str, *media: str, language: str | None = None) -> Playback:
        """Play one after the other (``sound:…``, ``tone:…``, ``recording:…``); returns at once."""
        uri = f"{_target(where)}/play/{new_id()}"
        return await self.ask("POST", uri, Playback, media=",".join(media), lang=language)

    async def play_to_end(self, where: str, *media: str, language: str | None = None, seconds: float = 120.0) -> bool:
        """Play and wait for the end; False if it was cut short, by a hang-up or by ``stop_playback``."""
        identifier = str(new_id())
        with self.expect(PlaybackFinished, lambda event: event.playback.id == identifier, seconds=seconds) as finished:
            uri = f"{_target(where)}/play/{identifier}"
            await self.ask("POST", uri, Playback, media=",".join(media), lang=language)
            return (await finished).playback.state == "done"

    async def stop_playback(self, playback: str) -> bool:
        return await _there(self.do("DELETE", f"playbacks/{quote(playback, safe='')}"))

    async def start_music(self, where: str, name: str = "default") -> None:
        await self.do("POST", f"{_target(where)}/moh", mohClass=name)

    async def stop_music(self, where: str) -> bool:
        return await _there(self.do("DELETE", f"{_target(where)}/moh"))

    async def record(
        self,
        where: str,
        name: str,
        *,
        format: str = "wav",  # noqa: A002 - Asterisk's word
        longest: int = 0,
        silence: int = 0,
        beep: bool = False,
        ends_on: str = "none",
    ) -> Recording:
        """Into ``name``.``format`` in the engine's spool/recording. ``longest`` and ``silence`` end it, in seconds;
        ``ends_on``: a digit, ``any`` or ``none``."""
        return await self.ask(
            "POST",
            f"{_target(where)}/record",
            Recording,
            name=name,
            format=format,
            ifExists="fail",
            maxDurationSeconds=longest,
            maxSilenceSeconds=silence,
            beep=beep,
            terminateOn=ends_on,
        )

    async def stop_recording(self, name: str) -> bool:
        return await _there(self.do("POST", f"recordings/live/{quote(name, safe='')}/stop"))

    async def pause_recording(self, name: str) -> bool:
        return await _there(self.do("POST", f"recordings/live/{quote(name, safe='')}/pause"))

    async def resume_recording(self, name: str) -> bool:
        return await _there(self.do("DELETE", f"recordings/live/{quote(name, safe='')}/pause"))

    # The engine ----------------------------------------------------------------------------------------------------

    async def version(self) -> str:
        """Such as ``22.10.1+dfsg…``."""
        info = await self.ask("GET", "asterisk/info", dict[str, dict[str, str]], only="system")
        return info["system"]["version"]

    async def reload(self, module: str) -> None:
        """Let a module (``pbx_config``) read its configuration again."""
        await self.do("PUT", f"asterisk/modules/{quote(module, safe='')}.so")

    async def modules(self) -> Mapping[str, str]:
        """The state of each module by its name, such as Running."""
        found = await self.ask("GET", "asterisk/modules", list[dict[str, Any]])
        return {str(each["name"]).removesuffix(".so"): str(each["status"]) for each in found}

    async def endpoint(self, name: str) -> Endpoint:
        """A device by its SIP name."""
        return await self.ask("GET", f"endpoints/PJSIP/{quote(name, safe='')}", Endpoint)

    async def put_object(self, kind: str, name: str, fields: Mapping[str, str]) -> None:
        """Make or change an object of res_pjsip (``auth``, ``aor``, ``endpoint``) in the engine's memory."""
        pairs = [{"attribute": attribute, "value": value} for attribute, value in fields.items()]
        await self.ask("PUT", _object(kind, name), list[dict[str, str]], body={"fields": pairs})

    async def delete_object(self, kind: str, name: str) -> bool:
        return await _there(self.do("DELETE", _object(kind, name)))


def _object(kind: str, name: str) -> str:
    return f"asterisk/config/dynamic/res_pjsip/{kind}/{quote(name, safe='')}"


def _target(subject: str) -> str:
    kind, _, identifier = subject.partition(":")
    return _bridge(identifier) if kind == "bridge" else _channel(identifier)
