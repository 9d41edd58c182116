"""/page/…: where the link of a page leads. Shows what it is and a button; needs neither a sign-in nor JavaScript.

Opening it changes nothing, because mail scanners and link previews open links. Only the button, a POST, acknowledges.
"""

from collections.abc import Sequence
from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.enums import RequestEncodingType
from litestar.handlers import HTTPRouteHandler
from litestar.params import Body

from holdfast.app.plain_page import OF_A_LINK, plain_page, written
from holdfast.core.database import Database
from holdfast.core.errors import problem_of
from holdfast.core.http import STATUS_OK
from holdfast.core.i18n import negotiate, translate
from holdfast.paging import by_link, wording
from holdfast.paging.by_link import Opened
from holdfast.paging.errors import PageLinkEnded

# Minutes that the buttons offer; the first is the main one.
HOLDS = (30, 60, 120)

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]


def _state(found: Opened, language: str) -> str:
    page = found.page
    if page.state == "resolved":
        return translate("It is over. There is nothing to do.", language)
    if page.state == "acknowledged" and page.until is not None:
        return translate(
            "{name} has it until {until} UTC. Whoever is not finished by then is told again.",
            language,
            name=found.holder or "",
            until=written(page.until, "%H:%M", language),
        )
    return translate("Nobody has it yet.", language)


def _page(language: str, found: Opened | None, problem: str = "", status: int = STATUS_OK) -> Response[bytes]:
    return plain_page(
        "page.html",
        language,
        OF_A_LINK,
        status=status,
        title=wording.headline(found.page, language) if found else problem,
        problem=problem,
        state=_state(found, language) if found else "",
        over=found is None or found.page.state == "resolved",
        raised=translate("Since {when} UTC", language, when=written(found.page.raised_at, "%Y-%m-%d %H:%M", language))
        if found
        else "",
        holds=[(minutes, translate("I have it for {minutes} minutes", language, minutes=minutes)) for minutes in HOLDS],
        test=found is not None and found.page.agent_id is not None,
        arrived=translate("It arrived", language),
        console=translate("Open the console", language),
    )


def _ended(request: Request[Any, Any, Any], error: PageLinkEnded) -> Response[bytes]:
    language = negotiate(request.headers.get("accept-language"))
    return _page(language, None, problem_of(error, language).title, error.status)


@get("/page/{token:str}", include_in_schema=False)
async def page_link(database: Database, request: Request[Any, Any, Any], token: str) -> Response[bytes]:
    """What the page is, and the button."""
    try:
        async with database.transaction() as session:
            found = await by_link.opened(session, token)
    except PageLinkEnded as error:
        return _ended(request, error)
    return _page(found.agent.interface_language, found)


@post("/page/{token:str}", include_in_schema=False, status_code=STATUS_OK)
async def page_button(database: Database, request: Request[Any, Any, Any], token: str, data: Form) -> Response[bytes]:
    """The link's person has it."""
    asked = data.get("minutes", "")
    minutes = next((offered for offered in HOLDS if str(offered) == asked), HOLDS[0])
    try:
        async with database.transaction() as session:
            found = await by_link.acknowledge(session, token, minutes)
    except PageLinkEnded as error:
        return _ended(request, error)
    return _page(found.agent.interface_language, found)


HANDLERS: Sequence[HTTPRouteHandler] = [page_link, page_button]
