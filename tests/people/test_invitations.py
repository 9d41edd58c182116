"""Invitations and forgotten passwords: links by mail that open something once."""

import re
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from holdfast.access.viewer import Role
from holdfast.people import invitations
from tests.people.support import PASSWORD, House, problem, sign_in

NEW = "an entirely new phrase"
BODY: dict[str, Any] = {
    "email": "New@Example.org",
    "name": "Newcomer",
    "roles": ["agent", "trainer"],
    "languages": [{"language": "ja", "level": "native"}, {"language": "en", "level": "fluent"}],
}


async def chief(house: House) -> httpx.AsyncClient:
    _, browser = await house.signed_in("chief@example.org", Role.ADMINISTRATOR, name="Chief")
    begun = (await browser.post("/api/me/totp")).json()
    from pyotp import TOTP

    code = TOTP(begun["secret"]).at(int(house.clock.moment.timestamp()))
    await browser.post("/api/me/totp/confirm", json={"code": code})
    return browser


async def link(house: House, kind: str) -> str:
    """The secret of the newest mailed link of this kind."""
    found = [
        m for mail in await house.mails() if (m := re.search(rf"http://localhost:8420/console/{kind}/(\S+)", mail.text))
    ]
    return found[-1][1]


async def test_an_invitation_makes_an_account(house: House) -> None:
    browser = await chief(house)
    sent = await browser.post("/api/invitations", json=BODY)
    assert sent.status_code == 201, sent.text
    mail = (await house.mails())[-1]
    assert mail.to == "New@Example.org"
    assert "Chief" in mail.text
    assert [row["email"] for row in (await browser.get("/api/invitations")).json()] == ["New@Example.org"]
    secret = await link(house, "invitation")
    assert secret not in sent.text

    guest = house.browser(**{"accept-language": "ja"})
    seen = (await guest.get(f"/api/invitations/{secret}/view")).json()
    assert seen == {"email": "New@Example.org", "name": "Newcomer", "organisation": "Holdfast"}
    weak = await guest.post(f"/api/invitations/{secret}/accept", json={"name": "Aiko", "password": "short"})
    assert problem(weak) == "weak_password"
    accepted = await guest.post(f"/api/invitations/{secret}/accept", json={"name": "Aiko", "password": NEW})
    assert accepted.json()["state"] == "signed_in"
    me = (await guest.get("/api/session")).json()
    assert (me["name"], me["roles"], me["interface_language"]) == ("Aiko", ["agent", "trainer"], "ja")
    assert me["languages"] == [{"language": "en", "level": "fluent"}, {"language": "ja", "level": "native"}]
    assert (await sign_in(house.browser(), "new@example.org", NEW)).status_code == 200

    assert problem(await guest.get(f"/api/invitations/{secret}/view")) == "link_dead"
    again = await house.browser().post(f"/api/invitations/{secret}/accept", json={"name": "X", "password": NEW})
    assert problem(again) == "link_dead"
    assert (await browser.get("/api/invitations")).json() == []
    assert problem(await browser.post("/api/invitations", json=BODY)) == "already_member"
    audited = await house.audited()
    assert "invitation.sent" in audited
    assert "invitation.accepted" in audited


async def test_an_invitation_ends(house: House) -> None:
    browser = await chief(house)
    await browser.post("/api/invitations", json=BODY)
    first = await link(house, "invitation")
    # A second one to the same person replaces the first.
    row = (await browser.post("/api/invitations", json={**BODY, "email": "new@example.ORG"})).json()
    second = await link(house, "invitation")
    guest = house.browser()
    assert problem(await guest.get(f"/api/invitations/{first}/view")) == "link_dead"
    assert (await guest.get(f"/api/invitations/{second}/view")).status_code == 200
    assert (await browser.delete(f"/api/invitations/{row['id']}")).status_code == 204
    assert problem(await guest.get(f"/api/invitations/{second}/view")) == "link_dead"
    assert problem(await browser.delete(f"/api/invitations/{row['id']}")) == "invitation_unknown"

    await browser.post("/api/invitations", json=BODY)
    third = await link(house, "invitation")
    house.clock.turn(days=7)
    assert problem(await guest.get(f"/api/invitations/{third}/view")) == "link_dead"


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
async def test_only_administrators_invite(demo: House, role: Role) -> None:
    _, browser = await demo.signed_in("ana@example.org", role)
    assert problem(await browser.post("/api/invitations", json=BODY)) == "role_missing"
    assert problem(await browser.get("/api/invitations")) == "role_missing"
    assert await demo.mails() == []


