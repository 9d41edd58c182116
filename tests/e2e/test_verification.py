"""Who is this? Asked in the console, shown in the widget: with an injected wallet, by copying, by the app, with a
passkey; and worth nothing once the wallet may be in other hands."""

import re
from typing import Any

import pytest
from coincurve import PrivateKey
from playwright.async_api import Locator, Page, expect

from holdfast.app.demo_organisation import DOMAIN, PASSWORD
from tests.e2e.browser import DESKTOP, NARROW, PHONE, Windows
from tests.e2e.desk import LOCALES, agent, talk
from tests.e2e.pages import Console, Wallet
from tests.e2e.test_pages import serious, settled, sideways
from tests.support.server import Holdfast
from tests.verification.house import address_of, signed

# A wallet as the browser injects it: the key stays with the test, as it stays with a real wallet.
_INJECTED = """
(address) => {
  document.querySelector('holdfast-help').signer = undefined
  window.ethereum = {
    request: async ({ method, params }) => {
      if (method === 'eth_requestAccounts') return [address]
      if (method === 'eth_chainId') return '0x1'
      if (method === 'personal_sign' && params[1] === address) return window.testSign(params[0])
      throw new Error(method)
    },
  }
}
"""


async def wallet(windows: Windows, server: Holdfast, language: str, *, user: str = "", **options: Any) -> Wallet:
    page = await windows.person(locale=LOCALES[language], size=PHONE, **options)
    made = Wallet(page, server.origin, language)
    await made.visit(user=user)
    return made


async def inject(page: Page, key: PrivateKey) -> None:
    async def sign(message: str) -> str:
        return signed(key, bytes.fromhex(message[2:]).decode())

    await page.expose_function("testSign", sign)
    await page.evaluate(_INJECTED, address_of(key))


async def ask(console: Console, purpose: str) -> None:
    """With the key V."""
    await console.page.get_by_role("heading", level=2).first.click()
    await console.page.keyboard.press("v")
    dialog = console.page.get_by_role("dialog", name=console.word("verification.ask"))
    await dialog.get_by_text(console.word(f"verification.purpose.{purpose}"), exact=True).click()
    await dialog.get_by_role("button", name=console.word("verification.askGo")).click()
    await expect(dialog).to_be_hidden()


def panel(console: Console) -> Locator:
    return console.page.get_by_role("complementary", name=console.word("customers.panel"))


async def open_card(lin: Wallet) -> None:
    await lin.log.get_by_role("button", name=lin.word("verify_go")).last.click()
    await expect(lin.heading("verify_title")).to_be_visible()


async def look(page: Page, what: str, faults: list[str]) -> None:
    await settled(page)
    faults.extend(f"{what}: {fault}" for fault in await serious(page))
    if extra := await sideways(page):
        faults.append(f"{what}: {extra} px too wide")


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("ar", "dark")])
async def test_one_tap_with_an_injected_wallet(
    windows: Windows, holdfast: Holdfast, language: str, scheme: str
) -> None:
    ana = await agent(windows, holdfast, "ana" if language == "en" else "omar")
    key = PrivateKey()
    faults: list[str] = []
    lin = await wallet(windows, holdfast, language, color_scheme=scheme)
    await inject(lin.page, key)
    await talk(lin, ana, "I lost my phone")
    await ask(ana, "freeze")
    await expect(panel(ana)).to_contain_text(ana.word("verification.purpose.freeze"))
    await lin.page.set_viewport_size(NARROW)
    await expect(lin.log.get_by_text(lin.word("verify_asked"))).to_be_visible()
    await look(lin.page, "card", faults)
    await open_card(lin)
    await expect(lin.button("verify_way_wallet")).to_be_visible()
    await look(lin.page, "page", faults)
    await lin.button("verify_way_wallet").click()
    await expect(lin.page.get_by_text(lin.word("verify_done", at="").split(".")[0]).first).to_be_visible()
    chip = panel(ana).locator(".chip.ok")
    await expect(chip).to_contain_text(re.compile(r"V2 .*[45]:\d\d"))
    await expect(panel(ana)).to_contain_text(ana.word("verification.method.wallet"))
    await expect(panel(ana)).to_contain_text(ana.word("verification.warning.chain_not_read"))
    ends = address_of(key)
    await expect(panel(ana)).to_contain_text(f"{ends[:4]}••••{ends[-4:]}")
    await expect(ana.log).to_contain_text(ana.word("verification.purpose.freeze"))
    await look(lin.page, "shown", faults)
    for size in (DESKTOP, NARROW):
        await ana.page.set_viewport_size(size)
        await look(ana.page, f"console {size['width']}", faults)
    assert not faults, "\n".join(sorted(set(faults)))


async def test_by_copying_and_a_wrong_signature(windows: Windows, holdfast: Holdfast) -> None:
    ana = await agent(windows, holdfast, "ana")
    key = PrivateKey()
    lin = await wallet(windows, holdfast, "en")
    await talk(lin, ana, "I want my address noted")
    await ask(ana, "own_address")
    await open_card(lin)

    async def show(by: PrivateKey) -> None:
        await lin.page.get_by_label(lin.word("verify_address"), exact=True).fill(address_of(key))
        await lin.button("verify_address_next").click()
        text = await lin.page.get_by_label(lin.word("verify_text"), exact=True).input_value()
        assert text.startswith(f"localhost:{holdfast.port} wants you to sign in")
        await lin.page.get_by_label(lin.word("verify_signature"), exact=True).fill(signed(by, text) + "\n")
        await lin.button("verify_check").click()

    await lin.button("verify_other").click()
    await show(PrivateKey())
    await expect(lin.page.get_by_role("alert").first).to_contain_text(lin.word("verify_r_signature"))
    await expect(panel(ana)).to_contain_text(ana.word("verification.reason.wrong_signature"))
    await lin.button("verify_other").click()
    await show(key)
    await expect(panel(ana).locator(".chip.ok")).to_contain_text("V2")


