"""What Asterisk's ARI says: the objects and events that we use, typed; any other event as ``Other``.

Fields that we do not use are left out, and ignored when they come. Names are Asterisk's own, since its documentation is
where a reader looks.
"""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

import msgspec


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all."""


class Party(Shape, frozen=True, kw_only=True):
    """A number and a name, both empty when withheld."""

    name: str = ""
    number: str = ""


class Dialplan(Shape, frozen=True, kw_only=True):
    context: str = ""
    exten: str = ""
    app_name: str = ""
    app_data: str = ""


class Channel(Shape, frozen=True, kw_only=True):
    """One leg of a call. ``state``: Down, Ring (it calls us), Ringing (we call it), Up, Busy …"""

    id: str
    name: str
    state: str
    caller: Party
    connected: Party
    dialplan: Dialplan
    creationtime: str
    language: str = "en"

    @property
    def created(self) -> datetime:
        return datetime.strptime(self.creationtime, "%Y-%m-%dT%H:%M:%S.%f%z")

    @property
    def stasis(self) -> tuple[str, ...]:
        """The words of ``Stasis(application,argument,…)`` that it is in; () while the dialplan has it. After
        ``StasisBroadcast(…,arguments)`` the engine does not say which application claimed it: that word is empty."""
        words = self.dialplan.app_data.split(",")
        if self.dialplan.app_name == "StasisBroadcast":
            return ("", *words[-1].split(":"))
        return tuple(words) if self.dialplan.app_name == "Stasis" else ()


class Bridge(Shape, frozen=True, kw_only=True):
    """Where channels hear each other. ``bridge_type``: mixing or holding."""

    id: str
    name: str
    bridge_type: str
    channels: tuple[str, ...]
    technology: str = ""


class Playback(Shape, frozen=True, kw_only=True):
    """``state``: queued, playing, done, failed (also when the caller hung up, which is no fault)."""

    id: str
    media_uri: str
    target_uri: str
    state: str


class Recording(Shape, frozen=True, kw_only=True):
    """``state``: queued, recording, paused, done, failed, canceled; durations in whole seconds."""

    name: str
    format: str
    target_uri: str
    state: str
    duration: int | None = None
    cause: str = ""


class Endpoint(Shape, frozen=True, kw_only=True):
    """A device. ``state``: online, offline, unknown."""

    technology: str
    resource: str
    state: str = "unknown"
    channel_ids: tuple[str, ...] = ()


class ContactInfo(Shape, frozen=True, kw_only=True):
    uri: str
    contact_status: str
    aor: str


class Application(Shape, frozen=True, kw_only=True):
    """``channel_ids``: the channels whose every event we get."""

    name: str
    channel_ids: tuple[str, ...] = ()
    bridge_ids: tuple[str, ...] = ()


class RtpStatistics(Shape, frozen=True, kw_only=True):
    """Packets of one leg, as Asterisk counts them: ``rx`` from the other side, ``tx`` to it. ``rtt`` in seconds."""

    txcount: int
    rxcount: int
    txploss: int = 0
    rxploss: int = 0
    rxjitter: float = 0.0
    rtt: float = 0.0


# Events ----------------------------------------------------------------------------------------------------------


class Event(Shape, frozen=True, kw_only=True):
    """Base of the events. ``subject``: what it is about, as ARI writes it (``channel:ID``, ``bridge:ID``), or empty."""

    application: str = ""

    @property
    def subject(self) -> str:
        return ""


class ChannelEvent(Event, frozen=True, kw_only=True):
    channel: Channel

    @property
    def subject(self) -> str:
        return f"channel:{self.channel.id}"


class StasisStart(ChannelEvent, frozen=True, kw_only=True):
    """The channel is ours. ``args`` are those of the dialplan or of our own ``originate``."""

    args: tuple[str, ...] = ()
    replace_channel: Channel | None = None


class StasisEnd(ChannelEvent, frozen=True, kw_only=True):
    """The channel is no longer ours: hung up, moved on, or claimed."""


class ChannelStateChange(ChannelEvent, frozen=True, kw_only=True):
    pass


class ChannelDestroyed(ChannelEvent, frozen=True, kw_only=True):
    """It is gone. ``cause`` is Q.850's: 16 hung up, 17 busy, 19 no answer, 20 not registered, 21 refused."""

    cause: int
    cause_txt: str


class ChannelHangupRequest(ChannelEvent, frozen=True, kw_only=True):
    cause: int | None = None


class ChannelDtmfReceived(ChannelEvent, frozen=True, kw_only=True):
    digit: str
    duration_ms: int


class ChannelHold(ChannelEvent, frozen=True, kw_only=True):
    pass


