"""Emergencies page whoever may answer them: the certificates are training's own, not a copy of them."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from holdfast.access.viewer import StaffViewer, SystemViewer
from holdfast.app.desk import Certificates
from holdfast.core.clock import now
from holdfast.paging import coverage, ports, presenting, queries, rotas
from holdfast.paging.models import PageEvent
from holdfast.paging.rota import Gaps
from holdfast.paging.rotas import AHEAD
from holdfast.paging.schemas import PolicyStep
from holdfast.people.models import OutgoingMail
from holdfast.training import operations as training
from tests.paging.support import House


@pytest.fixture
async def certifying(house: House) -> House:
    """With the rules that an installation begins with: emergency for 90 days, by an attestation, and the role."""
    ports.plug(Certificates())
    async with house.database.transaction() as session:
        await training.seed_rules(session)
    return house


async def attest(house: House, who: StaffViewer) -> None:
    async with house.database.transaction() as session:
        await training.attest(session, house.karin, who.id, "emergency")


async def unqualified(house: House) -> Gaps:
    async with house.database.transaction() as session:
        row = await queries.policy(session, "emergency")
        plan = await rotas.plan(session, SystemViewer("test"))
        return await coverage.unqualified(session, plan, "emergency", rotas.steps_of(row) if row else None)


async def passed_over(house: House) -> list[tuple[object, str | None]]:
    async with house.database.transaction() as session:
        found = await session.execute(
            select(PageEvent.agent_id, PageEvent.via).where(PageEvent.kind == "passed_over").order_by(PageEvent.id)
        )
        return [(row[0], row[1]) for row in found]


async def test_whoever_is_not_certified_is_passed_over_and_the_log_says_why(certifying: House) -> None:
    house = certifying
    await attest(house, house.wei)
    await house.policy("emergency", PolicyStep(minutes=5, agents=[house.ana.id, house.wei.id]))
    page_id = await house.raised()
    assert await house.work() == [("Wei", "mail")]
    assert await house.log(page_id) == ["raised", "passed_over", "told"]
    assert await passed_over(house) == [(house.ana.id, "certificate")]
    # Other duties are led, not done.
    await house.policy("technical", PolicyStep(minutes=5, agents=[house.ana.id]))
    await house.raised("conversation:2", "technical")
    assert await house.work() == [("Ana", "mail")]


async def test_when_nobody_of_a_step_may_the_leads_are_told_at_once(certifying: House) -> None:
    """Never in silence; and leads are told as leads, without a certificate of their own."""
    house = certifying
    await house.policy("emergency", PolicyStep(minutes=5, agents=[house.ana.id]), PolicyStep(minutes=5, leads=True))
    page_id = await house.raised()
    assert await house.work() == [("Karin", "mail")]
    assert await house.log(page_id) == ["raised", "passed_over", "nobody", "told"]
    house.clock.turn(minutes=5)
    assert await house.work() == [("Karin", "mail")]
    assert await house.log(page_id) == ["raised", "passed_over", "nobody", "told", "told"]


async def test_the_hours_after_a_certificate_has_ended_are_found_and_the_leads_told(certifying: House) -> None:
    house = certifying
    await attest(house, house.wei)
    rota = await house.rota("Nights", house.wei)
    await house.policy("emergency", PolicyStep(minutes=5, rotas=[rota]), PolicyStep(minutes=5, leads=True))
    ends = now() + timedelta(days=90)
    assert await unqualified(house) == []
    async with house.database.transaction() as session:
        assert "emergency.certificate" not in await coverage.check(session)
    house.clock.turn(days=80)
    assert await unqualified(house) == [(ends, now() + AHEAD)]
    for told in (["emergency.certificate"], []):
        async with house.database.transaction() as session:
            assert [
                duty for duty in await coverage.check(session) if duty in {"emergency", "emergency.certificate"}
            ] == told
    async with house.database.transaction() as session:
        mails = [one for one in await session.scalars(select(OutgoingMail)) if "certificate" in one.subject]
        view = await presenting.on_call(session, house.karin)
    assert [mail.to for mail in mails] == ["karin@example.com"]
    assert f"{ends:%Y-%m-%d %H:%M}" in mails[0].text
    duty = view.duties[1]
    assert (duty.now, [(gap.begins, gap.ends) for gap in duty.unqualified]) == (
        [house.wei.id],
        await unqualified(house),
    )
    # Another one in the same step who may is enough.
    await attest(house, house.wei)
    assert await unqualified(house) == []


async def test_now_names_nobody_who_would_be_passed_over(certifying: House) -> None:
    house = certifying
    await house.policy("emergency", PolicyStep(minutes=5, agents=[house.ana.id]), PolicyStep(minutes=5, leads=True))
    async with house.database.transaction() as session:
        duty = (await presenting.on_call(session, house.karin)).duties[1]
    assert (duty.now, duty.gaps, len(duty.unqualified)) == ([], [], 1)
