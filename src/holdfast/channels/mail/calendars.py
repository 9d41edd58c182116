"""An invitation (iCalendar, RFC 5545) as lines that a person can read, whatever their language. Pure.

Nobody knows yet who will read it when a letter is taken apart, so signs stand for the format's English names: its words
are the sender's own, and the times.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

TYPES = frozenset({"text/calendar", "text/x-vcalendar", "application/ics", "application/x-ics", "application/calendar"})
_LINE = re.compile(r"^([A-Za-z-]{1,40})((?:;[^:\"]*(?:\"[^\"]*\"[^:\"]*)*)?):(.*)$")
_STAMP = re.compile(r"^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?$")
_ESCAPES = {"\\n": "\n", "\\N": "\n", "\\,": ",", "\\;": ";", "\\\\": "\\"}
# Of an invitation to a whole company.
_MOST_LINES = 60
# What stands for a name; a title and a description need none.
_SIGNS = {
    "SUMMARY": "",
    "LOCATION": "📍 ",
    "ORGANIZER": "👤 ",
    "ATTENDEE": "→ ",
    "URL": "🔗 ",
    "DESCRIPTION": "",
}
_ANSWERS = {"ACCEPTED": "✓ ", "DECLINED": "✗ ", "TENTATIVE": "? "}
_OFF = ("CANCEL", "CANCELLED")
# How often: day, month, year as the SI and ISO 80000 write them.
_STEPS = {"HOURLY": (1, "h"), "DAILY": (1, "d"), "WEEKLY": (7, "d"), "MONTHLY": (1, "mo"), "YEARLY": (1, "a")}


@dataclass(frozen=True, slots=True)
class _Property:
    name: str
    parameters: str
    value: str


def is_calendar(kind: str, name: str, data: bytes) -> bool:
    """By its type, or by its name and its beginning: many programmes send it as a file of no type."""
    if kind in TYPES:
        return True
    begins = data[:200].removeprefix(b"\xef\xbb\xbf").lstrip().upper().startswith(b"BEGIN:VCALENDAR")
    return begins and name.lower().endswith((".ics", ".ical", ".icalendar", ".vcs"))


def readable(ics: str) -> str:
    """A line for the title of each event, when it is, and what else is said of it; empty when it holds no event."""
    off, events = _taken_apart(ics)
    lines = [line for event in events for line in ("", *_lines(event, off=off))]
    return "\n".join(lines[1 : _MOST_LINES + 1])


def _taken_apart(ics: str) -> tuple[bool, list[list[_Property]]]:
    """Whether the whole is a cancellation, and the properties of its events."""
    unfolded = re.sub(r"\r?\n[ \t]", "", ics.replace("\r\n", "\n"))
    inside: list[str] = []
    events: list[list[_Property]] = []
    off = False
    for line in unfolded.split("\n"):
        match = _LINE.match(line.strip())
        if match is None:
            continue
        name, value = match[1].upper(), match[3]
        if name == "BEGIN":
            inside.append(value.upper())
            if value.upper() == "VEVENT":
                events.append([])
        elif name == "END":
            inside = inside[:-1]
        elif name == "METHOD":
            off = off or value.strip().upper() in _OFF
        elif inside[-1:] == ["VEVENT"]:
            events[-1].append(_Property(name, match[2], value))
    return off, events


def _lines(event: list[_Property], *, off: bool) -> Iterator[str]:
    first = {one.name: one for one in reversed(event)}
    off = off or ("STATUS" in first and first["STATUS"].value.strip().upper() in _OFF)
    when = _when(first)
    for one in event:
        if one.name == "SUMMARY":
            yield f"{'✗ ' if off else ''}{_value(one)}"
            off = False
    if off:
        yield "✗"
    if when:
        yield when
    if "RRULE" in first:
        yield _again(first["RRULE"].value)
    for one in event:
        if one.name in _SIGNS and one.name != "SUMMARY":
            answer = re.search(r";PARTSTAT=([A-Za-z-]+)", one.parameters, re.I) if one.name == "ATTENDEE" else None
            yield (_ANSWERS.get(answer[1].upper(), "") if answer else "") + _SIGNS[one.name] + _value(one)


def _when(first: dict[str, _Property]) -> str:
    """``2026-03-03 09:00 Asia/Shanghai – 10:00``: the day and the zone once."""
    begin = _value(first["DTSTART"]) if "DTSTART" in first else ""
    end = _value(first["DTEND"]) if "DTEND" in first else ""
    if not end and "DURATION" in first:
        end = " ".join(
            f"{number} {unit.lower() if unit != 'M' else 'min'}"
            for number, unit in re.findall(r"(\d{1,6})([WDHMS])", first["DURATION"].value.upper())
        )
    day, _, rest = end.partition(" ")
    clock, _, zone = rest.partition(" ")
    same = begin.partition(" ")[0] == day and clock and begin.endswith(zone)
    return " – ".join(part for part in (begin, clock if same else end) if part)


def _again(rule: str) -> str:
    """``↻ 14 d × 10 (MO, WE) → 2026-12-31``."""
    parts = dict(part.split("=", 1) for part in rule.strip().upper().split(";") if "=" in part)
    number, unit = _STEPS.get(parts.pop("FREQ", ""), (0, ""))
    every = parts.pop("INTERVAL", "1")
    step = f" {number * int(every)} {unit}" if number and every.isascii() and every.isdigit() and len(every) < 5 else ""
    count, until = parts.pop("COUNT", ""), _stamp(parts.pop("UNTIL", ""), "")
    parts.pop("WKST", None)
    rest = ", ".join(value.replace(",", ", ") for value in parts.values())
    shown = (step, f" × {count}" if count else "", f" ({rest})" if rest else "", f" → {until}" if until else "")
    return f"↻{''.join(shown)}"[:200]


def _value(one: _Property) -> str:
    stamp = _stamp(one.value, one.parameters)
    if stamp:
        return stamp
    text = re.sub(r"\\[nN,;\\]", lambda found: _ESCAPES[found[0]], one.value)
    return re.sub(r"^mailto:", "", text, flags=re.I)


def _stamp(value: str, parameters: str) -> str:
    """A day, with its time and zone if it has them; empty if it is none."""
    stamp = _STAMP.match(value.strip())
    if stamp is None:
        return ""
    day = f"{stamp[1]}-{stamp[2]}-{stamp[3]}"
    zone = re.search(r";TZID=\"?([^;\":]{1,60})", parameters, re.I)
    where = " UTC" if stamp[7] else f" {zone[1]}" if zone else ""
    return f"{day} {stamp[4]}:{stamp[5]}{where}" if stamp[4] else day
