"""Rules and messages for later in the browser: a lead makes a rule, tries it and switches it on; a customer's message
sets it off and the agent sees why; an agent schedules a message, and the customer receives it."""

import re
from collections.abc import Iterator

import pytest
from playwright.async_api import FilePayload, Locator, expect

from tests.e2e.browser import Windows
from tests.e2e.desk import agent, customer, talk
from tests.e2e.pages import Console
from tests.e2e.test_pages import faults_of, serious, settled
from tests.support.server import Holdfast

TABLES = ("automation_firing", "automation_trial", "automation_timer", "automation_rule", "automation_cursor")
SAYS = "Network fees are set by the network, not by us."
# The clock of the database is not ours to turn: the deadline is.
NOW = "UPDATE {table} SET at = now() - interval '1 second'"


@pytest.fixture(autouse=True)
def _without_rules(holdfast: Holdfast) -> Iterator[None]:
    """No rule before and after."""
    yield
    for table in TABLES:
        holdfast.execute(f"DELETE FROM {table}")


def _come(holdfast: Holdfast, kind: str) -> None:
    """Its time has come."""
    holdfast.execute(NOW.format(table=kind))
    holdfast.execute("UPDATE due SET at = now() - interval '1 second' WHERE kind = %s", [kind])
    holdfast.execute("SELECT pg_notify('holdfast_due', 'set')")


def _act(card: Locator, console: Console, key: str, name: str) -> Locator:
    words = console.word("automation.actOn", act=console.word(key), name=name)
    return card.get_by_role("button", name=words, exact=True)


async def _make_rule(karin: Console, name: str) -> list[str]:
    page = karin.page
    await page.goto(f"{karin.origin}/console/rules")
    await karin.expect_inside()
    await karin.button("automation.newRule").click()
    form = page.locator("form")
    await form.get_by_label(karin.word("automation.name"), exact=True).fill(name)
    await form.get_by_role("button", name=karin.word("automation.addCheck"), exact=True).first.click()
    check = karin.word("automation.checkName")
    await form.get_by_label(karin.word("automation.looksAt", name=check, n="1")).select_option("words")
    await form.get_by_label(karin.word("automation.valuesOf", name=check, n="1")).fill("fee, fees, 手续费")
    first = karin.word("automation.actionN", n="1")
    await form.get_by_label(first, exact=True).select_option("topic")
    await form.get_by_label(karin.word("automation.valueOf", name=first)).select_option("fees")
    await form.get_by_role("button", name=karin.word("automation.addAction"), exact=True).click()
    second = karin.word("automation.actionN", n="2")
    await form.get_by_label(second, exact=True).select_option("message")
    await form.locator('textarea[lang="en"]').fill(SAYS)
    await form.get_by_label(karin.word("automation.addLanguageOf", name=second)).select_option("zh-Hans")
    await form.locator('textarea[lang="zh-Hans"]').fill("手续费由网络决定，不由我们决定。")
    faults = await faults_of(karin.page)
    await form.get_by_role("button", name=karin.word("components.save"), exact=True).click()
    return faults


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
async def test_a_rule_is_made_tried_switched_on_and_explained(
    windows: Windows, holdfast: Holdfast, language: str
) -> None:
    karin = await agent(windows, holdfast, "karin", online=False)
    await karin.choose_language(language)
    page, name = karin.page, f"Fees in {language}"
    faults = await _make_rule(karin, name)
    card = page.get_by_role("article", name=name)
    await expect(card).to_contain_text(karin.word("automation.off"))
    switch = _act(card, karin, "automation.switchOn", name)
    await expect(switch).to_be_disabled()
    await _act(card, karin, "automation.dryRun", name).click()
    await expect(card).to_contain_text(karin.word("automation.trial.done"), timeout=20_000)
    await expect(card).to_contain_text(karin.word("automation.nothingChanged"))
    faults += await faults_of(karin.page)
    await switch.click()
    await expect(card).to_contain_text(karin.word("automation.on"))

    ana = await agent(windows, holdfast, "ana")
    await ana.choose_language(language)
    lin = await customer(windows, holdfast.origin)
    await talk(lin, ana, "Where is my deposit?")
    await lin.say("Why is the fee so high?")
    await expect(lin.log).to_contain_text(SAYS, timeout=15_000)
    # Nobody sent it at that moment, and the customer can see that.
    await expect(lin.bubble(SAYS).locator(".meta")).to_contain_text(lin.word("sent_automatically"))
    await expect(ana.log).to_contain_text(SAYS)
    await expect(ana.log).to_contain_text(ana.word("conversations.automatic"))
    await ana.page.get_by_role("button", name=ana.word("conversations.moreActs")).click()
    await ana.page.get_by_role("menuitem", name=ana.word("automation.firings")).click()
    why = ana.page.get_by_role("dialog")
    await expect(why).to_contain_text(name)
    await expect(why).to_contain_text(ana.word("automation.does.message"))
    await expect(why).to_contain_text(ana.word("automation.result.done"))
    await expect(why).to_contain_text(ana.word("automation.seen", seen=ana.word("automation.seenWords")))
    # Nothing that the customer wrote.
    await expect(why).not_to_contain_text("so high")
    faults += await faults_of(ana.page)
    await _act(card, karin, "automation.log", name).click()
    await expect(card).to_contain_text(re.compile(r"HF-\w{4}-\w{4}"))
    faults += await faults_of(karin.page)
    assert not faults, "\n".join(sorted(set(faults)))


