"""A customer's question and an agent's answer in two browsers, through every way a network and a tab can fail."""

import re

from playwright.async_api import expect

from tests.e2e.browser import Windows
from tests.e2e.desk import agent, customer, talk
from tests.support.network import Network
from tests.support.server import Holdfast


async def test_question_offer_answer_ticks_typing(windows: Windows, holdfast: Holdfast) -> None:
    ana = await agent(windows, holdfast, "ana")
    wei = await agent(windows, holdfast, "wei")
    lin = await customer(windows, holdfast.origin)
    await talk(lin, ana, "My withdrawal is pending")
    await expect(wei.offer).to_have_count(0)
    await lin.expect_tick("My withdrawal is pending", "read")

    await ana.composer.press_sequentially("Let me look")
    await expect(lin.page.get_by_text(lin.word("typing", name="Ana Kovač"))).to_be_visible()
    await ana.composer.press("Control+Enter")
    await expect(lin.bubble("Let me look")).to_be_visible()
    await expect(ana.log.get_by_text(ana.word("conversations.read"))).to_be_visible()

    await lin.composer.press_sequentially("Thank you")
    await expect(ana.page.get_by_text(re.compile(ana.word("conversations.isWriting", name=".*")))).to_be_visible()
    await lin.composer.press("Enter")
    await expect(ana.log.get_by_text("Thank you")).to_be_visible()
    words = ["My withdrawal is pending", "Let me look", "Thank you"]
    assert await lin.bubbles() == words
    assert await ana.bubbles() == words


async def test_who_speaks_the_language_is_asked(windows: Windows, holdfast: Holdfast) -> None:
    ana = await agent(windows, holdfast, "ana")
    wei = await agent(windows, holdfast, "wei")
    lin = await customer(windows, holdfast.origin, "zh-Hans")
    await talk(lin, wei, "我的提币一直没有到账")
    await expect(ana.offer).to_have_count(0)
    await wei.say("您好，我来看一下")
    await expect(lin.bubble("您好，我来看一下")).to_be_visible()


async def test_a_cut_network_loses_and_doubles_nothing(windows: Windows, holdfast: Holdfast) -> None:
    ana = await agent(windows, holdfast, "ana")
    network = Network(holdfast.port)
    await network.start()
    windows.watch.hosts.add(f"localhost:{network.port}")
    try:
        lin = await customer(windows, f"http://localhost:{network.port}")
        await talk(lin, ana, "First")
        with windows.watch.outage():
            network.cut()
            await lin.say("Written while the line was cut")
            await lin.say("And one more")
            await lin.expect_tick("And one more", "sending")
            await ana.say("Are you still there?")
            network.heal()
            await expect(lin.bubble("Are you still there?")).to_be_visible()
            await lin.expect_tick("And one more", "read")

            network.freeze()
            await lin.say("Into the lift")
            await ana.say("Take your time")
            network.heal()
            await expect(lin.bubble("Take your time")).to_be_visible()
            await lin.expect_tick("Into the lift", "read")

            await lin.page.context.set_offline(True)
            await lin.say("In the plane")
            await expect(lin.page.get_by_text(lin.word("offline"))).to_be_visible()
            await lin.page.context.set_offline(False)
            await lin.expect_tick("In the plane", "read")
        shown = await lin.bubbles()
        assert shown == await ana.bubbles()
        assert sorted(shown) == sorted(
            [
                "First",
                "Written while the line was cut",
                "And one more",
                "Are you still there?",
                "Into the lift",
                "Take your time",
                "In the plane",
            ]
        )
        mine = ["Written while the line was cut", "And one more", "Into the lift", "In the plane"]
        assert [text for text in shown if text in mine] == mine
    finally:
        await network.stop()


async def test_a_killed_server_loses_and_doubles_nothing(windows: Windows, holdfast: Holdfast) -> None:
    ana = await agent(windows, holdfast, "ana")
    lin = await customer(windows, holdfast.origin)
    await talk(lin, ana, "Before")
    with windows.watch.outage():
        holdfast.kill("serve")
        await lin.say("Asked while the server was dead")
        await ana.say("Answered while the server was dead")
        holdfast.wait_healthy()
        await expect(lin.bubble("Answered while the server was dead")).to_be_visible(timeout=40_000)
        await expect(ana.log.get_by_text("Asked while the server was dead")).to_be_visible(timeout=40_000)
        await lin.expect_tick("Asked while the server was dead", "read")
    shown = await lin.bubbles()
    assert shown == await ana.bubbles()
    assert sorted(shown) == ["Answered while the server was dead", "Asked while the server was dead", "Before"]


