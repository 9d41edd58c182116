"""The first start: one administrator, by password or by a link that works once, and never a second."""

import getpass
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from holdfast.access.keys import key_ring
from holdfast.access.viewer import Role, SystemViewer
from holdfast.app import first_run
from holdfast.app.base_data import INBOX, QUEUES, seed_base
from holdfast.app.first_run import AddressUnusable, AdministratorExists, begin
from holdfast.conversations import queries as conversations
from holdfast.core.settings import Settings
from holdfast.people import queries
from holdfast.people.errors import WeakPassword
from tests.app.support import Application, application

PASSWORD = "correct horse battery staple"


@pytest.fixture
async def fresh(fresh_database_url: str, tmp_path: Path) -> AsyncIterator[Application]:
    settings = replace(Settings(), data_dir=tmp_path, organisation="Lantern")
    async with application(fresh_database_url, settings) as app:
        yield app


async def run(app: Application, password: str | None = PASSWORD, email: str = "lena@example.org") -> first_run.Begun:
    async with app.database.transaction() as session:
        return await begin(session, app.settings, email=email, name="Lena", password=password)


async def test_a_password_makes_the_administrator(fresh: Application) -> None:
    begun = await run(fresh)
    assert begun.link is None
    answer = await fresh.browser.post("/api/session", json={"email": "LENA@example.org", "password": PASSWORD})
    assert answer.json()["state"] == "signed_in"
    me = (await fresh.browser.get("/api/session")).json()
    assert me["roles"] == [Role.ADMINISTRATOR]
    assert me["must_enrol"] is True


async def test_the_base_is_there(fresh: Application) -> None:
    begun = await run(fresh)
    async with fresh.database.transaction() as session:
        inbox = await conversations.inbox_by_key(session, INBOX)
        keys = {queue.key: queue for queue in await conversations.queues(session)}
    assert inbox.name == "Lantern"
    assert inbox.identity_secret == begun.identity_secret
    assert set(keys) == {key for key, *_ in QUEUES}
    assert inbox.emergency_queue_id == keys["emergency"].id
    assert (keys["emergency"].answer_seconds, keys["emergency"].offer_seconds) == (60, 20)


async def test_what_was_changed_of_the_base_stays(fresh: Application) -> None:
    begun = await run(fresh)
    async with fresh.database.transaction() as session:
        queue = next(q for q in await conversations.queues(session) if q.key == "general")
        queue.name, queue.answer_seconds = "First line", 300
    async with fresh.database.transaction() as session:
        inbox = await seed_base(session, fresh.settings)
        queue = next(q for q in await conversations.queues(session) if q.key == "general")
    assert (queue.name, queue.answer_seconds) == ("First line", 300)
    assert inbox.identity_secret == begun.identity_secret


async def test_without_a_password_a_link_works_once(fresh: Application) -> None:
    begun = await run(fresh, password=None)
    assert begun.link is not None
    assert begun.link.startswith(f"{fresh.settings.origin}/console/invitation/")
    path = begun.link.rpartition("/")[2]
    answer = await fresh.browser.post(f"/api/invitations/{path}/accept", json={"name": "Lena", "password": PASSWORD})
    assert answer.status_code < 300
    again = await fresh.browser.post(f"/api/invitations/{path}/accept", json={"name": "Lena", "password": PASSWORD})
    assert again.status_code >= 400
    async with fresh.database.transaction() as session:
        agent = await queries.agent_by_email(session, "lena@example.org")
        assert agent is not None
        assert agent.roles == [Role.ADMINISTRATOR]
        staff = await queries.agents(session, SystemViewer("test"))
    assert len(staff) == 1


async def test_a_lost_link_is_replaced_by_a_new_one(fresh: Application) -> None:
    first = (await run(fresh, password=None)).link
    second = (await run(fresh, password=None, email="lena@example.com")).link
    assert first is not None
    assert second is not None
    dead = await fresh.browser.get(f"/api/invitations/{first.rpartition('/')[2]}/view")
    alive = await fresh.browser.get(f"/api/invitations/{second.rpartition('/')[2]}/view")
    assert dead.status_code >= 400
    assert alive.json()["email"] == "lena@example.com"


async def test_a_second_administrator_is_refused(fresh: Application) -> None:
    await run(fresh)
    with pytest.raises(AdministratorExists):
        await run(fresh, email="mallory@example.org")
    with pytest.raises(AdministratorExists):
        await run(fresh, password=None, email="mallory@example.org")
    async with fresh.database.transaction() as session:
        assert await queries.agent_by_email(session, "mallory@example.org") is None


@pytest.mark.parametrize("email", ["", "lena", "lena@", "a b@example.org", "lena@example.org, x@example.org"])
async def test_an_address_that_is_none_is_refused(fresh: Application, email: str) -> None:
    with pytest.raises(AddressUnusable):
        await run(fresh, email=email)


async def test_a_weak_password_changes_nothing(fresh: Application) -> None:
    with pytest.raises(WeakPassword):
        await run(fresh, password="secret")
    async with fresh.database.transaction() as session:
        assert await conversations.queues(session) == []


class Terminal:
    """A person at a terminal, who types these passwords."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *typed: str) -> None:
        answers = iter(typed)
        monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
        monkeypatch.setattr(getpass, "getpass", lambda _prompt: next(answers))


ARGUMENTS = ["--email", "lena@example.org", "--name", "Lena Fischer", "--organisation", "Lantern"]


@pytest.fixture
def begun_settings(tmp_path: Path) -> Settings:
    return replace(Settings(), data_dir=tmp_path)


def test_at_a_terminal_the_password_is_typed_twice(
    fresh_database_url: str,
    begun_settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    Terminal(monkeypatch, PASSWORD, "something else")
    assert first_run.main(begun_settings, fresh_database_url, ARGUMENTS) == 1
    assert "not the same" in capsys.readouterr().err
    Terminal(monkeypatch, PASSWORD, PASSWORD)
    assert first_run.main(begun_settings, fresh_database_url, ARGUMENTS) == 0
    printed = capsys.readouterr().out
    assert "Lena Fischer is the administrator" in printed
    assert "/console/invitation/" not in printed
    assert first_run.main(begun_settings, fresh_database_url, ARGUMENTS) == 1
    assert "has an administrator already" in capsys.readouterr().err


def test_without_a_terminal_a_link_is_printed(
    fresh_database_url: str,
    begun_settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with Path(os.devnull).open() as nothing:
        monkeypatch.setattr(sys, "stdin", nothing)
        assert first_run.main(begun_settings, fresh_database_url, ARGUMENTS) == 0
    assert f"{begun_settings.origin}/console/invitation/" in capsys.readouterr().out
    assert key_ring() is not None


def test_a_renewed_secret_is_another(
    fresh_database_url: str,
    begun_settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    renew = ["--renew-identity-secret"]
    assert first_run.main(begun_settings, fresh_database_url, renew) == 1
    assert capsys.readouterr().out == ""
    Terminal(monkeypatch, PASSWORD, PASSWORD)
    assert first_run.main(begun_settings, fresh_database_url, ARGUMENTS) == 0
    first = capsys.readouterr().out
    assert first_run.main(begun_settings, fresh_database_url, renew) == 0
    secret = max(capsys.readouterr().out.split(), key=len)
    assert len(secret) == 43
    assert secret not in first


def test_who_it_is_must_be_said(begun_settings: Settings) -> None:
    with pytest.raises(SystemExit) as ended:
        first_run.main(begun_settings, "", ["--email", "lena@example.org"])
    assert ended.value.code == 2
