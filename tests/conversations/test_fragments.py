"""Pieces of a phrase: sealed until it is known what they are, hidden when they are one, stored when they are none."""

import asyncio
import re
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import select, text

from holdfast.access.disposable_keys import KeyFolder
from holdfast.access.models import AuditEntry
from holdfast.conversations import fragments, operations, presenting, queries, timeline
from holdfast.conversations.errors import NothingSealed
from holdfast.conversations.facts import ConversationOpened, ConversationResolved, SecretFound
from holdfast.conversations.models import Exposure, Fragment, Message
from holdfast.conversations.schemas import Entry
from holdfast.core.clock import now
from holdfast.core.due import Claimer, Due
from holdfast.people import customers
from holdfast.people.models import ContactPoint
from tests.conversations.support import Desk
from tests.redaction.ways import KEY

PHRASE = "slogan hurdle gorilla wrist pelican velvet orphan tunnel magnet crater fossil jungle"
WORDS = PHRASE.split()
THREE = [" ".join(WORDS[i : i + 4]) for i in (0, 4, 8)]


async def entries(desk: Desk, conversation_id: UUID) -> list[Entry]:
    async with desk.database.transaction() as session:
        rows = await timeline.entries_after(session, conversation_id, 0)
        return await presenting.entries(session, conversation_id, rows)


async def stored(desk: Desk) -> str:
    """Everything that the database holds, as text."""
    async with desk.database.transaction() as session:
        tables = await session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
        rows = [await session.scalar(text(f"SELECT string_agg(t::text, ' ') FROM {table} t")) for table in tables]
    return " ".join(row or "" for row in rows)


async def run_due(desk: Desk) -> None:
    """What is due now happens."""
    handlers = {
        fragments.RELEASE: fragments.release,
        fragments.FORGET: fragments.forget,
        fragments.SHRED: fragments.shred,
    }
    claimer = Claimer(desk.database, handlers)
    while await claimer._handle_next(now()):
        pass


async def put_off(desk: Desk, kind: str) -> None:
    """The deadline's time has come."""
    async with desk.database.transaction() as session:
        await session.execute(text("UPDATE due SET at = now() WHERE kind = :kind"), {"kind": kind})


def held(desk: Desk) -> set[UUID]:
    return set(desk.keys.older_than(-60))


async def test_a_piece_is_shown_and_stored_nowhere(desk: Desk) -> None:
    conversation_id = await desk.open()
    seq = await desk.says(conversation_id, THREE[0])
    shown = (await entries(desk, conversation_id))[-1]
    assert (shown.seq, shown.b, shown.seal) == (seq, THREE[0], "fragment")
    conversation = await desk.read(conversation_id)
    assert conversation.preview == "…"
    everything = await stored(desk)
    assert not any(word in everything for word in WORDS[:4])
    assert len(held(desk)) == 1
    async with desk.database.transaction() as session:
        due = await session.get_one(Due, (fragments.RELEASE, conversation_id))
    assert timedelta(minutes=29) < due.at - now() <= timedelta(minutes=30)


@pytest.mark.parametrize("pieces", [THREE, WORDS, [f"{n + 1}. {word}" for n, word in enumerate(WORDS)]])
async def test_a_phrase_in_pieces_is_hidden_and_its_keys_destroyed(desk: Desk, pieces: list[str]) -> None:
    conversation_id = await desk.open()
    seqs = [await desk.says(conversation_id, piece) for piece in pieces]
    shown = await entries(desk, conversation_id)
    said = {e.seq: e for e in shown if e.kind == "public"}
    told = [e for e in shown if e.ev and e.ev["type"] == "redacted"]
    assert len(told) == 1
    assert told[0].ev is not None
    assert set(told[0].ev["seqs"]) <= set(seqs)
    # Eight single words are enough to be sure, and those that follow are hidden as they come.
    assert len(told[0].ev["seqs"]) >= min(8, len(pieces))
    assert not any(word in e.b for e in shown for word in WORDS)
    for seq in told[0].ev["seqs"]:
        assert said[seq].b.startswith("[⛔ recovery_phrase")
        assert said[seq].red[0].kind == "recovery_phrase"
    await put_off(desk, fragments.RELEASE)
    await run_due(desk)
    assert not any(word in entry.b for entry in await entries(desk, conversation_id) for word in WORDS)
    everything = await stored(desk)
    assert not any(word in everything for word in WORDS)
    assert held(desk) == set()
    async with desk.database.transaction() as session:
        found = (await session.scalars(select(Exposure))).one()
        assert not (await session.scalars(select(Fragment))).all()
    assert (found.kind, found.place, found.author) == ("recovery_phrase", "messages", "customer")
    assert found.word_count in {11, 12}


