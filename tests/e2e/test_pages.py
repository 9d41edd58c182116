"""Every page of both routers: axe finds nothing serious, nothing needs sideways scrolling at 320 px; in light, dark
and right to left."""

import json
from typing import Any

import pytest
from playwright.async_api import Page, expect

from holdfast.app.demo_organisation import PASSWORD
from tests.e2e.browser import DESKTOP, NARROW, PHONE, ROOT, Windows
from tests.e2e.desk import LOCALES, agent, customer, talk
from tests.e2e.pages import Console, Wallet
from tests.support.server import Holdfast

_AXE = next(ROOT.glob("web/*/node_modules/axe-core/axe.min.js"))
# The administrator sees every page, the auditor's too.
ROUTES = (
    "inbox",
    "people",
    "people/teams",
    "people/invitations",
    "authenticity",
    "audit",
    "webhooks",
    "figures",
    "board",
    "on-call",
    "on-call/rotas",
    "on-call/contacts",
    "calls/lines",
    "calls/menus",
    "calls/blocked",
    "promises",
    "rules",
    "mail",
    "tracker",
    "audit/seals",
    "privacy",
    "privacy/retention",
    "privacy/reviews",
    "account",
    "nowhere/at/all",
)
# With reduced motion every inherited colour changes in a transition of its own, one element after the other: until
# three frames have passed in which none runs.
_TURN_DARK = """async dark => {
  const { classList } = document.documentElement
  if (!classList.contains('dark') && !classList.contains('light')) return
  classList.toggle('dark', dark)
  classList.toggle('light', !dark)
  const moves = () => document.getAnimations().some(
    a => a.playState !== 'finished' && a.effect.getComputedTiming().iterations !== Infinity)
  for (let calm = 0; calm < 3; calm = moves() ? 0 : calm + 1) await new Promise(requestAnimationFrame)
}"""
OPEN_ROUTES = ("sign-in", "forgotten", "reset/a-token", "invitation/a-token")


async def serious(page: Page) -> list[str]:
    """What axe calls serious or critical, one line each."""
    # By the debugger, so that the page's own policy stays as it is.
    await page.evaluate(_AXE.read_text("utf-8"))
    found: dict[str, Any] = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{page.url}: {violation['id']}: {node['target']} {node['html'][:160]}"
        for violation in found["violations"]
        if violation["impact"] in {"serious", "critical"}
        for node in violation["nodes"]
    ]


