"""In two browsers, with a real Postfix and Dovecot: a customer leaves the chat, gets the answer by mail, answers the
mail and comes back. Every message is there once, in order, on both sides."""

import asyncio
import re
import smtplib
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from holdfast.core.clock import now
from tests.e2e.browser import DESKTOP, NARROW, PHONE, Watch, Windows
from tests.e2e.conftest import _clear
from tests.e2e.desk import LOCALES, agent, talk
from tests.e2e.pages import Console, Wallet
from tests.e2e.test_pages import serious, sideways
from tests.support import mail_servers
from tests.support.mail_desk import ask
from tests.support.mail_servers import Dovecot, Postfix, free_port
from tests.support.server import Holdfast, running
from tests.support.waiting import eventually

pytestmark = pytest.mark.skipif(bool(mail_servers.missing()), reason=mail_servers.missing())

SUPPORT, LI = "support@wallet.example", "li@example.net"
REPLY = "It was the TRON network, on Monday at noon."
# Whoever has left waits so long for the letter.
SECONDS = 3


@pytest.fixture(scope="module")
def house() -> Iterator[tuple[Holdfast, Dovecot, Postfix]]:
    """No demo: its letters leave the house."""
    relay = free_port()
    environment = {
        "HOLDFAST_SMTP_URL": f"smtp://127.0.0.1:{relay}",
        "HOLDFAST_ANSWER_BY_MAIL_AFTER": str(SECONDS),
        "HOLDFAST_PRESENCE_GRACE": "2",
    }
    command = (sys.executable, "-m", "holdfast.app.cli", "up")
    with tempfile.TemporaryDirectory(prefix="holdfast-channels-") as name:
        folder = Path(name)
        with (
            mail_servers.dovecot(folder / "dovecot") as dovecot,
            mail_servers.postfix(folder / "postfix", {"*": f"lmtp:inet:127.0.0.1:{dovecot.lmtp}"}, relay) as postfix,
            running(command=command, environment=environment) as server,
        ):
            mailbox = {
                "address": SUPPORT, "name": "Wallet help", "way": "imap", "host": "127.0.0.1", "port": dovecot.imap,
                "security": "clear", "username": SUPPORT, "password": mail_servers.PASSWORD,
            }  # fmt: skip
            ask(server.data_dir, server.dsn, "mailboxes", [mailbox])
            yield server, dovecot, postfix


@pytest.fixture
async def people(browser: Browser, house: tuple[Holdfast, Dovecot, Postfix]) -> AsyncIterator[Windows]:
    watch = Watch({f"localhost:{house[0].port}", f"127.0.0.1:{house[0].port}"})
    made = Windows(browser, watch)
    yield made
    await made.close()
    _clear(house[0])
    assert not watch.faults, "\n".join(watch.faults)


async def _came(dovecot: Dovecot, address: str, count: int) -> list[EmailMessage]:
    """The letters of a mailbox once there are so many, the oldest first."""
    await eventually(lambda: len(dovecot.stored(address)) >= count, 40, f"{count} letters for {address}")
    letters = [message_from_bytes(raw, policy=policy.default) for raw in dovecot.stored(address)]
    assert len(letters) == count
    return sorted(letters, key=lambda letter: letter["Date"].datetime)


def _text(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def _reply(postfix: Postfix, to: EmailMessage, text: str) -> None:
    """As a mail programme answers."""
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = f"Li <{LI}>", to["Reply-To"], f"Re: {to['Subject']}"
    letter["Message-ID"], letter["In-Reply-To"] = "<reply-1@mail.example>", to["Message-ID"]
    letter["Date"] = format_datetime(now())
    letter.set_content(f"{text}\n\n> {_text(to).splitlines()[0]}\n")
    letter.add_alternative(f'<p><b>{text}</b></p><img src="https://spy.example/x.gif">', subtype="html")
    with smtplib.SMTP("127.0.0.1", postfix.port) as server:
        server.send_message(letter, LI, [str(to["Reply-To"])])


async def _visit(windows: Windows, server: Holdfast) -> Wallet:
    wallet = Wallet(await windows.person(locale=LOCALES["en"], size=PHONE), server.origin)
    await wallet.page.goto(f"{server.origin}/help-support?inbox={server.inbox}&lang=en")
    return wallet


async def _leave_address(people: Windows, lin: Wallet, dovecot: Dovecot) -> None:
    """The customer leaves an address, and shows that they read there."""
    await lin.button("mail_offer", exact=False).click()
    await lin.page.get_by_label(lin.word("mail_address")).fill(LI)
    assert await serious(lin.page) == []
    await lin.button("mail_ask").click()
    (asking,) = await _came(dovecot, LI, 1)
    assert "withdrawal" not in asking.as_string()
    found = re.search(r"code (\d{6})\b", " ".join(_text(asking).split()))
    assert found
    await lin.page.get_by_label(lin.word("verify_code")).fill("000000" if found[1] != "000000" else "000001")
    with people.watch.refusals(400):
        await lin.button("mail_confirm").click()
        await expect(lin.page.get_by_text(lin.word("mail_r_code"))).to_be_visible()
    await lin.page.get_by_label(lin.word("verify_code")).fill(found[1])
    await lin.button("mail_confirm").click()
    await expect(lin.page.get_by_role("status").filter(has_text="@example.net")).to_be_visible()
    await expect(lin.page.get_by_text(LI)).to_have_count(0)
    assert await serious(lin.page) == []
    await lin.page.set_viewport_size(NARROW)
    assert await sideways(lin.page) <= 0


async def _open_letter(ana: Console) -> None:
    """How it was laid out, in a frame where nothing runs, and its raw form for a purpose."""
    await ana.page.get_by_role("button", name=ana.word("mail.letter.open")).click()
    dialog = ana.page.get_by_role("dialog")
    await expect(dialog.frame_locator("iframe").locator("b")).to_have_text(REPLY)
    await expect(dialog.frame_locator("iframe").locator("img")).to_have_count(0)
    assert await serious(ana.page) == []
    await dialog.get_by_role("button", name=ana.word("mail.letter.raw")).click()
    await ana.page.get_by_role("menuitem").first.click()
    await expect(dialog.locator("pre")).to_contain_text("l••••@example.net")
    await expect(dialog.locator("pre")).not_to_contain_text(LI)
    await ana.page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)