async def test_without_mail_nobody_is_invited(house: House) -> None:
    from dataclasses import replace

    from tests.people.support import application

    browser = await chief(house)
    house.app = application(house.database, replace(house.settings, smtp_url=None))
    bare = house.browser(cookie=f"hf_session={browser.cookies['hf_session']}")
    assert problem(await bare.post("/api/invitations", json=BODY)) == "mail_unavailable"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "not an address"}, "email"),
        ({"email": "a@b\r\nBcc: c@d"}, "email"),
        ({"roles": ["king"]}, "roles"),
        ({"roles": []}, "roles"),
        ({"name": "  "}, "name"),
        ({"languages": [{"language": "x", "level": "native"}]}, "languages"),
    ],
)
async def test_a_wrong_invitation_names_its_field(house: House, change: dict[str, Any], field: str) -> None:
    browser = await chief(house)
    answer = await browser.post("/api/invitations", json={**BODY, **change})
    assert problem(answer) == "invalid_input"
    assert answer.json()["params"]["field"].startswith(field)


async def ask(house: House, email: str, **more: Any) -> None:
    answer = await house.browser(**more).post("/api/password-reset", json={"email": email})
    assert (answer.status_code, answer.json()) == (202, None)
    await house.run_resets()


async def test_a_forgotten_password_is_reset(house: House) -> None:
    _, browser = await house.signed_in("ana@example.org")
    for _ in range(5):
        await sign_in(house.browser(), "ana@example.org", "wrong")
    await ask(house, "ANA@example.org")
    await ask(house, "ana@example.org")
    earlier, secret = [re.search(r"/console/reset/(\S+)", mail.text)[1] for mail in await house.mails()]  # type: ignore[index]  # both have a link
    guest = house.browser()

    async def confirm(token: str, password: str) -> httpx.Response:
        return await guest.post("/api/password-reset/confirm", json={"token": token, "password": password})

    assert problem(await confirm(secret, "short")) == "weak_password"
    assert problem(await confirm("guess", NEW)) == "link_dead"
    assert (await confirm(secret, NEW)).status_code == 204
    # It ends every session and opens none; the lockout is forgotten; every other link is dead.
    assert problem(await browser.get("/api/session")) == "sign_in_required"
    assert "hf_session" not in guest.cookies
    assert problem(await confirm(secret, NEW)) == "link_dead"
    assert problem(await confirm(earlier, NEW)) == "link_dead"
    assert (await sign_in(house.browser(), "ana@example.org", NEW)).status_code == 200
    assert problem(await sign_in(house.browser(), "ana@example.org", PASSWORD)) == "sign_in_refused"
    assert "password.reset" in await house.audited()


async def test_a_reset_does_not_pass_the_second_factor(house: House) -> None:
    browser = await chief(house)
    await ask(house, "chief@example.org")
    secret = await link(house, "reset")
    body = {"token": secret, "password": NEW}
    assert (await house.browser().post("/api/password-reset/confirm", json=body)).status_code == 204
    assert (await sign_in(house.browser(), "chief@example.org", NEW)).json()["state"] == "second_factor"
    assert problem(await browser.get("/api/session")) == "sign_in_required"


async def test_a_reset_link_ends_after_half_an_hour(house: House) -> None:
    await house.agent("ana@example.org")
    await ask(house, "ana@example.org")
    secret = await link(house, "reset")
    house.clock.turn(minutes=30)
    body = {"token": secret, "password": NEW}
    assert problem(await house.browser().post("/api/password-reset/confirm", json=body)) == "link_dead"


async def test_nobody_learns_who_has_an_account_nor_floods_a_mailbox(house: House) -> None:
    agent = await house.agent("ana@example.org")
    await ask(house, "nobody@example.org")
    assert await house.mails() == []
    for n in range(5):
        await ask(house, "ana@example.org", network=f"198.51.100.{n}")
    assert len(await house.mails()) == 3
    house.clock.turn(hours=1, seconds=1)
    await ask(house, "ana@example.org")
    assert len(await house.mails()) == 4
    async with house.database.transaction() as session:
        (await session.get_one(type(agent), agent.id)).active = False
    house.clock.turn(hours=2)
    await ask(house, "ana@example.org")
    assert len(await house.mails()) == 4


async def test_a_network_that_asks_too_often_is_not_heard(house: House) -> None:
    await house.agent("ana@example.org")
    for n in range(30):
        await ask(house, f"guess{n}@example.org")
    await ask(house, "ana@example.org")
    assert await house.mails() == []


async def test_the_job_keeps_the_address_sealed(house: House) -> None:
    await house.browser().post("/api/password-reset", json={"email": "ana@example.org"})
    async with house.database.engine.connect() as connection:
        rows = (await connection.execute(text("SELECT task_name, args::text FROM procrastinate_jobs"))).all()
    assert [row[0] for row in rows] == [invitations.RESET]
    assert "example.org" not in rows[0][1]
