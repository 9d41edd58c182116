"""Issues at GitHub, by the real adapter over the real way out, against a stand-in that speaks its interface."""

from typing import Any

import pytest

from holdfast.core.outgoing import Rules
from holdfast.people.errors import RoleMissing
from holdfast.technical import cases, tracking
from holdfast.technical.errors import (
    IssueLinked,
    IssueRefused,
    IssueUnknown,
    NotTechnical,
    TrackerMissing,
    TrackerRefused,
)
from tests.redaction.ways import KEY, PHRASE
from tests.support.github import SECRET, TOKEN, GitHub
from tests.technical.support import ASKED, TITLE, TRIED, House, made, turn

# --- outward ---


async def test_an_issue_holds_the_cases_own_words_and_nothing_of_its_customers(house: House, hub: GitHub) -> None:
    await house.track(hub)
    case, _ = await house.case_of("en")
    description = f"The indexer stops at slot 311. Ask lin.haoran@example.com, +49 170 1234567, key {KEY}."
    await house.act(cases.describe, case, TITLE, description)
    await house.act(tracking.ask_for_issue, case)
    await house.carry(hub)
    (issue,) = hub.issues.values()
    reference = (await house.case(case)).reference
    assert issue["title"] == f"{TITLE} ({reference})"
    assert "The indexer stops at slot 311." in issue["body"]
    assert reference in issue["body"]
    for personal in (TRIED, ASKED, "lin.haoran@example.com", "170 1234567", KEY, "Lin Haoran", "HF-"):
        assert personal not in hub.sent, personal
    row = await house.issue(case)
    assert (row.repository, row.number, row.state, row.mark) == ("acme/wallet", 1, "open", None)
    assert row.url == "https://github.example/acme/wallet/issues/1"
    assert await house.actions(case) == [("create", "done", None)]
    with pytest.raises(IssueLinked):
        await house.act(tracking.ask_for_issue, case)


async def test_solved_here_is_said_and_closed_there_and_reopened_here_opens_it_there(house: House, hub: GitHub) -> None:
    case = await made(house, hub)
    await house.act(cases.solve, case)
    await house.carry(hub)
    assert hub.issues["acme/wallet", 1]["state"] == "closed"
    assert "is solved" in hub.comments["acme/wallet", 1][0]["body"]
    assert (await house.issue(case)).mark is None
    await house.act(cases.reopen, case)
    await house.carry(hub)
    assert hub.issues["acme/wallet", 1]["state"] == "open"
    assert [kind for kind, state, _ in await house.actions(case) if state == "done"] == [
        *("create", "comment", "close", "comment", "reopen"),
    ]


async def test_what_the_tracker_says_is_redacted_before_it_is_kept(house: House, hub: GitHub) -> None:
    case = await made(house, hub)
    hub.issues["acme/wallet", 1].update(html_url=f"https://github.example/{KEY}")
    hub.person(1, "closed", f"is {PHRASE}")
    hub.issues["acme/wallet", 1]["version"] = KEY
    turn(house)
    await house.carry(hub)
    row = await house.issue(case)
    assert row.state == "closed"
    assert (row.url, row.reason, row.etag) == (
        "https://github.example/[⛔ private_key]",
        "is [⛔ recovery_phrase·12]",
        None,
    )
    hub.repositories.append(f"acme/{KEY}")
    hub.transfer(1, f"acme/{KEY}")
    turn(house)
    await house.carry(hub)
    row = await house.issue(case)
    assert row.mark == "moved"
    assert row.moved_repository == "acme/[⛔ private_key]"


