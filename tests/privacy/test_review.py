"""The facts are those of the database, and a person signs them in time."""

import ast
import json
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from holdfast.access import sealing
from holdfast.access.audit import record
from holdfast.access.keys import PURPOSES
from holdfast.access.models import AuditEntry, CheckpointSent, InstallationKey, KeyWork, Verification
from holdfast.access.signing import load_signing_key
from holdfast.access.viewer import CustomerViewer, SystemViewer
from holdfast.app.review import text
from holdfast.channels.webhooks.models import WebhookDelivery, WebhookEndpoint
from holdfast.core.clock import now
from holdfast.people.models import Agent, OutgoingMail, SignInSession
from holdfast.privacy import review
from holdfast.privacy.models import SecurityReview
from holdfast.privacy.retention import KINDS
from holdfast.redaction.findings import SECRET
from tests.privacy.support import House, alarm, exposure, grant, picture

LOCALES = Path(__file__).parents[2] / "web/console/src/features/privacy/locales"


def days_ago(days: int) -> datetime:
    return now() - timedelta(days=days)


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


def eyes(facts: review.Facts, section: str) -> set[str]:
    """What asks for a person's eye."""
    (chosen,) = [one for one in facts.sections if one.id == section]
    return {one.id for one in chosen.findings if one.attention}


async def test_a_log_that_is_not_verified_or_not_sealed_is_named(house: House, tmp_path: Path) -> None:
    async with house.desk.database.transaction() as session:
        record(session, house.admin, "review.signed", ("review", None))
    # Nothing was sealed, and nobody has looked it over; young entries may still wait.
    assert eyes(await facts(house), "log") == {"log_not_verified", "log_no_place"}
    async with house.desk.database.transaction() as session:
        entry = AuditEntry(
            actor_kind="system",
            action="review.made",
            subject_kind="review",
            at=now() - review.LATE_SEAL - timedelta(seconds=5),
        )
        session.add(entry)
    assert found(await facts(house), "log", "log_unsealed") == [{"count": 1}]
    key = load_signing_key(tmp_path / "seal.key", None)
    async with house.desk.database.transaction() as session:
        await sealing.seal_once(session, key)
    good = Verification(entries=3, seals=1, seconds=0.1, findings=[], at=now() - timedelta(days=1))
    async with house.desk.database.transaction() as session:
        session.add_all([good, CheckpointSent(place="file:/seals", seal=1, at=now())])
    seen = await facts(house)
    assert eyes(seen, "log") == set()
    assert found(seen, "log", "log_verified") == [{"at": good.at, "entries": 3, "seals": 1}]
    async with house.desk.database.transaction() as session:
        bad = [{"what": "entry_changed", "about": "x"}]
        session.add(Verification(entries=3, seals=1, seconds=0.1, findings=bad, at=now()))
    assert eyes(await facts(house), "log") == {"log_broken"}
    late = now() + timedelta(days=3)
    async with house.desk.database.transaction() as session:
        section = next(
            one for one in (await review.facts(session, house.settings, now(), late)).sections if one.id == "log"
        )
    assert {"log_not_verified", "log_broken"} <= {one.id for one in section.findings}


async def test_exposures_by_kind_and_place(house: House) -> None:
    ours = (house.conversation, house.customer)
    async with house.desk.database.transaction() as session:
        session.add_all(
            [
                exposure(*ours),
                exposure(*ours),
                exposure(*ours, kind="private_key", place="note", author="agent"),
                exposure(*ours, kind="private_key", certainty="ambiguous"),
                exposure(*ours, at=now() - timedelta(days=31)),
            ]
        )
    seen = await facts(house)
    assert found(seen, "secrets", "secret_of_customer") == [
        {"secret": "recovery_phrase", "place": "message", "count": 2}
    ]
    assert found(seen, "secrets", "secret_of_agent") == [{"secret": "private_key", "place": "note", "count": 1}]
    assert found(seen, "secrets", "secret_doubtful") == [{"count": 1}]
    assert eyes(seen, "secrets") == {"secret_of_agent"}


async def test_grants_alarms_and_archives(house: House) -> None:
    ours = (house.conversation, house.customer)
    async with house.desk.database.transaction() as session:
        for viewer, times in ((house.desk.ana, 40), (house.desk.wei, 4), (house.desk.karin, 5)):
            session.add_all([grant(*ours, at=now(), agent_id=viewer.id) for _ in range(times)])
        session.add_all([alarm(), alarm(seen_at=now()), alarm(kind="browse_rate", at=now() - timedelta(days=90))])
        record(session, house.admin, "privacy.archive_taken", ("customer", house.customer), purpose="letter")
        own = CustomerViewer(house.customer, house.conversation)
        record(session, own, "privacy.archive_taken", ("customer", house.customer))
    seen = await facts(house)
    assert found(seen, "access", "granted_often") == [{"name": "Ana", "purpose": "refund", "count": 40}]
    assert [one["name"] for one in found(seen, "access", "granted")] == ["Karin", "Wei"]
    assert found(seen, "access", "alarms") == [
        {"alarm": "browse_rate", "count": 0, "open": 1},
        {"alarm": "canary", "count": 2, "open": 1},
    ]
    assert found(seen, "access", "archives_taken") == [{"name": "Rut", "purpose": "letter", "count": 1}]
    assert "! granted often: name Ana, purpose refund, count 40" in text(seen)


