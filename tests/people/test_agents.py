"""Staff and teams: who sees and changes what; deactivation; the audit log."""

import asyncio
from uuid import uuid4

import pytest

from holdfast.access.viewer import Role
from holdfast.people import presence
from holdfast.people.agents import Language
from holdfast.people.facts import AgentAbsent
from tests.people.support import FACTS, House, problem, sign_in


async def test_colleagues_see_each_other_but_not_their_accounts(demo: House) -> None:
    ana, browser = await demo.signed_in("ana@example.org", languages=[Language("pt", "native")])
    bo = await demo.agent("bo@example.org", Role.LEAD, name="Bo")
    rows = {row["id"]: row for row in (await browser.get("/api/agents")).json()}
    assert rows[str(bo.id)]["email"] is None
    assert rows[str(bo.id)]["second_factor"] is None
    assert rows[str(bo.id)]["presence"]["state"] == "offline"
    assert rows[str(ana.id)]["email"] == "ana@example.org"
    assert rows[str(ana.id)]["languages"] == [{"language": "pt", "level": "native"}]
    _, lead = await demo.signed_in("cy@example.org", Role.LEAD)
    assert (await lead.get(f"/api/agents/{ana.id}")).json()["email"] == "ana@example.org"
    assert problem(await lead.get(f"/api/agents/{uuid4()}")) == "agent_unknown"


@pytest.mark.parametrize("role", [Role.CANDIDATE, Role.AGENT, Role.EMERGENCY_AGENT, Role.TRAINER, Role.AUDITOR])
async def test_who_may_not_change_staff(demo: House, role: Role) -> None:
    ana, browser = await demo.signed_in("ana@example.org", role)
    assert problem(await browser.patch(f"/api/agents/{ana.id}", json={"capacity": {"chat": 9}})) == "role_missing"
    assert problem(await browser.post("/api/teams", json={"name": "Night"})) == "role_missing"


async def test_leads_change_the_work_and_not_the_account(demo: House) -> None:
    ana = await demo.agent("ana@example.org")
    _, lead = await demo.signed_in("lead@example.org", Role.LEAD)
    team = (await lead.post("/api/teams", json={"name": "Night"})).json()
    changes = {
        "languages": [{"language": "vi", "level": "fluent"}],
        "teams": [team["id"]],
        "capacity": {"chat": 2, "voice": 1},
    }
    changed = await lead.patch(f"/api/agents/{ana.id}", json=changes)
    assert changed.status_code == 200, changed.text
    row = changed.json()
    assert (row["languages"], row["teams"], row["capacity"]) == (
        changes["languages"],
        changes["teams"],
        changes["capacity"],
    )
    assert (await lead.get("/api/teams")).json() == [{**team, "members": [str(ana.id)]}]
    for of_the_account in ({"name": "X"}, {"roles": ["lead"]}, {"active": False}):
        assert problem(await lead.patch(f"/api/agents/{ana.id}", json=of_the_account)) == "role_missing"
    assert problem(await lead.patch(f"/api/agents/{ana.id}", json={"teams": [str(uuid4())]})) == "team_unknown"


async def test_teams(demo: House) -> None:
    _, lead = await demo.signed_in("lead@example.org", Role.LEAD)
    night = (await lead.post("/api/teams", json={"name": "Night"})).json()
    day = (await lead.post("/api/teams", json={"name": "Day"})).json()
    assert problem(await lead.post("/api/teams", json={"name": "Night"})) == "team_name_taken"
    assert problem(await lead.patch(f"/api/teams/{day['id']}", json={"name": "Night"})) == "team_name_taken"
    assert (await lead.patch(f"/api/teams/{day['id']}", json={"name": "Early"})).json()["name"] == "Early"
    assert (await lead.delete(f"/api/teams/{night['id']}")).status_code == 204
    assert problem(await lead.delete(f"/api/teams/{night['id']}")) == "team_unknown"
    assert [team["name"] for team in (await lead.get("/api/teams")).json()] == ["Early"]


async def test_deactivating_ends_everything_at_once(demo: House) -> None:
    ana, browser = await demo.signed_in("ana@example.org")
    async with demo.database.transaction() as session:
        process = await presence.register_process(session, "web")
        await presence.socket_opened(session, ana.id, process)
    await browser.put("/api/me/presence", json={"chosen": "online"})
    _, chief = await demo.signed_in("chief@example.org", Role.ADMINISTRATOR)
    FACTS.clear()
    row = (await chief.patch(f"/api/agents/{ana.id}", json={"active": False})).json()
    assert (row["active"], row["presence"]["state"]) == (False, "offline")
    assert AgentAbsent(ana.id, "deactivated") in FACTS
    assert problem(await browser.get("/api/session")) == "sign_in_required"
    assert problem(await sign_in(demo.browser(), "ana@example.org")) == "sign_in_refused"
    await chief.patch(f"/api/agents/{ana.id}", json={"active": True})
    # The old session stays ended; a new sign-in works.
    assert problem(await browser.get("/api/session")) == "sign_in_required"
    assert (await sign_in(demo.browser(), "ana@example.org")).status_code == 200


async def test_somebody_remains_administrator(demo: House) -> None:
    one, first = await demo.signed_in("one@example.org", Role.ADMINISTRATOR)
    assert problem(await first.patch(f"/api/agents/{one.id}", json={"roles": ["auditor"]})) == "last_administrator"
    assert problem(await first.patch(f"/api/agents/{one.id}", json={"active": False})) == "not_yourself"
    two, second = await demo.signed_in("two@example.org", Role.ADMINISTRATOR)
    # Each takes the other's role at the same moment: one of them must fail.
    answers = await asyncio.gather(
        first.patch(f"/api/agents/{two.id}", json={"roles": ["agent"]}),
        second.patch(f"/api/agents/{one.id}", json={"roles": ["agent"]}),
    )
    assert sorted(a.status_code == 200 for a in answers) == [False, True]


@pytest.mark.parametrize("role", [role.value for role in Role if role is not Role.ADMINISTRATOR])
async def test_an_administrator_gives_themselves_no_role(demo: House, role: str) -> None:
    one, first = await demo.signed_in("one@example.org", Role.ADMINISTRATOR)
    roles = {"roles": ["administrator", role]}
    assert problem(await first.patch(f"/api/agents/{one.id}", json=roles)) == "own_roles"
    _, second = await demo.signed_in("two@example.org", Role.ADMINISTRATOR)
    assert (await second.patch(f"/api/agents/{one.id}", json=roles)).status_code == 200
    # What they have they may keep, and give up.
    for kept in (roles, {"roles": ["administrator"]}):
        assert (await first.patch(f"/api/agents/{one.id}", json=kept)).json()["roles"] == kept["roles"]


async def test_a_changed_role_counts_at_the_next_request(demo: House) -> None:
    ana, browser = await demo.signed_in("ana@example.org")
    _, chief = await demo.signed_in("chief@example.org", Role.ADMINISTRATOR)
    assert problem(await browser.get("/api/audit")) == "audit_refused"
    await chief.patch(f"/api/agents/{ana.id}", json={"roles": ["agent", "auditor"]})
    assert (await browser.get("/api/audit")).status_code == 200


async def test_my_name_and_language(demo: House) -> None:
    _, browser = await demo.signed_in("ana@example.org")
    me = (await browser.patch("/api/me", json={"name": "Ana B.", "interface_language": "zh-Hans"})).json()
    assert (me["name"], me["interface_language"]) == ("Ana B.", "zh-Hans")
    assert problem(await browser.patch("/api/me", json={"name": ""})) == "invalid_input"
