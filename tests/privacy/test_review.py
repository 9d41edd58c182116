"""The facts are those of the database, and a person signs them in time."""

from datetime import timedelta
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from holdfast.access.audit import record
from holdfast.access.viewer import SystemViewer
from holdfast.app.review import text
from holdfast.core.clock import now
from holdfast.people.models import Agent, OutgoingMail, SignInSession
from holdfast.privacy import review
from holdfast.privacy.models import SecurityReview
from tests.privacy.support import House


def found(facts: review.Facts, section: str, finding: str) -> list[dict[str, object]]:
    (chosen,) = [one for one in facts.sections if one.id == section]
    return [one.params for one in chosen.findings if one.id == finding]


async def facts(house: House) -> review.Facts:
    async with house.desk.database.transaction() as session:
        return await review.facts(session, house.settings, now() - timedelta(days=30), now() + timedelta(seconds=1))


async def test_dormant_accounts_and_missing_second_factors(house: House) -> None:
    async with house.desk.database.transaction() as session:
        for agent in await session.scalars(select(Agent)):
            agent.created_at = now() - timedelta(days=100)
        session.add(
            SignInSession(
                token_hash=b"x" * 32,
                agent_id=house.desk.wei.id,
                complete=True,
                expires_at=now(),
                created_at=now() - timedelta(days=2),
                network="",
                user_agent="",
            )
        )
    seen = await facts(house)
    assert {one["name"] for one in found(seen, "rights", "dormant")} == {"Ana", "Karin", "Rut", "Eva"}
    assert {one["name"] for one in found(seen, "rights", "no_second_factor")} == {"Wei", "Karin", "Rut", "Eva"}
    assert found(seen, "rights", "unused")[0]["name"] == "Wei"


async def test_who_looks_far_more_than_the_others_is_named(house: House) -> None:
    async with house.desk.database.transaction() as session:
        for viewer, times in ((house.desk.ana, 40), (house.desk.wei, 4), (house.desk.karin, 5)):
            for _ in range(times):
                record(session, viewer, "conversation.opened", ("conversation", house.conversation))
    seen = await facts(house)
    assert found(seen, "looking", "looked_often") == [{"action": "conversation.opened", "name": "Ana", "count": 40}]
    assert "! looked often: action conversation.opened, name Ana, count 40" in text(seen)


@given(st.lists(st.integers(0, 500), min_size=1, max_size=12))
def test_nobody_near_the_median_is_named(counts: list[int]) -> None:
    people = [(uuid4(), str(place), count) for place, count in enumerate(counts)]
    named = {name for name, _ in review.out_of_pattern(people)}
    for place, count in enumerate(counts):
        others = sorted(counts[:place] + counts[place + 1 :])
        if others and count <= 3 * others[(len(others) - 1) // 2]:
            assert str(place) not in named


async def test_a_retention_that_does_not_run_is_named(house: House) -> None:
    assert len(found(await facts(house), "retention", "retention_late")) == 4


async def test_it_is_made_on_its_day_told_to_the_auditors_and_signed_once(house: House) -> None:
    assert not await review.make_if_due(house.settings, house.desk.database)
    async with house.desk.database.transaction() as session:
        for agent in await session.scalars(select(Agent)):
            agent.created_at = now() - timedelta(days=31)
    assert await review.make_if_due(house.settings, house.desk.database)
    assert not await review.make_if_due(house.settings, house.desk.database)
    async with house.desk.database.transaction() as session:
        (made,) = (await session.scalars(select(SecurityReview))).all()
        assert [mail.to for mail in await session.scalars(select(OutgoingMail))] == ["eva@example.com"]
    async with house.browser(house.auditor) as auditor:
        (row,) = (await auditor.get("/api/privacy/reviews")).json()
        assert row["attention"] > 0
        whole = (await auditor.get(f"/api/privacy/reviews/{made.id}")).json()
        assert whole["digest"] == made.digest
        assert {section["id"] for section in whole["facts"]["sections"]} >= {"rights", "looking", "retention"}
        signed = await auditor.post(f"/api/privacy/reviews/{made.id}/sign", json={"remarks": "two accounts closed"})
        assert signed.json()["signed_by"] == "Eva"
        again = await auditor.post(f"/api/privacy/reviews/{made.id}/sign", json={"remarks": "once more"})
        assert (again.status_code, again.json()["id"]) == (409, "review_signed")


async def test_the_next_begins_where_the_last_ended(house: House) -> None:
    async with house.desk.database.transaction() as session:
        first = await review.make(session, house.settings, now() - timedelta(days=10))
    async with house.desk.database.transaction() as session:
        second = await review.make(session, house.settings, now())
        assert second.since == first.until
        assert SystemViewer("test").purpose
