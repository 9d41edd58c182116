"""Handed over and forgotten, but not for long: the update is overdue, somebody is paged, the cause is solved, and the
customer is told."""

from collections.abc import Iterator

import pytest
from playwright.async_api import expect

from tests.e2e.browser import Windows
from tests.e2e.desk import agent, customer, talk
from tests.e2e.test_technical import SOLVED, UPDATE, hand_over, tell_customers
from tests.support.server import Holdfast
from tests.support.waiting import eventually_so

_VERSION = """
INSERT INTO promise_policy (id, key, version, kind, match, target_seconds, active, made_at)
SELECT gen_random_uuid(), key, {version}, kind, match, {seconds}, true, now() FROM promise_policy
WHERE key = 'update-technical' AND version = 1
"""


@pytest.fixture
def hurried(holdfast: Holdfast) -> Iterator[None]:
    """An update is promised within ten seconds; afterwards nobody is on call, and there is no case."""
    holdfast.execute(_VERSION.format(version=2, seconds=10))
    yield
    holdfast.execute("DELETE FROM promise WHERE kind = 'update'")
    holdfast.execute("DELETE FROM promise_policy WHERE key = 'update-technical' AND version > 1")
    for table in ("page", "page_delivery", "paging_policy"):
        holdfast.execute(f"DELETE FROM {table}")
    holdfast.execute("DELETE FROM due WHERE kind = 'page'")


async def test_an_overdue_update_wakes_somebody_until_the_customer_is_told(
    windows: Windows, holdfast: Holdfast, hurried: None
) -> None:
    karin = await agent(windows, holdfast, "karin", online=False)
    page = karin.page
    await page.goto(f"{holdfast.origin}/console/on-call/rotas")
    duty = karin.word("paging.duty.technical")
    await page.get_by_role("button", name=karin.word("paging.actOn", act=karin.word("paging.edit"), page=duty)).click()
    card = page.locator("form").filter(has=page.get_by_role("heading", name=duty))
    # The leads are told, as is proposed.
    await card.get_by_role("button", name=karin.word("components.save"), exact=True).click()
    await expect(card.get_by_role("button", name=karin.word("paging.addStep"))).to_be_hidden()

    ana = await agent(windows, holdfast, "ana")
    lin = await customer(windows, holdfast.origin, "de")
    await talk(lin, ana, "Mein Guthaben ist null")
    await ana.say("I hand this over to our technical team.")
    await hand_over(ana)

    await page.goto(f"{holdfast.origin}/console/on-call")
    kind = karin.word("paging.kind.promise_breached")
    entry = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=kind))
    await expect(entry).to_contain_text(karin.word("paging.state.open"), timeout=40_000)
    # Other pages may be there, too: that nobody is on call.
    ((reference,),) = holdfast.query("SELECT reference FROM page WHERE kind = 'promise_breached'")
    await expect(entry).to_contain_text(reference)
    have = karin.word("paging.actOn", act=karin.word("paging.haveIt"), page=kind)
    await entry.get_by_role("button", name=have).click()
    await expect(entry).to_contain_text("Karin")

    # The case is taken, and the customer hears how it stands: the page is over by itself. The next update has its day.
    holdfast.execute(_VERSION.format(version=3, seconds=86_400))
    await ana.button("technical.take").click()
    await tell_customers(ana, "update", UPDATE)
    await expect(lin.bubble(UPDATE["de"])).to_be_visible()
    await expect(entry).to_contain_text(karin.word("paging.state.resolved"), timeout=40_000)
    await ana.button("technical.solve").click()
    await tell_customers(ana, "solved", SOLVED)
    await expect(lin.bubble(SOLVED["de"])).to_be_visible()
    (first,) = holdfast.query("SELECT state FROM promise WHERE kind = 'update' ORDER BY seq")[0]
    assert first == "broken"

    async def over() -> bool:
        return holdfast.query("SELECT DISTINCT state FROM page WHERE kind = 'promise_breached'") == [("resolved",)]

    await eventually_so(over, 30, "the end of every page")
