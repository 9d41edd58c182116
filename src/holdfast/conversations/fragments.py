"""What is sealed of messages: pieces of a phrase until it is known whether they are one, and what may be a secret.

The text is encrypted under a key of its own that never enters the database. When a phrase completes, its rows go and
its keys are destroyed, so that nothing readable is left in data files, write-ahead log and backups. Everything here
runs under the lock of the conversation's row, so that all processes see the pieces in one order.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access import disposable_keys
from holdfast.access.audit import record
from holdfast.access.viewer import StaffViewer, SystemViewer
from holdfast.conversations import queries, timeline
from holdfast.conversations.errors import NothingSealed
from holdfast.conversations.facts import ConversationOpened, ConversationResolved, SecretFound
from holdfast.conversations.intake import PREVIEW, IncomingMessage, hide
from holdfast.conversations.models import Conversation, Fragment, Message
from holdfast.conversations.ports import keys
from holdfast.core.clock import now
from holdfast.core.database import Database, happened, tell
from holdfast.core.due import clear_due, set_due
from holdfast.core.ids import new_id
from holdfast.core.notify import LIVE
from holdfast.people import queries as people
from holdfast.redaction import Joined, is_left_over, join, looks_back

# Pieces without a whole for so long are ordinary words.
HELD = timedelta(minutes=30)
# What may be a secret can be looked at until so long after the conversation was resolved.
KEPT_AFTER = timedelta(hours=24)
# Pieces of one author that are looked at together: twice the words of the longest phrase, one in each message.
MOST = 48
# Messages before the first piece that are looked at again, once the pieces weigh enough.
BEFORE = 8
# Kinds of deadlines (core/due.py): by conversation, by conversation, by key.
RELEASE, FORGET, SHRED = "fragments", "ambiguous", "shred"
# A younger key without a row may belong to a transaction that is still on its way.
ORPHAN_SECONDS = 3600.0
# Stands for words whose key is gone.
GONE = "[⛔ recovery_phrase]"
# What is said of such words: a phrase goes on.
_MORE = {"kind": "recovery_phrase", "count": 0, "certainty": "high"}
# Where something was found; else it is a message, or several (messages).
_PLACES = {"note": "note", "spoken": "speech"}
# Stands in lists for words that are sealed.
SEALED_PREVIEW = "…"


class Piece(NamedTuple):
    """``row`` is None of a message that was stored as it is. ``text`` is None when the key is gone."""

    seq: int
    row: Fragment | None
    text: str | None


async def decided(session: AsyncSession, conversation: Conversation, message: IncomingMessage) -> IncomingMessage:
    """64 hex digits are surely a key if they are the key of an address that the customer's case knows."""
    if message.seal is None or message.seal.why != "ambiguous":
        return message
    points = await people.contact_points(session, conversation.customer_id)
    taken = hide(message.seal.text, {point.value for point in points if point.kind == "wallet"})
    sure = [one for one in _red(message.event) if one["certainty"] != "ambiguous"]
    return replace(message, body=taken.body, event={"red": sure + _red(taken.event)}, seal=taken.seal)


async def keep(session: AsyncSession, conversation: Conversation, message: IncomingMessage, stored: Message) -> None:
    """Look at a stored message together with what came before: state what was found, hide what is a secret now, seal
    what is not decided yet."""
    hidden: list[int] = []
    red = _red(message.event)
    where = _PLACES.get(message.kind, "message")
    if message.seal is not None and message.seal.why == "fragment":
        phrase = await _phrase(session, stored, message.seal.text)
        # What is found is noted with the time at which it is found, also in a letter that came long before.
        if phrase is None and await _belongs(session, conversation.id, message.author, message.seal.text, now()):
            # The words that follow a phrase that was known by its first eight, which is stated already.
            stored.body, stored.event = GONE, {"red": [*red, _MORE]}
            if message.kind == "public":
                conversation.preview = GONE
        elif phrase is None:
            await _seal(session, conversation, message, stored)
        else:
            joined, before = phrase
            where = "messages" if where == "message" else where
            red = [{"kind": joined.kind, "count": joined.words, "certainty": joined.certainty}]
            stored.body = f"[⛔ {joined.kind}·{joined.words}]"
            stored.event = {"red": red}
            if message.kind == "public":
                conversation.preview = stored.body
            hidden = await _hide(session, before, stored)
    else:
        if any(one["kind"] == "recovery_phrase" for one in red):
            # Pieces before a whole phrase are its beginning, or the same once more.
            pieces = await _pieces(session, conversation.id, message.author)
            before = [p for p in await _said_before(session, stored, pieces) if is_left_over(p.text or "")]
            hidden = await _hide(session, [*before, *pieces], stored)
        if message.seal is not None:
            await _seal(session, conversation, message, stored)
    for one in {r["kind"]: r for r in red}.values():
        fact = SecretFound(
            conversation_id=conversation.id,
            seq=stored.seq,
            kind=one["kind"],
            words=one["count"],
            where=where,
            certainty=one["certainty"],
            author=message.author,
            seqs=(*hidden, stored.seq),
        )
        happened(session, fact)


