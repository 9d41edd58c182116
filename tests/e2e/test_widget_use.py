"""What a customer does in the help window besides asking: language, emergency, keyboard, unsent words, files."""

import json
import re
from typing import Any

from playwright.async_api import Locator, Page, Route, WebSocketRoute, expect

from tests.e2e.browser import PHONE, Windows
from tests.e2e.desk import LOCALES, agent, customer, talk
from tests.e2e.pages import Wallet
from tests.support.server import Holdfast

# Writes down every tone that a page starts, and only those of a context that really runs.
_LISTEN = """
window.tones = []
const start = AudioScheduledSourceNode.prototype.start
AudioScheduledSourceNode.prototype.start = function (...when) {
  if (this.context.state === 'running') window.tones.push(Math.round(this.frequency.value))
  return start.apply(this, when)
}
"""
ORDINARY = [587, 784]
EMERGENCY = [880, 1175, 880]
# As web/console/src/features/offers/OfferCards.vue rings, in milliseconds.
RING_EVERY = 4000

# As src/holdfast/conversations/files.py takes them.
MOST_WAITING = 20

# Whether the element has the focus and shows it.
_FOCUS_SHOWN = """(element) => {
  if (element.getRootNode().activeElement !== element || !element.matches(':focus-visible')) return false
  const style = getComputedStyle(element)
  return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none'
}"""


async def _tab_to(page: Page, target: Locator) -> None:
    """With Tab alone; the focus must be seen where it arrives."""
    await target.wait_for()
    for _ in range(40):
        if await target.evaluate("(element) => element.getRootNode().activeElement === element"):
            break
        await page.keyboard.press("Tab")
    await expect(target).to_be_focused()
    assert await target.evaluate(_FOCUS_SHOWN), "nobody sees where the focus is"


