"""A promise as both sides see it: the customer's instant, the lines in the agent's timeline, the ledger of every
second."""

import re
from collections.abc import Iterator

import pytest
from playwright.async_api import expect

from tests.e2e.browser import DESKTOP, NARROW, PHONE, Windows
from tests.e2e.desk import agent, customer, talk
from tests.e2e.test_pages import serious, settled, sideways
from tests.support.server import Holdfast

_VERSION = """
INSERT INTO promise_policy (id, key, version, kind, match, target_seconds, active, made_at)
SELECT gen_random_uuid(), key, version + 1, kind, match, {seconds}, true, now() FROM promise_policy
WHERE key = 'next-response' ORDER BY version DESC LIMIT 1
"""


@pytest.fixture
def hurried(holdfast: Holdfast) -> Iterator[None]:
    """The next answer is promised within ten seconds."""
    holdfast.execute(_VERSION.format(seconds=10))
    yield
    holdfast.execute(_VERSION.format(seconds=900))


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_promise_from_both_sides(windows: Windows, holdfast: Holdfast, hurried: None, scheme: str) -> None:
    ana = await agent(windows, holdfast, "ana")
    await ana.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    lin = await customer(windows, holdfast.origin)
    await talk(lin, ana, "Where is my deposit?")
    promised = lin.page.locator("holdfast-help .promise")
    # "We answer by 14:05, your time."
    line = re.escape(lin.word("promise", time="TIME")).replace("TIME", r"\d\d:\d\d")
    await expect(promised).to_have_text(re.compile(line))
    faults: list[str] = []
    for size in (PHONE, NARROW):
        await lin.page.set_viewport_size(size)
        await settled(lin.page)
        faults += await serious(lin.page)
        if extra := await sideways(lin.page):
            faults.append(f"widget: {extra} px too wide at {size['width']}")
    await ana.say("Let me look. Which network was it?")
    await lin.say("The usual one")
    # The lines of the desk's own: half of the ten seconds, eight of them, and the breach.
    for share in ("50", "80"):
        words = ana.word("conversations.event.promise_warned", share=share, promise="", due="").split(":")[0]
        await expect(ana.log).to_contain_text(words, timeout=15_000)
    broken = ana.word("conversations.event.promise_broken", promise=ana.word("promises.kind.next_response"), due="")
    await expect(ana.log).to_contain_text(broken.strip(), timeout=15_000)
    await expect(lin.log).not_to_contain_text(broken.strip())
    await ana.page.get_by_role("button", name=ana.word("conversations.moreActs")).click()
    await ana.page.get_by_role("menuitem", name=ana.word("conversations.ledger")).click()
    await expect(ana.page.get_by_role("heading", name=ana.word("promises.ledger"))).to_be_visible()
    first = ana.page.get_by_role("listitem").filter(has=ana.page.get_by_role("heading", name="First answer")).first
    await expect(first).to_contain_text(ana.word("promises.state.kept"))
    await expect(first).to_contain_text(ana.word("promises.label.running"))
    owed = ana.page.get_by_role("listitem").filter(has=ana.page.get_by_role("heading", name="Next answer")).first
    await expect(owed).to_contain_text(ana.word("promises.owed"))
    await expect(owed).to_contain_text(ana.word("promises.label.late"))
    for size in (DESKTOP, NARROW):
        await ana.page.set_viewport_size(size)
        await settled(ana.page)
        faults += await serious(ana.page)
        if extra := await sideways(ana.page):
            faults.append(f"ledger: {extra} px too wide at {size['width']}")
    assert not faults, "\n".join(sorted(set(faults)))


async def test_an_administrator_promises_more_in_opening_hours(windows: Windows, holdfast: Holdfast) -> None:
    lena = await agent(windows, holdfast, "lena", online=False)
    page = lena.page
    await page.goto(f"{lena.origin}/console/promises")
    await page.get_by_role("button", name=lena.word("promises.addHours")).click()
    await page.get_by_label(lena.word("promises.key")).fill("office")
    await page.get_by_label(lena.word("promises.zone")).select_option("Asia/Seoul")
    await page.get_by_label(lena.word("promises.holidays")).fill("kr")
    await page.get_by_role("button", name=lena.word("promises.addException")).click()
    await page.get_by_label(lena.word("promises.day")).last.fill("2027-01-04")
    faults = await serious(page)
    await page.get_by_role("button", name=lena.word("components.save")).click()
    await expect(page.get_by_role("heading", name="office Asia/Seoul")).to_be_visible()
    change = page.get_by_role("button", name=lena.word("promises.changeOf", name="first-response"), exact=True)
    await change.click()
    await page.get_by_label(lena.word("promises.amount")).fill("20")
    await page.get_by_label(lena.word("promises.countedIn")).select_option("office")
    await page.get_by_label(lena.word("conversations.channel.email")).check()
    for size in (DESKTOP, NARROW):
        await page.set_viewport_size(size)
        await settled(page)
        faults += await serious(page)
        if extra := await sideways(page):
            faults.append(f"policies: {extra} px too wide at {size['width']}")
    await page.get_by_role("button", name=lena.word("components.save")).click()
    row = page.get_by_role("listitem").filter(has_text="first-response,")
    await expect(row).to_contain_text("20 min")
    await expect(row).to_contain_text("office")
    await expect(row).to_contain_text(lena.word("conversations.channel.email"))
    try:
        stored = holdfast.query(
            "SELECT p.version, target_seconds, match -> 'channels', c.holidays, c.exceptions FROM promise_policy p"
            " JOIN promise_calendar c ON c.id = p.calendar_id WHERE p.key = 'first-response'"
        )
        assert stored == [(2, 1200, ["email"], ["KR"], {"2027-01-04": []})]
        # Changed once more, the closed day is still closed.
        await page.get_by_role("button", name=lena.word("promises.changeOf", name="office")).click()
        await page.get_by_role("button", name=lena.word("components.save")).click()
        await expect(page.get_by_role("heading", name="office Asia/Seoul")).to_be_visible()
        await expect(page.get_by_text(lena.word("promises.version", name="first-response", n="3"))).to_be_visible()
        assert holdfast.query("SELECT exceptions FROM promise_calendar ORDER BY version") == [
            ({"2027-01-04": []},),
            ({"2027-01-04": []},),
        ]
        karin = await agent(windows, holdfast, "karin", online=False)
        await karin.page.goto(f"{karin.origin}/console/promises")
        await expect(
            karin.page.get_by_text(karin.word("promises.version", name="first-response", n="3"))
        ).to_be_visible()
        await expect(karin.page.get_by_role("button", name=karin.word("promises.add"))).to_have_count(0)
    finally:
        holdfast.execute("DELETE FROM promise_policy WHERE key = 'first-response' AND version > 1")
        holdfast.execute("DELETE FROM promise_calendar")
    assert not faults, "\n".join(sorted(set(faults)))
