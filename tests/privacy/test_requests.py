"""Export and erasure of one customer, through the application and the worker's job."""

import asyncio
import hashlib
import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, text

from holdfast.access.customer_keys import destroy_customer_key
from holdfast.access.errors import CustomerErased
from holdfast.access.keys import key_ring
from holdfast.access.models import AccessGrant, AuditEntry, CustomerKey
from holdfast.access.viewer import SystemViewer
from holdfast.channels.mail.models import Mailbox, StoredLetter
from holdfast.channels.mail.quarantine import SENDER, SHRED
from holdfast.channels.mail.sealed_words import Words, key_folder, seal, unseal
from holdfast.conversations import queries as conversations
from holdfast.conversations.models import Exposure
from holdfast.core.clock import now
from holdfast.core.due import Due
from holdfast.core.files import StoredFileMissing
from holdfast.core.sealed_files import SealedFileDamaged, new_file_key
from holdfast.privacy import erasure, export, jobs, ledger, operations, queries
from holdfast.privacy.models import SubjectRequest
from tests.privacy.support import (
    PIECE,
    WORDS,
    House,
    customer_row,
    exposure,
    grant,
    pending_piece,
    picture,
    reopened,
    shred,
)

LETTER = {"purpose": "letter"}
# What is kept of a conversation beside its messages (rows.py).
BESIDE = ("letter", "mail_thread", "address_asked", "sent_letter", "scheduled_message", "follow_up", "technical_link")


def problem(answer: object) -> tuple[int, str]:
    return answer.status_code, answer.json()["id"]  # type: ignore[attr-defined]  # an httpx response


async def test_an_export_holds_everything_of_one_customer_and_nothing_of_another(house: House) -> None:
    async with house.browser(house.admin) as admin:
        asked = await admin.post(
            "/api/privacy/requests", json={"customer": str(house.customer), "kind": "export", "why": "a letter"}
        )
        assert asked.status_code == 201, asked.text
        assert problem(
            await admin.post(
                "/api/privacy/requests", json={"customer": str(house.customer), "kind": "export", "why": "again"}
            )
        ) == (409, "privacy_request_open")
        at = f"/api/privacy/requests/{asked.json()['id']}"
        assert problem(await admin.post(f"{at}/archive", json=LETTER)) == (404, "archive_not_ready")
        assert await house.run_jobs() == 1
        done = (await admin.get(at)).json()
        assert (done["state"], done["done"]) == ("done", done["total"])
        taken = await admin.post(f"{at}/archive", json=LETTER)
        for reason in ({}, {"purpose": "curious"}):
            assert (await admin.post(f"{at}/archive", json=reason)).status_code == 400
    async with house.desk.database.transaction() as session:
        entry = await session.scalar(select(AuditEntry).where(AuditEntry.action == "privacy.archive_taken"))
        assert entry is not None
        assert (entry.actor_id, entry.purpose, entry.detail) == (house.admin.id, "letter", {"request": at[-36:]})
    archive = zipfile.ZipFile(io.BytesIO(taken.content))
    assert archive.testzip() is None
    manifest = json.loads(archive.read("manifest.json"))
    for member in manifest["members"]:
        assert hashlib.sha256(archive.read(member["name"])).hexdigest() == member["sha256"]
    assert sorted(archive.namelist()) == sorted([*(m["name"] for m in manifest["members"]), "manifest.json"])
    whole = b"\n".join(archive.read(name) for name in archive.namelist()).decode()
    assert all(word in whole for word in WORDS)
    assert "bytes of user-1" in whole
    assert "+49 30 1234567" in whole
    for table in BESIDE:
        assert len(archive.read(f"data/{table}.jsonl").splitlines()) == 1, table
    said = f"{WORDS[2]} says user-1"
    for table in ("mail_thread", "scheduled_message", "follow_up", "technical_link"):
        assert said in archive.read(f"data/{table}.jsonl").decode()
    assert "says.user-1@elsewhere.example" in archive.read("data/address_asked.jsonl").decode()
    raw, layout = sorted(name for name in archive.namelist() if name.startswith("letters/"))[::-1]
    assert archive.read(raw).decode() == f"Subject: {said}\n\nraw {said}\n"
    assert (archive.read(layout).decode(), layout) == (f"<p>{said}</p>", raw.replace(".txt", ".html"))
    assert "user-2" not in whole
    # Neither keys nor hashes.
    assert "subject_index" not in json.loads(archive.read("data/customer.jsonl").splitlines()[0])


