"""Compare the journal with the database and with what both sides were shown. Every difference is a violation."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from tests.support.client_memory import Shown, View
from tests.support.journal import Journal

# System lines that customers are shown (docs/protocol.md).
CUSTOMER_EVENTS = frozenset(
    {"opened", "assigned", "resolved", "reopened", "redacted", "language", "emergency", "rated"}
)


@dataclass(frozen=True, slots=True)
class Stored:
    """A row of the database; ``key`` is the client's own, None for what no chat client sent."""

    seq: int
    kind: str
    author: str
    key: str | None
    body: str
    event: str | None


@dataclass(slots=True)
class Sent:
    """What the journal knows of one message."""

    who: str
    conversation: str
    body: str
    kind: str
    acknowledged: set[int]
    refused: str | None = None


def stored_rows(
    rows: Iterable[tuple[UUID, int, str, str, str, str | None, bytes | None, str | None]],
) -> dict[str, list[Stored]]:
    """By conversation, from QUERY's rows."""
    found: dict[str, list[Stored]] = defaultdict(list)
    for conversation, seq, kind, author, body, source, source_id, event in rows:
        key = str(UUID(bytes=bytes(source_id)[16:])) if source == "chat" and source_id else None
        found[str(conversation)].append(Stored(seq, kind, author, key, body, event))
    return found


QUERY = """
SELECT conversation_id, seq, kind, author, body, source, source_id, event ->> 'type'
FROM message ORDER BY conversation_id, seq
"""


def read_journal(journal: Journal) -> dict[str, Sent]:
    """By message key, in the order of first sending."""
    sent: dict[str, Sent] = {}
    for line in journal.lines():
        if line.act == "sent":
            sent.setdefault(line.key, Sent(line.who, line.conversation, line.body or "", line.kind or "public", set()))
        elif line.act == "acked" and line.seq is not None:
            sent[line.key].acknowledged.add(line.seq)
        elif line.act == "refused":
            sent[line.key].refused = line.body
    return sent


def violations(
    journal: Journal,
    stored: Mapping[str, list[Stored]],
    customers: Mapping[str, View],
    agents: Mapping[str, list[View]],
) -> list[str]:
    """Everything that is not as promised; ``customers`` and ``agents`` are the views by conversation (of an agent who
    lost the conversation the view may end early; one of them must be whole)."""
    sent = read_journal(journal)
    found = [*_acknowledged(sent, stored), *_in_order(sent, stored)]
    for conversation, rows in stored.items():
        if [r.seq for r in rows] != list(range(1, len(rows) + 1)):
            found.append(f"{conversation}: the sequence has a hole or a double: {[r.seq for r in rows]}")
        for row in rows:
            if row.key is not None and row.key not in sent:
                found.append(f"{conversation}/{row.seq}: nobody sent {row.key}")
    for conversation, view in customers.items():
        found += _customer_view(conversation, view, stored[conversation])
    for conversation, views in agents.items():
        found += _agent_views(conversation, views, stored[conversation])
    return found


def _acknowledged(sent: Mapping[str, Sent], stored: Mapping[str, list[Stored]]) -> Iterable[str]:
    """Every acknowledged message once, as sent, where the acknowledgement said; none left without an answer."""
    places: dict[str, list[tuple[str, Stored]]] = defaultdict(list)
    for conversation, rows in stored.items():
        for row in rows:
            if row.key is not None:
                places[row.key].append((conversation, row))
    for key, message in sent.items():
        name = f"{message.who} {message.conversation}/{key}"
        there = places.get(key, [])
        if message.refused:
            yield f"{name}: refused: {message.refused}"
        elif not message.acknowledged:
            yield f"{name}: never acknowledged"
        elif len(message.acknowledged) > 1:
            yield f"{name}: acknowledged as {sorted(message.acknowledged)}"
        if len(there) > 1:
            yield f"{name}: stored {len(there)} times"
        for conversation, row in there:
            if conversation != message.conversation or row.body != message.body or row.kind != message.kind:
                yield f"{name}: stored as something else: {row}"
            if message.acknowledged and row.seq not in message.acknowledged:
                yield f"{name}: acknowledged as {sorted(message.acknowledged)}, stored as {row.seq}"
        if message.acknowledged and not there:
            yield f"{name}: acknowledged and lost"


def _in_order(sent: Mapping[str, Sent], stored: Mapping[str, list[Stored]]) -> Iterable[str]:
    """A sender's messages stand in the order in which they were first sent."""
    wanted: dict[tuple[str, str], list[str]] = defaultdict(list)
    for key, message in sent.items():
        wanted[message.conversation, message.who].append(key)
    for (conversation, who), keys in wanted.items():
        own = set(keys)
        there = [row.key for row in stored.get(conversation, []) if row.key in own]
        kept = set(there)
        if there != [key for key in keys if key in kept]:
            yield f"{conversation}: the messages of {who} are out of order"


def _shown(row: Stored) -> Shown:
    return Shown(row.seq, row.kind, row.author, row.key, row.body, row.event if row.kind == "system" else None)


def _customer_view(conversation: str, view: View, rows: list[Stored]) -> Iterable[str]:
    yield from (f"{conversation}: customer: {fault}" for fault in view.faults)
    wanted = [_shown(r) for r in rows if r.kind == "public" or (r.kind == "system" and r.event in CUSTOMER_EVENTS)]
    yield from _difference(f"{conversation}: the customer", wanted, view.entries)


def _agent_views(conversation: str, views: list[View], rows: list[Stored]) -> Iterable[str]:
    wanted = [_shown(r) for r in rows]
    for view in views:
        yield from (f"{conversation}: agent: {fault}" for fault in view.faults)
        yield from _difference(f"{conversation}: an agent", wanted[: len(view.entries)], view.entries)
    if max((len(view.entries) for view in views), default=0) != len(rows):
        yield f"{conversation}: no agent was shown all {len(rows)} entries"


def _difference(who: str, wanted: list[Shown], got: list[Shown]) -> Iterable[str]:
    if wanted == got:
        return
    missing = [w for w in wanted if w not in got]
    extra = [g for g in got if g not in wanted]
    yield f"{who} was shown something else: missing {missing[:3]}, besides {extra[:3]}, or another order"
