"""The phone's figures, held against a slow reference that was written apart from them."""

import random
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.access.viewer import Role
from holdfast.channels.voice import figures, keeping, passing_on, queries, reporting, stages
from holdfast.channels.voice.models import Call, CallBack, CallLeg, Device, Line, SurveyAnswer
from holdfast.core.clock import now
from tests.channels.voice.figures_reference import handling, reference
from tests.channels.voice.test_keeping import arrive, browser, entered, with_phone
from tests.routing.support import Desk
from tests.routing.support import desk as make_desk

ZONE = "Asia/Kolkata"
DAY = date(2026, 11, 23)
LANGUAGES = ("en", "es", "zh-Hans")


@pytest.fixture
async def desk(fresh_database_url: str) -> AsyncIterator[Desk]:
    async with make_desk(fresh_database_url) as made:
        yield made


# --- the reference ---


def random_call(dice: random.Random, desk: Desk, lines: list[Line], conversation: UUID, number: int) -> Call:
    """Any call, also one that makes little sense; around the day that is asked for."""
    start = datetime(2026, 11, 22, 12, tzinfo=UTC) + timedelta(seconds=dice.uniform(0, 48 * 3600))
    call = Call(
        id=uuid4(),
        line_id=dice.choice((lines[0].id, lines[1].id, None)),
        direction=dice.choice(("in", "in", "in", "back")),
        application="holdfast",
        channel=f"c{number}",
        conversation_id=conversation,
        language=dice.choice(LANGUAGES),
        started_at=start,
        held_seconds=dice.choice((0, 0, 7)),
        requeued_seconds=dice.choice((0, 0, 11)),
    )
    if dice.random() < 0.9:
        call.queued_at = start + timedelta(seconds=dice.randrange(60))
    waited = timedelta(seconds=dice.choice((1, 4.999, 5, 10, 20, 20.001, 30, dice.uniform(0, 900))))
    if call.queued_at is None or dice.random() < 0.4:
        call.outcome = dice.choice(("abandoned", "callback", "message", "missed", "lost", None))
        call.ended_at = (call.queued_at or start) + waited if call.outcome else None
        return call
    call.answered_at, call.outcome = call.queued_at + waited, "answered"
    if dice.random() < 0.9:
        call.talked_until = call.answered_at + timedelta(seconds=dice.uniform(20, 600))
        call.wrap_until = call.talked_until + timedelta(seconds=60)
        call.wrapped_at = dice.choice((None, call.talked_until + timedelta(seconds=dice.randrange(90))))
        # Or they wait for the next one.
        call.ended_at = dice.choice((None, *[call.talked_until] * 9))
        call.survey_at = dice.choice((None, call.talked_until))
    return call


def same(found: dict[str, Any], wanted: dict[str, Any]) -> None:
    assert {name: found[name] for name in wanted} == {
        name: pytest.approx(value, abs=1e-3) if isinstance(value, float) else value for name, value in wanted.items()
    }


