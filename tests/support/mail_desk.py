"""What a desk's mail is made of and holds, asked in a process of its own while Holdfast runs (keys are a process's).

``python -m tests.support.mail_desk DATA_DIR DSN COMMAND`` with JSON at its input and COMMAND one of: ``mailboxes`` (add
these), ``proven`` (these addresses belong to proven customers), ``addresses`` (where these senders are answered),
``answer`` (an agent takes and answers every conversation whose text holds one of these words), ``places`` (where every
letter is). Prints JSON.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access import keys as key_rings
from holdfast.access.disposable_keys import KeyFolder
from holdfast.access.installation_keys import open_ring
from holdfast.access.key_sources import key_source
from holdfast.access.viewer import Role
from holdfast.app import reactions
from holdfast.app.base_data import INBOX
from holdfast.channels.mail import composing, threads
from holdfast.channels.mail.entering import CHANNEL
from holdfast.channels.mail.models import Mailbox, MailThread, SentLetter, StoredLetter
from holdfast.channels.mail.sealed_words import key_folder, unseal
from holdfast.conversations import operations, ports, queries
from holdfast.conversations.intake import IncomingMessage, chat_source
from holdfast.conversations.models import Conversation, Message
from holdfast.core.database import Database, tell
from holdfast.core.ids import new_id
from holdfast.core.settings import Settings
from holdfast.people import customers
from holdfast.people.models import Agent
from holdfast.people.sessions import viewer_of

_ROOT = Path(__file__).resolve().parents[2]


def ask(data_dir: Path, dsn: str, command: str, given: object = None) -> Any:
    """Run one command; its answer."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.mail_desk", str(data_dir), dsn, command],
        input=json.dumps(given),
        cwd=_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


async def _mailboxes(session: AsyncSession, given: list[dict[str, Any]], _: Settings) -> object:
    inbox = await queries.inbox_by_key(session, INBOX)
    for one in given:
        session.add(Mailbox(inbox_id=inbox.id, dkim_key=composing.new_dkim_key(), **one))
    tell(session, CHANNEL, "changed")
    return len(given)


async def _proven(session: AsyncSession, given: list[str], _: Settings) -> object:
    for number, address in enumerate(given):
        await customers.find_or_create(
            session,
            subject=f"wallet:proven-{number}-{address}",
            name=None,
            language="en",
            contacts={"email": address},
            proven=True,
        )
    return len(given)


async def _addresses(session: AsyncSession, given: list[str], _: Settings) -> object:
    found = {}
    for thread in await session.scalars(select(MailThread)):
        if thread.address in given:
            mailbox = await session.get_one(Mailbox, thread.mailbox_id)
            found[thread.address] = threads.reply_address(thread.conversation_id, mailbox.address)
    return found


async def _answer(session: AsyncSession, given: list[str], _: Settings) -> object:
    agent = next(a for a in await session.scalars(select(Agent)) if Role.AGENT in a.roles)
    viewer = viewer_of(agent)
    answered = 0
    for conversation in list(await session.scalars(select(Conversation).where(Conversation.channel == "email"))):
        if not any(word in conversation.preview for word in given):
            continue
        if conversation.assignee_id is None:
            await operations.assign(session, viewer, conversation.id, viewer.id, how="taken")
        elif conversation.assignee_id != viewer.id:
            continue
        source = chat_source(conversation.id, new_id())
        message = IncomingMessage("chat", source, "agent", viewer.id, f"Your answer. {conversation.reference}")
        await operations.post(session, viewer, conversation.id, message)
        answered += 1
    return answered


async def _places(session: AsyncSession, _given: object, settings: Settings) -> object:
    folder = key_folder(settings)
    letters = []
    for row in await session.scalars(select(StoredLetter)):
        words = unseal(folder, row.id, row.sealed)
        text = f"{words.subject}\n{words.text}" if words else ""
        if row.conversation_id and row.seq:
            message = await session.get(Message, (row.conversation_id, row.seq))
            text += message.body if message else ""
        letters.append({"state": row.state, "why": row.why, "text": text})
    bodies = list(await session.scalars(select(Message.body).where(Message.source == "email")))
    sent = [
        {"id": str(s.id), "name": f"hf.{s.conversation_id.hex}.{s.seq}."}
        for s in await session.scalars(select(SentLetter))
    ]
    return {"letters": letters, "entries": bodies, "sent": sent}


_COMMANDS: dict[str, Callable[[AsyncSession, Any, Settings], Awaitable[object]]] = {
    "mailboxes": _mailboxes,
    "proven": _proven,
    "addresses": _addresses,
    "answer": _answer,
    "places": _places,
}


async def _run(data_dir: Path, dsn: str, command: str, given: Any) -> object:
    settings = replace(Settings(), data_dir=data_dir)
    key_rings.use_key_ring(open_ring(dsn, key_source(settings)))
    ports.use_keys(KeyFolder(settings.fragment_keys))
    database = Database(dsn, answer=reactions.answer, pool_size=1)
    try:
        async with database.transaction() as session:
            return await _COMMANDS[command](session, given, settings)
    finally:
        await database.close()


if __name__ == "__main__":
    answer = asyncio.run(_run(Path(sys.argv[1]), sys.argv[2], sys.argv[3], json.load(sys.stdin)))
    sys.stdout.write(json.dumps(answer))
