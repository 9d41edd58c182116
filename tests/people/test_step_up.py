"""Showing once more that it is you: what needs it, for how long it counts, and what does not do."""

import httpx
import pyotp

from holdfast.access.viewer import Role
from tests.people import support
from tests.people.support import PASSWORD, Authenticator, House, enrol_passkey, problem

INVITED = {"email": "new@example.org", "name": "New", "roles": ["agent"], "languages": []}


async def _totp(browser: httpx.AsyncClient, house: House) -> pyotp.TOTP:
    begun = (await browser.post("/api/me/totp")).json()
    app = pyotp.TOTP(begun["secret"])
    answer = await browser.post("/api/me/totp/confirm", json={"code": app.at(house.clock())})
    assert answer.status_code == 200
    return app


async def _state(browser: httpx.AsyncClient) -> tuple[list[str], bool]:
    state = (await browser.get("/api/session/step-up")).json()
    return state["methods"], state["until"] is not None


async def test_a_sign_in_counts_for_five_minutes(house: House) -> None:
    _, browser = await house.signed_in("boss@example.org", Role.ADMINISTRATOR)
    await enrol_passkey(browser, Authenticator())
    house.clock.turn(minutes=5)
    assert (await browser.post("/api/invitations", json=INVITED)).status_code == 201
    assert await _state(browser) == (["passkey"], False)
    house.clock.turn(seconds=1)
    answer = await browser.post("/api/invitations", json=INVITED)
    assert (answer.status_code, problem(answer)) == (403, "step_up_required")
    assert answer.json()["params"] == {"minutes": 5}


async def test_a_passkey_steps_up(house: House) -> None:
    _, browser = await house.signed_in("boss@example.org", Role.ADMINISTRATOR)
    key = Authenticator()
    await enrol_passkey(browser, key)
    house.clock.turn(hours=1)
    options = (await browser.post("/api/session/step-up/passkey/options")).json()["publicKey"]
    shown = {"credential": key.get(options)}
    assert (await browser.post("/api/session/step-up", json=shown)).status_code == 204
    assert await _state(browser) == (["passkey"], True)
    assert (await browser.post("/api/invitations", json=INVITED)).status_code == 201
    # The same answer again is worth nothing.
    house.clock.turn(minutes=6)
    assert problem(await browser.post("/api/session/step-up", json=shown)) == "passkey_refused"
    assert problem(await browser.post("/api/invitations", json=INVITED)) == "step_up_required"
    audited = await house.audited()
    assert audited.count("sign_in.stepped_up") == 1
    assert audited.count("sign_in.failed") == 1


async def test_a_code_steps_up_once_and_a_password_does_not(house: House) -> None:
    _, browser = await house.signed_in("boss@example.org", Role.ADMINISTRATOR)
    app = await _totp(browser, house)
    house.clock.turn(hours=1)
    assert problem(await browser.post("/api/session/step-up", json={"password": PASSWORD})) == "password_wrong"
    assert problem(await browser.post("/api/session/step-up", json={})) == "code_wrong"
    assert problem(await browser.post("/api/session/step-up", json={"code": "000000"})) == "code_wrong"
    code = {"code": app.at(house.clock())}
    assert (await browser.post("/api/session/step-up", json=code)).status_code == 204
    assert problem(await browser.post("/api/session/step-up", json=code)) == "code_wrong"


async def test_somebody_elses_passkey_does_not_do(house: House) -> None:
    _, other = await house.signed_in("other@example.org")
    stranger = Authenticator()
    await enrol_passkey(other, stranger)
    _, browser = await house.signed_in("boss@example.org", Role.ADMINISTRATOR)
    await enrol_passkey(browser, Authenticator())
    house.clock.turn(hours=1)
    options = (await browser.post("/api/session/step-up/passkey/options")).json()["publicKey"]
    answer = await browser.post("/api/session/step-up", json={"credential": stranger.get(options)})
    assert problem(answer) == "passkey_refused"
    assert problem(await browser.post("/api/invitations", json=INVITED)) == "step_up_required"


