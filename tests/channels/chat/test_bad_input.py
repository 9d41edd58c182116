"""Whatever a client sends, and whatever breaks: a clear error, nothing lost, nobody else harmed. On a real server."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import jwt
import pytest
from PIL import Image
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from holdfast.core.clock import now
from tests.support.chat_client import Agent, Customer
from tests.support.server import Holdfast

MALFORMED, UNAUTHORISED, FORBIDDEN, TOO_SLOW, TOO_LARGE, TOO_MANY = 4400, 4401, 4403, 4408, 4413, 4429


@asynccontextmanager
async def widget(server: Holdfast, token: str | None = None) -> AsyncIterator[ClientConnection]:
    """A socket that has said hello with the token (without: nothing yet)."""
    async with connect(f"ws://127.0.0.1:{server.port}/ws/widget", compression=None, proxy=None) as made:
        if token is not None:
            await made.send(json.dumps({"t": "hello", "token": token, "since": 0, "lang": "en"}))
            while json.loads(await made.recv())["t"] != "live":
                pass
        yield made


async def closed_with(made: ClientConnection) -> int | None:
    """The code with which the server ends the connection; frames before it are passed over."""
    try:
        async with asyncio.timeout(15):
            while True:
                await made.recv()
    except ConnectionClosed:
        return made.close_code


async def answer(made: ClientConnection, kind: str) -> dict[str, Any]:
    """The next frame of this kind."""
    async with asyncio.timeout(15):
        while True:
            frame: dict[str, Any] = json.loads(await made.recv())
            if frame["t"] == kind:
                return frame


async def unharmed(bystander: Customer) -> None:
    """Somebody else's words are stored and come back."""
    key = bystander.say("still here")
    await bystander.until(lambda: any(entry.key == key for entry in bystander.view.entries))


# Frames ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "code"),
    [
        ("not json", MALFORMED),
        ("[1,2,3]", MALFORMED),
        ('{"t":"hello","token":7}', MALFORMED),
        ('{"t":"ping"}', MALFORMED),
        ('{"t":"unheard of"}', MALFORMED),
        ('{"t":"hello","token":"' + "x" * 70_000 + '"}', TOO_LARGE),
        ("[" * 30_000, MALFORMED),
        ("", MALFORMED),
    ],
)
async def test_a_bad_first_frame(holdfast: Holdfast, bystander: Customer, first: str, code: int) -> None:
    async with widget(holdfast) as made:
        await made.send(first)
        assert await closed_with(made) == code
    await unharmed(bystander)


async def test_a_frame_beyond_every_limit(holdfast: Holdfast, customer: Customer, bystander: Customer) -> None:
    async with widget(holdfast, customer.token) as made:
        await made.send(json.dumps({"t": "send", "k": str(uuid4()), "b": "x" * 1_000_000}))
        assert await closed_with(made) in {TOO_LARGE, 1009}
    await unharmed(bystander)


async def test_binary_frames(holdfast: Holdfast, customer: Customer, bystander: Customer) -> None:
    async with widget(holdfast, customer.token) as made:
        await made.send(b"\x00\xff\xfe binary")
        assert await closed_with(made) == MALFORMED
    await unharmed(bystander)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"b": 7}, "malformed"),
        ({"b": None}, "malformed"),
        ({"att": ["not an id"]}, "malformed"),
        ({"att": "x"}, "malformed"),
        ({"c": "not an id"}, "malformed"),
        ({"b": ""}, "empty_message"),
        ({"b": " \n\t "}, "empty_message"),
        ({"b": "\0\0"}, "empty_message"),
        ({"b": "x" * 8_001}, "too_long"),
    ],
)
async def test_a_bad_message_with_a_key_is_answered(
    holdfast: Holdfast, customer: Customer, fields: dict[str, Any], problem: str
) -> None:
    async with widget(holdfast, customer.token) as made:
        key = str(uuid4())
        await made.send(json.dumps({"t": "send", "k": key, "b": "hello", **fields}))
        refused = await answer(made, "nack")
        assert (refused["k"], refused["problem"]["id"]) == (key, problem)
        assert refused["problem"]["title"]
        # The connection goes on.
        key = str(uuid4())
        await made.send(json.dumps({"t": "send", "k": key, "b": "a good one"}))
        assert (await answer(made, "ack"))["k"] == key


async def test_words_that_are_hard_to_store(holdfast: Holdfast, customer: Customer) -> None:
    async with widget(holdfast, customer.token) as made:
        for text, stored in (
            ("nul \0 inside", "nul  inside"),
            ("lone surrogate \ud800 here", "lone surrogate ? here"),
            ("\u202eoverridden", "\u202eoverridden"),
            ("x" * 8_000, "x" * 8_000),
        ):
            key = str(uuid4())
            await made.send(json.dumps({"t": "send", "k": key, "b": text}))
            seq = (await answer(made, "ack"))["seq"]
            rows = holdfast.query(
                "SELECT body FROM message WHERE conversation_id = %s AND seq = %s", [customer.conversation, seq]
            )
            assert rows == [(stored,)]


