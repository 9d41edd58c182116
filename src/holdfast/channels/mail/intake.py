"""One letter, from its bytes to the one place where it is kept.

Nothing of it is stored before it was taken apart and redacted, which happens in memory; then one transaction decides
and stores. Whoever brought it (a server, a fetcher) is told that it was taken after the commit, and brings it again
otherwise: the keyed hash of its content makes that harmless.
"""

import asyncio
import hashlib
import logging
import re
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.keys import key_ring
from holdfast.access.viewer import SystemViewer
from holdfast.channels.mail import entering, pretending, quarantine, queries, reach, screening, sealed_words, threads
from holdfast.channels.mail.letters import Letter, Unreadable, parse
from holdfast.channels.mail.models import Mailbox, StoredLetter
from holdfast.channels.mail.screening import Kept, Screened
from holdfast.channels.mail.sealed_words import Words
from holdfast.channels.mail.threads import Decision, Known, Named
from holdfast.conversations import queries as conversations
from holdfast.conversations.errors import ConversationNotFound
from holdfast.conversations.intake import hide
from holdfast.conversations.media import TEXT_LIMIT
from holdfast.core.clock import now
from holdfast.core.database import Database
from holdfast.core.errors import StorageFull
from holdfast.core.files import FileStore
from holdfast.core.ids import new_id
from holdfast.core.sealed_files import new_file_key
from holdfast.core.settings import Settings
from holdfast.people.customers import value_indexes

logger = logging.getLogger(__name__)

# Letters of one address in an hour: nobody writes more by hand.
FLOOD, FLOOD_TIME = 30, timedelta(hours=1)
# Of a letter that nobody can read.
_SHOWN = 2000
# Lines that servers add on the way: they differ between two copies of one letter.
_TRACES = re.compile(
    rb"(?:Received|Return-Path|Delivered-To|X-Original-To|Envelope-To|Authentication-Results|ARC-[\w-]+|X-Spam[\w-]*|"
    rb"X-Received|Received-SPF|X-UID|X-Keywords|Status|X-Status):[^\n]*\n(?:[ \t][^\n]*\n)*",
    re.I,
)
# The database or the disk is away (``passing``).
_COME_BACK = (OSError, StorageFull, TimeoutError, NoConnection)
_OF_THE_LETTER = (DataError, IntegrityError)
_SYSTEM = SystemViewer("mail")


