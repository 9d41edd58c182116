"""/status: what is known to be out of order, for everybody. Plain HTML that needs neither a sign-in nor JavaScript."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from holdfast.app.plain_page import NAMES, direction, plain_page, written
from holdfast.core.database import Database
from holdfast.core.i18n import LANGUAGES, negotiate, translate
from holdfast.technical import presenting, queries
from holdfast.technical.schemas import PublicProblem


def _state(problem: PublicProblem, language: str) -> str:
    match problem.state:
        case "watching":
            return translate("We are looking into it", language)
        case "known":
            return translate("We know the cause and work on it", language)
        case _:
            return translate("Solved", language)


def _severity(problem: PublicProblem, language: str) -> str:
    match problem.severity:
        case "minor":
            return translate("Small disturbance", language)
        case "major":
            return translate("Large disturbance", language)
        case _:
            return translate("Outage", language)


def _when(at: datetime, language: str) -> str:
    return written(at, "%Y-%m-%d %H:%M UTC", language)


@get("/status", include_in_schema=False)
async def status_page(database: Database, request: Request[Any, Any, Any], lang: str = "") -> Response[bytes]:
    """In the reader's language where there is a text, else in English."""
    language = lang if lang in LANGUAGES else negotiate(lang or request.headers.get("accept-language"))
    async with database.transaction() as session:
        found = [presenting.public(row, language) for row in await queries.public_problems(session, solved=True)]
    return plain_page(
        "status.html",
        language,
        {"Cache-Control": "no-cache", "Vary": "Accept-Language"},
        languages=NAMES,
        title=translate("Known problems", language),
        nothing=translate("We know of no problem.", language),
        label=translate("Language", language),
        problems=[
            {
                "title": problem.title,
                "text": problem.text,
                "language": problem.language,
                "direction": direction(problem.language),
                "over": problem.state == "solved",
                "state": _state(problem, language),
                "severity": _severity(problem, language),
                "since": translate("Since {when}", language, when=_when(problem.starts_at, language)),
                "changed": translate("Last changed {when}", language, when=_when(problem.changed_at, language)),
            }
            for problem in sorted(found, key=lambda problem: problem.state == "solved")
        ],
    )


HANDLERS: Sequence[HTTPRouteHandler] = [status_page]
