"""A letter becomes an entry of a conversation, by the same operations as a chat message; and what a report of delivery
does to one."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.keys import key_ring
from holdfast.access.viewer import CustomerViewer, SystemViewer
from holdfast.channels.mail import composing, queries
from holdfast.channels.mail.models import Mailbox, MailThread, SentLetter, StoredLetter
from holdfast.channels.mail.natures import Bounce
from holdfast.channels.mail.screening import entry, name_of, subject_of, without_subject
from holdfast.channels.mail.sealed_words import Words
from holdfast.channels.mail.threads import Named
from holdfast.conversations import operations, timeline
from holdfast.conversations import queries as conversations
from holdfast.conversations.facts import SecretFound
from holdfast.conversations.fragments import HELD
from holdfast.conversations.intake import IncomingMessage, Taken, hide
from holdfast.conversations.models import Attachment, Conversation, Inbox, Message
from holdfast.core.clock import now
from holdfast.core.database import happened, tell
from holdfast.core.i18n import negotiate
from holdfast.core.notify import PICTURES
from holdfast.people import customers
from holdfast.people.models import Customer

# The bus between the processes: something waits to be sent, or mailboxes have changed.
CHANNEL = "holdfast_mail"
SOURCE = "email"
# Receipts, and questions whether somebody reads there, that one address gets in a day: a form must not be made to send
# letters to somebody else.
BUDGET, BUDGET_TIME = 3, timedelta(days=1)
# How far back a letter's arrival is believed: an older one was moved into the folder, or its server's clock is wrong.
OLDEST = timedelta(days=30)
_COUNTED, _WRITTEN = "sent_letter.to", "sent_letter.answered"
_SYSTEM = SystemViewer("mail")


async def open_by(session: AsyncSession, mailbox: Mailbox, words: Words, row: StoredLetter) -> Conversation:
    """A new conversation. Whoever wrote it is nobody proven: any sender can be written on a letter."""
    indexes = customers.value_indexes("email", words.sender)
    language = negotiate(mailbox.language)
    customer = await queries.writer_by_address(session, indexes)
    if customer is None:
        customer = await customers.find_or_create(
            session,
            subject=None,
            name=name_of(words.sender_name) or None,
            language=language,
            contacts={"email": words.sender},
            proven=False,
        )
    inbox = await session.get_one(Inbox, mailbox.inbox_id)
    taken = _taken(words, running=False)
    message = _message(row, customer, taken, _arrival(words, row))
    conversation, stored = await operations.open_conversation(session, inbox, customer, message, language=language)
    _remember(session, mailbox, conversation, words, subject_of(words.subject, taken))
    await session.flush()
    await _entered(session, conversation, stored, words, row)
    if await queries.is_proven(session, indexes):
        await _acknowledge(session, conversation, stored.seq, words.sender)
    return conversation


async def write_into(
    session: AsyncSession, mailbox: Mailbox, conversation_id: UUID, words: Words, row: StoredLetter
) -> Conversation:
    """The next message of a conversation; it may reopen it. A chat that is answered by letter goes on by letter."""
    conversation = await conversations.locked(session, _SYSTEM, conversation_id)
    customer = await session.get_one(Customer, conversation.customer_id)
    thread = await queries.thread(session, conversation_id, lock=True)
    if thread is not None:
        thread.last_id = words.message_id or thread.last_id
        # Whoever writes letters is answered by letter, whatever they chose before.
        thread.active = True
    # They have what they answer: the chat does not offer it as new.
    conversation.customer_read = max(conversation.customer_read, await queries.arrived_up_to(session, conversation_id))
    running = await _pieces_came(session, conversation_id)
    ours = composing.request_line(conversation.language, conversation.reference)
    text = without_subject(words.text, (thread.subject if thread else words.subject) or ours)
    taken = _taken(words, running=running, text=text)
    if thread is None:
        _remember(session, mailbox, conversation, words, subject_of(words.subject, taken))
    # What stands there already came before: entries are in the order of time.
    at = max(_arrival(words, row), await timeline.last_at(session, conversation))
    message = _message(row, customer, taken, at)
    viewer = CustomerViewer(customer.id, conversation_id, conversation.language)
    conversation, stored = await operations.post(session, viewer, conversation_id, message)
    await _entered(session, conversation, stored, words, row)
    return conversation


def _taken(words: Words, *, running: bool, text: str | None = None) -> Taken:
    taken = entry(words.text if text is None else text, running=running)
    if words.red is None:
        return taken
    # It was redacted when it came into the quarantine: what was found then is stated now.
    red = [*words.red["red"], *(taken.event or {"red": []})["red"]]
    return Taken(taken.body, {**(taken.event or {}), "red": red}, taken.seal)


def _message(row: StoredLetter, customer: Customer, taken: Taken, at: datetime) -> IncomingMessage:
    return IncomingMessage(SOURCE, row.key, "customer", customer.id, taken.body, taken.event, seal=taken.seal, at=at)


def _arrival(words: Words, row: StoredLetter) -> datetime:
    """Since when the customer waits, and every promise to them runs: since the letter reached the mail server, else
    us; not since we came to look at it, after an outage or in the quarantine."""
    return max(min(words.arrived or row.came_at, now()), now() - OLDEST)


def _remember(session: AsyncSession, mailbox: Mailbox, conversation: Conversation, words: Words, subject: str) -> None:
    thread = MailThread(
        conversation_id=conversation.id,
        mailbox_id=mailbox.id,
        customer_id=conversation.customer_id,
        address=words.sender,
        subject=subject,
        last_id=words.message_id,
        # What stood there before was read where it was written.
        seq=conversation.seq,
        noted=conversation.seq,
    )
    session.add(thread)


async def _pieces_came(session: AsyncSession, conversation_id: UUID) -> bool:
    """Whether parts of a phrase were written here just now (``conversations.intake.take``)."""
    if await timeline.pieces(session, conversation_id, "customer", 1):
        return True
    found = await timeline.phrases_found(session, conversation_id, "customer")
    return any(now() - at < HELD for at in found)


async def _entered(
    session: AsyncSession, conversation: Conversation, stored: Message, words: Words, row: StoredLetter
) -> None:
    """Files, the raw letter, and the row that says where it went."""
    for file in words.files:
        session.add(
            Attachment(
                conversation_id=conversation.id,
                customer_id=conversation.customer_id,
                seq=stored.seq,
                uploader="customer",
                uploader_id=conversation.customer_id,
                name=file.name,
                media_type=file.media_type,
                size=file.size,
                width=file.width,
                height=file.height,
                key=file.key,
                file_key=file.file_key,
                sealed=True,
                state="reading" if file.picture else "clear",
            )
        )
        for kind, count, certainty in file.found:
            happened(
                session, SecretFound(conversation.id, stored.seq, kind, count, "attachment", certainty, "customer")
            )
    if any(file.picture for file in words.files):
        tell(session, PICTURES, "new")
    if words.left_out:
        # How many, not which: a line of the system outlives an erasure, so no word of a customer's is in it.
        operations.append(session, conversation, event={"type": "mail_files", "count": words.left_out})
    row.customer_id, row.conversation_id, row.seq = conversation.customer_id, conversation.id, stored.seq
    if words.raw:
        row.raw, row.raw_key = words.raw, words.raw_key
    await session.flush()


async def _acknowledge(session: AsyncSession, conversation: Conversation, seq: int, address: str) -> None:
    """A receipt, to an address that somebody has proven to be theirs, within its budget; else nothing. It holds no word
    of the letter that it answers (``composing.receipt``)."""
    to_hash = recipient(address, counted=True)
    if await within_budget(session, to_hash):
        session.add(SentLetter(conversation_id=conversation.id, first=seq, seq=seq, kind="receipt", to_hash=to_hash))
        tell(session, CHANNEL, "due")


def recipient(address: str, *, counted: bool) -> bytes:
    """By what it is known where a letter of ours went. ``counted``: it is one that nobody of ours wrote, which counts
    for the address's budget (``within_budget``); under another name than those that people write."""
    return key_ring().blind_index(address, _COUNTED if counted else _WRITTEN)


