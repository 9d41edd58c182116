"""Pieces of a phrase on the live line: in order with everything else, joined across processes' lives and sockets, and
taken back from whoever comes back."""

import json
from uuid import uuid4

from holdfast.app.demo_organisation import PASSWORD
from tests.channels.chat.test_bad_input import answer, widget
from tests.redaction.ways import KEY, PHRASE
from tests.support.chat_client import Agent, Customer
from tests.support.journal import Journal
from tests.support.server import Holdfast

WORDS = PHRASE.split()
PIECES = [" ".join(WORDS[i : i + 4]) for i in (0, 4, 8)]


async def test_pieces_keep_their_place_among_ordinary_messages(holdfast: Holdfast, customer: Customer) -> None:
    """A piece takes the ordinary way, the message behind it the quick one: none overtakes another."""
    # One piece, again and again: two are most of the phrase, and would be hidden.
    said = [PIECES[0] if n % 4 == 2 else f"message {n} of many" for n in range(24)]
    keys = [str(uuid4()) for _ in said]
    async with widget(holdfast, customer.token) as made:
        for key, words in zip(keys, said, strict=True):
            await made.send(json.dumps({"t": "send", "k": key, "b": words}))
        seqs: dict[str, int] = {}
        while len(seqs) < len(keys):
            acked = await answer(made, "ack")
            seqs[acked["k"]] = acked["seq"]
    order = [seqs[key] for key in keys]
    assert order == list(range(order[0], order[0] + len(order)))


async def test_the_agent_sees_pieces_and_then_not_any_more(
    holdfast: Holdfast, customer: Customer, agent: Agent, journal: Journal
) -> None:
    await agent.until(lambda: customer.conversation in agent.mine)
    for piece in PIECES[:2]:
        key = customer.say(piece)
        await agent.until(lambda key=key: _said(agent, customer, key) is not None)  # type: ignore[misc]  # mypy infers no lambda that has a default
        assert _said(agent, customer, key) == piece
    await agent.until(lambda: agent.rows[customer.conversation]["preview"] == "…")
    # The last piece goes over another socket of the same conversation, which knows nothing of the others.
    last = str(uuid4())
    async with widget(holdfast, customer.token) as made:
        await made.send(json.dumps({"t": "send", "k": last, "b": PIECES[2]}))
        await answer(made, "ack")
    await agent.until(lambda: any(e.event == "redacted" for e in agent.views[customer.conversation].entries))
    assert _said(agent, customer, last) == "[⛔ recovery_phrase·12]"
    hidden = next(
        frame["e"]["ev"]["seqs"]
        for frame in agent.frames
        if frame["t"] == "msg" and (frame["e"]["ev"] or {}).get("type") == "redacted"
    )
    said = [e.seq for e in agent.views[customer.conversation].entries if e.body in {*PIECES, "[⛔ recovery_phrase·12]"}]
    assert hidden == said
    # Who reads it anew, from the beginning or over REST, gets not a word of it.
    again = Agent("karin", holdfast.origin, journal)
    again.accepting = False
    try:
        await again.sign_in("karin@holdfast.example", PASSWORD)
        timeline = await again.call("GET", f"/api/conversations/{customer.conversation}/timeline")
        detail = await again.call("GET", f"/api/conversations/{customer.conversation}")
    finally:
        await again.stop()
    assert not any(word in json.dumps([timeline, detail]) for word in WORDS)
    assert [(found["kind"], found["place"]) for found in detail["exposures"]] == [("recovery_phrase", "messages")]


def _said(agent: Agent, customer: Customer, key: str) -> str | None:
    view = agent.views.get(customer.conversation)
    return next((entry.body for entry in view.entries if entry.key == key), None) if view else None


async def test_a_secret_in_a_file_is_told_at_once(holdfast: Holdfast, customer: Customer) -> None:
    await customer.http.post(
        "/api/widget/attachments",
        files={"file": ("log.txt", f"exported key {KEY}".encode(), "text/plain")},
        headers={"authorization": f"Bearer {customer.token}"},
    )
    await customer.until(lambda: any(entry.event == "redacted" for entry in customer.view.entries))
    (found,) = holdfast.query(
        "SELECT kind, place, author, certainty, seq FROM exposure WHERE conversation_id = %s", [customer.conversation]
    )
    assert found == ("private_key", "attachment", "customer", "certain", None)
