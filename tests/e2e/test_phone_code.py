"""Who is calling, in two browsers and on a telephone: the app shows a code, the caller types it, the agent sees the
level, and sends a link by which the customer goes on in writing."""

import json
import os
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, ViewportSize, expect

from holdfast.channels.voice.engine.layout import Layout, read_reach
from tests.e2e.browser import DESKTOP, PHONE, Windows, chromium
from tests.e2e.desk import customer
from tests.e2e.pages import Wallet
from tests.e2e.test_pages import faults_in_both
from tests.e2e.test_phone import _FAKE_SOUND, Phone, ann, reach
from tests.support import phones
from tests.support.server import Holdfast, running
from tests.support.waiting import until

NUMBER = "+18005550111"
_MENU = {"start": "person", "nodes": {"person": {"kind": "queue"}}}


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium(*_FAKE_SOUND) as started:
        yield started


@pytest.fixture(scope="module")
def holdfast() -> Iterator[Holdfast]:
    """With an engine, and a line whose menu asks nothing."""
    trunk = f"sip://{phones.NETWORK}:{phones.free_port()}?match={phones.NETWORK}/32"
    environment = {"HOLDFAST_SIP_TRUNK": trunk, "HOLDFAST_SIP_LISTEN": "127.0.0.1:0"}
    with running(environment=environment) as server:
        server.execute("""UPDATE agent SET capacity = '{"chat": 4, "voice": 1}'""")
        server.execute(
            "INSERT INTO menu (id, key, version, name, tree, at)"
            " VALUES (gen_random_uuid(), 'own', 1, 'Own', %s, now())",
            [json.dumps(_MENU)],
        )
        server.execute(
            "INSERT INTO line (id, number, name, kind, language, menu, inbox_id, hourly, wrap_seconds, answer_within,"
            " records, captions, active, created_at)"
            " SELECT gen_random_uuid(), %s, 'Hotline', 'hotline', 'en', 'own', id,"
            " 100, 600, 20, true, false, true, now() FROM inbox LIMIT 1",
            [NUMBER],
        )
        until(lambda: read_reach(Layout(server.data_dir / "voice")) is not None, 60, "the engine runs")
        yield server


async def picture(page: Page, name: str, *sizes: ViewportSize) -> None:
    """For whoever wants to look."""
    if folder := os.environ.get("HOLDFAST_PICTURES"):
        for size in sizes or (PHONE,):
            await page.set_viewport_size(size)
            await page.screenshot(path=Path(folder) / f"{name}-{size['width']}.png")


async def shown_code(wallet: Wallet) -> str:
    code = wallet.page.locator("holdfast-help").get_by_text(re.compile(r"^[1-9]{3}( [1-9]{1,3})+$"))
    return re.sub(r"\s", "", await code.inner_text())


async def test_who_is_calling_and_on_in_writing(windows: Windows, holdfast: Holdfast) -> None:
    phone = await ann(windows, holdfast)
    await phone.turn_on()
    wallet = await customer(windows, holdfast.origin, user="lin")
    await wallet.begin_chat()
    await wallet.say("I will call you")
    # Settled for now: beside a chat nobody takes a call.
    await expect(phone.console.offer).to_contain_text("I will call you")
    await phone.console.accept()
    await phone.console.button("conversations.resolve").click()
    await expect(wallet.page.get_by_text(wallet.word("rate_q"))).to_be_visible()
    await wallet.button("more").click()
    await wallet.page.get_by_role("button", name=re.compile(re.escape(wallet.word("pc_title")))).click()
    code = await shown_code(wallet)
    faults = await faults_in_both(wallet.page)
    await wallet.page.set_viewport_size(PHONE)
    await picture(wallet.page, "widget-code")
    # A key ends the greeting.
    steps = ("pause:1500", "type:5", "until-told", f"type:{code}#", "until-bye")
    async with phones.caller(reach(holdfast), NUMBER, *steps, caller="+15550301") as caller:
        await expect(phone.button("phone.answer")).to_be_visible(timeout=30_000)
        await phone.button("phone.answer").click()
        await phone.in_talk()
        await phone.button("phone.codeAsk").click()
        await phone.says("phone.codeTypes")
        await phone.says("phone.pausedSecret")
        faults += await faults_in_both(phone.page)
        await phone.page.set_viewport_size(DESKTOP)
        await picture(phone.page, "console-asks", PHONE, DESKTOP)
        caller.tell()
        await expect(wallet.page.get_by_text(wallet.word("pc_done"))).to_be_visible(timeout=20_000)
        await picture(wallet.page, "widget-done")
        await expect(phone.bar).not_to_contain_text(phone.console.word("phone.codeTypes"))

        await phone.bar.get_by_role("link").click()
        await expect(phone.page.get_by_text("I will call you", exact=True).last).to_be_visible()
        purpose = phone.console.word("verification.purpose.on_the_phone")
        proof = phone.page.get_by_role("listitem").filter(has_text=purpose)
        await expect(proof).to_contain_text(phone.console.word("verification.method.keypad"))
        await picture(phone.page, "console-proven", PHONE, DESKTOP)

        await phone.button("phone.end").click()
        await phone.says("phone.wrapUp")
        faults += await writes(phone)
        await phone.button("phone.wrapUpOver").click()
        await phone.says("phone.state.ready")
    faults += await opened(windows, holdfast)
    assert not faults, "\n".join(sorted(set(faults)))


async def writes(phone: Phone) -> list[str]:
    """In the wrap-up, to an address that was spelt."""
    await phone.button("phone.write").click()
    dialog = phone.page.get_by_role("dialog", name=phone.console.word("phone.write"))
    await dialog.get_by_role("radio").last.check()
    faults = await faults_in_both(phone.page)
    await phone.page.set_viewport_size(DESKTOP)
    await picture(phone.page, "console-writing", PHONE, DESKTOP)
    await dialog.get_by_label(phone.console.word("phone.writeAddress")).fill("lin.at.home@mail.example")
    await dialog.get_by_role("button", name=phone.console.word("phone.writeSend")).click()
    await expect(dialog).to_be_hidden()
    return faults


async def opened(windows: Windows, holdfast: Holdfast) -> list[str]:
    """The link, on another device: the same conversation, once."""
    page = await windows.person(size=PHONE)
    mails = await (await page.request.get(f"{holdfast.origin}/demo/mail")).text()
    (link,) = set(re.findall(r"https?://[^\s<\"]+#continue=[\w-]+", mails))
    assert "I will call you" not in mails
    wallet = Wallet(page, holdfast.origin)
    await page.goto(link)
    button = wallet.button("cont_do")
    await expect(button).to_be_visible()
    faults = await faults_in_both(page)
    await page.set_viewport_size(PHONE)
    await picture(page, "widget-continue")
    await button.click()
    await expect(wallet.bubble("I will call you")).to_be_visible()
    assert "continue" not in page.url

    again = await windows.person(size=PHONE)
    await again.goto(link)
    with windows.watch.refusals(404):
        await Wallet(again, holdfast.origin).button("cont_do").click()
        await expect(again.get_by_role("alert")).to_contain_text(wallet.word("cont_over"))
    return faults
