"""From what happens to a conversation to what a receiver gets: a real receiver, the real writer, the real bus."""

import asyncio
import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text

from holdfast.channels.webhooks import courier, operations, queries
from holdfast.channels.webhooks.models import WebhookDelivery, WebhookEndpoint
from holdfast.conversations import operations as desk_operations
from holdfast.conversations import ratings
from holdfast.core.clock import now
from holdfast.people.models import ContactPoint, OutgoingMail
from tests.channels.webhooks.conftest import House
from tests.redaction.samples import ENGLISH
from tests.support.outside import Heard, answering


def verified(heard: Heard, secret: str) -> bool:
    """As a receiver does it (docs/guide/embedder.md), without our code."""
    signed = f"{heard.headers['webhook-id']}.{heard.headers['webhook-timestamp']}.".encode() + heard.body
    key = b64decode(secret.removeprefix("whsec_"))
    expected = "v1," + b64encode(hmac.new(key, signed, "sha256").digest()).decode()
    fresh = abs(int(heard.headers["webhook-timestamp"]) - now().timestamp()) < 300
    return fresh and any(hmac.compare_digest(expected, mark) for mark in heard.headers["webhook-signature"].split(" "))


async def settle(house: House, conversation_id: UUID) -> None:
    async with house.desk.database.transaction() as session:
        await desk_operations.resolve(session, house.desk.ana, conversation_id)


async def test_the_life_of_a_conversation_in_order(house: House) -> None:
    endpoint = await house.register()
    async with house.worker():
        conversation_id = await house.desk.open("Hello, my e-mail is a@b.example")
        await house.desk.assign(conversation_id, house.desk.ana)
        await house.say(conversation_id, "one", "two", "three")
        async with house.desk.database.transaction() as session:
            note = house.desk.answers(conversation_id, "a note for colleagues", house.desk.ana, kind="note")
            await desk_operations.post(session, house.desk.ana, conversation_id, note)
        await settle(house, conversation_id)
        async with house.desk.database.transaction() as session:
            viewer = house.desk.viewer(conversation_id)
            await ratings.rate(session, viewer, episode=1, solved="yes", words="private words", key=uuid4())
        async with house.desk.database.transaction() as session:
            await desk_operations.post(
                session, house.desk.viewer(conversation_id), conversation_id, house.desk.asks(conversation_id, "again")
            )
        async with house.desk.database.transaction() as session:
            await desk_operations.raise_emergency(session, house.desk.viewer(conversation_id), conversation_id)
        await house.settled(11)
    bodies = house.bodies()
    assert house.types() == [
        "conversation.opened",
        "message.created",
        "conversation.assigned",
        "message.created",
        "message.created",
        "message.created",
        "conversation.resolved",
        "conversation.rated",
        "conversation.reopened",
        "message.created",
        "conversation.emergency",
    ]
    assert [body["seq"] for body in bodies] == [1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12]
    assert [body["message"]["text"] for body in bodies if "message" in body][1:4] == ["one", "two", "three"]
    assert bodies[7]["solved"] == "yes"
    assert bodies[0]["conversation"]["reference"].startswith("HF-")
    everything = b"".join(heard.body for heard in house.receiver.heard)
    for private in (b"Lin Haoran", b"note for colleagues", b"private words"):
        assert private not in everything
    assert all(verified(heard, endpoint.secret) for heard in house.receiver.heard)
    assert len({heard.headers["webhook-id"] for heard in house.receiver.heard}) == 11
    assert {d.state for d in await house.deliveries()} == {"delivered"}
    assert all(json.loads(h.body)["id"] == h.headers["webhook-id"] for h in house.receiver.heard)


async def test_what_was_before_is_not_told(house: House) -> None:
    conversation_id = await house.desk.open("before")
    await house.register()
    async with house.worker():
        await house.say(conversation_id, "after")
        bodies = await house.heard(1)
    assert [body["message"]["text"] for body in bodies] == ["after"]