async def test_somebody_elses_attachment(holdfast: Holdfast, customer: Customer, bystander: Customer) -> None:
    stranger = await upload(bystander, png(), "mine.png", "image/png")
    async with widget(holdfast, customer.token) as made:
        for attachment in (stranger.json()["id"], str(uuid4())):
            await made.send(json.dumps({"t": "send", "k": str(uuid4()), "b": "see", "att": [attachment]}))
            assert (await answer(made, "nack"))["problem"]["id"] == "attachment_unknown"


async def test_a_flood_is_slowed_then_cut(holdfast: Holdfast, customer: Customer, bystander: Customer) -> None:
    async with widget(holdfast, customer.token) as made:
        for _ in range(200):
            await made.send(json.dumps({"t": "send", "k": str(uuid4()), "b": "flood"}))
        refused = await answer(made, "nack")
        assert refused["problem"]["id"] == "rate_limited"
        assert await closed_with(made) == TOO_MANY
    await unharmed(bystander)


async def test_reading_ahead_of_what_was_written(holdfast: Holdfast, customer: Customer, agent: Agent) -> None:
    """A position from the future, or a negative one, is no reason to believe it."""
    async with widget(holdfast, customer.token) as made:
        for seq in (2**31, 2**62, -5):
            await made.send(json.dumps({"t": "read", "seq": seq}))
        await made.send('{"t":"ping"}')
        await answer(made, "pong")
    await customer.until(lambda: customer.state["read"]["customer"] <= customer.state["seq"])


# Tokens, cookies, origins ------------------------------------------------------------------------------------------


async def test_tokens_that_open_nothing(holdfast: Holdfast, customer: Customer, bystander: Customer) -> None:
    holdfast.execute(
        "INSERT INTO conversation_token (id, token_hash, conversation_id, created_at, expires_at) SELECT"
        " gen_random_uuid(), sha256('expired'), %s, now() - interval '31 days', now() - interval '1 day'",
        [customer.conversation],
    )
    for token, problem in (
        ("", "token_invalid"),
        ("forged", "token_invalid"),
        (customer.token[:-1] + ("A" if customer.token[-1] != "A" else "B"), "token_invalid"),
        (customer.conversation, "token_invalid"),
        ("expired", "token_expired"),
        ("\0", "token_invalid"),
    ):
        async with widget(holdfast) as made:
            await made.send(json.dumps({"t": "hello", "token": token, "since": 0, "lang": "en"}))
            assert (await answer(made, "error"))["problem"]["id"] == problem
            assert await closed_with(made) == UNAUTHORISED
    await unharmed(bystander)


@pytest.mark.parametrize(
    "wrong",
    [
        {"aud": "another-inbox"},
        {"exp": 0},
        {"exp": 10_000_000_000},
        {"sub": None},
        {"sub": "x" * 201},
    ],
)
async def test_identities_that_prove_nothing(holdfast: Holdfast, wrong: dict[str, Any]) -> None:
    good = {"sub": "user-1", "aud": holdfast.inbox, "iat": now(), "exp": now() + timedelta(minutes=10)}
    claims = {name: value for name, value in {**good, **wrong}.items() if value is not None}
    answered = await _start(holdfast, jwt.encode(claims, holdfast.identity_secret, "HS256"))
    assert (answered.status_code, answered.json()["id"]) == (401, "identity_invalid")


async def test_identities_that_were_forged(holdfast: Holdfast) -> None:
    claims = {"sub": "user-1", "aud": holdfast.inbox, "iat": now(), "exp": now() + timedelta(minutes=10)}
    honest = jwt.encode(claims, holdfast.identity_secret, "HS256")
    assert (await _start(holdfast, honest)).json()["customer"]["proven"] is True
    for token in (
        jwt.encode(claims, "a guess that is long enough for HS256", "HS256"),
        jwt.encode(claims, "", "none"),
        honest[:-4] + "AAAA",
        "not.a.token",
        "x" * 3_000,
    ):
        answered = await _start(holdfast, token)
        assert (answered.status_code, answered.json()["id"]) == (401, "identity_invalid"), token


async def test_a_console_of_nobody_or_of_another_origin(holdfast: Holdfast, agent: Agent) -> None:
    cookie = "; ".join(f"{k}={v}" for k, v in agent.http.cookies.items())
    url = f"ws://127.0.0.1:{holdfast.port}/ws/console"
    for headers, code in (
        ({"Origin": holdfast.origin}, UNAUTHORISED),
        ({"Origin": holdfast.origin, "Cookie": "hf_session=forged"}, UNAUTHORISED),
        ({"Origin": "https://evil.example", "Cookie": cookie}, FORBIDDEN),
        ({"Cookie": cookie}, FORBIDDEN),
    ):
        async with connect(url, compression=None, proxy=None, additional_headers=headers) as made:
            with suppress(ConnectionClosed):  # it may be closed before we have said anything
                await made.send('{"t":"hello"}')
            assert await closed_with(made) == code


