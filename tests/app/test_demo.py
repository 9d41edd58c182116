"""The demo: seeded once, its people certified, its pages safe to look at, its lines in every language they promise."""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import jwt
import psycopg
import pytest
from psycopg import sql

from holdfast.access.viewer import SystemViewer
from holdfast.app import demo, demo_pages
from holdfast.app.base_data import INBOX, QUEUES, TOPICS
from holdfast.app.demo_conversations import scripts
from holdfast.app.demo_organisation import PASSWORD, PEOPLE, seed_organisation
from holdfast.app.demo_stage import LINES
from holdfast.channels.voice import queries as phone
from holdfast.channels.voice import reporting
from holdfast.conversations import queries as conversations
from holdfast.conversations.intake import clean
from holdfast.core.clock import now
from holdfast.paging import presenting as paging
from holdfast.paging import queries as on_call
from holdfast.people import queries as people
from holdfast.people.models import OutgoingMail
from holdfast.people.passwords import check_strength
from holdfast.people.sessions import viewer_of
from holdfast.training.operations import certified_skills
from tests.app.support import Application, application, demo_settings

SYSTEM = SystemViewer("test")


@pytest.fixture(scope="module")
async def seeded(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Application]:
    async with application(database_url, demo_settings(tmp_path_factory.mktemp("demo"))) as app:
        await demo.seed(app.database, app.settings)
        yield app


def counted(dsn: str) -> dict[str, int]:
    """How many rows each table has."""
    with psycopg.connect(dsn) as connection:
        tables = [
            name
            for (name,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        ]
        counts = {}
        for name in tables:
            found = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))).fetchone()
            counts[name] = found[0] if found else 0
        return counts


async def test_a_week_of_calls_can_be_looked_at(seeded: Application) -> None:
    async with seeded.database.transaction() as session:
        karin = await people.agent_by_email(session, "karin@holdfast.example")
        assert karin is not None
        found = await reporting.of_period(
            session,
            viewer_of(karin),
            since=(now() - timedelta(days=7)).date(),
            until=None,
            zone="UTC",
            line=None,
            language=None,
        )
        known = await phone.lines(session, viewer_of(karin))
    assert {line.language for line in known if line.active} == {"en", "zh-Hans"}
    (whole,) = [row for row in found.waits if row.hour is None and row.language is None]
    assert whole.offered > 300
    assert whole.answered + whole.abandoned + whole.call_backs == whole.offered
    assert found.handling.handled == whole.answered


async def test_somebody_is_on_call_and_the_weekend_that_is_not_covered_can_be_seen(seeded: Application) -> None:
    async with seeded.database.transaction() as session:
        karin = await people.agent_by_email(session, "karin@holdfast.example")
        assert karin is not None
        view = await paging.on_call(session, viewer_of(karin))
        technical, emergency, _ = view.duties
        log = await paging.page_log(
            session, viewer_of(karin), (await on_call.pages(session, viewer_of(karin), None, 9))[0].id
        )
    assert emergency.now
    assert (emergency.gaps, emergency.unqualified, technical.unqualified) == ([], [], [])
    # From Friday's midnight to Monday, in Berlin: today's clock decides whether two or three are ahead.
    assert len(technical.gaps) in {2, 3}
    assert [event.kind for event in log.events][-2:] == ["acknowledged", "resolved"]
    # What was told last week is not sent now.
    assert {delivery.state for delivery in log.deliveries} <= {"spared"}
    reached = {person.name: person.reach for person in view.people}
    assert (reached["Wei Zhang"], reached["Ruth Lindqvist"]) == ("single", "none")


async def test_a_second_seeding_changes_nothing(seeded: Application) -> None:
    before = counted(seeded.database.dsn)
    await demo.seed(seeded.database, seeded.settings)
    assert counted(seeded.database.dsn) == before
    assert before["agent"] == len(PEOPLE)
    assert before["queue"] == len(QUEUES)
    assert before["topic"] == len(TOPICS)
    assert before["conversation"] == len(scripts())


async def test_an_interrupted_seeding_is_finished(fresh_database_url: str, tmp_path: Path) -> None:
    async with application(fresh_database_url, demo_settings(tmp_path)) as app:
        async with app.database.transaction() as session:
            await seed_organisation(session, app.settings)
        assert counted(fresh_database_url)["conversation"] == 0
        await demo.seed(app.database, app.settings)
        assert counted(fresh_database_url)["conversation"] == len(scripts())


async def test_nothing_is_seeded_outside_a_demo(fresh_database_url: str, tmp_path: Path) -> None:
    settings = replace(demo_settings(tmp_path), demo=False)
    async with application(fresh_database_url, settings) as app:
        with pytest.raises(demo.NotADemo):
            await demo.seed(app.database, settings)
        assert counted(fresh_database_url)["agent"] == 0
        assert (await app.browser.get("/demo/wallet")).status_code == 404
        assert (await app.browser.get("/demo/wallet/identity?user=lin")).status_code == 404
        assert (await app.browser.get("/demo/mail")).status_code == 404