async def test_only_what_was_asked_for(house: House) -> None:
    await house.register("conversation.resolved")
    async with house.worker():
        conversation_id = await house.desk.open()
        await house.desk.assign(conversation_id, house.desk.ana)
        await settle(house, conversation_id)
        await house.heard(1)
    assert house.types() == ["conversation.resolved"]
    assert len(await house.deliveries()) == 1


async def test_what_was_hidden_meanwhile_is_sent_as_hidden(house: House) -> None:
    """The delivery is queued before, and holds no words; what goes out is what is true then."""
    await house.register("message.created")
    house.answer.append(answering(503))
    await house.desk.open("My first words")
    async with house.worker():
        await house.until(lambda found: len(found) == 1 and found[0].attempts == 1)
    assert b"My first words" in house.receiver.heard[0].body
    async with house.desk.database.transaction() as session:
        # As redaction does it after the fact, when a phrase over several messages is complete.
        await session.execute(
            text("UPDATE message SET body = '[⛔ recovery_phrase·12]', event = CAST(:event AS jsonb) WHERE seq = 2"),
            {"event": json.dumps({"red": [{"kind": "recovery_phrase", "count": 12}]})},
        )
        await session.execute(text("UPDATE webhook_endpoint SET retry_at = NULL"))
        await session.execute(text("UPDATE webhook_delivery SET next_at = now()"))
    async with house.worker():
        bodies = await house.heard(2)
    assert bodies[1]["message"]["text"] == "[⛔ recovery_phrase·12]"
    assert bodies[1]["message"]["hidden"] == [{"kind": "recovery_phrase", "count": 12, "certainty": "high"}]
    assert bodies[1]["id"] == bodies[0]["id"]


async def test_a_phrase_that_got_past_is_redacted_once_more(house: House) -> None:
    phrase = ENGLISH.to_mnemonic(bytes(range(16)))
    await house.register("message.created")
    async with house.worker():
        # Straight into the store, as if a rule had been missing on its way in.
        await house.desk.open(f"here it is: {phrase}")
        (body,) = await house.heard(1)
    assert phrase not in body["message"]["text"]
    assert "⛔" in body["message"]["text"]


async def test_contact_values_are_masked(house: House) -> None:
    async with house.desk.database.transaction() as session:
        session.add(
            ContactPoint(
                customer_id=house.desk.customer.id, kind="email", value="linhaoran@example.com", value_index=b"x"
            )
        )
    await house.register("conversation.opened")
    async with house.worker():
        await house.desk.open()
        (body,) = await house.heard(1)
    (contact,) = body["conversation"]["customer"]["fields"]
    assert contact["masked"] == "l••••@example.com"
    assert b"linhaoran" not in house.receiver.heard[0].body


async def test_nothing_of_a_message_is_stored_with_its_delivery(house: House) -> None:
    await house.register()
    conversation_id = await house.desk.open("unmistakable-words")
    async with house.worker():
        await house.say(conversation_id, "unmistakable-words")
        await house.heard(3)
    async with house.desk.database.transaction() as session:
        for table in ("webhook_delivery", "webhook_cursor", "webhook_endpoint", "procrastinate_jobs", "audit_entry"):
            rows = (await session.execute(text(f"SELECT t::text FROM {table} t"))).scalars().all()
            assert not [row for row in rows if "unmistakable" in row or "path-secret" in row], table


async def test_a_worker_that_died_while_it_sent(house: House) -> None:
    """It is sent again under the same id, and what follows comes after it."""
    await house.register("message.created")
    stuck = asyncio.Event()

    async def never(_heard: Heard, _writer: asyncio.StreamWriter) -> None:
        stuck.set()
        await asyncio.get_running_loop().create_future()

    house.answer.append(never)
    conversation_id = await house.desk.open("first")
    async with house.worker():
        await house.say(conversation_id, "second")
        await stuck.wait()
        held = (await house.endpoint()).held_until
        assert held is not None
        assert now() + timedelta(seconds=50) < held <= now() + timedelta(seconds=60)
    # Whoever was told to stop has let go; whoever was killed has not, and is waited for.
    assert (await house.endpoint()).held_until is None
    async with house.desk.database.transaction() as session:
        await session.execute(text("UPDATE webhook_endpoint SET held_until = now() + interval '1 second'"))
    async with house.worker():
        await house.settled(2)
    bodies = house.bodies()
    assert [body["message"]["text"] for body in bodies] == ["first", "second"]
    first = (await house.deliveries())[0]
    assert first.tried_at is not None
    assert (first.tried_at - first.happened_at) > timedelta(seconds=1)
    assert {d.state for d in await house.deliveries()} == {"delivered"}


