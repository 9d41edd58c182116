"""The requests about promises: who may, what is stored in versions, and the ledger of every second."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.di import Provide
from litestar.handlers import BaseRouteHandler

from holdfast.access.viewer import Role, StaffViewer
from holdfast.core.clock import now
from holdfast.core.http import EXCEPTION_HANDLERS, PROVIDERS
from holdfast.core.settings import Settings
from holdfast.people.customers import find_or_create
from holdfast.people.http_viewer import SignedIn
from holdfast.people.sign_in import Browser
from holdfast.promises import http, operations
from holdfast.promises.model import Kind
from holdfast.promises.policies import Match
from tests.promises.support import House, utc

MINUTE = timedelta(minutes=1)
POLICIES = "/api/promises/policies"
CALENDARS = "/api/promises/calendars"
OFFICE = {"zone": "Europe/Berlin", "weekly": {"0": [["22:00", "06:00"]]}, "holidays": ["DE-BY"]}


@asynccontextmanager
async def browser(desk: House, viewer: StaffViewer) -> AsyncIterator[httpx.AsyncClient]:
    """A browser in which ``viewer`` is signed in, and has just shown a second factor."""

    async def signed_in(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        connection.scope.setdefault("state", {})["signed_in"] = SignedIn(viewer, uuid4(), now())

    app = Litestar(
        http.HANDLERS,
        state=State({"database": desk.database, "settings": Settings()}),
        dependencies={
            **PROVIDERS,
            "viewer": Provide(lambda: viewer, sync_to_thread=False),
            "browser": Provide(lambda: Browser("203.0.113.7", ""), sync_to_thread=False),
        },
        # Before the routes' own guards of roles, which stay as they are.
        guards=[signed_in],
        exception_handlers=EXCEPTION_HANDLERS,
        openapi_config=None,
    )
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)  # type: ignore[arg-type]  # Litestar's ASGI types are stricter than httpx's
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8420") as client:
        yield client


def someone(*roles: Role) -> StaffViewer:
    return StaffViewer(uuid4(), "Somebody", frozenset(roles))


@pytest.mark.parametrize(
    ("role", "reads", "changes"),
    [
        (Role.AGENT, 403, 403),
        (Role.LEAD, 200, 403),
        (Role.AUDITOR, 200, 403),
        (Role.ADMINISTRATOR, 200, 200),
    ],
)
async def test_who_may(desk: House, role: Role, reads: int, changes: int) -> None:
    viewer = await desk.agent("somebody", role)
    async with browser(desk, viewer) as client:
        for path in (POLICIES, CALENDARS, "/api/promises/attainment"):
            assert (await client.get(path)).status_code == reads
        assert (await client.put(f"{CALENDARS}/nights", json=OFFICE)).status_code == changes
        policy = {"kind": "first_response", "target_seconds": 600, "match": {}}
        assert (await client.put(f"{POLICIES}/quick", json=policy)).status_code == changes


async def test_a_change_is_a_version(desk: House) -> None:
    viewer = await desk.agent("admin", Role.ADMINISTRATOR)
    async with browser(desk, viewer) as client:
        shipped = {p["key"]: p for p in (await client.get(POLICIES)).json()}
        assert shipped["first-response"]["target_seconds"] == 900
        assert shipped["emergency-answer"]["target_seconds"] == 60
        made = (await client.put(f"{CALENDARS}/nights", json={**OFFICE, "exceptions": {"2026-12-24": []}})).json()
        assert (made["version"], made["exceptions"]) == (1, {"2026-12-24": []})
        desk.clock.turn(minutes=1)
        given = {
            "kind": "next_response",
            "target_seconds": 7200,
            "match": {"channels": ["email"], "priorities": [3, 2]},
            "calendar": "nights",
            "wait_seconds": 3600,
        }
        policy = (await client.put(f"{POLICIES}/next-response-email", json=given)).json()
        assert (policy["version"], policy["calendar"], policy["active"]) == (2, "nights", True)
        assert policy["match"]["priorities"] == [2, 3]
        # Other hours are another version of what counts by them.
        desk.clock.turn(minutes=1)
        await client.put(f"{CALENDARS}/nights", json=OFFICE)
        after = {p["key"]: p for p in (await client.get(POLICIES)).json()}
        assert after["next-response-email"]["version"] == 3
        assert after["first-response"]["version"] == 1
        assert [c["version"] for c in (await client.get(CALENDARS)).json()] == [2]


@pytest.mark.parametrize(
    "wrong",
    [
        {"zone": "Europe/Atlantis"},
        {"zone": "../secrets"},
        {"holidays": ["ZZ"]},
        {"holidays": ["DE-ZZ"]},
    ],
)
async def test_hours_that_cannot_be_counted_by_are_refused(desk: House, wrong: dict[str, Any]) -> None:
    viewer = await desk.agent("admin", Role.ADMINISTRATOR)
    async with browser(desk, viewer) as client:
        answer = await client.put(f"{CALENDARS}/nights", json={**OFFICE, **wrong})
        assert (answer.status_code, answer.json()["id"]) == (400, "calendar_refused")
        assert (await client.get(CALENDARS)).json() == []


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"target_seconds": 9}, "invalid_input"),
        ({"kind": "wish"}, "invalid_input"),
        ({"match": {"priorities": [4]}}, "invalid_input"),
        ({"calendar": "nowhere"}, "calendar_unknown"),
    ],
)
async def test_a_policy_that_cannot_be_is_refused(desk: House, given: dict[str, Any], problem: str) -> None:
    viewer = await desk.agent("admin", Role.ADMINISTRATOR)
    async with browser(desk, viewer) as client:
        answer = await client.put(
            f"{POLICIES}/wrong", json={"kind": "first_response", "target_seconds": 600, "match": {}, **given}
        )
        assert (answer.status_code, answer.json()["id"]) == (400, problem)
        assert "wrong" not in {p["key"] for p in (await client.get(POLICIES)).json()}


async def test_the_ledger_labels_every_second(desk: House) -> None:
    conversation_id = await desk.taken()
    start = now()
    desk.clock.turn(minutes=20)
    await desk.answers(conversation_id)
    desk.clock.turn(minutes=1)
    async with browser(desk, desk.agent_) as client:
        # Nobody has read the timeline yet: the ledger does.
        found = (await client.get(f"/api/conversations/{conversation_id}/promises")).json()
    [first] = found["promises"]
    assert (first["kind"], first["state"], first["elapsed_seconds"]) == ("first_response", "broken", 1200)
    assert [(s["label"], s["since"], s["until"]) for s in first["segments"]] == [
        ("running", *(_iso(start + n * MINUTE) for n in (0, 15))),
        ("late", *(_iso(start + n * MINUTE) for n in (15, 20))),
    ]
    assert first["terms"] == [{"since": _iso(start), "policy": "first-response", "version": 1, "target_seconds": 900}]


def _iso(moment: Any) -> str:
    return str(moment.isoformat()).replace("+00:00", "Z")


async def test_a_ledger_is_for_those_who_see_the_conversation(desk: House) -> None:
    conversation_id = await desk.taken()
    for viewer in (await desk.agent("other"), await desk.agent("admin", Role.ADMINISTRATOR)):
        async with browser(desk, viewer) as client:
            answer = await client.get(f"/api/conversations/{conversation_id}/promises")
        assert (answer.status_code, answer.json()["id"]) == (404, "conversation_not_found")


async def test_shares_kept(desk: House) -> None:
    kept, broken, waiting = [await desk.taken() for _ in range(3)]
    await desk.answers(kept)
    desk.clock.turn(minutes=16)
    await desk.answers(broken)
    await desk.follow(kept, broken, waiting)
    await desk.turn_all()
    await desk.open()
    async with browser(desk, await desk.agent("lead", Role.LEAD)) as client:
        found = (await client.get("/api/promises/attainment")).json()
    assert found == [{"month": "2026-11-01", "kind": "first_response", "kept": 1, "broken": 2}]


async def test_what_a_customer_is_told_before_anything_has_begun(desk: House) -> None:
    await desk.office()
    await desk.policy("first-response", Kind.FIRST, 1800, calendar="office")
    desk.clock.moment = utc(2026, 11, 27, 15, 50)
    async with desk.database.transaction() as session:
        due = await operations.offered(session, queue="general", channel="chat", group="anonymous")
        emergency = await operations.offered(session, queue="emergency", channel="chat", group="anonymous")
    # Friday, ten to five in Berlin; the rest of it on Monday.
    assert due == utc(2026, 11, 30, 8, 20)
    assert emergency == now() + MINUTE


async def test_a_segment_of_the_wallet_has_promises_of_its_own(desk: House) -> None:
    """It goes before what is promised to all who are proven, is told before they begin, and leaves with the claim."""
    for key, seconds, group in (("proven", 600, "proven"), ("business", 120, "business")):
        await desk.policy(key, Kind.FIRST, seconds, Match(groups=frozenset({group}), queues=frozenset({"general"})))
    dues = []
    for segment in ("business", ""):
        async with desk.database.transaction() as session:
            desk.customer = await find_or_create(
                session, subject="wallet:1", name=None, language="en", contacts={}, proven=True, segment=segment
            )
            told = await operations.offered(session, queue="general", channel="chat", group="proven", segment=segment)
        conversation_id = await desk.open()
        await desk.follow(conversation_id)
        (promise,) = await desk.promises(conversation_id, Kind.FIRST)
        assert promise.due_at == told
        dues.append(told)
    assert dues == [now() + 2 * MINUTE, now() + 10 * MINUTE]
