"""Calls of the public network (sipp), answered in a real browser: the console's phone, its sound counted both ways."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Page, expect
from psycopg.types.json import Jsonb

from holdfast.channels.voice.engine.layout import Layout, Reach, read_reach
from tests.e2e.browser import PHONE, Windows, chromium
from tests.e2e.desk import agent
from tests.e2e.pages import Console, Wallet
from tests.e2e.test_pages import faults_in_both
from tests.support import phones, speech
from tests.support.hotline import DIRECT_MENU
from tests.support.server import Holdfast, running
from tests.support.waiting import eventually, eventually_so, until

NUMBER = "+18005550100"
SPEECH = phones.free_port("127.0.0.1", socket.SOCK_STREAM)
_FAKE_SOUND = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
# Before the page's own scripts: what it connects is kept, so that its packets can be counted.
_KEEP = """
window.connections = []
window.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(...given) { super(...given); window.connections.push(this) }
}
"""
_COUNT = """async () => {
  const found = { received: 0, sent: 0, codec: '' }
  const open = window.connections.filter((one) => one.connectionState !== 'closed').at(-1)
  const reports = open ? await open.getStats() : new Map()
  reports.forEach((one) => {
    if (one.type === 'inbound-rtp') {
      found.received = one.packetsReceived
      found.codec = reports.get(one.codecId)?.mimeType
    }
    if (one.type === 'outbound-rtp') found.sent = one.packetsSent
  })
  return found
}"""


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium(*_FAKE_SOUND) as started:
        yield started


@pytest.fixture(scope="module")
def holdfast() -> Iterator[Holdfast]:
    """With an engine, a trunk to the tests' public network and a line for its number."""
    trunk = f"sip://{phones.NETWORK}:{phones.free_port()}?match={phones.NETWORK}/32"
    environment = {
        "HOLDFAST_PRESENCE_GRACE": "2",
        "HOLDFAST_SIP_TRUNK": trunk,
        "HOLDFAST_SIP_LISTEN": "127.0.0.1:0",
        "HOLDFAST_SPEECH_URL": f"http://127.0.0.1:{SPEECH}/v1",
        "HOLDFAST_SPEECH_KEY": speech.KEY,
        "HOLDFAST_OUTGOING_NETWORKS": "127.0.0.0/8",
        "HOLDFAST_OUTGOING_HTTP_HOSTS": f"127.0.0.1:{SPEECH}",
    }
    with running(environment=environment) as server:
        server.execute("""UPDATE agent SET capacity = '{"chat": 4, "voice": 1}'""")
        server.execute(
            "INSERT INTO menu (id, key, version, name, tree, at)"
            " VALUES (gen_random_uuid(), 'direct', 1, 'Direct', %s, now())",
            [Jsonb(DIRECT_MENU)],
        )
        server.execute(
            "INSERT INTO line (id, number, name, kind, language, menu, inbox_id, hourly, wrap_seconds, answer_within,"
            " records, captions, active, created_at)"
            " SELECT gen_random_uuid(), %s, 'Hotline', 'hotline', 'en', 'direct', id,"
            " 100, 60, 20, false, false, true, now() FROM inbox LIMIT 1",
            [NUMBER],
        )
        until(lambda: read_reach(Layout(server.data_dir / "voice")) is not None, 60, "the engine runs")
        yield server


def reach(server: Holdfast) -> Reach:
    found = read_reach(Layout(server.data_dir / "voice"))
    assert found is not None
    return found


