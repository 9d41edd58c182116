"""Every way into the console, in a browser: password, authenticator app, recovery code, passkey; and out again."""

import re

import pyotp
from playwright.async_api import Page, expect

from tests.e2e.browser import Windows
from tests.e2e.desk import agent
from tests.e2e.leaks import typed
from tests.e2e.pages import Console
from tests.support.server import Holdfast


async def _authenticator(page: Page) -> None:
    """A passkey device that says yes at once."""
    cdp = await page.context.new_cdp_session(page)
    await cdp.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    await cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})


async def _account(console: Console) -> None:
    await console.page.goto(f"{console.origin}/console/account")
    await expect(console.page.get_by_role("heading", name=console.word("session.factors"))).to_be_visible()


async def _sign_out(console: Console) -> None:
    await console.menu.click()
    await console.page.get_by_role("menuitem", name=console.word("shell.signOut")).click()
    await expect(console.page.get_by_label(console.word("session.email"))).to_be_visible()


async def test_a_wrong_password_says_so_and_nothing_more(windows: Windows, holdfast: Holdfast) -> None:
    console = Console(await windows.person(), holdfast.origin)
    with windows.watch.refusals(401):
        await console.sign_in("mei@holdfast.example", typed("not the password", "a wrong password"))
        await expect(console.page.get_by_role("alert")).to_be_visible()
    await expect(console.page.get_by_label(console.word("session.email"))).to_have_value("mei@holdfast.example")


async def test_password_and_authenticator_app(windows: Windows, holdfast: Holdfast) -> None:
    console = await agent(windows, holdfast, "sofia", online=False)
    page = console.page
    await _account(console)
    await console.button("session.setUp").click()
    await page.get_by_text(console.word("session.cannotScan")).click()
    secret = typed((await page.locator("details code").inner_text()).replace(" ", ""), "an authenticator's secret")
    await page.get_by_label(console.word("session.codeSix")).fill(pyotp.TOTP(secret).now())
    await page.get_by_role("button", name=console.word("session.confirm"), exact=True).click()
    await expect(page.get_by_role("heading", name=console.word("session.recovery"))).to_be_visible()
    recovery = await page.locator("li.select-all").all_inner_texts()
    assert len(set(recovery)) >= 8
    for code in recovery:
        typed(code, "a recovery code")
    await page.get_by_label(console.word("session.codesKept")).click()
    await console.button("components.done").click()
    await _sign_out(console)

    await console.sign_in("sofia@holdfast.example", "harbour lantern 27")
    with windows.watch.refusals(400):
        await page.get_by_label(console.word("session.code"), exact=True).fill("000000")
        await page.get_by_role("button", name=console.word("session.signInGo"), exact=True).click()
        await expect(page.get_by_role("alert")).to_be_visible()
    await page.get_by_label(console.word("session.code"), exact=True).fill(recovery[0])
    await page.get_by_role("button", name=console.word("session.signInGo"), exact=True).click()
    await console.expect_inside()


async def test_passkey(windows: Windows, holdfast: Holdfast) -> None:
    console = await agent(windows, holdfast, "seoyeon", online=False)
    page = console.page
    await _authenticator(page)
    await _account(console)
    await page.get_by_label(console.word("session.passkeyName")).fill("Test key")
    await console.button("session.addPasskey").click()
    await expect(page.get_by_role("listitem").filter(has_text="Test key")).to_be_visible()
    await _sign_out(console)
    await console.button("session.withPasskey").click()
    await console.expect_inside()


async def test_an_ended_session_is_out_everywhere(windows: Windows, holdfast: Holdfast) -> None:
    here = await agent(windows, holdfast, "mei", online=False)
    there = await agent(windows, holdfast, "mei", online=False)
    await _account(here)
    with windows.watch.refusals(401), windows.watch.outage():
        await here.page.get_by_role("button", name=re.compile("^" + here.word("session.endOf", name=""))).first.click()
        await expect(there.page.get_by_label(there.word("session.email"))).to_be_visible(timeout=30_000)


async def test_the_console_speaks_chinese(windows: Windows, holdfast: Holdfast) -> None:
    console = await agent(windows, holdfast, "ana", online=False)
    await console.choose_language("zh-Hans")
    await expect(console.page.get_by_role("navigation", name=console.word("shell.main"))).to_be_visible()
    assert await console.page.evaluate("document.documentElement.lang") == "zh-Hans"
    await console.page.reload()
    await console.expect_inside()