async def test_what_happened_while_no_worker_ran_is_found(house: House) -> None:
    """No notice told of it: notices are not kept."""
    await house.register("message.created")
    first, second = await house.desk.open("a"), await house.desk.open("b")
    await house.say(first, "c")
    await house.say(second, "d")
    async with house.worker():
        bodies = await house.heard(4)
    assert sorted(body["message"]["text"] for body in bodies) == ["a", "b", "c", "d"]
    for conversation_id, texts in ((first, ["a", "c"]), (second, ["b", "d"])):
        mine = [b["message"]["text"] for b in bodies if b["conversation"]["id"] == str(conversation_id)]
        assert mine == texts


async def test_two_workers_send_each_thing_once(house: House) -> None:
    await house.register("message.created")
    async with house.worker(), house.worker():
        ids = [await house.desk.open(f"c{n}") for n in range(6)]
        for n in range(5):
            for conversation_id in ids:
                await house.say(conversation_id, f"m{n}")
        await house.until(lambda found: len(found) == 36 and {d.state for d in found} == {"delivered"})
    bodies = house.bodies()
    assert len(bodies) == 36
    for conversation_id in ids:
        seqs = [b["seq"] for b in bodies if b["conversation"]["id"] == str(conversation_id)]
        assert seqs == sorted(seqs)


async def test_a_failing_endpoint_is_left_alone_for_longer_each_time(house: House) -> None:
    await house.register("message.created")
    house.answer += [answering(500)]
    await house.desk.open("first")
    async with house.worker():
        (failed,) = await house.until(lambda found: bool(found) and found[0].attempts == 1)
        await house.desk.open("second")
        await house.until(lambda found: len(found) == 2)
        endpoint = await house.endpoint()
    assert (failed.state, failed.status, failed.reason) == ("waiting", 500, "answer")
    assert endpoint.failures == 1
    assert endpoint.retry_at is not None
    assert endpoint.failing_since is not None
    # Nothing of another conversation is tried meanwhile.
    assert len(house.receiver.heard) == 1
    assert [courier.PAUSES.after(n).total_seconds() for n in (1, 2, 3, 4, 7, 90)] == [5, 20, 80, 320, 5400, 5400]


async def test_what_is_not_liked_holds_up_its_own_conversation_only(house: House) -> None:
    await house.register("message.created")
    house.answer += [answering(400)]
    disliked = await house.desk.open("disliked")
    async with house.worker():
        await house.until(lambda found: bool(found) and found[0].attempts == 1)
        await house.say(disliked, "waits behind it")
        await house.desk.open("another")
        await house.heard(2)
    assert [body["message"]["text"] for body in house.bodies()] == ["disliked", "another"]


async def test_redirects_and_closed_addresses_are_failures(house: House) -> None:
    await house.register("message.created")
    house.answer += [answering(302, b"", "location: http://169.254.169.254/")]
    await house.desk.open("first")
    async with house.worker():
        (found,) = await house.until(lambda found: bool(found) and found[0].attempts == 1)
    assert (found.status, found.reason) == (302, "answer")
    # The operator takes the network back: the address is refused at the next call.
    house.rules = type(house.rules)((), house.rules.clear)
    async with house.desk.database.transaction() as session:
        await session.execute(text("UPDATE webhook_endpoint SET retry_at = NULL"))
        await session.execute(text("UPDATE webhook_delivery SET next_at = now()"))
    async with house.worker():
        (found,) = await house.until(lambda found: found[0].attempts == 2)
    assert (found.status, found.reason) == (None, "address")
    assert len(house.receiver.heard) == 1


