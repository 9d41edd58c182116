"""What needs no sign-in: known problems for the widget, and the tracker's webhook, which is signed."""

import json
from typing import Any

from litestar import Request, Response, get, post

from holdfast.core.database import Database
from holdfast.core.errors import Malformed
from holdfast.core.i18n import negotiate
from holdfast.technical import presenting, queries, tracking
from holdfast.technical.schemas import PublicProblems


@get("/api/widget/problems")
async def public_problems(database: Database, lang: str = "") -> Response[PublicProblems]:
    """What is known to be out of order now, the worst first, in the reader's language where there is a text."""
    async with database.transaction() as session:
        rows = await queries.public_problems(session, solved=False)
    language = negotiate(lang)
    # Fresh: whoever asks was just told that something has changed.
    return Response(
        PublicProblems([presenting.public(row, language) for row in rows]), headers={"Cache-Control": "no-store"}
    )


@post("/api/hooks/github", status_code=204)
async def github_hook(database: Database, request: Request[Any, Any, Any]) -> None:
    """Something happened to an issue (X-Hub-Signature-256)."""
    body = await request.body()
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        raise Malformed from None
    async with database.transaction() as session:
        await tracking.told_by_webhook(session, body, request.headers.get("x-hub-signature-256", ""), payload)


HANDLERS = [public_problems, github_hook]
