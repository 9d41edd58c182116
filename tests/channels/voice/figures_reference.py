"""The figures once more, call by call, to be compared."""

from collections import Counter, defaultdict
from datetime import datetime
from typing import Any
from uuid import UUID

from holdfast.channels.voice.models import Call


def reference(calls: list[Call], within: dict[UUID | None, int]) -> dict[str, Any]:
    """Of calls that were asked for, as the glossary says it: one after the other."""
    found: Counter[str] = Counter()
    waits: list[float] = []
    for call in calls:
        if call.direction != "in" or call.queued_at is None or not (call.answered_at or call.ended_at):
            continue
        found["offered"] += 1
        if call.answered_at:
            waited = (call.answered_at - call.queued_at).total_seconds()
            waits.append(waited)
            found["answered"] += 1
            found["in_time"] += waited <= within[call.line_id]
        else:
            name = {"abandoned": "abandoned", "callback": "call_backs", "lost": "lost"}.get(
                str(call.outcome), "messages"
            )
            found[name] += 1
            assert call.ended_at
            found["abandoned_short"] += name == "abandoned" and (call.ended_at - call.queued_at).total_seconds() < 5
    base = found["offered"] - found["abandoned_short"]
    return {
        **{name: found[name] for name in ("offered", "answered", "in_time", "abandoned", "abandoned_short")},
        **{name: found[name] for name in ("call_backs", "messages", "lost")},
        "wait_average": sum(waits) / len(waits) if waits else None,
        "wait_p50": percentile(waits, 0.5),
        "wait_p90": percentile(waits, 0.9),
        "service_level": found["in_time"] / base if base else None,
        "abandonment": (found["abandoned"] - found["abandoned_short"]) / base if base else None,
    }


def percentile(values: list[float], share: float) -> float | None:
    """Between two values in proportion."""
    if not values:
        return None
    place = share * (len(values) - 1)
    low = int(place)
    ordered = [*sorted(values), max(values)]
    return ordered[low] + (place - low) * (ordered[low + 1] - ordered[low])


def handling(calls: list[Call], moment: datetime) -> dict[str, Any]:
    parts: dict[str, list[float]] = defaultdict(list)
    for call in calls:
        if not (call.answered_at and call.talked_until and call.wrap_until and call.ended_at):
            continue
        ready = min(call.wrapped_at or call.wrap_until, call.wrap_until)
        if ready <= moment:
            talk = (call.talked_until - call.answered_at).total_seconds()
            parts["talk"].append(talk - call.held_seconds - call.requeued_seconds)
            parts["hold"].append(call.held_seconds)
            parts["wrap"].append((ready - call.talked_until).total_seconds())
    count = len(parts["talk"])
    means = {name: sum(values) / count if count else None for name, values in parts.items()}
    return {"handled": count, "average": sum(v for v in means.values() if v is not None) if count else None, **means}
