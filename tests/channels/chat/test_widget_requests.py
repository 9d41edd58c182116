"""The widget's requests on the requests' part of the application alone, with a database of each test's own."""

import asyncio
import io
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import jwt
import pytest
from PIL import Image
from sqlalchemy import func, select, update

from holdfast.access.keys import key_ring
from holdfast.app.web import create_litestar
from holdfast.channels.chat import rates
from holdfast.conversations import files, media, operations, presenting, timeline
from holdfast.conversations.intake import IncomingMessage, chat_source
from holdfast.conversations.models import Attachment, Conversation, Inbox
from holdfast.core import clock
from holdfast.core.clock import now
from holdfast.core.database import Database
from holdfast.core.settings import Settings
from holdfast.people.models import Customer
from tests.conversations.support import Desk
from tests.conversations.support import desk as make_desk

SECRET = "a secret that is long enough for HS256 signatures"
FILES_ORIGIN = "http://127.0.0.1:8420"


@pytest.fixture
async def desk(fresh_database_url: str) -> AsyncIterator[Desk]:
    async with make_desk(fresh_database_url) as made:
        async with made.database.transaction() as session:
            await session.execute(update(Inbox).values(identity_secret=SECRET))
        yield made


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(data_dir=tmp_path)
    files.use_files_origin(settings.files_origin)
    assert settings.files_origin == FILES_ORIGIN
    return settings


def client_of(settings: Settings, database: Database, address: str = "192.0.2.1") -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=create_litestar(settings, database), client=(address, 1234))  # type: ignore[arg-type]  # two spellings of ASGI
    return httpx.AsyncClient(transport=transport, base_url=settings.origin)


