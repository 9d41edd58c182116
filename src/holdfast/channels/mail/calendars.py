"""An invitation (iCalendar, RFC 5545) as lines that a person can read. Pure. Names of properties are the format's."""

import re

_SHOWN = (
    "METHOD", "SUMMARY", "DTSTART", "DTEND", "DURATION", "RRULE", "LOCATION", "ORGANIZER", "ATTENDEE", "STATUS", "URL",
    "DESCRIPTION",
)  # fmt: skip
_LINE = re.compile(r"^([A-Za-z-]{1,40})((?:;[^:\"]*(?:\"[^\"]*\"[^:\"]*)*)?):(.*)$")
_STAMP = re.compile(r"^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?$")
_ESCAPES = {"\\n": "\n", "\\N": "\n", "\\,": ",", "\\;": ";", "\\\\": "\\"}
# Of an invitation to a whole company.
_MOST_LINES = 60


def readable(ics: str) -> str:
    """One line a property of each event, in the order of the file; empty when it holds no event."""
    unfolded = re.sub(r"\r?\n[ \t]", "", ics.replace("\r\n", "\n"))
    lines: list[str] = []
    inside: list[str] = []
    events = 0
    for line in unfolded.split("\n"):
        match = _LINE.match(line.strip())
        if match is None:
            continue
        name, parameters, value = match[1].upper(), match[2], match[3]
        if name == "BEGIN":
            inside.append(value.upper())
            if value.upper() == "VEVENT" and events:
                lines.append("")
            events += value.upper() == "VEVENT"
        elif name == "END":
            inside = inside[:-1]
        elif name in _SHOWN and (inside[-1:] == ["VEVENT"] or name == "METHOD"):
            lines.append(f"{name}: {_value(value, parameters)}")
    return "\n".join(lines[:_MOST_LINES])


def _value(value: str, parameters: str) -> str:
    stamp = _STAMP.match(value)
    if stamp:
        day = f"{stamp[1]}-{stamp[2]}-{stamp[3]}"
        zone = re.search(r";TZID=\"?([^;\":]{1,60})", parameters, re.I)
        where = " UTC" if stamp[7] else f" {zone[1]}" if zone else ""
        return f"{day} {stamp[4]}:{stamp[5]}{where}" if stamp[4] else day
    text = re.sub(r"\\[nN,;\\]", lambda found: _ESCAPES[found[0]], value)
    return re.sub(r"^mailto:", "", text, flags=re.I)
