"""The password step, sessions, lockout, and what is refused at the edge."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Literal
from uuid import UUID

import httpx
import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select

from holdfast.access.viewer import Role
from holdfast.core.database import Database
from holdfast.people import housekeeping, lockout, passwords, sessions
from holdfast.people.models import SignInFailure, SignInSession
from tests.people.support import ORIGIN, PASSWORD, House, application, problem, sign_in


async def test_a_password_signs_in_and_out(house: House) -> None:
    agent = await house.agent("Ana@Example.org", Role.AGENT)
    browser = house.browser()
    assert problem(await browser.get("/api/session")) == "sign_in_required"

    answer = await sign_in(browser, "ana@example.ORG")
    assert answer.json() == {"state": "signed_in", "methods": []}
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Path=/" in cookie
    assert "Secure" not in cookie

    me = (await browser.get("/api/session")).json()
    assert me == {
        "id": str(agent.id),
        "name": "Ana",
        "email": "Ana@Example.org",
        "roles": ["agent"],
        "interface_language": "en",
        "languages": [],
        "skills": [],
        "second_factor": {"totp": False, "passkeys": 0},
        "must_enrol": False,
        "capacity": {"chat": 4, "email": 8, "voice": 1},
        "demo": False,
    }
    secret = browser.cookies["hf_session"]
    assert (await browser.delete("/api/session")).status_code == 204
    assert "hf_session" not in browser.cookies
    # The server has ended it too, not only the browser forgotten it.
    stale = house.browser(cookie=f"hf_session={secret}")
    assert problem(await stale.get("/api/session")) == "sign_in_required"
    assert await house.audited() == ["agent.created", "sign_in.signed_in", "sign_in.signed_out"]


async def test_the_cookie_is_secure_on_https(house: House) -> None:
    await house.agent("ana@example.org")
    settings = replace(house.settings, public_url="https://help.example.org")
    transport = httpx.ASGITransport(application(house.database, settings))  # type: ignore[arg-type]  # as in support
    async with httpx.AsyncClient(transport=transport, base_url="https://help.example.org") as browser:
        answer = await sign_in(browser, "ana@example.org")
    assert "Secure" in answer.headers["set-cookie"]


@pytest.mark.parametrize("case", ["unknown", "wrong", "inactive", "no_password"])
async def test_every_refusal_reads_the_same(house: House, case: str) -> None:
    agent = await house.agent("ana@example.org")
    async with house.database.transaction() as session:
        found = await session.get_one(type(agent), agent.id)
        found.active = case != "inactive"
        if case == "no_password":
            found.password_hash = None
    email = "nobody@example.org" if case == "unknown" else "ana@example.org"
    answer = await sign_in(house.browser(), email, "wrong password" if case == "wrong" else PASSWORD)
    body = answer.json()
    body.pop("request")
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    assert body == {
        "type": "urn:holdfast:problem:sign_in_refused",
        "id": "sign_in_refused",
        "title": "The e-mail address or the password is wrong",
        "status": 401,
    }


async def test_an_unknown_account_costs_as_much_as_a_known_one(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 - argon2's signature
            asked.append(str(hash))
            return super().verify(hash, password)

    hasher = Counting(time_cost=2, memory_cost=19 * 1024, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", hasher)
    monkeypatch.setattr(passwords, "_nobody", hasher.hash("nobody"))
    stored = await passwords.hashed(PASSWORD)
    assert await passwords.fits(PASSWORD, stored)
    assert not await passwords.fits("nobody", None)
    assert len(asked) == 2
    assert asked[0].split("$")[1:4] == asked[1].split("$")[1:4] == ["argon2id", "v=19", "m=19456,t=2,p=1"]


async def test_an_outdated_hash_is_renewed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    agent = await house.agent("ana@example.org")
    stronger = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", stronger)
    assert (await sign_in(house.browser(), "ana@example.org")).status_code == 200
    async with house.database.transaction() as session:
        renewed = (await session.get_one(type(agent), agent.id)).password_hash
    assert renewed is not None
    assert "m=16,t=2" in renewed


async def test_an_account_is_locked_with_growing_delay(house: House) -> None:
    await house.agent("ana@example.org")
    for email in ("ana@example.org", "nobody@example.org"):
        for attempt in range(5):
            # From changing networks: the account is what is counted.
            answer = await sign_in(house.browser(network=f"198.51.100.{attempt}"), email, "wrong")
            assert problem(answer) == "sign_in_refused"
        locked = await sign_in(house.browser(), email)
        assert problem(locked) == "too_many_attempts"
        assert locked.headers["retry-after"] == "60"

    house.clock.turn(seconds=59)
    assert problem(await sign_in(house.browser(), "ana@example.org")) == "too_many_attempts"
    house.clock.turn(seconds=2)
    assert problem(await sign_in(house.browser(), "ana@example.org", "wrong")) == "sign_in_refused"
    again = await sign_in(house.browser(), "ana@example.org")
    assert again.headers["retry-after"] == "120"
    house.clock.turn(seconds=121)
    assert (await sign_in(house.browser(), "ana@example.org")).status_code == 200
    # A full sign-in forgives: five more are free.
    for _ in range(4):
        assert problem(await sign_in(house.browser(), "ana@example.org", "wrong")) == "sign_in_refused"
    assert (await sign_in(house.browser(), "ana@example.org")).status_code == 200
    assert (await house.audited()).count("sign_in.locked") == 4


def test_the_lock_doubles_up_to_an_hour() -> None:
    assert [lockout.lock_length(n) // timedelta(minutes=1) for n in (0, 4, 5, 6, 7, 8, 9, 10, 11, 12, 500)] == [
        0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60,
    ]  # fmt: skip


async def test_a_network_is_locked_across_accounts(house: House) -> None:
    await house.agent("ana@example.org")
    for attempt in range(30):
        answer = await sign_in(house.browser(network="2001:db8:1:2::7"), f"guess{attempt}@example.org", "wrong")
        assert problem(answer) == "sign_in_refused"
    # Another address of the same /64 is the same household.
    other = house.browser(network="2001:db8:1:2:ffff::1")
    assert problem(await sign_in(other, "ana@example.org")) == "too_many_attempts"
    assert (await sign_in(house.browser(network="2001:db8:1:3::1"), "ana@example.org")).status_code == 200
    house.clock.turn(minutes=10, seconds=1)
    assert (await sign_in(other, "ana@example.org")).status_code == 200


async def test_simultaneous_guesses_are_counted_one_by_one(house: House) -> None:
    await house.agent("ana@example.org")
    browsers = [house.browser(network=f"198.51.100.{n}") for n in range(12)]
    answers = await asyncio.gather(*(sign_in(b, "ana@example.org", "wrong") for b in browsers))
    assert sorted(problem(a) for a in answers) == ["sign_in_refused"] * 5 + ["too_many_attempts"] * 7
    async with house.database.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(SignInFailure)) == 5


async def test_sessions_are_listed_and_ended(house: House) -> None:
    _, first = await house.signed_in("ana@example.org")
    house.clock.turn(minutes=1)
    second = house.browser(network="198.51.100.9", **{"user-agent": "Firefox on Linux"})
    await sign_in(second, "ana@example.org")
    rows = (await first.get("/api/sessions")).json()
    assert [(row["network"], row["current"]) for row in rows] == [("198.51.100.9", False), ("203.0.113.7", True)]
    assert rows[0]["user_agent"] == "Firefox on Linux"
    assert (await first.delete(f"/api/sessions/{rows[0]['id']}")).status_code == 204
    assert problem(await second.get("/api/session")) == "sign_in_required"
    assert problem(await first.delete(f"/api/sessions/{rows[0]['id']}")) == "session_unknown"

    _, stranger = await house.signed_in("bo@example.org")
    assert problem(await stranger.delete(f"/api/sessions/{rows[1]['id']}")) == "session_unknown"
    async with house.database.transaction() as session:
        ids = [UUID(row["id"]) for row in rows]
        assert await sessions.sessions_alive(session, ids) == {ids[1]}


async def test_a_session_ends_idle_and_at_last(house: House) -> None:
    _, browser = await house.signed_in("ana@example.org")
    house.clock.turn(hours=12, seconds=1)
    assert problem(await browser.get("/api/session")) == "sign_in_required"

    await sign_in(browser, "ana@example.org")
    for _ in range(14):
        house.clock.turn(hours=11, minutes=59)
        assert (await browser.get("/api/session")).status_code == 200
    house.clock.turn(hours=1)
    assert problem(await browser.get("/api/session")) == "sign_in_required"


async def test_seen_is_written_at_most_once_a_minute(house: House) -> None:
    _, browser = await house.signed_in("ana@example.org")

    async def seen() -> str:
        return str((await browser.get("/api/sessions")).json()[0]["seen_at"])

    first = await seen()
    house.clock.turn(seconds=59)
    assert await seen() == first
    house.clock.turn(seconds=1)
    await browser.get("/api/session")
    assert await seen() > first


async def test_a_new_sign_in_never_keeps_the_old_cookie(house: House) -> None:
    await house.agent("ana@example.org")
    browser = house.browser(cookie="hf_session=chosen-by-an-attacker")
    answer = await sign_in(browser, "ana@example.org")
    assert answer.status_code == 200
    assert "chosen-by-an-attacker" not in answer.headers["set-cookie"]


@pytest.mark.parametrize(
    ("origin", "headers"),
    [
        ("https://evil.example", {}),
        ("http://localhost:8421", {}),
        ("null", {}),
        (None, {}),
        (ORIGIN, {"sec-fetch-site": "cross-site"}),
        (ORIGIN, {"sec-fetch-site": "same-site"}),
    ],
)
async def test_a_foreign_page_cannot_act(house: House, origin: str | None, headers: dict[str, str]) -> None:
    _, browser = await house.signed_in("ana@example.org")
    cookie = f"hf_session={browser.cookies['hf_session']}"
    page = house.browser(origin=origin, cookie=cookie, **headers)
    answer = await page.patch("/api/me", json={"name": "Mallory"})
    assert problem(answer) == "origin_refused"
    assert answer.json()["params"] == {"origin": ORIGIN}
    # Reading is harmless: the page cannot see the answer.
    assert (await page.get("/api/session")).json()["name"] == "Ana"


async def test_nobody_is_signed_in_by_a_foreign_page(house: House) -> None:
    await house.agent("ana@example.org")
    assert problem(await sign_in(house.browser(origin="https://evil.example"), "ana@example.org")) == "origin_refused"
    # A programme without cookie or Origin is not a page.
    assert (await sign_in(house.browser(origin=None), "ana@example.org")).status_code == 200


async def test_a_field_that_is_wrong_is_named(house: House) -> None:
    browser = house.browser()
    for body, field in (({"email": "a@b.c"}, "password"), ({"email": 7, "password": "x"}, "email")):
        answer = await browser.post("/api/session", json=body)
        assert problem(answer) == "invalid_input"
        assert answer.json()["params"]["field"] == field
    broken = await browser.post("/api/session", content=b"{", headers={"content-type": "application/json"})
    assert broken.status_code == 400
    assert problem(broken) in ("invalid_input", "malformed")
    assert problem(await browser.get("/api/nothing")) == "not_found"
    assert problem(await browser.put("/api/session", json={})) == "method_not_allowed"


async def test_problems_speak_the_readers_language(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from holdfast.core import i18n

    monkeypatch.setattr(i18n, "_catalogue", lambda language: {"You are not signed in": f"<{language}>"})
    answer = await house.browser(**{"accept-language": "fr-CH, de;q=0.5"}).get("/api/session")
    assert answer.json()["title"] == "<fr>"


async def test_a_fault_of_ours_says_nothing_of_its_cause(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the secret cause")

    _, browser = await house.signed_in("ana@example.org")
    monkeypatch.setattr("holdfast.people.me.view", broken)
    answer = await browser.get("/api/session")
    assert problem(answer) == "internal"
    assert "secret cause" not in answer.text
    assert answer.json()["request"] in caplog.text


async def test_old_rows_are_swept(house: House) -> None:
    await house.signed_in("ana@example.org")
    await sign_in(house.browser(), "ana@example.org", "wrong")
    await house.browser().post("/api/session/passkey/options")
    house.clock.turn(days=38)
    async with house.database.transaction() as session:
        await housekeeping.purge(session)
    assert await _count(house.database) == (0, 0)


async def _count(database: Database) -> tuple[int | None, int | None]:
    async with database.transaction() as session:
        failures = await session.scalar(select(func.count()).select_from(SignInFailure))
        entries = await session.scalar(select(func.count()).select_from(SignInSession))
    return failures, entries
