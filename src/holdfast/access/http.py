"""The audit log with its seals, alarms, and purposes, for those who check on the house."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post, put
from litestar.params import Parameter
from msgspec import Meta, Struct

from holdfast.access import alarms, grants, proofs, queries, sealing
from holdfast.access.errors import SealMissing
from holdfast.access.masks import shown
from holdfast.access.models import AccessGrant, Alarm, AuditEntry, AuditSeal, Purpose
from holdfast.access.policy import Field, Stance, sight
from holdfast.access.purposes import name_of
from holdfast.access.seals import Proof
from holdfast.access.signing import published_key
from holdfast.access.viewer import StaffViewer
from holdfast.core import jobs
from holdfast.core.database import Database
from holdfast.core.i18n import LANGUAGES

VERIFY = "audit.verify"
# people.http_viewer reads it (step-up); this folder knows nothing above itself.
FRESH = {"fresh": True}


class AuditView(Struct, frozen=True):
    """One act: who, what, on whom, for what purpose. Names are looked up by the reader: the log keeps ids. ``words``
    are the agent's own, of a grant; ``seal`` is null until the next seal."""

    id: UUID
    at: datetime
    actor_kind: str
    actor_id: UUID | None
    action: str
    subject_kind: str
    subject_id: UUID | None
    purpose: str | None
    words: str | None
    network: str | None
    detail: dict[str, Any]
    seal: int | None


class AuditPage(Struct, frozen=True):
    """``next`` is the cursor of the following page, or null."""

    entries: list[AuditView]
    next: UUID | None


class SealView(Struct, frozen=True):
    """``root`` and ``signature`` in hex."""

    number: int
    at: datetime
    count: int
    total: int
    root: str
    signature: str


class PlaceView(Struct, frozen=True):
    """A second place, and the last seal that reached it."""

    name: str
    seal: int
    at: datetime


class FindingView(Struct, frozen=True):
    what: str
    about: str


class VerificationView(Struct, frozen=True):
    """One run over the whole log. Nothing found: it is as it was sealed."""

    at: datetime
    entries: int
    seals: int
    seconds: float
    findings: list[FindingView]


class SealsView(Struct, frozen=True):
    """The newest seals, the places their checkpoints reached, the last verification, and the public key in hex."""

    seals: list[SealView]
    places: list[PlaceView]
    verification: VerificationView | None
    public_key: str | None


class AlarmView(Struct, frozen=True):
    id: UUID
    kind: str
    agent: UUID
    at: datetime
    detail: dict[str, Any]
    seen_by: UUID | None
    seen_at: datetime | None


class PurposeView(Struct, frozen=True):
    """``name`` in the reader's language; ``seconds`` a field stays open; ``own_words``: it is said in words."""

    key: str
    name: str
    fields: list[str]
    seconds: int
    own_words: bool
    active: bool


# Too short for a recovery phrase or a key: this folder cannot redact.
PurposeName = Annotated[str, Meta(min_length=1, max_length=40)]
LanguageTag = Annotated[str, Meta(pattern="^[A-Za-z-]{2,10}$")]


class PurposeInput(Struct, frozen=True):
    """``names`` by language; English is what others fall back to."""

    names: Annotated[dict[LanguageTag, PurposeName], Meta(min_length=1, max_length=len(LANGUAGES))]
    fields: Annotated[list[Field], Meta(min_length=1, max_length=len(Field))]
    seconds: Annotated[int, Meta(ge=10, le=3600)]
    own_words: bool = False
    active: bool = True
    position: Annotated[int, Meta(ge=0, le=1000)] = 100


@get("/api/audit")
async def list_audit(
    database: Database,
    viewer: StaffViewer,
    before: UUID | None = None,
    action: Annotated[str | None, Parameter(max_length=60)] = None,
    actor: UUID | None = None,
    subject: UUID | None = None,
    limit: Annotated[int, Parameter(ge=1, le=200)] = 100,
) -> AuditPage:
    """The newest first. ``action`` is an action or the beginning of one (``sign_in.``). For auditors and
    administrators; nobody else sees an entry."""
    async with database.transaction() as session:
        rows = await queries.audit_entries(
            session, viewer, before=before, action=action, actor=actor, subject=subject, limit=limit
        )
        sealed = await queries.seals_of(session, [row.id for row in rows])
        given = {row.id: UUID(row.detail["grant"]) for row in rows if "grant" in row.detail}
        asked = await queries.grants_by_id(session, viewer, list(given.values()))
    entries = [_entry(viewer, row, sealed.get(row.id), asked.get(given.get(row.id, row.id))) for row in rows]
    return AuditPage(entries, rows[-1].id if len(rows) == limit else None)


