"""The console's pages of the phone that need no call: the menu's picture with the keyboard, what is wrong shown at its
step, versions; lines; blocked numbers."""

import re

from playwright.async_api import Locator, Page, expect

from tests.e2e.browser import Windows
from tests.e2e.desk import agent
from tests.e2e.pages import Console
from tests.e2e.test_pages import faults_in_both
from tests.support.server import Holdfast


async def opened(windows: Windows, server: Holdfast, who: str, path: str, title: str) -> Console:
    console = await agent(windows, server, who, online=False)
    await console.page.emulate_media(reduced_motion="reduce")
    await console.page.goto(f"{server.origin}/console/calls{path}")
    await expect(console.page.get_by_role("heading", name=console.word(title), exact=True, level=1)).to_be_visible()
    return console


def step(page: Page, name: str) -> Locator:
    return page.locator("svg").get_by_role("button", name=re.compile(f"^{name} "))


async def test_a_menu_is_looked_at_changed_and_saved(windows: Windows, holdfast: Holdfast) -> None:
    karin = await opened(windows, holdfast, "karin", "/menus", "calls.page.menus")
    page, word = karin.page, karin.word
    await step(page, "language").focus()
    await page.keyboard.press("ArrowRight")
    await expect(step(page, "person")).to_be_focused()
    await expect(page.get_by_role("region", name=word("calls.nodeOf", name="person"))).to_be_visible()

    await page.get_by_role("combobox", name=word("calls.addNode")).select_option("say")
    form = page.get_by_role("region", name=word("calls.nodeOf", name="say"))
    fault = word("calls.fault.empty_text")
    await expect(form).to_contain_text(fault)
    await expect(step(page, "say")).to_have_accessible_name(re.compile(re.escape(fault)))
    save = page.get_by_role("button", name=word("calls.saveVersion", n="1"))
    await expect(save).to_be_disabled()
    faults = await faults_in_both(page)

    await form.get_by_label(word("calls.saysIn", name="English")).fill("Good day.")
    await form.get_by_label(word("calls.next")).select_option("language")
    await expect(form).to_contain_text(word("calls.fault.unreachable"))
    await form.get_by_role("button", name=word("calls.makeStart")).click()
    name = form.get_by_label(word("calls.nodeName"))
    await name.fill("Hello all")
    await name.press("Enter")
    await expect(step(page, "hello-all")).to_have_accessible_name(re.compile(re.escape(word("calls.start"))))
    await page.get_by_text(word("calls.asText")).click()
    await expect(page.get_by_role("listitem").filter(has_text=word("calls.wayOn", to="language"))).to_be_visible()
    await page.get_by_label(word("calls.menuName")).fill("With a greeting")
    await expect(save).to_be_enabled()
    await save.click()
    await expect(page.get_by_role("region", name=word("calls.versions"))).to_contain_text(word("calls.inForce"))
    await expect(page.get_by_role("button", name=word("calls.loadOf", n="1"))).to_be_visible()
    ((kept,),) = holdfast.query("SELECT tree->>'start' FROM menu WHERE key = 'standard'")
    assert kept == "hello-all"
    faults += await faults_in_both(page)
    assert not faults, "\n".join(sorted(set(faults)))
    holdfast.execute("DELETE FROM menu")


async def test_a_line_is_added_and_switched_off(windows: Windows, holdfast: Holdfast) -> None:
    lena = await opened(windows, holdfast, "lena", "/lines", "calls.page.lines")
    page, word = lena.page, lena.word
    await page.get_by_role("button", name=word("calls.addLine")).click()
    await page.get_by_role("textbox", name=re.compile(f"^{word('calls.number')}")).fill("+1 (800) 555-0155")
    await page.get_by_role("textbox", name=re.compile(f"^{word('calls.name')}")).fill("Night line")
    await page.get_by_label(word("calls.wrap")).fill("30")
    await page.get_by_label(word("calls.records")).check()
    faults = await faults_in_both(page)
    await page.get_by_role("button", name=word("components.save")).click()
    await expect(page.get_by_role("heading", name="Night line", exact=True)).to_be_visible()
    await page.get_by_role("button", name=word("calls.changeOf", name="Night line")).click()
    await page.get_by_role("checkbox", name=word("calls.isActive")).uncheck()
    await page.get_by_role("button", name=word("components.save")).click()
    await expect(page.get_by_text(word("calls.inactive"), exact=True)).to_be_visible()
    kept = holdfast.query("SELECT number, wrap_seconds, records, active FROM line WHERE name = 'Night line'")
    assert kept == [("+18005550155", 30, True, False)]
    faults += await faults_in_both(page)
    assert not faults, "\n".join(sorted(set(faults)))
    holdfast.execute("DELETE FROM line WHERE name = 'Night line'")
