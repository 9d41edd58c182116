"""A token that is wrong or may not do something: what was to be done waits, marked, until somebody has put it right."""

from pathlib import Path
from uuid import UUID

import pytest

from holdfast.app import web
from holdfast.technical import cases, queries, tracking
from tests.support.browsers import browser_of
from tests.support.github import TOKEN, Answer, GitHub
from tests.support.outside import Heard
from tests.technical.support import House, made, settings, turn

FORBIDDEN: Answer = 403, {"message": "Resource not accessible by personal access token"}, []


async def marks(house: House) -> list[str | None]:
    """Of the cases, as a lead's list shows them."""
    async with house.database.transaction() as session:
        return [row[3] for over in (False, True) for row in await queries.cases(session, house.karin, over=over)]


async def denied(house: House, hub: GitHub) -> UUID:
    """A case that was solved while the token was wrong."""
    case = await made(house, hub)
    await house.track(hub, "github_pat_that_has_ended")
    await house.act(cases.solve, case)
    await house.carry(hub)
    return case


async def test_what_a_token_may_not_do_waits_marked_and_is_done_with_the_next_one(house: House, hub: GitHub) -> None:
    case = await denied(house, hub)
    for days in (0.0, 7.5):
        house.clock.turn(days=days)
        await house.carry(hub)
        assert (await house.actions(case))[1:] == [("comment", "paused", "401"), ("close", "waiting", None)]
        assert await marks(house) == ["denied"]
        assert (await house.tracker()).trouble == "401"
    await house.track(hub)
    assert await marks(house) == [None]
    await house.carry(hub)
    assert [state for _, state, _ in await house.actions(case)] == ["done"] * 3
    assert (hub.issues["acme/wallet", 1]["state"], len(hub.comments["acme/wallet", 1])) == ("closed", 1)
    assert (await marks(house), (await house.tracker()).trouble) == ([None], None)


async def test_an_administrator_sees_how_much_waits(house: House, hub: GitHub, tmp_path: Path) -> None:
    await denied(house, hub)
    async with browser_of(web.create_litestar(settings(tmp_path), house.database), house.database, house.lena) as lena:
        shown = (await lena.get("/api/technical/tracker")).json()
        assert (shown["trouble"], shown["paused"]) == ("401", 1)
        await house.track(hub)
        assert (await lena.get("/api/technical/tracker")).json()["paused"] == 0


async def test_a_look_that_is_denied_is_marked_until_one_succeeds(house: House, hub: GitHub) -> None:
    case = await made(house, hub)
    for again in (house.track, None):
        hub.refuse.append(FORBIDDEN)
        turn(house)
        await house.carry(hub)
        assert (await house.issue(case)).mark == "denied"
        if again is not None:
            # At once.
            await again(hub)
        else:
            house.clock.turn(hours=6)
        await house.carry(hub)
        assert (await house.issue(case)).mark is None


async def test_a_permission_that_comes_later_lets_looks_succeed_and_leaves_the_mark_of_what_waits(
    house: House, hub: GitHub
) -> None:
    case = await made(house, hub)
    hub.refuse.append(FORBIDDEN)
    await house.act(cases.solve, case)
    await house.carry(hub)
    house.clock.turn(hours=7)
    await house.carry(hub)
    assert ((await house.issue(case)).mark, (await house.tracker()).trouble) == ("denied", None)
    assert hub.issues["acme/wallet", 1]["state"] == "open"
    # By a person: as it is here.
    await house.act(tracking.settle, case, "ours")
    await house.carry(hub)
    assert [state for _, state, _ in await house.actions(case)] == ["done"] * 3
    assert (hub.issues["acme/wallet", 1]["state"], (await house.issue(case)).mark) == ("closed", None)


@pytest.mark.parametrize("how", ["seen", "unlinked"])
async def test_what_waits_can_be_left(house: House, hub: GitHub, how: str) -> None:
    case = await denied(house, hub)
    await (house.act(tracking.settle, case, "seen") if how == "seen" else house.act(tracking.unlink_issue, case))
    assert (await house.actions(case))[1][1] == "stopped"
    await house.track(hub)
    await house.carry(hub)
    assert "acme/wallet" not in {where for where, _ in hub.comments}


async def test_another_mark_is_not_overwritten(house: House, hub: GitHub) -> None:
    case = await made(house, hub)
    hub.person(1, "closed", "completed")
    turn(house)
    await house.carry(hub)
    hub.refuse.append(FORBIDDEN)
    turn(house)
    await house.carry(hub)
    assert (await house.issue(case)).mark == "closed_there"


async def test_a_token_that_is_entered_while_the_old_one_is_refused_is_used_at_once(house: House, hub: GitHub) -> None:
    case = await made(house, hub)
    await house.track(hub, "github_pat_that_has_ended")
    await house.act(cases.solve, case)

    async def enter(_heard: Heard) -> None:
        hub.after = None
        await house.track(hub, TOKEN)

    hub.after = enter
    await house.carry(hub)
    assert [state for _, state, _ in await house.actions(case)] == ["done"] * 3
    assert (await house.tracker()).trouble is None
