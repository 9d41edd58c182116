"""Letters of ours: text and HTML in the customer's language, with the check code, signed by DKIM. Pure but for the key
ring; a receipt holds no word of whoever it goes to."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from uuid import UUID

import dkim  # type: ignore[import-untyped]  # dkimpy comes without types
from babel.dates import format_date, format_time
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from holdfast.authenticity.codes import Stamp
from holdfast.channels.mail.threads import asked_id, message_id, reply_address
from holdfast.core.clock import now
from holdfast.core.i18n import translate

_SIGNED = [
    b"from", b"to", b"subject", b"date", b"message-id", b"reply-to", b"in-reply-to", b"references", b"mime-version",
    b"content-type", b"content-transfer-encoding", b"auto-submitted",
]  # fmt: skip
_LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")
# With Python's 78 a long Message-ID becomes an encoded word, and nobody's programme finds the thread by it.
_POLICY = SMTP.clone(max_line_length=500)
_RTL = frozenset({"ar"})


@dataclass(frozen=True, slots=True)
class From:
    """The mailbox that writes."""

    name: str
    address: str
    selector: str
    dkim_key: str | None

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Page:
    """What a letter says: ``words`` are the agent's, ``notes`` ours."""

    subject: str
    words: str
    notes: tuple[str, ...]
    language: str


@dataclass(frozen=True, slots=True)
class Enclosed:
    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class About:
    """What every letter says at its end. ``due``, in the zone in which it is told: by when they hear from us."""

    stamp: Stamp
    language: str
    origin: str
    reference: str
    due: datetime | None = None


def answer(subject: str, words: str, about: About) -> Page:
    """An agent's words, under the customer's own subject; a chat that goes on by letter has none."""
    line = f"Re: {subject}" if subject else request_line(about.language, about.reference)
    return Page(line, words, _notes(about), about.language)


def said(words: str, language: str, *, automatic: bool) -> str:
    """One message of ours; whoever reads it is told when nobody sent it at that moment."""
    return f"{translate('Sent automatically:', language)}\n{words}" if automatic else words


def request_line(language: str, reference: str) -> str:
    """The subject of a chat that goes on by letter, and a line at every letter's end."""
    return translate("Your request {reference}", language, reference=reference)


def receipt(about: About) -> Page:
    """That a letter has come. Whoever writes to us under another's address makes us send this, and no word more."""
    words = translate(
        "Your letter has reached us, and somebody will answer it. This receipt was sent automatically.", about.language
    )
    subject = translate("We have your letter ({reference})", about.language, reference=about.reference)
    return Page(subject, words, _notes(about), about.language)


def promise(due: datetime, language: str) -> str:
    """Rounded up to the minute: what is shown is kept when the promise is."""
    at, locale = due + timedelta(seconds=59), language.replace("-", "_")
    return translate(
        "You will hear from us by {time} on {date} ({zone}).",
        language,
        time=format_time(at, "short", locale=locale),
        date=format_date(at, "long", locale=locale),
        zone=str(due.tzinfo),
    )


def confirmation(code: str, link: str, about: About, *, wrote: bool) -> Page:
    """Whether somebody reads at an address that was typed into a chat, or (``wrote``) that stands on a letter. It may
    be anybody's, so it holds no word of the conversation, neither its number nor the customer's code."""
    language = about.language
    if wrote:
        words = translate(
            "We have a letter from this address. If you wrote it, open this page: {link}", language, link=link
        )
    else:
        words = translate(
            "Somebody asked us to send answers to this address. If it was you, enter the code {code} in the chat, or "
            "open this page: {link}",
            language,
            code=code,
            link=link,
        )
    ignore = translate("If it was not you, ignore this letter. Nothing more will be sent to you.", language)
    subject = translate("Please confirm your e-mail address", language)
    return Page(subject, f"{words}\n\n{ignore}", (_never(language),), language)


def _notes(about: About) -> tuple[str, ...]:
    return (
        *([promise(about.due, about.language)] if about.due else []),
        request_line(about.language, about.reference),
        *(line for line in about.stamp.footer(about.language, about.origin).split("\n") if line),
        _never(about.language),
    )


