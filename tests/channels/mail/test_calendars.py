"""Invitations, under whatever type they come, are read by people of every language."""

from email.message import EmailMessage

import pytest

from holdfast.channels.mail import calendars
from holdfast.channels.mail.letters import parse

INVITATION = """BEGIN:VCALENDAR
VERSION:2.0
METHOD:REQUEST
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:STANDARD
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:1@example.net
ORGANIZER;CN="Li: Wei":mailto:li@example.net
ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:support@wallet.example
ATTENDEE;PARTSTAT=ACCEPTED;ROLE=REQ-PARTICIPANT:MAILTO:wei@example.net
ATTENDEE;PARTSTAT=DECLINED:mailto:eve@example.net
DTSTART;TZID=Europe/Berlin:20260303T090000
DTEND;TZID=Europe/Berlin:20260303T093000
RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;COUNT=10;WKST=MO
SUMMARY:Appel avec le support
LOCATION:Raum 5\\, 上海
DESCRIPTION:Bitte\\nmitbringen
URL:https://meet.example/1
BEGIN:VALARM
DESCRIPTION:Reminder
END:VALARM
END:VEVENT
END:VCALENDAR
"""
READ = """Appel avec le support
2026-03-03 09:00 Europe/Berlin – 09:30
↻ 14 d × 10 (MO, WE)
👤 li@example.net
→ support@wallet.example
✓ → wei@example.net
✗ → eve@example.net
📍 Raum 5, 上海
Bitte
mitbringen
🔗 https://meet.example/1"""


def _sent(kind: str, name: str, data: bytes) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "li@example.net", "support@wallet.example", "A date"
    message.set_content("See below.\n")
    maintype, _, subtype = kind.partition("/")
    message.add_attachment(data, maintype=maintype, subtype=subtype, filename=name or None)
    return message


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("text/calendar", ""),
        ("text/calendar", "invite.ics"),
        ("application/ics", "invite.ics"),
        ("application/ics", ""),
        ("application/octet-stream", "Invite.ICS"),
        ("application/x-download", "invite.ics"),
    ],
)
@pytest.mark.parametrize("begins", [b"", b"\xef\xbb\xbf", b"\r\n"])
def test_an_invitation_is_read_under_whatever_type_it_comes(kind: str, name: str, begins: bytes) -> None:
    sent = _sent(kind, name, begins + INVITATION.replace("\n", "\r\n").encode())
    if kind == "text/calendar" and begins == b"\r\n":
        sent = _sent(kind, name, INVITATION.encode())
    (file,) = parse(sent.as_bytes()).files
    assert file.media_type == "text/plain"
    assert file.name == ("invitation.txt" if not name else f"{name[:-4]}.txt")
    assert file.data.decode() == READ


def test_an_invitation_that_comes_as_a_part_and_as_a_file_is_one() -> None:
    sent = _sent("text/calendar", "", INVITATION.encode())
    sent.add_attachment(INVITATION.encode(), maintype="application", subtype="ics", filename="invite.ics")
    assert [file.name for file in parse(sent.as_bytes()).files] == ["invitation.txt"]


def test_what_only_bears_the_name_of_one_is_what_it_is() -> None:
    (file,) = parse(_sent("application/octet-stream", "invite.ics", b"MZ\x90 no calendar").as_bytes()).files
    assert (file.name, file.media_type) == ("invite.ics", "application/octet-stream")


@pytest.mark.parametrize(
    ("event", "read"),
    [
        ("METHOD:CANCEL\nBEGIN:VEVENT\nSUMMARY:Call\nDTSTART:20260303\nEND:VEVENT", "✗ Call\n2026-03-03"),
        ("BEGIN:VEVENT\nSTATUS:CANCELLED\nDTSTART:20260303T090000Z\nEND:VEVENT", "✗\n2026-03-03 09:00 UTC"),
        ("BEGIN:VEVENT\nDTSTART:20260303T090000Z\nDURATION:PT1H30M\nEND:VEVENT", "2026-03-03 09:00 UTC – 1 h 30 min"),
        ("BEGIN:VEVENT\nDTSTART:20260303\nDTEND:20260305\nEND:VEVENT", "2026-03-03 – 2026-03-05"),
        (
            "BEGIN:VEVENT\nDTSTART:20260303T230000Z\nDTEND:20260304T010000Z\nEND:VEVENT",
            "2026-03-03 23:00 UTC – 2026-03-04 01:00 UTC",
        ),
        ("BEGIN:VEVENT\nRRULE:FREQ=MONTHLY;UNTIL=20261231T000000Z\nEND:VEVENT", "↻ 1 mo → 2026-12-31 00:00 UTC"),
        ("BEGIN:VEVENT\nRRULE:nonsense\nEND:VEVENT", "↻"),
        ("BEGIN:VEVENT\nSUMMARY:a\nEND:VEVENT\nBEGIN:VEVENT\nSUMMARY:b\nEND:VEVENT", "a\n\nb"),
    ],
)
def test_lines_of_an_event(event: str, read: str) -> None:
    assert calendars.readable(f"BEGIN:VCALENDAR\n{event}\nEND:VCALENDAR") == read


def test_an_invitation_without_an_event_is_left_as_it_is() -> None:
    assert calendars.readable("BEGIN:VCALENDAR\nEND:VCALENDAR") == ""
    assert parse(_sent("text/calendar", "x.ics", b"hello\r\n").as_bytes()).files[0].data == b"hello\r\n"
