"""The demo's pages: a pretend wallet that embeds the hotline as a real one would, the mails that were sent, and who
can sign in. Mounted only in a demo."""

import json
import re
from collections.abc import Sequence
from datetime import timedelta
from html import escape
from pathlib import Path
from typing import Any

import jwt
import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from holdfast.app.base_data import INBOX
from holdfast.app.demo import sign_ins
from holdfast.app.demo_conversations import Guest, scripts
from holdfast.app.pages import html
from holdfast.conversations import queries
from holdfast.core.clock import now
from holdfast.core.database import Database
from holdfast.core.errors import NotFound
from holdfast.core.i18n import negotiate
from holdfast.core.settings import Settings
from holdfast.people.mail import KeptMail, sink_mails

_HERE = Path(__file__).parent
_TEMPLATES = _HERE / "templates"
_WORDS: dict[str, dict[str, str]] = json.loads((_HERE / "demo_words.json").read_text("utf-8"))
# In the order of the widget's own picker.
_NAMES = {
    "en": "English", "zh-Hans": "简体中文", "zh-Hant": "繁體中文", "ja": "日本語", "ko": "한국어",
    "es": "Español", "de": "Deutsch", "ar": "العربية",
}  # fmt: skip
# Who the wallet may be signed in as: the part of their user id after "demo-".
_USERS = ("lin", "sam")
_THEMES = ("auto", "light", "dark")
# The server takes at most an hour; a wallet asks for a fresh one each time the widget does.
_IDENTITY_LIVES = timedelta(minutes=10)


class UserUnknown(NotFound):
    id = "demo_user_unknown"
    title = "There is no such user in this demo"


class IdentityAnswer(msgspec.Struct, frozen=True):
    token: str


def policy(settings: Settings) -> str:
    """Nothing inline, nothing foreign."""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        f"img-src 'self' data: blob: {settings.files_origin}; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    )


def _guests() -> dict[str, Guest]:
    """The users by key, as the seeded conversations know them."""
    known = {script.guest.subject: script.guest for script in scripts()}
    return {user: known[f"demo-{user}"] for user in _USERS}


def _filled(template: str, values: dict[str, str]) -> str:
    """Every ``{{key}}`` of the template; the values are HTML already."""
    return re.sub(r"\{\{(\w+)\}\}", lambda found: values[found[1]], template)


def _options(choices: dict[str, str], chosen: str) -> str:
    return "".join(
        f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>{escape(name)}</option>'
        for value, name in choices.items()
    )


def style_sheet(settings: Settings) -> bytes:
    """The tokens, the dark ones also for who has chosen nothing and whose device is dark, and the demo's own rules."""
    tokens = (settings.web_dir / "shared" / "tokens.css").read_text("utf-8")
    dark = re.search(r"^\.dark (\{[^}]*\})", tokens, re.MULTILINE)
    by_device = f"@media (prefers-color-scheme: dark) {{ :root:not(.light) {dark[1]} }}\n" if dark else ""
    return (tokens + by_device + (_TEMPLATES / "demo.css").read_text("utf-8")).encode()


def wallet_page(template: str, guests: dict[str, Guest], *, language: str, user: str, theme: str) -> str:
    """The pretend wallet in ``language`` (one of the widget's), signed in as ``user`` or, for an empty one, nobody."""
    shown = language if language in _WORDS else "en"
    words = _WORDS[shown]
    who = guests[user].name or user if user else words["nobody"]
    users = {"": words["nobody"]} | {key: guest.name or key for key, guest in guests.items()}
    text = {key: escape(value) for key, value in words.items()}
    return _filled(
        template,
        text
        | {
            "minutes": escape(words["minutes"].replace("{n}", "47")),
            "language": shown,
            "direction": "rtl" if shown == "ar" else "ltr",
            "class": "" if theme == "auto" else theme,
            "theme": theme,
            "inbox": INBOX,
            "user": escape(user),
            "user_name": escape(who),
            "language_label": text["language"],
            "theme_label": text["theme"],
            "users": _options(users, user),
            "languages": _options(_NAMES, shown),
            "themes": _options({key: words[key] for key in _THEMES}, theme),
        },
    )


