"""/kept: closed as shipped; shares rounded down; few promises, the running month and the house's own are not shown."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import httpx
import pytest

from holdfast.app import web
from holdfast.app.kept_page import FEWEST, share
from holdfast.core.i18n import LANGUAGES
from holdfast.core.settings import Settings
from holdfast.promises.model import Kind
from holdfast.promises.models import Promised
from holdfast.promises.queries import policies
from tests.promises.support import House, utc
from tests.support.browsers import browser_of


@asynccontextmanager
async def reader(desk: House, folder: Path, *, public: bool = True) -> AsyncIterator[httpx.AsyncClient]:
    chosen = replace(Settings(), data_dir=folder, public_attainment=public)
    async with browser_of(web.create_litestar(chosen, desk.database), desk.database, None) as client:
        yield client


async def made(desk: House, kind: Kind, at: datetime, *, kept: int, broken: int = 0) -> None:
    conversation = await desk.open()
    async with desk.database.transaction() as session:
        policy_id = (await policies(session))[0].id
        for number in range(kept + broken):
            state = "kept" if number < kept else "broken"
            session.add(
                Promised(
                    conversation_id=conversation, kind=kind.value, seq=number + 1, policy_id=policy_id, held={},
                    state=state, started_at=at, stopped_at=at,
                )
            )  # fmt: skip


@pytest.mark.parametrize(
    ("kept", "broken", "shown"),
    [(299, 1, 99), (300, 0, 100), (0, 20, 0), (19, 1, 95), (19, 0, None), (0, 0, None)],
)
def test_a_share_is_rounded_down_and_few_are_none(kept: int, broken: int, shown: int | None) -> None:
    assert share(kept, broken) == shown


async def test_it_is_closed_as_shipped(desk: House, tmp_path: Path) -> None:
    async with reader(desk, tmp_path, public=False) as client:
        assert (await client.get("/kept")).status_code == 404


async def test_what_everybody_sees(desk: House, tmp_path: Path) -> None:
    """The clock of this house shows a day of November 2026."""
    await made(desk, Kind.FIRST, utc(2026, 2, 10, 9), kept=299, broken=1)
    await made(desk, Kind.FIRST, utc(2026, 1, 10, 9), kept=FEWEST - 1)
    await made(desk, Kind.NEXT, desk.clock(), kept=50)
    await made(desk, Kind.INTERNAL, utc(2026, 2, 10, 9), kept=50)
    await made(desk, Kind.SOLUTION, utc(2024, 2, 10, 9), kept=50)
    async with reader(desk, tmp_path) as client:
        page = (await client.get("/kept?lang=en")).text
        assert "First answer of a person" in page
        assert page.count("<tr>") == 2
        assert '<th scope="row">February 2026</th><td>99%</td>' in page
        assert "300" not in page
        german = (await client.get("/kept", headers={"accept-language": "de"})).text
        assert '<th scope="row">Februar 2026</th><td>99\N{NO-BREAK SPACE}%</td>' in german
        for language in LANGUAGES:
            answer = await client.get(f"/kept?lang={language}")
            assert answer.status_code == 200
            assert f'<html lang="{language}"' in answer.text
            assert "script" not in answer.text


async def test_nothing_yet_is_said(desk: House, tmp_path: Path) -> None:
    async with reader(desk, tmp_path) as client:
        assert "There is nothing to show yet." in (await client.get("/kept")).text