async def _schedule(ana: Console, text: str) -> None:
    await ana.composer.fill(text)
    await ana.page.get_by_role("button", name=ana.word("automation.sendLater"), exact=True).click()
    dialog = ana.page.get_by_role("dialog")
    await expect(dialog).to_contain_text(text)
    await dialog.get_by_role("button", name=ana.word("automation.schedule"), exact=True).click()
    await expect(dialog).to_be_hidden()
    await expect(ana.composer).to_have_value("")


async def test_a_message_for_later_and_a_follow_up(windows: Windows, holdfast: Holdfast) -> None:
    ana = await agent(windows, holdfast, "ana")
    lin = await customer(windows, holdfast.origin)
    await talk(lin, ana, "Where is my deposit?")
    strip = ana.page.get_by_role("list", name=ana.word("automation.strip"))
    steps: FilePayload = {"name": "steps.txt", "mimeType": "text/plain", "buffer": b"one, two"}
    await ana.page.locator('input[type="file"]').set_input_files(steps)
    await expect(
        ana.page.get_by_role("button", name=ana.word("conversations.removeFile", name="steps.txt"))
    ).to_be_visible()
    await _schedule(ana, "Your deposit has two confirmations now.")
    await expect(strip).to_contain_text("steps.txt")
    await expect(strip).to_contain_text("two confirmations")
    waits = ana.word("automation.goesOutMine", at="").strip()
    await expect(strip).to_contain_text(waits)
    faults = await faults_of(ana.page)
    _come(holdfast, "scheduled_message")
    await expect(lin.bubble("Your deposit has two confirmations now.")).to_be_visible(timeout=15_000)
    meta = lin.bubble("Your deposit has two confirmations now.").locator(".meta")
    await expect(meta).to_contain_text(lin.word("sent_automatically"))
    await expect(lin.log.get_by_role("link", name="steps.txt")).to_be_visible()
    await expect(strip).to_be_hidden()
    await expect(ana.log).to_contain_text(ana.word("conversations.sentLater"))

    # The customer writes meanwhile: it is stopped, and the agent told.
    await _schedule(ana, "Has it come?")
    await lin.say("It has come, thank you")
    stopped = ana.word("automation.wasStopped", why=ana.word("automation.refusal.customer_wrote"))
    await expect(strip).to_contain_text(stopped, timeout=15_000)
    await expect(ana.log).to_contain_text(ana.word("conversations.event.scheduled_stopped_customer_wrote"))
    faults += await faults_of(ana.page)
    await strip.get_by_role("button", name=ana.word("automation.dismiss")).click()
    await expect(strip).to_be_hidden()
    assert "Has it come?" not in await lin.bubbles()

    await ana.say("Good. I look again tomorrow.")
    await ana.page.get_by_role("button", name=ana.word("conversations.moreActs")).click()
    await ana.page.get_by_role("menuitem", name=ana.word("automation.followUp")).click()
    dialog = ana.page.get_by_role("dialog")
    await dialog.get_by_label(ana.word("automation.note")).fill("Look whether it stayed.")
    await settled(ana.page)
    faults += await serious(ana.page)
    await dialog.get_by_role("button", name=ana.word("components.save"), exact=True).click()
    await expect(strip).to_contain_text("Look whether it stayed.")
    _come(holdfast, "follow_up")
    await expect(ana.log).to_contain_text(ana.word("conversations.event.follow_up"), timeout=15_000)
    await expect(ana.log).to_contain_text("Look whether it stayed.")
    await expect(strip).to_be_hidden()
    await expect(lin.log).not_to_contain_text("stayed")
    assert not faults, "\n".join(sorted(set(faults)))