def recipients(address: str) -> list[bytes]:
    """All that ``recipient`` may have given for it."""
    return [index for name in (_COUNTED, _WRITTEN) for index in key_ring().blind_indexes(address, name)]


async def within_budget(session: AsyncSession, to_hash: bytes) -> bool:
    """Whether an address may get one more letter that nobody of ours wrote."""
    return await queries.receipts_since(session, to_hash, now() - BUDGET_TIME) < BUDGET


async def came_back(
    session: AsyncSession, named: Named, bounce: Bounce, row: StoredLetter, *, question: bool = False
) -> None:
    """A letter of ours did not arrive, or not yet: the conversation says so; for good, the contact point is marked.
    ``question``: it asked whether somebody reads there, and ``named`` has its number."""
    conversation = await conversations.locked(session, _SYSTEM, named.conversation_id)
    row.customer_id, row.conversation_id = conversation.customer_id, conversation.id
    thread = await queries.thread(session, conversation.id)
    sent = await queries.reported(session, conversation.id, named.seq, question=question)
    # The code is a format's: digits and dots. Nothing else of the report is kept.
    event = {"type": "mail_bounced" if bounce.failed else "mail_delayed", "status": hide(bounce.status).body}
    operations.append(session, conversation, event=event)
    row.seq = conversation.seq
    if not bounce.failed:
        return
    for letter in sent:
        letter.state = "bounced"
    went_to = {letter.to_hash for letter in sent if letter.to_hash}
    # Letters of before we noted that went where the conversation's go now.
    indexes = [] if went_to or thread is None or question else customers.value_indexes("email", thread.address)
    for point in await queries.email_points(session, conversation.customer_id):
        if point.value_index in indexes or went_to & set(recipients(point.value)):
            point.bounced_at = now()


async def reached(session: AsyncSession, conversation: Conversation, address: str) -> None:
    """A letter was written there, as our own server says: it is read there (again), whatever came back before."""
    indexes = customers.value_indexes("email", address)
    point = await queries.email_point(session, conversation.customer_id, indexes)
    if point is not None:
        point.bounced_at = None