class Phone:
    """The phone bar of one tab."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.page: Page = console.page
        self.bar: Locator = self.page.get_by_role("region", name=console.word("phone.name"), exact=True)

    def button(self, key: str) -> Locator:
        return self.bar.get_by_role("button", name=re.compile("^" + re.escape(self.console.word(key))))

    async def says(self, key: str) -> None:
        await expect(self.bar).to_contain_text(self.console.word(key))

    async def turn_on(self) -> None:
        await self.button("phone.turnOn").click()
        await self.says("phone.state.ready")

    async def rings(self) -> None:
        await expect(self.button("phone.answer")).to_be_visible()

    async def in_talk(self) -> None:
        await expect(self.button("phone.end")).to_be_visible()

    async def count(self) -> dict[str, Any]:
        return dict(await self.page.evaluate(_COUNT))

    async def talked(self, packets: int = 50) -> None:
        """So many packets more have gone both ways: a second of sound."""
        before = await self.count()

        async def enough() -> bool:
            now = await self.count()
            return bool(min(now["received"] - before["received"], now["sent"] - before["sent"]) >= packets)

        await eventually_so(enough, 10, f"{packets} packets both ways")

    async def crash(self) -> None:
        """Killed: it says goodbye to nobody."""
        crashed = asyncio.Event()
        self.page.on("crash", lambda _: crashed.set())
        session = await self.page.context.new_cdp_session(self.page)
        killing = asyncio.create_task(session.send("Page.crash"))
        await asyncio.wait_for(crashed.wait(), 10)
        killing.cancel()
        with suppress(BaseException):
            await killing


async def ann(windows: Windows, server: Holdfast, key: str = "ana", *, online: bool = True) -> Phone:
    console = await agent(windows, server, key, online=False)
    context = console.page.context
    await context.grant_permissions(["microphone"], origin=server.origin)
    await context.add_init_script(_KEEP)
    await console.page.reload()
    await console.expect_inside()
    if online:
        await console.go_online()
    return Phone(console)


async def another_tab(first: Phone) -> Phone:
    """Of the same person; its phone turns itself on."""
    console = Console(await first.page.context.new_page(), first.console.origin, first.console.language)
    await console.page.goto(f"{console.origin}/console/")
    await console.expect_inside()
    made = Phone(console)
    await made.says("phone.state.ready")
    return made


async def test_a_call_is_answered_held_and_wrapped_up(windows: Windows, holdfast: Holdfast) -> None:
    phone = await ann(windows, holdfast)
    await phone.page.emulate_media(color_scheme="light", reduced_motion="reduce")
    await phone.turn_on()
    await phone.button("phone.sound").click()
    await expect(phone.page.get_by_role("meter")).to_be_visible()
    faults = await faults_in_both(phone.page)
    await phone.page.keyboard.press("Escape")
    async with phones.caller(reach(holdfast), NUMBER, "until-bye") as caller:
        await phone.rings()
        faults += await faults_in_both(phone.page)
        await phone.page.keyboard.press("a")
        await phone.in_talk()
        await phone.talked()
        assert (await phone.count())["codec"] == "audio/PCMA", "as the trunk has it"
        await expect(phone.page).to_have_url(re.compile("/inbox/"))

        faults += await faults_in_both(phone.page)
        await phone.page.locator("body").press("t")
        await expect(phone.page.get_by_role("radio").first).to_be_visible()
        faults += await faults_in_both(phone.page)
        await phone.page.keyboard.press("Escape")
        await expect(phone.page.get_by_role("radio")).to_have_count(0)

        await phone.page.locator("body").press("h")
        hold = phone.button("phone.hold")
        await expect(hold).to_have_attribute("aria-pressed", "true")
        held = "SELECT place->>'held' FROM call WHERE ended_at IS NULL"
        assert holdfast.query(held)[0][0], "the engine has it on hold"
        await hold.click()
        await expect(hold).to_have_attribute("aria-pressed", "false")
        await phone.talked()

        mute = phone.button("phone.mute")
        await mute.click()
        await expect(mute).to_have_attribute("aria-pressed", "true")
        muted = "SELECT muted FROM call_leg WHERE role = 'agent' AND state = 'up'"
        await eventually(lambda: holdfast.query(muted) == [(True,)], 5, "all their phones know")

        await phone.button("phone.end").click()
        await phone.says("phone.wrapUp")
        faults += await faults_in_both(phone.page)
        await phone.button("phone.wrapUpOver").click()
        await phone.says("phone.state.ready")
        # The survey is said to its end, or nobody presses a key.
        assert caller.process.returncode is None
    assert not faults, "\n".join(sorted(set(faults)))


async def test_tabs_that_are_killed_and_loaded_again(windows: Windows, holdfast: Holdfast) -> None:
    """All ring; one is killed while it rings, the one that answered in talk, and the last is loaded again."""
    first = await ann(windows, holdfast)
    await first.turn_on()
    second, third = await another_tab(first), await another_tab(first)
    async with phones.caller(reach(holdfast), NUMBER, "until-bye", caller="+15550002"):
        await asyncio.gather(first.rings(), second.rings(), third.rings())
        await first.crash()
        await second.button("phone.answer").click()
        await second.in_talk()
        await third.says("phone.atAnother")
        await second.talked()

        await second.crash()
        await third.rings()
        await third.page.reload()
        await third.rings()
        await third.button("phone.answer").click()
        await third.in_talk()
        await third.talked()
        await third.button("phone.end").click()
        await third.says("phone.wrapUp")
        await third.button("phone.wrapUpOver").click()
        await third.says("phone.state.ready")


async def test_a_call_from_inside_the_app(windows: Windows, holdfast: Holdfast) -> None:
    """Between two browsers: the customer's in the wallet and the agent's in the console."""
    phone = await ann(windows, holdfast)
    await phone.turn_on()
    wallet = Wallet(await windows.person(size=PHONE), holdfast.origin)
    context = wallet.page.context
    await context.grant_permissions(["microphone"], origin=holdfast.origin)
    await context.add_init_script(_KEEP)
    await wallet.visit()
    await wallet.button("call", exact=False).click()
    call = wallet.button("call_do")
    await expect(call).to_be_visible()
    faults = await faults_in_both(wallet.page)
    await wallet.page.set_viewport_size(PHONE)
    await call.click()
    await expect(wallet.page.get_by_text(wallet.word("call_up"))).to_be_visible()
    await phone.rings()
    await phone.button("phone.answer").click()
    await phone.in_talk()
    await phone.talked()
    heard = await wallet.page.evaluate(_COUNT)

    async def both_ways() -> bool:
        now = await wallet.page.evaluate(_COUNT)
        return bool(min(now["received"] - heard["received"], now["sent"] - heard["sent"]) >= 50)

    await eventually_so(both_ways, 10, "50 packets both ways at the customer")
    mute = wallet.button("call_mute")
    await mute.click()
    await expect(mute).to_have_attribute("aria-pressed", "true")
    await wallet.button("call_end").click()
    await expect(wallet.page.get_by_text(wallet.word("call_over"))).to_be_visible()
    await phone.says("phone.wrapUp")
    await phone.button("phone.wrapUpOver").click()
    assert not faults, "\n".join(sorted(set(faults)))


async def test_what_is_said_stands_beside_the_call(windows: Windows, holdfast: Holdfast) -> None:
    """The caller sends back what the browser's microphone plays: both are heard."""
    holdfast.execute("UPDATE line SET captions = true")
    phone = await ann(windows, holdfast)
    await phone.page.emulate_media(color_scheme="light", reduced_motion="reduce")
    await phone.turn_on()
    async with (
        speech.endpoint(SPEECH) as endpoint,
        phones.caller(reach(holdfast), NUMBER, "until-bye", caller="+15550005"),
    ):
        endpoint.says = lambda _: "It says that my password is wrong"
        await phone.rings()
        await phone.button("phone.answer").click()
        await phone.in_talk()
        said = phone.page.get_by_role("log").get_by_text("It says that my password is wrong")
        await expect(said.first).to_be_visible(timeout=20_000)
        await phone.says("phone.captions.on")
        faults = await faults_in_both(phone.page)
        await phone.button("phone.captionsPause").click()
        await phone.says("phone.captions.paused")
        await phone.button("phone.captionsOn").click()
        await phone.says("phone.captions.on")
        await phone.button("phone.end").click()
        await phone.says("phone.wrapUp")
        await phone.button("phone.wrapUpOver").click()
    holdfast.execute("UPDATE line SET captions = false")
    assert not faults, "\n".join(sorted(set(faults)))


