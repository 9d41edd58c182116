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