@pytest.mark.parametrize("seed", range(6))
async def test_the_figures_are_those_of_the_reference(desk: Desk, seed: int) -> None:
    dice = random.Random(seed)
    lead = await desk.agent("Lea", Role.LEAD)
    conversation = await desk.open()
    async with desk.database.transaction() as session:
        lines = [Line(number=str(n), name="x", inbox_id=desk.inbox.id, answer_within=n) for n in (20, 30)]
        session.add_all(lines)
        await session.flush()
        calls = [random_call(dice, desk, lines, conversation, n) for n in range(dice.choice((1, 40, 400)))]
        session.add_all(calls)
        await session.flush()
        answers = [
            SurveyAnswer(call_id=c.id, conversation_id=conversation, score=dice.randint(1, 5))
            for c in calls
            if c.survey_at and dice.random() < 0.5
        ]
        backs = [
            CallBack(
                call_id=c.id,
                conversation_id=conversation,
                state=dice.choice(("done", "failed", "cancelled")),
                why=dice.choice(("asked", "lost", "message", "agent")),
            )
            for c in calls
        ]
        session.add_all([*answers, *backs])
    within = {None: 20, lines[0].id: 20, lines[1].id: 30}
    narrow: dict[str, str] = dice.choice(({}, {"line": str(lines[1].id)}, {"language": "es"}))
    asked = [
        c
        for c in calls
        if c.queued_at
        and c.queued_at.astimezone(ZoneInfo(ZONE)).date() == DAY
        and (narrow.get("line") or str(c.line_id)) == str(c.line_id)
        and (narrow.get("language") or c.language) == c.language
    ]
    async with browser(desk, lead) as page:
        answer = await page.get(
            "/api/phone/figures", params={"since": str(DAY), "until": str(DAY), "zone": ZONE, **narrow}
        )
    assert answer.status_code == 200, answer.text
    found = answer.json()
    waits = {(row["hour"], row["language"]): row for row in found["waits"]}
    groups: dict[tuple[int | None, str | None], list[Call]] = defaultdict(list)
    for call in asked:
        assert call.queued_at
        hour = call.queued_at.astimezone(ZoneInfo(ZONE)).hour
        for each in (None, hour):
            for language in (None, call.language):
                groups[each, language].append(call)
    wanted = {key: reference(group, within) for key, group in groups.items()}
    wanted = {key: value for key, value in wanted.items() if value["offered"] or key == (None, None)}
    wanted.setdefault((None, None), reference([], within))
    assert waits.keys() == wanted.keys()
    for key, value in wanted.items():
        same(waits[key], value)
        row = waits[key]
        ways = ("answered", "abandoned", "call_backs", "messages", "lost")
        assert row["offered"] == sum(row[way] for way in ways), "each offered call is one of these"
    same(found["handling"], handling(asked, now()))
    ids = {c.id for c in asked}
    scores = [sum(a.score == s and a.call_id in ids for a in answers) for s in range(1, 6)]
    assert found["survey"]["scores"] == scores
    assert found["survey"]["asked"] == sum(bool(c.survey_at) for c in asked)
    states = Counter(b.state for b in backs if b.call_id in ids and b.why in {"asked", "lost"})
    assert found["call_backs"] == {"waiting": 0, **{s: states[s] for s in ("done", "failed", "cancelled")}}


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_the_interval_holds_the_share_and_narrows(part: int, more: int) -> None:
    whole = part + more
    found = figures.interval(part, whole)
    if not whole:
        assert found is None
        return
    assert found is not None
    low, high = found
    assert 0 <= low <= part / whole + 1e-12 <= high + 1e-9 <= 1 + 1e-9
    wider = figures.interval(part * 10, whole * 10)
    assert wider is not None
    assert wider[1] - wider[0] < high - low


def test_the_interval_is_wilsons() -> None:
    # Newcombe 1998, table I: 81 of 263.
    assert figures.interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_nothing_is_shared_where_nothing_was() -> None:
    empty = figures.Tally()
    assert figures.service_level(empty) is figures.abandonment(empty) is figures.Handling().average is None
    at_once = figures.Tally(offered=2, abandoned=2, abandoned_short=2)
    assert figures.service_level(at_once) is None, "two wrong numbers are no bad day"


def test_a_day_is_that_of_the_clock_on_the_wall() -> None:
    """Clocks go back on 25 October 2026 in Berlin, forward on 29 March."""
    berlin = ZoneInfo("Europe/Berlin")

    def hours(day: date) -> float:
        begins, ends = reporting.period(day, day, berlin)
        return (ends - begins) / timedelta(hours=1)

    assert [hours(date(2026, 10, 25)), hours(date(2026, 3, 29)), hours(date(2026, 11, 1))] == [25, 23, 24]
    assert reporting.period(date(2026, 11, 1), date(2026, 11, 1), berlin)[0] == datetime(2026, 10, 31, 23, tzinfo=UTC)


# --- who may, and what is refused ---


async def test_figures_are_for_leads_and_administrators(desk: Desk) -> None:
    ways = {Role.LEAD: 200, Role.ADMINISTRATOR: 200, Role.AGENT: 403, Role.AUDITOR: 403}
    for role, status in ways.items():
        async with browser(desk, await desk.agent(role.value, role)) as page:
            assert (await page.get("/api/phone/figures")).status_code == status


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"zone": "Mars/Olympus"}, "zone_unknown"),
        ({"zone": "../etc/passwd"}, "zone_unknown"),
        ({"zone": "Europe"}, "zone_unknown"),
        ({"since": "2026-11-02", "until": "2026-11-01"}, "period_unfit"),
        ({"since": "2024-11-02", "until": "2026-11-01"}, "period_unfit"),
    ],
)
async def test_what_cannot_be_told_is_refused(desk: Desk, asked: dict[str, str], error: str) -> None:
    async with browser(desk, await desk.agent("Lea", Role.LEAD)) as page:
        answer = await page.get("/api/phone/figures", params=asked)
    assert (answer.status_code, answer.json()["id"]) == (400, error)


