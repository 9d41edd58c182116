"""Shapes of verification on the wire."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

from holdfast.verification.policy import Method

Token = Annotated[str, msgspec.Meta(max_length=100)]
Key = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{1,39}$")]


class ProofPurpose(msgspec.Struct, frozen=True):
    """``name`` is empty for a purpose of the catalogue, which the clients word in the reader's language. Times in
    seconds and hours. ``ways`` are those open to this conversation's customer, where there is one."""

    key: str
    name: str
    statement: str
    level: int
    methods: list[Method]
    holds_seconds: int
    enrolled_hours: int
    chain_required: bool
    active: bool
    ways: list[Method]


class PurposeChanged(msgspec.Struct, frozen=True):
    statement: Annotated[str, msgspec.Meta(max_length=120)]
    level: Annotated[int, msgspec.Meta(ge=0, le=3)]
    methods: list[Method]
    name: Annotated[str, msgspec.Meta(max_length=80)] = ""
    holds_seconds: Annotated[int, msgspec.Meta(ge=60, le=86_400)] = 300
    enrolled_hours: Annotated[int, msgspec.Meta(ge=0, le=8760)] = 24
    chain_required: bool = False
    active: bool = True


class ProofState(msgspec.Struct, frozen=True):
    """A proof that was asked for, as staff see it. ``state``: waiting, proven, withdrawn, over. ``counts``: it is proof
    now. ``asked_by`` is None when the customer began it."""

    id: UUID
    purpose: str
    name: str
    level: int
    state: str
    counts: bool
    asked_by: str | None
    asked_at: datetime
    method: Method | None
    proven_at: datetime | None
    valid_until: datetime | None
    warnings: list[str]
    address: str | None
    refused: str | None
    refused_method: str | None
    refused_at: datetime | None


class ProofCaseView(msgspec.Struct, frozen=True):
    """The newest proofs first. ``compromised_at``: since when no signature unlocks anything."""

    proofs: list[ProofState]
    purposes: list[ProofPurpose]
    compromised_at: datetime | None
    may_lift: bool


class Asked(msgspec.Struct, frozen=True):
    """``level`` may say less than the purpose needs or the same; more is refused."""

    purpose: Key
    level: Annotated[int, msgspec.Meta(ge=0, le=3)] | None = None


class CompromiseSaid(msgspec.Struct, frozen=True):
    compromised: bool


# --- the customer's side ---


class ByToken(msgspec.Struct, frozen=True):
    token: Token


class Begun(msgspec.Struct, frozen=True):
    token: Token
    purpose: Key


class WayView(msgspec.Struct, frozen=True):
    """A way to show it. ``to`` is where a code goes, masked."""

    method: Method
    to: str | None = None


class OwnProofView(msgspec.Struct, frozen=True):
    id: UUID
    purpose: str
    name: str
    level: int
    state: str
    counts: bool
    by_agent: bool
    ways: list[WayView]
    method: Method | None
    proven_at: datetime | None
    valid_until: datetime | None
    refused: str | None
    refused_method: str | None


class OwnPasskeyView(msgspec.Struct, frozen=True):
    id: UUID
    created_at: datetime


class OwnCaseView(msgspec.Struct, frozen=True):
    """``origin`` is where passkeys work; ``may_enrol`` says that one may be added now."""

    proofs: list[OwnProofView]
    compromised: bool
    passkeys: list[OwnPasskeyView]
    known: bool
    may_enrol: bool
    origin: str


class ChallengeAsked(msgspec.Struct, frozen=True):
    token: Token
    proof: UUID
    method: Method
    address: Annotated[str, msgspec.Meta(max_length=100)] = ""
    chain: Annotated[str, msgspec.Meta(max_length=60)] | None = None


class ChallengeView(msgspec.Struct, frozen=True):
    """``text`` is to be signed by the key of ``address``; ``nonce`` is for the app's token, ``options`` for a
    passkey."""

    id: UUID
    method: Method
    expires_at: datetime
    text: str | None
    address: str | None
    chain: str | None
    nonce: str | None
    to: str | None
    options: dict[str, Any] | None


class AnswerGiven(msgspec.Struct, frozen=True):
    """One of them, by the challenge's method. A contract wallet's signature may have some thousand bytes."""

    token: Token
    challenge: UUID
    signature: Annotated[str, msgspec.Meta(max_length=40_000)] = ""
    code: Annotated[str, msgspec.Meta(max_length=40)] = ""
    identity: Annotated[str, msgspec.Meta(max_length=4000)] = ""
    credential: dict[str, Any] | None = None


class AnswerView(msgspec.Struct, frozen=True):
    """``refused`` is None when it is proven. ``tries`` are left for this challenge."""

    proof: OwnProofView
    refused: str | None
    tries: int


class PhoneCodeBegun(msgspec.Struct, frozen=True):
    """``nonce`` is for the app's token."""

    nonce: str


class PhoneCodeAsked(msgspec.Struct, frozen=True):
    token: Token
    nonce: Annotated[str, msgspec.Meta(max_length=100)]
    identity: Annotated[str, msgspec.Meta(max_length=4000)] = ""


class PhoneCodeView(msgspec.Struct, frozen=True):
    """To be typed on the telephone. ``proves``: the app has vouched, else it only finds this conversation."""

    code: str
    expires_at: datetime
    proves: bool


class PasskeyGiven(msgspec.Struct, frozen=True):
    token: Token
    credential: dict[str, Any]


class OptionsView(msgspec.Struct, frozen=True):
    options: dict[str, Any]
