"""On call in the browser: a lead plans, somebody is paged, opens the link on the phone and has it."""

import json
import re
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from playwright.async_api import expect

from holdfast.core.database import Database
from holdfast.paging import pages, web_push
from tests.e2e.browser import PHONE, Windows
from tests.e2e.desk import agent
from tests.e2e.pages import Console
from tests.e2e.test_pages import faults_of
from tests.paging.push_service import Subscribed
from tests.support.server import Holdfast
from tests.support.waiting import eventually_so


@pytest.fixture(autouse=True)
async def _unpaged(holdfast: Holdfast) -> AsyncIterator[None]:
    """Nobody is on call before and after."""
    yield
    for table in ("page", "page_delivery", "contact_method", "push_key", "paging_policy", "rota"):
        holdfast.execute(f"DELETE FROM {table}")
    holdfast.execute("DELETE FROM due WHERE kind IN ('page', 'paging_test')")


async def _raise(dsn: str, about: str) -> UUID:
    database = Database(dsn, pool_size=1)
    try:
        async with database.transaction() as session:
            return await pages.raise_page(session, "emergency_requested", "emergency", about)
    finally:
        await database.close()


async def _mails(console: Console) -> list[dict[str, str]]:
    answer = await console.page.request.get(f"{console.origin}/api/demo/mails")
    found: list[dict[str, str]] = await answer.json()
    return found


async def _mail(console: Console, to: str, words: str) -> str:
    """The text of the first mail to ``to`` with ``words``, once it is there. One that names a conversation is of
    another test, whose emergency nobody hears."""
    found: list[str] = []

    async def there() -> bool:
        found[:] = [
            mail["text"]
            for mail in await _mails(console)
            if mail["to"] == to
            and words in f"{mail['subject']} {mail['text']}".lower()
            and "HF-" not in mail["subject"]
        ]
        return bool(found)

    await eventually_so(there, 30, f"a mail to {to} with {words}")
    return found[0]


async def _go(console: Console, route: str) -> None:
    await console.page.goto(f"{console.origin}/console/{route}")
    await console.expect_inside()


async def _plan(karin: Console) -> list[str]:
    """A rota of two people, and a policy: the rota, then the leads. What axe found on the way."""
    page = karin.page
    await _go(karin, "on-call/rotas")
    await karin.button("paging.addRota").click()
    await page.get_by_label(karin.word("paging.name"), exact=True).fill("Night watch")
    for name in ("Priya Nair", "Omar Haddad"):
        await page.get_by_label(karin.word("paging.addPerson")).select_option(label=name)
    await page.get_by_label(karin.word("paging.start")).fill("2026-01-01")
    await page.get_by_label(karin.word("paging.onlyHours")).check()
    faults = await faults_of(page)
    await page.get_by_label(karin.word("paging.onlyHours")).uncheck()
    await page.get_by_role("button", name=karin.word("components.save"), exact=True).click()
    await expect(page.get_by_role("heading", name="Night watch")).to_be_visible()
    duty = karin.word("paging.duty.emergency")
    await page.get_by_role("button", name=karin.word("paging.actOn", act=karin.word("paging.edit"), page=duty)).click()
    card = page.locator("form").filter(has=page.get_by_role("heading", name=duty))
    await card.get_by_role("combobox").select_option(label="Night watch")
    await card.get_by_role("button", name=karin.word("paging.removeOf", name=karin.word("paging.leads"))).click()
    await card.get_by_role("button", name=karin.word("paging.addStep")).click()
    await card.get_by_role("combobox").nth(1).select_option(label=karin.word("paging.leads"))
    faults += await faults_of(page)
    await card.get_by_role("button", name=karin.word("components.save"), exact=True).click()
    await expect(card.get_by_role("button", name=karin.word("paging.addStep"))).to_be_hidden()
    return faults


async def test_a_lead_plans_and_somebody_has_the_page(windows: Windows, holdfast: Holdfast) -> None:
    karin = await agent(windows, holdfast, "karin", online=False)
    page = karin.page
    faults = await _plan(karin)
    await _go(karin, "on-call")
    duty = page.get_by_role("heading", name=karin.word("paging.duty.emergency"), exact=True)
    section = page.locator("section").filter(has=duty)
    await expect(section).to_contain_text(karin.word("paging.covered"))
    # Who is on call now; further down the card names those who are hard to reach.
    first = await section.get_by_role("listitem").first.locator("b").inner_text()
    await _raise(holdfast.dsn, "conversation:e2e")
    text = await _mail(karin, f"{first.partition(' ')[0].lower()}@holdfast.example", "emergency")
    link = re.search(rf"{re.escape(holdfast.origin)}/page/\S+", text)
    assert link is not None, text

    # Whoever is woken, on their telephone, without a sign-in.
    phone = await windows.person(size=PHONE)
    await phone.goto(link[0])
    await expect(phone.get_by_role("heading")).to_contain_text("An emergency has nobody who answers")
    faults += await faults_of(phone)
    await expect(phone.get_by_role("status")).to_contain_text("Nobody has it yet")
    # Others may be open: emergencies of other tests that nobody hears.
    assert holdfast.query("SELECT state FROM page WHERE about = 'conversation:e2e'") == [("open",)]
    await phone.get_by_role("button", name="I have it for 60 minutes").click()
    await expect(phone.get_by_role("status")).to_contain_text(f"{first} has it until")
    faults += await faults_of(phone)

    await page.reload()
    kind = karin.word("paging.kind.emergency_requested")
    entry = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=kind)).filter(has_not_text="HF-")
    await expect(entry).to_contain_text(f"{first} has it until")
    await entry.get_by_role("button", name=karin.word("paging.log")).click()
    await expect(entry.get_by_role("table")).to_contain_text(karin.word("paging.sent.sent"))
    faults += await faults_of(page)
    await entry.get_by_role("button", name=karin.word("paging.resolve")).click()
    await expect(entry).to_contain_text(karin.word("paging.state.resolved"))
    await phone.reload()
    await expect(phone.get_by_role("status")).to_contain_text("It is over")
    assert not faults, "\n".join(sorted(set(faults)))