async def test_an_export_that_is_cut_off_goes_on_where_it_was(house: House) -> None:
    """Each step alone, with a fresh look at the database between them, as after a crash."""
    async with house.desk.database.transaction() as session:
        request = await operations.ask(session, house.admin, house.customer, "export", why="a letter", wait=timedelta())
    steps, over = 0, False
    while not over:
        async with house.desk.database.transaction() as session:
            row = await queries.request(session, SystemViewer("test"), request.id, lock=True)
            over = await export.step(session, jobs.archives(house.settings), jobs.uploads(house.settings), row)
            steps += 1
    assert steps > 10
    assert len({part.name for part in export.parts(row)}) == len(export.parts(row)) > 5


async def test_stop_and_resume(house: House) -> None:
    async with house.browser(house.admin) as admin:
        asked = await admin.post(
            "/api/privacy/requests", json={"customer": str(house.customer), "kind": "export", "why": "a letter"}
        )
        at = f"/api/privacy/requests/{asked.json()['id']}"
        assert (await admin.post(f"{at}/stop")).json()["state"] == "stopped"
        await house.run_jobs()
        assert (await admin.get(at)).json()["done"] == 0
        assert (await admin.post(f"{at}/resume")).json()["state"] == "ready"
        await house.run_jobs()
        assert (await admin.get(at)).json()["state"] == "done"
        assert problem(await admin.post(f"{at}/stop")) == (409, "privacy_request_over")


async def exported(house: House) -> SubjectRequest:
    async with house.desk.database.transaction() as session:
        request = await operations.ask(session, house.admin, house.customer, "export", why="x y z", wait=timedelta())
    await house.run_jobs()
    async with house.desk.database.transaction() as session:
        return await session.get_one(SubjectRequest, request.id)


async def test_nothing_of_an_archive_lies_readable_anywhere(house: House) -> None:
    """Neither its bytes, nor the names of its files in the row."""
    request = await exported(house)
    lying = b"".join(path.read_bytes() for path in jobs.archives(house.settings).root.rglob("*") if path.is_file())
    assert len(lying) > sum(part.size for part in export.parts(request)) > 1000
    dump = await house.dump()
    for word in (*WORDS, "bytes of user-1", "manifest", "conversations/"):
        assert word.encode() not in lying
    assert f"{WORDS[0]}.txt" not in dump
    assert f"{WORDS[0]}.txt".encode().hex() not in dump
    # A key opens its own part only.
    one, two, *_ = export.parts(request)
    with pytest.raises(SealedFileDamaged):
        jobs.archives(house.settings).read(one.key, two.file_key)


async def test_the_customers_key_kills_a_copy_of_an_archive(house: House) -> None:
    """A backup holds the row and the files as they were: without the customer's key they open nothing."""
    request = await exported(house)
    part = export.parts(request)[0]
    assert jobs.archives(house.settings).read(part.key, part.file_key)
    async with house.desk.database.transaction() as session:
        await destroy_customer_key(session, house.customer)
    async with house.desk.database.transaction() as session:
        row = await session.get_one(SubjectRequest, request.id)
        assert row.parts_sealed
        assert export.parts(row) == []
        assert zipfile.ZipFile(io.BytesIO(b"".join(export.zipped(row, jobs.archives(house.settings))))).namelist() == [
            "manifest.json"
        ]


