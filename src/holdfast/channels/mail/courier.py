"""Sends the letters that wait, one after another, over the SMTP server of the settings.

A letter is held for two minutes while it is sent. What came of it is stored at once after the server's answer, or as
soon as the database is back. A worker that dies between the two leaves a letter of which nobody knows whether it went:
the next one sends it again under the same Message-ID, by which mail programmes show it once, and says so in the log.
"""

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import aiosmtplib
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.viewer import SystemViewer
from holdfast.authenticity import codes
from holdfast.channels.mail import composing, confirming, queries
from holdfast.channels.mail.addresses import on_the_wire
from holdfast.channels.mail.entering import recipient
from holdfast.channels.mail.models import AddressAsked, Mailbox, MailThread, SentLetter
from holdfast.channels.mail.threads import message_id, reply_address
from holdfast.conversations import files as uploads
from holdfast.conversations import fragments, operations, presences, timeline
from holdfast.conversations import queries as conversations
from holdfast.conversations.models import Conversation, Message
from holdfast.core import mail as smtp
from holdfast.core.clock import now
from holdfast.core.database import Database
from holdfast.core.errors import HoldfastError
from holdfast.core.files import FileStore
from holdfast.core.looking import Looking
from holdfast.core.pauses import Pauses
from holdfast.core.settings import Settings
from holdfast.people import customers
from holdfast.promises import queries as promises
from holdfast.promises.keeping import read

logger = logging.getLogger(__name__)

_HOLD = timedelta(minutes=2)
_LONGEST_SLEEP = 30.0
# 5 s, 20 s, 80 s, 5, 21 minutes, then every hour and a half, for two days.
_PAUSES = Pauses(5.0, 4.0, 5400.0)
GIVE_UP = timedelta(days=2)
# Bytes of files in one letter: most servers take 25 MB with the third that base64 adds.
_MOST_FILES = 15 * 1024 * 1024
_SYSTEM = SystemViewer("mail")


@dataclass(frozen=True, slots=True)
class _Ready:
    letter_id: UUID
    raw: bytes
    sender: str
    to: str


@dataclass(frozen=True, slots=True)
class _Outcome:
    """The server's code if it gave one, whether it took the letter, and whether asking again is useless."""

    reply: int | None
    good: bool = False
    final: bool = False