async def test_guesses_are_counted_like_those_at_the_door(house: House) -> None:
    _, browser = await house.signed_in("boss@example.org", Role.ADMINISTRATOR)
    app = await _totp(browser, house)
    house.clock.turn(hours=1)
    for _ in range(5):
        assert problem(await browser.post("/api/session/step-up", json={"code": "000000"})) == "code_wrong"
    answer = await browser.post("/api/session/step-up", json={"code": app.at(house.clock())})
    assert problem(answer) == "too_many_attempts"


async def test_who_has_no_second_factor_gives_their_password(house: House) -> None:
    """An agent whose role needs none: to set one up later than five minutes after signing in."""
    _, browser = await house.signed_in("ana@example.org")
    house.clock.turn(hours=1)
    assert problem(await browser.post("/api/me/totp")) == "step_up_required"
    assert problem(await browser.post("/api/me/passkeys/options")) == "step_up_required"
    assert await _state(browser) == (["password"], False)
    assert problem(await browser.post("/api/session/step-up", json={"password": "wrong"})) == "password_wrong"
    assert (await browser.post("/api/session/step-up", json={"password": PASSWORD})).status_code == 204
    await _totp(browser, house)
    assert (await _state(browser))[0] == ["totp"]


async def test_an_open_screen_and_the_password_take_no_factor_away(house: House) -> None:
    """Else the password would do for the next step-up: whoever has no factor gives that."""
    _, browser = await house.signed_in("boss@example.org", Role.ADMINISTRATOR)
    app = await _totp(browser, house)
    house.clock.turn(hours=1)
    refused = await browser.request("DELETE", "/api/me/totp", json={"password": PASSWORD})
    assert (refused.status_code, problem(refused)) == (403, "step_up_required")
    assert await _state(browser) == (["totp"], False)
    assert (await browser.post("/api/session/step-up", json={"code": app.at(house.clock())})).status_code == 204
    # The password is asked for all the same.
    wrong = await browser.request("DELETE", "/api/me/totp", json={"password": "wrong"})
    assert problem(wrong) == "password_wrong"
    removed = await browser.request("DELETE", "/api/me/totp", json={"password": PASSWORD})
    assert removed.status_code == 204


async def test_it_counts_for_the_one_session(house: House) -> None:
    _, here = await house.signed_in("ana@example.org")
    there = house.browser()
    await support.sign_in(there, "ana@example.org")
    house.clock.turn(hours=1)
    await here.post("/api/session/step-up", json={"password": PASSWORD})
    assert (await _state(here))[1]
    assert not (await _state(there))[1]


async def test_roles_and_access_need_it_and_the_rest_of_an_agent_does_not(house: House) -> None:
    agent = await house.agent("ana@example.org")
    _, boss = await house.signed_in("boss@example.org", Role.ADMINISTRATOR)
    await enrol_passkey(boss, Authenticator())
    house.clock.turn(hours=1)
    path = f"/api/agents/{agent.id}"
    assert problem(await boss.patch(path, json={"roles": ["agent", "lead"]})) == "step_up_required"
    assert problem(await boss.patch(path, json={"active": False})) == "step_up_required"
    assert problem(await boss.post(f"{path}/second-factor-reset")) == "step_up_required"
    assert (await boss.patch(path, json={"capacity": {"chat": 2}})).status_code == 200
    # Whose role does not allow it is told so, not asked for a factor.
    _, ana = await house.signed_in("bea@example.org")
    house.clock.turn(hours=1)
    assert problem(await ana.post(f"{path}/second-factor-reset")) == "role_missing"
    assert problem(await house.browser().post("/api/session/step-up", json={"code": "1"})) == "sign_in_required"


async def test_purposes_of_looks_need_it(house: House) -> None:
    """They say for what, and for how long, masked data is shown."""
    _, boss = await house.signed_in("boss@example.org", Role.ADMINISTRATOR)
    await enrol_passkey(boss, Authenticator())
    house.clock.turn(hours=1)
    body = {"names": {"en": "Tax office"}, "fields": ["wallet"], "seconds": 60}
    refused = await boss.put("/api/purposes/tax", json=body)
    assert (refused.status_code, problem(refused)) == (403, "step_up_required")
