"""Texts of cases: a phrase whose halves stand in two of them is hidden in both, and what was found is written down in
the conversation that the case began with."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from holdfast.conversations.models import Exposure
from holdfast.core.clock import now
from holdfast.technical import announcing, cases, problems, queries
from holdfast.technical.models import KnownProblem, TechnicalAnnouncement, TechnicalCase, TechnicalLink
from tests.redaction.ways import KEY, PHRASE
from tests.technical.support import House

FIRST, REST = " ".join(PHRASE.split()[:6]), " ".join(PHRASE.split()[6:])
HALVES = [(FIRST, REST), (f"They sent {FIRST}", REST)]


async def _words(house: House) -> str:
    async with house.database.transaction() as session:
        kept: list[Any] = []
        for link in await session.scalars(select(TechnicalLink)):
            kept += [link.tried, link.asked]
        for case in await session.scalars(select(TechnicalCase)):
            kept += [case.title, case.description]
        kept += [row.texts for row in await session.scalars(select(TechnicalAnnouncement))]
        kept += [row.texts for row in await session.scalars(select(KnownProblem))]
    return str(kept)


async def _exposed(house: House) -> list[tuple[Any, str, str, str]]:
    async with house.database.transaction() as session:
        rows = await session.scalars(select(Exposure).order_by(Exposure.id))
        return [(row.conversation_id, row.kind, row.place, row.author) for row in rows]


async def _write(house: House, way: str, case: Any, one: str, two: str) -> None:
    if way == "case":
        await house.act(cases.describe, case, one, two)
    elif way == "announcement":
        await house.act(announcing.write, case, "update", {"en": f"{one}\n{two}"})
    else:
        times = {"starts_at": now(), "ends_at": now() + timedelta(days=1)}
        texts = {"en": (one, two)}
        more: Any = {"state": "open", "severity": "minor", "case_id": case, **times}
        await house.act(problems.save, None, texts=texts, **more)


@pytest.mark.parametrize(("one", "two"), HALVES)
async def test_halves_in_a_hand_over_are_hidden(house: House, one: str, two: str) -> None:
    conversation = await house.conversation()
    await house.hand_over(conversation, tried=one, asked=two)
    second = await house.conversation()
    await house.hand_over(second, asked=one, title=two)
    words = await _words(house)
    assert not [word for word in PHRASE.split() if word in words]
    found = ("recovery_phrase", "note", "agent")
    assert await _exposed(house) == [(conversation, *found), (second, *found)]


@pytest.mark.parametrize("way", ["case", "announcement", "problem"])
@pytest.mark.parametrize(("one", "two"), [*HALVES, ("Title", f"They sent {PHRASE}")])
async def test_a_phrase_in_other_texts_of_a_case_is_hidden_and_written_down(
    house: House, way: str, one: str, two: str
) -> None:
    case, (first, *_) = await house.case_of("en", "de")
    await _write(house, way, case, one, two)
    words = await _words(house)
    assert not [word for word in PHRASE.split() if word in words]
    assert await _exposed(house) == [(first, "recovery_phrase", "note", "agent")]


async def test_a_key_in_a_title_is_written_down(house: House) -> None:
    conversation = await house.conversation()
    case = await house.hand_over(conversation, title=f"{KEY} leaks")
    async with house.database.transaction() as session:
        assert KEY not in (await queries.case(session, house.tess, case)).title
    assert [row[0] for row in await _exposed(house)] == [conversation]
