"""People of a test: customers and agents with their own browsers, ready to talk."""

from playwright.async_api import expect

from holdfast.app.demo_organisation import DOMAIN, PASSWORD, PEOPLE
from tests.e2e.browser import DESKTOP, PHONE, Windows
from tests.e2e.pages import Console, Wallet
from tests.support.server import Holdfast

LOCALES = {"en": "en-GB", "zh-Hans": "zh-CN", "ar": "ar-EG", "de": "de-DE"}


async def customer(windows: Windows, origin: str, language: str = "en", *, user: str = "") -> Wallet:
    """A customer on a phone, with the help window open."""
    wallet = Wallet(await windows.person(locale=LOCALES[language], size=PHONE), origin, language)
    await wallet.visit(user=user)
    return wallet


async def agent(windows: Windows, server: Holdfast, key: str, *, online: bool = True) -> Console:
    """A signed-in agent of the demo at a desktop."""
    console = Console(await windows.person(size=DESKTOP), server.origin)
    await console.sign_in(f"{key}@{DOMAIN}", PASSWORD)
    # The account's language decides on a computer where nobody has chosen one.
    console.language = next(person.interface for person in PEOPLE if person.key == key)
    await console.expect_inside()
    if online:
        await console.go_online()
    return console


async def talk(asking: Wallet, answering: Console, first: str) -> None:
    """A new conversation, accepted by this agent."""
    await asking.begin_chat()
    await asking.say(first)
    await expect(answering.offer).to_contain_text(first)
    await answering.accept()
    await expect(answering.composer).to_be_visible()
