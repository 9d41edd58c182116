"""A desk with a customer whom the app has vouched for, and real requests of the widget and the console."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import jwt
from coincurve import PrivateKey
from sqlalchemy import text

from holdfast.access.viewer import StaffViewer
from holdfast.app import reactions
from holdfast.app.proofs import outside
from holdfast.app.web import create_litestar
from holdfast.chains import evm
from holdfast.chains.hashes import keccak256
from holdfast.conversations import operations
from holdfast.conversations.models import Inbox
from holdfast.core import clock
from holdfast.core.database import Database
from holdfast.core.settings import Settings
from holdfast.people.mail import sink_mails
from holdfast.people.models import Agent, OutgoingMail
from holdfast.people.sessions import viewer_of
from holdfast.verification import ports
from tests.conversations.support import Desk
from tests.conversations.support import desk as make_desk
from tests.support.browsers import ORIGIN, browser_of
from tests.support.emptying import emptied

WALLET_PAGE = "https://wallet.example"
SECRET = "a secret of the wallet's back end, long enough"
EMAIL = "lin.haoran@mail.example"
PHONE = "+86 138 0013 8000"
SUBJECT = "user-1"


def signed(key: PrivateKey, message: str) -> str:
    """What a wallet gives for ``personal_sign``."""
    body = message.encode()
    digest = keccak256(b"\x19Ethereum Signed Message:\n" + str(len(body)).encode() + body)
    raw = key.sign_recoverable(digest, hasher=None)
    return "0x" + raw[:64].hex() + bytes([raw[64] + 27]).hex()


def address_of(key: PrivateKey) -> str:
    found = evm.parse("0x" + keccak256(key.public_key.format(compressed=False)[1:])[-20:].hex())
    assert found
    return found


def problem(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["id"]


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """The clock stands there."""
    clock.set_source(lambda: moment)
    try:
        yield
    finally:
        clock.set_source(None)


@contextmanager
def plugged(outside: ports.Outside) -> Iterator[None]:
    """Another outside for a while."""
    before = ports.outside()
    ports.plug(outside)
    try:
        yield
    finally:
        ports.plug(before)


@dataclass
class House:
    desk: Desk
    settings: Settings
    app: Any
    admin: StaffViewer
    key: PrivateKey
    token: str = ""
    conversation: str = ""

    @property
    def database(self) -> Database:
        return self.desk.database

    def browser(
        self, viewer: StaffViewer | None = None, origin: str = ORIGIN
    ) -> AbstractAsyncContextManager[httpx.AsyncClient]:
        return browser_of(self.app, self.database, viewer, origin=origin)

    def identity(self, subject: str = SUBJECT, **claims: Any) -> str:
        """What the wallet's back end signs."""
        issued = clock.now()
        whole = {"sub": subject, "aud": "wallet", "iat": issued, "exp": issued + timedelta(minutes=10)}
        return jwt.encode(whole | {"email": EMAIL, "phone": PHONE} | claims, SECRET, algorithm="HS256")

    async def opens(self, *, identity: str | None = None, emergency: bool = False) -> tuple[str, str]:
        """A conversation by the widget, given to Ana; its token and id."""
        async with self.browser() as client:
            opened = await client.post(
                "/api/widget/conversations",
                json={
                    "inbox": "wallet",
                    "k": str(uuid4()),
                    "b": "I lost my phone",
                    "identity": identity,
                    "emergency": emergency,
                },
            )
        assert opened.status_code == 201, opened.text
        self.token, self.conversation = opened.json()["token"], opened.json()["state"]["id"]
        await self.desk.assign(UUID(self.conversation), self.desk.wei if emergency else self.desk.ana)
        return self.token, self.conversation

    async def widget(self, path: str, *, origin: str = ORIGIN, **body: Any) -> httpx.Response:
        async with self.browser(origin=origin) as client:
            return await client.post(f"/api/widget/verification/{path}", json={"token": self.token} | body)

    async def console(self, viewer: StaffViewer, path: str = "verification", body: Any = None, method: str = "") -> Any:
        """A request about the conversation; without a body it reads."""
        async with self.browser(viewer) as client:
            how = method or ("GET" if body is None else "POST")
            return await client.request(how, f"/api/conversations/{self.conversation}/{path}", json=body)

    async def asks(self, purpose: str) -> str:
        """Ana asks; the proof's id."""
        asked = await self.console(self.desk.ana, body={"purpose": purpose})
        assert asked.status_code == 200, asked.text
        return str(asked.json()["proofs"][0]["id"])

    async def challenge(self, proof: str, method: str = "wallet", **more: Any) -> dict[str, Any]:
        made = await self.widget("challenge", proof=proof, method=method, **more)
        assert made.status_code == 200, made.text
        return dict(made.json())

    async def by_wallet(self, proof: str) -> dict[str, Any]:
        """The customer signs with their wallet; the answer."""
        made = await self.challenge(proof, address=address_of(self.key))
        answered = await self.widget("answer", challenge=made["id"], signature=signed(self.key, made["text"]))
        assert answered.status_code == 200, answered.text
        return dict(answered.json())

    async def row(self) -> dict[str, Any]:
        return dict((await self.console(self.desk.ana, path="")).json()["row"])

    async def events(self) -> list[dict[str, Any]]:
        """The timeline's lines about proof."""
        found = (await self.console(self.desk.karin, path="timeline?limit=200")).json()["entries"]
        return [e["ev"] for e in found if e["ev"] and e["ev"]["type"].startswith("proof")]

    async def mails(self) -> list[str]:
        """The texts that were sent, the newest first."""
        async with self.database.transaction() as session:
            waiting = (await session.execute(text("SELECT id FROM outgoing_mail ORDER BY id DESC"))).scalars().all()
            rows = [await session.get_one(OutgoingMail, mail) for mail in waiting]
            assert not await sink_mails(session)
            return [f"{row.to}\n{row.subject}\n{row.text}" for row in rows]

    async def forget(self) -> None:
        """Everything that a test leaves: the next one begins with the same desk and nobody known."""
        async with self.database.transaction() as session:
            await emptied(session, "customer", "outgoing_mail", "audit_entry", "verification_purpose", "due")
        self.key = PrivateKey()

    async def dump(self) -> str:
        """Every row of the database as text."""
        async with self.database.engine.connect() as connection:
            tables = await connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
            whole: list[str] = []
            for table in tables.scalars().all():
                whole += [str(row) for row in await connection.execute(text(f'SELECT t::text FROM "{table}" t'))]
        return "\n".join(whole)


@asynccontextmanager
async def house(dsn: str, folder: Path) -> AsyncIterator[House]:
    settings = replace(Settings(), data_dir=folder, demo=True)
    async with make_desk(dsn) as desk:
        await desk.database.close()
        desk.database = Database(dsn, answer=reactions.answer)
        async with desk.database.transaction() as session:
            admin = Agent(email="lena@example.com", name="Lena", roles=["administrator"])
            session.add(admin)
            inbox = await session.get_one(Inbox, desk.inbox.id)
            inbox.identity_secret, inbox.allowed_origins = SECRET, [ORIGIN, WALLET_PAGE]
        with plugged(outside(settings)):
            app = create_litestar(settings, desk.database)
            yield House(desk, settings, app, viewer_of(admin), PrivateKey())


async def raise_emergency(house: House) -> None:
    async with house.database.transaction() as session:
        viewer = house.desk.viewer(UUID(house.conversation))
        await operations.raise_emergency(session, viewer, viewer.conversation_id)
