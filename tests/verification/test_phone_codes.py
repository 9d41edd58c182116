"""Codes that the app shows and a caller types: what they prove, to whom, how often; through the application."""

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.core import clock
from holdfast.verification import phone_codes
from holdfast.verification.phone_codes import Typed
from tests.verification.house import House, at, problem, raise_emergency


@given(st.integers(min_value=0, max_value=10**9))
def test_of_a_million_guesses_one_may_fit(open_codes: int) -> None:
    digits = phone_codes.length(open_codes)
    assert (open_codes + 1) / 9**digits <= 1 / 1_000_000
    assert digits == 8 or (open_codes + 1) / 9 ** (digits - 1) > 1 / 1_000_000, "and no longer than that"


async def shown(house: House, **claims: str) -> str:
    nonce = (await house.widget("phone")).json()["nonce"]
    made = await house.widget("phone/code", nonce=nonce, identity=house.identity(**{"nonce": nonce} | claims))
    assert made.status_code == 200, made.text
    return str(made.json()["code"])


async def typed(house: House, code: str, asked_in: str | None = None) -> Typed:
    async with house.database.transaction() as session:
        return await phone_codes.typed(session, code, UUID(asked_in) if asked_in else None)


async def proofs(house: House) -> dict[str, str]:
    found = (await house.console(house.desk.karin)).json()["proofs"]
    return {each["purpose"]: each["state"] for each in found if each["purpose"] != "signed_in"}


async def over(house: House) -> None:
    async with house.database.transaction() as session:
        conversation = await house.desk.read(UUID(house.conversation))
        await phone_codes.call_over(session, await session.merge(conversation))


async def test_it_proves_once_what_was_asked_until_the_call_ends(house: House) -> None:
    await house.opens(identity=house.identity())
    await house.asks("freeze")
    await house.asks("account_control")
    code = await shown(house)
    assert len(code) == 8
    assert set(code) <= set("123456789"), "zero is the emergency"
    assert code not in await house.dump()
    assert await typed(house, "1" * 8) == Typed("wrong")
    assert await typed(house, code) == Typed("right", UUID(house.conversation))
    assert await proofs(house) == {"on_the_phone": "proven", "freeze": "proven", "account_control": "waiting"}
    assert await typed(house, code) == Typed("used")
    with at(clock.now() + timedelta(minutes=59)):
        assert (await house.row())["verification"] == 2
    await over(house)
    with at(clock.now() + timedelta(minutes=6)):
        assert (await house.row())["verification"] == 0


async def test_what_is_asked_ends_with_the_call(house: House) -> None:
    await house.opens(identity=house.identity())
    await house.asks("on_the_phone")
    await house.asks("freeze")
    await over(house)
    assert await proofs(house) == {"on_the_phone": "withdrawn", "freeze": "waiting"}


async def test_where_somebody_else_is_on_the_phone_it_proves_nothing(house: House) -> None:
    """What was asked of them would count for somebody else. The code is used all the same."""
    await house.opens(identity=house.identity())
    await house.asks("on_the_phone")
    code = await shown(house)

    async def taken(place: UUID) -> bool:
        return place == UUID(house.conversation)

    async with house.database.transaction() as session:
        found = await phone_codes.typed(session, code, None, taken)
    assert found == Typed("right", UUID(house.conversation), phone_codes.TAKEN)
    assert await proofs(house) == {"on_the_phone": "waiting"}
    assert await typed(house, code) == Typed("used")


async def test_a_newer_code_replaces_it_and_five_minutes_end_it(house: House) -> None:
    await house.opens(identity=house.identity())
    first, second = await shown(house), await shown(house)
    assert await typed(house, first) == Typed("used")
    with at(clock.now() + phone_codes.LIFETIME):
        assert await typed(house, second) == Typed("late")


@pytest.mark.parametrize("claims", [{"nonce": "another"}, {"sub": "user-2"}])
async def test_without_the_apps_word_it_finds_the_conversation_and_proves_nothing(
    house: House, claims: dict[str, str]
) -> None:
    await house.opens(identity=house.identity())
    found = await typed(house, await shown(house, **claims))
    assert found == Typed("right", UUID(house.conversation), "wrong_token")
    assert await proofs(house) == {"on_the_phone": "withdrawn"}


async def test_a_nonce_is_for_one_code_of_its_own_conversation(house: House) -> None:
    await house.opens(identity=house.identity())
    nonce = (await house.widget("phone")).json()["nonce"]
    given = {"nonce": nonce, "identity": house.identity(nonce=nonce)}
    assert (await house.widget("phone/code", **given)).json()["proves"] is True
    assert problem(await house.widget("phone/code", **given)) == (409, "challenge_used")
    await house.opens(identity=house.identity("user-2"))
    assert problem(await house.widget("phone/code", **given)) == (404, "verification_unknown")


async def test_after_a_claimed_compromise_it_proves_nothing(house: House) -> None:
    await house.opens(identity=house.identity())
    before, later = await shown(house), house.conversation
    await typed(house, before)
    code = await shown(house)
    await raise_emergency(house)
    assert (await house.row())["verification"] == 0, "also what was proven"
    assert await typed(house, code) == Typed("right", UUID(later), "compromised")


async def test_what_was_asked_of_a_caller_goes_along_with_them(house: House) -> None:
    """Their number had led to somebody else's conversation."""
    _, theirs = await house.opens(identity=house.identity())
    code = await shown(house)
    _, others = await house.opens(identity=house.identity("user-2"))
    await house.asks("on_the_phone")
    await house.asks("freeze")
    assert await typed(house, code, others) == Typed("right", UUID(theirs))
    assert await proofs(house) == {"on_the_phone": "withdrawn", "freeze": "withdrawn"}
    house.conversation = theirs
    assert await proofs(house) == {"on_the_phone": "proven", "freeze": "proven"}


async def test_twenty_in_an_hour(house: House) -> None:
    await house.opens(identity=house.identity())
    for _ in range(20):
        assert (await house.widget("phone")).status_code == 200
    assert problem(await house.widget("phone")) == (429, "too_many_challenges")
    with at(clock.now() + timedelta(hours=1, seconds=1)):
        assert (await house.widget("phone")).status_code == 200


async def test_nothing_else_proves_who_is_on_the_phone(house: House) -> None:
    """A tap in the app would prove whoever calls with its owner's number."""
    await house.opens(identity=house.identity())
    proof = await house.asks("on_the_phone")
    assert (await house.widget("list")).json()["proofs"][0]["ways"] == []
    for method in ("app", "keypad"):
        assert problem(await house.widget("challenge", proof=proof, method=method)) == (422, "method_not_offered")
    rule = {"statement": "the call that you are in", "level": 2, "methods": ["keypad", "app"]}
    async with house.browser(house.admin) as client:
        kept = await client.put("/api/verification/purposes/on_the_phone", json=rule)
        assert problem(kept) == (422, "verification_purpose_invalid")
        rule["methods"] = ["keypad"]
        assert (await client.put("/api/verification/purposes/on_the_phone", json=rule)).status_code == 200
