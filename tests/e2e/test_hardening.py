"""In a browser: the organisation's own sign-in across sites, step-up before what does harm, webhooks."""

import json
from urllib.parse import urlsplit

from playwright.async_api import Page, expect

from holdfast.app.demo_organisation import PASSWORD
from tests.e2e.browser import Windows
from tests.e2e.conftest import RECEIVER
from tests.e2e.desk import agent, customer
from tests.e2e.leaks import typed
from tests.e2e.pages import Console
from tests.e2e.test_sign_in import _account, _authenticator, _sign_out
from tests.support.outside import answering, outside
from tests.support.provider import Provider
from tests.support.server import Holdfast


def _stale(server: Holdfast) -> None:
    """As if everybody had signed in an hour ago."""
    server.execute("UPDATE sign_in_session SET stepped_up_at = now() - interval '1 hour'")


async def _fill_webhook(console: Console, url: str) -> None:
    page = console.page
    await page.goto(f"{console.origin}/console/webhooks")
    await console.button("webhooks.add").click()
    await page.get_by_label(console.word("webhooks.name")).fill("Tickets")
    await page.get_by_label(console.word("webhooks.url")).fill(url)
    await console.button("webhooks.register").click()


async def _remove(console: Console) -> None:
    await console.page.get_by_role("button", name=console.word("webhooks.removeOf", name="Tickets")).click()
    await (
        console.page.get_by_role("dialog")
        .get_by_role("button", name=console.word("webhooks.remove"), exact=True)
        .click()
    )
    await expect(console.page.get_by_text(console.word("webhooks.none"))).to_be_visible()


async def test_a_webhook_after_a_step_up_by_password(windows: Windows, holdfast: Holdfast) -> None:
    """In the demo nobody needs a second factor: the password is asked for, and the request is made again by itself."""
    lena = await agent(windows, holdfast, "lena", online=False)
    page = lena.page
    _stale(holdfast)
    async with outside(answering(204), port=RECEIVER) as receiver:
        with windows.watch.refusals(403), windows.watch.refusals(400):
            path = typed("path-with-a-secret-in-it", "a webhook's address")
            await _fill_webhook(lena, f"http://127.0.0.1:{RECEIVER}/{path}")
            dialog = page.get_by_role("dialog", name=lena.word("session.stepUp"))
            await dialog.get_by_label(lena.word("session.password")).fill(typed("not the password", "a wrong password"))
            await dialog.get_by_role("button", name=lena.word("session.confirm")).click()
            await expect(dialog.get_by_role("alert")).to_be_visible()
            await dialog.get_by_label(lena.word("session.password")).fill(PASSWORD)
            await dialog.get_by_role("button", name=lena.word("session.confirm")).click()
        typed(await page.locator("code").filter(has_text="whsec_").inner_text(), "a webhook's secret")
        await lena.button("webhooks.kept").click()
        await lena.button("webhooks.test").click()
        await expect(page.get_by_role("row").filter(has_text="webhook.test")).to_contain_text(
            lena.word("webhooks.delivery.delivered"), timeout=20_000
        )
        # What happens in a chat reaches the receiver.
        lin = await customer(windows, holdfast.origin)
        await lin.begin_chat()
        await lin.say("My withdrawal is pending")
        await receiver.until(lambda: any(b"conversation.opened" in heard.body for heard in receiver.heard))
        opened = next(json.loads(h.body) for h in receiver.heard if b"conversation.opened" in h.body)
        assert opened["conversation"]["reference"].startswith("HF-")
        await _remove(lena)


async def test_a_step_up_by_passkey(windows: Windows, holdfast: Holdfast) -> None:
    lena = await agent(windows, holdfast, "lena", online=False)
    page = lena.page
    await _authenticator(page)
    await _account(lena)
    await page.get_by_label(lena.word("session.passkeyName")).fill("Step-up key")
    await lena.button("session.addPasskey").click()
    await expect(page.get_by_role("listitem").filter(has_text="Step-up key")).to_be_visible()
    _stale(holdfast)
    with windows.watch.refusals(403):
        # Closed without an answer: nothing happened, and it says so.
        await _fill_webhook(lena, "https://hooks.example.org/in")
        dialog = page.get_by_role("dialog", name=lena.word("session.stepUp"))
        await expect(dialog.get_by_label(lena.word("session.password"))).to_have_count(0)
        await dialog.get_by_role("button", name=lena.word("components.cancel")).click()
        await expect(dialog).to_be_hidden()
        await expect(page.locator("code").filter(has_text="whsec_")).to_have_count(0)
        await lena.button("webhooks.register").click()
        await dialog.get_by_role("button", name=lena.word("session.stepUpPasskey")).click()
        await expect(page.locator("code").filter(has_text="whsec_")).to_be_visible()
    await lena.button("webhooks.kept").click()
    await _remove(lena)
    # The next test's people have no second factor.
    holdfast.execute("DELETE FROM passkey")


async def _by_provider(windows: Windows, holdfast: Holdfast, idp: Provider) -> Console:
    windows.watch.hosts.add(urlsplit(idp.issuer).netloc)
    console = Console(await windows.person(), holdfast.origin)
    await console.page.goto(f"{holdfast.origin}/console/audit")
    await console.page.get_by_role("button", name=console.word("session.withProvider", name="Example SSO")).click()
    return console


async def test_the_organisations_own_sign_in(windows: Windows, holdfast: Holdfast, identity_provider: Provider) -> None:
    """The provider is another site: the strict cookie is set on the way back, and is sent from the next page on."""
    identity_provider.person = {"sub": "lena", "email": "lena@holdfast.example", "email_verified": True}
    console = await _by_provider(windows, holdfast, identity_provider)
    await console.expect_inside()
    # Back at the page that was asked for.
    await expect(console.page.get_by_role("heading", name=console.word("shell.audit"))).to_be_visible()
    cookies = {cookie["name"]: cookie for cookie in await console.page.context.cookies()}
    assert cookies["hf_session"]["sameSite"] == "Strict"
    typed(cookies["hf_session"]["value"], "a session's cookie")
    assert "hf_provider" not in cookies
    await console.page.reload()
    await console.expect_inside()
    await _sign_out(console)


async def test_a_stranger_of_the_provider_is_told_so(
    windows: Windows, holdfast: Holdfast, identity_provider: Provider
) -> None:
    identity_provider.person = {"sub": "x", "email": "x@holdfast.example", "email_verified": True}
    console = await _by_provider(windows, holdfast, identity_provider)
    await expect(console.page.get_by_role("alert")).to_contain_text(console.word("api.account_missing"))
    await expect(console.page.get_by_label(console.word("session.email"))).to_be_visible()
    await _no_session(console.page)


async def _no_session(page: Page) -> None:
    assert "hf_session" not in {cookie["name"] for cookie in await page.context.cookies()}
