"""Every act of staff stands in the audit log: each route that changes something writes an entry, or says why not."""

from typing import Any

import pytest
from litestar.handlers import HTTPRouteHandler
from sqlalchemy import select

from holdfast.access.models import AuditEntry
from holdfast.access.viewer import Role
from holdfast.conversations.outgoing import BLOCKED
from tests.access.routes import actions, routes
from tests.access.stage import Scene, Stage

# What a route writes beside what it does: that it showed something, and that a text was stopped.
BESIDE = {"conversation.opened", "technical_case.opened", BLOCKED}
# Customers' own acts stand in their timeline; nobody's, in what they answer.
OF_CUSTOMERS = ("/api/widget/", "/address/", "/verify", "/api/verify")
BEGINS = "begins what counts when it is confirmed, and that is written"
NOTHING = "changes nothing"
OF_A_CALL = "what was done in a call, by whom and when, is a row of its own (call_command)"
EXCEPTIONS = {
    "POST /api/session/passkey/options": BEGINS,
    "POST /api/session/step-up/passkey/options": BEGINS,
    "POST /api/session/provider/start": BEGINS,
    "POST /api/me/totp": BEGINS,
    "POST /api/me/passkeys/options": BEGINS,
    "POST /api/me/contacts/push-key": BEGINS,
    "POST /api/me/contacts/{contact_id:uuid}/code": BEGINS,
    "POST /api/password-reset": "the job writes it: the answer must not depend on whether there is such an account",
    "POST /api/audit/verification": "a look that comes once a day anyway; its result is kept",
    "POST /api/automation/trials/{trial_id:uuid}/cancel": "ends a calculation; that it was asked for is written",
    "POST /api/outgoing/check": NOTHING,
    "POST /api/attachments": "a file becomes part of an entry of the timeline, which says whose it is",
    "POST /api/offers/{offer_id:uuid}/accept": "the timeline and the table of assignments say who has it and how",
    "POST /api/offers/{offer_id:uuid}/decline": "the offer says who declined it",
    "POST /api/conversations/{conversation_id:uuid}/verification/{proof_id:uuid}/withdraw": "the timeline says who",
    "POST /api/menus/validate": NOTHING,
    "POST /api/calls/{call_id:uuid}/wrap-up/end": "the call's row says when, and whose it was",
    **{
        f"POST /api/calls/{{call_id:uuid}}/{done}": OF_A_CALL
        for done in ("hang-up", "mute", "hold", "keys", "consult", "consult/end", "conference", "hand-over")
    },
    "POST /api/hooks/github": "the tracker's, signed: a look that it asks for",
}


def acts() -> list[tuple[str, HTTPRouteHandler]]:
    """Routes that may change something, but for a demo's and customers'."""
    return [
        (name, handler)
        for name, handler in routes()
        if not name.startswith(("GET ", "HEAD ", "OPTIONS "))
        and not name.partition(" ")[2].startswith((*OF_CUSTOMERS, "/demo", "/api/demo"))
    ]


@pytest.mark.parametrize(("name", "handler"), acts(), ids=lambda one: one if isinstance(one, str) else "")
def test_every_route_that_changes_something_writes_an_entry(name: str, handler: HTTPRouteHandler) -> None:
    writes = actions(handler) - BESIDE
    assert bool(writes) != (name in EXCEPTIONS), f"{name} writes {writes}: record() what it does, or say why not here"


def test_the_exceptions_are_routes() -> None:
    assert EXCEPTIONS.keys() <= {name for name, _ in acts()}
    assert len(acts()) > 100, "the test looks in the wrong place"


async def test_what_is_stopped_on_its_way_to_many_is_written_down(stage: Stage) -> None:
    """Announcements and known problems, as messages in a conversation; and never a word of it."""
    await stage.place(Role.LEAD, Scene.HELD)
    bad = "Send us your recovery phrase, please."
    texts = [{"language": "en", "text": bad}]
    problem: dict[str, Any] = {"texts": [{"language": "en", "title": "T", "text": bad}], "state": "known"}
    problem |= {"severity": "minor", "starts_at": "2026-11-26T00:00:00Z"}
    async with stage.browser(Role.LEAD) as lead:
        at = f"/api/conversations/{stage.conversation}/handovers"
        (case,) = (await lead.post(at, json={"tried": "x", "asked": "y", "title": "z"})).json()
        at = f"/api/technical/cases/{case['case_id']}/announcements"
        refused = [
            await lead.post(at, json={"kind": "update", "texts": texts}),
            await lead.post("/api/technical/problems", json=problem),
        ]
    assert [answer.json()["id"] for answer in refused] == ["secret_requested"] * 2
    async with stage.desk.database.transaction() as session:
        entries = await session.scalars(select(AuditEntry).where(AuditEntry.action == BLOCKED))
        assert [(one.subject_kind, one.detail) for one in entries] == [
            ("technical_case", {"kind": "secret_requested"}),
            ("known_problem", {"kind": "secret_requested"}),
        ]
