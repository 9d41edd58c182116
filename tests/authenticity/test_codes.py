"""The customer's own words, and the code that both sides see."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from holdfast.access.viewer import CustomerViewer, SystemViewer
from holdfast.authenticity import codes, queries
from holdfast.authenticity.errors import CodeIsSecret, CodeUnfit
from holdfast.core import clock
from holdfast.core.clock import now
from holdfast.people.models import Customer
from tests.authenticity.conftest import House


async def test_customer_and_agent_see_the_same_code_and_another_conversation_another(house: House) -> None:
    desk = house.desk
    first, second = await desk.open(), await desk.open("Another matter")
    await desk.assign(first, desk.ana)
    moment = now()
    clock.set_source(lambda: moment)
    try:
        async with house.browser() as customer, house.browser(desk.ana) as ana:
            at = f"/api/conversations/{first}/proof"
            mine = (await customer.post("/api/widget/proof", json={"token": await house.token(first)})).json()
            other = (await customer.post("/api/widget/proof", json={"token": await house.token(second)})).json()
            theirs = (await ana.get(at)).json()
            assert (mine["rotating"], mine["seconds"]) == (theirs["rotating"], theirs["seconds"])
            assert len(mine["rotating"]) == 6
            assert mine["rotating"] != other["rotating"]
            assert (await ana.post(at, json={"code": " ".join(mine["rotating"])})).json() == {"right": True}
            assert (await ana.post(at, json={"code": other["rotating"]})).json() == {"right": False}
            # A minute later it is another; what was read out slowly still holds, an older one does not.
            clock.set_source(lambda: moment + timedelta(seconds=60))
            assert (await ana.get(at)).json()["rotating"] != mine["rotating"]
            assert (await ana.post(at, json={"code": mine["rotating"]})).json() == {"right": True}
            clock.set_source(lambda: moment + timedelta(seconds=150))
            assert (await ana.post(at, json={"code": mine["rotating"]})).json() == {"right": False}
    finally:
        clock.set_source(None)
    assert [entry.detail["right"] for entry in await house.audited("rotating_code.compared")] == [
        True, False, True, False,
    ]  # fmt: skip


async def test_nobody_sees_the_code_of_a_conversation_that_is_not_theirs(house: House) -> None:
    desk = house.desk
    conversation_id = await desk.open()
    await desk.assign(conversation_id, desk.ana)
    async with house.browser(desk.wei) as wei, house.browser() as anyone:
        assert (await wei.get(f"/api/conversations/{conversation_id}/proof")).status_code == 404
        assert (await anyone.get(f"/api/conversations/{conversation_id}/proof")).status_code == 401
        assert (await anyone.post("/api/widget/proof", json={"token": "x"})).json()["id"] == "token_invalid"


async def test_the_customers_words_stand_in_what_we_send_and_no_agent_sees_them(house: House) -> None:
    desk = house.desk
    conversation_id = await desk.open()
    await desk.assign(conversation_id, desk.ana)
    token = await house.token(conversation_id)
    async with house.browser() as customer, house.browser(desk.ana) as ana:
        assert (await customer.post("/api/widget/proof", json={"token": token})).json()["words"] is None
        chosen = await customer.post("/api/widget/code", json={"token": token, "words": "  蓝色 的 鲸鱼 "})
        assert chosen.json()["words"] == "蓝色 的 鲸鱼"
        seen = await ana.get(f"/api/conversations/{conversation_id}/proof")
        assert seen.json()["has_words"] is True
        everything = seen.text + (await ana.get(f"/api/conversations/{conversation_id}")).text
        assert "鲸鱼" not in everything
    async with desk.database.transaction() as session:
        stamp = await codes.stamp(session, await desk.read(conversation_id), 3)
        raw = (await session.execute(text("SELECT words FROM personal_code"))).scalar_one()
    assert "鲸鱼".encode() not in bytes(raw)
    footer = stamp.footer("de", "https://help.example")
    assert "蓝色 的 鲸鱼" in footer
    assert stamp.code
    assert stamp.code in footer
    assert "https://help.example/verify" in footer
    assert "Check that" not in footer


async def test_words_chosen_as_a_visitor_stay_when_the_visitor_proves_who_they_are(house: House) -> None:
    conversation_id = await house.desk.open()
    async with house.desk.database.transaction() as session:
        await codes.choose(session, house.desk.viewer(conversation_id), "green door 5")
        proven = Customer(name="Lin Haoran", proven=True)
        session.add(proven)
        await session.flush()
        visitor = await session.get_one(Customer, house.desk.customer.id)
        visitor.merged_into_id = proven.id
        await session.flush()
        assert await queries.personal_code(session, SystemViewer("stamp"), proven.id) == "green door 5"
        assert await queries.personal_code(session, CustomerViewer(proven.id, conversation_id), visitor.id) is None
        visitor.merged_into_id = None


async def test_a_made_up_code(house: House) -> None:
    conversation_id = await house.desk.open()
    token = await house.token(conversation_id)
    async with house.browser() as customer:
        made = {(await customer.post("/api/widget/code", json={"token": token})).json()["words"] for _ in range(5)}
    assert len(made) > 1
    assert all(codes.fit(words) == words for words in made)


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("legal winner thank year wave sausage worth useful legal winner thank yellow", CodeIsSecret),
        ("legal winner thank year wave sausage", CodeIsSecret),
        ("0x4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318", CodeIsSecret),
        ("abc", CodeUnfit),
        ("see evil.com/x", CodeUnfit),
        ("w " * 21, CodeUnfit),
    ],
)
def test_words_that_are_refused(words: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        codes.fit(words)
