"""Alarms: far more looking than usual, and a look at a canary; told to auditors, looked into by others than oneself."""

from datetime import timedelta
from statistics import median
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from holdfast.access import alarms, queries, sealing
from holdfast.access.audit import record
from holdfast.access.browsing import Browsing, Limits, compare, unusual
from holdfast.access.models import Alarm, Canary
from holdfast.access.viewer import Role, StaffViewer
from holdfast.app import base_data, canaries, reactions
from holdfast.conversations import queries as conversations
from holdfast.conversations.models import Conversation
from holdfast.core.database import Database
from holdfast.people.models import OutgoingMail
from tests.access.support import KEY
from tests.people.support import House, problem, viewer

LIMITS = Limits(least=5, times=3.0)
counts = st.lists(st.integers(1, 200), max_size=20)


def test_a_busy_shift_is_no_alarm() -> None:
    limits = Limits()
    assert not unusual(compare(30, [], []), limits)
    assert unusual(compare(31, [], []), limits)
    # Twice what is usual is a busy day; five times is not.
    assert not unusual(compare(40, [10, 12, 11], [[10, 9], [14]]), limits)
    assert unusual(compare(60, [10, 12, 11], [[10, 9], [14]]), limits)
    # Whoever is new is measured by the team.
    assert not unusual(compare(60, [], [[20], [22], [18]]), limits)


@given(st.integers(0, 1000), counts, st.lists(counts, max_size=6))
def test_one_wild_colleague_does_not_hide_another(count: int, own: list[int], others: list[list[int]]) -> None:
    """The usual is a median of medians: it stays between the smallest and largest of the team."""
    found = compare(count, own, others)
    medians = [median(each) for each in others if each]
    assert not medians or min(medians) <= found.team <= max(medians)
    assert unusual(found, LIMITS) <= unusual(Browsing(count + 1, found.own, found.team), LIMITS)


async def opened(house: House, agent: StaffViewer, conversations_: list[UUID], *, ago: float = 0) -> None:
    house.clock.turn(seconds=-ago)
    async with house.database.transaction() as session:
        for conversation in conversations_:
            # Three requests of one opening are one look.
            for _ in range(3):
                record(session, agent, "conversation.opened", ("conversation", conversation))
    house.clock.turn(seconds=ago)


async def sealed(house: House) -> list[Alarm]:
    """Seal as the worker does, with the application's reactions; every alarm so far."""
    database = Database(house.database.dsn, answer=reactions.answer)

    async def look(session, entries) -> None:  # type: ignore[no-untyped-def]  # the sealer's own shapes
        await alarms.look(session, entries, LIMITS)

    async with database.transaction() as session:
        await sealing.seal_once(session, KEY, sealed=look)
    await database.close()
    async with house.database.transaction() as session:
        return list(await session.scalars(select(Alarm).order_by(Alarm.id)))


async def test_far_more_than_usual_alarms_once_an_hour(house: House) -> None:
    ana = viewer(await house.agent("ana@example.org", Role.AGENT))
    await house.agent("aud@example.org", Role.AUDITOR, name="Aud")
    for hours in range(2, 10):
        await opened(house, ana, [uuid4(), uuid4()], ago=hours * 3600)
    await opened(house, ana, [uuid4() for _ in range(5)])
    assert await sealed(house) == []
    await opened(house, ana, [uuid4() for _ in range(3)])
    (alarm,) = await sealed(house)
    assert (alarm.kind, alarm.agent_id) == ("browse_rate", ana.id)
    assert alarm.detail == {"count": 8, "seconds": 600, "own": 2.0, "team": 0.0}
    (mail,) = await house.mails()
    assert mail.to == "aud@example.org"
    # It names nobody.
    assert "Ana" not in mail.text
    await opened(house, ana, [uuid4()])
    assert len(await sealed(house)) == 1
    house.clock.turn(seconds=3700)
    await opened(house, ana, [uuid4() for _ in range(9)])
    assert len(await sealed(house)) == 2


async def test_a_look_at_a_canary_alarms_at_once_whichever_way_it_was_looked_at(house: House) -> None:
    ana = viewer(await house.agent("ana@example.org", Role.AGENT))
    async with house.database.transaction() as session:
        await base_data.seed_base(session, house.settings)
        reference = await canaries.add(session, language="zh-Hans", agent_email="ana@example.org")
        canary = (await session.scalars(select(Canary))).one()
    for action, subject in (
        ("conversation.opened", ("conversation", canary.conversation_id)),
        ("customer.field_shown", ("customer", canary.customer_id)),
    ):
        async with house.database.transaction() as session:
            record(session, ana, action, subject)
        found = await sealed(house)
        assert found[-1].kind == "canary"
        assert found[-1].detail["action"] == action
    assert len(found) == 2
    async with house.database.transaction() as session:
        rows = await conversations.listing(session, ana, "resolved")
        # In lists and searches it looks like any other.
        assert [row.reference for row in rows] == [reference]
        assert rows[0].customer.name
        assert rows[0].preview
        assert [row.reference for row in await conversations.search(session, ana, reference, resolved=True)] == [
            reference
        ]
        # It counts nowhere.
        counters = (await conversations.counters(session, [ana]))[ana.id]
        assert (counters.mine, counters.queued, counters.emergency) == (0, 0, 0)
        assert await session.scalar(select(func.count()).where(Conversation.id.in_(queries.canary_conversations())))
        assert not await session.scalar(
            select(func.count()).where(Conversation.id.not_in(queries.canary_conversations()))
        )


async def test_an_archive_in_the_hands_of_staff_alarms(house: House) -> None:
    lena = viewer(await house.agent("lena@example.org", Role.ADMINISTRATOR))
    async with house.database.transaction() as session:
        record(session, lena, alarms.ARCHIVE, ("customer", uuid4()), request="r")
        record(session, lena, "privacy.archive_made", ("customer", uuid4()))
    assert [(alarm.kind, alarm.agent_id) for alarm in await sealed(house)] == [("archive", lena.id)]


async def test_alarms_are_for_auditors_and_leads_and_not_for_whom_they_are_about(demo: House) -> None:
    lead, browser = await demo.signed_in("lead@example.org", Role.LEAD)
    async with demo.database.transaction() as session:
        own = Alarm(kind="browse_rate", agent_id=lead.id, detail={})
        other = Alarm(kind="canary", agent_id=uuid4(), detail={})
        session.add_all([own, other])
    listed = (await browser.get("/api/alarms")).json()
    assert [alarm["id"] for alarm in listed] == [str(other.id)]
    assert problem(await browser.post(f"/api/alarms/{own.id}/seen")) == "alarm_unknown"
    seen = (await browser.post(f"/api/alarms/{other.id}/seen")).json()
    assert seen["seen_by"] == str(lead.id)
    assert problem(await browser.post(f"/api/alarms/{other.id}/seen")) == "alarm_unknown"
    for role in (Role.AGENT, Role.ADMINISTRATOR, Role.TRAINER):
        _, refused = await demo.signed_in(f"{role}@example.org", role)
        assert problem(await refused.get("/api/alarms")) == "alarms_refused"
        assert problem(await refused.post(f"/api/alarms/{other.id}/seen")) == "alarms_refused"
    assert timedelta(seconds=LIMITS.seconds) == timedelta(minutes=10)
    async with demo.database.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(OutgoingMail)) == 0
