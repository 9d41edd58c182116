"""One row of each table that keeps something of a conversation beside its messages."""

from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.automation.models import FollowUp, ScheduledMessage
from holdfast.channels.mail.models import AddressAsked, Mailbox, MailThread, SentLetter, StoredLetter
from holdfast.channels.mail.screening import kept_raw
from holdfast.conversations.models import Conversation
from holdfast.core.clock import now
from holdfast.core.files import FileStore
from holdfast.core.sealed_files import new_file_key
from holdfast.technical.models import TechnicalCase, TechnicalLink


async def fill(session: AsyncSession, files: Path, conversation: Conversation, agent: Any, words: str) -> None:
    """``words`` stand in all that can hold any, and in the address."""
    mailbox = Mailbox(address=f"{uuid4().hex}@desk.example", name="Desk", inbox_id=conversation.inbox_id, way="lmtp")
    case = TechnicalCase(reference=f"TC-{uuid4()}", title="A node is behind", description="", opened_by_id=agent.id)
    session.add_all([mailbox, case])
    await session.flush()
    here: dict[str, Any] = {"conversation_id": conversation.id}
    theirs = {**here, "customer_id": conversation.customer_id, "mailbox_id": mailbox.id}
    address = f"{words.replace(' ', '.').lower()}@elsewhere.example"
    key = new_file_key()
    raw = FileStore(files).put(kept_raw(f"Subject: {words}\n\nraw {words}\n".encode(), f"<p>{words}</p>"), key)
    session.add_all(
        [
            StoredLetter(
                **theirs, key=uuid4().bytes, state="taken", size=1, seq=1, sender_index=b"index", raw=raw, raw_key=key
            ),
            MailThread(**theirs, address=address, subject=words, last_id=f"<{words}>"),
            AddressAsked(**theirs, number=1, address=address),
            SentLetter(**here, first=2, seq=2, kind="answer", state="sent", to_hash=b"hash"),
            ScheduledMessage(
                **here, agent_id=agent.id, body=words, at=now(), anyway=False, seq=1, state="stopped", why="test"
            ),
            FollowUp(**here, agent_id=agent.id, at=now(), note=words),
            TechnicalLink(**here, case_id=case.id, seq=3, tried=words, asked=words, by_id=agent.id),
        ]
    )
