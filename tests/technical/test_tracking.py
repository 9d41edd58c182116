"""Issues at GitHub, by the real adapter over the real way out, against a stand-in that speaks its interface."""

import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest

from holdfast.core.clock import now
from holdfast.core.outgoing import Rules
from holdfast.people.errors import RoleMissing
from holdfast.technical import cases, tracking
from holdfast.technical.errors import (
    IssueLinked,
    IssueRefused,
    IssueUnknown,
    NotTechnical,
    SignatureWrong,
    TrackerMissing,
    TrackerRefused,
)
from holdfast.technical.ports import Place, TrackerError
from tests.redaction.ways import KEY
from tests.support.github import SECRET, TOKEN, GitHub
from tests.support.outside import Heard
from tests.technical.support import ASKED, TITLE, TRIED, House

MINUTES = timedelta(minutes=6)


async def made(house: House, hub: GitHub, *languages: str) -> Any:
    """A case with an issue that was made there."""
    await house.track(hub)
    case, _ = await house.case_of(*(languages or ("en",)))
    await house.act(tracking.ask_for_issue, case)
    await house.carry(hub)
    return case


def turn(house: House) -> None:
    house.clock.moment += MINUTES


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


# --- the poll and its limits ---


async def test_what_is_unchanged_is_asked_for_with_its_etag(house: House, hub: GitHub) -> None:
    case = await made(house, hub)
    for _ in range(3):
        turn(house)
        await house.carry(hub)
    # The first look brings the ETag.
    assert hub.unchanged == 2
    assert (await house.issue(case)).seen_at == now()
    before = len(hub.asked)
    await house.carry(hub)
    assert len(hub.asked) == before


@pytest.mark.parametrize(
    ("status", "headers", "body", "wait"),
    [
        (429, ["retry-after: 120"], {}, 120),
        (403, ["retry-after: 30"], {"message": "You have exceeded a secondary rate limit"}, 30),
        (403, [], {"message": "You have exceeded a secondary rate limit"}, 60),
        (429, [], {}, 60),
        (403, ["x-ratelimit-remaining: 0", "x-ratelimit-reset: {reset}"], {"message": "API rate limit exceeded"}, 900),
    ],
)
async def test_a_limit_is_kept_by_everything_that_is_asked(
    house: House, hub: GitHub, status: int, headers: list[str], body: Any, wait: int
) -> None:
    case = await made(house, hub)
    reset = int(now().timestamp()) + 900
    hub.refuse.append((status, body, [header.format(reset=reset) for header in headers]))
    await house.act(cases.solve, case)
    await house.carry(hub)
    assert (await house.tracker()).paused_until == now() + timedelta(seconds=wait)
    before = len(hub.asked)
    house.clock.turn(seconds=wait - 1)
    await house.carry(hub)
    assert len(hub.asked) == before
    house.clock.turn(seconds=1)
    await house.carry(hub)
    assert hub.issues["acme/wallet", 1]["state"] == "closed"
    assert (await house.tracker()).trouble is None


async def test_what_is_forbidden_is_given_up_and_shown_and_what_is_broken_is_tried_again(
    house: House, hub: GitHub
) -> None:
    await house.track(hub)
    case, _ = await house.case_of("en")
    await house.act(tracking.ask_for_issue, case)
    hub.refuse += [(502, {}, []), (200, "not an issue", []), (403, {"message": "Resource not accessible"}, [])]
    await house.carry(hub)
    assert (await house.actions(case), (await house.tracker()).trouble) == ([("create", "waiting", "502")], "502")
    for reason in ("protocol", "403"):
        house.clock.turn(seconds=15)
        await house.carry(hub)
        assert (await house.actions(case))[0][2] == reason
    assert (await house.actions(case))[0][1] == "stopped"
    # What follows has no issue: it is not done, and holds up nothing.
    await house.act(cases.solve, case)
    await house.carry(hub)
    assert {state for _, state, _ in await house.actions(case)} == {"stopped"}


# --- killed ---


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_courier_that_dies_makes_one_issue(house: House, hub: GitHub, when: str) -> None:
    """Before the request is answered or when it was done: nobody can tell the two apart afterwards."""
    await house.track(hub)
    case, _ = await house.case_of("en")
    await house.act(tracking.ask_for_issue, case)

    class Killed(BaseException):
        """As kill -9: its outcome is never written down."""

    class Dying(type(house.courier(hub)._tracker)):  # type: ignore[misc]
        async def create(self, place: Any, title: str, body: str) -> Any:
            if when == "after":
                await super().create(place, title, body)
            raise Killed

    dying = house.courier(hub)
    dying._tracker.__class__ = Dying
    with pytest.raises(Killed):
        await dying.do_next()
    assert len(hub.issues) == (when == "after")
    # While it holds the row nobody else makes one.
    await house.carry(hub)
    assert len(hub.issues) == (when == "after")
    house.clock.turn(seconds=91)
    await house.carry(hub)
    assert len(hub.issues) == 1
    assert ((await house.issue(case)).number, await house.actions(case)) == (1, [("create", "done", None)])


async def test_a_comment_is_written_once(house: House, hub: GitHub) -> None:
    case = await made(house, hub)
    await house.act(cases.solve, case)

    async def lost(heard: Heard) -> None:
        # The connection breaks after the comment was written.
        hub.after = None
        if heard.method == "POST":
            raise OSError("gone")

    hub.after = lost
    await house.carry(hub)
    assert (await house.actions(case))[1] == ("comment", "waiting", "protocol")
    house.clock.turn(seconds=6)
    await house.carry(hub)
    assert len(hub.comments["acme/wallet", 1]) == 1
    assert [state for _, state, _ in await house.actions(case)] == ["done"] * 3


# --- the webhook ---


async def test_a_signed_webhook_has_the_issue_looked_at_and_a_forged_one_nothing(house: House, hub: GitHub) -> None:
    case = await made(house, hub)
    hub.person(1, "closed", "completed")
    body, headers = hub.hook(1, "closed", "Acme/Wallet")
    signature = headers["x-hub-signature-256"]
    before = len(hub.asked)
    for bad in ("", "sha256=", signature[:-1], "sha1=" + signature[7:], "sha256=ü", signature.upper()):
        async with house.database.transaction() as session:
            with pytest.raises(SignatureWrong):
                await tracking.told_by_webhook(session, body, bad, json.loads(body))
    async with house.database.transaction() as session:
        with pytest.raises(SignatureWrong):
            await tracking.told_by_webhook(session, body + b" ", signature, json.loads(body))
    await house.carry(hub)
    assert len(hub.asked) == before
    async with house.database.transaction() as session:
        await tracking.told_by_webhook(session, body, signature, json.loads(body))
    await house.carry(hub)
    assert (await house.issue(case)).mark == "closed_there"


async def test_without_a_tracker_no_signature_is_right(house: House, hub: GitHub) -> None:
    body = b"{}"
    empty = hmac.new(b"", body, hashlib.sha256).hexdigest()
    async with house.database.transaction() as session:
        with pytest.raises(SignatureWrong):
            await tracking.told_by_webhook(session, body, f"sha256={empty}", {})
    assert hub.asked == []


async def test_a_pull_request_is_no_issue(house: House, hub: GitHub) -> None:
    await house.track(hub)
    number = hub.new()
    hub.issues["acme/wallet", number]["pull_request"] = {}
    with pytest.raises(TrackerError, match="no_issue"):
        await house.courier(hub)._tracker.look(await place(house), number)


async def place(house: House) -> Any:
    row = await house.tracker()
    return Place(row.api, row.repository, row.token)
