"""The technical hand-over in the browser: handed over, updated, solved, and the customer reads it in their language; a
known problem appears in the help window without a reload, and on the page without JavaScript."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import expect

from tests.e2e.browser import DESKTOP, NARROW, PHONE, Windows
from tests.e2e.desk import agent, customer, talk
from tests.e2e.pages import Console
from tests.e2e.test_pages import faults_of, serious, settled
from tests.support.server import Holdfast

UPDATE = {"en": "We have found the cause and work on it.", "de": "Wir kennen die Ursache und arbeiten daran."}
SOLVED = {"en": "Your balance is right again.", "de": "Ihr Guthaben stimmt wieder."}
PROBLEM = {
    "en": ("Deposits are slow", "They arrive within two hours."),
    "de": ("Einzahlungen dauern", "Etwa zwei Stunden."),
}


@pytest.fixture(autouse=True)
async def _nothing_known(holdfast: Holdfast) -> AsyncIterator[None]:
    """No other test's help window shows it."""
    yield
    holdfast.execute("DELETE FROM known_problem")


async def hand_over(ana: Console) -> str:
    """From the conversation's page; the address of the case."""
    page = ana.page
    panel = page.get_by_role("complementary", name=ana.word("customers.panel"))
    await panel.get_by_role("button", name=ana.word("technical.handOver")).click()
    dialog = page.get_by_role("dialog", name=ana.word("technical.handOver"))
    await dialog.get_by_label(ana.word("technical.tried")).fill("Cleared the cache, installed it again.")
    go = dialog.get_by_role("button", name=ana.word("technical.handOverGo"), exact=True)
    await expect(go).to_be_disabled()
    await dialog.get_by_label(ana.word("technical.asked")).fill("Why does the indexer stand still?")
    await dialog.get_by_label(ana.word("technical.title")).fill("Balances stay at zero")
    faults = await serious(page)
    assert not faults, "\n".join(faults)
    await go.click()
    line = ana.word("conversations.event.handed_over_me", case="")
    await expect(ana.log).to_contain_text(re.compile(re.escape(line) + r"TC-[0-9A-Z]{4}-[0-9A-Z]{4}"))
    await panel.get_by_role("link", name="Balances stay at zero").click()
    await expect(page.get_by_role("heading", name="Balances stay at zero", level=1)).to_be_visible()
    return page.url


async def tell_customers(ana: Console, kind: str, texts: dict[str, str]) -> None:
    """Written in two languages, looked at, and released."""
    page = ana.page
    await page.get_by_role("radio", name=ana.word(f"technical.kind.{kind}")).check()
    for language, name in (("en", "English"), ("de", "German")):
        await page.get_by_label(f"In {name}").fill(texts[language])
    await page.get_by_role("button", name=ana.word("technical.saveDraft")).click()
    draft = page.get_by_role("article").filter(has_text=texts["de"])
    await expect(draft).to_contain_text(ana.word("technical.sending.draft"))
    release = ana.word("technical.release", kind=ana.word(f"technical.kind.{kind}"))
    await draft.get_by_role("button", name=release).click()
    await expect(draft).to_contain_text(ana.word("technical.sending.sent"))
    await expect(draft).to_contain_text(ana.word("technical.progress", n="1", of="1"))