class Courier(Looking):
    """One per worker process."""

    def __init__(self, settings: Settings, database: Database) -> None:
        super().__init__()
        self._settings = settings
        self._database = database
        self._files = FileStore(settings.data_dir / "files")
        self._unstored: dict[UUID, _Outcome] = {}

    async def _look(self) -> float:
        if self._settings.smtp_url is None and not self._settings.demo:
            # Nothing can be sent: it waits, and the page of mail health says so.
            return _LONGEST_SLEEP
        await self._store()
        while await self._send_next():
            pass
        async with self._database.transaction() as session:
            at = await queries.next_due(session)
        return _LONGEST_SLEEP if at is None else min(max((at - now()).total_seconds(), 0.05), _LONGEST_SLEEP)

    async def _send_next(self) -> bool:
        async with self._database.transaction() as session:
            letter = await queries.due_letter(session, now())
            if letter is None:
                return False
            if letter.tried_at is not None:
                logger.warning("letter %s goes again: what came of it is not known", letter.id)
            letter.next_at, letter.tried_at = now() + _HOLD, now()
            letter_id, ready, outcome = letter.id, None, None
            try:
                async with session.begin_nested():
                    ready = await self._made(session, letter)
            except Exception as error:
                # It keeps its hold and is settled as one that was not taken: the oldest comes first, and one that
                # cannot be made would keep every other from going out.
                outcome = _broken(letter_id, error, UnicodeError)
        if ready is not None:
            outcome = await self._hand_over(ready)
        if outcome is not None:
            self._unstored[letter_id] = outcome
            await self._store()
        return True

    async def _store(self) -> None:
        """What came of letters; kept for the next look if the database is away."""
        for letter_id, outcome in list(self._unstored.items()):
            async with self._database.transaction() as session:
                letter = await queries.due_letter(session, now(), letter_id)
                if letter is not None:
                    await self._settle(session, letter, outcome)
            del self._unstored[letter_id]

    async def _made(self, session: AsyncSession, letter: SentLetter) -> _Ready | None:
        """The letter as it is sent; None if there is nothing to send (any more)."""
        conversation = await session.get_one(Conversation, letter.conversation_id)
        if letter.kind == "confirm":
            to: MailThread | AddressAsked | None = await queries.asked(session, conversation.id, letter.seq)
        else:
            to = await queries.thread(session, conversation.id)
            if to is not None and not to.active:
                to = None
        messages = await self._said(session, letter, conversation) if letter.kind == "answer" else []
        if to is None or not to.address or (letter.kind == "answer" and not messages):
            letter.state = "dropped" if to is None or conversation.customer_read < letter.seq else "seen"
            return None
        by_rule = bool(messages) and all(message.author == "system" for message in messages)
        if by_rule and not await queries.is_proven(session, customers.value_indexes("email", to.address)):
            # The person's words that it would have gone with were read in the chat meanwhile.
            letter.state = "dropped"
            return None
        if self._settings.demo:
            letter.state = "kept"
            return None
        mailbox = await session.get_one(Mailbox, to.mailbox_id)
        raw = await self._raw(session, letter, to, mailbox, conversation, messages)
        # A report may come when the conversation's letters go to another address.
        letter.to_hash = recipient(to.address, counted=by_rule or letter.kind != "answer")
        # Reports of delivery come back to the address that names the conversation; whoever is asked whether they read
        # there is not told the name yet.
        sender = mailbox.address if letter.kind == "confirm" else reply_address(conversation.id, mailbox.address)
        return _Ready(letter.id, raw, sender, on_the_wire(to.address))

    @staticmethod
    async def _said(session: AsyncSession, letter: SentLetter, conversation: Conversation) -> list[Message]:
        """What the letter is about and the customer has not read in the chat meanwhile."""
        after = max(letter.first - 1, conversation.customer_read)
        found = await presences.answers_after(session, conversation.id, after)
        seqs = [seq for seq, _, _ in found if seq <= letter.seq]
        return [await session.get_one(Message, (conversation.id, seq)) for seq in seqs]

    async def _raw(
        self,
        session: AsyncSession,
        letter: SentLetter,
        to: MailThread | AddressAsked,
        mailbox: Mailbox,
        conversation: Conversation,
        messages: list[Message],
    ) -> bytes:
        # What is no entry of the timeline is known to the page of proof by the case alone.
        stamp = await codes.stamp(session, conversation, letter.seq if messages else None)
        due = await _promised(session, conversation) if letter.kind != "confirm" else None
        about = composing.About(stamp, conversation.language, self._settings.origin, conversation.reference, due)
        enclosed: list[composing.Enclosed] = []
        answers, by_rule = "", False
        if isinstance(to, AddressAsked):
            link, wrote = confirming.link(self._settings.origin, to), conversation.channel == "email"
            page = composing.confirmation(confirming.code(to), link, about, wrote=wrote)
        elif not messages:
            page = composing.receipt(about)
        else:
            shown = await fragments.texts(session, messages)
            words = "\n\n".join(
                composing.said(shown.get(message.seq, message.body), about.language, automatic=_automatic(message))
                for message in messages
            )
            by_rule = all(message.author == "system" for message in messages)
            # A rule's letter repeats nothing of the customer's, not even their subject.
            page = composing.answer("" if by_rule else to.subject, words, about)
            enclosed = await self._enclosed(session, messages)
            before = await queries.last_sent(session, conversation.id, letter.seq)
            answers = to.last_id or (message_id(conversation.id, before, mailbox.domain) if before else "")
        return await asyncio.to_thread(
            composing.letter,
            page,
            composing.From(mailbox.name, mailbox.address, mailbox.dkim_selector, mailbox.dkim_key),
            on_the_wire(to.address),
            conversation.id,
            letter.seq,
            kind=letter.kind,
            by_rule=by_rule,
            answers=answers,
            enclosed=enclosed,
        )

    async def _enclosed(self, session: AsyncSession, messages: list[Message]) -> list[composing.Enclosed]:
        found = await timeline.attachments_of(session, messages[0].conversation_id, [m.seq for m in messages])
        enclosed, size = [], 0
        for file in (file for message in messages for file in found.get(message.seq, ())):
            if file.state != "clear" or size + file.size > _MOST_FILES:
                continue
            size += file.size
            try:
                data = await asyncio.to_thread(uploads.content, self._files, file)
            except HoldfastError:
                # Destroyed meanwhile.
                continue
            enclosed.append(composing.Enclosed(file.name, file.media_type, data))
        return enclosed

    async def _hand_over(self, ready: _Ready) -> _Outcome:
        server = smtp.smtp_server(self._settings.smtp_url or "")
        try:
            await smtp.send(server, ready.raw, sender=ready.sender, to=ready.to)
        except smtp.Refused as error:
            # No address in the log: it is personal.
            logger.warning("letter %s was refused for good: %s", ready.letter_id, error)
            return _Outcome(_code(error.__cause__), final=True)
        except (aiosmtplib.SMTPException, OSError) as error:
            logger.warning("letter %s will be tried again: %s", ready.letter_id, type(error).__name__)
            return _Outcome(_code(error))
        except Exception as error:
            return _broken(ready.letter_id, error, ValueError)
        return _Outcome(250, good=True)

    async def _settle(self, session: AsyncSession, letter: SentLetter, outcome: _Outcome) -> None:
        letter.reply, letter.attempts, letter.tried_at = outcome.reply, letter.attempts + 1, None
        if outcome.good:
            letter.state, letter.sent_at = "sent", now()
            return
        letter.next_at = now() + _PAUSES.after(letter.attempts)
        if outcome.final or now() - letter.created_at > GIVE_UP:
            letter.state = "failed"
            if letter.kind in ("answer", "confirm"):
                # Whoever wrote it must know that the customer has not read it, and who is in the chat that no letter
                # comes to the address that they gave.
                conversation = await conversations.locked(session, _SYSTEM, letter.conversation_id)
                operations.append(
                    session, conversation, event={"type": "mail_failed", "status": str(outcome.reply or "")}
                )


async def _promised(session: AsyncSession, conversation: Conversation) -> datetime | None:
    """Until when the customer is promised to hear from us, in the zone of our opening hours; None if nothing is owed,
    or it is too late to say so. What the letter is about may just have begun or ended a promise: it is read first."""
    await read(session, [conversation.id])
    answer = conversation.next_due if conversation.waiting_since is not None else None
    update = await promises.update_due(session, conversation.id)
    due = min((at for at in (answer, update) if at is not None and at > now()), default=None)
    if due is None:
        return None
    return due.astimezone(ZoneInfo(await promises.zone_of(session, conversation.id)))


def _broken(letter_id: UUID, error: Exception, for_good: type[Exception]) -> _Outcome:
    """A fault of ours with this very letter; what cannot be written now will not be later either (``for_good``)."""
    logger.error("letter %s could not be sent: %s", letter_id, type(error).__name__)
    return _Outcome(None, final=isinstance(error, for_good))


def _automatic(message: Message) -> bool:
    """Nobody sent it at that moment: a rule did, or its writer had set a time for it."""
    return message.author == "system" or message.source == "scheduled"


def _code(error: BaseException | None) -> int | None:
    code = getattr(error, "code", None)
    return code if isinstance(code, int) else None
