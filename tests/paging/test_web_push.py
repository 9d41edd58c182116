"""Web push: as RFC 8291 writes it, to a push service on this machine, until the browser has ended it."""

import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import func, select, text

from holdfast.core.outgoing import Rules
from holdfast.paging import contacts, pages, web_push
from holdfast.paging.addresses import independent, usable
from holdfast.paging.models import ContactMethod, PushKey
from holdfast.paging.ports import Message, Outcome
from tests.paging.push_service import Subscribed, unwritten
from tests.paging.support import House
from tests.paging.test_requests import browser
from tests.paging.test_sending import HERE, sender
from tests.support.outside import Authority, believer, outside

KEY = web_push.new_key()
ENDPOINT = "https://push.example.org/wp/abc?x=1"


def test_the_example_of_rfc_8291() -> None:
    """Appendix A."""
    ours = ec.derive_private_key(
        int.from_bytes(unwritten("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")), ec.SECP256R1()
    )
    browser = unwritten("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4")
    body = web_push.encrypted(
        b"When I grow up, I want to be a watermelon\x02",
        browser,
        unwritten("BTBZMqHH6r4Tts7J_aSIgg"),
        key=ours,
        salt=unwritten("DGv6ra1nlYgDCS1FRnbzlw"),
    )
    assert web_push.written_of(body) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru"
        "3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


def test_no_length_tells_what_it_says() -> None:
    lengths = {len(web_push.padded(word)) for word in (b"", b"x" * 20, b"y" * web_push.ROOM)}
    assert lengths == {web_push.ROOM + 1}


def test_who_sends_is_shown_to_this_service_alone() -> None:
    at = datetime.now(UTC)
    said = web_push.authorisation(KEY, ENDPOINT, "Holdfast <hotline@example.org>", at)
    token = said.partition("t=")[2].partition(",")[0]
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unwritten(web_push.public_of(KEY)))
    claims = jwt.decode(token, public, algorithms=["ES256"], audience="https://push.example.org")
    assert claims["sub"] == "mailto:hotline@example.org"
    # RFC 8292, 2: at most a day.
    assert 0 < claims["exp"] - at.timestamp() <= 24 * 3600


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (201, Outcome(True)),
        (410, Outcome(False, "410", final=True)),
        (404, Outcome(False, "404", final=True)),
        (413, Outcome(False, "413", final=True)),
        (429, Outcome(False, "429")),
        (500, Outcome(False, "500")),
    ],
)
async def test_what_the_push_service_answers(tmp_path: Path, status: int, outcome: Outcome) -> None:
    there = Subscribed(web_push.public_of(KEY), status=status)
    authority = Authority(tmp_path)
    async with outside(there.reply, authority.server("push.example.org")) as server:
        ways = {"networks": (HERE,), "ports": frozenset({server.port})}
        message = _message(f"https://push.example.org:{server.port}/wp/abc", there.secret)
        assert await sender(believer(authority, "127.0.0.1", **ways)).send(message) == outcome
    headers = server.heard[0].headers
    assert (headers["content-encoding"], headers["urgency"], headers["ttl"]) == ("aes128gcm", "high", "3600")
    assert len(headers["topic"]) <= 32
    if outcome.sent:
        (shown,) = there.shown
        assert shown == {"title": "An emergency · HF-1", "body": "", "url": "/console/x", "tag": "/console/x"}


async def test_it_does_not_speak_to_our_own_network(tmp_path: Path) -> None:
    there, authority = Subscribed(web_push.public_of(KEY)), Authority(tmp_path)
    async with outside(there.reply, authority.server("push.example.org")) as server:
        closed = sender(believer(authority, "127.0.0.1", ports=frozenset({server.port})))
        outcome = await closed.send(_message(f"https://push.example.org:{server.port}/wp", there.secret))
        assert outcome == Outcome(False, "address", final=True)
        assert server.connections == 0


def _message(endpoint: str, secret: str) -> Message:
    return Message(
        uuid4(), "push", endpoint, "An emergency · HF-1", "", None, True, KEY, secret=secret, view="/console/x"
    )


def test_how_a_subscription_is_written() -> None:
    good = Subscribed("").secret
    assert usable("push", ENDPOINT, Rules(), good)
    assert not usable("push", "http://push.example.org/wp", Rules(), good)
    for bad in (None, "", "{}", "[]", json.dumps({"p256dh": "AAAA", "auth": "AAAA"}), good.replace("B", "*", 1)):
        assert not usable("push", ENDPOINT, Rules(), bad), bad
    assert not usable("mail", "ana@example.com", Rules(), good)
    assert independent(["mail", "push"])


async def test_a_browser_is_subscribed_confirmed_and_paged(house: House, tmp_path: Path) -> None:
    there = Subscribed("")
    given = {"kind": "push", "address": ENDPOINT, "secret": there.secret}
    async with browser(house, house.ana, tmp_path) as ana:
        keys = [(await ana.post("/api/me/contacts/push-key")).json()["key"] for _ in range(2)]
        added = await ana.post("/api/me/contacts", json=given)
        (way,) = added.json()["contacts"]
        # Where it is sent to is as good as a password: only the host is shown.
        assert (way["kind"], way["address"], way["guarded"]) == ("push", "push.example.org", False)
        assert "push" in added.json()["available"]
        # The same browser once more is the same way.
        assert len((await ana.post("/api/me/contacts", json=given)).json()["contacts"]) == 1
        await house.carry()
        (asked,) = house.sender.messages
        assert asked.view == "/console/on-call/contacts"
        assert web_push.public_of(asked.provider or "") == keys[0] == keys[1]
        code = asked.text.split()[0]
        confirmed = await ana.post(f"/api/me/contacts/{way['id']}/confirm", json={"code": code})
        assert confirmed.json()["reach"] == "single"
        page = (await ana.post("/api/me/contacts/test")).json()
    assert await house.work() == [("Ana", "push")]
    paged = house.sender.messages[-1]
    assert (paged.text, paged.secret, paged.view) == ("", there.secret, f"/console/on-call?page={page['id']}")
    async with house.database.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(PushKey)) == 1
        sealed = (await session.execute(text("SELECT private FROM push_key"))).scalar_one()
    assert (asked.provider or "x").encode() not in bytes(sealed)


@pytest.mark.parametrize("status", ["404", "410"])
async def test_a_subscription_that_has_ended_is_dropped_and_its_person_told(house: House, status: str) -> None:
    async def gone(_: Message) -> Outcome:
        return Outcome(False, status, final=True)

    async with house.database.transaction() as session:
        await contacts.push_key(session)
    await house.contact(house.wei, "push", ENDPOINT)
    await house.contact(house.wei, "mail", "wei@home.example")
    async with house.database.transaction() as session:
        page_id = await pages.raise_test(session, house.wei.id)
    house.sender.answer = gone
    await house.work()
    async with house.database.transaction() as session:
        left = list(await session.scalars(select(ContactMethod.kind)))
        mails = (await session.execute(text("SELECT count(*) FROM outgoing_mail"))).scalar_one()
    assert left == ["mail"]
    assert mails == 1
    assert {(row.kind, row.state, row.reason) for row in await house.deliveries() if row.page_id == page_id} == {
        ("push", "failed", status),
        ("mail", "failed", status),
    }