async def _belongs(session: AsyncSession, conversation_id: UUID, author: str, text: str, at: datetime) -> bool:
    """Whether words are those before or behind a phrase of this author that was found within half an hour of them."""
    if not is_left_over(text):
        return False
    found = await timeline.phrases_found(session, conversation_id, author)
    return any(abs(at - each) < HELD for each in found)


async def _phrase(session: AsyncSession, stored: Message, text: str) -> tuple[Joined, list[Piece]] | None:
    """The phrase that a piece completes, and what of it came before."""

    def joined_with(pieces: Sequence[Piece]) -> Joined | None:
        return join([*(piece.text or "" for piece in pieces), text])

    pieces = await _pieces(session, stored.conversation_id, stored.author)
    joined = joined_with(pieces)
    if joined is None and not looks_back([*(piece.text or "" for piece in pieces), text]):
        return None
    earlier = await _said_before(session, stored, pieces)
    if joined is None:
        pieces = [*earlier, *pieces]
        joined = joined_with(pieces)
    if joined is None:
        return None
    parts = [pieces[place] for place in joined.pieces if place < len(pieces)]
    return joined, [*parts, *(each for each in earlier if each not in parts and is_left_over(each.text or ""))]


async def _said_before(session: AsyncSession, stored: Message, pieces: Sequence[Piece]) -> list[Piece]:
    """What the author said just before the first piece and nobody took for one: the first words of a phrase may be
    everyday ones."""
    before = min((piece.seq for piece in pieces), default=stored.seq)
    found = await timeline.said_before(
        session, stored.conversation_id, stored.author, stored.kind, before, stored.created_at - HELD, BEFORE
    )
    return [Piece(message.seq, None, message.body) for message in found]


async def _pieces(session: AsyncSession, conversation_id: UUID, author: str) -> list[Piece]:
    """The latest undecided pieces of an author, in order."""
    return await _opened(await timeline.pieces(session, conversation_id, author, MOST))


async def _opened(rows: Sequence[Fragment]) -> list[Piece]:
    store = keys()

    def open_all() -> list[Piece]:
        return [Piece(row.seq, row, disposable_keys.unseal(store.get(row.id), row.sealed, row.id)) for row in rows]

    return await asyncio.to_thread(open_all) if rows else []


def _red(event: dict[str, Any] | None) -> list[dict[str, Any]]:
    return list((event or {}).get("red", ()))


async def _seal(session: AsyncSession, conversation: Conversation, message: IncomingMessage, stored: Message) -> None:
    if message.seal is None:
        return
    name = new_id()
    # The key is on the disk before the row is, and long before the sender is answered.
    key = await asyncio.to_thread(keys().make, name)
    session.add(
        Fragment(
            id=name,
            conversation_id=stored.conversation_id,
            seq=stored.seq,
            why=message.seal.why,
            author=message.author,
            sealed=disposable_keys.seal(key, message.seal.text, name),
        )
    )
    stored.event = {**(stored.event or {}), "seal": message.seal.why}
    if message.seal.why == "fragment":
        await set_due(session, RELEASE, conversation.id, now() + HELD)
    elif conversation.category == "resolved":
        await set_due(session, FORGET, conversation.id, now() + KEPT_AFTER)


async def _hide(session: AsyncSession, pieces: Sequence[Piece], like: Message) -> list[int]:
    """Put the marker of the message that completed them in the pieces' place, and destroy their keys; their seqs."""
    for piece in pieces:
        if piece.row is not None:
            await _forget(session, piece.row)
        message = await session.get(Message, (like.conversation_id, piece.seq))
        if message is not None:
            message.body = GONE
            message.event = {"red": _red(like.event)}
    return [piece.seq for piece in pieces]


