"""Reading the audit log: who may, page by page, and what never stands in it."""

import pytest

from holdfast.access.viewer import Role
from tests.people.support import House, problem, sign_in


@pytest.mark.parametrize("role", list(Role))
async def test_only_auditors_and_administrators_read_it(demo: House, role: Role) -> None:
    _, browser = await demo.signed_in("ana@example.org", role)
    answer = await browser.get("/api/audit")
    if role in (Role.AUDITOR, Role.ADMINISTRATOR):
        assert answer.status_code == 200
    else:
        assert problem(answer) == "audit_refused"


async def test_page_by_page(demo: House) -> None:
    ana, browser = await demo.signed_in("ana@example.org", Role.AUDITOR)
    for _ in range(3):
        await sign_in(demo.browser(), "ana@example.org", "wrong")
    page = (await browser.get("/api/audit", params={"limit": 3})).json()
    assert [entry["action"] for entry in page["entries"]] == ["sign_in.failed"] * 3
    assert page["entries"][0]["subject_id"] == str(ana.id)
    assert page["entries"][0]["network"] == "203.0.113.7"
    rest = (await browser.get("/api/audit", params={"limit": 3, "before": page["next"]})).json()
    assert [entry["action"] for entry in rest["entries"]] == ["sign_in.signed_in", "agent.created"]
    assert rest["next"] is None
    chosen = (await browser.get("/api/audit", params={"action": "sign_in.", "actor": str(ana.id)})).json()
    assert [entry["action"] for entry in chosen["entries"]] == ["sign_in.signed_in"]
    assert problem(await browser.get("/api/audit", params={"limit": 0})) == "invalid_input"


async def test_no_personal_value_stands_in_it(demo: House) -> None:
    await demo.signed_in("ana@example.org", Role.AUDITOR)
    await sign_in(demo.browser(), "somebody@example.org", "their password")
    async with demo.database.engine.connect() as connection:
        rows = (await connection.exec_driver_sql("SELECT a::text FROM audit_entry a")).all()
    text = " ".join(row[0] for row in rows)
    assert "example.org" not in text
    assert "password" in text
    assert "their password" not in text