async def test_a_stopped_export_is_not_kept_for_ever(house: House) -> None:
    async with house.desk.database.transaction() as session:
        request = await operations.ask(session, house.admin, house.customer, "export", why="x y z", wait=timedelta())
        row = await queries.request(session, SystemViewer("test"), request.id, lock=True)
        await export.step(session, jobs.archives(house.settings), jobs.uploads(house.settings), row)
        (part,) = export.parts(row)
        row.state, row.created_at = "stopped", now() - queries.KEPT - timedelta(seconds=1)
    await jobs.expire(house.settings, house.desk.database)
    with pytest.raises(StoredFileMissing):
        jobs.archives(house.settings).read(part.key)
    async with house.desk.database.transaction() as session:
        assert (await session.get_one(SubjectRequest, request.id)).state == "expired"


async def test_an_archive_expires(house: House) -> None:
    request = await exported(house)
    async with house.desk.database.transaction() as session:
        row = await session.get_one(SubjectRequest, request.id)
        keys = [part.key for part in export.parts(row)]
        row.expires_at = now() - timedelta(seconds=1)
    await jobs.expire(house.settings, house.desk.database)
    async with house.desk.database.transaction() as session:
        row = await session.get_one(SubjectRequest, request.id)
        assert (row.state, row.parts) == ("expired", None)
    for key in keys:
        with pytest.raises(StoredFileMissing):
            jobs.archives(house.settings).read(key)


async def erased(house: House, customer: UUID) -> SubjectRequest:
    """Ask for an erasure without a waiting time, and do it."""
    async with house.desk.database.transaction() as session:
        request = await operations.ask(session, house.admin, customer, "erasure", why="a letter", wait=timedelta())
    await house.run_jobs()
    async with house.desk.database.transaction() as session:
        return await session.get_one(SubjectRequest, request.id)


async def test_an_erasure_leaves_nothing_and_touches_nobody_else(house: House) -> None:
    async with house.desk.database.transaction() as session:
        before = await queries.attachments_of(session, house.customer, None, 10)
    request = await erased(house, house.customer)
    assert request.state == "done"
    assert request.proof["left"] == {}
    assert request.proof["removed"]["message"] == 2
    dump = await house.dump()
    assert f"{WORDS[2]} says user-1" not in dump
    assert f"{WORDS[2]} says user-2" in dump
    with pytest.raises(StoredFileMissing):
        jobs.uploads(house.settings).read(before[0].key)
    row = await customer_row(house, house.customer)
    # '' says that they were erased; nobody has their key any more.
    assert (row.name, row.subject_index, row.about, row.proven) == ("", None, {}, False)
    async with house.desk.database.transaction() as session:
        key = await session.get_one(CustomerKey, house.customer)
    assert key.wrapped == b""
    other = await customer_row(house, house.other)
    assert other.name == f"{WORDS[0]} of user-2"
    assert ledger.customers(jobs.ledger_path(house.settings)) == {house.customer}
    async with house.desk.database.transaction() as session:
        # The conversation is still there for the figures, and can be looked at without an error.
        shown = await conversations.row(session, house.desk.karin, house.conversation)
        assert (shown.preview, shown.customer.name) == ("", None)
        assert await queries.remaining(session, house.other) != {}


def everything(root: Path) -> bytes:
    """Every file below, names included."""
    return b"\n".join(str(path).encode() + path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file())