async def test_a_lead_attends_a_call_and_its_recording_is_played(windows: Windows, holdfast: Holdfast) -> None:
    """Listening, whispering and leaving from the page of all calls; then the recording, for a purpose."""
    holdfast.execute("UPDATE line SET records = true")
    phone = await ann(windows, holdfast)
    await phone.turn_on()
    # Away: no call is theirs to take.
    lead = await ann(windows, holdfast, "karin", online=False)
    page, word = lead.page, lead.console.word
    await page.emulate_media(reduced_motion="reduce")
    await page.goto(f"{holdfast.origin}/console/calls")
    await lead.turn_on()
    async with phones.caller(reach(holdfast), NUMBER, "until-bye", caller="+15550004"):
        await phone.rings()
        waiting = page.get_by_role("region", name=word("calls.section.waiting"))
        await expect(waiting.get_by_role("listitem")).to_have_count(1)
        await phone.button("phone.answer").click()
        await phone.in_talk()
        attend = page.get_by_role("region", name=word("calls.section.talking")).get_by_role("group")
        listen = attend.get_by_role("button", name=word("calls.mode.listen"))
        await listen.click()
        await lead.in_talk()
        await expect(listen).to_have_attribute("aria-pressed", "true")
        await lead.says("phone.mode.listen")
        # Nobody hears them yet, so that theirs alone is counted.
        heard = (await lead.count())["received"]

        async def sound() -> bool:
            return bool((await lead.count())["received"] >= heard + 50)

        await eventually_so(sound, 10, "50 packets reach the lead")
        whisper = attend.get_by_role("button", name=word("calls.mode.whisper"))
        await whisper.click()
        await expect(whisper).to_have_attribute("aria-pressed", "true")
        await lead.says("phone.mode.whisper")
        faults = await faults_in_both(page)
        await attend.get_by_role("button", name=word("calls.leave")).click()
        await expect(whisper).to_have_attribute("aria-pressed", "false")
        await phone.talked()
        await phone.button("phone.end").click()
        await phone.says("phone.wrapUp")
        await phone.button("phone.wrapUpOver").click()
    acts = "SELECT action FROM audit_entry WHERE action IN ('call.listen', 'call.whisper', 'call.barge') ORDER BY id"
    assert holdfast.query(acts) == [("call.listen",), ("call.whisper",)]

    faults += await played(phone, holdfast)
    holdfast.execute("UPDATE line SET records = false")
    assert not faults, "\n".join(sorted(set(faults)))


