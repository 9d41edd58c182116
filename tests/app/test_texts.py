"""Codes to telephones: sealed until they are sent, by a real service's requests, never when they are of no use."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest
from sqlalchemy import text

from holdfast.access import keys
from holdfast.app import doctor, proofs, reactions, texts
from holdfast.core import clock
from holdfast.core.database import Database
from holdfast.core.jobs import PermanentFailure
from holdfast.core.settings import Settings, SettingsError
from tests.paging.test_sending import TWILIO, Detour
from tests.support.outside import answering, outside

NUMBER = "+15550100001"
SETTINGS = replace(Settings(), sms_url=TWILIO)
TAKEN = answering(201, b'{"sid":"SM1"}', "content-type: application/json")


@pytest.fixture
async def database(fresh_database_url: str) -> AsyncIterator[Database]:
    keys.use_key_ring(keys.KeyRing(b"k" * 32))
    made = Database(fresh_database_url, answer=reactions.answer)
    yield made
    await made.close()


async def queue(database: Database) -> str:
    async with database.transaction() as session:
        await texts.QueuedTexts().send(session, NUMBER, "4821 is your code")
        return str((await session.execute(text("SELECT id FROM outgoing_text"))).scalar_one())


async def waiting(database: Database) -> int:
    async with database.transaction() as session:
        return int((await session.execute(text("SELECT count(*) FROM outgoing_text"))).scalar_one())


async def test_a_code_is_sealed_then_sent_once_and_gone(database: Database) -> None:
    waits = await queue(database)
    async with database.engine.connect() as connection:
        stored = (await connection.execute(text("SELECT t::text FROM outgoing_text t"))).scalar_one()
        job = (await connection.execute(text("SELECT task_name, args FROM procrastinate_jobs"))).one()
    assert b"15550100001".hex() not in stored
    assert b"4821".hex() not in stored
    assert tuple(job) == (texts.SEND, {"text": waits})
    async with outside(TAKEN) as there:
        outgoing = Detour(there.port)
        await texts.send(SETTINGS, database, outgoing, waits)
        # The job again, after a crash before its end was noted.
        await texts.send(SETTINGS, database, outgoing, waits)
    (heard,) = there.heard
    said = parse_qs(heard.body.decode())
    assert (said["To"], said["Body"]) == ([NUMBER], ["4821 is your code"])
    assert await waiting(database) == 0


@pytest.mark.parametrize(("status", "error", "left"), [(503, RuntimeError, 1), (400, PermanentFailure, 0)])
async def test_what_the_provider_answers(
    database: Database, caplog: pytest.LogCaptureFixture, status: int, error: type[Exception], left: int
) -> None:
    waits = await queue(database)
    async with outside(answering(status, b"{}")) as there:
        with pytest.raises(error):
            await texts.send(SETTINGS, database, Detour(there.port), waits)
    assert len(there.heard) == 1
    assert await waiting(database) == left
    assert "5550100001" not in caplog.text


async def test_a_code_that_opens_nothing_any_more_is_not_sent(database: Database) -> None:
    moment = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
    clock.set_source(lambda: moment)
    try:
        waits = await queue(database)
        moment += timedelta(minutes=10, seconds=1)
        async with outside(TAKEN) as there:
            await texts.send(SETTINGS, database, Detour(there.port), waits)
        assert there.heard == []
    finally:
        clock.set_source(None)
    assert await waiting(database) == 0


def test_the_account_is_looked_at_when_a_process_starts() -> None:
    assert proofs.texts(Settings()) is None
    assert isinstance(proofs.texts(SETTINGS), texts.QueuedTexts)
    assert isinstance(proofs.texts(replace(SETTINGS, demo=True)), proofs.KeptTexts)
    for wrong in ("twilio://only-half", "mailto://a:b@example.org", "file:///etc/passwd"):
        broken = replace(Settings(), sms_url=wrong)
        with pytest.raises(SettingsError, match="HOLDFAST_SMS_URL") as error:
            proofs.texts(broken)
        assert wrong not in str(error.value)
        assert doctor.texts(broken).state == "fault"
    assert doctor.texts(Settings()).state == "warning"
    assert doctor.texts(SETTINGS).fact == "by twilio"