def _never(language: str) -> str:
    return translate("We never ask for a recovery phrase, a key, a password or a code.", language)


def letter(
    page: Page,
    sender: From,
    to: str,
    conversation_id: UUID,
    seq: int,
    *,
    kind: str = "answer",
    by_rule: bool = False,
    answers: str = "",
    enclosed: Sequence[Enclosed] = (),
) -> bytes:
    """The letter as it is sent. Its Message-ID follows from the entry: sent twice after a crash it is seen as one.

    ``answers`` is the Message-ID of the customer's last letter; never for an automatic one, since its words are theirs.
    """
    automatic, unknown = by_rule or kind != "answer", kind == "confirm"
    message = EmailMessage(policy=_POLICY)
    local, _, domain = sender.address.rpartition("@")
    message["From"] = Address(sender.name, local, domain)
    message["To"] = to
    message["Subject"] = " ".join(page.subject.split())[:300]
    message["Date"] = format_datetime(now())
    if unknown:
        # Both names open the conversation to whoever answers: not before somebody is known to read there.
        message["Message-ID"] = f"<{asked_id(conversation_id, seq, sender.domain)}>"
    else:
        message["Message-ID"] = f"<{message_id(conversation_id, seq, sender.domain)}>"
        message["Reply-To"] = reply_address(conversation_id, sender.address)
    if answers and not automatic:
        message["In-Reply-To"] = message["References"] = f"<{answers}>"
    if automatic:
        message["Auto-Submitted"] = "auto-replied"
        message["X-Auto-Response-Suppress"] = "All"
    message["Content-Language"] = page.language
    message.set_content(_text(page), cte="base64")
    message.add_alternative(_html(page), subtype="html", cte="base64")
    for file in enclosed:
        kind, _, subtype = file.media_type.partition("/")
        message.add_attachment(file.data, maintype=kind, subtype=subtype, filename=file.name)
    raw = message.as_bytes()
    return signature(raw, sender) + raw if sender.dkim_key else raw


def signature(raw: bytes, sender: From) -> bytes:
    """The DKIM-Signature line (RFC 6376, rsa-sha256, relaxed/relaxed)."""
    line: bytes = dkim.sign(
        raw,
        sender.selector.encode(),
        sender.domain.encode(),
        (sender.dkim_key or "").encode(),
        canonicalize=(b"relaxed", b"relaxed"),
        include_headers=_SIGNED,
    )
    return line


def new_dkim_key() -> str:
    """RSA with 2048 bits, in PEM: what every receiver verifies (RFC 8301)."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    ).decode()


def dkim_record(pem: str) -> str:
    """What the operator puts into the DNS (TXT)."""
    key = serialization.load_pem_private_key(pem.encode(), None).public_key()
    lines = (
        key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
        .splitlines()
    )
    return f"v=DKIM1; k=rsa; p={''.join(lines[1:-1])}"


def _text(page: Page) -> str:
    return "\n".join([page.words.strip(), "", "-- ", *page.notes, ""])


def _html(page: Page) -> str:
    side = "rtl" if page.language in _RTL else "ltr"
    words = "".join(f"<p>{_lines(part)}</p>" for part in re.split(r"\n{2,}", page.words.strip()))
    notes = "<br>".join(_lines(note) for note in page.notes)
    return (
        f'<!doctype html><html lang="{page.language}" dir="{side}"><head><meta charset="utf-8"></head>'
        f'<body style="font-family:sans-serif;font-size:16px;line-height:1.5">{words}'
        f'<hr><p style="font-size:13px;color:#555">{notes}</p></body></html>'
    )


def _lines(text: str) -> str:
    """Escaped, with links that lead where they say."""
    made, end = [], 0
    for match in _LINK.finditer(text):
        link = html.escape(match[0])
        made += [html.escape(text[end : match.start()]), f'<a href="{link}">{link}</a>']
        end = match.end()
    made.append(html.escape(text[end:]))
    return "".join(made).replace("\n", "<br>")
