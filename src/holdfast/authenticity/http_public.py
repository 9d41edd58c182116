"""What everybody may ask, without a sign-in: is this yours; the signed register; and the way to report a fake."""

from typing import Any

import msgspec
from litestar import Request, get, post
from litestar.response import Response

from holdfast.authenticity import checking, impostors, queries, register
from holdfast.authenticity.rates import CHECKS, REPORTS, Rate
from holdfast.authenticity.schemas import AnswerView, PublicReport, Question, SignedRegister, Taken
from holdfast.authenticity.wording import wording
from holdfast.core.database import Database
from holdfast.core.http import STATUS_OK, client_network
from holdfast.core.i18n import negotiate
from holdfast.core.settings import Settings

# Of this process; the page of proof counts with them.
CHECKED, REPORTED = Rate(CHECKS), Rate(REPORTS)
DOCUMENT = "/.well-known/holdfast-official-channels.json"


@post("/api/verify", status_code=STATUS_OK)
async def verify(database: Database, settings: Settings, data: Question, request: Request[Any, Any, Any]) -> AnswerView:
    """Whether an address, number, account, app or check code is ours. What is asked is not kept."""
    CHECKED.take(client_network(request.scope, settings))
    language = negotiate(data.language or request.headers.get("accept-language"))
    async with database.transaction() as session:
        answer = await checking.check(session, data.text, await queries.register(session))
    words = wording(answer, language)
    return AnswerView(
        answer.status,
        answer.kind,
        answer.shown,
        answer.of,
        answer.trick,
        answer.reference,
        answer.at,
        words.headline,
        words.reasons,
        words.advice,
    )


@post("/api/verify/report", status_code=STATUS_OK)
async def report(database: Database, settings: Settings, data: PublicReport, request: Request[Any, Any, Any]) -> Taken:
    """Report an impostor from an app. Texts are redacted before they are kept."""
    REPORTED.take(client_network(request.scope, settings))
    language = negotiate(data.language or request.headers.get("accept-language"))
    async with database.transaction() as session:
        await impostors.report(
            session, source="page", kind=data.kind, target=data.target, words=data.words, language=language
        )
    return Taken()


@get(DOCUMENT)
async def document(database: Database, settings: Settings) -> Response[bytes]:
    """The register of official channels, signed (docs/operations/authenticity.md says how an app checks it)."""
    async with database.transaction() as session:
        signed = await register.document(session, settings.organisation)
    return Response(
        msgspec.json.encode(msgspec.convert(signed, SignedRegister)),
        media_type="application/json",
        headers={"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=300"},
    )


HANDLERS = [verify, report, document]
