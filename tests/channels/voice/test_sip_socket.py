"""/ws/phone: SIP of browsers is handed on to the real engine, for whoever is signed in."""

import asyncio
from collections.abc import MutableMapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from holdfast.channels.voice.sip_socket import FORBIDDEN, UNAUTHORISED, UNREACHABLE, SipSocket
from holdfast.core.database import Database
from holdfast.core.settings import Settings
from tests.channels.voice.conftest import Exchange

OPTIONS = (
    "OPTIONS sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/WS browser.invalid;branch=z9hG4bKtest\r\n"
    "From: <sip:tab@browser.invalid>;tag=1\r\nTo: <sip:127.0.0.1>\r\nCall-ID: a\r\nCSeq: 1 OPTIONS\r\n"
    "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
)


class Browser:
    """What a browser sends and gets."""

    def __init__(self, settings: Settings, *, origin: str = "", subprotocol: str = "sip") -> None:
        origin = origin or settings.origin
        self.scope: MutableMapping[str, Any] = {
            "type": "websocket",
            "headers": [(b"origin", origin.encode())],
            "subprotocols": [subprotocol],
        }
        self.to_server: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()
        self.got: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()
        self.to_server.put_nowait({"type": "websocket.connect"})

    async def closed_with(self, socket: SipSocket) -> int:
        await socket(self.scope, self.to_server.get, self.got.put)
        return int(self.got.get_nowait()["code"])


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(Settings(), data_dir=tmp_path)


async def test_who_may_not(exchange: Exchange, settings: Settings, database_url: str) -> None:
    database = Database(database_url)
    try:
        socket = SipSocket(settings, database, lambda: exchange.engine.reach.access)
        assert await Browser(settings, origin="https://evil.example").closed_with(socket) == FORBIDDEN
        assert await Browser(settings, subprotocol="chat").closed_with(socket) == FORBIDDEN
        assert await Browser(settings).closed_with(socket) == UNAUTHORISED
    finally:
        await database.close()


async def test_sip_goes_through(
    exchange: Exchange, settings: Settings, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def signed_in(_socket: SipSocket, _cookies: str) -> object:
        return uuid4()

    monkeypatch.setattr(SipSocket, "_signed_in", signed_in)
    database = Database(database_url)
    browser = Browser(settings)
    serving = asyncio.create_task(
        SipSocket(settings, database, lambda: exchange.engine.reach.access)(
            browser.scope, browser.to_server.get, browser.got.put
        )
    )
    try:
        async with asyncio.timeout(10):
            assert await browser.got.get() == {"type": "websocket.accept", "subprotocol": "sip"}
            browser.to_server.put_nowait({"type": "websocket.receive", "text": OPTIONS})
            answer = await browser.got.get()
            assert (answer.get("text") or answer["bytes"].decode()).startswith("SIP/2.0 ")
            browser.to_server.put_nowait({"type": "websocket.disconnect"})
            await serving
        assert await Browser(settings).closed_with(SipSocket(settings, database, lambda: None)) == UNREACHABLE
    finally:
        serving.cancel()
        await database.close()