async def test_an_erasure_takes_what_every_part_of_the_house_has_kept(house: House) -> None:
    """A piece of a phrase that waits, an exposure, a grant in the agent's own words, a picture that nobody has read,
    one whose secret was destroyed, an archive, and an export that is still on its way."""
    uploads = jobs.uploads(house.settings)
    key = await pending_piece(house)
    await exported(house)
    async with house.desk.database.transaction() as session:
        file_key = new_file_key()
        shown = uploads.put(b"a picture of user-1", file_key)
        session.add_all(
            [
                picture(house, key=shown, file_key=file_key, state="unread"),
                picture(house, key="", file_key=None, state="secret"),
                exposure(house.conversation, house.customer),
                exposure(house.other_conversation, house.other),
                grant(house.conversation, house.customer, at=now()),
            ]
        )
        late = await operations.ask(session, house.admin, house.customer, "export", why="again", wait=timedelta())
        # A step of it, and then the worker is busy with the erasure.
        row = await queries.request(session, SystemViewer("test"), late.id, lock=True)
        await export.step(session, jobs.archives(house.settings), uploads, row)
        row.state = "stopped"
    assert (await house.dump()).count(key.hex) + (await house.dump()).count(str(key)) > 0
    request = await erased(house, house.customer)
    assert (request.state, request.proof["left"]) == ("done", {})
    removed = request.proof["removed"]
    kinds = ("fragment", "exposure", "access_grant", "attachment", "subject_request")
    assert {kind: removed[kind] for kind in kinds} == {
        "fragment": 1, "exposure": 1, "access_grant": 1, "attachment": 3, "subject_request": 2
    }  # fmt: skip
    await shred(house)
    dump = await house.dump()
    for gone in (f"{WORDS[2]} says user-1", PIECE, str(key), key.hex):
        assert gone not in dump
    assert everything(jobs.archives(house.settings).root) == b""
    assert everything(house.desk.keys.root) == b""
    left = everything(uploads.root)
    assert b"bytes of user-1" not in left
    assert shown.encode() not in left
    assert b"bytes of user-2" in left
    async with house.desk.database.transaction() as session:
        row = await session.get_one(SubjectRequest, late.id)
        assert (row.state, row.parts_sealed) == ("expired", None)
        assert (await session.scalars(select(Exposure.customer_id))).all() == [house.other]
        (kept,) = (await session.scalars(select(AccessGrant))).all()
        assert (kept.words, kept.purpose) == (None, "refund")
        # And nobody makes an archive of somebody who is erased.
        with pytest.raises(CustomerErased):
            await operations.ask(session, house.admin, house.customer, "export", why="x y z", wait=timedelta())


async def test_an_erasure_takes_what_is_kept_beside_the_messages(house: House) -> None:
    uploads, keys = jobs.uploads(house.settings), key_folder(house.settings)
    waiting = {}
    async with house.desk.database.transaction() as session:
        mailbox = (await session.scalars(select(Mailbox))).first()
        assert mailbox is not None
        raws = {row.customer_id: row.raw for row in await session.scalars(select(StoredLetter))}
        # Written by anybody, from their address; nobody has admitted it.
        for subject in ("user-1", "user-2"):
            sender = f"{WORDS[1].upper()}@{subject}.example"
            words = Words(sender, "Somebody", "Hello", "Where are my coins?", raw=uploads.put(b"raw"))
            row = StoredLetter(id=uuid4(), key=uuid4().bytes, mailbox_id=mailbox.id, state="quarantined", size=1)
            row.sealed = await asyncio.to_thread(seal, keys, row.id, words)
            row.sender_index = key_ring().blind_index(sender, SENDER)
            session.add(row)
            waiting[subject] = row.id, words.raw
    removed = (await erased(house, house.customer)).proof["removed"]
    assert {table: removed[table] for table in BESIDE} == dict.fromkeys(BESIDE, 1)
    async with house.desk.database.transaction() as session:
        for table in set(BESIDE) - {"letter", "sent_letter"}:
            rows = await session.execute(text(f"SELECT conversation_id FROM {table}"))
            assert rows.scalars().all() == [house.other_conversation], table
        mine, other = [await session.get_one(StoredLetter, waiting[subject][0]) for subject in ("user-1", "user-2")]
        assert (mine.state, mine.sealed, mine.sender_index) == ("discarded", None, None)
        assert await session.scalar(select(func.count()).where(Due.kind == SHRED, Due.ref == mine.id)) == 1
        assert other.state == "quarantined"
        assert await asyncio.to_thread(unseal, keys, other.id, other.sealed) is not None
    left = everything(uploads.root).decode(errors="replace")
    assert [name in left for name in (raws[house.customer], waiting["user-1"][1])] == [False, False]
    assert [name in left for name in (raws[house.other], waiting["user-2"][1])] == [True, True]


