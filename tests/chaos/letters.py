"""Letters of every kind that reaches a hotline, each with a mark of its own by which its place is found again."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage, MIMEPart
from io import BytesIO

from PIL import Image

ENGLISH, CHINESE = "support@wallet.example", "zh@wallet.example"
# Where letters to it bounce, by Postfix's own report.
GONE = "gone.example"
# Bytes of a large letter as it goes over the wire, at least.
LARGE = 20_000_000


@dataclass(frozen=True, slots=True)
class Sent:
    """``place``: taken, quarantined or either (``""``)."""

    mark: str
    kind: str
    raw: bytes
    sender: str
    to: str
    place: str


def _plain(
    mark: str, sender: str, to: str, charset: str = "utf-8", text: str = "Where is it?", cte: str = "8bit"
) -> bytes:
    body = f"{text} {mark}\r\n".encode(charset)
    if cte == "base64":
        body = base64.encodebytes(body).replace(b"\n", b"\r\n")
    head = (
        f"From: Li <{sender}>\r\nTo: {to}\r\nSubject: A question\r\nMessage-ID: <{mark}@mail.example>\r\n"
        f"Date: Tue, 3 Mar 2026 10:00:00 +0800\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset={charset}\r\n"
        f"Content-Transfer-Encoding: {cte}\r\n\r\n"
    )
    return head.encode() + body


def _headed(mark: str, sender: str, to: str, *headers: str, name: str = "Li", subject: str = "A question") -> bytes:
    lines = [
        f"From: {name} <{sender}>",
        f"To: {to}",
        f"Subject: {subject}",
        f"Message-ID: <{mark}@mail.example>",
        *headers,
    ]
    return "\r\n".join([*lines, "", f"Some words {mark}", ""]).encode()


def _nested(mark: str, sender: str, to: str) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = f"Li <{sender}>", to, "Screenshots"
    message["Message-ID"] = f"<{mark}@mail.example>"
    message.set_content(f"See the picture {mark}\n")
    message.add_alternative(f"<p>See the picture <b>{mark}</b><img src='cid:a'></p>", subtype="html")
    html = message.get_payload()[1]  # type: ignore[index]
    assert isinstance(html, MIMEPart)
    picture = BytesIO()
    Image.new("RGB", (60, 40), (int(mark[-2:], 36) % 255, 9, 9)).save(picture, "PNG")
    html.add_related(picture.getvalue(), "image", "png", cid="<a>")
    message.add_attachment("BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:x\nEND:VEVENT\nEND:VCALENDAR\n", subtype="calendar")
    return message.as_bytes()


def _broken(mark: str, sender: str, to: str) -> bytes:
    return (
        f"From: Li <{sender}>\r\nTo: {to}\r\nSubject: =?utf-8?B?broken\r\nMessage-ID: <{mark}@mail.example>\r\n"
        f'Content-Type: multipart/mixed; boundary="x\r\n\r\n--x\r\nContent-Type: text/plain; charset=nonsense\r\n'
        f"\r\n{mark}\r\n"
    ).encode()


def _deep(mark: str, sender: str, to: str) -> bytes:
    inner = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in range(60))
    return f"From: {sender}\r\nTo: {to}\r\nSubject: deep {mark}\r\n{inner}\r\n{mark}".encode()


def _large(mark: str, sender: str, to: str) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = f"Li <{sender}>", to, "Large"
    message["Message-ID"] = f"<{mark}@mail.example>"
    message.set_content(f"Two large files {mark}\n")
    for name in ("one.pdf", "two.pdf"):
        # Base64 in lines makes 77 bytes of 57; a file of more than 10 MB would not be kept.
        words = mark.encode() * (LARGE * 57 // 77 // 2 // len(mark) + 1)
        message.add_attachment(b"%PDF-1.7\n" + words, maintype="application", subtype="pdf", filename=name)
    return message.as_bytes()


def _nothing_but_words(mark: str, sender: str, to: str) -> bytes:
    return f"From: {sender}\r\nTo: {to}\r\nSubject: No name, no date\r\n\r\nWords {mark}\r\n".encode()


def letters(count: int, large: int, stranger_to: str) -> Iterator[Sent]:
    """``count`` letters in a round of all kinds, of which ``large`` have 20 MB (``LARGE``); one of the kinds is a
    stranger's who writes to ``stranger_to``, the signed address of somebody else's conversation."""
    chinese, japanese = "我的提现没有到账", "出金が届いていません"
    for number in range(count):
        mark = f"mark{number:05d}x"
        sender = f"writer{number}@mail.example"
        proven = f"proven{number % 40}@mail.example"
        to = CHINESE if number % 3 == 0 else ENGLISH
        kinds: list[tuple[str, bytes, str, str]] = [
            ("plain", _plain(mark, sender, to), sender, "taken"),
            ("gb2312", _plain(mark, sender, to, "gb2312", chinese, "base64"), sender, "taken"),
            ("iso-2022-jp", _plain(mark, sender, to, "iso-2022-jp", japanese), sender, "taken"),
            ("euc-kr", _plain(mark, sender, to, "euc-kr", "출금이 안 왔어요"), sender, "taken"),
            ("big5", _plain(mark, sender, to, "big5", "提現沒有到帳", "base64"), sender, "taken"),
            ("nested", _nested(mark, sender, to), sender, "taken"),
            ("broken", _broken(mark, sender, to), sender, "taken"),
            ("bare", _nothing_but_words(mark, sender, to), sender, "taken"),
            ("proven", _plain(mark, proven, to), proven, "taken"),
            ("gone", _plain(mark, f"gone{number}@{GONE}", to), f"gone{number}@{GONE}", "taken"),
            ("false report", _headed(mark, "MAILER-DAEMON@mx.example", to, "Return-Path: <>"), "", "quarantined"),
            ("vacation", _headed(mark, sender, to, "Auto-Submitted: auto-replied"), sender, "quarantined"),
            ("list", _headed(mark, sender, to, "List-Id: <n.example>"), sender, "quarantined"),
            (
                "false thread",
                _headed(mark, sender, to, "In-Reply-To: <hf.0a.2.0b@wallet.example>"),
                sender,
                "quarantined",
            ),
            ("number", _headed(mark, sender, to, subject="[HF-7K3M-92QX] urgent"), sender, "quarantined"),
            ("name", _headed(mark, sender, to, name='"Holdfast Support"'), sender, "quarantined"),
            ("deep", _deep(mark, sender, to), sender, "quarantined"),
            ("stranger", _headed(mark, sender, stranger_to), sender, "quarantined"),
        ]
        kind, raw, envelope, place = kinds[number % len(kinds)]
        if number % len(kinds) == 17:
            to = stranger_to
        if number // len(kinds) < large and kind == "plain":
            kind, raw = "large", _large(mark, sender, to)
        yield Sent(mark, kind, raw, envelope, to, place)
