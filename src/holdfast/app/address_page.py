"""/address/…: where the link of a letter leads that asks whether somebody reads at an address. Needs no sign-in, no
JavaScript, and shows nothing of the conversation but the address.

Opening it changes nothing, because mail scanners and link previews open links. Only the button, a POST, confirms.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from holdfast.app.verify_page import POLICY
from holdfast.channels.mail import reach
from holdfast.channels.mail.errors import ConfirmationEnded
from holdfast.core.database import Database
from holdfast.core.errors import problem_of
from holdfast.core.http import STATUS_OK
from holdfast.core.i18n import negotiate, translate

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


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
    body = _TEMPLATES.get_template("address.html").render(
        language=language,
        direction="rtl" if language == "ar" else "ltr",
        title=title,
        address=address,
        confirmed=confirmed,
        question=translate(
            "Answers of our support will be sent to this address when you are not in the chat.", language
        ),
        button=translate("Yes, send answers here", language),
        done=translate("Thank you. Answers will come to this address. You can close this page.", language),
    )
    return Response(
        body.encode(),
        status_code=status,
        media_type="text/html; charset=utf-8",
        headers={
            # The form's Origin must be told, or it would be refused as foreign.
            "Referrer-Policy": "same-origin",
            "Content-Security-Policy": POLICY,
            "Cache-Control": "no-store",
            "X-Robots-Tag": "noindex",
            "Content-Language": language,
        },
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