async def played(phone: Phone, holdfast: Holdfast) -> list[str]:
    """The recording of the conversation at hand, for the first purpose; the faults of the page."""
    page, word = phone.page, phone.console.word
    panel = page.get_by_role("complementary", name=word("customers.panel"))
    await expect(panel.get_by_text(re.compile("^" + word("calls.recordingOf", length="")))).to_be_visible()
    at = re.escape(word("calls.playRecording", at="AT")).replace("AT", ".*")
    await panel.get_by_role("button", name=re.compile(f"^{at}$")).click()
    await page.get_by_role("menuitem").first.click()
    player = panel.get_by_role("group", name=word("calls.player"))
    seek = player.get_by_role("slider", name=word("calls.seek"))
    await seek.press("ArrowRight")
    await expect(seek).to_have_attribute("aria-valuetext", re.compile("^0:01 "))
    await seek.press("ArrowLeft")
    drawn = await player.locator("path").first.get_attribute("d") or ""
    assert len({part.partition("V")[2] for part in drawn.split("M")}) > 5, "not silence"
    faults = await faults_in_both(page)
    await player.get_by_role("button", name=word("calls.play"), exact=True).click()
    await expect(seek).to_have_attribute("aria-valuetext", re.compile("^0:0[1-9] "))
    await player.get_by_role("button", name=word("calls.pause"), exact=True).click()
    await player.get_by_role("button", name=word("calls.close")).click()
    await expect(player).to_have_count(0)
    ((purpose,),) = holdfast.query("SELECT purpose FROM audit_entry WHERE action = 'recording.played'")
    assert purpose == "transaction"
    return faults
