"""/kept: the share of promises kept, for everybody, where an administrator has switched it on. Plain HTML."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from babel import Locale
from babel.dates import format_skeleton
from babel.numbers import format_percent
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from holdfast.app.plain_page import NAMES, plain_page
from holdfast.core.clock import now
from holdfast.core.database import Database
from holdfast.core.http import RouteUnknown
from holdfast.core.i18n import LANGUAGES, negotiate, translate
from holdfast.core.settings import Settings
from holdfast.promises import queries
from holdfast.promises.model import Kind

# Below this a month says more about single customers than about the desk, and one of them moves it by 5 % and more.
FEWEST = 20
_SHOWN = timedelta(days=366)


def share(kept: int, broken: int) -> int | None:
    """Whole per cent, rounded down: 100 means that none was broken. None: too few to be shown."""
    return None if kept + broken < FEWEST else kept * 100 // (kept + broken)


def _name(kind: str, language: str) -> str:
    match kind:
        case Kind.FIRST:
            return translate("First answer of a person", language)
        case Kind.NEXT:
            return translate("Each further answer", language)
        case Kind.SOLUTION:
            return translate("Solution", language)
        case Kind.UPDATE:
            return translate("News while our technicians work on it", language)
        case _:
            return translate("Answer in an emergency", language)


def _months(at: datetime) -> tuple[datetime, datetime]:
    """From the first of a month a year ago until the first of this one: a month that runs is not over."""
    until = at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (until - _SHOWN).replace(day=1), until


@get("/kept", include_in_schema=False)
async def kept_page(
    database: Database, settings: Settings, request: Request[Any, Any, Any], lang: str = ""
) -> Response[bytes]:
    """Raises RouteUnknown unless it is switched on."""
    if not settings.public_attainment:
        raise RouteUnknown
    language = lang if lang in LANGUAGES else negotiate(lang or request.headers.get("accept-language"))
    locale = Locale.parse(language, sep="-")
    async with database.transaction() as session:
        rows = await queries.public_attainment(session, *_months(now()))
    by_kind: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        percent = share(row.kept, row.broken)
        if percent is not None:
            said = str(format_skeleton("yMMMM", row.month, locale=locale)), format_percent(percent / 100, locale=locale)
            by_kind.setdefault(row.kind, []).append(said)
    return plain_page(
        "kept.html",
        language,
        {"Cache-Control": "no-cache", "Vary": "Accept-Language"},
        languages=NAMES,
        label=translate("Language", language),
        title=translate("How we keep our promises", language),
        lead=translate(
            "The share of promises that were kept, by the month in which they were made. Rounded down: 100 % means "
            "that none was broken. Months with fewer than {count} promises are not shown.",
            language,
            count=FEWEST,
        ),
        nothing=translate("There is nothing to show yet.", language),
        month=translate("Month", language),
        share=translate("Kept", language),
        kinds=[(_name(kind, language), by_kind[kind]) for kind in Kind if kind in by_kind],
    )


HANDLERS: Sequence[HTTPRouteHandler] = [kept_page]
