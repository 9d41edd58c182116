"""The customer's wallet and the agent's console as people use them: by role and by name."""

import re
from typing import Any

from playwright.async_api import Locator, Page, expect

from tests.e2e.leaks import typed
from tests.e2e.words import console, widget

# The page's policy forbids the expressions that wait_for_function evaluates.
_UNTIL_GUARDED = """new Promise((done) => {
  const look = () => document.querySelector('holdfast-help').model.guard ? done() : setTimeout(look, 20)
  look()
})"""


class Wallet:
    """/demo/wallet with the widget in it."""

    def __init__(self, page: Page, origin: str, language: str = "en") -> None:
        self.page = page
        self.origin = origin
        self.language = language

    def word(self, key: str, **values: str) -> str:
        return widget(key, self.language, **values)

    async def visit(self, *, user: str = "", theme: str = "auto") -> None:
        await self.page.goto(f"{self.origin}/demo/wallet?lang={self.language}&user={user}&theme={theme}")
        await self.page.locator("#help").click()
        await expect(self.heading("title")).to_be_visible()

    def heading(self, key: str) -> Locator:
        return self.page.get_by_role("heading", name=self.word(key), exact=True)

    def button(self, key: str, *, exact: bool = True) -> Locator:
        name: Any = self.word(key) if exact else re.compile(re.escape(self.word(key)))
        return self.page.get_by_role("button", name=name, exact=exact or None)

    async def begin_chat(self) -> None:
        await self.page.locator("holdfast-help button.way").click()

    @property
    def composer(self) -> Locator:
        return self.page.get_by_role("textbox", name=self.word("placeholder"))

    async def until_guarded(self) -> None:
        """What looks at words before they are sent is loaded; the composer has or had the focus."""
        await self.page.evaluate(_UNTIL_GUARDED)

    async def say(self, text: str) -> None:
        await self.composer.fill(text)
        await self.composer.press("Enter")

    async def insist(self, text: str) -> None:
        """Say what the page stops, and send it all the same."""
        await self.composer.focus()
        await self.until_guarded()
        await self.say(text)
        await self.button("guard_send").click()

    @property
    def log(self) -> Locator:
        return self.page.get_by_role("log", name=self.word("messages"))

    def bubble(self, text: str) -> Locator:
        return self.log.locator(".m").filter(has=self.page.get_by_text(text, exact=True))

    async def bubbles(self) -> list[str]:
        """The text of every message shown, in order."""
        return await self.log.locator(".m .b").all_inner_texts()

    async def expect_tick(self, text: str, key: str) -> None:
        """``sending``, ``delivered`` or ``read`` stands below the message."""
        await expect(self.bubble(text).locator(".meta")).to_contain_text(self.word(key))


class Console:
    """/console of one agent."""

    def __init__(self, page: Page, origin: str, language: str = "en") -> None:
        self.page = page
        self.origin = origin
        self.language = language

    def word(self, key: str, **values: str) -> str:
        return console(key, self.language, **values)

    def button(self, key: str) -> Locator:
        # A key's hint may follow the name.
        return self.page.get_by_role("button", name=re.compile("^" + re.escape(self.word(key)) + r"(?![a-z])"))

    async def sign_in(self, email: str, password: str) -> None:
        """With a password; a second factor may then be asked for."""
        await self.page.goto(f"{self.origin}/console/")
        await self.page.get_by_label(self.word("session.email")).fill(email)
        await self.page.get_by_label(self.word("session.password"), exact=True).fill(typed(password, "a password"))
        await self.page.get_by_role("button", name=self.word("session.signInGo"), exact=True).click()

    async def expect_inside(self) -> None:
        await expect(self.page.get_by_role("navigation", name=self.word("shell.main"))).to_be_visible()

    @property
    def menu(self) -> Locator:
        """Oneself: presence, account, language, the way out."""
        return self.page.locator("button:has(.ring-surface)")

    async def go_online(self) -> None:
        await self.menu.click()
        await self.page.get_by_role("menuitemcheckbox", name=self.word("presence.online")).click()
        await expect(self.menu).to_have_accessible_name(re.compile(re.escape(self.word("presence.online"))))

    async def choose_language(self, language: str) -> None:
        await self.menu.click()
        await self.page.get_by_role("menuitem", name=self.word(f"shell.language.{language}")).click()
        self.language = language

    @property
    def offer(self) -> Locator:
        return self.page.locator('section[role="dialog"][aria-labelledby="offer-title"]')

    async def accept(self) -> None:
        await self.offer.get_by_role("button", name=re.compile("^" + re.escape(self.word("offers.accept")))).click()

    @property
    def composer(self) -> Locator:
        return self.page.get_by_role("textbox", name=self.word("conversations.yourReply"))

    async def say(self, text: str) -> None:
        await self.composer.fill(text)
        # Enabled when the conversation is known to be one's own.
        await expect(self.button("conversations.send")).to_be_enabled()
        await self.composer.press("Control+Enter")

    @property
    def log(self) -> Locator:
        return self.page.get_by_role("log")

    async def bubbles(self) -> list[str]:
        """The text of every message shown (not of notes and system lines), in order."""
        return await self.log.locator("p.whitespace-pre-wrap.break-words").all_inner_texts()
