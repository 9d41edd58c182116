"""Letters of ours: text and HTML in the customer's language, with the check code, signed by DKIM. Pure but for the key
ring; a receipt holds no word of whoever it goes to."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from uuid import UUID

import dkim  # type: ignore[import-untyped]  # dkimpy comes without types
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from holdfast.authenticity.codes import Stamp
from holdfast.channels.mail.threads import message_id, reply_address
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


def answer(subject: str, words: str, stamp: Stamp, language: str, origin: str, reference: str) -> Page:
    """An agent's words, under the customer's own subject."""
    about = f"Re: {subject}" if subject else translate("Your request {reference}", language, reference=reference)
    return Page(about, words, _notes(stamp, language, origin, reference), language)


def receipt(stamp: Stamp, language: str, origin: str, reference: str) -> Page:
    """That a letter has come. Whoever writes to us under another's address makes us send this, and no word more."""
    words = translate(
        "Your letter has reached us, and somebody will answer it. This receipt was sent automatically.", language
    )
    subject = translate("We have your letter ({reference})", language, reference=reference)
    return Page(subject, words, _notes(stamp, language, origin, reference), language)


def _notes(stamp: Stamp, language: str, origin: str, reference: str) -> tuple[str, ...]:
    return (
        translate("Your request {reference}", language, reference=reference),
        *(line for line in stamp.footer(language, origin).split("\n") if line),
        translate("We never ask for a recovery phrase, a key, a password or a code.", language),
    )


def letter(
    page: Page,
    sender: From,
    to: str,
    conversation_id: UUID,
    seq: int,
    *,
    automatic: bool,
    answers: str = "",
    enclosed: Sequence[Enclosed] = (),
) -> bytes:
    """The letter as it is sent. Its Message-ID follows from the entry: sent twice after a crash it is seen as one.

    ``answers`` is the Message-ID of the customer's last letter; never for an automatic one, since its words are theirs.
    """
    message = EmailMessage(policy=_POLICY)
    local, _, domain = sender.address.rpartition("@")
    message["From"] = Address(sender.name, local, domain)
    message["To"] = to
    message["Subject"] = " ".join(page.subject.split())[:300]
    message["Date"] = format_datetime(now())
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
