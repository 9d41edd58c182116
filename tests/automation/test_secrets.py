"""What agents write for later is looked at as what they write now: halves of a phrase together, and what was found is
written down."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from holdfast.automation import followups, scheduled
from holdfast.automation.models import ScheduledMessage
from holdfast.conversations.models import Exposure, Message
from holdfast.core import clock
from tests.automation.support import House
from tests.redaction.ways import PHRASE

SOON = timedelta(minutes=1)
FIRST, REST = " ".join(PHRASE.split()[:6]), " ".join(PHRASE.split()[6:])


async def _later(desk: House, conversation: UUID, way: str, text: str) -> None:
    """Written, and come to its time."""
    async with desk.database.transaction() as session:
        at = clock.now() + SOON
        if way == "message":
            await scheduled.schedule(session, desk.agent_, conversation, text=text, at=at, anyway=True, seen=99)
        else:
            await followups.set_follow_up(session, desk.agent_, conversation, at=at, note=text)
    desk.clock.turn(minutes=1)
    await desk.work()


async def _exposed(desk: House) -> list[tuple[str, str, str]]:
    async with desk.database.transaction() as session:
        rows = await session.scalars(select(Exposure).order_by(Exposure.id))
        return [(row.kind, row.place, row.author) for row in rows]


@pytest.mark.parametrize("way", ["message", "follow_up"])
async def test_halves_of_a_phrase_are_hidden_in_both(desk: House, way: str) -> None:
    conversation = await desk.taken()
    for half in (FIRST, REST):
        await _later(desk, conversation, way, half)
    async with desk.database.transaction() as session:
        said = list(await session.scalars(select(Message.body).where(Message.author == "agent", Message.body != "")))
        kept = list(await session.scalars(select(ScheduledMessage.body)))
    assert sorted(said) == ["[⛔ recovery_phrase]", "[⛔ recovery_phrase·12]"]
    assert not any(word in text for text in kept for word in PHRASE.split())
    # What notes held is nothing that its customer is told.
    place = {"message": "messages", "follow_up": "note"}[way]
    assert await _exposed(desk) == [("recovery_phrase", place, "agent")]


@pytest.mark.parametrize("way", ["message", "follow_up"])
async def test_that_staff_wrote_one_for_later_is_written_down(desk: House, way: str) -> None:
    conversation = await desk.taken()
    await _later(desk, conversation, way, f"They sent {PHRASE}")
    assert await _exposed(desk) == [("recovery_phrase", "note", "agent")]