async def _refuse_once(page: Page, body: str, problem: dict[str, Any]) -> list[str]:
    """The next sockets of this page refuse these words at the first time; the keys under which they were sent."""
    sent: list[str] = []

    def between(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def pass_on(message: str | bytes) -> None:
            frame = json.loads(message)
            if frame["t"] == "send" and frame["b"] == body:
                sent.append(frame["k"])
                if len(sent) == 1:
                    socket.send(json.dumps({"t": "nack", "k": frame["k"], "problem": problem}))
                    return
            server.send(message)

        socket.on_message(pass_on)

    await page.route_web_socket("**/ws/**", between)
    return sent


def _rows(server: Holdfast, columns: str, first: str) -> list[tuple[Any, ...]]:
    """Of every conversation that begins with these words."""
    return server.query(
        f"SELECT {columns} FROM conversation c WHERE c.id IN (SELECT conversation_id FROM message WHERE body = %s)",
        [first],
    )


async def test_another_language_in_a_live_conversation(windows: Windows, holdfast: Holdfast) -> None:
    first = "Which language may I write?"
    ana = await agent(windows, holdfast, "ana")
    lin = await customer(windows, holdfast.origin)
    await talk(lin, ana, first)
    await ana.say("Any you like")
    await expect(lin.bubble("Any you like")).to_be_visible()
    spoken = ana.page.get_by_role("combobox", name=ana.word("conversations.language"), exact=True)
    await expect(spoken).to_have_text("English")

    await lin.button("back").click()
    await lin.page.locator("holdfast-help").get_by_label(lin.word("language")).select_option("de")
    lin.language = "de"
    await expect(lin.heading("title")).to_be_visible()
    await expect(spoken).to_have_text("German")
    said = ana.word("conversations.event.language_nobody").replace("{language}", "German")
    await expect(ana.log.get_by_text(said)).to_be_visible()
    assert _rows(holdfast, "c.language", first) == [("de",)]

    await lin.page.locator("holdfast-help button.conv").click()
    await expect(lin.log.get_by_text(lin.word("ev_language").replace("{language}", "Deutsch"))).to_be_visible()
    assert await lin.bubbles() == [first, "Any you like"]
    await lin.say("Dann auf Deutsch")
    await expect(ana.log.get_by_text("Dann auf Deutsch")).to_be_visible()


async def test_the_red_bar_raises_the_same_conversation(windows: Windows, holdfast: Holdfast) -> None:
    first = "Somebody asks me for twelve words"
    ana = await agent(windows, holdfast, "ana")
    lin = await customer(windows, holdfast.origin)
    await talk(lin, ana, first)
    (before,) = _rows(holdfast, "c.id, c.emergency", first)
    assert before[1] is False
    priya = await agent(windows, holdfast, "priya")
    # Ana's page asks once more for what she may no longer see.
    with windows.watch.refusals(404):
        await lin.button("sos_short").click()
        await lin.button("em_write").click()
        await expect(priya.offer).to_contain_text(priya.word("offers.emergency"))
        # She has it no longer, and is not asked: she is of no emergency team.
        await expect(ana.button("conversations.send")).to_have_count(0)
        await expect(ana.offer).to_have_count(0)
        await priya.accept()
        await priya.say("Tell them nothing. I am here.")
        await expect(lin.bubble("Tell them nothing. I am here.")).to_be_visible()
        await expect(ana.page.get_by_role("alert")).to_have_text(
            re.compile(re.escape(ana.word("api.conversation_not_found")))
        )
        await expect(ana.page.get_by_text(first)).to_have_count(0)
    words = [first, "Tell them nothing. I am here."]
    await expect(priya.log.get_by_text(words[-1])).to_be_visible()
    assert await lin.bubbles() == await priya.bubbles() == words
    held = "c.id, c.emergency, c.priority, (SELECT name FROM agent WHERE id = c.assignee_id)"
    assert _rows(holdfast, held, first) == [(before[0], True, 3, "Priya Nair")]


async def test_a_customer_and_an_agent_without_a_mouse(windows: Windows, holdfast: Holdfast) -> None:
    ana = await agent(windows, holdfast, "ana")
    page = await windows.person(locale=LOCALES["en"], size=PHONE)
    lin = Wallet(page, holdfast.origin)
    await page.goto(f"{holdfast.origin}/demo/wallet?lang=en&user=")
    opener = page.locator("#help")
    await _tab_to(page, opener)
    await page.keyboard.press("Enter")
    await expect(lin.heading("title")).to_be_focused()
    await _tab_to(page, page.locator("holdfast-help button.way"))
    await page.keyboard.press("Enter")
    await expect(lin.composer).to_be_focused()
    await page.keyboard.type("No mouse here")
    await page.keyboard.press("Enter")

    keys = ana.page.keyboard
    await expect(ana.offer).to_contain_text("No mouse here")
    await keys.press("a")
    await expect(ana.composer).to_be_visible()
    await keys.press("r")
    await expect(ana.composer).to_be_focused()
    # A letter that is a command elsewhere is a letter here.
    await keys.type("Here neither, easy")
    await expect(ana.button("conversations.send")).to_be_enabled()
    await keys.press("Control+Enter")
    await expect(lin.bubble("Here neither, easy")).to_be_visible()
    await keys.press("Escape")
    await keys.press("e")
    await expect(lin.heading("rate_q")).to_be_visible()

    await _tab_to(page, lin.button("rate_yes"))
    await page.keyboard.press("Enter")
    await _tab_to(page, lin.button("rate_send"))
    await page.keyboard.press("Enter")
    await expect(lin.log.get_by_text(lin.word("ev_rated"))).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(lin.log).to_have_count(0)
    await expect(opener).to_be_focused()


async def test_a_first_message_whose_answer_was_a_refusal_is_retried_once(windows: Windows, holdfast: Holdfast) -> None:
    first = "Did this arrive?"
    asked: list[dict[str, Any]] = []

    async def arrives_but_refused(route: Route) -> None:
        """The hardest case: the server has it, and something between says no."""
        asked.append(json.loads(route.request.post_data or "{}"))
        if len(asked) > 1:
            await route.continue_()
            return
        await route.fetch()
        await route.fulfill(status=403, json={"id": "not_allowed", "status": 403, "title": "No"})

    ana = await agent(windows, holdfast, "ana")
    lin = await customer(windows, holdfast.origin)
    await lin.page.route("**/api/widget/conversations", arrives_but_refused)
    with windows.watch.refusals(403):
        await lin.begin_chat()
        await lin.say(first)
        await expect(lin.bubble(first)).to_contain_text(lin.word("not_sent"))
    await lin.button("try_again").click()
    await lin.expect_tick(first, "delivered")
    await expect(lin.button("try_again")).to_have_count(0)
    await expect(ana.offer).to_contain_text(first)
    await ana.accept()
    await lin.expect_tick(first, "read")
    assert [item["k"] for item in asked] == [asked[0]["k"]] * 2
    assert await lin.bubbles() == await ana.bubbles() == [first]
    assert len(_rows(holdfast, "c.id", first)) == 1


async def test_a_refused_message_is_kept_and_sent_once(windows: Windows, holdfast: Holdfast) -> None:
    refused = "Not at the first time"
    ana = await agent(windows, holdfast, "ana")
    lin = await customer(windows, holdfast.origin)
    sent = await _refuse_once(lin.page, refused, {"id": "attachment_unknown", "status": 404})
    await talk(lin, ana, "Something before")
    await lin.say(refused)
    await expect(lin.bubble(refused)).to_contain_text(lin.word("not_sent"))
    # It holds nothing up: what is written after it goes.
    await lin.say("Something after")
    await lin.expect_tick("Something after", "read")
    await lin.button("try_again").click()
    await lin.expect_tick(refused, "read")
    await expect(lin.button("try_again")).to_have_count(0)
    assert sent == [sent[0]] * 2
    words = ["Something before", "Something after", refused]
    assert await lin.bubbles() == await ana.bubbles() == words
    assert holdfast.query("SELECT count(*) FROM message WHERE body = %s", [refused]) == [(1,)]


async def test_a_refused_answer_of_the_agent_is_kept_and_sent_once(windows: Windows, holdfast: Holdfast) -> None:
    first, answer = "Is anybody mine?", "I am"
    ana = await agent(windows, holdfast, "ana", online=False)
    sent = await _refuse_once(ana.page, answer, {"id": "not_assigned", "status": 403})
    await ana.page.reload()
    await ana.go_online()
    lin = await customer(windows, holdfast.origin)
    await talk(lin, ana, first)
    await ana.say(answer)
    unsent = ana.log.get_by_text(ana.word("conversations.notSent", reason=ana.word("api.not_assigned")))
    await expect(unsent).to_be_visible()
    await expect(lin.bubble(answer)).to_have_count(0)
    await ana.log.get_by_role("button", name=ana.word("components.tryAgain")).click()
    await expect(lin.bubble(answer)).to_be_visible()
    await expect(unsent).to_have_count(0)
    await expect(ana.log.get_by_text(answer, exact=True)).to_be_visible()
    assert sent == [sent[0]] * 2
    assert await lin.bubbles() == await ana.bubbles() == [first, answer]
    assert holdfast.query("SELECT count(*) FROM message WHERE body = %s", [answer]) == [(1,)]


async def test_one_file_too_many_waits_for_the_others(windows: Windows, holdfast: Holdfast) -> None:
    def files(begin: int, count: int) -> list[Any]:
        numbers = range(begin, begin + count)
        return [{"name": f"log-{n}.txt", "mimeType": "text/plain", "buffer": b"line %d\n" % n} for n in numbers]

    ana = await agent(windows, holdfast, "ana")
    lin = await customer(windows, holdfast.origin)
    await talk(lin, ana, "I have many files")
    picker = lin.page.locator("holdfast-help input[type=file]")
    uploading = lin.page.locator("holdfast-help .files progress:not([value='1'])")
    drafts = lin.page.locator("holdfast-help .files li")
    await picker.set_input_files(files(0, MOST_WAITING))
    await expect(drafts).to_have_count(MOST_WAITING)
    await expect(uploading).to_have_count(0)
    with windows.watch.refusals(429):
        await picker.set_input_files(files(MOST_WAITING, 1))
        await expect(drafts.last).to_contain_text(lin.word("err_too_many_files"))
    await lin.say("The first of them")
    await expect(drafts).to_have_count(1)
    await expect(ana.log.get_by_text("The first of them")).to_be_visible()
    await lin.button("try_again").click()
    await expect(drafts.get_by_text(lin.word("err_too_many_files"))).to_have_count(0)
    await expect(uploading).to_have_count(0)
    await lin.say("The last of them")
    await expect(ana.log.get_by_role("link", name="log-20.txt")).to_be_visible()


async def test_an_offer_rings_until_it_is_decided(windows: Windows, holdfast: Holdfast) -> None:
    priya = await agent(windows, holdfast, "priya", online=False)
    await priya.page.add_init_script(_LISTEN)
    # So that four seconds need not pass, and so that silence can be told from "not yet".
    await priya.page.clock.install()
    await priya.page.reload()
    await priya.go_online()

    async def tones() -> list[int]:
        heard: list[int] = await priya.page.evaluate("window.tones")
        return heard

    assert await tones() == []
    lin = await customer(windows, holdfast.origin)
    await lin.begin_chat()
    await lin.say("Can you hear me?")
    await expect(priya.offer).to_contain_text("Can you hear me?")
    assert await tones() == ORDINARY
    await priya.page.clock.fast_forward(RING_EVERY)
    assert await tones() == ORDINARY * 2
    await priya.accept()
    await expect(priya.offer).to_have_count(0)
    await priya.page.clock.fast_forward(RING_EVERY)
    assert await tones() == ORDINARY * 2

    other = await customer(windows, holdfast.origin)
    await other.button("sos_title", exact=False).click()
    await other.button("em_write").click()
    await expect(priya.offer).to_contain_text(priya.word("offers.emergency"))
    assert await tones() == ORDINARY * 2 + EMERGENCY