async def test_chat_mail_chat(people: Windows, house: tuple[Holdfast, Dovecot, Postfix]) -> None:
    server, dovecot, postfix = house
    ana = await agent(people, server, "ana")
    lin = await _visit(people, server)
    await talk(lin, ana, "My withdrawal is pending")
    await expect(ana.page.get_by_text(ana.word("mail.ways.here"))).to_be_visible()

    await _leave_address(people, lin, dovecot)
    # They close the app; the answer follows them, in one letter.
    await lin.page.goto("about:blank")
    await expect(ana.page.get_by_text(re.compile(re.escape(ana.word("mail.ways.left", at=""))))).to_be_visible()
    await ana.say("Which network was it?")
    await ana.say("And when?")
    await expect(ana.log.get_by_text(ana.word("mail.ways.letter.sent"))).to_have_count(2, timeout=40_000)
    _, answer = await _came(dovecot, LI, 2)
    assert _text(answer).split("-- ")[0].split() == ["Which", "network", "was", "it?", "And", "when?"]

    # They answer the letter.
    await asyncio.to_thread(_reply, postfix, answer, REPLY)
    await expect(ana.log.get_by_text(REPLY, exact=True)).to_be_visible()
    await expect(ana.log.get_by_text(ana.word("mail.ways.via"), exact=True)).to_be_visible()
    await expect(ana.page.get_by_text(ana.word("mail.ways.email"))).to_be_visible()
    assert await serious(ana.page) == []
    await _open_letter(ana)

    # And come back: the same conversation, everything once, nothing by mail.
    await lin.page.set_viewport_size(PHONE)
    await lin.page.goto(f"{server.origin}/help-support?inbox={server.inbox}&lang=en")
    await lin.page.locator("holdfast-help button.conv").first.click()
    await expect(lin.bubble(REPLY).locator(".meta")).to_contain_text(lin.word("mail_via"))
    await ana.say("It has arrived.")
    await expect(lin.bubble("It has arrived.")).to_be_visible()
    await lin.say("Thank you")
    await expect(ana.log.get_by_text("Thank you", exact=True)).to_be_visible()
    words = [
        "My withdrawal is pending", "Which network was it?", "And when?", REPLY, "It has arrived.",
        "Thank you",
    ]  # fmt: skip
    assert await lin.bubbles() == words
    assert await ana.bubbles() == words
    await eventually(
        lambda: server.query("SELECT 1 FROM due WHERE kind = 'mail_answer'") == [], 30, "nothing is to be sent any more"
    )
    assert server.query("SELECT kind, state FROM sent_letter ORDER BY id") == [("confirm", "sent"), ("answer", "sent")]
    assert server.query("SELECT count(*) FROM conversation") == [(1,)]
    assert server.query("SELECT count(*) FROM audit_entry WHERE action = 'mail.raw_shown'") == [(1,)]
    await ana.page.set_viewport_size(NARROW)
    assert await sideways(ana.page) <= 0
    await ana.page.set_viewport_size(DESKTOP)

    # Enough of letters.
    await lin.page.locator("holdfast-help button.by-mail").click()
    await lin.button("mail_stop").click()
    await expect(lin.page.get_by_text(lin.word("mail_stopped"))).to_be_visible()
    await expect(ana.log.get_by_text(ana.word("conversations.event.mail_off"))).to_be_visible()


async def test_the_link_of_the_letter_confirms_by_its_button(
    people: Windows, house: tuple[Holdfast, Dovecot, Postfix]
) -> None:
    server, dovecot, _ = house
    ana = await agent(people, server, "ana")
    lin = await _visit(people, server)
    await talk(lin, ana, "Where is my swap?")
    await lin.button("mail_offer", exact=False).click()
    await lin.page.get_by_label(lin.word("mail_address")).fill("lin@example.org")
    await lin.button("mail_ask").click()
    (asking,) = await _came(dovecot, "lin@example.org", 1)
    link = re.search(r"https?://\S+/address/\S+", _text(asking))
    assert link

    page = await people.person(size=PHONE)
    await page.goto(link[0])
    assert server.query("SELECT count(*) FROM address_asked WHERE confirmed_at IS NULL") == [(1,)]
    assert await serious(page) == []
    await page.get_by_role("button", name="Yes, send answers here").click()
    await expect(page.get_by_role("status")).to_contain_text("Thank you.")
    await expect(page.get_by_text("lin@example.org")).to_have_count(0)
    # The chat learns it at once.
    await expect(lin.page.get_by_role("status").filter(has_text="@example.org")).to_be_visible()
    with people.watch.refusals(404):
        await page.goto(link[0][:-1] + ("0" if link[0][-1] != "0" else "1"))
        await expect(page.get_by_role("heading")).to_contain_text("does not count any more")
