"""The parts of a web process that its chat sockets share."""

import asyncio
import logging
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from holdfast.access.viewer import Viewer
from holdfast.channels.chat.attending import Attending
from holdfast.channels.chat.boards import Boards
from holdfast.channels.chat.connection import Connection
from holdfast.channels.chat.feed import Feed
from holdfast.channels.chat.frames import frame
from holdfast.channels.chat.looking import Looking
from holdfast.channels.chat.moments import Moments
from holdfast.channels.chat.reads import Reads
from holdfast.conversations import operations, outgoing
from holdfast.conversations.fragments import HELD
from holdfast.conversations.intake import IncomingMessage, chat_source, take
from holdfast.conversations.schemas import Entry, Named
from holdfast.conversations.writer import FollowUp, Outcome, Writer
from holdfast.core.database import Database
from holdfast.core.errors import HoldfastError, NotAvailable
from holdfast.core.live import Peer
from holdfast.core.settings import Settings

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Chat:
    """Everything a socket needs."""

    settings: Settings
    database: Database
    writer: Writer
    feed: Feed
    reads: Reads
    looking: Looking
    moments: Moments
    attending: Attending
    boards: Boards
    process_id: UUID
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    # The console sockets of this process, as the database should know them.
    sockets: set[UUID] = field(default_factory=set)

    def start(self, work: Any) -> None:
        """Run beside the socket; exceptions are the work's own business."""
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)


def acknowledge(peer: Peer, conversation_id: UUID, key: UUID, seq: int, at: datetime) -> None:
    peer.push(frame("ack", c=conversation_id, k=key, seq=seq, at=at))


class Sender:
    """Takes the messages of one socket: follow-ups by the batching writer, the rest by the ordinary way, and so what
    holds a secret or may be a piece of one.

    The messages of one socket in one conversation are stored in the order they came: behind one that takes the
    ordinary way all others take it too, and it waits for those that the writer has before it.
    """

    __slots__ = (
        "_author",
        "_chat",
        "_connection",
        "_flying",
        "_landed",
        "_name",
        "_ordinary",
        "_runs",
        "_turn",
        "_viewer",
    )

    def __init__(self, chat: Chat, connection: Connection, viewer: Viewer, author: str, name: str | None) -> None:
        self._chat = chat
        self._connection = connection
        self._viewer = viewer
        self._author = author
        self._name = name
        self._turn = asyncio.Lock()
        # By conversation: messages on the ordinary way, and with the writer.
        self._ordinary: Counter[UUID] = Counter()
        self._flying: Counter[UUID] = Counter()
        self._landed = asyncio.Event()
        # Until which monotonic second pieces of a phrase are looked for more closely. What another socket began is
        # still found by pieces of three words, or of nothing else.
        self._runs: dict[UUID, float] = {}

    def take(
        self,
        conversation_id: UUID,
        author_id: UUID,
        key: UUID,
        text: str,
        *,
        kind: str = "public",
        files: tuple[UUID, ...] = (),
    ) -> None:
        """Redact and store; ``ack`` or ``nack`` answers. Raises EmptyMessage, MessageTooLong, and for an agent's words
        what ``outgoing.refusal`` gives."""
        if self._author == "agent" and kind == "public" and (stopped := outgoing.refusal(text)) is not None:
            about = "conversation", conversation_id
            self._chat.start(outgoing.note_block(self._chat.database, self._viewer, about, stopped))
            raise stopped
        at = self._connection.loop.time()
        taken = take(text, may_be_empty=bool(files), running=self._runs.get(conversation_id, 0.0) > at)
        body, event = taken.body, taken.event
        source_id = chat_source(conversation_id, key)
        ordinary = taken.seal is not None or event is not None
        if taken.may_go_on:
            self._runs[conversation_id] = at + HELD.total_seconds()
        if kind == "public" and not files and not ordinary and not self._ordinary[conversation_id]:

            def done(outcome: Outcome) -> None:
                self._flying[conversation_id] -= 1
                self._landed.set()
                if isinstance(outcome, tuple):
                    seq, at = outcome
                    acknowledge(self._connection.peer, conversation_id, key, seq, at)
                    by = Named(author_id, self._name) if self._author == "agent" else None
                    self._chat.feed.wrote(
                        conversation_id,
                        Entry(seq, kind, self._author, body, at, by, key),
                    )
                elif outcome is None:
                    message = IncomingMessage("chat", source_id, self._author, author_id, body)
                    self._start_post(conversation_id, message, key)
                else:
                    self._connection.refuse(key, NotAvailable(), c=conversation_id)

            self._flying[conversation_id] += 1
            self._chat.writer.put(FollowUp(conversation_id, self._author, author_id, source_id, body, done))
        else:
            message = IncomingMessage("chat", source_id, self._author, author_id, body, event, files, kind, taken.seal)
            self._start_post(conversation_id, message, key)

    def _start_post(self, conversation_id: UUID, message: IncomingMessage, key: UUID) -> None:
        self._ordinary[conversation_id] += 1
        self._chat.start(self._post(conversation_id, message, key))

    async def _post(self, conversation_id: UUID, message: IncomingMessage, key: UUID) -> None:
        async with self._turn:
            while self._flying[conversation_id]:
                self._landed.clear()
                await self._landed.wait()
            try:
                async with self._chat.database.transaction() as session:
                    _, stored = await operations.post(session, self._viewer, conversation_id, message)
                acknowledge(self._connection.peer, conversation_id, key, stored.seq, stored.created_at)
            except HoldfastError as error:
                self._connection.refuse(key, error, c=conversation_id)
            except Exception:
                logger.exception("a message was not stored")
                self._connection.refuse(key, NotAvailable(), c=conversation_id)
            finally:
                self._ordinary[conversation_id] -= 1
