"""What people's requests and answers look like on the wire."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from holdfast.access.viewer import Role

Name = Annotated[str, Meta(min_length=1, max_length=100, pattern=r"\S")]
# Enough to tell an address from a slip; whether it works, the mail shows.
Email = Annotated[str, Meta(min_length=3, max_length=254, pattern=r"^[^\s@<>,;\"]+@[^\s@<>,;\"]+$")]
Password = Annotated[str, Meta(max_length=1024)]
LanguageCode = Annotated[str, Meta(pattern=r"^[a-z]{2,3}(-[A-Za-z]{2,4})?$")]
Code = Annotated[str, Meta(min_length=1, max_length=40)]
Level = Literal["native", "fluent", "translation"]
Count = Annotated[int, Meta(ge=0, le=50)]
Capacity = dict[Literal["chat", "email", "voice"], Count]
Roles = Annotated[list[Role], Meta(min_length=1, max_length=len(Role))]


class LanguageView(Struct, frozen=True):
    language: LanguageCode
    level: Level


Languages = Annotated[list[LanguageView], Meta(max_length=40)]


class SecondFactor(Struct, frozen=True):
    """``passkeys`` is how many."""

    totp: bool
    passkeys: int


class Me(Struct, frozen=True):
    """Who is signed in here. ``must_enrol``: until a second factor is set up, nothing but that is allowed."""

    id: UUID
    name: str
    email: str
    roles: list[Role]
    interface_language: str
    languages: list[LanguageView]
    skills: list[str]
    second_factor: SecondFactor
    must_enrol: bool
    capacity: dict[str, int]
    demo: bool


class PresenceView(Struct, frozen=True):
    """``state`` is what is true, ``chosen`` what the agent wants; ``load`` and ``capacity`` are by channel."""

    state: str
    chosen: str
    since: datetime
    load: dict[str, int]
    capacity: dict[str, int]


# --- sign-in ---


class SignIn(Struct, frozen=True):
    email: Annotated[str, Meta(max_length=254)]
    password: Password


class SignInStep(Struct, frozen=True):
    """``second_factor``: one of ``methods`` (totp, passkey) is asked for next."""

    state: Literal["signed_in", "second_factor"]
    methods: list[str] = []


class CodeInput(Struct, frozen=True):
    code: Code


class PasskeyOptions(Struct, frozen=True, rename="camel"):
    """For ``navigator.credentials.create`` or ``get``."""

    public_key: dict[str, Any]


class PasskeyAnswer(Struct, frozen=True):
    """The browser's PublicKeyCredential as JSON."""

    credential: dict[str, Any]


class StepUpState(Struct, frozen=True):
    """``methods``: totp, passkey, password; ``until``: how long the last proof counts, null if it no longer does."""

    methods: list[str]
    until: datetime | None


class StepUpProof(Struct, frozen=True):
    """One of them."""

    code: Code | None = None
    password: Password | None = None
    credential: dict[str, Any] | None = None


class ProviderView(Struct, frozen=True):
    """The organisation's own sign-in; ``name`` is for its button, null if there is none."""

    name: str | None


class ProviderStart(Struct, frozen=True):
    """``next`` is a path of the console to come back to; ``fresh``: the provider is to ask anew (a step-up)."""

    next: Annotated[str, Meta(max_length=500)] = ""
    fresh: bool = False


class ProviderRedirect(Struct, frozen=True):
    url: str


class NewPasskey(Struct, frozen=True):
    name: Name
    credential: dict[str, Any]


class PasskeyView(Struct, frozen=True):
    id: UUID
    name: str
    created_at: datetime
    used_at: datetime | None


class SessionView(Struct, frozen=True):
    id: UUID
    created_at: datetime
    seen_at: datetime
    network: str
    user_agent: str
    current: bool


class ResetRequest(Struct, frozen=True):
    email: Annotated[str, Meta(max_length=254)]


class ResetConfirmation(Struct, frozen=True):
    token: Annotated[str, Meta(max_length=200)]
    password: Password


# --- me ---


class PasswordChange(Struct, frozen=True):
    current: Password
    password: Password


class PasswordInput(Struct, frozen=True):
    password: Password


class TotpEnrolment(Struct, frozen=True):
    secret: str
    uri: str
    svg: str


class RecoveryCodes(Struct, frozen=True):
    recovery_codes: list[str]


class MeChanges(Struct, frozen=True):
    name: Name | None = None
    interface_language: LanguageCode | None = None


class PresenceChoice(Struct, frozen=True):
    chosen: Literal["online", "away"]


# --- staff ---


class Standing(Struct, frozen=True):
    state: str
    since: datetime


class AgentView(Struct, frozen=True):
    """``email`` and ``second_factor`` are shown to those who lead or administer, and to oneself."""

    id: UUID
    name: str
    roles: list[Role]
    languages: list[LanguageView]
    teams: list[UUID]
    capacity: dict[str, int]
    active: bool
    presence: Standing
    created_at: datetime
    email: str | None
    second_factor: SecondFactor | None


class AgentChanges(Struct, frozen=True):
    """What is absent stays as it is."""

    name: Name | UnsetType = UNSET
    roles: Roles | UnsetType = UNSET
    languages: Languages | UnsetType = UNSET
    teams: Annotated[list[UUID], Meta(max_length=100)] | UnsetType = UNSET
    capacity: Capacity | UnsetType = UNSET
    active: bool | UnsetType = UNSET


class TeamView(Struct, frozen=True):
    id: UUID
    name: str
    members: list[UUID]


class TeamInput(Struct, frozen=True):
    name: Name


# --- invitations ---


class Invitation(Struct, frozen=True):
    email: Email
    name: Name
    roles: Roles
    languages: Languages = []


class InvitationRow(Struct, frozen=True):
    id: UUID
    email: str
    name: str
    roles: list[Role]
    languages: list[LanguageView]
    invited_by: UUID | None
    created_at: datetime
    expires_at: datetime


class InvitationDetails(Struct, frozen=True):
    """What the invited person sees."""

    email: str
    name: str
    organisation: str


class Acceptance(Struct, frozen=True):
    name: Name
    password: Password


# --- customers ---


class GrantView(Struct, frozen=True):
    """A permission of the reader's that lives: ``purpose`` is a key of the catalogue."""

    id: UUID
    purpose: str
    until: datetime


class FieldView(Struct, frozen=True):
    """A contact point; kind is email, phone, user_id or wallet. ``masked`` is empty where the reader sees nothing;
    ``may_ask``: a purpose opens it. An ``erased`` one cannot be shown any more."""

    id: UUID
    kind: str
    masked: str
    proven: bool
    may_ask: bool
    grant: GrantView | None
    erased: bool = False


class WalletView(Struct, frozen=True):
    """What the wallet app said of itself."""

    app_version: str | None
    platform: str | None
    local_zone: str | None


class CustomerView(Struct, frozen=True):
    id: UUID
    name: str
    language: str
    proven: bool
    since: datetime
    fields: list[FieldView]
    wallet: WalletView


# --- demo ---


class MailView(Struct, frozen=True):
    id: UUID
    to: str
    subject: str
    text: str
    at: datetime