async def test_a_way_of_ones_own_is_confirmed_and_tested(windows: Windows, holdfast: Holdfast) -> None:
    ana = await agent(windows, holdfast, "ana", online=False)
    page = ana.page
    await _go(ana, "on-call/contacts")
    await expect(page.get_by_text(ana.word("paging.reachLead.none"))).to_be_visible()
    await page.get_by_label(ana.word("paging.addressOf.mail")).fill("ana@home.example")
    await page.get_by_role("button", name=ana.word("paging.sendCode"), exact=True).click()
    await expect(page.get_by_label(ana.word("paging.code"), exact=True)).to_be_visible()
    code = (await _mail(ana, "ana@home.example", "code")).split()[0]
    faults = await faults_of(page)
    await page.get_by_label(ana.word("paging.code"), exact=True).fill(code)
    await page.get_by_role("button", name=ana.word("paging.confirm"), exact=True).click()
    await expect(page.get_by_text(ana.word("paging.reachLead.single"))).to_be_visible()
    await ana.button("paging.pageMyself").click()
    await expect(page.get_by_text(ana.word("paging.pagedMyself"))).to_be_visible()
    text = await _mail(ana, "ana@home.example", "test page")
    link = re.search(r"http\S+/page/\S+", text)
    assert link is not None, text
    phone = await windows.person(size=PHONE)
    await phone.goto(link[0])
    await phone.get_by_role("button", name="It arrived").click()
    await expect(phone.get_by_role("status")).to_contain_text("It is over")
    await page.reload()
    await expect(page.get_by_text(re.compile(r"last answered"))).to_be_visible()
    faults += await faults_of(page)
    assert not faults, "\n".join(sorted(set(faults)))


@pytest.mark.parametrize("wrong", ["x", "a.b.c"])
async def test_a_link_that_is_not_ours(windows: Windows, holdfast: Holdfast, wrong: str) -> None:
    stranger = await windows.person(size=PHONE)
    with windows.watch.refusals(404):
        await stranger.goto(f"{holdfast.origin}/page/{wrong}")
    await expect(stranger.get_by_role("heading")).to_contain_text("not valid any more")
    assert not await faults_of(stranger)


# Chromium without a head has no push service of its maker: it is asked for everything up to that, and from there on.
_SUBSCRIBED = """
PushManager.prototype.subscribe = async function ({ userVisibleOnly, applicationServerKey }) {
  if (!userVisibleOnly || applicationServerKey.length !== 87) throw new Error('not as it must be')
  return { toJSON: () => ({ endpoint: 'https://push.example.org/wp/e2e', keys: %s }) }
}
"""


async def test_a_browser_is_subscribed_on_a_click_and_shows_a_page(windows: Windows, holdfast: Holdfast) -> None:
    ana = await agent(windows, holdfast, "ana", online=False)
    page, browser = ana.page, Subscribed("")
    await page.context.add_init_script(_SUBSCRIBED % browser.secret)
    await _go(ana, "on-call/contacts")
    await page.get_by_label(ana.word("paging.wayLabel")).select_option("push")
    subscribe = page.get_by_role("button", name=ana.word("paging.subscribe"), exact=True)
    faults = await faults_of(page)
    # A window without a head refuses unless it was allowed before: as if somebody had said no.
    await subscribe.click()
    await expect(page.get_by_role("alert")).to_have_text(ana.word("paging.pushFault.refused"))
    faults += await faults_of(page)
    await page.context.grant_permissions(["notifications"], origin=holdfast.origin)
    async with page.context.expect_event("serviceworker") as started:
        await subscribe.click()
    worker = await started.value
    await expect(page.get_by_text("push.example.org")).to_be_visible()
    await expect(page.get_by_role("alert")).to_have_count(0)
    assert worker.url == f"{holdfast.origin}/console/push.js"
    faults += await faults_of(page)

    # What its push service would hand over: read as RFC 8291 says, shown by the browser.
    said = {"title": "A test page", "body": "", "url": "/console/on-call?page=x", "tag": "x"}
    sealed = web_push.encrypted(web_push.padded(json.dumps(said).encode()), browser.public, browser.auth)
    devtools = await page.context.new_cdp_session(page)
    registrations: list[str] = []
    devtools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: registrations.extend(one["registrationId"] for one in event["registrations"]),
    )
    await devtools.send("ServiceWorker.enable")
    await eventually_so(lambda: _true(registrations), 10, "the worker is registered")
    words = {"origin": holdfast.origin, "registrationId": registrations[0], "data": browser.read(sealed).decode()}
    look = """async () => (await (await navigator.serviceWorker.ready).getNotifications())
      .map(({ title, body, data }) => ({ title, body, data }))"""
    shown: list[object] = []

    async def there() -> bool:
        # The browser drops without a word what comes before it has stored the worker as active, and a worker can be
        # "ready" before that: delivered until it is shown; one tag makes one notice of all of them.
        await devtools.send("ServiceWorker.deliverPushMessage", words)
        shown[:] = await page.evaluate(look)
        return bool(shown)

    await eventually_so(there, 10, "the notice is shown")
    assert shown == [{"title": "A test page", "body": "", "data": "/console/on-call?page=x"}]
    assert not faults, "\n".join(sorted(set(faults)))


async def _true(found: list[str]) -> bool:
    return bool(found)
