"""The real sender against servers on this machine that speak the other side's protocol."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from email.message import EmailMessage
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from aiosmtpd.controller import Controller

from holdfast.core.database import Database
from holdfast.core.outgoing import Answer, Outgoing, Rules
from holdfast.core.settings import Settings
from holdfast.paging import apprise_way
from holdfast.paging.addresses import independent, usable
from holdfast.paging.ports import Message, Outcome
from holdfast.paging.sending import RealSender
from tests.support.outside import Authority, Outside, Reply, answering, believer, outside, raw

HERE = ip_network("127.0.0.0/8")
NTFY = answering(200, b'{"id":"x1","event":"message"}', "content-type: application/json")


def message(kind: str, address: str, provider: str | None = None, link: str | None = "https://desk/page/t") -> Message:
    return Message(uuid4(), kind, address, "An emergency · HF-1", "Open this:", link, urgent=True, provider=provider)


def sender(outgoing: Outgoing, **settings: Any) -> RealSender:
    return RealSender(replace(Settings(), **settings), Database("postgresql://nowhere/none"), outgoing)


@asynccontextmanager
async def server(tmp_path: Path, reply: Reply) -> AsyncIterator[tuple[Outside, RealSender]]:
    """One that calls itself push.example.org, with TLS, and a sender that believes its certificate."""
    authority = Authority(tmp_path)
    async with outside(reply, authority.server("push.example.org")) as there:
        ways = {"networks": (HERE,), "ports": frozenset({there.port})}
        yield there, sender(believer(authority, "127.0.0.1", **ways))


async def test_ntfy(tmp_path: Path) -> None:
    async with server(tmp_path, NTFY) as (there, sending):
        outcome = await sending.send(message("ntfy", f"https://push.example.org:{there.port}/ana-7"))
    assert outcome == Outcome(True)
    (heard,) = there.heard
    said = json.loads(heard.body)
    assert said["topic"] == "ana-7"
    assert (said["title"], said["message"]) == ("An emergency · HF-1", "Open this:\nhttps://desk/page/t")
    assert heard.headers["x-priority"] == "max"
    assert heard.headers["x-click"] == "https://desk/page/t"
    # A picture of another host would be fetched by the telephone.
    assert not {"x-icon", "authorization"} & heard.headers.keys()


async def test_a_topic_that_is_not_open_to_all(tmp_path: Path) -> None:
    async with server(tmp_path, NTFY) as (there, sending):
        said = replace(
            message("ntfy", f"https://push.example.org:{there.port}/ana-7"), secret="tk_AgQdq7mVBoFD37zQVN29"
        )
        assert await sending.send(said) == Outcome(True)
    assert there.heard[0].headers["authorization"] == "Bearer tk_AgQdq7mVBoFD37zQVN29"
    assert "tk_" not in there.heard[0].path + there.heard[0].body.decode()


async def test_a_webhook_of_ones_own(tmp_path: Path) -> None:
    async with server(tmp_path, answering(204)) as (there, sending):
        assert (await sending.send(message("webhook", f"https://push.example.org:{there.port}/in/x"))).sent
    assert there.heard[0].path == "/in/x"
    assert json.loads(there.heard[0].body)["title"] == "An emergency · HF-1"


@pytest.mark.parametrize(("status", "final"), [(404, True), (403, True), (429, False), (500, False), (302, False)])
async def test_what_the_other_side_answers(tmp_path: Path, status: int, final: bool) -> None:
    async with server(tmp_path, answering(status, b"no", "location: https://push.example.org/other")) as (
        there,
        sending,
    ):
        outcome = await sending.send(message("ntfy", f"https://push.example.org:{there.port}/ana"))
    assert outcome == Outcome(False, str(status), final)
    # Also a redirect is an answer.
    assert len(there.heard) == 1


async def test_it_does_not_speak_to_our_own_network(tmp_path: Path) -> None:
    """A name that stands for an address of ours is refused before anything is opened."""
    authority = Authority(tmp_path)
    async with outside(NTFY, authority.server("push.example.org")) as there:
        closed = sender(believer(authority, "127.0.0.1", ports=frozenset({there.port})))
        outcome = await closed.send(message("ntfy", f"https://push.example.org:{there.port}/ana"))
        assert outcome == Outcome(False, "address", final=True)
        assert there.connections == 0
    # Nobody listens any more.
    open_ = sender(believer(authority, "127.0.0.1", networks=(HERE,), ports=frozenset({there.port})))
    gone = await open_.send(message("ntfy", f"https://push.example.org:{there.port}/ana"))
    assert gone == Outcome(False, "connect")


async def test_a_certificate_of_somebody_else_is_not_believed(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    async with outside(NTFY, Authority(tmp_path / "other").server("push.example.org")) as there:
        ways = {"networks": (HERE,), "ports": frozenset({there.port})}
        sending = sender(believer(Authority(tmp_path), "127.0.0.1", **ways))
        outcome = await sending.send(message("ntfy", f"https://push.example.org:{there.port}/ana"))
    assert outcome == Outcome(False, "tls")


async def test_a_gateway_for_texts(tmp_path: Path) -> None:
    reply = answering(200, b'{"result":[{"message_id":"748","status":"ok"}]}', "content-type: application/json")
    async with server(tmp_path, reply) as (there, sending):
        gateway = f"smseagles://token7@push.example.org:{there.port}"
        assert apprise_way.understood("sms", gateway)
        outcome = await sending.send(message("sms", "+15550100001", gateway))
    assert outcome == Outcome(True)
    said = json.loads(there.heard[0].body)
    assert said["params"]["access_token"] == "token7"
    assert "15550100001" in json.dumps(said["params"])
    assert "https://desk/page/t" in json.dumps(said)


class Detour(Outgoing):
    """Providers have names and ports of their own: what is meant for them goes to a server on this machine."""

    def __init__(self, port: int) -> None:
        super().__init__(Rules((HERE,), frozenset({f"127.0.0.1:{port}"})))
        self.port = port
        self.meant: list[str] = []

    async def request(self, method: str, url: str, **how: Any) -> Answer:
        self.meant.append(url)
        there = f"http://127.0.0.1:{self.port}{urlsplit(url).path}"
        return await super().request(method, there, **how)


def _form(body: bytes) -> Mapping[str, list[str]]:
    return parse_qs(body.decode())


TWILIO = "twilio://AC0123456789abcdef0123456789abcdef:fedcba9876543210fedcba9876543210@15550100999"


@pytest.mark.parametrize("kind", ["sms", "call"])
async def test_twilio(kind: str) -> None:
    async with outside(answering(201, b'{"sid":"SM1"}', "content-type: application/json")) as there:
        outgoing = Detour(there.port)
        assert apprise_way.understood(kind, TWILIO)
        assert (await sender(outgoing).send(message(kind, "+15550100001", TWILIO))).sent
    (url,), (heard,) = outgoing.meant, there.heard
    said = _form(heard.body)
    assert url.startswith("https://api.twilio.com/")
    assert said["To"] == ["+15550100001"]
    assert heard.headers["authorization"].startswith("Basic ")
    if kind == "sms":
        assert said["Body"] == ["An emergency · HF-1\r\nOpen this:\nhttps://desk/page/t"]
    else:
        # Spoken: without an address, and escaped.
        assert said["Twiml"] == ["<Response><Say>An emergency · HF-1</Say><Say>Open this:</Say></Response>"]


async def test_telegram() -> None:
    async with outside(answering(200, b'{"ok":true}', "content-type: application/json")) as there:
        outgoing = Detour(there.port)
        bot = "tgram://123456789:abcdefghijklmnopqrstuvwxyzABCDEFGHI"
        assert apprise_way.understood("telegram", bot)
        assert (await sender(outgoing).send(message("telegram", "12315544", bot))).sent
    assert outgoing.meant[-1].startswith("https://api.telegram.org/bot123456789:")
    assert str(json.loads(there.heard[-1].body)["chat_id"]) == "12315544"


async def test_many_at_once_keep_their_own_way(tmp_path: Path) -> None:
    """What apprise is given in the place of its library is shared; which way a message goes is its own."""

    async def reply(heard: Any, writer: asyncio.StreamWriter) -> None:
        topic = json.loads(heard.body)["topic"]
        writer.write(raw(200 if topic.startswith("good") else 500, b"{}"))
        await writer.drain()

    async with server(tmp_path, reply) as (there, sending):
        at = f"https://push.example.org:{there.port}"
        names = [f"good-{n}" if n % 3 else f"bad-{n}" for n in range(12)]
        outcomes = await asyncio.gather(*(sending.send(message("ntfy", f"{at}/{name}")) for name in names))
    assert [outcome.sent for outcome in outcomes] == [name.startswith("good") for name in names]


def test_what_could_open_a_connection_is_not_handed_out() -> None:
    for scheme in ("ntfy", "jsons", "twilio"):
        apprise_way._service({"ntfy": "ntfy://h/t", "jsons": "jsons://h/p", "twilio": TWILIO}[scheme])
    from apprise.plugins import custom_json, ntfy, twilio

    for module in (ntfy, custom_json, twilio):
        assert isinstance(module.requests, apprise_way._Requests)
        for name in ("Session", "session", "api", "adapters", "patch", "delete", "head", "options", "utils"):
            assert not hasattr(module.requests, name)


@pytest.mark.parametrize(
    ("kind", "provider"),
    [
        ("sms", "mailto://a:b@c"),
        ("sms", "jsons://h/p"),
        ("call", "smseagles://t@h"),
        ("sms", "twilio://"),
        ("ntfy", "ntfy://h/t"),
    ],
)
def test_providers_that_are_not_listed_or_not_complete(kind: str, provider: str) -> None:
    assert not apprise_way.understood(kind, provider)


class Sink:
    """A server of mail that keeps what it gets, or refuses."""

    def __init__(self, refusal: str | None = None) -> None:
        self.refusal = refusal
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802 - its name there
        import email.policy

        if self.refusal:
            return self.refusal
        parsed = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.mails.append(parsed)
        return "250 OK"


@pytest.mark.parametrize(
    ("refusal", "outcome"),
    [
        (None, Outcome(True)),
        ("550 no", Outcome(False, "refused", final=True)),
        ("451 later", Outcome(False, "connect")),
    ],
)
async def test_mail(free_port: int, refusal: str | None, outcome: Outcome) -> None:
    sink = Sink(refusal)
    controller = Controller(sink, hostname="127.0.0.1", port=free_port)
    controller.start()
    try:
        sending = sender(Outgoing(Rules()), smtp_url=f"smtp://127.0.0.1:{free_port}")
        sent = message("mail", "ana@example.com")
        assert await sending.send(sent) == outcome
    finally:
        controller.stop()
    if refusal is None:
        (mail,) = sink.mails
        assert mail["subject"] == "An emergency · HF-1"
        assert mail["x-priority"] == "1"
        # Sent twice after a crash, it is one for whoever reads it.
        assert sent.id.hex in mail["message-id"]
        assert mail.get_content().splitlines() == ["Open this:", "", "https://desk/page/t"]


async def test_nothing_leaves_a_demo_and_what_is_not_set_up_is_said() -> None:
    nowhere = Outgoing(Rules())
    assert (await sender(nowhere, demo=True).send(message("ntfy", "https://push.example.org/a"))).reason == "demo"
    assert (await sender(nowhere).send(message("sms", "+15550100001"))).reason == "provider"
    assert (await sender(nowhere).send(message("mail", "a@b.example"))).reason == "smtp"


@pytest.mark.parametrize(
    ("kind", "address", "good"),
    [
        ("mail", "ana@example.com", True),
        ("mail", "ana@example.com\nBcc: all@example.com", False),
        ("sms", "+15550100001", True),
        ("sms", "0555 0100001", False),
        ("telegram", "-1001234567", True),
        ("telegram", "@ana", False),
        ("ntfy", "https://push.example.org/ana", True),
        ("ntfy", "http://push.example.org/ana", False),
        ("ntfy", "https://push.example.org/", False),
        ("ntfy", "https://push.example.org/a?auth=x", False),
        ("ntfy", "https://u:p@push.example.org/a", False),
        ("webhook", "https://push.example.org/a/b/c", True),
        ("webhook", "https://push.example.org:22/a", False),
        ("webhook", "file:///etc/passwd", False),
    ],
)
def test_how_addresses_are_written(kind: str, address: str, good: bool) -> None:
    assert usable(kind, address, Rules()) is good


@pytest.mark.parametrize(
    ("kind", "address", "token", "good"),
    [
        ("ntfy", "https://push.example.org/ana", "tk_AgQdq7mVBoFD37zQVN29", True),
        ("ntfy", "https://push.example.org/ana", "tk a&auth=basic", False),
        ("ntfy", "https://push.example.org/ana", "tk_\u00e9", False),
        ("mail", "ana@example.com", "tk_AgQdq7mVBoFD37zQVN29", False),
    ],
)
def test_how_tokens_are_written(kind: str, address: str, token: str, good: bool) -> None:
    assert usable(kind, address, Rules(), token) is good


def test_what_fails_together_is_not_independent() -> None:
    assert independent(["mail", "sms"])
    assert not independent(["sms", "call"])
    assert not independent(["mail", "mail"])
    assert not independent([])
