"""What a customer asks of the house: who looked at my data, when, at what, for what, and can you prove it?"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, post
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access import proofs, queries
from holdfast.access.models import AuditEntry
from holdfast.access.purposes import name_of
from holdfast.access.seals import Proof
from holdfast.access.signing import published_key
from holdfast.access.viewer import CustomerViewer, Role, SystemViewer
from holdfast.channels.chat.http import Text200, Token, rates
from holdfast.conversations.tokens import open_token
from holdfast.core.database import Database
from holdfast.core.http import STATUS_OK
from holdfast.core.i18n import negotiate
from holdfast.core.settings import Settings
from holdfast.people import queries as people

# Opening a conversation asks for its head, its words and its live line: that is one look.
ONE_LOOK = timedelta(minutes=10)
_OPENINGS = ("conversation.opened", "technical_case.opened")
# What was shown beside the conversation and the customer's fields.
_SHOWN = {"mail.raw_shown": "letter", "conversation.ambiguous_shown": "secret"}
# Which of several roles a customer is told.
_ROLES = (Role.EMERGENCY_AGENT, Role.AGENT, Role.LEAD, Role.AUDITOR, Role.ADMINISTRATOR, Role.TRAINER, Role.CANDIDATE)


class Asking(msgspec.Struct, frozen=True):
    token: Token
    language: Text200 = "en"


class LookView(msgspec.Struct, frozen=True):
    """``name`` is a first name; ``field`` the kind of value that was shown in clear, or letter (as it came) or secret
    (what may be one); null for the conversation and the customer's name. ``purpose`` in the customer's language, with
    the agent's own ``words``; null: to answer. ``seal`` is null until the next seal."""

    id: UUID
    at: datetime
    name: str
    role: str
    field: str | None
    purpose: str | None
    words: str | None
    seal: int | None


class Looks(msgspec.Struct, frozen=True):
    """The newest first."""

    looks: list[LookView]


def _merged(entries: list[AuditEntry]) -> list[AuditEntry]:
    """Newest first; of several openings of the conversation (or of its case) by one person within ten minutes, the
    first."""
    result: list[AuditEntry] = []
    opened: dict[tuple[UUID | None, str], int] = {}
    for entry in entries:
        who = entry.actor_id, entry.action
        place = opened.get(who)
        if entry.action not in _OPENINGS:
            result.append(entry)
        elif place is not None and result[place].at - entry.at < ONE_LOOK:
            result[place] = entry
        else:
            opened[who] = len(result)
            result.append(entry)
    return sorted(result, key=lambda entry: entry.id, reverse=True)


async def _looks(session: AsyncSession, viewer: CustomerViewer, language: str) -> list[LookView]:
    entries = _merged(list(await queries.looks(session, viewer)))
    sealed = await queries.seals_of(session, [entry.id for entry in entries])
    given = {entry.id: UUID(entry.detail["grant"]) for entry in entries if "grant" in entry.detail}
    grants = await queries.grants_by_id(session, viewer, list(given.values()))
    purposes = {row.key: name_of(row.names, language) for row in await queries.purposes(session)}
    staff = {agent.id: agent for agent in await people.agents(session, SystemViewer("who looked"))}
    result = []
    for entry in entries:
        agent = staff.get(entry.actor_id) if entry.actor_id else None
        grant = grants.get(given.get(entry.id, entry.id))
        held = {Role(role) for role in agent.roles} if agent else set()
        result.append(
            LookView(
                id=entry.id,
                at=entry.at,
                name=agent.name.split()[0] if agent else "",
                role=next((role.value for role in _ROLES if role in held), ""),
                field=_SHOWN.get(entry.action, entry.detail.get("kind")),
                purpose=purposes.get(entry.purpose, entry.purpose) if entry.purpose else None,
                words=grant.words if grant else None,
                seal=sealed.get(entry.id),
            )
        )
    return result


@post("/api/widget/looks", status_code=STATUS_OK)
async def who_looked(database: Database, settings: Settings, data: Asking, request: Request[Any, Any, Any]) -> Looks:
    """Who looked at the customer's fields, and at the conversation of the token."""
    rates(request, settings).acts.take(data.token)
    async with database.transaction() as session:
        viewer = await open_token(session, data.token)
        return Looks(await _looks(session, viewer, negotiate(data.language)))


@post("/api/widget/looks/proof", status_code=STATUS_OK)
async def looks_proof(
    database: Database, settings: Settings, data: Asking, request: Request[Any, Any, Any]
) -> Response[list[Proof]]:
    """The proofs of what ``who_looked`` lists and is sealed, for ``holdfast audit verify-proof``."""
    rates(request, settings).acts.take(data.token)
    async with database.transaction() as session:
        viewer = await open_token(session, data.token)
        entries = _merged(list(await queries.looks(session, viewer)))
        found = await proofs.proofs(session, [entry.id for entry in entries], published_key() or "")
    return Response(found, headers={"content-disposition": 'attachment; filename="holdfast-proof.json"'})


HANDLERS = [who_looked, looks_proof]
