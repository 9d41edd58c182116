"""One customer's archive: everything the inventory lists, each conversation as text, every file, and a manifest.

Parts are kept one by one in a file store of their own, so that a job that is cut off goes on with the next. Each is
sealed under a key of its own, which only the customer's key opens: erasing them kills their archives too. The ZIP is
only made while it is downloaded, and nothing of it lies on the disk in clear.
"""

import hashlib
import io
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.channels.mail.screening import parts_of
from holdfast.conversations.files import content
from holdfast.conversations.models import Conversation, Message
from holdfast.core.clock import now
from holdfast.core.files import FileStore, StoredFileMissing
from holdfast.core.sealed_files import new_file_key
from holdfast.privacy import queries
from holdfast.privacy.inventory import CUSTOMERS
from holdfast.privacy.models import Part, SubjectRequest

FORMAT = 1
# Rows of one part: a transaction of a few milliseconds.
PAGE = 1000
_EXPORTED = tuple(holding for holding in CUSTOMERS if holding.export)


async def step(session: AsyncSession, store: FileStore, files: FileStore, request: SubjectRequest) -> bool:
    """Do the next part; True when there is nothing more to do. ``files`` holds the uploads."""
    cursor = dict(request.cursor)
    if not request.total:
        request.total = len(_EXPORTED) + await queries.pieces(session, request.customer_id) + 1
    stage = cursor.get("stage", "tables")
    if stage == "tables":
        await _table(session, store, request, cursor)
    elif stage == "words":
        await _words(session, store, request, cursor)
    elif stage == "files":
        await _file(session, store, files, request, cursor)
    elif stage == "letters":
        await _letter(session, store, files, request, cursor)
    else:
        request.done = request.total
        request.expires_at = now() + queries.KEPT
        return True
    request.cursor = cursor
    return False


async def _table(session: AsyncSession, store: FileStore, request: SubjectRequest, cursor: dict[str, Any]) -> None:
    place, page = cursor.get("table", 0), cursor.get("page", 0)
    holding = _EXPORTED[place]
    rows = await queries.page(session, holding, request.customer_id, page * PAGE, PAGE)
    if rows or not page:
        name = f"data/{holding.table}.jsonl" if not page else f"data/{holding.table}.{page + 1}.jsonl"
        _keep(store, request, name, b"".join(msgspec.json.encode(row) + b"\n" for row in rows))
    if len(rows) == PAGE:
        cursor.update(table=place, page=page + 1)
        return
    request.done += 1
    cursor.update(table=place + 1, page=0)
    if place + 1 == len(_EXPORTED):
        cursor.update(stage="words", place=0)


async def _words(session: AsyncSession, store: FileStore, request: SubjectRequest, cursor: dict[str, Any]) -> None:
    conversation = await queries.conversation_at(session, request.customer_id, cursor["place"])
    if conversation is None:
        cursor.update(stage="files", after=None)
        return
    text = transcript(conversation, list(await queries.words_of(session, conversation.id)))
    _keep(store, request, f"conversations/{conversation.reference}.txt", text.encode())
    request.done += 1
    cursor.update(place=cursor["place"] + 1)


def transcript(conversation: Conversation, messages: list[Message]) -> str:
    """A conversation as a person reads it. Times are UTC."""
    lines = [f"{conversation.reference}  {conversation.channel}  {conversation.opened_at:%Y-%m-%d %H:%M} UTC", ""]
    for message in messages:
        lines += [f"[{message.created_at:%Y-%m-%d %H:%M:%S}] {message.author}:", message.body, ""]
    return "\n".join(lines)


async def _file(
    session: AsyncSession, store: FileStore, files: FileStore, request: SubjectRequest, cursor: dict[str, Any]
) -> None:
    after = msgspec.convert(cursor["after"], UUID | None)
    found = await queries.attachments_of(session, request.customer_id, after, 1)
    if not found:
        cursor.update(stage="letters", after=None)
        return
    upload = found[0]
    # Bytes that are no longer kept have their row in data/attachment.jsonl all the same.
    with suppress(StoredFileMissing):
        _keep(store, request, f"files/{upload.id}-{upload.name}", content(files, upload))
    request.done += 1
    cursor.update(after=str(upload.id))


async def _letter(
    session: AsyncSession, store: FileStore, files: FileStore, request: SubjectRequest, cursor: dict[str, Any]
) -> None:
    """A letter as it came, and its layout."""
    letter = await queries.raw_letter(session, request.customer_id, msgspec.convert(cursor["after"], UUID | None))
    if letter is None:
        cursor.update(stage="end")
        return
    with suppress(StoredFileMissing):
        raw, layout = parts_of(files.read(letter.raw, letter.raw_key))
        _keep(store, request, f"letters/{letter.id}.txt", raw.encode())
        if layout:
            _keep(store, request, f"letters/{letter.id}.html", layout.encode())
    request.done += 1
    cursor.update(after=str(letter.id))


def _keep(store: FileStore, request: SubjectRequest, name: str, data: bytes) -> None:
    """A part that was kept before a crash, whose transaction never came, is left for the sweep."""
    file_key = new_file_key()
    part = Part(name, store.put(data, file_key), file_key, hashlib.sha256(data).hexdigest(), len(data))
    request.parts = [*parts(request), part]


def parts(request: SubjectRequest) -> list[Part]:
    """Those of an archive so far; none of an erased customer's."""
    return request.parts or []


def discard(store: FileStore, request: SubjectRequest) -> None:
    """Its bytes, before the row forgets them: if the commit fails they can still be found."""
    for part in parts(request):
        store.delete(part.key)
    request.parts = None


def manifest(request: SubjectRequest) -> dict[str, Any]:
    """What is in the archive, with SHA-256 sums (hex) and sizes (bytes)."""
    return {
        "format": FORMAT,
        "customer": str(request.customer_id),
        "request": str(request.id),
        "asked_at": request.created_at.isoformat(),
        "made_at": request.finished_at.isoformat() if request.finished_at else None,
        "members": [{"name": part.name, "sha256": part.sha256, "size": part.size} for part in parts(request)],
        "tables": {holding.table: sorted(holding.hidden) for holding in _EXPORTED},
    }


class _Sink(io.RawIOBase):
    """Takes what the ZIP writes and gives it on."""

    def __init__(self) -> None:
        self.waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.waiting += data
        return len(data)

    def drain(self) -> bytes:
        data = bytes(self.waiting)
        self.waiting.clear()
        return data


def zipped(request: SubjectRequest, store: FileStore) -> Iterator[bytes]:
    """The archive as a stream; memory holds one part at a time."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in parts(request):
            archive.writestr(part.name, store.read(part.key, part.file_key))
            yield sink.drain()
        archive.writestr("manifest.json", msgspec.json.format(msgspec.json.encode(manifest(request))))
    yield sink.drain()
