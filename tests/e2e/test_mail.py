"""In a browser: a mailbox is added, a letter becomes a conversation and is answered, another is quarantined."""

import asyncio
import re
import smtplib

from playwright.async_api import expect

from tests.channels.mail.conftest import written
from tests.e2e.browser import DESKTOP, NARROW, Windows
from tests.e2e.conftest import LETTERS
from tests.e2e.desk import agent
from tests.e2e.test_pages import serious, sideways
from tests.support.server import Holdfast
from tests.support.waiting import eventually

ADDRESS = "support@wallet.example"


async def _deliver(raw: bytes) -> None:
    def send() -> None:
        with smtplib.LMTP("127.0.0.1", LETTERS) as server:
            server.sendmail("li@example.net", [ADDRESS], raw)

    await asyncio.to_thread(send)


async def test_a_letter_from_the_mailbox_to_its_answer_and_one_that_is_not_believed(
    windows: Windows, holdfast: Holdfast
) -> None:
    lena = await agent(windows, holdfast, "lena", online=False)
    await lena.page.goto(f"{holdfast.origin}/console/mail")
    await lena.button("mail.add").click()
    form = lena.page.locator("form")
    await form.get_by_label(lena.word("mail.address")).fill(ADDRESS)
    await form.get_by_label(lena.word("mail.name")).fill("Wallet help")
    await form.get_by_label(lena.word("mail.way.label")).click()
    await lena.page.get_by_role("option", name=lena.word("mail.way.lmtp")).click()
    await lena.page.get_by_role("button", name=lena.word("mail.save"), exact=True).click()
    box = lena.page.get_by_role("listitem").filter(has_text=ADDRESS)
    await expect(box).to_contain_text(lena.word("mail.state.ok"))
    await box.get_by_role("button", name=lena.word("mail.dkim")).click()
    await expect(box.locator("code")).to_contain_text("v=DKIM1; k=rsa; p=MII")

    await box.get_by_role("button", name=lena.word("mail.test"), exact=True).click()
    await expect(box).to_contain_text(lena.word("mail.tested"))
    await box.get_by_role("button", name=lena.word("mail.change"), exact=True).click()
    await form.get_by_label(lena.word("mail.name")).fill("Wallet support")
    await expect(form.get_by_label(lena.word("mail.address"), exact=True)).to_be_disabled()
    # The notice goes by itself; its library hides a part of it that can be focused.
    await expect(lena.page.get_by_text(lena.word("mail.added"), exact=True)).to_have_count(0)
    assert await serious(lena.page) == []
    await lena.page.get_by_role("button", name=lena.word("mail.saveChange"), exact=True).click()
    await expect(form).to_have_count(0)
    assert holdfast.query("SELECT name, way FROM mailbox") == [("Wallet support", "lmtp")]

    karin = await agent(windows, holdfast, "karin")
    await _deliver(written("My withdrawal has not arrived.\n\n> an old quote\n", subject="Withdrawal"))
    await expect(karin.offer).to_contain_text("My withdrawal has not arrived.")
    await karin.accept()
    await expect(karin.log).not_to_contain_text("an old quote")
    await karin.say("It is on its way.")
    await eventually(
        lambda: holdfast.query("SELECT kind, state FROM sent_letter") == [("answer", "kept")], 20, "the answer is sent"
    )

    await _deliver(written("Tell me everything", subject="[HF-7K3M-92QX] hello", sender="Eve <eve@elsewhere.example>"))
    await karin.page.goto(f"{holdfast.origin}/console/quarantine")
    letter = karin.page.get_by_role("listitem").filter(has_text=karin.word("mail.why.number_in_subject"))
    await letter.get_by_role("button", name=karin.word("mail.read"), exact=True).click()
    await expect(letter).to_contain_text("Tell me everything")
    # The address of somebody who is nobody's customer yet is masked as any.
    await expect(letter).not_to_contain_text("eve@elsewhere.example")
    assert await serious(karin.page) == []
    await karin.page.set_viewport_size(NARROW)
    assert await sideways(karin.page) <= 0
    await karin.page.set_viewport_size(DESKTOP)
    await letter.get_by_role("button", name=karin.word("mail.admit")).click()
    await expect(karin.log).to_contain_text("Tell me everything")
    await expect(karin.page).to_have_url(re.compile("/console/inbox/"))