async def test_handed_over_updated_solved_and_read_in_the_customers_language(
    windows: Windows, holdfast: Holdfast
) -> None:
    ana = await agent(windows, holdfast, "ana")
    lin = await customer(windows, holdfast.origin, "de")
    await talk(lin, ana, "Mein Guthaben ist null")
    case = await hand_over(ana)
    state = ana.page.locator("header .chip").first
    await expect(state).to_have_text(ana.word("technical.state.open"))
    await ana.button("technical.take").click()
    await expect(state).to_have_text(ana.word("technical.state.working"))

    await tell_customers(ana, "update", UPDATE)
    await expect(lin.bubble(UPDATE["de"])).to_be_visible()
    await ana.button("technical.solve").click()
    await expect(state).to_have_text(ana.word("technical.state.solved"))
    faults = await faults_of(ana.page)
    await tell_customers(ana, "solved", SOLVED)
    await expect(lin.bubble(SOLVED["de"])).to_be_visible()
    await expect(state).to_have_text(ana.word("technical.state.told"), timeout=20_000)
    # The hand-over is the desk's own business.
    assert await lin.bubbles() == ["Mein Guthaben ist null", UPDATE["de"], SOLVED["de"]]
    assert "TC-" not in await lin.log.inner_text()
    faults += await serious(lin.page)
    # The promise that began with the hand-over is kept by the update and by the solution.
    kept = holdfast.query("SELECT state FROM promise WHERE kind = 'update' ORDER BY seq DESC LIMIT 2")
    assert kept == [("kept",), ("kept",)]

    # What was handed over stands beside the conversation, also when it is opened anew.
    await ana.page.get_by_role("link", name=re.compile("^HF-")).click()
    await expect(ana.log).to_contain_text(UPDATE["de"])
    await ana.page.reload()
    panel = ana.page.get_by_role("complementary", name=ana.word("customers.panel"))
    await expect(panel.get_by_role("link", name="Balances stay at zero")).to_be_visible()

    await ana.page.goto(f"{holdfast.origin}/console/technical")
    await ana.page.get_by_role("button", name=ana.word("technical.over"), exact=True).click()
    await expect(ana.page.get_by_role("link", name="Balances stay at zero").first).to_be_visible()
    faults += await faults_of(ana.page)
    await ana.choose_language("zh-Hans")
    faults += await faults_of(ana.page)
    await ana.page.goto(case)
    await expect(ana.page.get_by_text(ana.word("technical.announcements"))).to_be_visible()
    faults += await faults_of(ana.page)
    await ana.choose_language("en")
    assert not faults, "\n".join(sorted(set(faults)))


async def test_a_known_problem_appears_in_the_help_window_and_on_the_page_for_everybody(
    windows: Windows, holdfast: Holdfast
) -> None:
    ana = await agent(windows, holdfast, "ana")
    lin = await customer(windows, holdfast.origin, "de")
    await talk(lin, ana, "Wo ist meine Einzahlung?")
    banner = lin.page.locator("holdfast-help .known")
    await expect(banner).to_have_count(0)

    page = ana.page
    await page.goto(f"{holdfast.origin}/console/technical/problems")
    await ana.button("technical.addProblem").click()
    await page.get_by_label(ana.word("technical.addLanguage")).select_option("de")
    for place, language in enumerate(("en", "de")):
        title, words = PROBLEM[language]
        await page.get_by_label(ana.word("technical.problemTitle"), exact=False).nth(place).fill(title)
        await page.get_by_label(ana.word("technical.problemText"), exact=False).nth(place).fill(words)
    await page.get_by_label(ana.word("technical.problemSeverity")).select_option("outage")
    faults = await faults_of(page)
    await ana.button("technical.publish").click()
    await expect(page.get_by_role("heading", name=PROBLEM["en"][0])).to_be_visible()
    faults += await faults_of(page)

    # Without a reload, read out, in the customer's language.
    await expect(banner).to_contain_text(PROBLEM["de"][0])
    await expect(banner).to_contain_text(PROBLEM["de"][1])
    await expect(lin.page.get_by_role("status").filter(has_text=PROBLEM["de"][0])).to_have_count(1)
    for size in (PHONE, NARROW, DESKTOP):
        await lin.page.set_viewport_size(size)
        await settled(lin.page)
        faults += await serious(lin.page)
    await lin.page.set_viewport_size(PHONE)
    await banner.get_by_role("button").click()
    await expect(banner).to_have_count(0)
    await lin.page.reload()
    await lin.page.locator("#help").click()
    await expect(lin.heading("title")).to_be_visible()
    await expect(banner).to_have_count(0)

    # Somebody without JavaScript, in a language that nobody wrote in.
    reader = await windows.person(locale="fr-FR", java_script_enabled=False)
    await reader.goto(f"{holdfast.origin}/status")
    await expect(reader.get_by_role("heading", level=1)).to_have_text("Problèmes connus")
    await expect(reader.get_by_role("article")).to_contain_text(PROBLEM["en"][0])
    await reader.get_by_role("link", name="Deutsch").click()
    await expect(reader.get_by_role("article")).to_contain_text(PROBLEM["de"][0])
    looked = await windows.person()
    for language in ("en", "ar", "zh-Hans"):
        await looked.goto(f"{holdfast.origin}/status?lang={language}")
        faults += await faults_of(looked)
    assert not faults, "\n".join(sorted(set(faults)))
