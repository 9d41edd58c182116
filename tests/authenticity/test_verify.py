"""The checker, as a page, as JSON and as a signed document, on the whole application with its database."""

import base64
import json
import re
from datetime import timedelta

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select

from holdfast.authenticity import codes, register
from holdfast.authenticity.http_public import DOCUMENT
from holdfast.authenticity.models import OfficialChannel
from holdfast.authenticity.rates import CHECKS
from holdfast.conversations import operations
from holdfast.core import clock
from holdfast.core.i18n import LANGUAGES
from tests.authenticity.conftest import House
from tests.support.browsers import stale

PHRASE = " ".join(["abandon"] * 11 + ["about"])


async def status(house: House, text: str, language: str = "en") -> dict[str, object]:
    async with house.browser() as anyone:
        answered = await anyone.post("/api/verify", json={"text": text, "language": language})
    assert answered.status_code == 200, answered.text
    found: dict[str, object] = answered.json()
    return found


async def test_what_is_ours_and_what_is_not(house: House) -> None:
    await house.add(("domain", "holdfast.example"), ("phone", "+44 20 7946 0990"), ("reference", "etherscan.io"))
    assert (await status(house, "https://help.holdfast.example/a"))["status"] == "official"
    assert (await status(house, "https://holdfast.example.evil.com"))["status"] == "lookalike"
    assert (await status(house, "hоldfast.example"))["trick"] == "letters"
    assert (await status(house, "etherscan.io/tx/0x1"))["status"] == "reference"
    assert (await status(house, "unheard-of.example"))["status"] == "not_listed"
    assert (await status(house, "what is this?"))["status"] == "unreadable"
    secret = await status(house, PHRASE)
    assert (secret["status"], secret["shown"]) == ("secret", "")


async def test_a_line_has_its_time(house: House) -> None:
    async with house.desk.database.transaction() as session:
        line = await register.add(session, house.lena, kind="domain", value="old.example")
    begun = line.since
    async with house.browser(house.lena) as lena:
        body = {"note": "", "since": begun.isoformat(), "until": (begun + timedelta(days=1)).isoformat()}
        assert (await lena.put(f"/api/official-channels/{line.id}", json=body)).status_code == 200
        backwards = await lena.put(f"/api/official-channels/{line.id}", json={**body, "until": begun.isoformat()})
        assert backwards.json()["id"] == "period_wrong"
    assert (await status(house, "old.example"))["status"] == "official"
    clock.set_source(lambda: begun + timedelta(days=2))
    try:
        assert (await status(house, "old.example"))["status"] == "expired"
    finally:
        clock.set_source(None)


async def test_only_administrators_change_the_register(house: House) -> None:
    new = {"kind": "domain", "value": "holdfast.example"}
    async with house.browser(house.desk.karin) as karin:
        assert (await karin.post("/api/official-channels", json=new)).json()["id"] == "register_refused"
        assert (await karin.get("/api/official-channels")).json() == []
    async with house.browser(house.lena) as lena:
        assert (await lena.post("/api/official-channels", json=new)).status_code == 201
        assert (await lena.post("/api/official-channels", json=new)).json()["id"] == "channel_known"
        # A link that goes up again leads elsewhere: it could never be found.
        for kind, value in (("phone", "not a number"), ("link", "https://docs.example/ours/../theirs")):
            wrong = {"kind": kind, "value": value}
            assert (await lena.post("/api/official-channels", json=wrong)).json()["id"] == "channel_unreadable"
    assert [entry.detail["address"] for entry in await house.audited("register.added")] == ["holdfast.example"]


async def test_the_register_changes_only_with_a_fresh_second_factor(house: House) -> None:
    """A line of it is what customers are told to trust, and what may be linked to."""
    await house.add(("domain", "holdfast.example"))
    async with house.desk.database.transaction() as session:
        line = (await session.scalars(select(OfficialChannel))).one()
    new = {"kind": "domain", "value": "evil.example"}
    changed = {"note": "", "since": line.since.isoformat(), "until": None}
    async with house.browser(house.lena) as lena:
        await stale(house.desk.database)
        for refused in (
            await lena.post("/api/official-channels", json=new),
            await lena.put(f"/api/official-channels/{line.id}", json=changed),
        ):
            assert (refused.status_code, refused.json()["id"]) == (403, "step_up_required")
        assert len((await lena.get("/api/official-channels")).json()) == 1


