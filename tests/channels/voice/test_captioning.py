"""What is written down of a call, and what must not be: without an engine (``test_captions.py`` has one)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from holdfast.access.disposable_keys import KeyFolder
from holdfast.channels.voice import recording, waiting
from holdfast.conversations import ports
from tests.channels.voice.test_keeping import with_phone
from tests.routing.support import Desk
from tests.support.voiceless import House, house_with_call
from tests.support.waiting import eventually


@pytest.fixture
async def talk(house: Desk, tmp_path: Path) -> AsyncIterator[House]:
    """Ann talks with a customer."""
    ports.use_keys(KeyFolder(tmp_path / "keys"))
    made = await house_with_call(house, tmp_path, (await with_phone(house, "Ann")).id)
    work = asyncio.create_task(made.voice.captions.run())
    await eventually(lambda: bool(made.voice.captions._receiver.address), 5, "it listens")
    yield made
    work.cancel()
    with suppress(asyncio.CancelledError):
        await work


# Told before ----------------------------------------------------------------------------------------------------------


async def begun(talk: House) -> tuple[bool, bool]:
    """Whether the talk is written down, and recorded, when both are begun."""
    await talk.voice.captions.begin(talk.conductor)
    await recording.begin(talk.conductor)
    return len(talk.engine.streams) == 2, "record" in talk.engine.snooped


async def test_who_was_not_told_is_neither_written_down_nor_recorded(talk: House) -> None:
    """The line was switched on, or an endpoint was named, after the caller had heard what there is to hear."""
    await talk.change(informed=[])
    assert await begun(talk) == (False, False)
    await talk.change(informed=["captioned", "recorded"])
    assert await begun(talk) == (True, True)


@pytest.mark.parametrize(
    ("language", "finishes", "informed"),
    [("en", "done", ["captioned", "recorded"]), ("pt", "done", []), ("en", "failed", [])],
)
async def test_told_is_who_has_heard_it(talk: House, language: str, finishes: str, informed: list[str]) -> None:
    """Without a voice in their language nothing is said, and nothing that would have to be said is done."""
    await talk.change(informed=[])
    async with talk.conductor.change() as (_, call):
        call.language = language
    talk.engine.finishes = finishes
    await waiting._announce(talk.conductor)
    assert [talk.conductor.informed(what) for what in ("captioned", "recorded")] == [bool(informed)] * 2
    assert talk.conductor.call.place["informed"] == informed
    assert await begun(talk) == (bool(informed), bool(informed))


async def test_a_line_that_does_neither_says_neither(talk: House) -> None:
    await talk.change(informed=[])
    async with talk.desk.database.transaction() as session:
        line = await session.merge(talk.line)
        line.captions = line.records = False
    await waiting._announce(talk.conductor)
    assert talk.engine.played == []
    assert await begun(talk) == (False, False)