async def test_old_keys_and_a_job_that_did_not_end_are_named(house: House) -> None:
    async with house.desk.database.transaction() as session:
        session.add_all(
            [
                InstallationKey(purpose="fields", generation=1, master="m", wrapped=b"", created_at=days_ago(900)),
                InstallationKey(purpose="fields", generation=2, master="m", wrapped=b"", created_at=days_ago(399)),
                InstallationKey(purpose="index", generation=1, master="m", wrapped=b"", created_at=days_ago(401)),
                KeyWork(job="seal", run=uuid4(), state="incomplete", done=7, failed=2),
            ]
        )
    seen = await facts(house)
    (young,) = found(seen, "keys", "key_young")
    (old,) = found(seen, "keys", "key_old")
    assert (young["key"], young["generation"], old["key"], old["days"]) == ("fields", 2, "index", 401)
    assert found(seen, "keys", "sealing_incomplete")[0]["failed"] == 2
    assert eyes(seen, "keys") == {"key_old", "sealing_incomplete"}


async def test_webhooks_that_fail_are_named(house: House) -> None:
    common = {"url": "https://a.example", "secret": "x", "created_by_id": house.admin.id}
    async with house.desk.database.transaction() as session:
        stopped = WebhookEndpoint(name="Tickets", active=False, stopped_because="failing", **common)
        session.add_all(
            [
                stopped,
                WebhookEndpoint(name="Stats", failing_since=days_ago(1), failures=9, **common),
                WebhookEndpoint(name="Chat", **common),
                WebhookEndpoint(name="Old", active=False, **common),
            ]
        )
        await session.flush()
        session.add(WebhookDelivery(endpoint_id=stopped.id, event="x", happened_at=now(), state="failed"))
    seen = await facts(house)
    assert found(seen, "webhooks", "webhook_stopped") == [{"name": "Tickets", "because": "failing"}]
    assert [one["name"] for one in found(seen, "webhooks", "webhook_failing")] == ["Stats"]
    assert eyes(seen, "webhooks") == {"webhook_stopped", "webhook_failing", "webhook_given_up"}
    assert found(seen, "webhooks", "webhook_off") == [{"name": "Old"}]


async def test_pictures_that_stay_closed(house: House) -> None:
    async def add(state: str, times: int, **more: object) -> None:
        async with house.desk.database.transaction() as session:
            session.add_all([picture(house, key="", file_key=None, state=state, **more) for _ in range(times)])

    await add("clear", 3)
    await add("secret", 1)
    await add("unread", 4)
    seen = await facts(house)
    assert found(seen, "pictures", "pictures") == [{"count": 8, "secret": 1, "unread": 4}]
    assert eyes(seen, "pictures") == set()
    await add("unread", 1)
    await add("reading", 1, created_at=now() - timedelta(hours=2))
    assert eyes(await facts(house), "pictures") == {"pictures_waiting"}
    await add("unread", 1)
    assert eyes(await facts(house), "pictures") == {"pictures", "pictures_waiting"}


def test_the_console_has_words_for_every_finding() -> None:
    tree = ast.parse(Path(review.__file__).read_text("utf-8"))

    def first_of(name: str) -> set[str]:
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == name]
        plain = [call.args[0] for call in calls if not isinstance(call.args[0], ast.JoinedStr)]
        return {
            node.value
            for argument in plain
            for node in ast.walk(argument)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier()
        }

    sections, findings = first_of("Section"), first_of("Finding") - {"_"}
    assert len(sections) == len(review.SECTIONS)
    findings |= {f"sealing_{state}" for state in ("running", "stopped", "done", "incomplete")}
    findings |= {f"secret_of_{author}" for author in ("customer", "agent")}
    findings |= {name.replace(".", "_") for name in review.SIGN_INS}
    for language in ("en", "zh-Hans"):
        words = json.loads(LOCALES.joinpath(f"{language}.json").read_text("utf-8"))
        assert set(words["section"]) == sections
        assert set(words["finding"]) == findings
        assert set(words["data"]) == set(words["dataLead"]) == set(KINDS)
        assert set(words["shown"]["secret"]) == set(SECRET)
        assert set(words["shown"]["key"]) == set(PURPOSES)


async def test_a_retention_that_does_not_run_is_named(house: House) -> None:
    assert len(found(await facts(house), "retention", "retention_late")) == len(KINDS)


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
