"""What the policy leaves of rows and entries for a viewer. Every row and entry that leaves for staff passes here."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from holdfast.access.masks import shown, shown_text
from holdfast.access.policy import Field, Sight, Stance, sight
from holdfast.access.viewer import Viewer
from holdfast.conversations.schemas import AttachmentView, Entry, Row
from holdfast.conversations.visibility import stance


def stance_of(viewer: Viewer, row: Row) -> Stance:
    return stance(viewer, row.assignee.id if row.assignee else None, row.category)


def text_sight(viewer: Viewer, row: Row) -> Sight:
    """How the viewer sees the words of this conversation."""
    return sight(viewer, Field.TEXT, stance_of(viewer, row))


def row_for(viewer: Viewer, row: Row) -> Row:
    """The row with the customer's name, the words and the tags as the viewer sees them."""
    at = stance_of(viewer, row)
    return seen_row(row, sight(viewer, Field.NAME, at), sight(viewer, Field.TEXT, at))


def seen_row(row: Row, name: Sight, text: Sight) -> Row:
    if name is Sight.CLEAR and text is Sight.CLEAR:
        return row
    return msgspec.structs.replace(
        row,
        customer=msgspec.structs.replace(row.customer, name=shown(row.customer.name, Field.NAME, name)),
        preview=shown_text(row.preview, text),
        tags=[shown_text(tag, text) for tag in row.tags],
    )


def seen_entry(entry: Entry, text: Sight) -> Entry:
    """A timeline entry with its words, its files' names and its event's words as they are seen."""
    if text is Sight.CLEAR:
        return entry
    return msgspec.structs.replace(
        entry,
        b=shown_text(entry.b, text),
        att=[seen_file(file, text) for file in entry.att],
        ev=_seen(entry.ev, text) if entry.ev else entry.ev,
    )


def seen_file(file: AttachmentView, text: Sight) -> AttachmentView:
    return msgspec.structs.replace(file, name=shown_text(file.name, text))


def seen_entries(entries: Sequence[Entry], text: Sight) -> list[Entry]:
    return [seen_entry(entry, text) for entry in entries]


def _seen(value: Any, text: Sight) -> Any:
    """Words of an event: tags are free, and may hold a name or a number. Identifiers are no words."""
    match value:
        case str():
            return shown_text(value, text) if not _is_id(value) else value
        case dict():
            return {key: _seen(part, text) for key, part in value.items()}
        case list():
            return [_seen(part, text) for part in value]
        case _:
            return value


def _is_id(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True


def finds(row: Row, words: str) -> bool:
    """Whether a search for ``words`` may show the row to whoever got it: what is masked there must not be told by
    whether it is found."""
    return words.casefold() in row.preview.casefold()
