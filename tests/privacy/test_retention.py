"""What runs out, what is held, what people may change."""

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, update

from holdfast.access.models import AccessGrant, Alarm
from holdfast.access.viewer import SystemViewer
from holdfast.automation.models import ScheduledMessage
from holdfast.channels.mail.models import AddressAsked, MailThread, StoredLetter
from holdfast.conversations.models import Attachment, Exposure, Fragment, Message, Rating
from holdfast.core.clock import now
from holdfast.privacy import jobs, operations, queries, retention
from holdfast.privacy.models import SubjectRequest
from holdfast.technical.models import TechnicalLink
from tests.privacy.support import WORDS, House, alarm, exposure, grant, pending_piece, shred


async def swept(house: House) -> dict[str, int]:
    return await retention.sweep(house.desk.database, jobs.uploads(house.settings))


async def gone(house: House) -> dict[str, int]:
    return {kind: count for kind, count in (await swept(house)).items() if count}


async def words(house: House) -> int:
    async with house.desk.database.transaction() as session:
        return await session.scalar(select(func.count()).where(Message.kind != "system")) or 0


async def beside(house: House) -> dict[Any, set[str]]:
    """The tables that still have something of each conversation; "raw" if a letter's raw form can be read."""
    found: dict[Any, set[str]] = {}
    async with house.desk.database.transaction() as session:
        models: tuple[Any, ...] = (StoredLetter, ScheduledMessage, TechnicalLink, MailThread, AddressAsked)
        for model in models:
            for row in await session.scalars(select(model)):
                found.setdefault(row.conversation_id, set()).add(model.__tablename__)
                if isinstance(row, StoredLetter) and row.raw_key is not None:
                    assert jobs.uploads(house.settings).read(row.raw, row.raw_key)
                    found[row.conversation_id].add("raw")
    return found


async def test_a_message_that_is_still_to_go_out_stays(house: House) -> None:
    async with house.desk.database.transaction() as session:
        await session.execute(update(ScheduledMessage).values(state="waiting"))
    await house.age(days=731)
    await swept(house)
    assert {"scheduled_message", "letter"} in (await beside(house)).values()


async def test_nothing_runs_out_before_its_day(house: House) -> None:
    await house.age(days=89)
    assert set((await swept(house)).values()) == {0}
    assert await words(house) == 4


async def test_each_kind_runs_out_on_its_own_day(house: House) -> None:
    await house.age(days=91)
    assert await gone(house) == {"raw_letter": 2}
    await house.age(days=275)
    assert await gone(house) == {"attachment": 2}
    await house.age(days=366)
    assert await gone(house) == {"conversation_text": 2, "rating_words": 2}
    assert await words(house) == 0
    assert await beside(house) == {house.conversation: {"letter"}, house.other_conversation: {"letter"}}
    assert WORDS[2] not in await house.dump()
    await house.age(days=366)
    # The two, and the desk's own who never wrote.
    assert (await swept(house))["inactive_customer"] == 3
    # Not twice while the first is on its way.
    assert (await swept(house))["inactive_customer"] == 0
    assert await house.run_jobs() == 3
    async with house.desk.database.transaction() as session:
        assert set(await session.scalars(select(SubjectRequest.state))) == {"done"}
        assert await queries.remaining(session, house.customer) == {}


async def test_a_hold_keeps_everything_of_its_customer(house: House) -> None:
    async with house.desk.database.transaction() as session:
        await operations.hold(session, house.admin, house.customer, "a court")
    await house.age(days=2000)
    assert await gone(house) == {
        "conversation_text": 1,
        "attachment": 1,
        "raw_letter": 1,
        "rating_words": 1,
        "inactive_customer": 2,
    }
    everything = {"letter", "raw", "scheduled_message", "technical_link", "mail_thread", "address_asked"}
    assert await beside(house) == {house.conversation: everything, house.other_conversation: {"letter"}}
    async with house.desk.database.transaction() as session:
        kept = await session.scalars(select(Message.conversation_id).where(Message.kind != "system").distinct())
        assert kept.all() == [house.conversation]
        assert (await session.scalars(select(Attachment.conversation_id))).all() == [house.conversation]
        assert len((await session.scalars(select(Rating).where(Rating.words != ""))).all()) == 1