async def test_a_check_code_says_when_and_about_which_case_and_nothing_else(house: House) -> None:
    desk = house.desk
    conversation_id = await desk.open()
    await desk.assign(conversation_id, desk.ana)
    async with desk.database.transaction() as session:
        said = desk.answers(conversation_id, "It is confirmed now", desk.ana)
        conversation, message = await operations.post(session, desk.ana, conversation_id, said)
        stamp = await codes.stamp(session, conversation, message.seq)
        question = await codes.stamp(session, conversation, 2)
    assert stamp.code
    assert question.code
    found = await status(house, f" {stamp.code.lower().replace('-', ' ')} ")
    assert (found["status"], found["reference"]) == ("sent", conversation.reference)
    assert "confirmed" not in json.dumps(found)
    # The customer's own message is none of ours, though its code can be worked out.
    assert (await status(house, question.code))["status"] == "not_sent"
    clock.set_source(lambda: now_then + codes.LIFETIME + timedelta(minutes=1))
    now_then = message.created_at
    try:
        assert (await status(house, stamp.code))["status"] == "not_sent"
    finally:
        clock.set_source(None)


async def test_the_public_is_counted(house: House) -> None:
    async with house.browser(network="198.51.100.1") as hasty, house.browser(network="198.51.100.2") as calm:
        answers = [(await hasty.post("/api/verify", json={"text": "x.example"})).status_code for _ in range(CHECKS + 1)]
        assert answers == [200] * CHECKS + [429]
        assert (await calm.post("/api/verify", json={"text": "x.example"})).status_code == 200
        assert (await hasty.post("/verify", data={"text": "x.example", "lang": "de"})).status_code == 429


async def test_the_signed_register(house: House) -> None:
    await house.add(("domain", "holdfast.example"), ("handle", "telegram:@holdfast"))
    async with house.browser() as app:
        first, again = [(await app.get(DOCUMENT)).json() for _ in range(2)]
    assert first["public_key"] == again["public_key"]
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(first["public_key"]))
    key.verify(base64.b64decode(first["signature"]), first["payload"].encode())
    payload = json.loads(first["payload"])
    assert {(c["kind"], c["value"]) for c in payload["channels"]} == {
        ("domain", "holdfast.example"),
        ("handle", "telegram:holdfast"),
    }
    with pytest.raises(InvalidSignature):
        forged = first["payload"].replace("holdfast.example", "holdfast.evil").encode()
        key.verify(base64.b64decode(first["signature"]), forged)


async def test_the_page_answers_in_every_language_without_a_script(house: House) -> None:
    await house.add(("domain", "holdfast.example"))
    headlines = set()
    async with house.browser() as anyone:
        for language in LANGUAGES:
            page = await anyone.post("/verify", data={"text": "hoIdfast.example.com", "lang": language})
            assert page.status_code == 200
            assert f'lang="{language}"' in page.text
            assert "<script" not in page.text
            headlines.add(re.findall(r"<h2>.*?<span>(.*?)</span></h2>", page.text)[0])
        policy = page.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'self'")
        empty = await anyone.get("/verify", headers={"accept-language": "ar"})
    assert 'dir="rtl"' in empty.text
    assert len(headlines) == len(LANGUAGES), headlines


async def test_what_is_pasted_is_escaped_and_a_secret_is_not_shown_again(house: House) -> None:
    async with house.browser() as anyone:
        page = await anyone.post("/verify", data={"text": '"><script>alert(1)</script>.example', "lang": "en"})
        assert "<script>alert" not in page.text
        page = await anyone.post("/verify", data={"text": PHRASE, "lang": "en"})
        assert "abandon" not in page.text
        assert "recovery phrase" in page.text
