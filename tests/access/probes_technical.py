"""Probes of what is handed over to the technical team (probes.py)."""

from uuid import UUID

from sqlalchemy import select

from holdfast.access.viewer import Role
from holdfast.technical import announcing, cases
from holdfast.technical.models import TechnicalLink
from tests.access.stage import SAID, TEXT, Stage

# What is written about a conversation when it is handed over, and about its case.
_HANDED = {"tried": TEXT, "asked": f"Is {SAID} theirs?"}
_DESCRIBED = {"title": TEXT, "description": f"As for {SAID}. {TEXT}"}


async def _case(stage: Stage) -> UUID:
    """A technical case with personal words in it, to which the conversation is linked."""
    desk = stage.desk
    async with desk.database.transaction() as session:
        known: UUID | None = await session.scalar(select(TechnicalLink.case_id).order_by(TechnicalLink.at))
        if known is not None:
            return known
        case = await cases._open(session, desk.ana, [TEXT])
        await cases.describe(session, desk.karin, case.id, **_DESCRIBED)
        link = TechnicalLink(case_id=case.id, conversation_id=stage.conversation, seq=1, by_id=desk.ana.id, **_HANDED)
        session.add(link)
        return case.id


async def hands_over(stage: Stage, role: Role) -> str:
    """A conversation that was handed over with personal words in it, as everybody sees it, and handed over by them."""
    case_id = await _case(stage)
    at = f"/api/conversations/{stage.conversation}/handovers"
    async with stage.browser(role) as browser:
        answers = [
            await browser.post(at, json={**_HANDED, "title": TEXT}),
            await browser.get(at),
            await browser.get("/api/technical/cases"),
            await browser.get(f"/api/technical/cases/{case_id}"),
            await browser.post(f"/api/technical/cases/{case_id}/take"),
            await browser.put(f"/api/technical/cases/{case_id}", json=_DESCRIBED),
        ]
    assert all("Please call my sister" in answer.text for answer in answers if answer.is_success)
    return "".join(answer.text for answer in answers)


async def announces(stage: Stage, role: Role) -> str:
    """What the case's customers are told, written by them if they may, and released."""
    case_id = await _case(stage)
    async with stage.desk.database.transaction() as session:
        draft = await announcing.write(session, stage.desk.karin, case_id, "update", {"en": "We work on it."})
    texts = [{"language": "en", "text": "It takes a day longer."}]
    async with stage.browser(role) as browser:
        answers = [
            await browser.post(
                f"/api/technical/cases/{case_id}/announcements", json={"kind": "update", "texts": texts}
            ),
            await browser.post(f"/api/technical/announcements/{draft.id}/release"),
        ]
    assert answers[1].is_success == stage.people[role].answers
    assert all("Please call my sister" in answer.text for answer in answers if answer.is_success)
    return "".join(answer.text for answer in answers)
