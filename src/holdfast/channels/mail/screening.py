"""What of a letter may be kept, decided before anything of it is: its words, its files, its raw form. Pure but for
``keep``, and heavy (redaction takes half a second a megabyte): call it in a thread."""

import re
from dataclasses import dataclass, replace

from holdfast.channels.mail import html_text
from holdfast.channels.mail.letters import File, Letter
from holdfast.conversations.intake import LIMIT, Taken, hide, take
from holdfast.conversations.media import TEXT_LIMIT, inspect
from holdfast.core.errors import HoldfastError
from holdfast.core.files import FileStore
from holdfast.core.sealed_files import new_file_key
from holdfast.redaction import may_be_piece, redact

# Files of one letter that are kept; of a text as long as a book the first pages are the message.
MOST_FILES = 20
_SHOWN = LIMIT - 500
_ANSWER = re.compile(r"^(?:(?:re|aw|sv|antw|fw|fwd|wg|tr|rv|res|enc|回复|回覆|答复|答覆|转发|轉寄|返信|転送|답장|회신)"
                     r"(?:\[\d+\])?\s*[:：]\s*)+", re.I)  # fmt: skip
# Words of a subject and of a name that may be list words without being a piece of a phrase: "Account problem", "李明".
_SUBJECT_WORDS, _NAME_WORDS = 2, 4
_WORD = re.compile(r"[\u3400-\u9fff]|[^\W\d_]+")
# What a search for secrets reads at once: two texts are never read as one.
# No text that was cleaned has a NUL.
_HTML = b"\0html\0"
_APART = "\n\n" + "-" * 20 + "\n\n"


@dataclass(frozen=True, slots=True)
class Kept:
    """A file in the store: ``key`` names it there, ``file_key`` opens it."""

    name: str
    media_type: str
    size: int
    width: int | None
    height: int | None
    picture: bool
    key: str
    file_key: bytes
    found: tuple[tuple[str, int, str], ...]


@dataclass(frozen=True, slots=True)
class Screened:
    """What may be kept of a letter. ``text`` is what an entry will be made of, which redacts it (``entry``); one that
    is too long for an entry is redacted here, and whole among the files. ``raw`` is None: it must not be kept."""

    sender_name: str
    subject: str
    message_id: str
    text: str
    files: tuple[File, ...]
    raw: bytes | None


def topic(subject: str) -> str:
    """A subject without the marks of an answer, as two of a thread are compared."""
    return _ANSWER.sub("", subject).strip()


def screen(letter: Letter) -> Screened:
    """Hide what is a secret in everything that is shown, and say whether the raw letter may be kept.

    The raw letter may hold the words in a writing that nobody searches (a quote, a header, another charset of the same
    text), and a part of a phrase whose end comes tomorrow. So it is kept only if nothing at all was found in any
    text of the letter and no part of it may be a piece; files are never in it.
    """
    everything = _APART.join(letter.searched)
    clean = not redact(everything[: 4 * TEXT_LIMIT]).findings and len(everything) <= 4 * TEXT_LIMIT
    subject = topic(letter.subject)
    laid_out = html_text.as_text(letter.html)
    own = (subject, letter.sender_name, letter.words, letter.signature, letter.quoted, laid_out)
    clean = clean and not any(may_be_piece(text, running=False) for text in own)
    text = (f"{subject}\n\n{letter.words}".strip() if subject else letter.words).replace("\0", "")
    files = letter.files
    if len(text) > LIMIT:
        text = hide(text).body
        files = (File("letter.txt", "text/plain", text.encode("utf-8", "replace")[:TEXT_LIMIT]), *files)
    return Screened(
        sender_name=hide(letter.sender_name).body,
        subject=hide(subject).body,
        message_id=letter.message_id if not redact(letter.message_id).findings else "",
        text=text,
        files=files[:MOST_FILES],
        raw=kept_raw(letter.skeleton, letter.html) if clean else None,
    )


def kept_raw(skeleton: bytes, html: str) -> bytes:
    """The raw letter with its cleaned HTML behind it, as they are kept together."""
    return skeleton + (_HTML + html.encode("utf-8", "replace") if html else b"")


def parts_of(kept: bytes) -> tuple[str, str]:
    """The raw letter and its cleaned HTML, of what was kept."""
    raw, mark, html = kept.rpartition(_HTML)
    return (raw if mark else html).decode("utf-8", "replace"), html.decode("utf-8", "replace") if mark else ""


def without_subject(text: str, subject: str) -> str:
    """The text of an answer within a thread whose subject it repeats."""
    head, _, rest = text.partition("\n\n")
    return rest if rest.strip() and topic(head) == subject else text


def name_of(sender_name: str) -> str:
    """A sender's name as it may be kept: none that may be a piece of a phrase, since a name is never sealed."""
    return "" if _piece(sender_name, _NAME_WORDS) else sender_name


def subject_of(subject: str, taken: Taken) -> str:
    """The subject as it may be kept and sent out again: none if something was found or sealed in the letter, which may
    go on in the subject, or if it may be a piece itself."""
    return "" if taken.event or taken.seal or _piece(subject, _SUBJECT_WORDS) else subject


def _piece(text: str, most: int) -> bool:
    return len(_WORD.findall(text)) > most and may_be_piece(text, running=True)


def entry(text: str, *, running: bool) -> Taken:
    """What is stored as the entry. What may be a secret in a long text is hidden for good: no entry could show it."""
    if len(text) <= LIMIT:
        return take(text, may_be_empty=True, running=running)
    taken = hide(text)
    return Taken(f"{taken.body[:_SHOWN]} …", taken.event)


def keep(store: FileStore, files: tuple[File, ...]) -> tuple[list[Kept], int]:
    """Put files into the store, each checked by its content as any upload is; how many could not be kept."""
    kept: list[Kept] = []
    left_out = 0
    for file in files:
        # Mail programmes name texts in a hundred ways; what it is decides the content.
        declared = (
            "text/plain" if file.media_type.startswith("text/") and file.media_type != "text/html" else file.media_type
        )
        try:
            media = inspect(file.data, hide(file.name).body, declared)
        except HoldfastError as error:
            if error.status >= 500:
                discard(store, [one.key for one in kept])
                raise
            left_out += 1
            continue
        file_key = new_file_key()
        kept.append(
            Kept(
                name=media.name,
                media_type=media.media_type,
                size=len(media.data),
                width=media.width,
                height=media.height,
                picture=media.kind == "image",
                key=store.put(media.data, file_key),
                file_key=file_key,
                found=tuple({one.kind: (one.kind, one.words, one.certainty) for one in media.findings}.values()),
            )
        )
    return kept, left_out


def discard(store: FileStore, keys: list[str]) -> None:
    for key in keys:
        store.delete(key)


def nobody(letter: Letter) -> Letter:
    """A letter whose sender's address holds what may be a secret has no sender: nobody could answer it."""
    return replace(letter, sender="") if redact(letter.sender).findings else letter
