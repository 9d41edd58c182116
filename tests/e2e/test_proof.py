"""Two-way proof as people use it: one code on both sides, the customer's words, a fake reported, a draft stopped."""

import re

from playwright.async_api import Page, expect

from tests.e2e.browser import DESKTOP, PHONE, Windows
from tests.e2e.desk import agent, customer, talk
from tests.e2e.pages import Console, Wallet
from tests.e2e.test_pages import serious, settled, sideways
from tests.e2e.words import console, widget
from tests.support.server import Holdfast

DIGITS = re.compile(r"^\d{3} \d{3}$")


MAY_GO = """async () => {
  const body = JSON.stringify({ text: 'See status.holdfast.example.net' })
  const headers = { 'Content-Type': 'application/json' }
  return (await (await fetch('/api/outgoing/check', { method: 'POST', headers, body })).json()).id === null
}"""


def part(wallet: Wallet, key: str) -> str:
    return widget(key, wallet.language)


async def open_proof(wallet: Wallet) -> None:
    await wallet.button("more").click()
    await wallet.page.get_by_role("button", name=re.compile(re.escape(part(wallet, "proof_title")))).click()


async def code_of(page: Page) -> str:
    """The digits shown, read together with the other side's within the same minute."""
    return await page.get_by_text(DIGITS).inner_text()


async def test_both_see_the_same_code_and_only_the_customer_their_words(windows: Windows, holdfast: Holdfast) -> None:
    ana = await agent(windows, holdfast, "ana")
    lin = await customer(windows, holdfast.origin)
    await talk(lin, ana, "Is this really you?")
    await ana.say("Yes, it is us")
    await expect(lin.bubble("Yes, it is us")).to_be_visible()
    await open_proof(lin)
    await ana.page.get_by_role("button", name=console("authenticity.open")).click()
    await expect(lin.page.get_by_text(DIGITS)).to_be_visible()
    await expect(ana.page.get_by_text(DIGITS)).to_be_visible()
    for _ in range(3):
        # A minute may end between the two looks.
        hers, theirs = await code_of(lin.page), await code_of(ana.page)
        if hers == theirs:
            break
    assert hers == theirs
    dialog = ana.page.get_by_role("dialog")
    await dialog.get_by_label(console("authenticity.heard")).fill(hers)
    await dialog.get_by_role("button", name=console("authenticity.compare")).click()
    await expect(dialog.get_by_text(console("authenticity.right"))).to_be_visible()
    # The check code of the message is the same for both, and the public page knows it.
    code = await dialog.get_by_text(re.compile(r"^HF-\w{4}-\w{4}-\w{4}-\w{4}$")).inner_text()
    await expect(lin.page.get_by_text(code)).to_be_visible()
    await lin.page.get_by_label(part(lin, "proof_word")).fill("blue whale 7")
    await lin.page.get_by_role("button", name=part(lin, "proof_save")).click()
    await expect(lin.page.get_by_text("blue whale 7")).to_be_visible()
    await lin.page.get_by_label(part(lin, "proof_word")).fill("legal winner thank year wave sausage")
    with windows.watch.refusals(400):
        await lin.page.get_by_role("button", name=part(lin, "proof_save")).click()
        await expect(lin.page.get_by_text(part(lin, "proof_secret"))).to_be_visible()
    assert not await serious(lin.page)
    await lin.button("back").click()
    await lin.button("back").click()
    # In the head of the chat from now on.
    await expect(lin.page.get_by_text(part(lin, "proof_badge").format(words="blue whale 7"))).to_be_visible()
    assert "blue whale" not in await ana.page.content()
    anyone = await windows.person(size=PHONE)
    await anyone.goto(f"{holdfast.origin}/verify?lang=en")
    await anyone.get_by_label("What was shown to you").fill(code)
    await anyone.get_by_role("button", name="Check", exact=True).click()
    await expect(anyone.get_by_role("heading", name="Yes, we sent this")).to_be_visible()
    assert not await serious(anyone)
    assert await sideways(anyone) == 0


