"""Shapes of phones, calls, lines and menus on the wire. No number of a customer is in them: it is a contact point, and
shown as those are."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from holdfast.channels.voice.menus import Fault, NodeName, Tag, Tree
from holdfast.conversations.schemas import Keyed, Named

Digits = Annotated[str, msgspec.Meta(pattern=r"^[0-9*#]{1,32}$")]
Number = Annotated[str, msgspec.Meta(pattern=r"^\+?[0-9]{3,20}$")]
DeviceName = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9-]{1,40}$")]
PurposeKey = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9_-]{1,40}$")]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Seconds = Annotated[int, msgspec.Meta(ge=0, le=3600)]
Hourly = Annotated[int, msgspec.Meta(ge=1, le=1000)]


class DeviceView(msgspec.Struct, frozen=True):
    """``ready``: it may sign in now; ``online``: it is signed in."""

    name: str
    kind: str
    ready: bool
    online: bool
    expires_at: datetime | None


class DeviceInput(msgspec.Struct, frozen=True):
    kind: Literal["browser", "desk"] = "browser"


class DeviceSecret(msgspec.Struct, frozen=True):
    """What a SIP client signs in with: user ``name`` and ``password``, once ``GET /api/phone`` says that it is ready.
    The password is shown this once."""

    name: str
    password: str
    kind: str
    expires_at: datetime | None


class LegView(msgspec.Struct, frozen=True):
    """Somebody of ours in a call; ``role`` is agent, consult or supervisor, ``state`` ringing or up. ``mode``: a
    supervisor's, listen, whisper or barge."""

    agent: Named
    role: str
    state: str
    device: str
    muted: bool
    since: datetime
    mode: str


class CallView(msgspec.Struct, frozen=True):
    """``stage``: menu, waiting, connecting, talking, survey, message, callback or over. ``held``: the customer hears
    music; ``asks``: they are asked for the app's code, which they can be if ``keypad``. ``captions``: on, paused or
    failed if what is said is written down, else empty. ``fault``: the id of the error with which the last command
    ended, if it failed."""

    id: UUID
    conversation: UUID | None
    direction: str
    language: str
    emergency: bool
    stage: str
    outcome: str | None
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    wrap_until: datetime | None
    held: bool
    asks: bool
    keypad: bool
    captions: str
    legs: list[LegView]
    fault: str | None


class ListedCall(msgspec.Struct, frozen=True):
    """A call among all that the viewer may see, with whose it is."""

    call: CallView
    reference: str
    customer: Named
    queue: Keyed
    topic: Keyed | None


class PhoneView(msgspec.Struct, frozen=True):
    """``state``: ready, ringing, talking, wrap_up, or offline when no device is signed in."""

    state: str
    devices: list[DeviceView]
    calls: list[CallView]


class MissedView(msgspec.Struct, frozen=True):
    """A call that rang at the agent and that they did not take. ``outcome`` is that of the offer."""

    conversation: UUID
    reference: str
    at: datetime
    outcome: str


class AnswerInput(msgspec.Struct, frozen=True):
    """``device``: the one that shall ring; all of the agent's without."""

    device: DeviceName | None = None


class On(msgspec.Struct, frozen=True):
    on: bool


class KeysInput(msgspec.Struct, frozen=True):
    digits: Digits


class TransferInput(msgspec.Struct, frozen=True):
    """Where to: a queue, a person who is there, or (``emergency``) the emergency team; one of the three."""

    queue: UUID | None = None
    agent: UUID | None = None
    emergency: bool = False


class ConsultInput(msgspec.Struct, frozen=True):
    agent: UUID


class SuperviseInput(msgspec.Struct, frozen=True):
    """``listen``: hears both; ``whisper``: the agent hears them too; ``barge``: all hear each other."""

    mode: Literal["listen", "whisper", "barge"]


class PauseView(msgspec.Struct, frozen=True):
    """Something was left out: ``at`` is in the sound, ``seconds`` of the talk; ``why`` is agent or secret."""

    at: int
    seconds: int
    why: str


class RecordingView(msgspec.Struct, frozen=True):
    """``paused``: empty, agent, or secret; ``kept``: it can be played."""

    id: UUID
    call: UUID
    started_at: datetime
    seconds: int
    paused: str
    kept: bool
    pauses: list[PauseView]


class PlayInput(msgspec.Struct, frozen=True):
    """``purpose``: a key of the catalogue (``GET /api/purposes``), of one that needs no words of the viewer's own."""

    purpose: PurposeKey


class CallBackView(msgspec.Struct, frozen=True):
    """``why``: asked, message, lost or agent (somebody calls them now). ``since``: the place that they keep."""

    id: UUID
    conversation: UUID
    reference: str
    language: str
    why: str
    since: datetime
    tries: int


class LineView(msgspec.Struct, frozen=True):
    id: UUID
    number: str
    name: str
    kind: str
    language: str
    menu: str
    hourly: int
    wrap_seconds: int
    answer_within: int
    records: bool
    captions: bool
    active: bool


class LineInput(msgspec.Struct, frozen=True):
    """``captions``: what is said is written down, if a speech endpoint is set.
    ``hourly``: how often one number may call in an hour; ``answer_within``: seconds, for the service level. An
    emergency line has no menu."""

    number: Number
    name: Name
    kind: Literal["hotline", "emergency"] = "hotline"
    language: Tag = "en"
    menu: NodeName = "standard"
    hourly: Hourly = 10
    wrap_seconds: Seconds = 60
    answer_within: Annotated[int, msgspec.Meta(ge=1, le=3600)] = 20
    records: bool = False
    captions: bool = False
    active: bool = True


class MenuView(msgspec.Struct, frozen=True):
    """``version`` 0: the one that is brought along."""

    key: str
    version: int
    name: str
    tree: Tree
    at: datetime | None


class MenuInput(msgspec.Struct, frozen=True):
    name: Name
    tree: Tree


class MenuFaults(msgspec.Struct, frozen=True):
    faults: list[Fault]


class BlockedView(msgspec.Struct, frozen=True):
    """``ends``: the last three digits."""

    id: UUID
    ends: str
    why: str
    at: datetime
    until: datetime | None


class BlockInput(msgspec.Struct, frozen=True):
    """The number of this conversation's last call."""

    conversation: UUID
    why: Literal["abuse", "spam"]
    days: Annotated[int, msgspec.Meta(ge=1, le=3650)] | None = None