async def test_no_erasure_under_a_hold_or_while_a_conversation_is_open(house: House) -> None:
    body = {"customer": str(house.customer), "kind": "erasure", "why": "a letter"}
    async with house.browser(house.admin) as admin:
        hold = await admin.post("/api/privacy/holds", json={"customer": str(house.customer), "reason": "a court"})
        assert hold.status_code == 201
        assert problem(await admin.post("/api/privacy/requests", json=body)) == (409, "legal_hold")
        assert (await admin.delete(f"/api/privacy/holds/{hold.json()['id']}")).status_code == 204
        assert problem(await admin.delete(f"/api/privacy/holds/{hold.json()['id']}")) == (404, "hold_unknown")
        await reopened(house)
        assert problem(await admin.post("/api/privacy/requests", json=body)) == (409, "conversation_open")
    assert f"{WORDS[2]} says user-1" in await house.dump()


async def test_a_hold_placed_in_the_waiting_time_stops_the_erasure(house: House) -> None:
    async with house.desk.database.transaction() as session:
        request = await operations.ask(
            session, house.admin, house.customer, "erasure", why="a letter", wait=timedelta(hours=72)
        )
        assert request.state == "waiting"
        await operations.hold(session, house.admin, house.customer, "a court")
    async with house.desk.database.transaction() as session:
        await operations.begin(session, request.id)
    await house.run_jobs()
    async with house.desk.database.transaction() as session:
        row = await session.get_one(SubjectRequest, request.id)
        assert (row.state, row.proof) == ("refused", {"refused": "legal_hold"})
    assert f"{WORDS[2]} says user-1" in await house.dump()


async def test_the_customer_asks_by_themselves(house: House) -> None:
    async with house.browser() as widget:
        own = {"token": house.token}
        asked = await widget.post("/api/widget/privacy/requests", json={**own, "kind": "export"})
        assert asked.status_code == 201, asked.text
        await house.run_jobs()
        (shown,) = (await widget.post("/api/widget/privacy/list", json=own)).json()
        assert shown["state"] == "done"
        taken = await widget.post("/api/widget/privacy/archive", json={**own, "request": shown["id"]})
        assert WORDS[2] in zipfile.ZipFile(io.BytesIO(taken.content)).read("data/message.jsonl").decode()
        async with house.browser(house.admin) as admin:
            refused = await admin.post(f"/api/privacy/requests/{shown['id']}/archive", json=LETTER)
        assert problem(refused) == (403, "archive_is_theirs")
        wish = await widget.post("/api/widget/privacy/requests", json={**own, "kind": "erasure"})
        assert wish.json()["state"] == "waiting"
        assert await house.run_jobs() == 0
        gone = await widget.post("/api/widget/privacy/withdraw", json={**own, "request": wish.json()["id"]})
        assert gone.json()["state"] == "withdrawn"


async def test_who_has_not_proven_who_they_are_gets_nothing(house: House) -> None:
    async with house.desk.database.transaction() as session:
        (await session.merge(await customer_row(house, house.customer))).proven = False
    async with house.browser() as widget:
        answer = await widget.post("/api/widget/privacy/list", json={"token": house.token})
        assert problem(answer) == (403, "identity_needed")


async def test_agents_leads_and_auditors_handle_no_requests(house: House) -> None:
    body = {"customer": str(house.customer), "kind": "export", "why": "curious"}
    for viewer in (house.desk.ana, house.desk.karin, house.auditor):
        async with house.browser(viewer) as browser:
            assert problem(await browser.post("/api/privacy/requests", json=body)) == (403, "privacy_refused")
    async with house.browser(house.desk.ana) as ana:
        for path in ("requests", "holds", "retention", "reviews"):
            assert problem(await ana.get(f"/api/privacy/{path}")) == (403, "privacy_refused")


async def test_a_restored_customer_is_erased_again(house: House) -> None:
    """What ``holdfast restore`` does with everybody in the ledger (tests/app/test_backup.py plays it whole)."""
    async with house.desk.database.transaction() as session:
        removed = await erasure.replay(session, house.customer, jobs.places(house.settings))
        assert removed["message"] == 2
    async with house.desk.database.transaction() as session:
        assert await queries.remaining(session, house.customer) == {}
