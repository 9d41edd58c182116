"""Sound that the engine has written becomes a file of ours, sealed with a key of its own."""

import asyncio
from dataclasses import dataclass

from holdfast.channels.voice.conducting import Desk
from holdfast.conversations.models import Attachment, Conversation
from holdfast.core.sealed_files import new_file_key

# A WAV file's header, and a second of 8 kHz in 16 bits: less is nobody's word.
SHORTEST = 44 + 16_000


@dataclass(frozen=True, slots=True)
class Sealed:
    """Where it lies in the file store, and the key that opens it."""

    key: str
    file_key: bytes
    size: int

    def attachment(
        self, conversation: Conversation, seq: int, name: str, *, uploader: str = "customer", state: str = "clear"
    ) -> Attachment:
        """Of a conversation's entry; the key is sealed with that of its customer."""
        return Attachment(
            conversation_id=conversation.id,
            customer_id=conversation.customer_id,
            seq=seq,
            uploader=uploader,
            uploader_id=conversation.customer_id,
            name=name,
            media_type="audio/wav",
            size=self.size,
            key=self.key,
            file_key=self.file_key,
            sealed=True,
            state=state,
        )


async def seal(desk: Desk, content: bytes) -> Sealed | None:
    """None if nothing was said."""
    if len(content) < SHORTEST:
        return None
    file_key = new_file_key()
    key = await asyncio.to_thread(desk.files.put, content, file_key)
    return Sealed(key, file_key, len(content))