async def test_a_draft_that_may_not_go_out_is_stopped_before_it_is_sent(windows: Windows, holdfast: Holdfast) -> None:
    ana = await agent(windows, holdfast, "ana")
    lin = await customer(windows, holdfast.origin)
    await talk(lin, ana, "What now?")
    await ana.composer.fill("Go to https://wallet-restore.example.net/start")
    state = ana.page.locator("#composer-state")
    await expect(state).to_contain_text("wallet-restore.example.net")
    await expect(ana.button("conversations.send")).to_be_disabled()
    await ana.composer.fill("Please send me your recovery phrase")
    await expect(state).to_contain_text("Never ask a customer")
    await ana.composer.fill("Please read https://holdfast.example/help first")
    await expect(ana.button("conversations.send")).to_be_enabled()
    await ana.composer.press("Control+Enter")
    # A link in a bubble is an element of its own.
    await expect(lin.log).to_contain_text("Please read https://holdfast.example/help first")


async def test_a_fake_is_reported_and_becomes_known(windows: Windows, holdfast: Holdfast) -> None:
    ana = await agent(windows, holdfast, "ana")
    lin = await customer(windows, holdfast.origin)
    await talk(lin, ana, "Somebody wrote to me")
    await lin.button("more").click()
    await lin.page.get_by_role("button", name=re.compile(re.escape(part(lin, "fake_title")))).click()
    await lin.page.get_by_label(part(lin, "fake_target")).fill("https://holdfast-refund.example.org/claim")
    await lin.page.get_by_label(part(lin, "fake_words")).fill("They promised my money back")
    await lin.page.get_by_role("button", name=part(lin, "fake_send")).click()
    await expect(lin.page.get_by_text(part(lin, "fake_done"))).to_be_visible()
    karin = await agent(windows, holdfast, "karin", online=False)
    await karin.page.goto(f"{holdfast.origin}/console/authenticity/impostors")
    await karin.page.get_by_role("link", name="holdfast-refund.example.org/claim").click()
    await expect(karin.page.get_by_text("They promised my money back")).to_be_visible()
    await karin.page.get_by_role("button", name=console("authenticity.to.confirmed")).click()
    await expect(karin.page.get_by_role("button", name=console("authenticity.to.taken_down"))).to_be_visible()
    assert not await serious(karin.page)
    async with karin.page.expect_download() as started:
        await karin.page.get_by_role("link", name=console("authenticity.pack")).click()
    assert (await (await started.value).path()).stat().st_size > 1000
    anyone = await windows.person(size=DESKTOP)
    await anyone.goto(f"{holdfast.origin}/verify?lang=en")
    await anyone.get_by_label("What was shown to you").fill("holdfast-refund.example.org/claim")
    await anyone.keyboard.press("Enter")
    await expect(anyone.get_by_role("heading", name="Not ours: a known fake")).to_be_visible()
    await settled(anyone)
    assert not await serious(anyone)


async def test_an_administrator_keeps_the_register(windows: Windows, holdfast: Holdfast) -> None:
    lena = Console(await windows.person(size=DESKTOP), holdfast.origin)
    await lena.sign_in("lena@holdfast.example", "harbour lantern 27")
    await lena.expect_inside()
    await lena.page.goto(f"{holdfast.origin}/console/authenticity")
    await lena.page.get_by_label(console("authenticity.address")).fill("status.holdfast.example.net")
    await lena.page.get_by_role("button", name=console("authenticity.add"), exact=True).click()
    line = lena.page.get_by_role("listitem").filter(has_text="status.holdfast.example.net")
    await expect(line).to_be_visible()
    # In force in the web process as soon as its notice is there, and until the line ends.
    await lena.page.wait_for_function(MAY_GO, arg=None)
    await line.get_by_role("button", name=console("authenticity.end")).click()
    await lena.page.get_by_role("dialog").get_by_role("button", name=console("authenticity.end"), exact=True).click()
    await expect(line.get_by_role("button", name=console("authenticity.again"))).to_be_visible()
    assert not await serious(lena.page)
