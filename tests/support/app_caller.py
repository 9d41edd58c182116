"""A customer with the wallet's app, for calls: what it asks of the application, and the code that it shows."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import jwt
from sqlalchemy import select

from holdfast.app.proofs import outside
from holdfast.app.web import create_litestar
from holdfast.conversations.models import Inbox
from holdfast.core import clock
from holdfast.core.settings import Settings
from holdfast.verification.models import Verification
from tests.support.browsers import ORIGIN, browser_of
from tests.support.hotline import Hotline
from tests.verification.house import SECRET, plugged


@dataclass
class App:
    """A customer's app, in which they are signed in."""

    desk: Hotline
    app: Any
    subject: str = "user-1"
    token: str = ""
    conversation: UUID = field(default_factory=uuid4)

    def identity(self, **claims: Any) -> str:
        whole = {"sub": self.subject, "aud": "wallet", "iat": clock.now(), "exp": clock.now() + timedelta(minutes=9)}
        return jwt.encode(whole | claims, SECRET, algorithm="HS256")

    async def post(self, path: str, **body: Any) -> Any:
        async with browser_of(self.app, self.desk.desk.database, None, origin=ORIGIN) as client:
            return (await client.post(f"/api/widget/{path}", json=body)).raise_for_status().json()

    async def opens(self, *, known: bool = True) -> "App":
        first = {"inbox": "wallet", "k": str(uuid4()), "b": "Hello", "identity": self.identity() if known else None}
        made = await self.post("conversations", **first)
        self.token, self.conversation = made["token"], UUID(made["state"]["id"])
        return self

    async def code(self, **claims: Any) -> str:
        nonce = (await self.post("verification/phone", token=self.token))["nonce"]
        identity = self.identity(**{"nonce": nonce} | claims)
        shown = await self.post("verification/phone/code", token=self.token, nonce=nonce, identity=identity)
        return str(shown["code"])

    async def proof(self) -> Verification:
        """The only one of who is on the phone."""
        async with self.desk.desk.database.transaction() as session:
            found = await session.scalars(
                select(Verification).where(
                    Verification.conversation_id == self.conversation, Verification.purpose == "on_the_phone"
                )
            )
            return found.one()


@asynccontextmanager
async def app_of(desk: Hotline, folder: Path) -> AsyncIterator[App]:
    """The app of a wallet whose back end the desk knows."""
    async with desk.desk.database.transaction() as session:
        inbox = await session.get_one(Inbox, desk.desk.inbox.id)
        inbox.identity_secret, inbox.allowed_origins = SECRET, [ORIGIN]
    settings = replace(Settings(), data_dir=folder, demo=True)
    with plugged(outside(settings)):
        yield App(desk, create_litestar(settings, desk.desk.database))
