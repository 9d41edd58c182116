"""A desk with a register, and browsers on the whole application."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import select

from holdfast.access.models import AuditEntry
from holdfast.access.viewer import Role, StaffViewer
from holdfast.app.web import create_litestar
from holdfast.authenticity import http_public, http_widget, register
from holdfast.authenticity.rates import Rate
from holdfast.conversations import files, outgoing
from holdfast.conversations.tokens import issue_token
from holdfast.core.settings import Settings
from holdfast.people.models import Agent
from holdfast.people.sessions import viewer_of
from tests.conversations.support import Desk
from tests.conversations.support import desk as make_desk
from tests.support.browsers import NETWORK, browser_of
from tests.support.emptying import emptied

TABLES = ("official_channel", "signing_key", "personal_code", "impostor_case", "impostor_report", "impostor_step")


@dataclass
class House:
    """The desk, its application, an administrator (lena) and an auditor (ruth)."""

    desk: Desk
    app: Litestar
    lena: StaffViewer
    ruth: StaffViewer

    def browser(
        self, viewer: StaffViewer | None = None, network: str = NETWORK
    ) -> AbstractAsyncContextManager[httpx.AsyncClient]:
        """A browser, in which ``viewer`` is signed in."""
        return browser_of(self.app, self.desk.database, viewer, network=network)

    async def add(self, *lines: tuple[str, str]) -> None:
        async with self.desk.database.transaction() as session:
            for kind, value in lines:
                await register.add(session, self.lena, kind=kind, value=value)
        await register.OFFICIAL_LINKS.load(self.desk.database)

    async def token(self, conversation_id: UUID) -> str:
        async with self.desk.database.transaction() as session:
            return issue_token(session, conversation_id)

    async def audited(self, action: str) -> list[AuditEntry]:
        async with self.desk.database.transaction() as session:
            return list(await session.scalars(select(AuditEntry).where(AuditEntry.action == action)))


@pytest.fixture(scope="module")
async def built(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """One database and one application for the tests of a file: to build them takes a second each."""
    async with make_desk(database_url) as desk:
        settings = replace(Settings(), data_dir=tmp_path_factory.mktemp("data"), demo=True, organisation="Holdfast")
        files.use_files_origin(settings.files_origin)
        people: list[Any] = [
            Agent(email="lena@example.com", name="Lena", roles=[Role.ADMINISTRATOR]),
            Agent(email="ruth@example.com", name="Ruth", roles=[Role.AUDITOR]),
        ]
        async with desk.database.transaction() as session:
            session.add_all(people)
        lena, ruth = (viewer_of(agent) for agent in people)
        yield House(desk, create_litestar(settings, desk.database), lena, ruth)


@pytest.fixture
async def house(built: House, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """An empty register, no reports, and the rates of a fresh process."""
    for name in ("CHECKED", "REPORTED"):
        monkeypatch.setattr(http_public, name, Rate(getattr(http_public, name)._most))
    monkeypatch.setattr("holdfast.app.verify_page.CHECKED", http_public.CHECKED)
    monkeypatch.setattr("holdfast.app.verify_page.REPORTED", http_public.REPORTED)
    monkeypatch.setattr(http_widget, "REPORTED", http_public.REPORTED)
    links = register.OfficialLinks()
    links.own("localhost")
    monkeypatch.setattr(register, "OFFICIAL_LINKS", links)
    outgoing.plug(links)
    async with built.desk.database.transaction() as session:
        await emptied(session, *TABLES, "audit_entry")
    yield built
    outgoing.plug(outgoing.NoLinks())
