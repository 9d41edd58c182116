"""Pages and files: the built console and widget, the hosted help page for a WebView, uploads, and the demo's pages.

Each answer carries the strictest policy its page can live with. Uploads are only served on their own origin.
"""

import asyncio
import hashlib
import mimetypes
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import UUID

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from holdfast.conversations.errors import AttachmentUnknown
from holdfast.conversations.files import content, signed_attachment
from holdfast.core.database import Database
from holdfast.core.files import FileStore
from holdfast.core.http import RouteUnknown
from holdfast.core.i18n import negotiate
from holdfast.core.settings import Settings

_WORKER_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
# Hashed names never change their content.
FOREVER = "public, max-age=31536000, immutable"


def console_policy(settings: Settings) -> str:
    """Nuxt UI writes its colours into a style element (measured: with less it loses them)."""
    return (
        "default-src 'none'; script-src 'self'; style-src-elem 'self' 'unsafe-inline'; style-src-attr 'none'; "
        f"connect-src 'self'; img-src 'self' data: blob: {settings.files_origin}; font-src 'self'; media-src 'self'; "
        "manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def help_policy(settings: Settings) -> str:
    """The hosted help page may be framed by anyone: it holds no session, only tokens of its own storage."""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        f"img-src 'self' data: blob: {settings.files_origin}; base-uri 'none'; form-action 'none'"
    )


def html(body: str, policy: str, status: int = 200) -> Response[bytes]:
    return Response(
        body.encode(),
        status_code=status,
        media_type="text/html; charset=utf-8",
        headers={"Content-Security-Policy": policy, "Cache-Control": "no-cache"},
    )


class Built:
    """A folder of built files, read into memory once: what is not listed there does not exist."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files = {
            str(path.relative_to(folder)): path.read_bytes()
            for path in (sorted(folder.rglob("*")) if folder.is_dir() else [])
            if path.is_file()
        }

    def answer(self, name: str, request: Request[Any, Any, Any], headers: dict[str, str]) -> Response[bytes]:
        data = self.files.get(name)
        if data is None:
            raise RouteUnknown
        tag = f'"{hashlib.sha256(data).hexdigest()[:24]}"'
        hashed = name.startswith(("assets/", "chunks/"))
        headers = {**headers, "ETag": tag, "Cache-Control": FOREVER if hashed else "no-cache"}
        if request.headers.get("if-none-match") == tag:
            return Response(b"", status_code=304, headers=headers)
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        if kind.startswith("text/") or kind == "application/javascript":
            kind += "; charset=utf-8"
        return Response(data, media_type=kind, headers=headers)


def handlers(settings: Settings) -> Sequence[HTTPRouteHandler]:
    """The page handlers for these settings."""
    console, widget = Built(settings.web_dir / "console" / "dist"), Built(settings.web_dir / "widget" / "dist")
    template = (Path(__file__).parent / "templates" / "help_support.html").read_text()
    sheet = (Path(__file__).parent / "templates" / "pages.css").read_bytes()

    @get(["/console", "/console/{path:path}"], include_in_schema=False)
    async def console_page(request: Request[Any, Any, Any], path: str = "") -> Response[bytes]:
        """The console's files; every other path is a view of the console itself."""
        name = path.lstrip("/")
        # A worker lives under the policy of its own file: it shows notices, and asks nobody for anything.
        stated = _WORKER_POLICY if name == "push.js" else console_policy(settings)
        policy = {"Content-Security-Policy": stated, "X-Frame-Options": "DENY"}
        return console.answer(name if name in console.files else "index.html", request, policy)

    @get("/widget/{path:path}", include_in_schema=False)
    async def widget_file(request: Request[Any, Any, Any], path: str) -> Response[bytes]:
        """The web component, for any page of the wallet."""
        open_to_all = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
        return widget.answer(path.lstrip("/"), request, open_to_all)

    @get("/help-support", include_in_schema=False)
    async def help_support(
        request: Request[Any, Any, Any], inbox: str = "wallet", lang: str = "", theme: str = "auto"
    ) -> Response[bytes]:
        """The widget as a page of its own, for a WebView."""
        language = negotiate(lang or request.headers.get("accept-language"))
        filled = template
        for key, value in {
            "language": language,
            "direction": "rtl" if language == "ar" else "ltr",
            "inbox": quote(inbox, safe=""),
            "theme": theme if theme in {"light", "dark"} else "auto",
        }.items():
            filled = filled.replace("{{" + key + "}}", value)
        return html(filled, help_policy(settings))

    @get("/pages.css", include_in_schema=False)
    async def style_sheet() -> Response[bytes]:
        return Response(sheet, media_type="text/css; charset=utf-8", headers={"Cache-Control": "no-cache"})

    @get("/files/{attachment_id:uuid}/{until:int}/{signature:str}", include_in_schema=False)
    async def upload_file(
        request: Request[Any, Any, Any],
        database: Database,
        files: FileStore,
        attachment_id: UUID,
        until: int,
        signature: str,
    ) -> Response[bytes]:
        """An uploaded file, only on the files' own origin."""
        if request.headers.get("host") != urlsplit(settings.files_origin).netloc:
            raise AttachmentUnknown
        async with database.transaction() as session:
            found = await signed_attachment(session, attachment_id, until, signature)
        shown = "inline" if found.media_type.startswith("image/") else "attachment"
        return Response(
            await asyncio.to_thread(content, files, found),
            media_type=found.media_type,
            headers={
                "Content-Disposition": f"{shown}; filename*=UTF-8''{quote(found.name)}",
                "Content-Security-Policy": "sandbox; default-src 'none'",
                "Cross-Origin-Resource-Policy": "cross-origin",
                # What may yet turn out to be a secret is kept nowhere.
                "Cache-Control": "private, max-age=3600" if found.state == "clear" else "no-store",
            },
        )

    @get("/", include_in_schema=False)
    async def front() -> Redirect:
        return Redirect("/demo/wallet" if settings.demo else "/console/")

    return [console_page, widget_file, help_support, style_sheet, upload_file, front]