async def test_after_a_compromise_the_wallet_counts_for_nothing(windows: Windows, holdfast: Holdfast) -> None:
    ana = await agent(windows, holdfast, "ana")
    lin = await wallet(windows, holdfast, "en")
    await inject(lin.page, PrivateKey())
    await talk(lin, ana, "My coins are leaving")
    await ask(ana, "freeze")
    await open_card(lin)
    await lin.button("verify_way_wallet").click()
    await expect(panel(ana).locator(".chip.ok")).to_contain_text("V2")
    # The customer says so, and at once the level is gone at the agent's.
    await lin.button("verify_unsafe").click()
    await lin.button("verify_unsafe_sure").click()
    await expect(lin.page.get_by_text(lin.word("verify_unsafe_on"))).to_be_visible()
    await expect(panel(ana)).to_contain_text(ana.word("verification.compromisedLead"))
    await expect(panel(ana).locator(".chip").first).to_contain_text("V0")
    await expect(panel(ana)).to_contain_text(ana.word("verification.noLonger"))
    await ask(ana, "freeze")
    await expect(lin.page.get_by_text(lin.word("verify_no_way"))).to_be_visible()


async def test_a_passkey_from_before_gives_control_back(windows: Windows, holdfast: Holdfast) -> None:
    """Enrolled under the app's word, and asked for in another case, two days later."""
    ana = await agent(windows, holdfast, "ana")
    lin = await wallet(windows, holdfast, "en", user="sam")
    devtools = await lin.page.context.new_cdp_session(lin.page)
    await devtools.send("WebAuthn.enable")
    await devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    await talk(lin, ana, "How do I prepare?")
    await expect(panel(ana).locator(".chip.ok")).to_contain_text("V2")
    await lin.button("more").click()
    await lin.page.get_by_role("button", name=re.compile(re.escape(lin.word("verify_title")))).click()
    await lin.button("verify_keys_add").click()
    await lin.button("verify_way_app").click()
    # The app has vouched; now the device makes the key.
    await expect(lin.page.get_by_text(lin.word("verify_p_enrol_passkey"), exact=True).first).to_be_visible()
    await lin.page.locator("holdfast-help .btn.main", has_text=lin.word("verify_keys_add")).click()
    await expect(lin.page.get_by_text(lin.word("verify_keys_have", at="").strip())).to_be_visible()
    # In this very case it is too new.
    await ask(ana, "account_control")
    await expect(lin.page.get_by_text(lin.word("verify_no_way"))).to_be_visible()
    holdfast.execute("UPDATE customer_passkey SET created_at = created_at - interval '2 days'")
    await lin.page.reload()
    await lin.page.locator("#help").click()
    await lin.page.locator("holdfast-help .list .conv").first.click()
    await open_card(lin)
    await lin.button("verify_way_passkey").click()
    await expect(panel(ana).locator(".chip.ok")).to_contain_text("V3")
    await expect(panel(ana)).to_contain_text(ana.word("verification.method.passkey"))


async def test_a_code_by_mail(windows: Windows, holdfast: Holdfast) -> None:
    ana = await agent(windows, holdfast, "ana")
    lin = await wallet(windows, holdfast, "en", user="lin")
    await talk(lin, ana, "What does my account say?")
    await ask(ana, "account_state")
    await open_card(lin)
    await lin.page.get_by_role("button", name=re.compile("^" + lin.word("verify_way_email", to=""))).click()
    await expect(lin.page.get_by_label(lin.word("verify_code"), exact=True)).to_be_focused()
    mails = await lin.page.request.get(f"{holdfast.origin}/demo/mail")
    code = re.findall(r"\b(\d{6}) is your code", await mails.text())[0]
    field = lin.page.get_by_label(lin.word("verify_code"), exact=True)
    await field.fill(f"{(int(code) + 1) % 1_000_000:06d}")
    await lin.button("verify_check").click()
    await expect(lin.page.get_by_role("alert").first).to_contain_text("4")
    await field.fill(code)
    await lin.button("verify_check").click()
    await expect(panel(ana).locator(".chip")).to_contain_text([re.compile("V2|V1")])
    await expect(panel(ana)).to_contain_text(ana.word("verification.method.email"))


async def test_the_demos_own_wallet_signs(windows: Windows, holdfast: Holdfast) -> None:
    ana = await agent(windows, holdfast, "ana")
    lin = await wallet(windows, holdfast, "en")
    await talk(lin, ana, "I try the demo")
    await ask(ana, "own_address")
    await open_card(lin)
    await lin.button("verify_way_wallet").click()
    await expect(panel(ana).locator(".chip.ok")).to_contain_text("V2")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_page_of_purposes(windows: Windows, holdfast: Holdfast, scheme: str) -> None:
    lena = Console(await windows.person(color_scheme=scheme), holdfast.origin)
    await lena.sign_in(f"lena@{DOMAIN}", PASSWORD)
    await lena.expect_inside()
    faults: list[str] = []
    for size in (DESKTOP, NARROW):
        await lena.page.set_viewport_size(size)
        await lena.page.goto(f"{holdfast.origin}/console/privacy/purposes")
        await expect(lena.page.get_by_role("table")).to_be_visible()
        await look(lena.page, f"purposes {size['width']}", faults)
    await lena.page.get_by_role("button", name=lena.word("verification.add")).click()
    await look(lena.page, "dialog", faults)
    assert not faults, "\n".join(sorted(set(faults)))
