"""Customers' rights as people use them: a copy for the customer, a request at the desk, a review that is signed."""

import io
import re
import zipfile

from playwright.async_api import Page, expect

from tests.e2e.browser import Windows
from tests.e2e.desk import agent, customer, talk
from tests.e2e.pages import Console, Wallet
from tests.e2e.test_pages import serious, settled, sideways
from tests.support.server import Holdfast


async def _saved(page: Page, click: object) -> zipfile.ZipFile:
    async with page.expect_download() as started:
        await click  # type: ignore[misc]  # the click's coroutine
    return zipfile.ZipFile(io.BytesIO((await (await started.value).path()).read_bytes()))


async def _settled_talk(windows: Windows, holdfast: Holdfast, words: str) -> tuple[Wallet, Console]:
    """A signed-in customer and a conversation with these words, resolved."""
    ana = await agent(windows, holdfast, "ana")
    lin = await customer(windows, holdfast.origin, user="lin")
    await talk(lin, ana, words)
    await ana.button("conversations.resolve").click()
    await expect(lin.heading("rate_q")).to_be_visible()
    return lin, ana


async def test_a_customer_takes_a_copy_of_their_data(windows: Windows, holdfast: Holdfast) -> None:
    lin, _ = await _settled_talk(windows, holdfast, "Where is my quince bread")
    await lin.page.get_by_role("button", name=lin.word("more"), exact=True).click()
    await lin.page.get_by_role("button", name=re.compile(re.escape(lin.word("data_title")))).click()
    await expect(lin.heading("data_export")).to_be_visible()
    await settled(lin.page)
    assert await serious(lin.page) == []
    assert await sideways(lin.page) == 0
    await lin.button("data_export_do").click()
    archive = await _saved(lin.page, lin.button("data_download").click())
    assert "quince bread" in archive.read("data/message.jsonl").decode()
    await lin.button("data_erasure_do").click()
    await lin.button("data_erasure_sure").click()
    await expect(lin.button("data_withdraw")).to_be_visible()
    await lin.button("data_withdraw").click()
    await expect(lin.button("data_withdraw")).to_have_count(0)


async def test_a_stranger_is_told_to_sign_in(windows: Windows, holdfast: Holdfast) -> None:
    ana = await agent(windows, holdfast, "ana")
    lin = await customer(windows, holdfast.origin)
    await talk(lin, ana, "Who am I")
    await lin.page.get_by_role("button", name=lin.word("more"), exact=True).click()
    with windows.watch.refusals(403):
        await lin.page.get_by_role("button", name=re.compile(re.escape(lin.word("data_title")))).click()
        await expect(lin.page.get_by_text(lin.word("data_sign_in"))).to_be_visible()


async def test_an_administrator_exports_holds_and_signs(windows: Windows, holdfast: Holdfast) -> None:
    await _settled_talk(windows, holdfast, "My walnut ledger")
    (reference,) = holdfast.query("SELECT reference FROM conversation ORDER BY opened_at DESC LIMIT 1")[0]
    lena = await agent(windows, holdfast, "lena", online=False)
    page = lena.page
    await page.goto(f"{holdfast.origin}/console/privacy")
    await lena.button("privacy.newExport").click()
    await page.get_by_label(lena.word("privacy.customer")).fill(reference)
    await page.get_by_label(lena.word("privacy.why")).fill("A letter")
    await lena.button("privacy.go.export").click()
    ours = page.locator("main li").filter(has_text="A letter")
    download = ours.get_by_role("button", name=lena.word("privacy.download"))
    await expect(download).to_be_visible()
    await download.click()
    await page.get_by_role("radio", name=lena.word("privacy.purposeOfArchive.letter")).click()
    taking = page.get_by_role("dialog").get_by_role("button", name=lena.word("privacy.download"))
    archive = await _saved(page, taking.click())
    assert "walnut ledger" in archive.read("data/message.jsonl").decode()

    await page.goto(f"{holdfast.origin}/console/privacy/retention")
    await page.get_by_label(lena.word("privacy.customer")).fill(reference)
    await page.get_by_label(lena.word("privacy.reason")).fill("A court's letter")
    await lena.button("privacy.place").click()
    await expect(page.get_by_text("A court's letter")).to_be_visible()
    await lena.button("privacy.lift").click()
    await expect(page.get_by_text(lena.word("privacy.noHolds"))).to_be_visible()

    await page.goto(f"{holdfast.origin}/console/privacy/reviews")
    await lena.button("privacy.makeReview").click()
    await page.locator("main li a").first.click()
    await expect(page.get_by_role("heading", name=lena.word("privacy.section.rights"))).to_be_visible()
    await settled(page)
    assert await serious(page) == []
    await page.get_by_label(lena.word("privacy.remarks")).fill("Second factors are being set up")
    await lena.button("privacy.sign").click()
    await expect(page.get_by_text("Second factors are being set up")).to_be_visible()