class ChannelUnhold(ChannelEvent, frozen=True, kw_only=True):
    pass


class ChannelTalkingStarted(ChannelEvent, frozen=True, kw_only=True):
    pass


class ChannelTalkingFinished(ChannelEvent, frozen=True, kw_only=True):
    """``duration`` in milliseconds."""

    duration: int


class CallBroadcast(ChannelEvent, frozen=True, kw_only=True):
    """A call that any of several workers may claim (``StasisBroadcast``)."""

    caller: str = ""
    called: str = ""


class BridgeEvent(Event, frozen=True, kw_only=True):
    bridge: Bridge

    @property
    def subject(self) -> str:
        return f"bridge:{self.bridge.id}"


class ChannelEnteredBridge(BridgeEvent, frozen=True, kw_only=True):
    channel: Channel | None = None


class ChannelLeftBridge(BridgeEvent, frozen=True, kw_only=True):
    channel: Channel


class BridgeDestroyed(BridgeEvent, frozen=True, kw_only=True):
    pass


class PlaybackEvent(Event, frozen=True, kw_only=True):
    playback: Playback

    @property
    def subject(self) -> str:
        return self.playback.target_uri


class PlaybackStarted(PlaybackEvent, frozen=True, kw_only=True):
    pass


class PlaybackFinished(PlaybackEvent, frozen=True, kw_only=True):
    pass


class RecordingEvent(Event, frozen=True, kw_only=True):
    recording: Recording

    @property
    def subject(self) -> str:
        return self.recording.target_uri


class RecordingStarted(RecordingEvent, frozen=True, kw_only=True):
    pass


class RecordingFinished(RecordingEvent, frozen=True, kw_only=True):
    pass


class RecordingFailed(RecordingEvent, frozen=True, kw_only=True):
    pass


class Dial(Event, frozen=True, kw_only=True):
    """A call that we make progresses. ``dialstatus``: empty, RINGING, ANSWER, BUSY, NOANSWER, CANCEL, CHANUNAVAIL …"""

    peer: Channel
    dialstatus: str
    caller: Channel | None = None

    @property
    def subject(self) -> str:
        return f"channel:{self.peer.id}"


class RequestedDestination(Shape, frozen=True, kw_only=True):
    destination: str = ""


class ReferTo(Shape, frozen=True, kw_only=True):
    requested_destination: RequestedDestination
    destination_channel: Channel | None = None


class ReferredBy(Shape, frozen=True, kw_only=True):
    source_channel: Channel


class ChannelTransfer(Event, frozen=True, kw_only=True):
    """A phone asks for a transfer (REFER), which with ``PJSIP_TRANSFER_HANDLING()=ari-only`` is ours to carry out."""

    refer_to: ReferTo
    referred_by: ReferredBy
    state: str = ""

    @property
    def subject(self) -> str:
        return f"channel:{self.referred_by.source_channel.id}"


class ContactStatusChange(Event, frozen=True, kw_only=True):
    """A device signed in or out: ``contact_info.contact_status`` is Created, Reachable, NonQualified, Unreachable,
    Removed."""

    endpoint: Endpoint
    contact_info: ContactInfo

    @property
    def subject(self) -> str:
        return f"endpoint:{self.endpoint.technology}/{self.endpoint.resource}"


class PeerStatusChange(Event, frozen=True, kw_only=True):
    endpoint: Endpoint

    @property
    def subject(self) -> str:
        return f"endpoint:{self.endpoint.technology}/{self.endpoint.resource}"


class ApplicationReplaced(Event, frozen=True, kw_only=True):
    """Somebody else has connected under our name; from now on events go there."""


class Other(Event, frozen=True, kw_only=True):
    """An event that we have no shape for: its ``type`` and all of its fields."""

    type: str
    fields: dict[str, Any]


def _kinds(base: type[Event]) -> dict[str, type[Event]]:
    found: dict[str, type[Event]] = {}
    for kind in base.__subclasses__():
        found |= {kind.__name__: kind, **_kinds(kind)}
    return found


_Decode = Callable[[bytes | str], Event]


@cache
def _decoders() -> dict[str, _Decode]:
    return {name: msgspec.json.Decoder(kind).decode for name, kind in _kinds(Event).items() if kind is not Other}


def event_of(kind: str, text: str) -> Event:
    """The event of type ``kind`` in ``text``. Raises msgspec.ValidationError when it is not what Asterisk documents."""
    decode = _decoders().get(kind)
    if decode is not None:
        return decode(text)
    fields = msgspec.json.decode(text, type=dict[str, Any])
    return Other(type=kind, fields=fields, application=str(fields.get("application", "")))
