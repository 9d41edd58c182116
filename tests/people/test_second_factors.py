"""TOTP, recovery codes, passkeys, mandatory enrolment, and changing one's password."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from holdfast.access.viewer import Role
from holdfast.people import totp
from holdfast.people.models import Agent
from tests.people.support import PASSWORD, Authenticator, House, enrol_passkey, problem, sign_in


def code(house: House, secret: str, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(int(house.clock.moment.timestamp()) + 30 * steps)


async def enrol_totp(house: House, browser: httpx.AsyncClient) -> tuple[str, list[str]]:
    begun = (await browser.post("/api/me/totp")).json()
    assert begun["uri"].startswith("otpauth://totp/")
    assert begun["svg"].startswith("<svg")
    answer = await browser.post("/api/me/totp/confirm", json={"code": code(house, begun["secret"])})
    assert answer.status_code == 200, answer.text
    return begun["secret"], answer.json()["recovery_codes"]


async def second_step(house: House, email: str = "ana@example.org") -> httpx.AsyncClient:
    browser = house.browser()
    answer = await sign_in(browser, email)
    assert answer.json()["state"] == "second_factor"
    return browser


async def test_totp_is_asked_for_once_it_is_confirmed(house: House) -> None:
    _, browser = await house.signed_in("ana@example.org")
    begun = (await browser.post("/api/me/totp")).json()
    wrong = await browser.post("/api/me/totp/confirm", json={"code": "000000"})
    assert problem(wrong) == "code_wrong"
    # Not confirmed: a password is still enough.
    assert (await sign_in(house.browser(), "ana@example.org")).json()["state"] == "signed_in"
    confirmed = await browser.post("/api/me/totp/confirm", json={"code": code(house, begun["secret"])})
    assert len(set(confirmed.json()["recovery_codes"])) == 10
    assert problem(await browser.post("/api/me/totp")) == "totp_already_on"

    other = house.browser()
    assert (await sign_in(other, "ana@example.org")).json() == {"state": "second_factor", "methods": ["totp"]}
    # Half way is not in.
    assert problem(await other.get("/api/session")) == "sign_in_required"
    half_way = other.cookies["hf_session"]
    house.clock.turn(seconds=30)
    answer = await other.post("/api/session/totp", json={"code": code(house, begun["secret"])})
    assert answer.json() == {"state": "signed_in", "methods": []}
    assert other.cookies["hf_session"] != half_way
    assert (await other.get("/api/session")).json()["second_factor"] == {"totp": True, "passkeys": 0}
    stale = house.browser(cookie=f"hf_session={half_way}")
    assert problem(await stale.post("/api/session/totp", json={"code": "123456"})) == "sign_in_expired"


async def test_a_code_has_no_second_use(house: House) -> None:
    _, browser = await house.signed_in("ana@example.org")
    secret, _ = await enrol_totp(house, browser)
    # The code that confirmed the enrolment is used up as well.
    first = await second_step(house)
    assert problem(await first.post("/api/session/totp", json={"code": code(house, secret)})) == "code_wrong"
    house.clock.turn(seconds=30)
    now = code(house, secret)
    assert (await first.post("/api/session/totp", json={"code": now})).status_code == 200
    second = await second_step(house)
    assert problem(await second.post("/api/session/totp", json={"code": now})) == "code_wrong"
    # Nor may an older one be used after a newer one.
    assert problem(await second.post("/api/session/totp", json={"code": code(house, secret, -1)})) == "code_wrong"
    assert (await second.post("/api/session/totp", json={"code": code(house, secret, 1)})).status_code == 200


@pytest.mark.parametrize(("steps", "accepted"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
async def test_one_step_of_drift_is_allowed(house: House, steps: int, accepted: bool) -> None:
    _, browser = await house.signed_in("ana@example.org")
    secret, _ = await enrol_totp(house, browser)
    house.clock.turn(minutes=5)
    waiting = await second_step(house)
    answer = await waiting.post("/api/session/totp", json={"code": code(house, secret, steps)})
    assert (answer.status_code == 200) is accepted


async def test_guessing_the_code_locks_the_account(house: House) -> None:
    _, browser = await house.signed_in("ana@example.org")
    secret, _ = await enrol_totp(house, browser)
    house.clock.turn(seconds=60)
    waiting = await second_step(house)
    for _ in range(5):
        assert problem(await waiting.post("/api/session/totp", json={"code": "000000"})) == "code_wrong"
    right = await waiting.post("/api/session/totp", json={"code": code(house, secret)})
    assert problem(right) == "too_many_attempts"
    # The right password does not set the count back: that would give five guesses for each.
    assert problem(await sign_in(house.browser(), "ana@example.org")) == "too_many_attempts"


async def test_the_second_step_must_come_soon(house: House) -> None:
    _, browser = await house.signed_in("ana@example.org")
    secret, _ = await enrol_totp(house, browser)
    waiting = await second_step(house)
    house.clock.turn(minutes=10)
    late = await waiting.post("/api/session/totp", json={"code": code(house, secret)})
    assert problem(late) == "sign_in_expired"


async def test_a_recovery_code_works_once(house: House) -> None:
    _, browser = await house.signed_in("ana@example.org")
    _, codes = await enrol_totp(house, browser)
    first = await second_step(house)
    typed = codes[3].lower().replace("-", " ")
    assert (await first.post("/api/session/totp", json={"code": typed})).status_code == 200
    again = await second_step(house)
    assert problem(await again.post("/api/session/totp", json={"code": codes[3]})) == "code_wrong"
    assert (await again.post("/api/session/totp", json={"code": codes[4]})).status_code == 200


async def test_the_secrets_are_sealed_in_the_database(house: House) -> None:
    agent, browser = await house.signed_in("ana@example.org")
    secret, codes = await enrol_totp(house, browser)
    async with house.database.engine.connect() as connection:
        rows = await connection.execute(text("SELECT totp_secret, recovery_hashes, password_hash FROM agent"))
        sealed, hashes, password = rows.one()
    assert secret.encode() not in bytes(sealed)
    assert len(hashes) == 10
    assert not any(one in "".join(hashes) for one in codes)
    assert password.startswith("$argon2id$")
    assert agent.id


async def test_removing_totp_needs_the_password(house: House) -> None:
    _, browser = await house.signed_in("ana@example.org")
    await enrol_totp(house, browser)
    refused = await browser.request("DELETE", "/api/me/totp", json={"password": "wrong"})
    assert problem(refused) == "password_wrong"
    removed = await browser.request("DELETE", "/api/me/totp", json={"password": PASSWORD})
    assert removed.status_code == 204
    assert (await sign_in(house.browser(), "ana@example.org")).json()["state"] == "signed_in"
    audited = await house.audited()
    assert "totp.enrolled" in audited
    assert "totp.removed" in audited


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.LEAD, Role.EMERGENCY_AGENT])
async def test_some_roles_must_enrol_before_anything_else(house: House, role: Role) -> None:
    _, browser = await house.signed_in("ana@example.org", Role.AGENT, role)
    assert (await browser.get("/api/session")).json()["must_enrol"] is True
    for path in ("/api/agents", "/api/sessions", "/api/invitations", "/api/audit"):
        assert problem(await browser.get(path)) == "enrolment_required"
    assert problem(await browser.put("/api/me/presence", json={"chosen": "online"})) == "enrolment_required"
    assert problem(await browser.patch("/api/me", json={"name": "Bo"})) == "enrolment_required"
    await enrol_totp(house, browser)
    assert (await browser.get("/api/session")).json()["must_enrol"] is False
    assert (await browser.get("/api/agents")).status_code == 200


async def test_a_demo_does_not_insist(demo: House) -> None:
    _, browser = await demo.signed_in("ana@example.org", Role.ADMINISTRATOR)
    me = (await browser.get("/api/session")).json()
    assert (me["must_enrol"], me["demo"]) == (False, True)
    assert (await browser.get("/api/audit")).status_code == 200


async def test_a_passkey_alone_signs_in(house: House) -> None:
    agent, browser = await house.signed_in("ana@example.org", Role.LEAD)
    key = Authenticator()
    await enrol_passkey(browser, key, "Blue key")
    assert key.user == agent.id.bytes
    assert [row["name"] for row in (await browser.get("/api/me/passkeys")).json()] == ["Blue key"]
    assert (await browser.get("/api/session")).json()["must_enrol"] is False

    other = house.browser()
    options = (await other.post("/api/session/passkey/options")).json()["publicKey"]
    assert options["allowCredentials"] == []
    assert options["userVerification"] == "required"
    answer = key.get(options)
    assert (await other.post("/api/session/passkey", json={"credential": answer})).json()["state"] == "signed_in"
    assert (await other.get("/api/session")).json()["id"] == str(agent.id)
    # The same answer opens nothing a second time, in this browser or another.
    assert problem(await other.post("/api/session/passkey", json={"credential": answer})) == "sign_in_expired"
    thief = house.browser()
    await thief.post("/api/session/passkey/options")
    assert problem(await thief.post("/api/session/passkey", json={"credential": answer})) == "passkey_refused"


async def test_a_passkey_as_the_second_step(house: House) -> None:
    _, browser = await house.signed_in("ana@example.org")
    key = Authenticator()
    await enrol_passkey(browser, key)
    _, stranger = await house.signed_in("bo@example.org")
    foreign = Authenticator()
    await enrol_passkey(stranger, foreign)

    waiting = house.browser()
    assert (await sign_in(waiting, "ana@example.org")).json() == {"state": "second_factor", "methods": ["passkey"]}
    options = (await waiting.post("/api/session/passkey/options")).json()["publicKey"]
    assert len(options["allowCredentials"]) == 1
    # Somebody else's passkey does not finish this sign-in.
    assert problem(await waiting.post("/api/session/passkey", json={"credential": foreign.get(options)})) == (
        "passkey_refused"
    )
    options = (await waiting.post("/api/session/passkey/options")).json()["publicKey"]
    answer = await waiting.post("/api/session/passkey", json={"credential": key.get(options)})
    assert answer.json()["state"] == "signed_in"


async def passkey_sign_in(house: House, key: Authenticator, **turn: float) -> httpx.Response:
    browser = house.browser()
    options = (await browser.post("/api/session/passkey/options")).json()["publicKey"]
    credential = key.get(options)
    house.clock.turn(**turn)
    return await browser.post("/api/session/passkey", json={"credential": credential})


async def test_what_a_passkey_answer_must_be(house: House) -> None:
    _, browser = await house.signed_in("ana@example.org")
    key = Authenticator()
    await enrol_passkey(browser, key)
    assert (await passkey_sign_in(house, key)).status_code == 200

    async def refused(reason: str, **turn: float) -> None:
        answer = await passkey_sign_in(house, key, **turn)
        assert problem(answer) == "passkey_refused"
        assert answer.json()["params"] == {"reason": reason}

    # A copy of the key that has been used less often.
    key.count = 0
    await refused("sign_count")
    key.count = 10
    await refused("challenge", minutes=5, seconds=1)
    key.origin = "https://phishing.example"
    await refused("response")
    key.origin = "http://localhost:8420"
    key.rp_id = "phishing.example"
    await refused("response")
    key.rp_id = "localhost"
    key.flags = 0x01
    await refused("response")
    key.flags = 0x05
    unknown = Authenticator()
    browser = house.browser()
    options = (await browser.post("/api/session/passkey/options")).json()["publicKey"]
    answer = await browser.post("/api/session/passkey", json={"credential": unknown.get(options)})
    assert answer.json()["params"] == {"reason": "unknown"}
    assert (await passkey_sign_in(house, key)).status_code == 200


@pytest.mark.parametrize(
    "credential",
    [{}, {"rawId": 7}, {"rawId": "AA", "id": "AA", "type": "public-key", "response": {}}, {"rawId": "é"}, {"id": None}],
)
async def test_nonsense_from_an_authenticator_is_refused(house: House, credential: dict[str, Any]) -> None:
    _, browser = await house.signed_in("ana@example.org")
    await browser.post("/api/me/passkeys/options")
    answer = await browser.post("/api/me/passkeys", json={"name": "x", "credential": credential})
    assert problem(answer) == "passkey_refused"
    other = house.browser()
    await other.post("/api/session/passkey/options")
    assert problem(await other.post("/api/session/passkey", json={"credential": credential})) == "passkey_refused"


async def test_a_passkey_is_registered_once_and_with_a_fresh_challenge(house: House) -> None:
    _, browser = await house.signed_in("ana@example.org")
    key = Authenticator()
    options = (await browser.post("/api/me/passkeys/options")).json()["publicKey"]
    body = {"name": "Key", "credential": key.create(options)}
    assert (await browser.post("/api/me/passkeys", json=body)).status_code == 201
    assert problem(await browser.post("/api/me/passkeys", json=body)) == "passkey_refused"
    options = (await browser.post("/api/me/passkeys/options")).json()["publicKey"]
    assert len(options["excludeCredentials"]) == 1
    body = {"name": "Key", "credential": key.create(options)}
    assert problem(await browser.post("/api/me/passkeys", json=body)) == "passkey_known"
    unverified = Authenticator(verified=False)
    options = (await browser.post("/api/me/passkeys/options")).json()["publicKey"]
    body = {"name": "Key", "credential": unverified.create(options)}
    assert problem(await browser.post("/api/me/passkeys", json=body)) == "passkey_refused"


async def test_only_ones_own_passkeys_are_removed(house: House) -> None:
    _, browser = await house.signed_in("ana@example.org")
    passkey = await enrol_passkey(browser, Authenticator())
    _, stranger = await house.signed_in("bo@example.org")
    assert problem(await stranger.delete(f"/api/me/passkeys/{passkey}")) == "passkey_unknown"
    assert (await browser.delete(f"/api/me/passkeys/{passkey}")).status_code == 204
    assert (await sign_in(house.browser(), "ana@example.org")).json()["state"] == "signed_in"


async def test_a_changed_password_ends_the_other_sessions(house: House) -> None:
    agent, browser = await house.signed_in("ana@example.org")
    other = house.browser()
    await sign_in(other, "ana@example.org")
    new = "a rather different phrase"

    async def change(current: str, password: str) -> httpx.Response:
        return await browser.post("/api/me/password", json={"current": current, "password": password})

    assert problem(await change("wrong", new)) == "password_wrong"
    for weak in ("short", "aaaaaaaaaaaaaaaa", "x" * 257):
        assert problem(await change(PASSWORD, weak)) == "weak_password"
    assert (await other.get("/api/session")).status_code == 200
    assert (await change(PASSWORD, new)).status_code == 204
    assert (await browser.get("/api/session")).status_code == 200
    assert problem(await other.get("/api/session")) == "sign_in_required"
    assert problem(await sign_in(house.browser(), "ana@example.org")) == "sign_in_refused"
    assert (await sign_in(house.browser(), "ana@example.org", new)).status_code == 200
    assert [mail.subject for mail in await house.mails()] == ["Your password was changed"]
    assert "password.changed" in await house.audited()
    async with house.database.transaction() as session:
        assert (await session.get_one(Agent, agent.id)).password_hash


async def test_lost_factors_are_reset_by_an_administrator(demo: House) -> None:
    ana, browser = await demo.signed_in("ana@example.org")
    await enrol_totp(demo, browser)
    await enrol_passkey(browser, Authenticator())
    administrator, chief = await demo.signed_in("chief@example.org", Role.ADMINISTRATOR)
    _, lead = await demo.signed_in("lead@example.org", Role.LEAD)
    assert problem(await lead.post(f"/api/agents/{ana.id}/second-factor-reset")) == "role_missing"
    own = await chief.post(f"/api/agents/{administrator.id}/second-factor-reset")
    assert problem(own) == "not_yourself"
    assert (await chief.post(f"/api/agents/{ana.id}/second-factor-reset")).status_code == 204
    assert problem(await browser.get("/api/session")) == "sign_in_required"
    assert (await sign_in(demo.browser(), "ana@example.org")).json()["state"] == "signed_in"


@given(st.text(max_size=12))
def test_only_six_digits_are_a_code(typed: str) -> None:
    secret = "JBSWY3DPEHPK3PXP"
    step = totp.matching_step(secret, typed, datetime(2026, 11, 24, tzinfo=UTC), None)
    if step is not None:
        assert len([c for c in typed if c in "0123456789"]) == 6


def test_the_rfc_6238_vector() -> None:
    # RFC 6238, appendix B, SHA-1, last six of the eight digits: at 59 s 94287082.
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert totp.matching_step(secret, "287 082", datetime.fromtimestamp(59, UTC), None) == 1
    assert totp.matching_step(secret, "287082", datetime.fromtimestamp(59, UTC), 1) is None