def index_page(settings: Settings) -> str:
    """Where everything is, and who can sign in."""
    ways = (
        ("/demo/wallet", "The wallet", "Ask for help as a customer: anonymous, or as one of two users."),
        ("/console/", "The console", "Answer as one of the people below."),
        ("/help-support?inbox=wallet", "The hosted help page", "What an app shows in its WebView."),
        ("/demo/mail", "The mails", "Invitations and password links, which a demo keeps instead of sending."),
        ("/api/schema/openapi.json", "The API", "OpenAPI document of the REST interface."),
    )
    links = "".join(f'<a href="{path}">{name}<small>{line}</small></a>' for path, name, line in ways)
    people = "".join(
        f"<li><b>{escape(name)}</b><code>{escape(email)}</code><code>{escape(password)}</code>"
        f"<small>{escape(roles)}</small></li>"
        for name, email, password, roles in sign_ins()
    )
    return (
        f"<h1>{escape(settings.organisation)}: the demo</h1>\n"
        "<p>Everybody here is made up and every password is public. Never put real data into a demo.</p>\n"
        f'<nav class="go" aria-label="Where to go">{links}</nav>\n'
        f'<section><h2>Sign-ins of the console</h2><ul class="people">{people}</ul></section>'
    )


def mail_page(settings: Settings, mails: Sequence[KeptMail]) -> str:
    """The mails, newest first, their links to this installation clickable."""
    links = re.compile(re.escape(escape(settings.origin)) + r"[^\s<]*")

    def text(mail: KeptMail) -> str:
        return links.sub(lambda found: f'<a href="{found[0]}">{found[0]}</a>', escape(mail.text))

    shown = "".join(
        f'<article class="mail"><h2>{escape(mail.subject)}</h2>'
        f'<small>{escape(mail.to)} · <time datetime="{mail.at.isoformat()}">{mail.at:%Y-%m-%d %H:%M} UTC</time></small>'
        f"<pre>{text(mail)}</pre></article>"
        for mail in mails
    )
    empty = "<p>No mail was sent yet. Invite somebody in the console, or ask for a new password.</p>"
    return f'<h1>Mails that were sent</h1>\n{shown or empty}\n<p><a href="/demo">Back to the demo</a></p>'


def handlers(settings: Settings) -> Sequence[HTTPRouteHandler]:
    """The demo's page handlers."""
    guests = _guests()
    wallet_template = (_TEMPLATES / "demo_wallet.html").read_text("utf-8")
    page_template = (_TEMPLATES / "demo_page.html").read_text("utf-8")
    sheet = style_sheet(settings)
    script = (_TEMPLATES / "demo_wallet.js").read_bytes()
    fresh = {"Cache-Control": "no-cache"}

    def page(title: str, content: str) -> Response[bytes]:
        return html(_filled(page_template, {"title": escape(title), "content": content}), policy(settings))

    @get("/demo", include_in_schema=False)
    async def demo_index() -> Response[bytes]:
        return page("Demo", index_page(settings))

    @get("/demo/wallet", include_in_schema=False)
    async def demo_wallet(
        request: Request[Any, Any, Any], lang: str = "", user: str = "", theme: str = "auto"
    ) -> Response[bytes]:
        language = negotiate(lang or request.headers.get("accept-language"))
        user = user if user in guests else ""
        theme = theme if theme in _THEMES else "auto"
        body = wallet_page(wallet_template, guests, language=language, user=user, theme=theme)
        return html(body, policy(settings))

    @get("/demo/wallet/identity", include_in_schema=False)
    async def demo_identity(database: Database, user: str, nonce: str = "") -> Response[IdentityAnswer]:
        """What a wallet's back end does for its signed-in user: vouch for them with a short-lived signature, which
        names the challenge that it answers, if there is one."""
        if user not in guests:
            raise UserUnknown
        guest, issued = guests[user], now()
        async with database.transaction() as session:
            inbox = await queries.inbox_by_key(session, INBOX)
        claims = {
            "sub": guest.subject,
            "aud": inbox.key,
            "iat": issued,
            "exp": issued + _IDENTITY_LIVES,
            "name": guest.name,
            "email": guest.email,
            "phone": guest.phone,
            "nonce": nonce or None,
        }
        token = jwt.encode(claims, inbox.identity_secret or "", algorithm="HS256")
        return Response(IdentityAnswer(token), headers={"Cache-Control": "no-store"})

    @get("/demo/mail", include_in_schema=False)
    async def demo_mail(database: Database) -> Response[bytes]:
        async with database.transaction() as session:
            mails = await sink_mails(session)
        return page("Mails", mail_page(settings, mails))

    @get("/demo/demo.css", include_in_schema=False)
    async def demo_style() -> Response[bytes]:
        return Response(sheet, media_type="text/css; charset=utf-8", headers=fresh)

    @get("/demo/wallet.js", include_in_schema=False)
    async def demo_script() -> Response[bytes]:
        return Response(script, media_type="text/javascript; charset=utf-8", headers=fresh)

    return [demo_index, demo_wallet, demo_identity, demo_mail, demo_style, demo_script]
