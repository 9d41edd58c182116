"""A phrase in three messages: when it is complete, no browser holds a word of it. Looked for in the page, its storage,
its databases and its memory after a forced garbage collection."""

import itertools
import json
from typing import Any

from playwright.async_api import CDPSession, Page, expect

from tests.e2e.browser import Windows
from tests.e2e.desk import agent, customer, talk
from tests.e2e.pages import Console, Wallet
from tests.redaction.ways import PHRASE
from tests.support.server import Holdfast

WORDS = PHRASE.split()
PIECES = [" ".join(WORDS[i : i + 4]) for i in (0, 4, 8)]
# Neighbours: a single word may stand in a word list that the page itself has.
TRACES = [f"{first} {second}" for first, second in itertools.pairwise(WORDS)]

_HELD = """async () => {
  const words = [document.documentElement.outerHTML]
  const fields = []
  const walk = (root) => {
    for (const element of root.querySelectorAll('*')) {
      if (element.shadowRoot) { words.push(element.shadowRoot.innerHTML); walk(element.shadowRoot) }
      if ('value' in element) fields.push(String(element.value))
    }
  }
  walk(document)
  for (const area of [localStorage, sessionStorage]) words.push(JSON.stringify({ ...area }))
  const read = (request) => new Promise((done, failed) => {
    request.onsuccess = () => done(request.result)
    request.onerror = () => failed(request.error)
  })
  for (const { name } of await indexedDB.databases()) {
    const database = await read(indexedDB.open(name))
    for (const store of database.objectStoreNames) {
      words.push(JSON.stringify(await read(database.transaction(store).objectStore(store).getAll())))
    }
    database.close()
  }
  for (const key of await caches.keys()) words.push(key)
  return [...words, ...fields].join('\\n')
}"""


async def held(page: Page) -> list[str]:
    """Traces in the page, its fields, its storage and its databases."""
    text: str = await page.evaluate(_HELD)
    return [trace for trace in TRACES if trace in text]


async def in_memory(page: Page) -> list[str]:
    """Strings of the page's heap that hold a trace, after everything that can be freed was freed."""
    debugger: CDPSession = await page.context.new_cdp_session(page)
    chunks: list[str] = []
    debugger.on("HeapProfiler.addHeapSnapshotChunk", lambda event: chunks.append(event["chunk"]))
    await debugger.send("HeapProfiler.enable")
    # What the first collection frees lets go of more.
    for _ in range(3):
        await debugger.send("HeapProfiler.collectGarbage")
    await debugger.send("HeapProfiler.takeHeapSnapshot", {"reportProgress": False, "captureNumericValue": False})
    await debugger.detach()
    snapshot: dict[str, Any] = json.loads("".join(chunks))
    assert len(snapshot["strings"]) > 10_000, "this is no heap of a page"
    return [string[:200] for string in snapshot["strings"] if any(trace in string for trace in TRACES)]


async def type_in(wallet: Wallet, words: str, *, insists: bool = False) -> None:
    """As a keyboard does: nothing of it goes through a script of ours, which would stay in the heap."""
    before = len(await wallet.bubbles())
    await wallet.composer.click()
    await wallet.page.keyboard.insert_text(words)
    await wallet.page.keyboard.press("Enter")
    if insists:
        await wallet.button("guard_send").click()
    await expect(wallet.log.locator(".m .b")).to_have_count(before + 1)


async def test_no_browser_keeps_a_word_of_it(windows: Windows, holdfast: Holdfast) -> None:
    ana = await agent(windows, holdfast, "ana")
    lin = await customer(windows, holdfast.origin)
    await talk(lin, ana, "Hello")
    messages = ana.log.locator("p.whitespace-pre-wrap.break-words")
    await lin.until_guarded()
    for piece in PIECES[:2]:
        await type_in(lin, piece)
    await expect(messages).to_have_count(3)
    # Both see them as they come; and the looking finds them where they are.
    for page in (lin.page, ana.page):
        assert await held(page) == [trace for trace in TRACES if any(trace in piece for piece in PIECES[:2])]
        assert await in_memory(page) != []

    # The page stops the last one: whoever sends it all the same is told by the server.
    await type_in(lin, PIECES[2], insists=True)
    await expect(lin.page.get_by_text(lin.word("burn_parts"))).to_be_visible()
    await expect(ana.page.get_by_text(ana.word("conversations.stopped.recovery_phrase"))).to_be_visible()
    await expect(messages).to_have_count(4)
    for page in (lin.page, ana.page):
        assert await held(page) == []
        assert await in_memory(page) == []
    # Nor does the composer give it back.
    await lin.composer.click()
    for _ in range(5):
        await lin.page.keyboard.press("Control+z")
    assert await held(lin.page) == []

    # Whoever comes later, or comes back, gets nothing else.
    await ana.page.reload()
    await expect(ana.page.get_by_text(ana.word("conversations.stopped.recovery_phrase"))).to_be_visible()
    await lin.page.reload()
    for page in (lin.page, ana.page):
        assert await held(page) == []
    await expect_offered(lin, ana)


async def expect_offered(lin: Wallet, ana: Console) -> None:
    """The emergency line is one touch away, and the panel says what happened."""
    await lin.page.locator("#help").click()
    await lin.page.locator("holdfast-help .conv").first.click()
    await lin.page.get_by_role("button", name=lin.word("burn_do"), exact=True).click()
    await lin.button("em_write").click()
    await expect(ana.page.get_by_text(ana.word("customers.exposedIn.messages"), exact=True)).to_be_visible()
