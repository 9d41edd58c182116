"""Whoever reads the quarantine looks at customers' words, as in a conversation."""

from sqlalchemy import select

from holdfast.access import alarms, sealing
from holdfast.access.models import Alarm
from holdfast.channels.mail import quarantine
from tests.access.support import KEY
from tests.channels.mail.conftest import House, written


async def test_reading_the_whole_quarantine_raises_the_alarm(house: House) -> None:
    for number in range(alarms.LIMITS.least + 1):
        forged = written(f"Letter {number}", sender="support@wallet.example")
        assert await house.take(forged) == "quarantined"
    ids = [letter.id for letter in await house.letters()]

    async def read(among: slice) -> list[Alarm]:
        async with house.desk.database.transaction() as session:
            for letter_id in ids[among]:
                await quarantine.read(session, house.intake.keys, house.desk.ana, letter_id)
        async with house.desk.database.transaction() as session:
            await sealing.seal_once(session, KEY, sealed=alarms.look)
            return list(await session.scalars(select(Alarm)))

    # The same letter twice is one look.
    assert await read(slice(1, None)) == await read(slice(1, 5)) == []
    (alarm,) = await read(slice(0, 1))
    assert (alarm.kind, alarm.agent_id, alarm.detail["count"]) == ("browse_rate", house.desk.ana.id, 31)