async def test_half_an_hour_later_the_pieces_are_ordinary_words(desk: Desk) -> None:
    conversation_id = await desk.open()
    await desk.says(conversation_id, THREE[0])
    async with desk.database.transaction() as session:
        before = (await queries.row(session, desk.karin, conversation_id)).version
    await put_off(desk, fragments.RELEASE)
    await run_due(desk)
    shown = (await entries(desk, conversation_id))[-1]
    assert (shown.b, shown.seal, shown.red) == (THREE[0], None, [])
    async with desk.database.transaction() as session:
        row = await queries.row(session, desk.karin, conversation_id)
        message = await session.get_one(Message, (conversation_id, shown.seq))
    assert message.body == row.preview == THREE[0]
    assert row.version > before
    assert held(desk) == set()


async def test_the_pieces_of_two_people_are_no_phrase(desk: Desk) -> None:
    conversation_id = await desk.open()
    await desk.assign(conversation_id, desk.ana)
    await desk.says(conversation_id, THREE[0])
    async with desk.database.transaction() as session:
        await operations.post(session, desk.ana, conversation_id, desk.answers(conversation_id, THREE[1], desk.ana))
    await desk.says(conversation_id, THREE[2])
    assert [e.b for e in await entries(desk, conversation_id) if e.kind == "public"][1:] == THREE
    assert len(held(desk)) == 3
    await desk.says(conversation_id, THREE[1])
    shown = [e for e in await entries(desk, conversation_id) if e.kind == "public"][1:]
    assert [e.b.startswith("[⛔") for e in shown] == [True, False, True, True]


async def test_pieces_in_two_processes_at_once_are_still_joined(desk: Desk) -> None:
    """Each under the lock of the conversation's row: whichever comes last sees the others."""
    conversation_id = await desk.open()
    await asyncio.gather(*(desk.says(conversation_id, piece) for piece in THREE))
    shown = await entries(desk, conversation_id)
    assert not any(word in entry.b for entry in shown for word in WORDS)


async def test_a_whole_phrase_takes_its_beginnings_along(desk: Desk) -> None:
    conversation_id = await desk.open()
    first = await desk.says(conversation_id, THREE[0])
    whole = await desk.says(conversation_id, PHRASE)
    shown = {e.seq: e for e in await entries(desk, conversation_id)}
    assert shown[first].b == "[⛔ recovery_phrase]"
    assert shown[whole].b == "[⛔ recovery_phrase·12]"
    facts = [fact for fact in desk.facts if isinstance(fact, SecretFound)]
    assert [(fact.where, fact.seqs, fact.words) for fact in facts] == [("message", (first, whole), 12)]


async def test_the_everyday_words_that_a_phrase_began_with_are_hidden_with_it(desk: Desk) -> None:
    """They were stored as they came: nothing told them from talk until more followed."""
    conversation_id = await desk.open("Hello, I changed my phone")
    seqs = [
        await desk.says(conversation_id, piece)
        for piece in (
            "it keeps saying this is not right",
            "i typed it like this and it says no... project hope",
            "decrease glove erode pause",
            "female visit gentle lamp",
            "wait",
            "acid thumb",
        )
    ]
    shown = {entry.seq: entry.b for entry in await entries(desk, conversation_id)}
    assert shown[seqs[0]] == "it keeps saying this is not right"
    assert shown[seqs[4]] == "wait"
    assert not any(word in text for text in shown.values() for word in ("project", "erode", "gentle", "thumb"))
    facts = [fact for fact in desk.facts if isinstance(fact, SecretFound)]
    assert seqs[1] in {seq for fact in facts for seq in fact.seqs}
    everything = await stored(desk)
    assert not any(word in everything for word in ("project hope", "erode", "gentle", "thumb"))


async def test_the_same_message_again_finds_nothing_twice(desk: Desk) -> None:
    conversation_id = await desk.open()
    message = desk.asks(conversation_id, PHRASE)
    for _ in range(2):
        async with desk.database.transaction() as session:
            await operations.post(session, desk.viewer(conversation_id), conversation_id, message)
    async with desk.database.transaction() as session:
        assert len((await session.scalars(select(Exposure))).all()) == 1


async def test_what_an_agent_notes_is_hidden_and_not_told_to_the_customer(desk: Desk) -> None:
    conversation_id = await desk.open()
    await desk.assign(conversation_id, desk.ana)
    async with desk.database.transaction() as session:
        note = desk.answers(conversation_id, f"They have sent us this: {PHRASE}", desk.ana, kind="note")
        await operations.post(session, desk.ana, conversation_id, note)
    shown = await entries(desk, conversation_id)
    assert re.search(r"\[⛔ recovery_phrase·\d+\]$", shown[-2].b)
    assert not any(word in shown[-2].b for word in WORDS)
    assert shown[-1].ev is not None
    assert shown[-1].ev["where"] == "note"
    assert presenting.for_customer(shown[-1]) is None


