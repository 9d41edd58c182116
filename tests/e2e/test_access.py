"""Who sees what, in the browser: purposes and their end, what others see masked, who looked, seals and alarms."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.async_api import Locator, Page, expect

from holdfast.access import seals
from holdfast.access.purposes import FIRST
from holdfast.access.seals import Proof
from holdfast.app.demo_organisation import DOMAIN, PASSWORD
from tests.e2e.browser import DESKTOP, NARROW, Windows
from tests.e2e.desk import agent, customer, talk
from tests.e2e.pages import Console
from tests.e2e.test_desk_work import reference_of, rows, view
from tests.e2e.test_pages import serious, settled, sideways
from tests.support.server import Holdfast
from tests.support.waiting import until

VALUE, MASKED = "sam.carter@example.com", "s••••@example.com"
PHONE_SAID = "+49 151 2345 6789"
NAMES = {key: names for key, *_, names in FIRST}
# For whoever changes these pages: a folder in which to put pictures of them.
PICTURES = os.environ.get("HOLDFAST_TEST_PICTURES")


async def picture(page: Page, name: str) -> None:
    if PICTURES:
        await page.screenshot(path=Path(PICTURES) / f"{name}.png")


def panel_of(console: Console) -> Locator:
    return console.page.get_by_role("complementary", name=console.word("customers.panel"))


async def show(console: Console, kind: str, purpose: str) -> None:
    label = console.word("customers.showField", field=console.word(f"customers.kind.{kind}"))
    await panel_of(console).get_by_role("button", name=label).click()
    await console.page.get_by_role("menuitem", name=NAMES[purpose][console.language]).click()


async def test_a_value_is_shown_for_a_purpose_until_the_case_ends(windows: Windows, holdfast: Holdfast) -> None:
    ana = await agent(windows, holdfast, "ana")
    sam = await customer(windows, holdfast.origin, user="sam")
    await talk(sam, ana, "Where is my refund?")
    await sam.say(f"Call {PHONE_SAID}")
    await expect(ana.log.get_by_text(f"Call {PHONE_SAID}")).to_be_visible()
    panel = panel_of(ana)
    await expect(panel.get_by_role("heading", name="Sam Carter")).to_be_visible()
    await expect(panel.get_by_text(MASKED)).to_be_visible()
    # Not hidden in the page: not in the page.
    assert VALUE not in await ana.page.content()
    await picture(ana.page, "masked-en")

    await show(ana, "email", "refund")
    await expect(panel.get_by_text(VALUE)).to_be_visible()
    await expect(panel.get_by_text(ana.word("customers.shownFor", purpose="Check a refund"))).to_be_visible()
    await picture(ana.page, "shown-en")
    audited = holdfast.query(
        "SELECT g.email, e.purpose, e.detail->>'kind' FROM audit_entry e JOIN agent g ON g.id = e.actor_id"
        " JOIN conversation c ON c.customer_id = e.subject_id"
        " WHERE e.action = 'customer.field_shown' AND c.reference = %s",
        [await reference_of(sam)],
    )
    assert audited == [(f"ana@{DOMAIN}", "refund", "email")]
    await panel.get_by_role("button", name=ana.word("customers.hide"), exact=True).click()
    await expect(panel.get_by_text(MASKED)).to_be_visible()
    assert VALUE not in await ana.page.content()
    until(
        lambda: ("closed",) in holdfast.query("SELECT ended_why FROM access_grant"), 10, "hiding gives the grant back"
    )

    # The matter is settled elsewhere: what is open in this window closes by itself.
    await show(ana, "email", "refund")
    await expect(panel.get_by_text(VALUE)).to_be_visible()
    await ana.button("conversations.resolve").click()
    await expect(panel.get_by_text(MASKED)).to_be_visible()
    await expect(panel.get_by_text(ana.word("customers.notYours"))).to_be_visible()
    await expect(ana.log.get_by_text("+49 ••••• 6789")).to_be_visible()
    content = await ana.page.content()
    assert VALUE not in content
    assert PHONE_SAID not in content
    assert "Sam Carter" not in content
    await picture(ana.page, "settled-en")


async def test_a_lead_who_watches_sees_masks_and_finds_by_an_exact_value(windows: Windows, holdfast: Holdfast) -> None:
    ana = await agent(windows, holdfast, "ana")
    sam = await customer(windows, holdfast.origin, user="sam")
    await talk(sam, ana, "It is urgent")
    await sam.say(f"Please call {PHONE_SAID}")
    await expect(ana.log.get_by_text(PHONE_SAID)).to_be_visible()
    karin = await agent(windows, holdfast, "karin", online=False)
    await view(karin, "all").click()
    await karin.button("conversations.find").click()
    field = karin.page.get_by_role("searchbox", name=karin.word("conversations.searchLead"))
    await field.fill("2345 6789")
    await expect(karin.page.get_by_role("heading", name=karin.word("conversations.nothingFound"))).to_be_visible()
    await field.fill(VALUE.upper())
    await expect(rows(karin)).to_have_count(1)
    await rows(karin).first.click()
    await expect(karin.log.get_by_text("Please call +49 ••••• 6789")).to_be_visible()
    content = await karin.page.content()
    assert "Sam Carter" not in content
    assert PHONE_SAID not in content
    await picture(karin.page, "lead-en")
    # A new message reaches both, each as they may see it.
    await sam.say(f"Or write to {VALUE}")
    await expect(ana.log.get_by_text(f"Or write to {VALUE}")).to_be_visible()
    await expect(karin.log.get_by_text(f"Or write to {MASKED}")).to_be_visible()
    searched = holdfast.query("SELECT detail::text FROM audit_entry WHERE action = 'customer.searched'")
    assert len(searched) >= 1
    assert not [row for row in searched if "example.com" in row[0].lower() or "6789" in row[0]]


@pytest.mark.parametrize(("language", "key", "scheme"), [("en", "ana", "light"), ("ar", "omar", "dark")])
async def test_a_customer_asks_who_looked_and_takes_the_proof_home(
    windows: Windows, holdfast: Holdfast, language: str, key: str, scheme: str
) -> None:
    ana = await agent(windows, holdfast, key)
    sam = await customer(windows, holdfast.origin, language, user="sam")
    await sam.visit(user="sam", theme=scheme)
    await talk(sam, ana, "0x71C7 is pending")
    await show(ana, "email", "refund")
    await expect(panel_of(ana).get_by_text(VALUE)).to_be_visible()
    until(
        lambda: (
            holdfast.query(
                "SELECT 1 FROM audit_entry LEFT JOIN audit_leaf ON entry_id = audit_entry.id"
                " WHERE action = 'customer.field_shown' AND seal IS NULL"
            )
            == []
        ),
        20,
        "what was shown is sealed",
    )
    await sam.button("more").click()
    await sam.button("look_title", exact=False).click()
    await expect(sam.heading("look_title")).to_be_visible()
    body = sam.page.locator("holdfast-help .body")
    await expect(body.get_by_text(sam.word("look_email")).first).to_be_visible()
    await expect(body.get_by_text(sam.word("look_conversation")).first).to_be_visible()
    await expect(body.get_by_text(NAMES["refund"][language]).first).to_be_visible()
    first_name = ana_name(holdfast, key)
    await expect(body.get_by_text(first_name).first).to_be_visible()
    await settled(sam.page)
    assert await serious(sam.page) == []
    assert await sideways(sam.page) == 0
    await picture(sam.page, f"looks-{language}-{scheme}")
    async with sam.page.expect_download() as waiting:
        await sam.button("look_proof").click()
    found = json.loads(await _read(await waiting.value))
    assert len(found) >= 2
    for proof in msgspec.convert(found, list[Proof]):
        assert seals.proven(proof)
        assert "127.0.0.1" not in json.dumps(proof.entry)


def ana_name(server: Holdfast, key: str) -> str:
    ((name,),) = server.query("SELECT name FROM agent WHERE email = %s", [f"{key}@{DOMAIN}"])
    return str(name).split()[0]


async def _read(download: Any) -> str:
    return await asyncio.to_thread(Path(await download.path()).read_text, "utf-8")


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("zh-Hans", "dark")])
async def test_seals_and_alarms(windows: Windows, holdfast: Holdfast, language: str, scheme: str) -> None:
    ((wei,),) = holdfast.query("SELECT id FROM agent WHERE name LIKE 'Wei%'")
    holdfast.execute("DELETE FROM access_alarm")
    for kind, detail in (
        ("browse_rate", {"count": 84, "seconds": 600, "own": 9, "team": 11}),
        ("canary", {"action": "conversation.opened"}),
    ):
        holdfast.execute(
            "INSERT INTO access_alarm (id, kind, agent_id, at, detail) VALUES (gen_random_uuid(), %s, %s, now(), %s)",
            [kind, wei, json.dumps(detail)],
        )
    page = await windows.person(size=DESKTOP, color_scheme=scheme)
    ruth = Console(page, holdfast.origin)
    await ruth.sign_in(f"ruth@{DOMAIN}", PASSWORD)
    await ruth.expect_inside()
    if language != "en":
        await ruth.choose_language(language)
    faults: list[str] = []

    async def look(name: str) -> None:
        for size, label in ((DESKTOP, "desktop"), (NARROW, "phone")):
            await page.set_viewport_size(size)
            await settled_live(page)
            faults.extend(await serious(page))
            if extra := await sideways(page):
                faults.append(f"{name}: {extra} px too wide at {size['width']}")
            await picture(page, f"{name}-{language}-{label}")
        await page.set_viewport_size(DESKTOP)

    await page.goto(f"{holdfast.origin}/console/alarms")
    await expect(page.get_by_text(ruth.word("audit.alarm.canary"))).to_be_visible()
    await look("alarms")
    await page.get_by_role("button", name=ruth.word("audit.see")).first.click()
    await expect(page.get_by_role("button", name=ruth.word("audit.see"))).to_have_count(1)

    await page.goto(f"{holdfast.origin}/console/audit/seals")
    await page.get_by_role("button", name=ruth.word("audit.verifyNow")).click()
    await expect(page.get_by_text(ruth.word("audit.whole"))).to_be_visible(timeout=30_000)
    await look("seals")
    await page.goto(f"{holdfast.origin}/console/audit")
    await expect(page.get_by_role("row").nth(3)).to_be_visible()
    await look("audit")
    assert not faults, "\n".join(sorted(set(faults)))


async def settled_live(page: Page) -> None:
    """The page of seals asks again every ten seconds: only that nothing moves is waited for."""
    await page.evaluate(
        "Promise.allSettled(document.getAnimations().filter(a => a.effect.getComputedTiming().iterations"
        " !== Infinity).map(a => a.finished))"
    )
