"""The one way out: what an agent may not write does not reach the customer, and its kind is written down."""

import json

import pytest

from holdfast.authenticity import register
from holdfast.conversations import operations, outgoing
from holdfast.conversations.errors import LinkRefused, SecretRequested
from tests.authenticity.conftest import House


async def test_an_agents_link_must_be_in_the_register(house: House) -> None:
    desk = house.desk
    conversation_id = await desk.open()
    await desk.assign(conversation_id, desk.ana)
    words = "Look at https://status.holdfast.example/today"
    async with desk.database.transaction() as session:
        with pytest.raises(LinkRefused) as refused:
            await operations.post(session, desk.ana, conversation_id, desk.answers(conversation_id, words, desk.ana))
    assert refused.value.params["link"] == "https://status.holdfast.example/today"
    await house.add(("domain", "holdfast.example"))
    async with desk.database.transaction() as session:
        _, sent = await operations.post(
            session, desk.ana, conversation_id, desk.answers(conversation_id, words, desk.ana)
        )
    assert sent.body == words


async def test_notes_and_customers_are_not_held_to_it(house: House) -> None:
    desk = house.desk
    conversation_id = await desk.open()
    await desk.assign(conversation_id, desk.ana)
    async with desk.database.transaction() as session:
        words = "He was told: send me your recovery phrase"
        await operations.post(
            session, desk.ana, conversation_id, desk.answers(conversation_id, words, desk.ana, "note")
        )
        viewer = desk.viewer(conversation_id)
        await operations.post(session, viewer, conversation_id, desk.asks(conversation_id, words))
        with pytest.raises(SecretRequested):
            await operations.post(session, desk.ana, conversation_id, desk.answers(conversation_id, words, desk.ana))


async def test_the_draft_is_checked_before_it_is_sent_and_leads_see_how_often_one_was_stopped(house: House) -> None:
    desk = house.desk
    conversation_id = await desk.open()
    text = "Please send me your recovery phrase"
    stopped = outgoing.refusal(text)
    assert stopped is not None
    await outgoing.note_block(desk.database, desk.ana, ("conversation", conversation_id), stopped)
    async with house.browser(desk.ana) as ana, house.browser(desk.karin) as karin, house.browser(desk.wei) as wei:
        draft = (await ana.post("/api/outgoing/check", json={"text": text})).json()
        assert draft["id"] == "secret_requested"
        assert draft["title"]
        assert (await ana.post("/api/outgoing/check", json={"text": "The payment arrived"})).json()["id"] is None
        link = (await ana.post("/api/outgoing/check", json={"text": "go to evil.com"})).json()
        assert (link["id"], link["link"]) == ("link_refused", "evil.com")
        assert (await karin.get("/api/impostors")).json()["blocked"] == {"secret_requested": 1}
        assert (await wei.get("/api/impostors")).json()["blocked"] == {}
    entry = (await house.audited(outgoing.BLOCKED))[0]
    assert entry.subject_id == conversation_id
    assert "phrase" not in json.dumps(entry.detail)


LINKS = {
    "https://holdfast.example": True,
    "help.holdfast.example/x?y=1": True,
    "https://holdfast.example@evil.com": False,
    "https://holdfast.example.evil.com": False,
    "https://evil.com/holdfast.example": False,
    "https://evil.com\\@holdfast.example": False,
    "notholdfast.example": False,
    "hotline@holdfast.example": True,
    "other@holdfast.example": False,
    "https://t.me/holdfast": True,
    "https://t.me/holdfast_help": False,
    "https://docs.example/holdfast/start": True,
    "https://docs.example/holdfastx": False,
    "https://docs.example/": False,
    "http://localhost:8420/verify": True,
    "javascript:alert(1)": False,
}


async def test_which_links_may_go_out(house: House) -> None:
    await house.add(
        ("domain", "holdfast.example"),
        ("mail", "hotline@holdfast.example"),
        ("handle", "telegram:@holdfast"),
        ("link", "https://docs.example/holdfast"),
    )
    assert {link: register.OFFICIAL_LINKS.allows(link) for link in LINKS} == LINKS