async def test_without_its_key_a_piece_shows_nothing(desk: Desk) -> None:
    """A backup that was restored elsewhere."""
    conversation_id = await desk.open()
    await desk.says(conversation_id, THREE[0])
    for name in held(desk):
        desk.keys.destroy(name)
    assert (await entries(desk, conversation_id))[-1].b == "[⛔ recovery_phrase]"
    await put_off(desk, fragments.RELEASE)
    await run_due(desk)
    assert (await entries(desk, conversation_id))[-1].b == "[⛔ recovery_phrase]"


async def test_the_key_of_a_transaction_that_failed_is_swept(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    conversation_id = await desk.open()
    with pytest.raises(psycopg.Error):
        async with desk.database.transaction() as session:
            viewer = desk.viewer(conversation_id)
            await operations.post(session, viewer, conversation_id, desk.asks(conversation_id, THREE[0]))
            raise psycopg.OperationalError("the server is gone")
    orphan = held(desk)
    await desk.says(conversation_id, THREE[0])
    monkeypatch.setattr(fragments, "ORPHAN_SECONDS", -60.0)
    await fragments.purge(desk.database)
    assert len(orphan) == 1
    assert held(desk) & orphan == set()
    assert len(held(desk)) == 1


def test_a_destroyed_key_is_overwritten_before_it_is_removed(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = KeyFolder(tmp_path_factory.mktemp("keys"))
    name = UUID(int=7)
    key = folder.make(name)
    path = folder.root / name.hex[-2:] / name.hex
    assert path.read_bytes() == key == folder.get(name)
    assert path.stat().st_mode & 0o777 == 0o600
    with path.open("rb") as still_open:
        folder.destroy(name)
        assert still_open.read() != key
    assert not path.exists()
    assert folder.get(name) is None
    folder.destroy(name)


HEX = "4f3edf983ac636a65a842ce7c78d9aa706d3b113bce9c46f30d7d21715b23b1d"
ADDRESS = "0x90F8bf6A479f320ead074411a4B0e7944Ea8c9C1"


async def test_what_may_be_a_key_is_hidden_and_shown_on_request(desk: Desk) -> None:
    conversation_id = await desk.open()
    await desk.assign(conversation_id, desk.ana)
    seq = await desk.says(conversation_id, HEX)
    shown = (await entries(desk, conversation_id))[-1]
    assert (shown.seq, shown.seal, shown.red[0].certainty) == (seq, "ambiguous", "ambiguous")
    assert HEX not in shown.b
    assert HEX not in await stored(desk)
    async with desk.database.transaction() as session:
        assert await fragments.shown(session, desk.ana, conversation_id, seq, purpose="is it a hash?") == HEX
        found = (await session.scalars(select(Exposure))).one()
    assert found.certainty == "ambiguous"
    async with desk.database.transaction() as session:
        entry = (await session.scalars(select(AuditEntry).where(AuditEntry.action.contains("ambiguous")))).one()
    assert (entry.actor_id, entry.purpose, entry.detail) == (desk.ana.id, "is it a hash?", {"seq": seq})

    # A day after the conversation is resolved nobody can see it any more.
    async with desk.database.transaction() as session:
        await fragments.on_resolved(session, ConversationResolved(conversation_id, desk.ana.id, 1))
        due = await session.get_one(Due, (fragments.FORGET, conversation_id))
        assert timedelta(hours=23) < due.at - now() <= timedelta(hours=24)
        await fragments.on_opened(session, ConversationOpened(conversation_id, desk.queue.id, 2, emergency=False))
        assert await session.get(Due, (fragments.FORGET, conversation_id), populate_existing=True) is None
        await fragments.on_resolved(session, ConversationResolved(conversation_id, desk.ana.id, 2))
    await put_off(desk, fragments.FORGET)
    await run_due(desk)
    assert held(desk) == set()
    assert (await entries(desk, conversation_id))[-1].seal is None
    async with desk.database.transaction() as session:
        with pytest.raises(NothingSealed):
            await fragments.shown(session, desk.ana, conversation_id, seq, purpose="once more")


async def test_the_key_of_an_address_that_the_case_knows_is_surely_one(desk: Desk) -> None:
    conversation_id = await desk.open()
    async with desk.database.transaction() as session:
        index = customers.value_index("wallet", ADDRESS)
        session.add(ContactPoint(customer_id=desk.customer.id, kind="wallet", value=ADDRESS, value_index=index))
    await desk.says(conversation_id, f"{KEY}\n\nand\n\n{HEX}")
    *_, said, told = await entries(desk, conversation_id)
    assert (said.b, said.seal) == ("[⛔ private_key]\n\nand\n\n[⛔ private_key]", None)
    assert [one.certainty for one in said.red] == ["certain", "certain"]
    assert told.ev is not None
    assert told.ev["type"] == "redacted"
    assert held(desk) == set()
