"""Which entry of a timeline is which event, and how a conversation stood at each: pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from holdfast.automation.rules import Facts, What

EMERGENCY_PRIORITY = 3


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry; ``said`` are a customer's words as they are stored. ``line`` is that of a system entry."""

    seq: int
    kind: str
    author: str
    at: datetime
    said: str
    line: Mapping[str, Any] | None


_OF_LINE: Mapping[str, What] = {
    "opened": What.OPENED,
    "reopened": What.REOPENED,
    "assigned": What.ASSIGNED,
    "unassigned": What.QUEUED,
    "transferred": What.QUEUED,
    "resolved": What.RESOLVED,
    "emergency": What.EMERGENCY,
    "promise_warned": What.WARNED,
    "promise_broken": What.BROKEN,
}

# Beside the line "transferred" or "emergency" stands another one that says who has it no longer: one event, not two.
_SAID_ALREADY = frozenset({"transferred", "emergency"})


def line_of(entry: Entry) -> str | None:
    return str(entry.line.get("type")) if entry.kind == "system" and entry.line else None


def event_of(entry: Entry) -> What | None:
    """What rules can wait for. Automatic messages are no answer, and notes are nobody's business."""
    if entry.kind == "public":
        return {"customer": What.CUSTOMER, "agent": What.ANSWERED}.get(entry.author)
    if entry.line and entry.line.get("why") in _SAID_ALREADY:
        return None
    return _OF_LINE.get(line_of(entry) or "")


@dataclass(frozen=True, slots=True)
class Names:
    """Lines name queues and topics as people do: their keys by name; and the two queues of the inbox."""

    queues: Mapping[str, str]
    topics: Mapping[str, str]
    first_queue: str
    emergency_queue: str


def opening(entries: list[Entry], present: Facts, names: Names) -> Facts:
    """The conversation as it was opened, rebuilt for a dry run: what no line tells of was never changed."""
    lines = {line_of(entry) for entry in entries}
    began_so = present.emergency and "emergency" not in lines
    return replace(
        present,
        queue=names.emergency_queue if began_so else names.first_queue,
        topic=None if "topic" in lines else present.topic,
        priority=EMERGENCY_PRIORITY if began_so else 1,
        emergency=began_so,
        tags=frozenset() if "tagged" in lines else present.tags,
        waits=True,
        resolved=False,
        messages=0,
        said="",
    )


def after(facts: Facts, entry: Entry, names: Names) -> Facts:
    """The conversation behind an entry."""
    if entry.kind == "public":
        facts = replace(facts, messages=facts.messages + 1)
        if entry.author == "customer":
            return replace(facts, said=entry.said, waits=True)
        # What a rule says is no answer.
        return replace(facts, waits=facts.waits and entry.author != "agent")
    return _behind_line(facts, line_of(entry), entry.line or {}, names)


def _behind_line(facts: Facts, kind: str | None, line: Mapping[str, Any], names: Names) -> Facts:
    changed: dict[str, Any] = {}
    match kind:
        case "resolved":
            changed = {"resolved": True, "waits": False}
        case "reopened":
            changed = {"resolved": False}
        case "emergency":
            changed = {
                "emergency": True, "priority": EMERGENCY_PRIORITY, "queue": names.emergency_queue, "waits": True,
            }  # fmt: skip
        case "priority":
            changed = {"priority": line["priority"]}
        case "topic":
            changed = {"topic": names.topics.get(line["topic"], facts.topic)}
        case "transferred":
            changed = {"queue": names.queues.get(line.get("queue", ""), facts.queue)}
        case "language":
            changed = {"language": line["language"]}
        case "tagged":
            changed = {"tags": frozenset(line["tags"])}
    return replace(facts, **changed)