async def test_each_holds_what_the_lead_attested(seeded: Application) -> None:
    async with seeded.database.transaction() as session:
        staff = {agent.email: agent.id for agent in await people.agents(session, SYSTEM)}
        skills = await certified_skills(session, list(staff.values()), now())
    for person in PEOPLE:
        assert skills[staff[person.email]] == frozenset(person.skills), person.name
    holders = {skill for held in skills.values() for skill in held}
    assert {skill for _, _, skill, *_ in QUEUES} <= holders


async def test_nobody_is_there_before_they_sign_in(seeded: Application) -> None:
    async with seeded.database.transaction() as session:
        assert not await conversations.anyone_online(session)


async def test_everybody_can_sign_in(seeded: Application) -> None:
    for _, email, password, _ in demo.sign_ins():
        answer = await seeded.browser.post("/api/session", json={"email": email, "password": password})
        assert answer.json() == {"state": "signed_in", "methods": []}, email


async def test_conversations_stand_in_different_states(seeded: Application) -> None:
    async with seeded.database.transaction() as session:
        agents = {a.email: a for a in await people.agents(session, SYSTEM)}
        lead = viewer_of(agents["karin@holdfast.example"])
        rows = await conversations.listing(session, lead, "all", limit=100)
        rows += await conversations.listing(session, lead, "resolved", limit=100)
    states = {(row.category, row.assignee is not None, row.emergency) for row in rows}
    assert {
        ("open", False, False),
        ("open", False, True),
        ("waiting", True, False),
        ("resolved", False, False),
    } <= states
    assert len({row.language for row in rows}) >= 8
    assert any(row.episode > 1 for row in rows)
    assert all(row.opened_at <= row.last_at <= now() for row in rows)


def test_no_script_holds_a_secret() -> None:
    """Redaction finds nothing in what the demo says: no phrase, no key."""
    for script in scripts():
        for text in [script.first, *(step[3] for step in script.steps if step[2] in ("says", "notes"))]:
            assert clean(text)[1] is None, text


def test_the_players_speak_whole_languages() -> None:
    for language, lines in LINES.items():
        assert set(lines) == {"open", "go_on", "thanks", "answer"}, language
        assert all(lines.values()), language


def test_the_wallet_has_every_word_in_every_language() -> None:
    words = json.loads((Path(demo_pages.__file__).parent / "demo_words.json").read_text("utf-8"))
    for language, known in words.items():
        assert set(known) == set(words["en"]), language
        assert all(known.values()), language


@pytest.mark.parametrize("path", ["/demo", "/demo/mail", *(f"/demo/wallet?lang={c}" for c in ("en", "ar", "ja", "ru"))])
async def test_pages_need_nothing_inline(seeded: Application, path: str) -> None:
    answer = await seeded.browser.get(path)
    assert answer.status_code == 200
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert re.findall(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son\w+=|\{\{", answer.text) == []
    assert re.findall(r"(?:src|href)=\"(?:https?:)?//(?!localhost:8420)", answer.text) == []


async def test_the_files_of_the_pages_are_there(seeded: Application) -> None:
    for path in ("/demo/demo.css", "/demo/wallet.js"):
        assert (await seeded.browser.get(path)).status_code == 200
    assert "prefers-color-scheme: dark) { :root:not(.light) {" in (await seeded.browser.get("/demo/demo.css")).text


async def test_the_wallet_vouches_for_its_user(seeded: Application) -> None:
    token = (await seeded.browser.get("/demo/wallet/identity?user=lin")).json()["token"]
    claims = jwt.decode(token, options={"verify_signature": False})
    assert (claims["sub"], claims["aud"]) == ("demo-lin", INBOX)
    started = await seeded.browser.post(
        "/api/widget/start", json={"inbox": INBOX, "identity": token, "tokens": [], "language": "zh-Hans"}
    )
    assert started.json()["customer"] == {"name": "林晓", "proven": True}
    assert len(started.json()["conversations"]) == 1


async def test_the_wallet_vouches_for_nobody_else(seeded: Application) -> None:
    assert (await seeded.browser.get("/demo/wallet/identity?user=karin")).status_code == 404


async def test_a_user_unknown_to_the_wallet_is_nobody(seeded: Application) -> None:
    page = (await seeded.browser.get("/demo/wallet", params={"user": '"><script>', "theme": "x"})).text
    assert 'data-user=""' in page
    assert 'theme="auto"' in page


async def test_mails_are_shown_as_text_with_their_own_links(seeded: Application) -> None:
    link = f"{seeded.settings.origin}/console/invitation/abc"
    async with seeded.database.transaction() as session:
        text = f"<b>Open</b>\n{link}\nhttp://elsewhere.example/x"
        session.add(OutgoingMail(to="new@example.org", subject="Come <in>", text=text, kept_at=now()))
    page = (await seeded.browser.get("/demo/mail")).text
    assert "Come &lt;in&gt;" in page
    assert "&lt;b&gt;Open" in page
    assert f'<a href="{link}">{link}</a>' in page
    assert 'href="http://elsewhere' not in page


def test_the_password_is_long_enough_for_the_real_rule() -> None:
    for person in PEOPLE:
        check_strength(PASSWORD, person.email)