async def test_one_that_fails_for_days_is_switched_off_and_administrators_are_told(house: House) -> None:
    endpoint = await house.register("message.created")
    async with house.desk.database.transaction() as session:
        row = await session.get_one(WebhookEndpoint, endpoint.id)
        row.failing_since = now() - courier.STOP_AFTER
    house.answer += [answering(500)]
    conversation_id = await house.desk.open("first")
    async with house.worker():
        await house.until(lambda found: bool(found) and found[0].attempts == 1)
        stopped = await house.endpoint()
        assert (stopped.active, stopped.stopped_because) == (False, "failing")
        async with house.desk.database.transaction() as session:
            (mail,) = list(await session.scalars(select(OutgoingMail)))
            assert mail.to == "boss@example.com"
            assert "Tickets" in mail.subject
            assert "path-secret" not in mail.text
            actions = (await session.execute(text("SELECT action FROM audit_entry"))).scalars().all()
            assert "webhook.stopped" in actions
        # Switched on again: what was waiting goes out.
        async with house.desk.database.transaction() as session:
            await operations.change(
                session,
                house.boss,
                house.rules,
                endpoint.id,
                name=None,
                url=None,
                events=None,
                active=True,
                network="n",
            )
            await session.execute(text("UPDATE webhook_delivery SET next_at = now()"))
        await house.heard(2)
        await house.say(conversation_id, "second")
        await house.heard(3)


async def test_gone_means_gone(house: House) -> None:
    await house.register("message.created")
    house.answer += [answering(410)]
    await house.desk.open("first")
    async with house.worker():
        await house.until(lambda found: bool(found) and found[0].attempts == 1)
    assert (await house.endpoint()).stopped_because == "gone"


async def test_a_day_of_failures_gives_one_delivery_up(house: House) -> None:
    await house.register("message.created")
    house.answer += [answering(400)]
    conversation_id = await house.desk.open("old")
    async with house.worker():
        await house.until(lambda found: bool(found) and found[0].attempts == 1)
    async with house.desk.database.transaction() as session:
        await session.execute(
            text("UPDATE webhook_delivery SET happened_at = now() - interval '25 hours', next_at = now()")
        )
    house.answer += [answering(400)]
    await house.say(conversation_id, "what follows")
    async with house.worker():
        await house.settled(2)
    assert [(d.state, d.attempts) for d in await house.deliveries()] == [("failed", 2), ("delivered", 1)]


async def test_a_worker_that_stops_between_two_sendings_leaves_no_hold(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was told to stop while it made its hold longer: what is stored is the shorter one."""
    await house.register("message.created")
    heads, stuck = queries.heads, asyncio.Event()

    async def slow_heads(*what: Any) -> Sequence[WebhookDelivery]:
        if house.receiver.heard:
            stuck.set()
            await asyncio.Event().wait()
        return await heads(*what)

    monkeypatch.setattr(queries, "heads", slow_heads)
    async with house.worker():
        await house.desk.open("one")
        await asyncio.wait_for(stuck.wait(), 15)
    assert (await house.endpoint()).held_until is None


async def test_what_was_erased_is_not_sent(house: House) -> None:
    await house.register("message.created")
    house.answer += [answering(500)]
    await house.desk.open("to be erased")
    async with house.worker():
        await house.until(lambda found: bool(found) and found[0].attempts == 1)
    async with house.desk.database.transaction() as session:
        await session.execute(text("DELETE FROM message WHERE seq = 2"))
        await session.execute(text("UPDATE webhook_endpoint SET retry_at = NULL"))
        await session.execute(text("UPDATE webhook_delivery SET next_at = now()"))
    async with house.worker():
        await house.until(lambda found: found[0].state == "gone")
    assert len(house.receiver.heard) == 1


async def test_without_endpoints_nothing_is_read_or_written(house: House) -> None:
    async with house.worker():
        conversation_id = await house.desk.open()
        await house.say(conversation_id, "one")
        await house.register()
        await house.say(conversation_id, "two")
        await house.heard(1)
    assert [body["message"]["text"] for body in house.bodies()] == ["two"]
