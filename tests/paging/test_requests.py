"""On call over REST, and the page behind a link: who may, what is shown, what is refused."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select, text

from holdfast.access.viewer import StaffViewer
from holdfast.app import web
from holdfast.core.clock import now
from holdfast.core.settings import Settings
from holdfast.paging import links
from holdfast.paging.models import ContactMethod
from holdfast.paging.schemas import PolicyStep
from tests.paging.support import House
from tests.people.support import problem
from tests.support.browsers import browser_of

HANDOVER = {"zone": "UTC", "start": "2026-11-24", "handover": "09:00", "days": 1}


@asynccontextmanager
async def browser(house: House, viewer: StaffViewer, folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    chosen = replace(Settings(), data_dir=folder, demo=True)
    async with browser_of(web.create_litestar(chosen, house.database), house.database, viewer) as client:
        yield client


def turns(*people: StaffViewer) -> dict[str, Any]:
    return {**HANDOVER, "people": [str(one.id) for one in people]}


async def test_a_lead_makes_a_rota_and_says_whom_pages_reach(house: House, tmp_path: Path) -> None:
    async with browser(house, house.karin, tmp_path) as karin:
        before = (await karin.get("/api/paging/on-call")).json()
        assert [(duty["duty"], duty["steps"], duty["now"]) for duty in before["duties"]] == [
            (duty, None, [str(house.karin.id)]) for duty in ("technical", "emergency", "health")
        ]
        assert [len(duty["gaps"]) for duty in before["duties"]] == [1, 1, 0]
        made = await karin.post("/api/paging/rotas", json={"name": "Nights", "layers": [turns(house.ana, house.wei)]})
        rota = made.json()
        assert made.status_code == 201
        assert [span["agent_id"] for span in rota["spans"]][:2] == [str(house.ana.id), str(house.wei.id)]
        path = f"/api/paging/rotas/{rota['id']}"
        steps = [{"minutes": 5, "rotas": [rota["id"]]}, {"minutes": 5, "leads": True}]
        after = (await karin.put("/api/paging/policies/emergency", json={"steps": steps})).json()
        emergency = after["duties"][1]
        assert (emergency["now"], emergency["gaps"]) == ([str(house.ana.id)], [])
        assert problem(await karin.delete(path)) == "rota_in_use"
        renamed = await karin.put(path, json={"name": "Days", "layers": [turns(house.wei)]})
        assert renamed.json()["name"] == "Days"
        (listed,) = (await karin.get("/api/paging/rotas")).json()
        assert listed["layers"][0]["people"] == [str(house.wei.id)]
        bad: dict[str, Any]
        for bad in ({"people": []}, {"zone": "x" * 41}, {"days": 0}, {"handover": "noon"}):
            layer = {**turns(house.ana), **bad}
            answer = await karin.post("/api/paging/rotas", json={"name": "Bad", "layers": [layer]})
            assert answer.status_code == 400, bad
        assert (await karin.put("/api/paging/policies/lunch", json={"steps": steps})).status_code in (400, 404)


async def test_everybody_puts_themselves_in_and_leads_anybody(house: House, tmp_path: Path) -> None:
    rota = await house.rota("Nights", house.ana)
    path = f"/api/paging/rotas/{rota}/overrides"
    window = {"starts_at": now().isoformat(), "ends_at": (now() + timedelta(hours=8)).isoformat()}
    async with browser(house, house.wei, tmp_path) as wei:
        assert problem(await wei.post(path, json={**window, "agent_id": str(house.ana.id)})) == "role_missing"
        mine = (await wei.post(path, json={**window, "agent_id": str(house.wei.id)})).json()
        assert mine["spans"][0]["agent_id"] == str(house.wei.id)
        assert problem(
            await wei.put(f"/api/paging/rotas/{rota}", json={"name": "x", "layers": [turns(house.wei)]})
        ) == ("role_missing")
        override = mine["overrides"][0]["id"]
    async with browser(house, house.ana, tmp_path) as ana:
        assert problem(await ana.delete(f"/api/paging/overrides/{override}")) == "role_missing"
    async with browser(house, house.karin, tmp_path) as karin:
        assert (await karin.delete(f"/api/paging/overrides/{override}")).status_code == 204
        assert problem(await karin.delete(f"/api/paging/overrides/{override}")) == "override_unknown"


async def test_a_way_is_confirmed_by_the_code_that_came_by_it(house: House, tmp_path: Path) -> None:
    async with browser(house, house.ana, tmp_path) as ana:
        listed = (await ana.get("/api/me/contacts")).json()
        assert (listed["available"], listed["reach"]) == (["mail", "push", "ntfy", "webhook"], "none")
        body = {"kind": "ntfy", "address": "https://push.example.org/ana-7"}
        added = (await ana.post("/api/me/contacts", json=body)).json()
        (way,) = added["contacts"]
        assert (way["address"], way["confirmed_at"]) == (body["address"], None)
        await house.work()
        (sent,) = house.sender.messages
        assert (sent.kind, sent.address, sent.link) == ("ntfy", body["address"], None)
        code = sent.text.split()[0]
        path = f"/api/me/contacts/{way['id']}"
        wrong = f"{(int(code) + 1) % 1_000_000:06d}"
        assert problem(await ana.post(f"{path}/confirm", json={"code": wrong})) == "contact_code_wrong"
        assert (await ana.post(f"{path}/code")).status_code == 204
        assert await house.work() == [], "at most one a minute"
        # Digits of an Arabic keyboard.
        arabic = code.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
        confirmed = (await ana.post(f"{path}/confirm", json={"code": arabic})).json()
        assert confirmed["contacts"][0]["confirmed_at"] is not None
        assert confirmed["reach"] == "single"
        assert confirmed["next_test_at"] == (now() + timedelta(days=7)).isoformat().replace("+00:00", "Z")
    async with browser(house, house.wei, tmp_path) as wei:
        assert problem(await wei.delete(path)) == "contact_unknown"
        assert (await wei.get("/api/me/contacts")).json()["contacts"] == []
        people = {one["name"]: one["reach"] for one in (await wei.get("/api/paging/on-call")).json()["people"]}
        assert people == {"Ana": "single", "Karin": "none", "Lena": "none", "Wei": "none"}
    async with browser(house, house.ana, tmp_path) as ana:
        assert (await ana.delete(path)).status_code == 204
        assert (await ana.get("/api/me/contacts")).json()["next_test_at"] is None


async def test_five_wrong_codes_end_a_code(house: House, tmp_path: Path) -> None:
    async with browser(house, house.ana, tmp_path) as ana:
        body = {"kind": "mail", "address": "ana@home.example"}
        way = (await ana.post("/api/me/contacts", json=body)).json()["contacts"][0]
        await house.work()
        code = house.sender.messages[0].text.split()[0]
        path = f"/api/me/contacts/{way['id']}"
        for _ in range(5):
            assert problem(await ana.post(f"{path}/confirm", json={"code": "abcdef"})) == "contact_code_wrong"
        assert problem(await ana.post(f"{path}/confirm", json={"code": code})) == "contact_code_wrong"
        house.clock.turn(minutes=1)
        await ana.post(f"{path}/code")
        await house.work()
        again = house.sender.messages[1].text.split()[0]
        house.clock.turn(minutes=30)
        assert problem(await ana.post(f"{path}/confirm", json={"code": again})) == "contact_code_wrong"


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({"kind": "ntfy", "address": "http://push.example.org/ana"}, "contact_refused"),
        ({"kind": "webhook", "address": "https://127.1/in"}, "contact_refused"),
        ({"kind": "sms", "address": "+15550100001"}, "contact_kind_unavailable"),
        ({"kind": "mail", "address": "nobody"}, "contact_refused"),
    ],
)
async def test_what_is_no_way(house: House, tmp_path: Path, body: dict[str, str], refusal: str) -> None:
    async with browser(house, house.ana, tmp_path) as ana:
        assert problem(await ana.post("/api/me/contacts", json=body)) == refusal
    async with house.database.transaction() as session:
        assert (await session.scalars(select(ContactMethod))).all() == []


async def test_providers_are_named_by_administrators_and_never_shown(house: House, tmp_path: Path) -> None:
    gateway = {"url": "smseagles://token-of-ours@sms.example.org"}
    async with browser(house, house.karin, tmp_path) as karin:
        assert problem(await karin.put("/api/paging/providers/sms", json=gateway)) == "role_missing"
    async with browser(house, house.lena, tmp_path) as lena:
        named = await lena.put("/api/paging/providers/sms", json=gateway)
        assert {one["kind"]: one["service"] for one in named.json()} == {
            "telegram": None,
            "sms": "smseagles",
            "call": None,
        }
        assert "token-of-ours" not in named.text
        bad = {"url": "mailto://user:secret@example.org"}
        assert problem(await lena.put("/api/paging/providers/sms", json=bad)) == "paging_provider_refused"
        async with house.database.transaction() as session:
            (kept,) = (await session.execute(text("SELECT url FROM paging_provider"))).scalars().all()
            assert b"token-of-ours" not in bytes(kept)
        added = await lena.post("/api/me/contacts", json={"kind": "sms", "address": "+1 (555) 010-0001"})
        assert added.json()["contacts"][0]["address"] == "+15550100001"
        assert (await lena.delete("/api/paging/providers/sms")).status_code == 204


async def test_pages_with_their_log(house: House, tmp_path: Path) -> None:
    await house.policy("emergency", _step(house))
    page_id = await house.raised()
    await house.work()
    async with browser(house, house.ana, tmp_path) as ana:
        (listed,) = (await ana.get("/api/pages")).json()
        assert (listed["id"], listed["state"], listed["kind"]) == (str(page_id), "open", "emergency_requested")
        log = (await ana.get(f"/api/pages/{page_id}")).json()
        assert [event["kind"] for event in log["events"]] == ["raised", "told"]
        assert [(row["kind"], row["state"], row["attempts"]) for row in log["deliveries"]] == [("mail", "sent", 1)]
        assert "example.com" not in str(log), "addresses are nobody else's business"
        held = (await ana.post(f"/api/pages/{page_id}/acknowledge", json={"minutes": 45})).json()
        assert held["page"]["holder_id"] == str(house.ana.id)
        for minutes in (0, 1441):
            assert (await ana.post(f"/api/pages/{page_id}/acknowledge", json={"minutes": minutes})).status_code == 400
        done = (await ana.post(f"/api/pages/{page_id}/resolve")).json()
        assert [event["kind"] for event in done["events"]][-2:] == ["acknowledged", "resolved"]
        unknown = "/api/pages/00000000-0000-0000-0000-000000000000"
        assert problem(await ana.get(unknown)) == "page_unknown"
        tested = (await ana.post("/api/me/contacts/test")).json()
        assert tested["kind"] == "test"
    async with browser(house, house.wei, tmp_path) as wei:
        assert problem(await wei.get(f"/api/pages/{tested['id']}")) == "page_unknown", "somebody else's test"
        assert [row["kind"] for row in (await wei.get("/api/pages")).json()] == ["emergency_requested"]


def _step(house: House) -> PolicyStep:
    return PolicyStep(minutes=5, agents=[house.wei.id])


async def test_opening_the_link_changes_nothing_and_the_button_does(house: House, tmp_path: Path) -> None:
    await house.policy("emergency", _step(house))
    method = await house.contact(house.wei, "ntfy", "https://push.example.org/wei")
    page_id = await house.raised()
    await house.work()
    link = house.sender.messages[0].link or ""
    path = link.removeprefix("http://localhost:8420")
    chosen = replace(Settings(), data_dir=tmp_path, demo=True)
    app = web.create_litestar(chosen, house.database)
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]  # Litestar's ASGI types are stricter than httpx's
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8420") as anybody:
        for method_ in ("GET", "GET", "HEAD"):
            shown = await anybody.request(method_, path)
            assert shown.status_code in (200, 405)
        assert (await house.page(page_id)).state == "open"
        seen = await anybody.get(path)
        assert 'lang="de"' in seen.text
        assert seen.headers["cache-control"] == "no-store"
        assert "script" not in seen.text
        assert "Wei" not in seen.text
        # A page of another site cannot press it.
        foreign = await anybody.post(path, data={"minutes": "60"}, headers={"origin": "https://evil.example"})
        assert problem(foreign) == "origin_refused"
        assert (await house.page(page_id)).state == "open"
        pressed = await anybody.post(path, data={"minutes": "60"}, headers={"origin": "http://localhost:8420"})
        assert pressed.status_code == 200
        page = await house.page(page_id)
        assert (page.state, page.holder_id, page.until) == ("acknowledged", house.wei.id, now() + timedelta(hours=1))
        async with house.database.transaction() as session:
            kept = await session.get(ContactMethod, method)
            assert kept is not None
            assert kept.answered_at == now()
        # For other minutes than the three, the first of them.
        await anybody.post(path, data={"minutes": "99999"})
        assert (await house.page(page_id)).until == now() + timedelta(minutes=30)
        for wrong in (f"{path}0", "/page/x", f"/page/{links.token(page_id, now())}"):
            assert (await anybody.get(wrong)).status_code == 404
            assert (await anybody.post(wrong, data={"minutes": "30"})).status_code == 404
        house.clock.turn(days=8)
        assert (await anybody.get(path)).status_code == 404