async def test_an_issue_that_is_there_is_linked_by_number_name_or_address(house: House, hub: GitHub) -> None:
    await house.track(hub)
    number = hub.new()
    other = hub.new(repository="acme/core")
    first, second = await house.hand_over(await house.conversation()), await house.hand_over(await house.conversation())
    for bad in ("", "#", "12x", "acme/wallet", "acme/../x#1", "https://github.example/acme/wallet/pull/1"):
        with pytest.raises(IssueRefused):
            await house.act(tracking.link_issue, first, bad)
    await house.act(tracking.link_issue, first, f"#{number}")
    with pytest.raises(IssueLinked):
        await house.act(tracking.link_issue, second, f"https://github.example/acme/wallet/issues/{number}")
    await house.act(tracking.link_issue, second, f"acme/core#{other}")
    await house.carry(hub)
    reference = (await house.case(first)).reference
    assert f"Linked to support case {reference}." in hub.comments["acme/wallet", number][0]["body"]
    assert ((await house.issue(second)).repository, (await house.issue(second)).state) == ("acme/core", "open")
    await house.act(tracking.unlink_issue, first)
    with pytest.raises(IssueUnknown):
        await house.act(tracking.unlink_issue, first)


async def test_only_the_team_tracks_and_only_with_a_tracker(house: House, hub: GitHub) -> None:
    case = await house.hand_over(await house.conversation())
    with pytest.raises(TrackerMissing):
        await house.act(tracking.ask_for_issue, case)
    await house.track(hub)
    for verb, given in ((tracking.ask_for_issue, ()), (tracking.link_issue, ("1",)), (tracking.unlink_issue, ())):
        with pytest.raises(NotTechnical):
            await house.act(verb, case, *given, by=house.gus)


async def test_only_administrators_name_the_tracker_and_a_token_stays_with_its_host(house: House, hub: GitHub) -> None:
    given: dict[str, Any] = {
        "api": hub.origin,
        "repository": "acme/wallet",
        "token": TOKEN,
        "secret": SECRET,
        "network": "n",
    }
    with pytest.raises(RoleMissing):
        await house.act(tracking.set_tracker, house.rules(hub), by=house.karin, **given)
    for bad in (
        {"api": "http://169.254.169.254"},
        {"api": "https://user:secret@github.example"},
        {"api": "https://github.example?x="},
        {"repository": "acme"},
        {"repository": "acme/.."},
        {"repository": "acme/wallet/issues"},
        {"token": ""},
        {"secret": ""},
    ):
        with pytest.raises(TrackerRefused):
            await house.act(
                tracking.set_tracker, Rules(), by=house.lena, **{**given, "api": "https://a.example", **bad}
            )
    await house.act(tracking.set_tracker, house.rules(hub), by=house.lena, **given)
    await house.act(tracking.set_tracker, house.rules(hub), by=house.lena, **{**given, "token": "", "secret": ""})
    row = await house.tracker()
    assert (row.token, row.secret) == (TOKEN, SECRET)
    with pytest.raises(TrackerRefused):
        await house.act(
            tracking.set_tracker, Rules(), by=house.lena, **{**given, "api": "https://evil.example", "token": ""}
        )


# --- inward ---


async def test_closed_there_asks_somebody_to_look_and_solves_nothing_by_itself(house: House, hub: GitHub) -> None:
    case = await made(house, hub)
    hub.person(1, "closed", "completed")
    turn(house)
    await house.carry(hub)
    row = await house.issue(case)
    assert (row.state, row.reason, row.mark) == ("closed", "completed", "closed_there")
    assert (await house.case(case)).state == "working"
    # Agreed: the case is solved, and there is nothing to close.
    await house.act(cases.solve, case)
    await house.carry(hub)
    assert ((await house.issue(case)).mark, hub.issues["acme/wallet", 1]["state"]) == (None, "closed")
    assert "close" not in [kind for kind, _, _ in await house.actions(case)]


async def test_reopened_there_after_it_was_solved_asks_somebody_to_look(house: House, hub: GitHub) -> None:
    case = await made(house, hub)
    await house.act(cases.solve, case)
    await house.carry(hub)
    hub.person(1, "open", "reopened")
    turn(house)
    await house.carry(hub)
    assert (await house.issue(case)).mark == "reopened_there"
    assert (await house.case(case)).state == "solved"
    # Ours holds: it is closed there again.
    await house.act(tracking.settle, case, "ours")
    await house.carry(hub)
    assert ((await house.issue(case)).mark, hub.issues["acme/wallet", 1]["state"]) == (None, "closed")


