"""The courier to GitHub: ETags, limits, what is given up, what is done once although somebody dies; and the webhook."""

import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest

from holdfast.core.clock import now
from holdfast.technical import cases, tracking
from holdfast.technical.errors import SignatureWrong
from holdfast.technical.ports import Place, TrackerError
from tests.support.github import GitHub
from tests.support.outside import Heard
from tests.technical.support import House, made, turn

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


async def test_what_is_not_understood_is_given_up_and_shown_and_what_is_broken_is_tried_again(
    house: House, hub: GitHub
) -> None:
    await house.track(hub)
    case, _ = await house.case_of("en")
    await house.act(tracking.ask_for_issue, case)
    hub.refuse += [(502, {}, []), (200, "not an issue", []), (422, {"message": "Validation Failed"}, [])]
    await house.carry(hub)
    assert (await house.actions(case), (await house.tracker()).trouble) == ([("create", "waiting", "502")], "502")
    for reason in ("protocol", "422"):
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
