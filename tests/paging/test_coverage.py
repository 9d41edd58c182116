"""Gaps of the coming two weeks are found, and the leads are told: not each hour of the same."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from holdfast.access.viewer import StaffViewer, SystemViewer
from holdfast.core.clock import now
from holdfast.paging import coverage, presenting, queries, rotas
from holdfast.paging.errors import OverrideRefused, PolicyRefused, RotaInUse, RotaNameTaken, RotaRefused
from holdfast.paging.models import ContactMethod
from holdfast.paging.rota import Gaps
from holdfast.paging.rotas import AHEAD
from holdfast.paging.schemas import LayerView, PolicyStep, WindowView
from holdfast.people.errors import RoleMissing
from holdfast.people.models import Agent, OutgoingMail
from tests.paging.support import House


async def check(house: House) -> list[str]:
    async with house.database.transaction() as session:
        return await coverage.check(session)


async def gaps(house: House, duty: str) -> Gaps:
    async with house.database.transaction() as session:
        row = await queries.policy(session, duty)
        plan = await rotas.plan(session, SystemViewer("test"))
        return coverage.gaps(plan, rotas.steps_of(row) if row else None, now())


async def test_a_duty_that_nobody_has_set_up_is_said_weekly(house: House) -> None:
    assert await check(house) == ["technical", "emergency"]
    house.clock.turn(days=6, hours=23)
    assert await check(house) == []
    house.clock.turn(hours=1)
    assert await check(house) == ["technical", "emergency"]
    async with house.database.transaction() as session:
        assert {mail.to for mail in await session.scalars(select(OutgoingMail))} == {"karin@example.com"}


async def test_an_office_that_closes_has_gaps_and_they_are_said_daily(house: House) -> None:
    """Berlin's nine to five on work days: nights and weekends are nobody's, by the clock that hangs there."""
    hours = [WindowView(day, "09:00", "17:00") for day in range(5)]
    layer = LayerView([house.ana.id], "Europe/Berlin", date(2026, 11, 1), "09:00", 1, hours)
    async with house.database.transaction() as session:
        made = await rotas.save_rota(session, house.karin, None, name="Office", layers=[layer], network="n")
    await house.policy("technical", PolicyStep(minutes=5, rotas=[made.id]), PolicyStep(minutes=5, leads=True))
    found = await gaps(house, "technical")
    # Tuesday, 16:00 in UTC, until Wednesday 8:00; ten work days lie between.
    assert found[0] == (datetime(2026, 11, 24, 16, tzinfo=UTC), datetime(2026, 11, 25, 8, tzinfo=UTC))
    assert len(found) == 10
    assert "technical" in await check(house)
    assert "technical" not in await check(house)
    house.clock.turn(hours=24)
    assert await check(house) == ["technical"]
    async with house.database.transaction() as session:
        await rotas.add_override(
            session,
            house.wei,
            made.id,
            agent_id=house.wei.id,
            starts_at=now() - timedelta(days=1),
            ends_at=now() + timedelta(days=20),
            network="n",
        )
    assert await gaps(house, "technical") == []
    house.clock.turn(hours=24)
    assert "technical" not in await check(house)


async def test_the_last_step_is_never_empty(house: House) -> None:
    """On save, and later, when people leave."""
    weekly = await house.rota("Weekly", house.ana, house.wei, days=7)
    office = [WindowView(day, "09:00", "17:00") for day in range(5)]
    layer = LayerView([house.ana.id], "UTC", date(2026, 11, 1), "09:00", 1, office)
    async with house.database.transaction() as session:
        closing = await rotas.save_rota(session, house.karin, None, name="Office", layers=[layer], network="n")
    everybody = PolicyStep(minutes=5, leads=True)
    for steps in (
        [everybody, PolicyStep(minutes=5, rotas=[closing.id])],
        [PolicyStep(minutes=5)],
        [PolicyStep(minutes=5), everybody],
        [PolicyStep(minutes=5, rotas=[house.ana.id]), everybody],
        [PolicyStep(minutes=5, agents=[weekly]), everybody],
    ):
        with pytest.raises(PolicyRefused):
            await house.policy("emergency", *steps)
    await house.policy("emergency", everybody, PolicyStep(minutes=5, rotas=[weekly]))
    assert await gaps(house, "emergency") == []
    async with house.database.transaction() as session:
        await session.execute(update(Agent).where(Agent.id == house.wei.id).values(active=False))
    assert await gaps(house, "emergency") == [(now() + timedelta(days=7), now() + AHEAD)]
    with pytest.raises(RotaInUse):
        async with house.database.transaction() as session:
            await rotas.remove_rota(session, house.karin, weekly, "n")


async def test_what_cannot_be_kept(house: House) -> None:
    first = await house.rota("First", house.ana)
    good = LayerView([house.ana.id], "UTC", date(2026, 11, 1), "09:00", 1)
    nowhere = LayerView([house.ana.id], "Europe/Nowhere", date(2026, 11, 1), "09:00", 1)
    stranger = LayerView([first], "UTC", date(2026, 11, 1), "09:00", 1)
    for error, viewer, name, layer in (
        (RoleMissing, house.ana, "Second", good),
        (RotaNameTaken, house.karin, "First", good),
        (RotaRefused, house.karin, "Second", nowhere),
        (RotaRefused, house.karin, "Second", stranger),
    ):
        with pytest.raises(error):
            async with house.database.transaction() as session:
                await rotas.save_rota(session, viewer, None, name=name, layers=[layer], network="n")
    hour, day = timedelta(hours=1), timedelta(days=1)
    refusals: tuple[tuple[type[Exception], StaffViewer, datetime, datetime], ...] = (
        (OverrideRefused, house.karin, now() + hour, now() + hour),
        (OverrideRefused, house.karin, now() - day, now() - hour),
        (OverrideRefused, house.karin, now(), now() + 400 * day),
        (OverrideRefused, house.karin, now().replace(tzinfo=None), now().replace(tzinfo=None) + day),
        (RoleMissing, house.ana, now(), now() + hour),
    )
    for refusal, viewer, begins, ends in refusals:
        with pytest.raises(refusal):
            async with house.database.transaction() as session:
                await rotas.add_override(
                    session, viewer, first, agent_id=house.wei.id, starts_at=begins, ends_at=ends, network="n"
                )


async def test_leads_hear_of_whoever_has_not_two_independent_ways(house: House) -> None:
    """Whoever has the duty at some hour of the coming two weeks, by turns, as a stand-in or by name; weekly."""
    turns = await house.rota("Turns", house.ana, house.wei, days=7)
    await house.policy("emergency", PolicyStep(minutes=5, rotas=[turns]), PolicyStep(minutes=5, agents=[house.lena.id]))
    ways: tuple[tuple[StaffViewer, str, str], ...] = (
        (house.ana, "ntfy", "https://ntfy.example/ana"),
        (house.ana, "sms", "+491511234567"),
        (house.wei, "ntfy", "https://ntfy.example/wei"),
    )
    for viewer, kind, address in ways:
        await house.contact(viewer, kind, address)
    assert "emergency.reach" in await check(house)
    async with house.database.transaction() as session:
        shown = {duty.duty: duty.hard_to_reach for duty in (await presenting.on_call(session, house.karin)).duties}
        mails = await session.scalars(select(OutgoingMail))
        (mail,) = [one for one in mails if one.subject == "Pages for “emergency” may not reach everybody on call"]
    assert shown == {"technical": [], "emergency": [house.wei.id, house.lena.id], "health": []}
    assert mail.to == "karin@example.com"
    assert "or none: Lena, Wei. Each" in mail.text
    house.clock.turn(days=6, hours=23)
    assert "emergency.reach" not in await check(house)
    await house.contact(house.wei, "sms", "+491511234568")
    await house.policy("emergency", PolicyStep(minutes=5, rotas=[turns]))
    house.clock.turn(hours=1)
    assert "emergency.reach" not in await check(house)
    async with house.database.transaction() as session:
        await session.execute(update(ContactMethod).values(failing_since=now()))
    assert "emergency.reach" in await check(house)
