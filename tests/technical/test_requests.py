"""Technical cases over REST: who may, what is shown of customers, the tracker, the webhook, known problems."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text, update

from holdfast.access.viewer import StaffViewer
from holdfast.app import web
from holdfast.conversations.models import Conversation
from holdfast.core.clock import now
from holdfast.core.notify import Listener
from holdfast.core.settings import Settings
from holdfast.people.models import SignInSession
from holdfast.privacy.inventory import CUSTOMERS
from holdfast.technical import tracking
from holdfast.technical.channel import PROBLEMS
from tests.people.support import problem
from tests.support.browsers import browser_of
from tests.support.github import SECRET, TOKEN, GitHub
from tests.support.waiting import eventually
from tests.technical.support import ASKED, TRIED, House


@asynccontextmanager
async def browser(
    house: House, viewer: StaffViewer | None, folder: Path, **chosen: Any
) -> AsyncIterator[httpx.AsyncClient]:
    settings = replace(Settings(), data_dir=folder, demo=True, **chosen)
    async with browser_of(web.create_litestar(settings, house.database), house.database, viewer) as client:
        yield client


def known(**more: Any) -> dict[str, Any]:
    english = {"language": "en", "title": "Deposits are slow", "text": "They arrive within two hours."}
    return {
        "texts": [english, {"language": "de", "title": "Einzahlungen dauern", "text": "Etwa zwei Stunden."}],
        "state": "known",
        "severity": "major",
        "starts_at": (now() - timedelta(hours=1)).isoformat(),
        **more,
    }


async def test_the_whole_way_over_rest(house: House, tmp_path: Path) -> None:
    conversation_id = await house.conversation("de")
    at = f"/api/conversations/{conversation_id}/handovers"
    async with browser(house, house.gus, tmp_path) as gus:
        made = await gus.post(at, json={"tried": TRIED, "asked": ASKED, "title": "Zero"})
        (shown,) = made.json()
        assert (made.status_code, shown["tried"], shown["asked"], shown["by"]) == (201, TRIED, ASKED, "Gus")
        assert [problem(await gus.post(at, json=bad)) for bad in ({"tried": "x"}, {"tried": "", "asked": "x"})] == [
            "invalid_input"
        ] * 2
        case = f"/api/technical/cases/{shown['case_id']}"
        listed = (await gus.get("/api/technical/cases")).json()
        assert (listed["works"], [one["conversations"] for one in listed["cases"]]) == (False, [1])
        for verb in ("take", "solve", "close", "reopen", "issue"):
            assert problem(await gus.post(f"{case}/{verb}")) == "not_technical"
    async with browser(house, house.tess, tmp_path) as tess:
        assert (await tess.post(f"{case}/take")).json()["owner"] == "Tess"
        given = {"kind": "update", "texts": [{"language": "en", "text": "Soon."}, {"language": "de", "text": "Bald."}]}
        written = (await tess.post(f"{case}/announcements", json=given)).json()
        assert written["languages"] == [{"language": "de", "customers": 1}]
        (draft,) = written["announcements"]
        assert draft["state"] == "draft"
    async with browser(house, house.gus, tmp_path) as gus:
        (sending,) = (await gus.post(f"/api/technical/announcements/{draft['id']}/release")).json()["announcements"]
        assert (sending["state"], sending["waiting"], sending["released_by"]) == ("sending", 1, "Gus")
        await house.send()
        (sent,) = (await gus.get(case)).json()["announcements"]
        assert (sent["state"], sent["sent"]) == ("sent", 1)
    assert await house.told(conversation_id) == ["Bald."]


@pytest.mark.parametrize("who", ["lena", "nobody"])
async def test_nobody_else_sees_a_case(house: House, tmp_path: Path, who: str) -> None:
    case = await house.hand_over(await house.conversation())
    async with browser(house, None if who == "nobody" else house.lena, tmp_path) as client:
        for path in ("/api/technical/cases", f"/api/technical/cases/{case}", "/api/technical/problems"):
            assert (await client.get(path)).status_code in (401, 403), path


async def test_the_team_sees_the_words_masked_while_the_conversation_is_somebody_elses(
    house: House, tmp_path: Path
) -> None:
    conversation_id = await house.conversation()
    case = await house.hand_over(conversation_id, tried="Called +49 151 2345 6789, in vain.")
    async with browser(house, house.tess, tmp_path) as tess:
        (link,) = (await tess.get(f"/api/technical/cases/{case}")).json()["links"]
        assert "in vain" in link["tried"]
        assert "2345 6789" not in link["tried"]
    async with browser(house, house.gus, tmp_path) as gus:
        assert "2345 6789" in (await gus.get(f"/api/technical/cases/{case}")).json()["links"][0]["tried"]


# --- the tracker ---


async def test_an_administrator_names_the_tracker_and_its_secrets_are_sealed_and_never_shown(
    house: House, hub: GitHub, tmp_path: Path
) -> None:
    host = hub.origin.removeprefix("http://")
    chosen = {"outgoing_networks": ("127.0.0.0/8",), "outgoing_clear": (host,)}
    given = {"api": hub.origin, "repository": "acme/wallet", "token": TOKEN, "secret": SECRET}
    async with browser(house, house.karin, tmp_path, **chosen) as karin:
        assert problem(await karin.put("/api/technical/tracker", json=given)) == "role_missing"
    async with browser(house, house.lena, tmp_path, **chosen) as lena:
        house.clock.turn(minutes=6)
        assert problem(await lena.put("/api/technical/tracker", json=given)) == "step_up_required"
        async with house.database.transaction() as session:
            await session.execute(update(SignInSession).values(stepped_up_at=now()))
        assert problem(await lena.put("/api/technical/tracker", json={**given, "secret": "short"})) == "invalid_input"
        saved = await lena.put("/api/technical/tracker", json=given)
        shown = (await lena.get("/api/technical/tracker")).text
        assert (saved.status_code, saved.json()["repository"]) == (200, "acme/wallet")
        for answer in (saved.text, shown):
            assert TOKEN not in answer
            assert SECRET not in answer
        assert saved.json()["hook"].endswith("/api/hooks/github")
        async with house.database.transaction() as session:
            stored = str((await session.execute(text("SELECT t::text FROM technical_tracker t"))).scalar())
            audit = str((await session.execute(text("SELECT a::text FROM audit_entry a"))).all())
        assert TOKEN.encode().hex() not in stored
        assert TOKEN not in stored + audit
        assert (await lena.delete("/api/technical/tracker")).status_code == 204
        assert (await lena.get("/api/technical/tracker")).json()["repository"] is None


async def test_the_webhook_is_signed_and_needs_no_sign_in(house: House, hub: GitHub, tmp_path: Path) -> None:
    await house.track(hub)
    case = await house.hand_over(await house.conversation())
    await house.act(tracking.ask_for_issue, case)
    await house.carry(hub)
    hub.person(1, "closed", "completed")
    body, headers = hub.hook(1, "closed")
    async with browser(house, None, tmp_path) as tracker:
        # As GitHub sends it: from no page.
        del tracker.headers["origin"]
        forged = {**headers, "x-hub-signature-256": "sha256=" + "0" * 64}
        assert problem(await tracker.post("/api/hooks/github", content=body, headers=forged)) == "signature_wrong"
        assert problem(await tracker.post("/api/hooks/github", content=body)) == "signature_wrong"
        assert problem(await tracker.post("/api/hooks/github", content=b"\xff", headers=headers)) == "malformed"
        assert (await tracker.post("/api/hooks/github", content=body, headers=headers)).status_code == 204
    await house.carry(hub)
    assert (await house.issue(case)).mark == "closed_there"


# --- known problems ---


async def test_a_known_problem_is_public_in_the_readers_language_from_then_until_then(
    house: House, tmp_path: Path
) -> None:
    async with browser(house, house.gus, tmp_path) as gus:
        assert problem(await gus.post("/api/technical/problems", json=known())) == "not_technical"
    async with browser(house, house.tess, tmp_path) as tess, browser(house, None, tmp_path) as anybody:

        async def public(language: str = "en") -> list[tuple[str, str]]:
            answer = await anybody.get(f"/api/widget/problems?lang={language}")
            assert answer.headers["cache-control"] == "no-store"
            return [(one["title"], one["language"]) for one in answer.json()["problems"]]

        made = (await tess.post("/api/technical/problems", json=known(severity="minor"))).json()
        await tess.post("/api/technical/problems", json=known(severity="outage", state="watching"))
        assert await public("de") == [("Einzahlungen dauern", "de")] * 2
        assert await public("fr-CA") == [("Deposits are slow", "en")] * 2
        worst = (await anybody.get("/api/widget/problems")).json()["problems"]
        assert [one["severity"] for one in worst] == ["outage", "minor"]
        path = f"/api/technical/problems/{made['id']}"
        later = (now() + timedelta(hours=1)).isoformat()
        for change in ({"state": "solved"}, {"ends_at": now().isoformat()}, {"starts_at": later}):
            assert (await tess.put(path, json=known(**change))).status_code == 200
            assert len(await public()) == 1, change
        house.clock.turn(hours=2)
        assert len(await public()) == 2
        page = await anybody.get("/status?lang=de")
        assert page.headers["content-language"] == "de"
        assert "script" not in page.headers["content-security-policy"]
        assert "Einzahlungen dauern" in page.text
        assert "<script" not in page.text


async def test_what_is_no_known_problem_is_refused(house: House, tmp_path: Path) -> None:
    german = [{"language": "de", "title": "Nur deutsch", "text": "Hier."}]
    odd = [*known()["texts"], {"language": "xx", "title": "x", "text": "x"}]
    asks = [{"language": "en", "title": "Help", "text": "Please send us your recovery phrase."}]
    async with browser(house, house.tess, tmp_path) as tess:
        for bad, why in (
            ({"texts": german}, "known_problem_refused"),
            ({"ends_at": (now() - timedelta(days=1)).isoformat()}, "known_problem_refused"),
            ({"texts": odd}, "language_unknown"),
            ({"texts": asks}, "secret_requested"),
            ({"case_id": "01900000-0000-7000-8000-000000000000"}, "technical_case_unknown"),
            ({"state": "gone"}, "invalid_input"),
        ):
            assert problem(await tess.post("/api/technical/problems", json=known(**bad))) == why, bad
        nothing = await tess.put("/api/technical/problems/01900000-0000-7000-8000-000000000000", json=known())
        assert problem(nothing) == "known_problem_unknown"
        assert (await tess.get("/api/technical/problems")).json() == []


async def test_the_status_page_shows_markup_as_words(house: House, tmp_path: Path) -> None:
    written = [{"language": "en", "title": "<b>Bold</b>", "text": "<img src=x onerror=alert(1)>"}]
    async with browser(house, house.tess, tmp_path) as tess:
        assert (await tess.post("/api/technical/problems", json=known(texts=written))).status_code == 201
        page = (await tess.get("/status")).text
    assert "&lt;b&gt;Bold" in page
    assert "<img" not in page


async def test_times_keep_their_order_among_arabic_letters(house: House, tmp_path: Path) -> None:
    async with browser(house, house.tess, tmp_path) as tess:
        await tess.post("/api/technical/problems", json=known())
        arabic, english = [(await tess.get(f"/status?lang={tag}")).text for tag in ("ar", "en")]
    isolated = re.compile("\N{LEFT-TO-RIGHT ISOLATE}[0-9-]{10} [0-9:]{5} UTC\N{POP DIRECTIONAL ISOLATE}")
    assert len(isolated.findall(arabic)) == 2
    assert "\N{LEFT-TO-RIGHT ISOLATE}" not in english


async def test_a_change_is_told_to_web_processes(house: House, tmp_path: Path) -> None:
    heard: list[str] = []
    listener = Listener(house.dsn, {PROBLEMS: heard.append})
    task = asyncio.create_task(listener.run())
    try:
        await listener.connected.wait()
        async with browser(house, house.tess, tmp_path) as tess:
            await tess.post("/api/technical/problems", json=known())
        await eventually(lambda: heard == ["changed"], 10, "it is told")
    finally:
        task.cancel()


async def test_an_erased_customer_is_neither_linked_nor_told(house: House) -> None:
    by = {holding.table: holding for holding in CUSTOMERS}
    assert (by["technical_link"].erasure, by["technical_delivery"].erasure) == ("delete", "delete")
    case, (conversation_id,) = await house.case_of("en")
    await house.tell(case, "update", en="We work on it.")
    async with house.database.transaction() as session:
        row = await session.get_one(Conversation, conversation_id)
        for table in ("technical_delivery", "technical_link"):
            await session.execute(by[table].of().delete().where(by[table].belongs(row.customer_id)))
    await house.send()
    assert await house.told(conversation_id) == []
