"""What comes by other doors than requests: letters, and what the tracker says; and what the tracker gets."""

import asyncio
import smtplib
from email.message import EmailMessage
from typing import Any
from uuid import uuid4

from tests.redaction.staff import SECRETS, Staff
from tests.redaction.traces import traces_in
from tests.redaction.ways import KEY
from tests.support.github import SECRET, TOKEN, GitHub
from tests.support.waiting import eventually, eventually_so

SERVER = "mx.desk.example"


def letters(secret: str, to: str) -> dict[str, bytes]:
    """One for each part that a letter has (``ways.LETTERS``), which holds the secret."""
    glued = secret.replace(" ", "-")
    html = f"<p>Hi</p><div style='display:none'>{secret}</div>"
    report = (
        'Content-Type: multipart/report; report-type=delivery-status; boundary="x"\n\n--x\n\nNot delivered\n--x\n'
        f"Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; {glued}\nAction: failed\n"
        f"Status: 5.1.1 {secret}\n\n--x--\n"
    )
    return {
        "sender": _letter(to, f"Hi {len(secret)}", sender=f"{KEY}@example.org"),
        "sender_name": _letter(to, "Hi", sender=f'"{secret}" <{uuid4().hex}@example.org>'),
        "recipients": _letter(to, "Hi", Cc=f'"{secret}" <{KEY}@example.org>'),
        "subject": _letter(to, "Hi", Subject=f"Help: {secret}"),
        "message_id": _letter(to, "Hi", Message_ID=f"<{glued}@example.org>"),
        "references": _letter(to, "Hi", In_Reply_To=f"<{glued}@example.org>"),
        "nature": _letter(to, "Hi", List_ID=f"<{glued}.example.org>"),
        "bounce": f"From: mailer-daemon@example.org\nTo: {to}\n{report}".encode(),
        "results": _letter(to, "Hi", Authentication_Results=f"{SERVER}; dmarc=pass ({secret}) header.from={glued}"),
        "words": _letter(to, f"My words are {secret}"),
        "signature": _letter(to, f"Hi\n\n-- \n{secret}\n"),
        "quoted": _letter(to, f"Hi\n\nOn 3 Mar 2026, Us <a@b.example> wrote:\n> {secret}\n"),
        "html": f"From: {uuid4().hex}@example.org\nTo: {to}\nContent-Type: text/html\n\n{html}".encode(),
        "files": _with_file(to, secret),
        "searched": _letter(to, "Hi", X_Mailer=secret),
        "skeleton": _letter(to, "Hi", X_Note=secret),
    }


def _message(to: str, sender: str | None = None, **headers: str) -> EmailMessage:
    message = EmailMessage()
    # Somebody else each time: more than thirty of one address in an hour wait.
    message["From"], message["To"] = sender or f"{uuid4().hex}@example.org", to
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    return message


def _letter(to: str, text: str, sender: str | None = None, **headers: str) -> bytes:
    message = _message(to, sender, **headers)
    message.set_content(text)
    return message.as_bytes()


def _with_file(to: str, secret: str) -> bytes:
    message = _message(to)
    message.set_content("See the file")
    message.add_attachment(f"wallet: {secret}", filename=f"{secret}.txt")
    return message.as_bytes()


async def send_letters(staff: Staff, port: int) -> set[str]:
    """As the mail server of the house does; the parts that were sent. Then everything of them is read."""
    to, parts = staff.known["mailbox"], set()

    def hand_over(raw: bytes) -> None:
        with smtplib.LMTP("127.0.0.1", port, timeout=20) as server:
            assert server.sendmail("li@example.org", [to], raw) == {}

    for secret in SECRETS:
        for part, raw in letters(secret, to).items():
            await asyncio.to_thread(hand_over, raw)
            parts.add(part)
    rows = staff.server.query("SELECT id, state, conversation_id, seq FROM letter")
    assert len(rows) == len(SECRETS) * len(parts)
    assert {state for _, state, _, _ in rows} == {"taken", "quarantined"}
    await staff.send("karin", "GET", "/api/mail/quarantine")
    for letter_id, state, conversation_id, seq in rows:
        if state == "quarantined":
            await staff.send("karin", "POST", f"/api/mail/quarantine/{letter_id}/read")
        else:
            await staff.send("karin", "GET", f"/api/conversations/{conversation_id}")
            await staff.send("karin", "GET", f"/api/mail/conversations/{conversation_id}/letters/{seq}")
    return parts


async def send_by_tracker(staff: Staff, hub: GitHub) -> None:
    """A case becomes an issue; whoever may write there closes and opens it with a secret in each of its words, and
    moves it to a repository with one in its name."""
    case = f"/api/technical/cases/{staff.known['technical_case_id']}"
    tracker = {"api": hub.origin, "repository": "acme/wallet", "token": TOKEN, "secret": SECRET}
    assert (await staff.send("lena", "PUT", "/api/technical/tracker", json=tracker)).status_code < 400
    assert (await staff.send("karin", "POST", f"{case}/issue")).status_code < 400
    await eventually(lambda: bool(hub.issues), 20, "the issue is made")
    number = 1

    async def seen(**expected: Any) -> None:
        async def is_so() -> bool:
            issue = (await staff.send("karin", "GET", case)).json()["issue"]
            return all(issue[name] == value for name, value in expected.items())

        await eventually_so(is_so, 20, f"the issue is seen: {expected}")

    await seen(number=number, state="open")
    for secret, state in zip(SECRETS, ("closed", "open"), strict=True):
        issue = hub.issues["acme/wallet", number]
        hub.person(number, state, secret)
        glued = secret.replace(" ", "-")
        issue.update(html_url=f"https://github.example/{glued}/issues/1", title=secret, body=secret, version=glued)
        await _tell(staff, hub, number)
        await seen(state=state)
    hub.repositories.append(f"acme/{KEY}")
    hub.transfer(number, f"acme/{KEY}")
    await _tell(staff, hub, number)
    await seen(mark="moved")
    assert traces_in(hub.sent) == []


async def _tell(staff: Staff, hub: GitHub, number: int) -> None:
    body, headers = hub.hook(number, "edited")
    assert (await staff.send("customer", "POST", "/api/hooks/github", content=body, headers=headers)).status_code < 400
