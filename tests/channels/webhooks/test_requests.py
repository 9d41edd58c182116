"""Webhooks over REST: who may, what is shown, what is refused."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx
from sqlalchemy import text

from holdfast.access.viewer import StaffViewer
from holdfast.app import web
from holdfast.core.settings import Settings
from tests.channels.webhooks.conftest import House
from tests.people.support import problem
from tests.support.browsers import browser_of

PUBLIC = {"name": "Tickets", "url": "https://hooks.example.org/T0/path-secret", "events": ["message.created"]}


@asynccontextmanager
async def browser(house: House, viewer: StaffViewer, folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    chosen = replace(
        Settings(),
        data_dir=folder,
        demo=True,
        outgoing_networks=("127.0.0.0/8",),
        outgoing_clear=tuple(house.rules.clear),
    )
    async with browser_of(web.create_litestar(chosen, house.desk.database), house.desk.database, viewer) as client:
        yield client


async def test_the_life_of_a_webhook(house: House, tmp_path: Path) -> None:
    async with browser(house, house.boss, tmp_path) as boss:
        made = (await boss.post("/api/webhooks", json=PUBLIC)).json()
        assert made["secret"].startswith("whsec_")
        webhook = made["webhook"]
        assert webhook["host"] == "hooks.example.org"
        path = f"/api/webhooks/{webhook['id']}"
        listed = await boss.get("/api/webhooks")
        assert listed.json() == [webhook]
        assert "path-secret" not in listed.text
        assert "whsec_" not in listed.text
        renewed = (await boss.post(f"{path}/secret")).json()
        assert renewed["secret"] not in ("", made["secret"])
        assert renewed["webhook"]["old_secret_until"] is not None
        changed = await boss.patch(
            path, json={"active": False, "events": ["conversation.opened", "conversation.opened"]}
        )
        assert (changed.json()["active"], changed.json()["events"]) == (False, ["conversation.opened"])
        assert problem(await boss.post(f"{path}/test")) == "webhook_inactive"
        assert (await boss.delete(path)).status_code == 204
        assert problem(await boss.delete(path)) == "webhook_unknown"
        assert problem(await boss.get(f"{path}/deliveries")) == "webhook_unknown"
    async with house.desk.database.transaction() as session:
        audited = (await session.execute(text("SELECT action FROM audit_entry ORDER BY id"))).scalars().all()
        assert audited == ["webhook.registered", "webhook.secret_renewed", "webhook.changed", "webhook.removed"]


async def test_addresses_that_are_refused(house: House, tmp_path: Path) -> None:
    async with browser(house, house.boss, tmp_path) as boss:
        for url, reason in (
            ("http://hooks.example.org/", "scheme"),
            ("https://user:pw@hooks.example.org/", "credentials"),
            ("https://hooks.example.org:22/", "port"),
            ("https://0x7f.1/", "host"),
        ):
            answer = await boss.post("/api/webhooks", json=PUBLIC | {"url": url})
            assert problem(answer) == "webhook_address_refused"
            assert answer.json()["params"] == {"reason": reason}
        webhook = (await boss.post("/api/webhooks", json=PUBLIC)).json()["webhook"]
        answer = await boss.patch(f"/api/webhooks/{webhook['id']}", json={"url": "http://x.example/"})
        assert problem(answer) == "webhook_address_refused"
        assert problem(await boss.post("/api/webhooks", json=PUBLIC | {"events": ["everything"]})) == "invalid_input"
        for n in range(19):
            assert (await boss.post("/api/webhooks", json=PUBLIC | {"name": str(n)})).status_code == 201
        assert problem(await boss.post("/api/webhooks", json=PUBLIC)) == "too_many_webhooks"


async def test_only_administrators_with_a_fresh_factor(house: House, tmp_path: Path) -> None:
    for viewer in (house.desk.ana, house.desk.karin):
        async with browser(house, viewer, tmp_path) as client:
            assert problem(await client.get("/api/webhooks")) == "role_missing"
            assert problem(await client.post("/api/webhooks", json=PUBLIC)) == "role_missing"
    async with browser(house, house.boss, tmp_path) as boss:
        async with house.desk.database.transaction() as session:
            await session.execute(text("UPDATE sign_in_session SET stepped_up_at = now() - interval '6 minutes'"))
        assert problem(await boss.post("/api/webhooks", json=PUBLIC)) == "step_up_required"
        assert (await boss.get("/api/webhooks")).json() == []


async def test_the_log_of_deliveries(house: House, tmp_path: Path) -> None:
    async with browser(house, house.boss, tmp_path) as boss, house.worker():
        sent = PUBLIC | {"url": house.url, "events": ["conversation.opened"]}
        path = f"/api/webhooks/{(await boss.post('/api/webhooks', json=sent)).json()['webhook']['id']}"
        await boss.post(f"{path}/test")
        await house.heard(1)
        await house.desk.open("words that stay here")
        await house.heard(2)
        await house.settled(2)
        page = await boss.get(f"{path}/deliveries")
        opened, tested = page.json()["deliveries"]
        assert (opened["event"], opened["state"], opened["status"], opened["attempts"]) == (
            "conversation.opened", "delivered", 204, 1,
        )  # fmt: skip
        assert opened["reference"].startswith("HF-")
        assert (tested["event"], tested["reference"]) == ("webhook.test", None)
        assert "words that stay here" not in page.text
        again = await boss.post(f"{path}/deliveries/{tested['id']}/resend")
        assert again.json()["message_id"] == tested["message_id"]
        await house.heard(3)
        assert problem(await boss.post(f"{path}/deliveries/999999/resend")) == "delivery_unknown"
        first = (await boss.get(f"{path}/deliveries?limit=1")).json()
        rest = (await boss.get(f"{path}/deliveries?limit=1&before={first['next']}")).json()
        assert [d["id"] for d in (*first["deliveries"], *rest["deliveries"])] == [opened["id"], tested["id"]]