async def sideways(page: Page) -> int:
    """Pixels by which the page is wider than its window."""
    return int(await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


async def settled(page: Page) -> None:
    """Fetched, and nothing is moving any more (a half-transparent button has too little contrast)."""
    await page.wait_for_load_state("networkidle")
    await page.evaluate(
        "Promise.allSettled(document.getAnimations().filter(a => a.effect.getComputedTiming().iterations"
        " !== Infinity).map(a => a.finished))"
    )


async def faults_of(page: Page) -> list[str]:
    """Of one view at a desk, on a phone and at 320 px."""
    found: list[str] = []
    for size in (DESKTOP, PHONE, NARROW):
        await page.set_viewport_size(size)
        await settled(page)
        found += await serious(page)
        if extra := await sideways(page):
            found.append(f"{page.url}: {extra} px too wide at {size['width']}")
    await page.set_viewport_size(DESKTOP)
    return found


async def faults_in_both(page: Page) -> list[str]:
    """In the light and in the dark, at each width. The console looks at the system's wish when it is loaded only."""
    found = await faults_of(page)
    await page.emulate_media(color_scheme="dark")
    await page.evaluate(_TURN_DARK, True)
    found += await faults_of(page)
    await page.emulate_media(color_scheme="light")
    await page.evaluate(_TURN_DARK, False)
    return found


async def turned(page: Page, direction: str) -> None:
    """From now on every page runs in this direction (no language of the console does yet; its layout must be ready)."""
    await page.add_init_script(
        f"addEventListener('DOMContentLoaded', () => {{ document.documentElement.dir = '{direction}' }})"
    )


async def _console(windows: Windows, server: Holdfast, key: str, *, direction: str = "ltr", **options: Any) -> Console:
    console = Console(await windows.person(**options), server.origin)
    await turned(console.page, direction)
    await console.sign_in(f"{key}@holdfast.example", PASSWORD)
    await console.expect_inside()
    return console


@pytest.mark.parametrize(("scheme", "direction"), [("light", "ltr"), ("dark", "ltr"), ("light", "rtl")])
async def test_every_page_of_the_console(windows: Windows, holdfast: Holdfast, scheme: str, direction: str) -> None:
    console = await _console(windows, holdfast, "lena", direction=direction, color_scheme=scheme)
    assert await console.page.evaluate("document.documentElement.dir") == direction
    (someone,) = holdfast.query("SELECT id FROM agent WHERE name LIKE 'Wei%'")
    faults: list[str] = []
    with windows.watch.refusals(404), windows.watch.refusals(400), windows.watch.refusals(403):
        for size in (DESKTOP, NARROW):
            await console.page.set_viewport_size(size)
            for route in (*ROUTES, f"people/{someone[0]}"):
                await console.page.goto(f"{holdfast.origin}/console/{route}")
                await console.expect_inside()
                await settled(console.page)
                faults += await serious(console.page)
                if extra := await sideways(console.page):
                    faults.append(f"{console.page.url}: {extra} px too wide at {size['width']}")
        stranger = await windows.person(color_scheme=scheme)
        await turned(stranger, direction)
        for size in (DESKTOP, NARROW):
            await stranger.set_viewport_size(size)
            for route in OPEN_ROUTES:
                await stranger.goto(f"{holdfast.origin}/console/{route}")
                await expect(stranger.get_by_role("heading").first).to_be_visible()
                await settled(stranger)
                faults += await serious(stranger)
                if extra := await sideways(stranger):
                    faults.append(f"{stranger.url}: {extra} px too wide at {size['width']}")
    assert not faults, "\n".join(sorted(set(faults)))


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_conversation_in_the_console(windows: Windows, holdfast: Holdfast, scheme: str) -> None:
    ana = await _console(windows, holdfast, "ana", color_scheme=scheme)
    await ana.go_online()
    lin = await customer(windows, holdfast.origin)
    await lin.begin_chat()
    await lin.say("My withdrawal is pending")
    await expect(ana.offer).to_be_visible()
    faults = await serious(ana.page)
    await ana.accept()
    await ana.say("Let me look")
    await expect(lin.bubble("Let me look")).to_be_visible()
    for size in (DESKTOP, NARROW):
        await ana.page.set_viewport_size(size)
        await settled(ana.page)
        faults += await serious(ana.page)
        if extra := await sideways(ana.page):
            faults.append(f"{extra} px too wide at {size['width']}")
    assert not faults, "\n".join(sorted(set(faults)))


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("en", "dark"), ("ar", "light"), ("ar", "dark")])
async def test_every_view_of_the_widget(windows: Windows, holdfast: Holdfast, language: str, scheme: str) -> None:
    ana = await agent(windows, holdfast, "ana" if language == "en" else "omar")
    page = await windows.person(locale=LOCALES[language], size=NARROW, color_scheme=scheme)
    lin = Wallet(page, holdfast.origin, language)
    faults: list[str] = []

    async def look(what: str) -> None:
        await settled(page)
        faults.extend(f"{what}: {fault}" for fault in await serious(page))
        if extra := await sideways(page):
            faults.append(f"{what}: {extra} px too wide")

    await page.goto(f"{holdfast.origin}/demo/wallet?lang={language}&theme={scheme}")
    await look("wallet")
    await lin.visit(theme=scheme)
    assert await page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
    await look("home")
    await lin.button("sos_title", exact=False).click()
    await look("emergency")
    await lin.button("back").click()
    await talk(lin, ana, "0x71C7 is pending, 0.4 ETH")
    await ana.say("Let me look at 0x71C7")
    await expect(lin.bubble("Let me look at 0x71C7")).to_be_visible()
    await look("chat")
    await ana.button("conversations.resolve").click()
    await expect(lin.heading("rate_q")).to_be_visible()
    await lin.button("rate_partly").click()
    await look("rating")
    await page.goto(f"{holdfast.origin}/help-support?inbox={holdfast.inbox}&lang={language}&theme={scheme}")
    await expect(lin.heading("title")).to_be_visible()
    await look("hosted page")
    assert not faults, "\n".join(sorted(set(faults)))


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_pages_of_the_demo(windows: Windows, holdfast: Holdfast, scheme: str) -> None:
    page = await windows.person(size=PHONE, color_scheme=scheme)
    faults: list[str] = []
    for size in (PHONE, NARROW):
        await page.set_viewport_size(size)
        for path in ("/demo", "/demo/mail", "/demo/wallet", "/verify", "/verify?lang=ar"):
            await page.goto(holdfast.origin + path)
            await settled(page)
            faults += await serious(page)
            if extra := await sideways(page):
                faults.append(f"{page.url}: {extra} px too wide at {size['width']}")
    assert not faults, "\n".join(sorted(set(faults)))


