"""What runs out, what is held, what people may change."""

from datetime import timedelta

from sqlalchemy import func, select

from holdfast.access.viewer import SystemViewer
from holdfast.conversations.models import Attachment, Message, Rating
from holdfast.core.clock import now
from holdfast.privacy import jobs, operations, queries, retention
from holdfast.privacy.models import SubjectRequest
from tests.privacy.support import WORDS, House


async def swept(house: House) -> dict[str, int]:
    return await retention.sweep(house.desk.database, jobs.uploads(house.settings))


async def words(house: House) -> int:
    async with house.desk.database.transaction() as session:
        return await session.scalar(select(func.count()).where(Message.kind != "system")) or 0


async def test_nothing_runs_out_before_its_day(house: House) -> None:
    await house.age(days=364)
    assert set((await swept(house)).values()) == {0}
    assert await words(house) == 4


async def test_each_kind_runs_out_on_its_own_day(house: House) -> None:
    await house.age(days=366)
    assert await swept(house) == {"conversation_text": 0, "attachment": 2, "rating_words": 0, "inactive_customer": 0}
    await house.age(days=366)
    assert await swept(house) == {"conversation_text": 2, "attachment": 0, "rating_words": 2, "inactive_customer": 0}
    assert await words(house) == 0
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
    assert await swept(house) == {"conversation_text": 1, "attachment": 1, "rating_words": 1, "inactive_customer": 2}
    async with house.desk.database.transaction() as session:
        kept = await session.scalars(select(Message.conversation_id).where(Message.kind != "system").distinct())
        assert kept.all() == [house.conversation]
        assert (await session.scalars(select(Attachment.conversation_id))).all() == [house.conversation]
        assert len((await session.scalars(select(Rating).where(Rating.words != ""))).all()) == 1


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
