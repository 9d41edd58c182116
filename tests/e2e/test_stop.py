"""A secret is stopped in the customer's browser: nothing of it leaves the page before they have answered."""

import random
from collections.abc import Callable

import pytest
from playwright.async_api import FilePayload, Locator, Page, expect

from tests.e2e.browser import Windows
from tests.e2e.desk import agent, customer, talk
from tests.e2e.pages import Wallet
from tests.e2e.test_pages import serious, settled, sideways
from tests.redaction.samples_phrases import phrase_of
from tests.support.server import Holdfast

ENGLISH = "legal winner thank year wave sausage worth useful legal winner thank yellow"
CHINESE = "".join(phrase_of("chinese_simplified", random.Random(39), 24))
HASH = "0x" + "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def _spied(page: Page) -> Callable[[], str]:
    """Everything that leaves the page from now on: frames, and what requests carry."""
    left: list[str] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: left.append(str(frame))))
    page.on("request", lambda request: left.append(f"{request.url} {request.post_data or ''}"))
    return lambda: "\n".join(left)


async def _armed(wallet: Wallet) -> None:
    """The composer has the focus, and what looks at its words is loaded."""
    await wallet.composer.focus()
    await wallet.until_guarded()


def _card(wallet: Wallet, key: str) -> Locator:
    return wallet.page.get_by_role("alertdialog", name=wallet.word(key))


async def _kept(page: Page) -> str:
    return str(await page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])"))


@pytest.mark.parametrize(("language", "phrase"), [("en", ENGLISH), ("zh-Hans", CHINESE)])
async def test_a_phrase_does_not_leave_the_page(
    windows: Windows, holdfast: Holdfast, language: str, phrase: str
) -> None:
    page = await windows.person()
    left = _spied(page)
    lin = Wallet(page, holdfast.origin, language)
    await lin.visit()
    await lin.begin_chat()
    await _armed(lin)
    words = phrase.split() if " " in phrase else [phrase[:6], phrase[6:]]
    # As a keyboard does: the browser could undo what was taken out.
    await page.keyboard.insert_text(f"{phrase}\nquince bread")
    await page.keyboard.press("Enter")
    card = _card(lin, "guard_recovery_phrase")
    await expect(card).to_be_focused()
    await settled(page)
    assert await serious(page) == []
    assert await sideways(page) == 0
    await lin.button("guard_remove").click()
    await expect(card).to_have_count(0)
    await expect(lin.composer).to_be_focused()
    await expect(lin.composer).to_have_value("quince bread")
    for _ in range(3):
        await page.keyboard.press("Control+z")
        assert words[0] not in await lin.composer.input_value()
    await lin.say("quince bread")
    await lin.expect_tick("quince bread", "delivered")
    assert "quince bread" in left()
    assert not any(word in left() for word in words)
    kept = await _kept(page)
    assert not any(word in kept for word in words)
    # Through the socket, too: the first words had made the conversation.
    await lin.say(phrase)
    await expect(card).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(card).to_have_count(0)
    await expect(lin.composer).to_be_focused()
    await lin.say("plum cake")
    await lin.expect_tick("plum cake", "delivered")
    assert not any(word in left() for word in words)


async def test_parts_are_stopped_with_the_last(windows: Windows, holdfast: Holdfast) -> None:
    ana = await agent(windows, holdfast, "ana")
    lin = await customer(windows, holdfast.origin)
    await talk(lin, ana, "My wallet is locked")
    left = _spied(lin.page)
    await _armed(lin)
    words = ENGLISH.split()
    await lin.say(" ".join(words[:5]))
    await expect(ana.log.get_by_text(" ".join(words[:5]))).to_be_visible()
    await lin.say(" ".join(words[5:]))
    await expect(_card(lin, "guard_recovery_phrase")).to_contain_text(lin.word("guard_parts"))
    await lin.button("guard_remove").click()
    await expect(lin.composer).to_have_value("")
    assert "yellow" not in left()


async def test_what_is_no_secret_is_sent(windows: Windows, holdfast: Holdfast) -> None:
    ana = await agent(windows, holdfast, "ana")
    lin = await customer(windows, holdfast.origin)
    await talk(lin, ana, "Hello from the bakery")
    await _armed(lin)
    said = f"My transaction hash is {HASH}, it is pending since 14:05"
    await lin.say(said)
    await expect(ana.log.get_by_text(said)).to_be_visible()
    # Without a word beside it nobody can tell: the customer can.
    await lin.say(HASH)
    await expect(_card(lin, "guard_maybe")).to_be_focused()
    await lin.button("guard_send").click()
    await expect(_card(lin, "guard_maybe")).to_have_count(0)
    await expect(lin.composer).to_have_value("")
    await expect(lin.log.locator(".m.me")).to_have_count(3)


async def test_a_text_file_is_looked_at(windows: Windows, holdfast: Holdfast) -> None:
    ana = await agent(windows, holdfast, "ana")
    lin = await customer(windows, holdfast.origin)
    await talk(lin, ana, "I have a file for you")
    left = _spied(lin.page)
    await _armed(lin)
    picker = lin.page.locator("holdfast-help input[type=file]")
    backup = FilePayload(name="wallet.txt", mimeType="text/plain", buffer=f"backup:\n{ENGLISH}\n".encode())
    notes = FilePayload(name="notes.txt", mimeType="text/plain", buffer=b"It broke on Monday.")
    await picker.set_input_files([backup, notes])
    card = _card(lin, "guard_recovery_phrase")
    await expect(card).to_contain_text("wallet.txt")
    await lin.button("guard_remove_file").click()
    await expect(card).to_have_count(0)
    await expect(lin.page.locator("holdfast-help .files li")).to_have_count(1)
    await lin.composer.fill("here it is")
    await expect(lin.button("send")).to_have_attribute("aria-disabled", "false")
    await lin.composer.press("Enter")
    await expect(ana.page.get_by_text("notes.txt")).to_be_visible()
    assert "sausage" not in left()


async def test_an_agent_is_told(windows: Windows, holdfast: Holdfast) -> None:
    ana = await agent(windows, holdfast, "ana")
    lin = await customer(windows, holdfast.origin)
    await talk(lin, ana, "I read you the words")
    await ana.composer.fill(f"You said {ENGLISH}")
    told = ana.page.get_by_text(ana.word("conversations.holds.recovery_phrase"))
    await expect(told).to_be_visible()
    await settled(ana.page)
    assert await serious(ana.page) == []
    assert "sausage" not in await _kept(ana.page)
    await ana.composer.fill("You said some words")
    await expect(told).to_have_count(0)
