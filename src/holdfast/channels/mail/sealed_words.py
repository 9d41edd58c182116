"""What a quarantined letter says, sealed under a key of its own that is kept outside the database and its backups: what
nobody has admitted can be destroyed for good, wherever a copy of its row lies."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from holdfast.access import disposable_keys
from holdfast.access.disposable_keys import KeyFolder
from holdfast.channels.mail.screening import Kept
from holdfast.core.settings import Settings


class Words(msgspec.Struct, frozen=True):
    """``recipient`` is the address of ours; ``text`` is made an entry of when it is admitted. ``unread``: it could not
    be taken apart, ``text`` is its beginning as it came. ``arrived``: when it reached the mail server, if that is
    known."""

    sender: str
    sender_name: str
    subject: str
    text: str
    message_id: str = ""
    files: list[Kept] = []
    left_out: int = 0
    raw: str = ""
    raw_key: bytes = b""
    red: dict[str, Any] | None = None
    unread: bool = False
    arrived: datetime | None = None

    @property
    def stored(self) -> list[str]:
        """Its keys in the file store."""
        return [*(file.key for file in self.files), *([self.raw] if self.raw else [])]


def key_folder(settings: Settings) -> KeyFolder:
    """Beside the keys of fragments, so that machines share it and no backup has it."""
    return KeyFolder(settings.fragment_keys / "letters")


def seal(keys: KeyFolder, name: UUID, words: Words) -> bytes:
    """Makes the key, which is on the disk when this returns. Blocking."""
    return disposable_keys.seal(keys.make(name), msgspec.json.encode(words).decode(), name)


def unseal(keys: KeyFolder, name: UUID, sealed: bytes | None) -> Words | None:
    """None when the key is gone. Blocking."""
    text = disposable_keys.unseal(keys.get(name), sealed, name) if sealed else None
    return msgspec.json.decode(text, type=Words) if text is not None else None