async def test_both_changed_is_shown_and_neither_is_overwritten(house: House, hub: GitHub) -> None:
    case = await made(house, hub)
    # There somebody closes and opens it again on purpose, while it is solved here.
    hub.person(1, "open", "reopened")
    await house.act(cases.solve, case)
    await house.carry(hub)
    assert hub.issues["acme/wallet", 1]["state"] == "open"
    assert (await house.issue(case)).mark == "conflict"
    assert (await house.actions(case))[-1] == ("close", "stopped", "conflict")
    assert (await house.case(case)).state == "solved"
    turn(house)
    await house.carry(hub)
    assert (await house.issue(case)).mark == "conflict"
    await house.act(tracking.settle, case, "ours")
    await house.carry(hub)
    assert hub.issues["acme/wallet", 1]["state"] == "closed"


async def test_closed_there_as_not_planned_while_solved_here_is_a_conflict(house: House, hub: GitHub) -> None:
    case = await made(house, hub)
    await house.act(cases.solve, case)
    hub.person(1, "closed", "not_planned")
    await house.carry(hub)
    assert (await house.issue(case)).mark == "conflict"
    await house.act(tracking.settle, case, "seen")
    turn(house)
    await house.carry(hub)
    assert (await house.issue(case)).mark is None
    assert "issue_conflict" in await house.log(case)


async def test_a_deleted_issue_is_shown_and_nothing_is_lost(house: House, hub: GitHub) -> None:
    case = await made(house, hub)
    hub.deleted.add(("acme/wallet", 1))
    turn(house)
    await house.carry(hub)
    row = await house.issue(case)
    assert (row.mark, row.number, row.url, row.state) == (
        "gone",
        1,
        "https://github.example/acme/wallet/issues/1",
        "open",
    )
    assert (await house.case(case)).state == "working"
    # It is back: a repository was made private for a while.
    hub.deleted.clear()
    house.clock.turn(hours=7)
    await house.carry(hub)
    assert (await house.issue(case)).mark is None


async def test_what_waits_for_a_deleted_issue_is_stopped_and_says_why(house: House, hub: GitHub) -> None:
    case = await made(house, hub)
    hub.deleted.add(("acme/wallet", 1))
    await house.act(cases.solve, case)
    await house.carry(hub)
    assert (await house.actions(case))[1:] == [("comment", "stopped", "gone"), ("close", "stopped", "gone")]
    assert (await house.issue(case)).mark == "gone"


async def test_a_transferred_issue_is_shown_followed_and_what_waited_is_done_there(house: House, hub: GitHub) -> None:
    case = await made(house, hub)
    there = hub.transfer(1)
    await house.act(cases.solve, case)
    await house.carry(hub)
    row = await house.issue(case)
    assert (row.mark, row.moved_repository, row.moved_number) == ("moved", "acme/core", there)
    assert (row.repository, row.number) == ("acme/wallet", 1)
    await house.act(tracking.settle, case, "follow")
    await house.carry(hub)
    row = await house.issue(case)
    assert (row.repository, row.number, row.mark, row.state) == ("acme/core", there, None, "closed")
    assert hub.issues["acme/core", there]["state"] == "closed"
    assert [state for _, state, _ in await house.actions(case)] == ["done"] * 3


async def test_the_token_follows_no_redirect_to_elsewhere(house: House, hub: GitHub) -> None:
    case = await made(house, hub)
    hub.refuse.append((301, {}, ["location: https://evil.example/steal"]))
    turn(house)
    await house.carry(hub)
    assert (await house.tracker()).trouble == "moved_elsewhere"
    assert (await house.issue(case)).mark is None