def _entry(viewer: StaffViewer, row: AuditEntry, seal: int | None, grant: AccessGrant | None) -> AuditView:
    words = shown(grant.words, Field.TEXT, sight(viewer, Field.TEXT, Stance.AWAY)) if grant else None
    return AuditView(
        id=row.id,
        at=row.at,
        actor_kind=row.actor_kind,
        actor_id=row.actor_id,
        action=row.action,
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        purpose=row.purpose,
        words=words,
        network=shown(row.network, Field.NETWORK, sight(viewer, Field.NETWORK, Stance.AWAY)),
        detail=row.detail,
        seal=seal,
    )


@get("/api/audit/seals")
async def list_seals(database: Database, viewer: StaffViewer) -> SealsView:
    """For auditors and administrators."""
    async with database.transaction() as session:
        rows = await queries.seals(session, viewer)
        places = await queries.checkpoints_sent(session)
        last = await queries.last_verification(session, viewer)
    verification = None
    if last is not None:
        found = [FindingView(finding["what"], finding["about"]) for finding in last.findings]
        verification = VerificationView(last.at, last.entries, last.seals, last.seconds, found)
    return SealsView(
        seals=[_seal(row) for row in rows],
        places=[PlaceView(place.place, place.seal, place.at) for place in places],
        verification=verification,
        public_key=published_key(),
    )


def _seal(row: AuditSeal) -> SealView:
    signed = sealing.checkpoint_of(row)
    return SealView(row.number, row.at, row.count, row.total, signed.statement.root, signed.signature)


@post("/api/audit/verification", status_code=202)
async def verify_now(database: Database, viewer: StaffViewer) -> None:
    """Look the whole log over, soon; the outcome is in ``/api/audit/seals``. For auditors and administrators."""
    queries.must_audit(viewer)
    async with database.transaction() as session:
        await jobs.defer(session, VERIFY)


@get("/api/audit/{entry_id:uuid}/proof")
async def entry_proof(database: Database, viewer: StaffViewer, entry_id: UUID) -> Response[Proof]:
    """The inclusion proof of one entry, for ``holdfast audit verify-proof``."""
    queries.must_audit(viewer)
    async with database.transaction() as session:
        found = await proofs.proofs(session, [entry_id], published_key() or "")
    if not found:
        raise SealMissing
    return Response(found[0], headers={"content-disposition": f'attachment; filename="proof-{entry_id}.json"'})


@get("/api/alarms")
async def list_alarms(database: Database, viewer: StaffViewer) -> list[AlarmView]:
    """For auditors and leads; one's own are for others."""
    async with database.transaction() as session:
        return [_alarm(row) for row in await queries.alarms(session, viewer)]


@post("/api/alarms/{alarm_id:uuid}/seen", status_code=200)
async def see_alarm(database: Database, viewer: StaffViewer, alarm_id: UUID) -> AlarmView:
    async with database.transaction() as session:
        return _alarm(await alarms.seen(session, viewer, alarm_id))


def _alarm(row: Alarm) -> AlarmView:
    return AlarmView(row.id, row.kind, row.agent_id, row.at, row.detail, row.seen_by_id, row.seen_at)


@get("/api/purposes")
async def list_purposes(database: Database, viewer: StaffViewer) -> list[PurposeView]:
    """The catalogue, in order, in the reader's language."""
    async with database.transaction() as session:
        return [_purpose(row, viewer.language) for row in await queries.purposes(session)]


@put("/api/purposes/{key:str}", opt=FRESH)
async def put_purpose(
    database: Database,
    viewer: StaffViewer,
    key: Annotated[str, Parameter(pattern=r"^[a-z_]{2,40}$")],
    data: PurposeInput,
) -> PurposeView:
    """Add or change one. For administrators."""
    purpose = Purpose(
        key=key,
        names=data.names,
        fields=[field.value for field in data.fields],
        seconds=data.seconds,
        own_words=data.own_words,
        position=data.position,
        active=data.active,
    )
    async with database.transaction() as session:
        await grants.put_purpose(session, viewer, purpose)
    return _purpose(purpose, viewer.language)


def _purpose(row: Purpose, language: str) -> PurposeView:
    return PurposeView(row.key, name_of(row.names, language), row.fields, row.seconds, row.own_words, row.active)


HANDLERS = [
    list_audit,
    list_seals,
    verify_now,
    entry_proof,
    list_alarms,
    see_alarm,
    list_purposes,
    put_purpose,
]