# --- what calls leave behind ---


async def tally(desk: Desk) -> dict[str, Any]:
    async with browser(desk, await desk.agent("Lea", Role.LEAD)) as page:
        found = (await page.get("/api/phone/figures")).json()
    (row,) = [row for row in found["waits"] if row["hour"] is None and row["language"] is None]
    return dict(row) | {"handling": found["handling"], "queue": found["queue"]}


async def test_who_never_waited_for_a_person_was_not_offered(desk: Desk) -> None:
    """Left in the menu, was refused, or spoke a message from there."""
    left, _ = await arrive(desk, "")
    wrote, _ = await arrive(desk, "")
    async with desk.database.transaction() as session:
        call = await queries.call(session, left, lock=True)
        assert call
        await keeping.finish(session, call, "abandoned")
        call = await queries.call(session, wrote, lock=True)
        assert call
        await keeping.enter(session, call, live=False)
        await keeping.finish(session, call, "message")
    assert (await tally(desk))["offered"] == 0


async def test_a_caller_is_offered_once_decided_and_waits_until_then(desk: Desk) -> None:
    ann = await with_phone(desk, "Ann")
    gone, stays, had = [await entered(desk, "") for _ in range(3)]
    desk.clock.turn(seconds=20)
    async with desk.database.transaction() as session:
        for call, what in ((gone, "abandoned"), (had, "answered")):
            row = await queries.call(session, call.id, lock=True)
            assert row
            if what == "answered":
                await keeping.answered(session, row, ann.id)
            else:
                await keeping.finish(session, row, what)
        row = await queries.call(session, stays.id, lock=True)
        assert row
        row.stage = stages.WAITING
    found = await tally(desk)
    assert {name: found[name] for name in ("offered", "answered", "in_time", "abandoned", "service_level")} == {
        "offered": 2,
        "answered": 1,
        "in_time": 1,
        "abandoned": 1,
        "service_level": 0.5,
    }
    assert stays.queued_at
    since = datetime.fromisoformat(found["queue"][0].pop("since"))
    assert (since, found["queue"]) == (stays.queued_at, [{"language": "es", "callers": 1}])


async def test_a_second_wait_is_no_talk(desk: Desk) -> None:
    """60 s with Ann, whose phone is lost; 100 s of waiting; 30 s with Bea, 60 s of wrap-up."""
    ann, bea = await with_phone(desk, "Ann"), await with_phone(desk, "Bea")
    call = await entered(desk)
    for agent, before, talk in ((ann, 10, 60), (bea, 100, 30)):
        desk.clock.turn(seconds=before)
        async with desk.database.transaction() as session:
            row = await queries.call(session, call.id, lock=True)
            assert row
            leg = CallLeg(call_id=call.id, role="agent", channel=uuid4().hex, agent_id=agent.id, state="up")
            leg.answered_at = now()
            session.add(leg)
            await session.flush()
            await keeping.answered(session, row, agent.id)
        desk.clock.turn(seconds=talk)
        async with desk.database.transaction() as session:
            row = await queries.call(session, call.id, lock=True)
            assert row
            keeping.end_leg(session, await session.merge(leg))
            if agent is ann:
                await keeping.back_to_queue(session, row, "phone_lost")
            else:
                await keeping.finish(session, row, "answered")
    assert (await tally(desk))["handling"]["handled"] == 0, "the wrap-up is part of it"
    desk.clock.turn(seconds=300)
    wanted = {"handled": 1, "average": 150, "talk": 90, "hold": 0, "wrap": 60}
    assert (await tally(desk))["handling"] == wanted


