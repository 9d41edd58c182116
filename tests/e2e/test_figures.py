"""The phone's figures and the wall board, as a lead sees them."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from playwright.async_api import Locator, expect

from holdfast.app.demo_organisation import DOMAIN, PASSWORD, PEOPLE
from tests.e2e.browser import Windows
from tests.e2e.pages import Console
from tests.e2e.test_pages import faults_of
from tests.support.server import Holdfast


def call(server: Holdfast, language: str, *, ago: float, waited: float, outcome: str | None) -> str:
    """A call that began to wait so many seconds ago; ``outcome`` None: it waits."""
    queued, identifier = datetime.now(UTC) - timedelta(seconds=ago), str(uuid4())
    decided = queued + timedelta(seconds=waited)
    had = outcome == "answered"
    server.execute(
        "INSERT INTO call (id, direction, application, channel, bridge, language, emergency, stage, place, outcome,"
        " channel_before, wrap_seconds, held_seconds, requeued_seconds, started_at, queued_at, answered_at,"
        " talked_until, wrap_until, survey_at, ended_at)"
        " VALUES (%s, 'in', 'nobody', %s, '', %s, false, %s, '{}', %s, 'email', 60, 0, 0, %s, %s, %s, %s, %s, %s, %s)",
        (
            identifier,
            f"test-{identifier}",
            language,
            "over" if outcome else "waiting",
            outcome,
            queued,
            queued,
            decided if had else None,
            decided + timedelta(seconds=90) if had else None,
            decided + timedelta(seconds=150) if had else None,
            decided + timedelta(seconds=90) if had else None,
            decided + timedelta(seconds=90) if outcome else None,
        ),
    )
    # As whatever happens to a call says to the consoles.
    server.execute("SELECT pg_notify('holdfast_live', %s)", (f"v:{uuid4().hex}",))
    return identifier


def noon() -> str:
    """A zone in which it is about noon, so that what was an hour ago was today."""
    ahead = 12 - datetime.now(UTC).hour
    # The signs of these names are turned round.
    return f"Etc/GMT{-ahead:+d}" if ahead else "UTC"


@pytest.fixture
def forgotten(holdfast: Holdfast) -> Iterator[None]:
    yield
    holdfast.execute("DELETE FROM call WHERE application = 'nobody'")


@pytest.mark.usefixtures("forgotten")
@pytest.mark.parametrize("key", ["karin", "wei"])
async def test_the_board_is_live_and_the_figures_say_the_same(windows: Windows, holdfast: Holdfast, key: str) -> None:
    """``wei`` reads Chinese; for this test they are a lead."""
    before = holdfast.query("SELECT roles FROM agent WHERE email LIKE %s", (f"{key}@%",))[0][0]
    holdfast.execute("UPDATE agent SET roles = %s WHERE email LIKE %s", ([*before, "lead"], f"{key}@%"))
    try:
        await _seen(windows, holdfast, key)
    finally:
        holdfast.execute("UPDATE agent SET roles = %s WHERE email LIKE %s", (before, f"{key}@%"))


async def _seen(windows: Windows, holdfast: Holdfast, key: str) -> None:
    for waited in (5, 12, 19, 40):
        call(holdfast, "en", ago=1800, waited=waited, outcome="answered")
    call(holdfast, "es", ago=1800, waited=30, outcome="abandoned")
    person = next(person for person in PEOPLE if person.key == key)
    lead = Console(await windows.person(timezone_id=noon()), holdfast.origin)
    page = lead.page
    await lead.sign_in(f"{key}@{DOMAIN}", PASSWORD)
    lead.language = person.interface
    await lead.expect_inside()
    await page.goto(f"{holdfast.origin}/console/board")

    def number(word: str) -> Locator:
        return page.locator(".card").filter(has=page.get_by_text(lead.word(f"figures.{word}"), exact=True)).locator("b")

    await expect(number("serviceToday")).to_have_text(re.compile(r"^60\s?%$"))
    await expect(number("abandonedToday")).to_have_text("1")
    await expect(number("waitingNow")).to_have_text("0")
    waits = call(holdfast, "de", ago=400, waited=0, outcome=None)
    await expect(number("waitingNow")).to_have_text("1")
    await expect(number("longest")).to_have_text(re.compile(r"^6:\d\d$"))
    holdfast.execute("UPDATE call SET ended_at = now(), outcome = 'abandoned', stage = 'over' WHERE id = %s", (waits,))
    holdfast.execute("SELECT pg_notify('holdfast_live', %s)", (f"v:{uuid4().hex}",))
    await expect(number("waitingNow")).to_have_text("0")
    await expect(number("abandonedToday")).to_have_text("2")
    faults = await faults_of(page)
    await page.goto(f"{holdfast.origin}/console/figures")
    await page.get_by_label(lead.word("figures.period")).select_option("today")
    await expect(page.locator("dt", has_text=lead.word("figures.card.offered")).locator("+ dd b")).to_have_text("6")
    table = page.get_by_role("table")
    await page.get_by_label(lead.word("figures.shown")).select_option("offered")
    await expect(table.locator("tbody tr").last.locator("td")).to_have_text(["6", "4", "1", "1"])
    await page.get_by_role("combobox", name=lead.word("figures.language")).select_option("en")
    await expect(table.locator("tbody tr").last.locator("td")).to_have_text(["4", "4"])
    faults += await faults_of(page)
    assert not faults, "\n".join(sorted(set(faults)))
