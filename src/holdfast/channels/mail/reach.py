"""Whether answers go by letter to whoever has left the chat, and to which address: what customers decide in the chat's
window, and what follows from what happens to their conversations.

Nothing of a conversation is sent to an address before its holder said so there, or the wallet vouched for it.
"""

import re
from datetime import timedelta
from typing import Literal
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.masks import shown
from holdfast.access.policy import Field, Sight
from holdfast.access.viewer import CustomerViewer, SystemViewer
from holdfast.channels.mail import confirming, queries
from holdfast.channels.mail.addresses import on_the_wire
from holdfast.channels.mail.entering import CHANNEL, recipient, within_budget
from holdfast.channels.mail.errors import AddressUnfit, ConfirmationEnded, MailImpossible
from holdfast.channels.mail.models import AddressAsked, Mailbox, MailThread, SentLetter
from holdfast.channels.mail.outbox import ANSWER
from holdfast.conversations import operations
from holdfast.conversations import queries as conversations
from holdfast.conversations.errors import ConversationNotFound
from holdfast.conversations.facts import ConversationOpened, ConversationsMoved, SecretFound
from holdfast.conversations.models import Conversation
from holdfast.core.clock import now
from holdfast.core.database import tell
from holdfast.core.due import set_due
from holdfast.core.errors import RateLimited
from holdfast.people import customers
from holdfast.people.models import Customer
from holdfast.redaction import redact

# Addresses that one conversation may ask in a day.
ASKED, ASKED_TIME = 5, timedelta(days=1)
_ADDRESS = re.compile(r"[^\s@<>(),;:\"\\]{1,64}@(?:[\w-]{1,63}\.)+[\w-]{2,63}")
_SYSTEM = SystemViewer("mail")


class Reach(msgspec.Struct, frozen=True):
    """``possible``: a mailbox could answer. ``address`` is masked; ``known``: one that the wallet vouched for."""

    possible: bool
    state: Literal["none", "asked", "on", "off", "bounced"]
    address: str = ""
    known: str = ""


def masked(address: str) -> str:
    return shown(address, Field.EMAIL, Sight.MASKED) or ""


async def reach(session: AsyncSession, conversation: Conversation) -> Reach:
    """As the customer and their agent see it."""
    thread = await queries.thread(session, conversation.id)
    asked = await queries.asked(session, conversation.id)
    vouched = await queries.vouched_email(session, conversation.customer_id)
    known = masked(vouched.value) if vouched else ""
    possible = await queries.mailbox_for(session, conversation.inbox_id, conversation.language) is not None
    if asked is not None and thread is not None and asked.address == thread.address:
        # A stranger who was asked is answered all the same.
        asked = None
    if asked is not None and asked.confirmed_at is None and confirming.counts(asked) and asked.address:
        state = await queries.question(session, asked)
        return Reach(possible, "bounced" if state in queries.NOT_ARRIVED else "asked", masked(asked.address), known)
    if thread is None or not thread.address:
        return Reach(possible, "none", "", known)
    point = await queries.email_point(
        session, conversation.customer_id, customers.value_indexes("email", thread.address)
    )
    if point is not None and point.bounced_at is not None:
        return Reach(possible, "bounced", masked(thread.address), known)
    return Reach(possible, "on" if thread.active else "off", masked(thread.address), known)


async def ask(session: AsyncSession, viewer: CustomerViewer, address: str | None) -> Conversation:
    """The customer wants answers there: a letter asks whoever reads there. Null: at the address that the wallet
    vouched for, which needs no asking. Raises AddressUnfit, MailImpossible, RateLimited."""
    conversation = await conversations.locked(session, viewer, viewer.conversation_id)
    mailbox = await queries.mailbox_for(session, conversation.inbox_id, conversation.language)
    if mailbox is None:
        raise MailImpossible
    if address is None:
        vouched = await queries.vouched_email(session, viewer.id)
        if vouched is None:
            raise AddressUnfit
        await _answer_to(session, conversation, mailbox.id, vouched.value)
        return conversation
    try:
        address = on_the_wire(address.strip().lower())
    except UnicodeError:
        raise AddressUnfit from None
    ours = {one.address for one in await queries.all_mailboxes(session)}
    if not _ADDRESS.fullmatch(address) or len(address) > 254 or redact(address).findings or address in ours:
        raise AddressUnfit
    point = await queries.email_point(session, viewer.id, customers.value_indexes("email", address))
    if point is not None and (point.proven_at or point.confirmed_at) and point.bounced_at is None:
        await _answer_to(session, conversation, mailbox.id, address)
        return conversation
    if await queries.asked_since(session, conversation.id, now() - ASKED_TIME) >= ASKED:
        raise RateLimited
    if not await ask_holder(session, conversation, mailbox, address):
        raise RateLimited
    return conversation


async def ask_holder(session: AsyncSession, conversation: Conversation, mailbox: Mailbox, address: str) -> bool:
    """Send the letter with the code and the link; False if this address has had its share for today."""
    to_hash = recipient(address, counted=True)
    if not await within_budget(session, to_hash):
        return False
    before = await queries.asked(session, conversation.id)
    number = before.number + 1 if before else 1
    session.add(
        AddressAsked(
            conversation_id=conversation.id,
            number=number,
            mailbox_id=mailbox.id,
            customer_id=conversation.customer_id,
            address=address,
        )
    )
    session.add(SentLetter(conversation_id=conversation.id, first=number, seq=number, kind="confirm", to_hash=to_hash))
    tell(session, CHANNEL, "due")
    await session.flush()
    return True


