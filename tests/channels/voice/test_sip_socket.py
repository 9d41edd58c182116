"""The browser's way to the engine, with the real engine behind it."""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest
import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin, Subprotocol

from holdfast.access.viewer import StaffViewer
from holdfast.channels.voice import lines, queries, sip_socket
from holdfast.channels.voice.app_names import name_of
from holdfast.channels.voice.errors import CallGone
from holdfast.channels.voice.in_app import AppPhones
from holdfast.channels.voice.models import Device
from holdfast.conversations.tokens import issue_token
from holdfast.core.http import cookie_name
from holdfast.core.settings import Settings
from holdfast.people import sessions
from tests.support.hotline import Hotline
from tests.support.phones import Exchange
from tests.support.server import free_port
from tests.support.waiting import eventually, eventually_so

pytestmark = pytest.mark.engine


@dataclass
class Proxy:
    """In this process, at ``port``."""

    made: sip_socket.SipProxy
    settings: Settings
    port: int

    @asynccontextmanager
    async def socket(
        self, device: str = "", cookie: str = "", origin: str | None = None, customer: str = ""
    ) -> AsyncIterator[ClientConnection]:
        headers: Mapping[str, str] = {"Cookie": f"{cookie_name(self.settings)}={cookie}"} if cookie else {}
        async with connect(
            f"ws://127.0.0.1:{self.port}/ws/phone?device={device}",
            subprotocols=[Subprotocol("sip"), *([Subprotocol(customer)] if customer else [])],
            origin=Origin(origin or self.settings.origin),
            additional_headers=headers,
        ) as made:
            yield made


