"""/address/…: where the link of a letter leads that asks whether somebody reads at an address. Needs no sign-in, no
JavaScript, and shows nothing of the conversation but the address.

Opening it changes nothing, because mail scanners and link previews open links. Only the button, a POST, confirms.
"""

from collections.abc import Sequence
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from holdfast.app.plain_page import OF_A_LINK, plain_page
from holdfast.channels.mail import reach
from holdfast.channels.mail.errors import ConfirmationEnded
from holdfast.core.database import Database
from holdfast.core.errors import problem_of
from holdfast.core.http import STATUS_OK
from holdfast.core.i18n import negotiate, translate


async def _answer(database: Database, request: Request[Any, Any, Any], token: str, *, act: bool) -> Response[bytes]:
    language = negotiate(request.headers.get("accept-language"))
    address, confirmed, status = "", False, STATUS_OK
    try:
        async with database.transaction() as session:
            row = await reach.by_link(session, token, act=act)
            address, confirmed = reach.masked(row.address), row.confirmed_at is not None
        title = translate("Please confirm your e-mail address", language)
    except ConfirmationEnded as error:
        problem = problem_of(error, language)
        title, status = problem.title, error.status
    return plain_page(
        "address.html",
        language,
        OF_A_LINK,
        status=status,
        title=title,
        address=address,
        confirmed=confirmed,
        question=translate(
            "Answers of our support will be sent to this address when you are not in the chat.", language
        ),
        button=translate("Yes, send answers here", language),
        done=translate("Thank you. Answers will come to this address. You can close this page.", language),
    )


@get("/address/{token:str}", include_in_schema=False)
async def address_link(database: Database, request: Request[Any, Any, Any], token: str) -> Response[bytes]:
    """The address, and the button."""
    return await _answer(database, request, token, act=False)


@post("/address/{token:str}", include_in_schema=False, status_code=STATUS_OK)
async def address_button(database: Database, request: Request[Any, Any, Any], token: str) -> Response[bytes]:
    """Whoever reads there says so."""
    return await _answer(database, request, token, act=True)


HANDLERS: Sequence[HTTPRouteHandler] = [address_link, address_button]
