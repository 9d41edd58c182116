"""/verify, "Is this really us?": checks what somebody was shown, takes the report of a fake. Needs no JavaScript.

What is pasted comes in the body of a form, so that it stands in no address, history or log, and is not kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.enums import RequestEncodingType
from litestar.handlers import HTTPRouteHandler
from litestar.params import Body

from holdfast.app.plain_page import FORM, NAMES, plain_page
from holdfast.authenticity import checking, impostors, queries
from holdfast.authenticity.checking import SUSPECT, Answer
from holdfast.authenticity.http_public import CHECKED, DOCUMENT, REPORTED
from holdfast.authenticity.lookalikes import Official
from holdfast.authenticity.targets import CHANNEL_KINDS, IMPOSTOR_KINDS, LIMIT
from holdfast.authenticity.wording import kind_name, wording
from holdfast.core.clock import now
from holdfast.core.database import Database
from holdfast.core.errors import HoldfastError, RateLimited, problem_of
from holdfast.core.http import STATUS_OK, client_network
from holdfast.core.i18n import LANGUAGES, negotiate, translate
from holdfast.core.settings import Settings

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    lines: list[Official]


def _groups(register: list[Official], language: str) -> list[Group]:
    moment = now()
    current = [line for line in register if line.valid(moment)]
    made = [Group(kind_name(kind, language), [line for line in current if line.kind == kind]) for kind in CHANNEL_KINDS]
    return [group for group in made if group.lines]


def _language(request: Request[Any, Any, Any], chosen: str) -> str:
    return chosen if chosen in LANGUAGES else negotiate(chosen or request.headers.get("accept-language"))


def _page(language: str, register: list[Official], **shown: Any) -> Response[bytes]:
    defaults = {"asked": "", "answer": None, "words": None, "reportable": False, "thanked": False, "problem": ""}
    return plain_page(
        "verify.html",
        language,
        {**FORM, "Vary": "Accept-Language"},
        title=translate("Is this really us?", language),
        languages=NAMES,
        groups=_groups(register, language),
        document=DOCUMENT,
        limit=LIMIT,
        texts={
            "lead": translate(
                "Paste a web address, link, account name, phone number, e-mail address, app signature, or the check "
                "code of a message. What you paste is not kept.",
                language,
            ),
            "field": translate("What was shown to you", language),
            "check": translate("Check", language),
            "report": translate("Report it", language),
            "what": translate("What happened? Never write your recovery phrase here.", language),
            "send": translate("Send the report", language),
            "thanks": translate("Thank you. A person will look at your report.", language),
            "official": translate("Our official channels", language),
            "rule": translate("What is not listed here is not us.", language),
            "signed": translate("The same list, signed, for apps", language),
            "language": translate("Language", language),
            "money": translate(
                "Is money leaving your wallet? Open the app, choose Help, and press Emergency.", language
            ),
        },
        **{**defaults, **shown},
    )


def _both_themes(tokens: str) -> str:
    """The design's tokens; without JavaScript the reader's setting chooses the dark ones, not a class."""
    dark = tokens[tokens.index("\n.dark {") :]
    dark = dark[: dark.index("}") + 1].replace(".dark", ":root")
    return f"{tokens}\n@media (prefers-color-scheme: dark) {{{dark}}}\n"


def handlers(settings: Settings) -> Sequence[HTTPRouteHandler]:
    """The page's handlers."""
    sheet = (Path(__file__).parent / "templates" / "verify.css").read_bytes()
    tokens = _both_themes((settings.web_dir / "shared" / "tokens.css").read_text("utf-8")).encode()

    @get("/verify", include_in_schema=False)
    async def verify_page(database: Database, request: Request[Any, Any, Any], lang: str = "") -> Response[bytes]:
        """The empty form, and the register."""
        async with database.transaction() as session:
            return _page(_language(request, lang), await queries.register(session))

    @post("/verify", include_in_schema=False, status_code=STATUS_OK)
    async def verify_answer(database: Database, request: Request[Any, Any, Any], data: Form) -> Response[bytes]:
        """The answer to what was pasted."""
        language = _language(request, data.get("lang", ""))
        text = data.get("text", "")[:LIMIT]
        async with database.transaction() as session:
            register = await queries.register(session)
            try:
                CHECKED.take(client_network(request.scope, settings))
            except RateLimited as error:
                return _page(language, register, problem=problem_of(error, language).title, status=error.status)
            answer = await checking.check(session, text, register) if text.strip() else Answer("unreadable")
        # A secret is not written back into the page.
        asked = "" if answer.status == "secret" else text
        reportable = answer.status in SUSPECT and answer.kind in IMPOSTOR_KINDS
        return _page(
            language, register, asked=asked, answer=answer, words=wording(answer, language), reportable=reportable
        )

    @post("/verify/report", include_in_schema=False, status_code=STATUS_OK)
    async def verify_report(database: Database, request: Request[Any, Any, Any], data: Form) -> Response[bytes]:
        """A report, and thanks for it."""
        language = _language(request, data.get("lang", ""))
        async with database.transaction() as session:
            register = await queries.register(session)
        try:
            REPORTED.take(client_network(request.scope, settings))
            async with database.transaction() as session:
                await impostors.report(
                    session,
                    source="page",
                    kind=data["kind"] if data.get("kind") in IMPOSTOR_KINDS else None,
                    target=data.get("target", "")[:LIMIT],
                    words=data.get("words", ""),
                    language=language,
                )
        except HoldfastError as error:
            return _page(language, register, problem=problem_of(error, language).title, status=error.status)
        return _page(language, register, thanked=True)

    @get("/verify.css", include_in_schema=False)
    async def verify_sheet() -> Response[bytes]:
        return Response(tokens + sheet, media_type="text/css; charset=utf-8", headers={"Cache-Control": "no-cache"})

    return [verify_page, verify_answer, verify_report, verify_sheet]