class Intake:
    """One per process. ``at_once`` letters are taken apart side by side: a large one costs nine times its size."""

    def __init__(self, settings: Settings, database: Database, at_once: int = 2) -> None:
        self._settings = settings
        self._database = database
        self.files = FileStore(settings.data_dir / "files")
        self.keys = sealed_words.key_folder(settings)
        self._room = asyncio.Semaphore(at_once)

    async def take(
        self, mailbox_id: UUID, raw: bytes, envelope: tuple[str, ...] = (), arrived: datetime | None = None
    ) -> str:
        """Store one letter; the state it has. ``envelope`` are the addresses it was delivered to, ``arrived`` is when
        it reached the mail server, if known.

        Raises what the database and the disk raise: then nothing was stored, and it must be brought again.
        """
        async with self._room:
            keys = await asyncio.to_thread(letter_keys, raw)
            async with self._database.transaction() as session:
                known = await queries.letter_by_key(session, keys)
                if known is not None:
                    return known.state
            read = await asyncio.to_thread(_read, raw, envelope)
            try:
                try:
                    return await self._take(mailbox_id, raw, keys[0], read, arrived)
                except IntegrityError:
                    # Somebody else wrote the same row at the same moment: the second time it is there.
                    return await self._take(mailbox_id, raw, keys[0], read, arrived)
            except Exception as error:
                if passing(error):
                    raise
                # A fault of ours with this very letter: it would fail again, and block whatever comes behind it.
                logger.error("a letter could not be stored as it is: %s", type(error).__name__)
                return await self._take(mailbox_id, raw, keys[0], await asyncio.to_thread(_unread, raw), arrived)

    async def _take(
        self,
        mailbox_id: UUID,
        raw: bytes,
        key: bytes,
        read: tuple[Letter | None, Screened],
        arrived: datetime | None,
    ) -> str:
        letter, screened = read
        kept, left_out = await asyncio.to_thread(screening.keep, self.files, screened.files)
        stored = [file.key for file in kept]
        try:
            raw_name, raw_key = "", b""
            if screened.raw is not None:
                raw_key = new_file_key()
                raw_name = await asyncio.to_thread(self.files.put, screened.raw, raw_key)
                stored.append(raw_name)
            words = _words(letter, screened, kept, left_out, raw_name, raw_key, arrived)
            async with self._database.transaction() as session:
                state = await self._store(session, mailbox_id, letter, words, key, len(raw))
        except BaseException:
            await asyncio.shield(asyncio.to_thread(screening.discard, self.files, stored))
            raise
        if state is None:
            # Another process was faster with the same letter.
            await asyncio.to_thread(screening.discard, self.files, stored)
            return "taken"
        return state

    async def _store(
        self, session: AsyncSession, mailbox_id: UUID, letter: Letter | None, words: Words, key: bytes, size: int
    ) -> str | None:
        """The decision and what follows from it, in one transaction; None if the letter is here already."""
        mailbox = await session.get_one(Mailbox, mailbox_id)
        index = key_ring().blind_index(letter.sender, quarantine.SENDER) if letter and letter.sender else None
        letter_id = new_id()
        # First of all, so that two processes with the same letter wait for each other here.
        made = await session.scalar(
            insert(StoredLetter)
            .values(
                id=letter_id,
                key=key,
                mailbox_id=mailbox_id,
                state="taken",
                why="",
                size=size,
                came_at=now(),
                sender_index=index,
                raw="",
                checks="",
            )
            .on_conflict_do_nothing(index_elements=["key"])
            .returning(StoredLetter.id)
        )
        if made is None:
            return None
        named = await self._standing(session, threads.named(letter) if letter else None)
        asked = await self._standing(session, threads.asked(letter) if letter and not named else None)
        decision = Decision("quarantine", "unreadable")
        if letter is not None:
            known = await self._known(session, mailbox, letter, named, index)
            decision = threads.decide(letter, replace(known, asked=asked))
        row = await session.get_one(StoredLetter, letter_id)
        if letter is not None:
            said = threads.checks(letter.results, mailbox.authserv)
            row.checks = " ".join(f"{method}={word}" for method, word in said.items())
        genuine = "dmarc=pass" in row.checks.split()
        match decision.place:
            case "new":
                conversation = await entering.open_by(session, mailbox, words, row)
                if genuine:
                    # Only then was it written there: nobody else's mailbox is asked for what a forger sends.
                    await entering.reached(session, conversation, words.sender)
                    await reach.ask_stranger(session, conversation, mailbox, words.sender)
            case "thread" if named is not None:
                conversation = await entering.write_into(session, mailbox, named.conversation_id, words, row)
                if genuine:
                    await entering.reached(session, conversation, words.sender)
            case "bounce" if (about := named or asked) is not None and letter is not None and letter.bounce is not None:
                row.state = "bounce"
                await entering.came_back(session, about, letter.bounce, row, question=named is None)
                await asyncio.to_thread(screening.discard, self.files, words.stored)
            case _:
                row.state, row.why = "quarantined", decision.why
                hidden = hide(words.text)
                words = msgspec.structs.replace(words, text=hidden.body, red=hidden.event)
                row.sealed = await asyncio.to_thread(sealed_words.seal, self.keys, letter_id, words)
        return row.state

    async def _standing(self, session: AsyncSession, named: Named | None) -> Named | None:
        """What the letter names, if there is such a conversation (an erased one's row stays)."""
        if named is None:
            return None
        try:
            await conversations.locked(session, _SYSTEM, named.conversation_id)
        except ConversationNotFound:
            return None
        return named

    async def _known(
        self, session: AsyncSession, mailbox: Mailbox, letter: Letter, named: Named | None, index: bytes | None
    ) -> Known:
        sender_known = False
        if named is not None and letter.sender:
            conversation = await conversations.conversation(session, _SYSTEM, named.conversation_id)
            sender_known = await queries.writes_for(
                session, conversation.customer_id, value_indexes("email", letter.sender)
            )
        verdict = threads.verdict(letter.results, mailbox.authserv)
        own_number = False
        if letter.sender and (numbers := threads.numbers(letter.subject)):
            # Every letter of ours bears one: whoever writes anew quotes it.
            certain = [number for number in numbers if number is not None]
            own_number = len(certain) == len(numbers) and await queries.own_numbers(
                session, certain, value_indexes("email", letter.sender)
            )
        ours = await queries.all_mailboxes(session)
        return Known(
            named=named,
            sender_known=sender_known,
            own_number=own_number,
            from_us=pretending.is_ours(letter, [one.address for one in ours]),
            pretends=await pretending.pretends(session, self._settings, letter, ours, genuine=verdict == "pass"),
            flooding=index is not None and await queries.letters_since(session, index, now() - FLOOD_TIME) > FLOOD,
            verdict=verdict,
        )


