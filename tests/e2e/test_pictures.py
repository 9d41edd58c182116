"""A customer sends screenshots: nobody at the desk sees one before it was read, and never one that shows a phrase."""

import pytest
from playwright.async_api import FilePayload, expect

from holdfast.app.demo_organisation import DOMAIN, PASSWORD
from tests.e2e.browser import DESKTOP, PHONE, Windows
from tests.e2e.desk import agent, customer, talk
from tests.e2e.pages import Console, Wallet
from tests.e2e.test_desk_work import pick, reference_of
from tests.e2e.test_pages import serious, settled
from tests.support.screenshots import phrase_picture, screenshot
from tests.support.server import Holdfast

# A vector of BIP-39: nobody's wallet.
PHRASE = [
    "legal",
    "winner",
    "thank",
    "year",
    "wave",
    "sausage",
    "worth",
    "useful",
    "legal",
    "winner",
    "thank",
    "yellow",
]
# Numbered like a phrase, in words of no list: a machine cannot tell.
DOUBTFUL = [f"{number}. zzq{number}x" for number in range(1, 13)]
READING_MS = 60_000.0


def payload(name: str, picture: bytes) -> FilePayload:
    return {"name": name, "mimeType": "image/png", "buffer": picture}


async def send(wallet: Wallet, file: FilePayload) -> None:
    await pick(wallet.page, file)
    await expect(wallet.button("send")).to_have_attribute("aria-disabled", "false")
    await wallet.button("send").click()


def tile(console: Console, state: str) -> str:
    return console.word(f"conversations.closedPicture.{state}")


async def test_a_phrase_in_a_screenshot_is_destroyed_and_both_sides_are_told(
    windows: Windows, holdfast: Holdfast
) -> None:
    ana = await agent(windows, holdfast, "ana")
    lin = await customer(windows, holdfast.origin)
    await talk(lin, ana, "I cannot restore my wallet")
    asked: list[str] = []
    ana.page.on("request", lambda request: asked.append(request.url))
    # Its sender's browser may just be fetching it.
    with windows.watch.lost_files():
        await send(lin, payload("words.png", phrase_picture(PHRASE)))
        await expect(ana.log.get_by_text(tile(ana, "secret"))).to_be_visible(timeout=READING_MS)
        await expect(ana.log.get_by_text(ana.word("conversations.stopped.recovery_phrase"))).to_be_visible()
        await expect(lin.log.get_by_text(lin.word("burn_picture"), exact=True)).to_be_visible()
        await expect(lin.log.locator("img")).to_have_count(0)
    assert not [url for url in asked if "/files/" in url]
    reference = await reference_of(lin)
    (row,) = holdfast.query(
        "SELECT a.state, a.key FROM attachment a JOIN conversation c ON c.id = a.conversation_id"
        " WHERE c.reference = %s",
        [reference],
    )
    assert row == ("secret", "")
    # Loaded anew it is the same on both sides.
    await ana.page.reload()
    await expect(ana.log.get_by_text(tile(ana, "secret"))).to_be_visible()


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("zh-Hans", "dark")])
async def test_a_doubtful_picture_is_opened_only_by_a_lead_for_a_purpose(
    windows: Windows, holdfast: Holdfast, language: str, scheme: str
) -> None:
    ana = await agent(windows, holdfast, "ana")
    lin = await customer(windows, holdfast.origin)
    await talk(lin, ana, "Is this right?")
    await send(lin, payload("list.png", screenshot(DOUBTFUL, columns=2)))
    await expect(ana.log.get_by_text(tile(ana, "unread"))).to_be_visible(timeout=READING_MS)
    await expect(ana.log.get_by_text(ana.word("conversations.closedPictureAsk"))).to_be_visible()
    await expect(ana.log.locator("img")).to_have_count(0)
    # Its own sender goes on seeing it.
    await expect(lin.log.locator("img")).to_have_count(1)

    (found,) = holdfast.query("SELECT id FROM conversation WHERE reference = %s", [await reference_of(lin)])
    karin = Console(await windows.person(size=DESKTOP, color_scheme=scheme), holdfast.origin)
    await karin.sign_in(f"karin@{DOMAIN}", PASSWORD)
    await karin.expect_inside()
    await karin.choose_language(language)
    faults = []
    for size in (DESKTOP, PHONE):
        await karin.page.set_viewport_size(size)
        await karin.page.goto(f"{holdfast.origin}/console/inbox/{found[0]}")
        await expect(karin.log.get_by_text(tile(karin, "unread"))).to_be_visible()
        await settled(karin.page)
        faults += await serious(karin.page)
    assert not faults, "\n".join(faults)
    show = karin.page.get_by_role("button", name=f"{karin.word('customers.showFor')} list.png")
    await show.click()
    purpose = karin.page.get_by_role("menuitem").first
    named = await purpose.inner_text()
    await purpose.click()
    image = karin.log.get_by_role("img", name=karin.word("conversations.picture", name="list.png"))
    await expect(image).not_to_have_js_property("naturalWidth", 0)
    audited = holdfast.query(
        "SELECT purpose FROM audit_entry WHERE action = 'attachment.shown' ORDER BY id DESC LIMIT 1"
    )
    assert audited == [(named.strip(),)]
    await karin.page.get_by_role("button", name=karin.word("customers.hide")).click()
    await expect(image).to_have_count(0)
