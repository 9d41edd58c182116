"""What an agent does beside answering: files, the customer's panel, the inbox and its counters, and why it was them."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image
from playwright.async_api import FilePayload, Locator, Page, expect

from holdfast.app.demo_organisation import DOMAIN
from tests.e2e.browser import Windows
from tests.e2e.desk import agent, customer, talk
from tests.e2e.pages import Console, Wallet
from tests.support.server import Holdfast

# Unlike each other, so that a picture cannot be taken for another one.
SMALL, WIDE = (48, 32), (90, 20)


def picture(name: str, size: tuple[int, int]) -> FilePayload:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, "PNG")
    return {"name": name, "mimeType": "image/png", "buffer": out.getvalue()}


# A picture alone in a tab is a page that Chromium makes, with a style of its own, and that the strict policy of the
# files' origin strips of it (and of the script with which these tests watch pages). It may say so.
OWN_PAGE = re.compile(r"(Applying inline style violates|Blocked script execution).*/files/")
# Name and type say picture, the content is a page with a script.
LIE: FilePayload = {"name": "lie.png", "mimeType": "image/png", "buffer": b"<html><script>alert(1)</script></html>"}


async def pick(page: Page, file: FilePayload) -> None:
    """As by the file dialog of whichever composer the page has."""
    await page.locator('input[type="file"]').set_input_files(files=[file])


async def expect_picture(image: Locator, size: tuple[int, int]) -> None:
    """Fetched and decoded: an <img> alone could be a broken one."""
    await image.scroll_into_view_if_needed()
    await expect(image).to_have_js_property("naturalWidth", size[0])
    await expect(image).to_have_js_property("naturalHeight", size[1])


async def opened(link: Locator, size: tuple[int, int]) -> None:
    """A click on the picture shows it alone in a tab of its own."""
    async with link.page.context.expect_page() as coming:
        await link.click()
    tab = await coming.value
    await expect_picture(tab.locator("img"), size)
    await tab.close()


def files_of(server: Holdfast, reference: str) -> list[tuple[str, bool]]:
    """Who uploaded it and whether a message names it, of every file of the conversation."""
    found = server.query(
        "SELECT a.uploader, a.seq IS NOT NULL FROM attachment a JOIN conversation c ON c.id = a.conversation_id"
        " WHERE c.reference = %s ORDER BY a.id",
        [reference],
    )
    return [(str(by), bool(named)) for by, named in found]


async def reference_of(wallet: Wallet) -> str:
    """What the customer is told to name on the phone."""
    return await wallet.page.locator("holdfast-help header.bar small bdi").inner_text()


def toggle(console: Console, group: str, word: str) -> Locator:
    buttons = console.page.get_by_role("group", name=console.word(group)).get_by_role("button")
    return buttons.filter(has_text=word)


def view(console: Console, key: str) -> Locator:
    return toggle(console, "conversations.views", console.word(f"conversations.view.{key}"))


def rows(console: Console) -> Locator:
    region = console.page.get_by_role("region", name=console.word("conversations.listRegion"))
    return region.get_by_role("button")


async def ask(wallet: Wallet, words: str) -> str:
    """A new conversation that the server has; its reference."""
    await wallet.begin_chat()
    await wallet.say(words)
    await wallet.expect_tick(words, "delivered")
    return await reference_of(wallet)


async def test_a_picture_goes_both_ways_and_opens(windows: Windows, holdfast: Holdfast) -> None:
    ana = await agent(windows, holdfast, "ana")
    lin = await customer(windows, holdfast.origin)
    await talk(lin, ana, "I send a screenshot")
    await pick(lin.page, picture("shot.png", SMALL))
    await expect(lin.button("send")).to_have_attribute("aria-disabled", "false")
    await lin.button("send").click()
    shown = ana.page.get_by_role("img", name=ana.word("conversations.picture", name="shot.png"))
    await expect_picture(shown, SMALL)
    windows.watch.allowed.append(OWN_PAGE)
    await opened(ana.log.get_by_role("link").filter(has=shown), SMALL)

    await pick(ana.page, picture("answer.png", WIDE))
    await expect(ana.page.get_by_role("list", name=ana.word("conversations.files"))).to_contain_text("answer.png")
    await ana.say("Press here")
    await expect(lin.bubble("Press here")).to_be_visible()
    link = lin.log.get_by_role("link", name=lin.word("open_file", name="answer.png"))
    await expect_picture(link.locator("img"), WIDE)
    await opened(link, WIDE)
    files = files_of(holdfast, await reference_of(lin))
    assert files == [("customer", True), ("agent", True)]


async def test_a_file_that_lies_about_its_type_is_refused(windows: Windows, holdfast: Holdfast) -> None:
    ana = await agent(windows, holdfast, "ana")
    lin = await customer(windows, holdfast.origin)
    await talk(lin, ana, "Hello")
    with windows.watch.refusals(415):
        await pick(lin.page, LIE)
        await expect(lin.page.get_by_text(lin.word("err_attachment_type"))).to_be_visible()
        await pick(ana.page, LIE)
        await expect(ana.page.get_by_text(ana.word("api.attachment_type"))).to_be_visible()
    await expect(lin.button("send")).to_have_attribute("aria-disabled", "true")
    await lin.composer.press("Enter")
    await expect(ana.button("conversations.send")).to_be_disabled()
    await ana.composer.press("Control+Enter")
    await lin.page.get_by_role("button", name=lin.word("remove", name="lie.png")).click()
    await ana.page.get_by_role("button", name=ana.word("conversations.removeFile", name="lie.png")).click()

    # What is sent afterwards arrives afterwards: had the file gone, it would be there by now.
    await lin.say("Without it")
    await expect(ana.log.get_by_text("Without it")).to_be_visible()
    await ana.say("Never mind")
    await expect(lin.bubble("Never mind")).to_be_visible()
    assert await lin.log.locator(".m").count() == len(["Hello", "Without it", "Never mind"])
    assert files_of(holdfast, await reference_of(lin)) == []


async def test_the_counters_of_a_colleague_follow(windows: Windows, holdfast: Holdfast) -> None:
    mei = await agent(windows, holdfast, "mei", online=False)
    karin = await agent(windows, holdfast, "karin", online=False)
    waiting = view(mei, "queue").locator(".num")
    await view(mei, "queue").click()
    await expect(waiting).to_have_text("0")
    lin = await customer(windows, holdfast.origin)
    await ask(lin, "Is anybody there?")
    await expect(waiting).to_have_text("1")
    await expect(rows(mei)).to_contain_text(["Is anybody there?"])

    sam = await customer(windows, holdfast.origin)
    await ask(sam, "And I?")
    await expect(waiting).to_have_text("2")
    await view(karin, "queue").click()
    await rows(karin).filter(has_text="Is anybody there?").click()
    await expect(karin.log.get_by_text("Is anybody there?")).to_be_visible()
    # Mei had the first one open and may not see it any more: her console asks, and is told so.
    with windows.watch.refusals(404):
        await karin.button("conversations.resolve").click()
        await expect(mei.page.get_by_text(mei.word("api.conversation_not_found"))).to_be_visible()
    await expect(waiting).to_have_text("1")
    await expect(rows(mei)).to_have_count(1)
    await expect(rows(mei)).to_contain_text(["And I?"])


async def test_the_list_after_an_outage_is_the_databases(windows: Windows, holdfast: Holdfast) -> None:
    """Decision 0012: what happened while the console was cut off is there when it is back, without a notice of it."""
    karin = await agent(windows, holdfast, "karin", online=False)
    await view(karin, "queue").click()
    for words in ("The first", "The second", "The third"):
        await ask(await customer(windows, holdfast.origin), words)
    await expect(rows(karin)).to_have_count(3)
    with windows.watch.outage():
        holdfast.kill("serve")
        holdfast.execute(
            "UPDATE conversation SET category = 'resolved', resolved_at = now(), waiting_since = NULL, next_due = NULL,"
            " version = version + 1 WHERE preview IN ('The first', 'The second') AND category = 'open'"
        )
        holdfast.execute(
            "UPDATE conversation SET preview = 'Another word', version = version + 1 WHERE preview = 'The third'"
        )
        holdfast.wait_healthy()
        await expect(rows(karin)).to_have_count(1, timeout=40_000)
        await expect(rows(karin)).to_contain_text(["Another word"])
        await expect(view(karin, "queue").locator(".num")).to_have_text("1")


async def test_views_and_languages_of_the_inbox(windows: Windows, holdfast: Holdfast) -> None:
    karin = await agent(windows, holdfast, "karin", online=False)
    lin = await customer(windows, holdfast.origin)
    jan = await customer(windows, holdfast.origin, "de")
    await ask(lin, "Which network?")
    await ask(jan, "Welches Netzwerk?")
    await view(karin, "queue").click()
    await expect(rows(karin)).to_have_count(2)
    german = toggle(karin, "conversations.languages", "German")
    await german.click()
    await expect(rows(karin)).to_contain_text(["Welches Netzwerk?"])
    await expect(rows(karin)).to_have_count(1)
    await toggle(karin, "conversations.languages", karin.word("conversations.everyLanguage")).click()
    await expect(rows(karin)).to_have_count(2)

    # Taken, it leaves the queue for one's own; resolved, it leaves those too.
    await rows(karin).filter(has_text="Welches Netzwerk?").click()
    await karin.page.get_by_role("button", name=karin.word("conversations.take"), exact=True).click()
    await expect(rows(karin)).to_contain_text(["Which network?"])
    await expect(rows(karin)).to_have_count(1)
    await view(karin, "mine").click()
    await expect(rows(karin)).to_contain_text(["Welches Netzwerk?"])
    await expect(rows(karin)).to_have_count(1)
    await view(karin, "all").click()
    await expect(rows(karin)).to_have_count(2)
    await karin.button("conversations.resolve").click()
    await expect(rows(karin)).to_have_count(1)
    await view(karin, "resolved").click()
    await expect(rows(karin).filter(has_text="Welches Netzwerk?")).to_have_count(1)
    await expect(rows(karin).filter(has_text="Which network?")).to_have_count(0)


async def test_search_by_reference_and_by_words(windows: Windows, holdfast: Holdfast) -> None:
    karin = await agent(windows, holdfast, "karin", online=False)
    lin = await customer(windows, holdfast.origin)
    sam = await customer(windows, holdfast.origin)
    reference = await ask(lin, "My address is wrong")
    other = await ask(sam, "My balance is zero")
    await view(karin, "queue").click()
    await expect(rows(karin)).to_have_count(2)
    await karin.button("conversations.find").click()
    field = karin.page.get_by_role("searchbox", name=karin.word("conversations.searchLead"))
    await field.fill(reference)
    await expect(rows(karin)).to_have_count(1)
    await expect(rows(karin)).to_contain_text(["My address is wrong"])
    # As somebody types what they heard on the phone.
    await field.fill(other.removeprefix("HF-").replace("-", " ").lower())
    await expect(rows(karin)).to_contain_text(["My balance is zero"])
    await expect(rows(karin)).to_have_count(1)
    await field.fill("address")
    await expect(rows(karin)).to_contain_text(["My address is wrong"])
    await expect(rows(karin)).to_have_count(1)
    await field.fill("no such words")
    nothing = karin.page.get_by_role("heading", name=karin.word("conversations.nothingFound"))
    await expect(nothing).to_be_visible()
    await karin.button("conversations.find").click()
    await expect(rows(karin)).to_have_count(2)


async def why(console: Console, title: str) -> Locator:
    """The dialog of the conversation that is open."""
    await console.page.get_by_role("button", name=console.word("conversations.moreActs"), exact=True).click()
    await console.page.get_by_role("menuitem", name=console.word("conversations.why")).click()
    dialog = console.page.get_by_role("dialog", name=title)
    await expect(dialog).to_be_visible()
    return dialog


def reason(console: Console, key: str, language: str = "") -> str:
    """A reason's words; the browser itself knows the languages' names."""
    return console.word(f"conversations.reason.{key}").replace("{language}", language)


async def test_why_this_agent(windows: Windows, holdfast: Holdfast) -> None:
    ana = await agent(windows, holdfast, "ana")
    lin = await customer(windows, holdfast.origin)
    await talk(lin, ana, "Who are you?")
    dialog = await why(ana, ana.word("conversations.whyAgent", name="Ana Kovač"))
    await expect(dialog.get_by_text(ana.word("conversations.whyNoCandidates"))).to_be_visible()
    (decision,) = await dialog.locator("ol > li").all()
    await expect(decision).to_contain_text("Ana Kovač")
    await expect(decision).to_contain_text(ana.word("conversations.outcome.accepted"))
    reasons = [
        reason(ana, "speaks_native", "English"),
        reason(ana, "only_candidate"),
    ]
    await expect(decision.get_by_role("listitem")).to_have_text(reasons)


@contextmanager
def translating(server: Holdfast, key: str, language: str) -> Iterator[None]:
    """The agent answers this language by translation, which nobody of the demo does."""
    whom = f"(SELECT id FROM agent WHERE email = '{key}@{DOMAIN}')"
    server.execute(
        f"INSERT INTO agent_language (agent_id, language, level) VALUES ({whom}, %s, 'translation')", [language]
    )
    try:
        yield
    finally:
        server.execute(f"DELETE FROM agent_language WHERE agent_id = {whom} AND language = %s", [language])


async def test_why_an_agent_who_translates(windows: Windows, holdfast: Holdfast) -> None:
    with translating(holdfast, "mei", "de"):
        mei = await agent(windows, holdfast, "mei")
        jan = await customer(windows, holdfast.origin, "de")
        await talk(jan, mei, "Versteht mich jemand?")
    dialog = await why(mei, mei.word("conversations.whyAgent", name="Mei Tanaka"))
    reasons = [reason(mei, "by_translation", "German"), reason(mei, "only_candidate")]
    await expect(dialog.locator("ol > li").get_by_role("listitem")).to_have_text(reasons)


async def test_why_nobody(windows: Windows, holdfast: Holdfast) -> None:
    mei = await agent(windows, holdfast, "mei")
    jan = await customer(windows, holdfast.origin, "de")
    await ask(jan, "Hört mich jemand?")
    await view(mei, "queue").click()
    await rows(mei).filter(has_text="Hört mich jemand?").click()
    await expect(mei.log.get_by_text("Hört mich jemand?")).to_be_visible()
    dialog = await why(mei, mei.word("conversations.whyNobody"))
    people = dialog.locator("section > ul > li")
    herself = people.filter(has_text="Mei Tanaka")
    await expect(herself).to_contain_text(mei.word("conversations.cannotBeAsked"))
    await expect(herself.get_by_role("listitem")).to_have_text([reason(mei, "lacks_language", "German")])
    # She speaks it, but is not there.
    ana = people.filter(has_text="Ana Kovač")
    await expect(ana).to_contain_text(mei.word("conversations.cannotBeAsked"))
    await expect(ana.get_by_role("listitem")).to_have_count(1)
    await expect(dialog.get_by_text(mei.word("conversations.canBeAsked"), exact=True)).to_have_count(0)
