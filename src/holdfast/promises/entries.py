"""Which entries of a timeline are events of the promise model: pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from holdfast.promises.model import Event, What
from holdfast.promises.policies import Case

USUAL_PRIORITY, EMERGENCY_PRIORITY = 1, 3
TECHNICAL = "technical"


@dataclass(frozen=True, slots=True)
class Entry:
    """``asks``: a public answer with a question in it. ``line`` is that of a system entry, or of a public one that was
    written to many at once (``told`` is update or solved)."""

    seq: int
    kind: str
    author: str
    at: datetime
    asks: bool
    line: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Names:
    """The lines of a timeline name queues and topics as people do: their keys by name, the queues whose skill is
    technical, and the two queues of the conversation's inbox."""

    queues: Mapping[str, str]
    topics: Mapping[str, str]
    technical: frozenset[str]
    first_queue: str
    emergency_queue: str


def opening(entries: Sequence[Entry], case: Case, names: Names, *, emergency: bool) -> Case:
    """The case as it was opened, by what was read of it first and by the case as it is now."""
    types = {_type(entry) for entry in entries}
    if "opened" not in types:
        return case
    if emergency and "emergency" not in types:
        return replace(case, queue=names.emergency_queue, priority=EMERGENCY_PRIORITY)
    # A topic may be chosen with the opening, and has no line then.
    topic = None if "topic" in types else case.topic
    return replace(case, queue=names.first_queue, priority=USUAL_PRIORITY, topic=topic)


def events(entries: Sequence[Entry], case: Case, names: Names, *, emergency: bool) -> Iterator[tuple[Event, Case]]:
    """Events in order, each with the case as it is then. ``emergency``: the conversation is one; one that was opened as
    such has no line that says so."""
    raised = any(_type(entry) == "emergency" for entry in entries)
    for entry in entries:
        what, case = _read(entry, case, names)
        if what is None:
            continue
        yield Event(entry.at, entry.seq, what), case
        if what is What.OPENED and emergency and not raised:
            yield Event(entry.at, entry.seq, What.EMERGENCY), case


def _type(entry: Entry) -> str | None:
    return str(entry.line.get("type")) if entry.kind == "system" and entry.line else None


# What changes nothing of the case, by the type of its line.
_PLAIN: Mapping[str | None, What] = {
    "opened": What.OPENED,
    "assigned": What.ASSIGNED,
    "resolved": What.RESOLVED,
    "reopened": What.REOPENED,
    # On the phone an answer is a voice.
    "call_answered": What.ANSWER,
}

# Handed over as a technical case, and the case was opened again.
_CASES = frozenset({"handed_over", "case_reopened"})


def _read(entry: Entry, case: Case, names: Names) -> tuple[What | None, Case]:
    return (_said(entry), case) if entry.kind == "public" else _changed(_type(entry), entry.line or {}, case, names)


def _said(entry: Entry) -> What | None:
    """An automatic acknowledgement has another author: it is no event. What goes to many answers nobody's question."""
    if entry.line and "told" in entry.line:
        return What.TOLD if entry.line["told"] == "solved" else What.UPDATED
    if entry.author == "customer":
        return What.CUSTOMER
    if entry.author == "agent":
        return What.QUESTION if entry.asks else What.ANSWER
    return None


def _changed(kind: str | None, line: Mapping[str, Any], case: Case, names: Names) -> tuple[What | None, Case]:
    what, after = _PLAIN.get(kind), case
    if kind in _CASES:
        what, after = What.CASE, replace(case, handed_over=True)
    elif kind == "emergency":
        what, after = What.EMERGENCY, replace(case, queue=names.emergency_queue, priority=EMERGENCY_PRIORITY)
    elif kind == "priority":
        what, after = What.RECLASSIFIED, replace(case, priority=line["priority"])
    elif kind == "topic":
        what, after = What.RECLASSIFIED, replace(case, topic=names.topics.get(line["topic"], case.topic))
    elif kind == "transferred":
        queue = names.queues.get(line["queue"], case.queue)
        technical = queue in names.technical
        what = What.HANDOVER if technical else What.TRANSFERRED
        after = replace(case, queue=queue, handed_over=case.handed_over or technical)
    return what, after