async def test_an_offer_of_a_killed_tab_rings_at_the_next(windows: Windows, holdfast: Holdfast) -> None:
    ana = await agent(windows, holdfast, "ana")
    lin = await customer(windows, holdfast.origin)
    await lin.begin_chat()
    await lin.say("Anybody there?")
    await expect(ana.offer).to_contain_text("Anybody there?")
    karin = await agent(windows, holdfast, "karin")
    await ana.page.close()
    await expect(karin.offer).to_contain_text("Anybody there?")
    await karin.accept()
    await karin.say("I am here")
    await expect(lin.bubble("I am here")).to_be_visible()


async def test_a_conversation_of_a_killed_tab_goes_to_the_next(windows: Windows, holdfast: Holdfast) -> None:
    ana = await agent(windows, holdfast, "ana")
    lin = await customer(windows, holdfast.origin)
    await talk(lin, ana, "It is about a fee")
    await ana.say("One moment")
    await expect(lin.bubble("One moment")).to_be_visible()
    await lin.say("I am waiting")
    karin = await agent(windows, holdfast, "karin")
    await ana.page.close()
    await expect(karin.offer).to_contain_text("I am waiting", timeout=20_000)
    await karin.accept()
    await karin.say("I go on from here")
    await expect(lin.bubble("I go on from here")).to_be_visible()
    # The customer may have it before the agent's own window has drawn what came before.
    await expect(karin.log.get_by_text("It is about a fee", exact=True)).to_be_visible()
    await expect(karin.log.get_by_text("I go on from here", exact=True)).to_be_visible()
    assert await karin.bubbles() == ["It is about a fee", "One moment", "I am waiting", "I go on from here"]


async def test_resolve_rating_and_a_new_episode(windows: Windows, holdfast: Holdfast) -> None:
    ana = await agent(windows, holdfast, "ana")
    lin = await customer(windows, holdfast.origin)
    await talk(lin, ana, "How are fees computed?")
    await ana.say("By the network")
    await expect(lin.bubble("By the network")).to_be_visible()
    await ana.button("conversations.resolve").click()
    await expect(lin.heading("rate_q")).to_be_visible()
    await lin.button("rate_yes").click()
    await lin.page.get_by_label(lin.word("rate_words")).fill("Quick and clear")
    await lin.button("rate_send").click()
    await expect(lin.heading("rate_q")).to_have_count(0)
    await expect(lin.log.get_by_text(lin.word("ev_rated"))).to_be_visible()

    await lin.say("One more thing")
    await expect(lin.log.get_by_text(lin.word("ev_reopened"))).to_be_visible()
    await expect(ana.log.get_by_text("One more thing")).to_be_visible()
    (row,) = holdfast.query(
        "SELECT c.episode, r.episode, r.solved, r.words FROM conversation c JOIN rating r ON r.conversation_id = c.id"
        " WHERE r.words = 'Quick and clear'"
    )
    assert row == (2, 1, "yes", "Quick and clear")
    episodes = holdfast.query(
        "SELECT e.number, e.resolved_at IS NULL FROM episode e JOIN rating r ON r.conversation_id = e.conversation_id"
        " WHERE r.words = 'Quick and clear' ORDER BY 1"
    )
    assert episodes == [(1, False), (2, True)]


async def test_the_emergency_bar_reaches_an_emergency_agent(windows: Windows, holdfast: Holdfast) -> None:
    ana = await agent(windows, holdfast, "ana")
    priya = await agent(windows, holdfast, "priya")
    lin = await customer(windows, holdfast.origin)
    await lin.button("sos_title", exact=False).click()
    await lin.button("em_write").click()
    await expect(priya.offer).to_contain_text(priya.word("offers.emergency"))
    await expect(ana.offer).to_have_count(0)
    await priya.accept()
    await priya.say("I am with you. Do not send anything.")
    await expect(lin.bubble("I am with you. Do not send anything.")).to_be_visible()


async def test_a_recovery_phrase_is_stopped_before_anybody_sees_it(windows: Windows, holdfast: Holdfast) -> None:
    phrase = "legal winner thank year wave sausage worth useful legal winner thank yellow"
    ana = await agent(windows, holdfast, "ana")
    lin = await customer(windows, holdfast.origin)
    await talk(lin, ana, "Hello")
    await lin.insist(f"My words are {phrase}")
    await expect(lin.page.get_by_text(lin.word("burn_phrase"), exact=True)).to_be_visible()
    await expect(ana.log.get_by_text(ana.word("conversations.stopped.recovery_phrase"))).to_be_visible()
    assert "sausage" not in await ana.page.content()
    assert holdfast.query("SELECT count(*) FROM message WHERE body LIKE '%sausage%'") == [(0,)]
    # Not even the customer's own page goes on showing it, now or after a reload.
    await expect(lin.page.get_by_text("sausage")).to_have_count(0)