@asynccontextmanager
async def proxy(desk: Hotline, exchange: Exchange) -> AsyncIterator[Proxy]:
    settings = replace(Settings(), port=free_port())
    phones = AppPhones(lambda: exchange.engine.reach.access, lambda: exchange.settings)
    made = sip_socket.SipProxy(settings, desk.desk.database, lambda: exchange.engine.reach.access, phones)
    config = uvicorn.Config(
        made.serve,
        interface="asgi3",
        port=settings.port,
        ws="websockets-sansio",
        lifespan="off",
        log_config=None,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    working = asyncio.create_task(server._serve())
    try:
        await eventually(lambda: server.started, 10, "the proxy listens")
        yield Proxy(made, settings, settings.port)
    finally:
        server.should_exit = True
        await working
        await phones.close()


async def tab(desk: Hotline, agent: StaffViewer) -> Device:
    """A device of the agent that the engine knows."""
    async with desk.desk.database.transaction() as session:
        device = await lines.add_device(session, agent, "browser")

    async def ready() -> bool:
        async with desk.desk.database.transaction() as session:
            found = await queries.device(session, device.name)
            return found is not None and found.ready

    await eventually_so(ready, 10, "the engine knows the tab")
    return device


async def cookie_of(desk: Hotline, agent: StaffViewer) -> str:
    async with desk.desk.database.transaction() as session:
        _, secret = await sessions.start(session, agent.id, complete=True, network="", user_agent="")
    return secret


def register(name: str, number: int, authorization: str = "") -> str:
    return "\r\n".join(
        [
            "REGISTER sip:phone.invalid SIP/2.0",
            f"Via: SIP/2.0/WS a.invalid;branch=z9hG4bK{number}",
            f"From: <sip:{name}@phone.invalid>;tag=a1",
            f"To: <sip:{name}@phone.invalid>",
            "Call-ID: one",
            f"CSeq: {number} REGISTER",
            f"Contact: <sip:{name}@a.invalid;transport=ws>;expires=60",
            *([authorization] if authorization else []),
            "Max-Forwards: 70",
            "Content-Length: 0",
            "",
            "",
        ]
    )


def digest(challenge: str, name: str, password: str) -> str:
    given = dict(re.findall(r'(realm|nonce|opaque|qop)="([^"]*)"', challenge))

    def md5(text: str) -> str:
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

    uri = "sip:phone.invalid"
    one, two = md5(f"{name}:{given['realm']}:{password}"), md5(f"REGISTER:{uri}")
    answer = md5(f"{one}:{given['nonce']}:00000001:c:auth:{two}")
    return (
        f'Authorization: Digest username="{name}", realm="{given["realm"]}", nonce="{given["nonce"]}", uri="{uri}",'
        f' response="{answer}", algorithm=MD5, cnonce="c", qop=auth, nc=00000001, opaque="{given["opaque"]}"'
    )


async def sign_in(socket: ClientConnection, device: Device) -> str:
    """The answer's first line."""
    await socket.send(register(device.name, 1))
    challenged = str(await asyncio.wait_for(socket.recv(), 5))
    assert challenged.startswith("SIP/2.0 401"), challenged
    await socket.send(register(device.name, 2, digest(challenged, device.name, device.password)))
    while True:
        answer = str(await asyncio.wait_for(socket.recv(), 5))
        if answer.startswith("SIP/2.0"):
            return answer.split("\r\n", 1)[0]


async def closed(socket: ClientConnection, seconds: float = 5) -> int:
    with pytest.raises(ConnectionClosed) as found:
        async with asyncio.timeout(seconds):
            while True:
                await socket.recv()
    assert found.value.rcvd is not None
    return found.value.rcvd.code


async def test_a_signed_in_agents_tab_reaches_the_engine_and_nobody_else(
    desk: Hotline, exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sip_socket, "CHECK_SECONDS", 0.3)
    ann, ben = await desk.agent("Ann"), await desk.agent("Ben")
    mine, other = await tab(desk, ann), await tab(desk, ben)
    cookie = await cookie_of(desk, ann)
    async with proxy(desk, exchange) as made:
        async with made.socket(mine.name) as socket:
            assert await closed(socket) == sip_socket.UNAUTHORISED
        async with made.socket(mine.name, cookie, origin="https://evil.example") as socket:
            assert await closed(socket) == sip_socket.FORBIDDEN, "another origin"
        for name in (other.name, "tab-unknown", ""):
            async with made.socket(name, cookie) as socket:
                assert await closed(socket) == sip_socket.FORBIDDEN, f"not theirs: {name}"
        async with made.socket(mine.name, cookie) as socket:
            assert socket.subprotocol == "sip"
            await socket.send(register(other.name, 1))
            assert await closed(socket) == sip_socket.FORBIDDEN, "another's name"

        async with made.socket(mine.name, cookie) as socket:
            assert await sign_in(socket, mine) == "SIP/2.0 200 OK"

            async def online() -> bool:
                async with desk.desk.database.transaction() as session:
                    found = await queries.device(session, mine.name)
                    return found is not None and found.online

            await eventually_so(online, 5, "the tab is online")
            async with made.socket(mine.name, cookie) as second:
                assert await closed(socket) == sip_socket.REPLACED, "one socket for one device"
                assert await sign_in(second, mine) == "SIP/2.0 200 OK"
                async with desk.desk.database.transaction() as session:
                    found = await sessions.authenticate(session, cookie)
                    assert found is not None
                    await sessions.end(session, found[1])
                assert await closed(second) == sip_socket.UNAUTHORISED, "the session ended"
        await eventually(lambda: not made.made.open, 5, "nothing is left")


async def test_who_talks_too_much_is_cut_and_without_an_engine_it_says_so(desk: Hotline, exchange: Exchange) -> None:
    ann = await desk.agent("Ann")
    device, cookie = await tab(desk, ann), await cookie_of(desk, ann)
    async with proxy(desk, exchange) as made:
        async with made.socket(device.name, cookie) as socket:
            for _ in range(200):
                try:
                    await socket.send("\r\n\r\n")
                except ConnectionClosed:
                    break
            assert await closed(socket) == sip_socket.TOO_MANY
        made.made.access = lambda: None
        async with made.socket(device.name, cookie) as socket:
            assert await closed(socket) == sip_socket.AWAY


def invite(name: str) -> str:
    return "\r\n".join(
        [
            "INVITE sip:support@phone.invalid SIP/2.0",
            "Via: SIP/2.0/WS a.invalid;branch=z9hG4bK9",
            f"From: <sip:{name}@phone.invalid>;tag=a1",
            "To: <sip:support@phone.invalid>",
            "Call-ID: two",
            "CSeq: 1 INVITE",
            f"Contact: <sip:{name}@a.invalid;transport=ws>",
            "Max-Forwards: 70",
            "Content-Length: 0",
            "",
            "",
        ]
    )


async def test_a_customer_calls_in_the_name_of_their_conversation_only(desk: Hotline, exchange: Exchange) -> None:
    password = "p" * 32
    mine, other = await desk.desk.open(), await desk.desk.open()
    async with desk.desk.database.transaction() as session:
        token = issue_token(session, mine)
    ari = desk.voice.ari
    async with proxy(desk, exchange) as made:
        for given in (f"call.{'x' * 43}.{password}", f"call.{token}.short"):
            async with made.socket(customer=given, origin="https://a.shop.example") as socket:
                assert await closed(socket) in {sip_socket.UNAUTHORISED, sip_socket.FORBIDDEN}, given
        async with made.socket(customer=f"call.{token}.{password}") as socket:
            await socket.send(invite(name_of(other)))
            assert await closed(socket) == sip_socket.FORBIDDEN, "another conversation"
        async with made.socket(customer=f"call.{token}.{password}", origin="https://a.shop.example") as socket:
            await socket.send(invite(name_of(mine)))
            assert str(await asyncio.wait_for(socket.recv(), 5)).startswith("SIP/2.0 401"), "the engine asks who it is"
            assert (await ari.endpoint(name_of(mine))).state is not None

        async def forgotten() -> bool:
            try:
                await ari.endpoint(name_of(mine))
            except CallGone:
                return True
            return False

        await eventually_so(forgotten, 5, "the engine has forgotten them")
