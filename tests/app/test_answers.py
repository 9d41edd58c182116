"""What every answer carries: all routes are walked, as a stranger, as a demo and as an https installation."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar

from holdfast.access import keys
from holdfast.app import web
from holdfast.core.database import Database
from holdfast.core.settings import Oidc, Settings

EVERY = ("x-content-type-options", "referrer-policy", "permissions-policy", "cross-origin-opener-policy")
SAMPLE = {"uuid": str(uuid4()), "int": "1", "str": "a-word", "path": "assets/a.js"}


@pytest.fixture
async def database(fresh_database_url: str) -> AsyncIterator[Database]:
    keys.use_key_ring(keys.KeyRing(b"k" * 32))
    made = Database(fresh_database_url)
    yield made
    await made.close()


def settings(tmp_path: Path, origin: str, **more: Any) -> Settings:
    dist = tmp_path / "console" / "dist" / "assets"
    dist.mkdir(parents=True, exist_ok=True)
    (dist / "a.js").write_text("1")
    (dist.parent / "index.html").write_text("<!doctype html>")
    widget = tmp_path / "widget" / "dist" / "assets"
    widget.mkdir(parents=True, exist_ok=True)
    (widget / "a.js").write_text("1")
    (tmp_path / "shared").mkdir(exist_ok=True)
    (tmp_path / "shared" / "tokens.css").write_text(":root {}\n.dark {}\n")
    return Settings(data_dir=tmp_path, web_dir=tmp_path, public_url=origin, **more)


def routes(app: Litestar) -> list[tuple[str, str]]:
    """Every method and address of the application, with plausible values in its places."""
    found = []
    for route in app.routes:
        address = re.sub(r"\{[^}:]+:(\w+)\}", lambda match: SAMPLE[match[1]], route.path)
        found += [(method, address) for method in sorted(getattr(route, "methods", ())) if method != "OPTIONS"]
    return found


async def walk(database: Database, chosen: Settings) -> list[tuple[str, str, httpx.Response]]:
    app = web.requests(chosen, database)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    listed = routes(web.create_litestar(chosen, database))
    assert len(listed) > 60
    beside = [("GET", "/nowhere"), ("GET", "/api/nowhere"), ("PUT", "/api/session"), ("OPTIONS", "/api/widget/x")]
    answers = []
    async with httpx.AsyncClient(transport=transport, base_url=chosen.origin) as client:
        for method, address in [*listed, *beside]:
            answers.append((method, address, await client.request(method, address, headers={"origin": chosen.origin})))
    return answers


@pytest.mark.parametrize("demo", [False, True])
async def test_every_answer_of_every_route(database: Database, tmp_path: Path, demo: bool) -> None:
    chosen = settings(tmp_path, "http://localhost:8420", demo=demo)
    for method, address, answer in await walk(database, chosen):
        where = f"{method} {address} ({answer.status_code})"
        for name in EVERY:
            assert len(answer.headers.get_list(name)) == 1, f"{where}: {name}"
        assert answer.status_code != 500, where
        assert "default-src 'none'" in answer.headers["content-security-policy"], where
        policy = answer.headers["content-security-policy"]
        assert "unsafe-eval" not in policy
        assert re.search(r"script-src[^;]*unsafe-inline", policy) is None
        framed = address.startswith("/help-support")
        assert ("frame-ancestors 'none'" in policy or "sandbox" in policy) is not framed, where
        assert answer.headers["cross-origin-resource-policy"] in {"same-origin", "cross-origin"}, where
        assert "strict-transport-security" not in answer.headers
        if address.startswith("/api/"):
            assert answer.headers["cache-control"] == "no-store", where
            assert answer.headers["cross-origin-resource-policy"] == "same-origin", where
        allowed = answer.headers.get("access-control-allow-origin")
        assert (allowed is not None) == address.startswith(("/api/widget/", "/widget/", "/.well-known/")), where
        assert "access-control-allow-credentials" not in answer.headers
        assert "server" not in answer.headers
        if address.startswith(("/files/", "/widget/", "/api/widget/")):
            assert "set-cookie" not in answer.headers, where


async def test_over_https(database: Database, tmp_path: Path) -> None:
    chosen = settings(tmp_path, "https://desk.example.org", oidc=Oidc("https://sso.example.org", "desk"))
    for method, address, answer in await walk(database, chosen):
        where = f"{method} {address} ({answer.status_code})"
        assert answer.headers["strict-transport-security"] == "max-age=31536000", where
        for cookie in answer.headers.get_list("set-cookie"):
            assert cookie.startswith("__Host-"), where
            assert "; Secure" in cookie, where
            assert "; HttpOnly" in cookie, where
            assert "; Path=/" in cookie, where
            assert "Domain" not in cookie, where
            assert "SameSite=strict" in cookie or ("__Host-hf_provider=" in cookie and "SameSite=lax" in cookie), where


async def test_signing_out_clears_what_the_browser_holds(database: Database, tmp_path: Path) -> None:
    chosen = settings(tmp_path, "http://localhost:8420")
    answers = {(m, a): answer for m, a, answer in await walk(database, chosen)}
    assert answers[("DELETE", "/api/session")].headers["clear-site-data"] == '"cache", "storage"'


async def test_routes_that_need_a_fresh_factor_refuse_a_stranger_first(database: Database, tmp_path: Path) -> None:
    """Every handler with opt=FRESH names its viewer, or nobody would be asked."""
    app = web.create_litestar(settings(tmp_path, "http://localhost:8420"), database)
    fresh = [
        handler for route in app.routes for handler in getattr(route, "route_handlers", ()) if handler.opt.get("fresh")
    ]
    assert len(fresh) >= 8
    for handler in fresh:
        assert {"viewer", "signed_in"} & set(handler.parsed_fn_signature.parameters), handler.handler_name


async def test_hashed_files_are_kept_for_ever_and_pages_are_asked_for_again(database: Database, tmp_path: Path) -> None:
    chosen = settings(tmp_path, "http://localhost:8420")
    transport = httpx.ASGITransport(web.requests(chosen, database))
    async with httpx.AsyncClient(transport=transport, base_url=chosen.origin) as client:
        assert "immutable" in (await client.get("/console/assets/a.js")).headers["cache-control"]
        assert (await client.get("/console/")).headers["cache-control"] == "no-cache"
        assert (await client.get("/widget/assets/a.js")).headers["cross-origin-resource-policy"] == "cross-origin"
