"""A small application of people alone, a clock that tests turn, a browser that keeps cookies, an authenticator."""

import hashlib
import json
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import cbor2
import httpx
from argon2 import PasswordHasher
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from litestar import Litestar
from litestar.datastructures import State
from sqlalchemy import select, text
from webauthn import base64url_to_bytes
from webauthn.helpers import bytes_to_base64url

from holdfast.access import http as access_http
from holdfast.access.models import AuditEntry
from holdfast.access.viewer import Role, StaffViewer, SystemViewer
from holdfast.core import clock
from holdfast.core.database import Database
from holdfast.core.http import EXCEPTION_HANDLERS, MIDDLEWARE, PROVIDERS
from holdfast.core.settings import Settings
from holdfast.people import agents, invitations
from holdfast.people import http as people_http
from holdfast.people.agents import Language
from holdfast.people.models import Agent, OutgoingMail
from holdfast.people.sessions import viewer_of

ORIGIN = "http://localhost:8420"
PASSWORD = "correct horse battery staple"
# Cheap on purpose: what is tested is the way through, not the cost (one test looks at the real parameters).
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Clock:
    """The time of a test: stands still until it is turned."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def turn(self, **by: float) -> None:
        self.moment += timedelta(**by)


@dataclass
class House:
    """A database with staff, and the application in front of it."""

    database: Database
    settings: Settings
    clock: Clock
    app: Litestar
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    def browser(
        self, *, network: str = "203.0.113.7", origin: str | None = ORIGIN, **headers: str
    ) -> httpx.AsyncClient:
        """A browser of its own, with its cookies, at an address."""
        transport = httpx.ASGITransport(self.app, client=(network, 50000), raise_app_exceptions=False)  # type: ignore[arg-type]  # Litestar's ASGI types are stricter than httpx's
        sent = {"origin": origin} if origin else {}
        client = httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers={**sent, **headers})
        self.clients.append(client)
        return client

    async def agent(
        self, email: str, *roles: Role, name: str = "Ana", languages: Sequence[Language] = (), password: str = PASSWORD
    ) -> Agent:
        async with self.database.transaction() as session:
            return await agents.create(
                session,
                SystemViewer("test"),
                email=email,
                name=name,
                roles=roles or (Role.AGENT,),
                languages=languages,
                password_hash=CHEAP.hash(password),
            )

    async def signed_in(self, email: str, *roles: Role, **more: Any) -> tuple[Agent, httpx.AsyncClient]:
        """A new agent and the browser they are signed in with (no second factor)."""
        agent = await self.agent(email, *roles, **more)
        browser = self.browser()
        answer = await sign_in(browser, email)
        assert answer.json()["state"] == "signed_in", answer.text
        return agent, browser

    async def audited(self) -> list[str]:
        async with self.database.transaction() as session:
            return list(await session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))

    async def mails(self) -> list[OutgoingMail]:
        """Every mail that waits, the oldest first."""
        async with self.database.transaction() as session:
            return list(await session.scalars(select(OutgoingMail).order_by(OutgoingMail.id)))

    async def run_resets(self) -> None:
        """Run the password-reset jobs that are enqueued, as the worker would; mails stay queued."""
        async with self.database.engine.begin() as connection:
            rows = await connection.execute(
                text("DELETE FROM procrastinate_jobs WHERE task_name = :name RETURNING id, args"),
                {"name": invitations.RESET},
            )
            found = sorted((row["id"], row["args"]) for row in rows.mappings())
        for _, arguments in found:
            await invitations.send_reset(self.settings, self.database, **arguments)

    async def close(self) -> None:
        for client in self.clients:
            await client.aclose()


def application(database: Database, settings: Settings) -> Litestar:
    return Litestar(
        [*people_http.HANDLERS, *people_http.DEMO_HANDLERS, *access_http.HANDLERS],
        state=State({"database": database, "settings": settings}),
        dependencies={**PROVIDERS, **people_http.DEPENDENCIES},
        exception_handlers=EXCEPTION_HANDLERS,
        middleware=MIDDLEWARE,
        openapi_config=None,
    )


@asynccontextmanager
async def house(database_url: str, **settings: Any) -> AsyncIterator[House]:
    ticking = Clock()
    clock.set_source(ticking)
    chosen = Settings(public_url=ORIGIN, **{"smtp_url": "smtp://localhost:2525", **settings})
    database = Database(database_url, answer=keep_facts)
    built = House(database, chosen, ticking, application(database, chosen))
    FACTS.clear()
    try:
        yield built
    finally:
        clock.set_source(None)
        await built.close()
        await database.close()


FACTS: list[object] = []


async def keep_facts(_session: object, fact: object) -> None:
    FACTS.append(fact)


def viewer(agent: Agent) -> StaffViewer:
    return viewer_of(agent)


async def sign_in(browser: httpx.AsyncClient, email: str, password: str = PASSWORD) -> httpx.Response:
    return await browser.post("/api/session", json={"email": email, "password": password})


def problem(answer: httpx.Response) -> str:
    """The id of the problem an answer is."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    body = answer.json()
    assert body["status"] == answer.status_code
    assert body["type"] == f"urn:holdfast:problem:{body['id']}"
    return str(body["id"])


class Authenticator:
    """A WebAuthn authenticator in software: one P-256 credential, a counter, and a person who is always there."""

    def __init__(self, *, origin: str = ORIGIN, rp_id: str = "localhost", verified: bool = True) -> None:
        self.origin, self.rp_id = origin, rp_id
        self.flags = 0x01 | (0x04 if verified else 0)
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(32)
        self.count = 0
        self.user = b""

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answer ``navigator.credentials.create``."""
        self.user = base64url_to_bytes(options["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cose
        data = self._data(0x40) + attested
        statement = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", options["challenge"])
        return self._credential({"clientDataJSON": client, "attestationObject": statement})

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answer ``navigator.credentials.get``; the counter grows."""
        self.count += 1
        data = self._data(0)
        client = self._client("webauthn.get", options["challenge"])
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._credential(
            {"clientDataJSON": client, "authenticatorData": data, "signature": signature, "userHandle": self.user}
        )

    def _data(self, flags: int) -> bytes:
        rp_hash = hashlib.sha256(self.rp_id.encode()).digest()
        return rp_hash + bytes([self.flags | flags]) + self.count.to_bytes(4, "big")

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _credential(self, response: dict[str, bytes]) -> dict[str, Any]:
        encoded = bytes_to_base64url(self.id)
        return {
            "id": encoded,
            "rawId": encoded,
            "type": "public-key",
            "response": {name: bytes_to_base64url(value) for name, value in response.items()},
            "clientExtensionResults": {},
        }


async def enrol_passkey(browser: httpx.AsyncClient, authenticator: Authenticator, name: str = "Key") -> UUID:
    options = (await browser.post("/api/me/passkeys/options")).json()["publicKey"]
    answer = await browser.post("/api/me/passkeys", json={"name": name, "credential": authenticator.create(options)})
    assert answer.status_code == 201, answer.text
    return UUID(answer.json()["id"])