async def ask_stranger(session: AsyncSession, conversation: Conversation, mailbox: Mailbox, address: str) -> None:
    """Whoever writes the first time, from an address that nobody has shown to be theirs, is asked for that: a person's
    answer goes there all the same, but receipts only when they have said so."""
    if not await queries.is_proven(session, customers.value_indexes("email", address)):
        await ask_holder(session, conversation, mailbox, address)


async def confirm_by_code(session: AsyncSession, viewer: CustomerViewer, typed: str) -> bool:
    """The customer typed the code; False if it is not the one, which is counted. Raises ConfirmationEnded."""
    conversation = await conversations.locked(session, viewer, viewer.conversation_id)
    row = await queries.asked(session, conversation.id)
    if row is None or row.confirmed_at is not None or not confirming.counts(row) or row.tries >= confirming.TRIES:
        raise ConfirmationEnded
    if not confirming.fits(row, typed):
        row.tries += 1
        return False
    await _confirm(session, conversation, row)
    return True


async def by_link(session: AsyncSession, token: str, *, act: bool) -> AddressAsked:
    """What a link of ours stands for; with ``act`` the address counts from now on. Raises ConfirmationEnded."""
    named = confirming.named(token)
    try:
        conversation = await conversations.locked(session, _SYSTEM, named.conversation_id) if named else None
    except ConversationNotFound:
        conversation = None
    row = await queries.asked(session, named.conversation_id, named.number) if named and conversation else None
    if conversation is None or row is None or not confirming.counts(row) or not row.address:
        raise ConfirmationEnded
    if act and row.confirmed_at is None:
        await _confirm(session, conversation, row)
    return row


async def _confirm(session: AsyncSession, conversation: Conversation, row: AddressAsked) -> None:
    row.confirmed_at = now()
    await customers.confirm_address(session, conversation.customer_id, row.address)
    await _answer_to(session, conversation, row.mailbox_id, row.address)
    # A stranger's thread is one already, but what rules say goes there from now on only.
    await set_due(session, ANSWER, conversation.id, now())


async def _answer_to(session: AsyncSession, conversation: Conversation, mailbox_id: UUID, address: str) -> None:
    """From now on, with what waits unread: answers go there when the customer is not here."""
    thread = await queries.thread(session, conversation.id, lock=True)
    if thread is not None and thread.active and thread.address == address:
        return
    if thread is None:
        session.add(_thread(conversation, mailbox_id, address))
        await session.flush()
    else:
        # What was said while they wanted no letters, or came back from where they do not read, is unread still.
        thread.seq = max(conversation.customer_read, await queries.gone_up_to(session, conversation.id))
        thread.active = True
        if thread.address != address:
            # Another's letters are no beginning of theirs.
            thread.mailbox_id, thread.address, thread.last_id = mailbox_id, address, ""
    operations.append(session, conversation, event={"type": "mail_on"})
    await set_due(session, ANSWER, conversation.id, now())


def _thread(conversation: Conversation, mailbox_id: UUID, address: str) -> MailThread:
    return MailThread(
        conversation_id=conversation.id,
        mailbox_id=mailbox_id,
        customer_id=conversation.customer_id,
        address=address,
        subject="",
        last_id="",
        seq=conversation.customer_read,
        noted=conversation.seq,
    )


async def switch_off(session: AsyncSession, viewer: CustomerViewer) -> Conversation:
    """No answer goes by letter any more, nor what waits to be sent. What was asked counts no more either."""
    conversation = await conversations.locked(session, viewer, viewer.conversation_id)
    row = await queries.asked(session, conversation.id)
    if row is not None and row.confirmed_at is None:
        row.asked_at = now() - confirming.VALID
    thread = await queries.thread(session, conversation.id, lock=True)
    if thread is not None and thread.active:
        thread.active = False
        operations.append(session, conversation, event={"type": "mail_off"})
    return conversation


async def on_opened(session: AsyncSession, fact: ConversationOpened) -> None:
    """Whoever the wallet vouches for, with an address, is answered there when they leave the chat; they may say no."""
    if fact.episode != 1:
        return
    conversation = await session.get_one(Conversation, fact.conversation_id)
    customer = await session.get_one(Customer, conversation.customer_id)
    if not customer.proven or conversation.channel != "chat":
        return
    vouched = await queries.vouched_email(session, customer.id)
    mailbox = await queries.mailbox_for(session, conversation.inbox_id, conversation.language) if vouched else None
    if vouched is not None and mailbox is not None:
        session.add(_thread(conversation, mailbox.id, vouched.value))


async def on_secret_found(session: AsyncSession, fact: SecretFound) -> None:
    """The subject may be its beginning, and every answer repeats it."""
    thread = await queries.thread(session, fact.conversation_id)
    if thread is not None and thread.subject:
        thread.subject = ""


async def on_moved(session: AsyncSession, fact: ConversationsMoved) -> None:
    """What is sealed with the visitor's key is sealed with that of the customer they turned out to be."""
    for thread in await queries.threads_of(session, fact.conversation_ids):
        address, subject, last_id = thread.address, thread.subject, thread.last_id
        thread.customer_id = fact.customer_id
        thread.address, thread.subject, thread.last_id = address, subject, last_id
    for row in await queries.asked_of(session, fact.conversation_ids):
        address = row.address
        row.customer_id, row.address = fact.customer_id, address