async def test_the_widget_speaks_another_language_at_once(windows: Windows, holdfast: Holdfast) -> None:
    lin = await customer(windows, holdfast.origin)
    await lin.page.locator("holdfast-help .pick select").select_option("ar")
    lin.language = "ar"
    await expect(lin.heading("title")).to_be_visible()
    direction = "getComputedStyle(document.querySelector('holdfast-help').shadowRoot.querySelector('h1')).direction"
    assert await lin.page.evaluate(direction) == "rtl"


async def test_the_policy_of_every_page_is_strict(windows: Windows, holdfast: Holdfast) -> None:
    """A page that allows inline scripts or foreign sources would pass every other test."""
    page = await windows.person()
    for path in ("/console/", "/help-support?inbox=wallet", "/demo/wallet", "/demo", "/demo/mail", "/verify"):
        answered = await page.request.get(holdfast.origin + path)
        policy = answered.headers["content-security-policy"]
        rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";") if rule.strip())
        assert rules["default-src"] == "'none'", (path, policy)
        assert rules.get("script-src", "'self'") == "'self'", (path, policy)
        sources = {source for rule in rules.values() for source in rule.split()}
        own = {"'self'", "'none'", "data:", "blob:", "'unsafe-inline'", f"http://127.0.0.1:{holdfast.port}"}
        assert sources <= own, (path, json.dumps(rules))


async def test_every_page_is_reached_from_a_narrow_telephone(windows: Windows, holdfast: Holdfast) -> None:
    """Few places stand beside the menu of all others, each wide enough for a thumb."""
    lena = await agent(windows, holdfast, "lena", online=False)
    page = lena.page
    await page.set_viewport_size(NARROW)
    rail = page.get_by_role("navigation", name=lena.word("shell.main"))
    places = [await one.bounding_box() for one in await rail.locator("a:visible, button:visible").all()]
    assert 4 <= len(places) <= 6
    assert all(box and box["width"] >= 40 and box["height"] >= 40 and box["x"] + box["width"] <= 320 for box in places)
    await rail.get_by_role("button", name=lena.word("shell.more")).click()
    menu = page.get_by_role("menu")
    await expect(menu.get_by_role("menuitem", name=lena.word("shell.useDark"))).to_be_visible()
    await settled(page)
    faults = await serious(page)
    await menu.get_by_role("menuitem", name=lena.word("shell.tracker")).click()
    await expect(page.get_by_role("heading", name=lena.word("technical.page.tracker"), level=1)).to_be_visible()
    faults += await faults_of(page)
    assert not faults, "\n".join(sorted(set(faults)))