async def test_conversations_that_are_not_there(holdfast: Holdfast, agent: Agent) -> None:
    cookie = "; ".join(f"{k}={v}" for k, v in agent.http.cookies.items())
    headers = {"Origin": holdfast.origin, "Cookie": cookie}
    nowhere = str(uuid4())
    async with connect(
        f"ws://127.0.0.1:{holdfast.port}/ws/console", compression=None, proxy=None, additional_headers=headers
    ) as made:
        await made.send('{"t":"hello"}')
        await answer(made, "inbox")
        await made.send(json.dumps({"t": "open", "c": nowhere, "since": 0}))
        assert (await answer(made, "error"))["problem"]["id"] == "conversation_not_found"
        await made.send(json.dumps({"t": "send", "c": nowhere, "k": str(uuid4()), "b": "hi", "kind": "public"}))
        assert (await answer(made, "nack"))["problem"]["id"] == "conversation_not_found"
        await made.send(json.dumps({"t": "send", "c": nowhere, "k": str(uuid4()), "b": "hi", "kind": "system"}))
        assert await closed_with(made) == MALFORMED


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/widget/start", {"inbox": 7}),
        ("/api/widget/start", []),
        ("/api/widget/conversations", {"inbox": "wallet", "k": "no id", "b": "x"}),
        ("/api/widget/conversations", {"inbox": "wallet", "k": str(uuid4())}),
        ("/api/widget/rating", {"token": "x", "episode": "one", "solved": "maybe", "k": str(uuid4())}),
        ("/api/widget/emergency", {"token": "x" * 1_000}),
    ],
)
async def test_requests_of_wrong_types(holdfast: Holdfast, path: str, body: object) -> None:
    async with _http(holdfast) as client:
        answered = await client.post(path, json=body)
    assert answered.status_code == 400
    assert answered.headers["content-type"].startswith("application/problem+json")
    assert answered.json()["id"] in {"invalid_input", "malformed"}


# Uploads -----------------------------------------------------------------------------------------------------------


def png(side: int = 20) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (side, side), "teal").save(out, "PNG")
    return out.getvalue()


async def upload(customer: Customer, data: bytes, name: str, kind: str) -> httpx.Response:
    return await customer.http.post(
        "/api/widget/attachments",
        headers={"Authorization": f"Bearer {customer.token}"},
        files={"file": (name, data, kind)},
    )


async def test_uploads_that_lie(customer: Customer, bystander: Customer) -> None:
    program = b"MZ\x90\x00" + b"\x00" * 200
    page = b"<!doctype html><script>alert(1)</script>"
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
    for data, name, kind, status, problem in (
        (program, "photo.png", "image/png", 415, "attachment_type"),
        (page, "notes.txt", "text/plain", 415, "attachment_type"),
        (drawing, "logo.svg", "image/svg+xml", 415, "attachment_type"),
        (png()[:60], "cut.png", "image/png", 400, "attachment_damaged"),
        (b"", "empty.png", "image/png", 400, "attachment_damaged"),
        (b"x" * (10 * 1024 * 1024 + 1), "large.txt", "text/plain", 413, "attachment_too_large"),
    ):
        answered = await upload(customer, data, name, kind)
        assert (answered.status_code, answered.json()["id"]) == (status, problem), name
    # A picture stays one, whatever it is called.
    honest = (await upload(customer, png(), "../../run.exe", "application/x-msdownload")).json()
    assert (honest["type"], honest["name"]) == ("image/png", "run.png")
    await unharmed(bystander)


async def test_an_upload_without_the_right(holdfast: Holdfast, customer: Customer) -> None:
    async with _http(holdfast) as client:
        for headers in ({}, {"Authorization": "Bearer forged"}, {"Authorization": customer.token}):
            answered = await client.post(
                "/api/widget/attachments", headers=headers, files={"file": ("a.png", png(), "image/png")}
            )
            assert answered.status_code == 401


# Helpers of requests -----------------------------------------------------------------------------------------------


def _http(server: Holdfast) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=server.origin, timeout=15, trust_env=False)


async def _start(server: Holdfast, identity: str) -> httpx.Response:
    async with _http(server) as client:
        return await client.post("/api/widget/start", json={"inbox": server.inbox, "identity": identity})


SMUGGLED = b"GET /api/session HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize(
    "request_",
    [
        # Two ways to tell where the body ends: a proxy and we could differ, and the rest would be another request.
        b"POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        + SMUGGLED,
        b"POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 40\r\n\r\n" + SMUGGLED,
        b"POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Length: +0\r\n\r\n" + SMUGGLED,
        b"POST /api/session HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n" + SMUGGLED,
        b"POST /api/session HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
        b"GET /api/session HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n" + SMUGGLED,
    ],
)
async def test_a_request_is_one_request_or_none(holdfast: Holdfast, request_: bytes) -> None:
    """Request smuggling: what a proxy could read otherwise than we do ends the connection with one answer at most."""
    reader, writer = await asyncio.open_connection("127.0.0.1", holdfast.port)
    try:
        writer.write(request_)
        async with asyncio.timeout(15):
            answered = await reader.read()
    except ConnectionResetError:
        answered = b""
    finally:
        writer.close()
    assert answered.count(b"HTTP/1.1 ") <= 1
    assert b"HTTP/1.1 2" not in answered
