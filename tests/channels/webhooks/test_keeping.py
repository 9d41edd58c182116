"""Secrets that change, deliveries that are sent again, and what is deleted."""

import json

from sqlalchemy import func, select, text

from holdfast.channels.webhooks import operations
from holdfast.channels.webhooks.models import WebhookDelivery
from tests.channels.webhooks.conftest import House
from tests.channels.webhooks.test_delivering import verified


async def test_secrets_change_with_an_overlap(house: House) -> None:
    endpoint = await house.register("webhook.test")
    async with house.worker():
        async with house.desk.database.transaction() as session:
            old = endpoint.secret
            new = (await operations.renew_secret(session, house.boss, endpoint.id, "n")).secret
            await operations.send_test(session, house.boss, endpoint.id, "n")
        await house.heard(1)
        assert verified(house.receiver.heard[0], old)
        assert verified(house.receiver.heard[0], new)
        async with house.desk.database.transaction() as session:
            await session.execute(text("UPDATE webhook_endpoint SET previous_until = now()"))
            await operations.send_test(session, house.boss, endpoint.id, "n")
        await house.heard(2)
    assert not verified(house.receiver.heard[1], old)
    assert verified(house.receiver.heard[1], new)
    assert json.loads(house.receiver.heard[1].body).keys() == {"id", "type", "timestamp"}


async def test_a_resend_has_the_same_id(house: House) -> None:
    endpoint = await house.register("conversation.opened")
    async with house.worker():
        conversation_id = await house.desk.open()
        await house.heard(1)
        (sent,) = await house.until(lambda found: found[0].state == "delivered")
        await house.desk.assign(conversation_id, house.desk.ana)
        async with house.desk.database.transaction() as session:
            await operations.resend(session, house.boss, endpoint.id, sent.id, "n")
        first, second = await house.heard(2)
    assert first["id"] == second["id"]
    assert (first["conversation"]["assignee_id"], second["conversation"]["assignee_id"]) == (
        None,
        str(house.desk.ana.id),
    )


async def test_old_deliveries_are_deleted(house: House) -> None:
    await house.register("message.created")
    await house.desk.open()
    async with house.worker():
        await house.heard(1)
    async with house.desk.database.transaction() as session:
        await session.execute(text("UPDATE webhook_delivery SET happened_at = now() - interval '31 days'"))
        await operations.purge(session)
        assert await session.scalar(select(func.count()).select_from(WebhookDelivery)) == 0