async def _forget(session: AsyncSession, row: Fragment) -> None:
    """The row goes with this transaction, and the key follows at once: a deadline outlives this process."""
    await session.delete(row)
    await set_due(session, SHRED, row.id, now())


async def discard(session: AsyncSession, which: ColumnElement[bool], limit: int | None = None) -> int:
    """Forget up to ``limit`` rows (null: all) with their keys, and leave their messages as they are; how many."""
    rows = await timeline.sealed_where(session, which, limit)
    for row in rows:
        await _forget(session, row)
    await session.flush()
    return len(rows)


async def texts(session: AsyncSession, messages: Sequence[Message]) -> dict[int, str]:
    """What is shown of those entries that are sealed whole, by sequence. Who may see them is the caller's to have
    checked."""
    sealed = [m for m in messages if m.event and m.event.get("seal") == "fragment"]
    if not sealed:
        return {}
    seqs = [message.seq for message in sealed]
    rows = await timeline.sealed(session, sealed[0].conversation_id, "fragment", seqs)
    shown = {piece.seq: piece.text or GONE for piece in await _opened(rows)}
    for message in sealed:
        if message.seq not in shown:
            # Decided between the two looks: what it is now stands in its row.
            await session.refresh(message)
            shown[message.seq] = message.body
    return shown


async def shown(session: AsyncSession, viewer: StaffViewer, conversation_id: UUID, seq: int, *, purpose: str) -> str:
    """A message with what may be a secret in it, once, for a purpose that is written down. The caller has checked that
    the viewer has the conversation. Raises NothingSealed also when its time is over."""
    opened = await _opened(await timeline.sealed(session, conversation_id, "ambiguous", [seq]))
    if not opened or opened[0].text is None:
        raise NothingSealed
    record(session, viewer, "conversation.ambiguous_shown", ("conversation", conversation_id), purpose=purpose, seq=seq)
    return opened[0].text


# Deadlines and reactions --------------------------------------------------------------------------------------------


async def release(session: AsyncSession, conversation_id: UUID) -> None:
    """Half an hour passed and no phrase came of the pieces: they are stored as any message. Unless they are words
    before a phrase that was found. (deadline)"""
    conversation = await queries.locked(session, SystemViewer("fragments"), conversation_id)
    for _, row, text in await _opened(await timeline.sealed(session, conversation_id, "fragment")):
        if row is None:
            continue
        await _forget(session, row)
        message = await session.get(Message, (conversation_id, row.seq))
        if message is None:
            # Erased meanwhile.
            continue
        left_over = text is not None and await _belongs(session, conversation_id, row.author, text, row.created_at)
        message.body = GONE if text is None or left_over else text
        message.event = _unsealed(message)
        if conversation.preview == SEALED_PREVIEW and await timeline.last_public(session, conversation_id) == row.seq:
            conversation.preview = message.body[:PREVIEW]
            conversation.version += 1
            tell(session, LIVE, f"c:{conversation.id.hex}:{conversation.seq}")


async def forget(session: AsyncSession, conversation_id: UUID) -> None:
    """The conversation is over: what may have been a secret in it can be shown no longer. (deadline)"""
    await queries.locked(session, SystemViewer("ambiguous"), conversation_id)
    for row in await timeline.sealed(session, conversation_id, "ambiguous"):
        await _forget(session, row)
        message = await session.get(Message, (conversation_id, row.seq))
        if message is not None:
            message.event = _unsealed(message)


async def shred(_session: AsyncSession, name: UUID) -> None:
    """Destroy a key whose row is gone. (deadline)"""
    await asyncio.to_thread(keys().destroy, name)


def _unsealed(message: Message) -> dict[str, object] | None:
    return {name: value for name, value in (message.event or {}).items() if name != "seal"} or None


async def on_resolved(session: AsyncSession, fact: ConversationResolved) -> None:
    await set_due(session, FORGET, fact.conversation_id, now() + KEPT_AFTER)


async def on_opened(session: AsyncSession, fact: ConversationOpened) -> None:
    if fact.episode > 1:
        await clear_due(session, FORGET, fact.conversation_id)


async def purge(database: Database) -> None:
    """Destroy keys that no row names: their transaction was rolled back."""
    old = await asyncio.to_thread(lambda: list(keys().older_than(ORPHAN_SECONDS)))
    for start in range(0, len(old), 1000):
        names = old[start : start + 1000]
        async with database.transaction() as session:
            alive = await timeline.key_names(session, names)
        for name in set(names) - alive:
            await asyncio.to_thread(keys().destroy, name)