async def test_what_waits_under_a_key_of_its_own_goes_with_the_words(house: House) -> None:
    """A row that was left sealed (a worker that did not run for long) goes, and its key outside the database."""
    key = await pending_piece(house)
    assert house.desk.keys.get(key) is not None
    await house.age(days=731)
    await swept(house)
    await shred(house)
    async with house.desk.database.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(Fragment)) == 0
    assert house.desk.keys.get(key) is None


async def test_exposures_grants_alarms_and_requests_run_out(house: House) -> None:
    """Each after its own days; a held customer's stay, and so does an alarm that nobody has looked at."""
    old = now() - timedelta(days=731)
    async with house.desk.database.transaction() as session:
        for customer, conversation in (
            (house.customer, house.conversation),
            (house.other, house.other_conversation),
        ):
            session.add_all([exposure(conversation, customer, at=old), grant(conversation, customer, at=old)])
        session.add_all([alarm(at=old, seen_at=old), alarm(at=old, seen_at=None)])
        request = await operations.ask(
            session, house.admin, house.other, "erasure", why="a letter", wait=timedelta(hours=72)
        )
        await operations.withdraw(session, house.admin, request.id)
        request.finished_at = now() - timedelta(days=1096)
        await operations.hold(session, house.admin, house.customer, "a court")
    assert await gone(house) == {"exposure": 1, "access_grant": 1, "access_alarm": 1, "finished_request": 1}
    async with house.desk.database.transaction() as session:
        assert (await session.scalars(select(Exposure.customer_id))).all() == [house.customer]
        assert (await session.scalars(select(AccessGrant.customer_id))).all() == [house.customer]
        assert (await session.scalars(select(Alarm.seen_at))).all() == [None]
        assert await session.get(SubjectRequest, request.id) is None
    assert await gone(house) == {}


async def test_who_is_erased_is_not_erased_again_when_the_request_has_run_out(house: House) -> None:
    await house.age(days=3000)
    await swept(house)
    await house.run_jobs()
    async with house.desk.database.transaction() as session:
        await session.execute(update(SubjectRequest).values(finished_at=now() - timedelta(days=1096)))
    assert await gone(house) == {"finished_request": 3}
    assert await house.run_jobs() == 0


async def test_rules_are_changed_within_bounds_and_written_down(house: House) -> None:
    async with house.browser(house.admin) as admin:
        rules = {rule["kind"]: rule for rule in (await admin.get("/api/privacy/retention")).json()}
        assert rules["attachment"]["days"] == 365
        assert (await admin.put("/api/privacy/retention/attachment", json={"days": 30})).status_code == 204
        assert (await admin.put("/api/privacy/retention/rating_words", json={"days": None})).status_code == 204
        short = await admin.put("/api/privacy/retention/attachment", json={"days": 6})
        assert (short.status_code, short.json()["id"]) == (400, "retention_too_short")
        unknown = await admin.put("/api/privacy/retention/everything", json={"days": 60})
        assert (unknown.status_code, unknown.json()["id"]) == (404, "retention_kind_unknown")
    await house.age(days=31)
    assert (await swept(house))["attachment"] == 2
    await house.age(days=5000)
    assert "rating_words" not in await swept(house)


async def test_a_sweep_is_due_once_a_day(house: House) -> None:
    async with house.desk.database.transaction() as session:
        assert await queries.last_runs(session) == {}
    await swept(house)
    async with house.desk.database.transaction() as session:
        runs = await queries.last_runs(session)
        assert set(runs) == set(retention.KINDS)
        assert all(now() - run.at < timedelta(minutes=1) for run in runs.values())
        assert SystemViewer("test").purpose == "test"