@pytest.fixture
async def client(desk: Desk, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(settings, desk.database) as made:
        yield made


def identity(subject: str = "user-1") -> str:
    claims = {"sub": subject, "aud": "wallet", "iat": now(), "exp": now() + timedelta(minutes=10), "name": "Lin"}
    return jwt.encode(claims, SECRET, "HS256")


async def opened(client: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    """A new conversation: ``token``, ``state``, ``entry``."""
    answered = await client.post(
        "/api/widget/conversations", json={"inbox": "wallet", "k": str(uuid4()), "b": "My withdrawal", **fields}
    )
    assert answered.status_code == 201, answered.text
    found: dict[str, Any] = answered.json()
    return found


async def started(client: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    answered = await client.post("/api/widget/start", json={"inbox": "wallet", **fields})
    assert answered.status_code == 200, answered.text
    found: dict[str, Any] = answered.json()
    return found


def ids(start: dict[str, Any]) -> set[str]:
    return {held["state"]["id"] for held in start["conversations"]}


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (20, 10), "blue").save(out, "PNG")
    return out.getvalue()


async def uploaded(client: httpx.AsyncClient, token: str, data: bytes | None = None) -> httpx.Response:
    return await client.post(
        "/api/widget/attachments",
        headers={"Authorization": f"Bearer {token}"},
        files={"file": ("a.png", data or png(), "image/png")},
    )


def problem(answered: httpx.Response) -> tuple[int, str]:
    return answered.status_code, answered.json()["id"]


def stored(settings: Settings) -> list[Path]:
    return [path for path in (settings.data_dir / "files").rglob("*") if path.is_file()]


# Who -----------------------------------------------------------------------------------------------------------------


async def test_a_signed_identity_lists_the_customers_conversations(client: httpx.AsyncClient) -> None:
    first = await opened(client, identity=identity())
    second = await opened(client, identity=identity())
    await opened(client, identity=identity("somebody else"))
    start = await started(client, identity=identity())
    assert ids(start) == {first["state"]["id"], second["state"]["id"]}
    assert start["customer"] == {"name": "Lin", "proven": True}
    # The tokens it gives open them, without the identity.
    tokens = [held["token"] for held in start["conversations"]]
    assert ids(await started(client, tokens=tokens)) == ids(start)


async def test_a_stolen_token_takes_one_conversation_not_the_visitor(desk: Desk, client: httpx.AsyncClient) -> None:
    stolen = await opened(client)
    kept = await opened(client, tokens=[stolen["token"]])
    thief = await started(client, identity=identity("thief"), tokens=[stolen["token"]])
    assert ids(thief) == {stolen["state"]["id"]}
    assert ids(await started(client, identity=identity("thief"))) == {stolen["state"]["id"]}
    async with desk.database.transaction() as session:
        rest = await session.get_one(Conversation, UUID(kept["state"]["id"]))
        visitor = await session.get_one(Customer, rest.customer_id)
        assert (visitor.proven, visitor.merged_into_id) == (False, None)


async def test_a_visitor_of_whom_nothing_is_left_is_merged(desk: Desk, client: httpx.AsyncClient) -> None:
    first = await opened(client)
    second = await opened(client, tokens=[first["token"]])
    async with desk.database.transaction() as session:
        visitor_id = (await session.get_one(Conversation, UUID(first["state"]["id"]))).customer_id
    both = await started(client, identity=identity(), tokens=[first["token"], second["token"]])
    assert ids(both) == ids(await started(client, identity=identity())) == {x["state"]["id"] for x in (first, second)}
    async with desk.database.transaction() as session:
        customer_id = (await session.get_one(Conversation, UUID(first["state"]["id"]))).customer_id
        assert (await session.get_one(Customer, visitor_id)).merged_into_id == customer_id


async def test_only_the_inboxs_own_pages(desk: Desk, client: httpx.AsyncClient) -> None:
    async with desk.database.transaction() as session:
        await session.execute(update(Inbox).values(allowed_origins=["https://wallet.example"]))
    for path, body in (
        ("/api/widget/start", {"inbox": "wallet"}),
        ("/api/widget/conversations", {"inbox": "wallet", "k": str(uuid4()), "b": "Hello"}),
    ):
        foreign = await client.post(path, json=body, headers={"Origin": "https://evil.example"})
        assert problem(foreign) == (403, "page_refused")
        own = await client.post(path, json=body, headers={"Origin": "https://wallet.example"})
        assert own.is_success, own.text


# Openings ------------------------------------------------------------------------------------------------------------


async def test_an_opening_again_gives_the_same_conversation_for_ten_minutes(client: httpx.AsyncClient) -> None:
    key, begun = str(uuid4()), now()
    first = await opened(client, k=key)
    again = await opened(client, k=key)
    assert again["state"]["id"] == first["state"]["id"]
    assert again["token"] != first["token"]
    try:
        clock.set_source(lambda: begun + timedelta(minutes=11))
        late = await client.post("/api/widget/conversations", json={"inbox": "wallet", "k": key, "b": "My withdrawal"})
    finally:
        clock.set_source(None)
    assert problem(late) == (409, "key_used")


async def test_the_same_opening_several_times_at_once(desk: Desk, client: httpx.AsyncClient) -> None:
    key = str(uuid4())
    answers = await asyncio.gather(*(opened(client, k=key) for _ in range(6)))
    assert len({answer["state"]["id"] for answer in answers}) == 1
    assert len({answer["token"] for answer in answers}) == 6
    async with desk.database.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(Conversation)) == 1


# Rates ---------------------------------------------------------------------------------------------------------------


async def test_emergencies_are_not_blocked_by_anything_else(desk: Desk, tmp_path: Path) -> None:
    async with client_of(Settings(data_dir=tmp_path, opening_rate=2), desk.database) as client:
        token = (await opened(client))["token"]
        await opened(client)
        body = {"inbox": "wallet", "k": str(uuid4()), "b": "Hello"}
        assert problem(await client.post("/api/widget/conversations", json=body)) == (429, "rate_limited")
        # Uploads have a rate of their own,
        for _ in range(2):
            assert (await uploaded(client, token)).status_code == 201
        assert problem(await uploaded(client, token)) == (429, "rate_limited")
        # and so have emergencies, new ones and those of a conversation that is there.
        assert (await opened(client, emergency=True))["state"]["emergency"]
        raised = await client.post("/api/widget/emergency", json={"token": token})
        assert raised.json()["state"]["emergency"]


async def test_each_token_has_its_own_rate(desk: Desk, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "ACTS", 2.0)
    async with client_of(settings, desk.database) as client:
        one, other = (await opened(client))["token"], (await opened(client))["token"]
        for path, fields in (
            ("/api/widget/language", {"language": "de"}),
            ("/api/widget/rating", {"episode": 1, "solved": "yes", "k": str(uuid4())}),
        ):
            statuses = [(await client.post(path, json={"token": one, **fields})).status_code for _ in range(3)]
            assert statuses[-1] == 429, path
            assert (await client.post(path, json={"token": other, **fields})).status_code != 429, path
            assert (await client.post("/api/widget/emergency", json={"token": one})).status_code == 200


async def test_starts_are_counted_by_network(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Never fewer starts than openings: both rates are made small.
    monkeypatch.setattr(rates, "STARTS", 1.0)
    async with client_of(Settings(data_dir=tmp_path, opening_rate=2), desk.database) as client:
        statuses = [(await client.post("/api/widget/start", json={"inbox": "wallet"})).status_code for _ in range(3)]
        assert statuses == [200, 200, 429]
        await opened(client)


# Files ---------------------------------------------------------------------------------------------------------------


async def sent(desk: Desk, token_state: dict[str, Any], file_id: str) -> str:
    """The customer's message with the file, and the file's address in it."""
    conversation_id = UUID(token_state["id"])
    async with desk.database.transaction() as session:
        conversation = await session.get_one(Conversation, conversation_id)
        viewer = desk.viewer(conversation_id)
        message = IncomingMessage(
            "chat",
            chat_source(conversation_id, uuid4()),
            "customer",
            conversation.customer_id,
            "See this",
            attachments=(UUID(file_id),),
        )
        _, posted = await operations.post(session, viewer, conversation_id, message)
        found = await timeline.attachments_of(session, conversation_id, [posted.seq])
        [attachment] = found[posted.seq]
        return presenting.attachment_view(attachment, own=True).url or ""


async def test_a_file_arrives_and_opens_on_its_own_origin_only(
    desk: Desk, client: httpx.AsyncClient, settings: Settings
) -> None:
    conversation = await opened(client)
    url = await sent(desk, conversation["state"], (await uploaded(client, conversation["token"])).json()["id"])
    assert url.startswith(f"{FILES_ORIGIN}/files/")
    good = await client.get(url)
    assert (good.status_code, good.headers["content-type"]) == (200, "image/png")
    assert Image.open(io.BytesIO(good.content)).size == (20, 10)
    console = await client.get(url.replace(FILES_ORIGIN, settings.origin))
    assert problem(console) == (404, "attachment_unknown")
    forged = url[:-4] + ("AAAA" if not url.endswith("AAAA") else "BBBB")
    assert problem(await client.get(forged)) == (404, "attachment_unknown")
    file_id = url.split("/")[4]
    past = int(time.time()) - 1
    expired = f"{FILES_ORIGIN}/files/{file_id}/{past}/{key_ring().sign(f'file:{file_id}:{past}')}"
    assert problem(await client.get(expired)) == (404, "attachment_unknown")


async def test_a_file_uploaded_before_the_customer_was_proven(desk: Desk, client: httpx.AsyncClient) -> None:
    conversation = await opened(client)
    file_id = (await uploaded(client, conversation["token"])).json()["id"]
    await started(client, identity=identity(), tokens=[conversation["token"]])
    assert await sent(desk, conversation["state"], file_id)


async def test_no_transaction_is_open_while_a_file_is_decoded(
    desk: Desk, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy: list[int] = []

    def inspect(data: bytes, name: str, declared: str) -> media.Media:
        busy.append(desk.database.engine.pool.checkedout())  # type: ignore[attr-defined]  # of a QueuePool
        return media.inspect(data, name, declared)

    token = (await opened(client))["token"]
    monkeypatch.setattr(files, "inspect", inspect)
    assert (await uploaded(client, token)).status_code == 201
    assert busy == [0]


async def test_a_file_whose_row_cannot_be_stored_is_not_kept(
    desk: Desk, client: httpx.AsyncClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = (await opened(client))["token"]
    # Four come at once and see room for one: each is decoded, one is kept.
    monkeypatch.setattr(files, "MOST_UNATTACHED", 1)
    answers = await asyncio.gather(*(uploaded(client, token) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 429, 429, 429]
    assert {problem(answer) for answer in answers if answer.status_code == 429} == {(429, "too_many_files")}
    assert len(stored(settings)) == 1
    async with desk.database.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(Attachment)) == 1


async def test_a_long_text_is_refused(client: httpx.AsyncClient) -> None:
    token = (await opened(client))["token"]
    answered = await client.post(
        "/api/widget/attachments",
        headers={"Authorization": f"Bearer {token}"},
        files={"file": ("a.log", b"a line\n" * 200_000, "text/plain")},
    )
    assert problem(answered) == (413, "attachment_too_large")
    assert answered.json()["params"] == {"megabytes": 1}


# What cannot be stored, and no database ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/api/widget/start", {"inbox": "wal\0let"}),
        ("/api/widget/conversations", {"inbox": "wallet", "k": str(uuid4()), "b": "Hello", "topic": "a\0b"}),
        ("/api/widget/rating", {"token": "x", "k": str(uuid4()), "solved": "yes", "episode": 2**31}),
        ("/api/widget/rating", {"token": "x", "k": str(uuid4()), "solved": "yes", "episode": 0}),
    ],
)
async def test_what_cannot_be_stored(client: httpx.AsyncClient, path: str, fields: dict[str, Any]) -> None:
    answered = await client.post(path, json=fields)
    assert problem(answered) == (400, "invalid_input")


async def test_a_lost_database_is_unavailable(settings: Settings, free_port: int) -> None:
    database = Database(f"host=127.0.0.1 port={free_port} dbname=none connect_timeout=2")
    async with client_of(settings, database) as client:
        answered = await client.post("/api/widget/start", json={"inbox": "wallet"})
    await database.close()
    assert problem(answered) == (503, "unavailable")