def passing(error: Exception) -> bool:
    """Whether nothing is wrong with the letter: it comes again. A database may refuse for a lock, a limit, a plan of
    the version before; only a value that no column takes, or a row that others forbid, is this letter's. If another
    fault lasts, the mailbox is silent, which somebody hears of; a letter that is misfiled can never be answered."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or not isinstance(error, _OF_THE_LETTER)
    return isinstance(error, _COME_BACK)


def letter_keys(raw: bytes) -> list[bytes]:
    """Equal letters have equal keys, under every generation of the key, the newest first. Keyed: a hash alone would
    tell whoever has the database whether a guess of the letter's words is right."""
    head, gap, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    written = _TRACES.sub(b"", head + b"\n")
    digest = hashlib.sha256(written + gap + body.rstrip(b"\n")).hexdigest()
    return key_ring().blind_indexes(digest, "letter.key")


def _read(raw: bytes, envelope: tuple[str, ...]) -> tuple[Letter | None, Screened]:
    try:
        letter = screening.nobody(parse(raw))
        return replace(letter, recipients=(*envelope, *letter.recipients)), screening.screen(letter)
    except Unreadable:
        pass
    except Exception as error:
        # A fault of ours: the letter is kept for people to look at, and the queue behind it goes on. Its words may
        # stand in the fault's own: only its kind is logged.
        logger.error("a letter could not be read: %s", type(error).__name__)
    return _unread(raw)


def _unread(raw: bytes) -> tuple[None, Screened]:
    """For people to look at: its beginning as it came, and the whole of it if nothing in it may be a secret."""
    whole = hide(raw[:TEXT_LIMIT].decode("utf-8", "replace").replace("\0", ""))
    may_stay = whole.event is None and len(raw) <= TEXT_LIMIT
    return None, Screened("", "", "", whole.body[:_SHOWN], (), raw if may_stay else None)


def _words(
    letter: Letter | None,
    screened: Screened,
    kept: list[Kept],
    left_out: int,
    raw: str,
    raw_key: bytes,
    arrived: datetime | None,
) -> Words:
    return Words(
        sender=letter.sender if letter else "",
        sender_name=screened.sender_name,
        subject=screened.subject,
        text=screened.text,
        message_id=screened.message_id,
        files=kept,
        left_out=left_out + max(0, len(letter.files) - screening.MOST_FILES if letter else 0),
        raw=raw,
        raw_key=raw_key,
        unread=letter is None,
        arrived=arrived,
    )