@pytest.mark.parametrize(
    ("how", "wrap"), [("transferred", 60), ("done", 20), ("phone_lost", 0)], ids=["passed on", "done soon", "lost"]
)
async def test_who_had_a_caller_that_left_before_the_next_had_the_call(desk: Desk, how: str, wrap: int) -> None:
    """60 s with Ann, who passes it on (and says that she is done after 20 s), or whose phone is lost; 100 s of waiting,
    of which nothing is hers."""
    ann = await with_phone(desk, "Ann")
    call = await entered(desk)
    assert call.conversation_id
    async with desk.database.transaction() as session:
        row = await queries.call(session, call.id, lock=True)
        assert row
        leg = CallLeg(call_id=call.id, role="agent", channel="x", agent_id=ann.id, state="up", answered_at=now())
        session.add(leg)
        await session.flush()
        await keeping.answered(session, row, ann.id)
    desk.clock.turn(seconds=60)
    async with desk.database.transaction() as session:
        row = await queries.call(session, call.id, lock=True)
        assert row
        keeping.end_leg(session, await session.merge(leg))
        await keeping.back_to_queue(session, row, "phone_lost" if how == "phone_lost" else "transferred")
        if how != "phone_lost":
            await passing_on.passed_on(session, row, ann.id)
    desk.clock.turn(seconds=20)
    if how == "done":
        async with browser(desk, ann) as page:
            assert (await page.post(f"/api/calls/{call.id}/wrap-up/end")).status_code == 204
    desk.clock.turn(seconds=80)
    assert (await tally(desk))["handling"]["handled"] == 0, "somebody else may have it yet"
    async with desk.database.transaction() as session:
        row = await queries.call(session, call.id, lock=True)
        assert row
        await keeping.finish(session, row, "answered")
    wanted = {"handled": 1, "average": 60 + wrap, "talk": 60, "hold": 0, "wrap": wrap}
    assert (await tally(desk))["handling"] == wanted
    assert (await desk.read(call.conversation_id)).channel == "email", "nobody needs to sit at a phone for it"


async def test_who_is_handed_over_talks_on(desk: Desk) -> None:
    ann, bea = await with_phone(desk, "Ann"), await with_phone(desk, "Bea")
    call = await entered(desk)
    async with desk.database.transaction() as session:
        row = await queries.call(session, call.id, lock=True)
        assert row
        for agent, role in ((ann, "agent"), (bea, "agent")):
            session.add(
                CallLeg(
                    call_id=call.id, role=role, channel=uuid4().hex, agent_id=agent.id, state="up", answered_at=now()
                )
            )
        await keeping.answered(session, row, ann.id)
    desk.clock.turn(seconds=50)
    async with desk.database.transaction() as session:
        row = await queries.call(session, call.id, lock=True)
        assert row
        await keeping.answered(session, row, bea.id)
        assert row.requeued_seconds == 0


# --- the wall board ---


async def phone_of(desk: Desk, agent_id: UUID, *, online: bool = True) -> None:
    async with desk.database.transaction() as session:
        session.add(Device(agent_id=agent_id, name=uuid4().hex, password="x", online=online))


async def test_the_board_tells_this_moment(desk: Desk) -> None:
    ann, bea, cid = [await with_phone(desk, name) for name in ("Ann", "Bea", "Cid")]
    await phone_of(desk, ann.id)
    await phone_of(desk, ann.id)
    await phone_of(desk, bea.id)
    await phone_of(desk, cid.id, online=False)
    first, second = await entered(desk, ""), await entered(desk, "")
    desk.clock.turn(seconds=30)
    async with desk.database.transaction() as session:
        for call in (first, second):
            row = await queries.call(session, call.id, lock=True)
            assert row
            row.stage = stages.WAITING
        board = await reporting.board(session, ZONE)
    assert [(row.language, row.callers, row.since) for row in board.queue] == [("es", 2, first.queued_at)]
    assert (board.agents.ready, board.agents.talking, board.agents.occupancy) == (2, 0, 0), "two phones are one agent"
    async with desk.database.transaction() as session:
        row = await queries.call(session, first.id, lock=True)
        assert row
        session.add(CallLeg(call_id=first.id, role="agent", channel="x", agent_id=ann.id, state="up"))
        await keeping.answered(session, row, ann.id)
        row = await queries.call(session, second.id, lock=True)
        assert row
        await keeping.answered(session, row, bea.id)
        await keeping.finish(session, row, "answered")
        board = await reporting.board(session, ZONE)
    agents = board.agents
    assert (agents.ready, agents.ringing, agents.talking, agents.wrap_up) == (0, 0, 1, 1)
    assert agents.occupancy == 1
    assert (board.today.offered, board.today.answered, board.today.service_level) == (2, 2, 0), "30 s is not 20 s"
    assert board.queue == []
