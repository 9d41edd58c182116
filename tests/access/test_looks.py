"""Every look at a customer's words is seen by whom it is about, whichever way they were looked at."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from holdfast.access import queries
from holdfast.access.audit import record
from holdfast.access.models import AuditEntry
from holdfast.access.surfaces import Way
from holdfast.access.viewer import Role
from holdfast.core.clock import now
from tests.access.probes import PROBES
from tests.access.stage import Scene, Stage

_CONVERSATION = "/api/conversations/{conversation_id:uuid}"
_LETTER = "/api/mail/conversations/{conversation_id:uuid}/letters/{seq:int}"


async def test_a_technical_case_is_a_look_at_each_of_its_conversations(stage: Stage) -> None:
    await stage.place(Role.AGENT, Scene.HELD)
    await PROBES[Way.REST, f"GET {_CONVERSATION}/handovers"](stage, Role.AGENT)
    agent = stage.people[Role.AGENT]
    async with stage.desk.database.transaction() as session:
        (opened,) = await session.scalars(select(AuditEntry).where(AuditEntry.action == "technical_case.opened"))
        assert (opened.subject_id, opened.actor_id) == (stage.conversation, agent.id)
        # And one look for the alarm, however many conversations it has; the list of hand-overs was another.
        record(session, agent, opened.action, ("conversation", uuid4()), **opened.detail)
        assert await queries.looked_at(session, agent.id, now() - timedelta(hours=1)) == 2


@pytest.mark.parametrize(
    ("surface", "fields"),
    [
        (f"POST {_LETTER}/raw", {None: None, "letter": "Check identity"}),
        (f"POST {_CONVERSATION}/entries/{{seq:int}}/reveal", {"secret": "Check identity"}),
        (f"GET {_CONVERSATION}/handovers", {None: None}),
        (f"GET {_CONVERSATION}/later", {None: None}),
    ],
)
async def test_the_customer_sees_it(stage: Stage, surface: str, fields: dict[str | None, str | None]) -> None:
    await stage.place(Role.AGENT, Scene.HELD)
    await PROBES[Way.REST, surface](stage, Role.AGENT)
    async with stage.browser(None) as browser:
        looks = (await browser.post("/api/widget/looks", json={"token": stage.token})).json()["looks"]
        other = (await browser.post("/api/widget/looks", json={"token": stage.stranger})).json()["looks"]
    assert {look["field"]: look["purpose"] for look in looks} == fields
    assert {look["name"] for look in looks} == {"Only"}
    assert other == []
