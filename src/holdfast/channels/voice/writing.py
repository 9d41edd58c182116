"""From a call to writing: its agent sends a link by which the caller goes on in this very conversation, or says so in
the app that they have.

Letters hold the link and nothing of the conversation. A number proves nobody: whoever calls with somebody else's must
not have that person's conversation sent to an address of their own.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.masks import masked
from holdfast.access.policy import Field
from holdfast.access.viewer import StaffViewer
from holdfast.channels.voice import keeping, queries, stages, writing_queries
from holdfast.channels.voice.errors import (
    AddressNotAllowed,
    AddressWrong,
    CallUnknown,
    LinkOver,
    NoAddress,
    NoApp,
    NoMail,
    NotInCall,
)
from holdfast.channels.voice.models import Call, CallLink
from holdfast.conversations import queries as conversations
from holdfast.conversations.automatic import say
from holdfast.conversations.models import Conversation
from holdfast.conversations.tokens import issue_token
from holdfast.core.clock import now
from holdfast.core.i18n import translate
from holdfast.core.ids import new_secret, secret_hash
from holdfast.core.settings import Settings
from holdfast.people import customers
from holdfast.people.mail import can_send, send_later
from holdfast.people.models import Customer
from holdfast.redaction import redact
from holdfast.verification.operations import case_of

LIFETIME = timedelta(hours=24)
_ADDRESS = re.compile(r"[^\s@<>(),;:\"\\]{1,64}@(?:[\w-]{1,63}\.)+[\w-]{2,63}")


@dataclass(frozen=True, slots=True)
class Ways:
    """``known``: the address that we know, masked. ``typed``: a link may go to another."""

    app: bool
    known: str
    typed: bool


async def _ended_by(session: AsyncSession, viewer: StaffViewer, call_id: UUID) -> tuple[Call, Conversation]:
    """A call that the viewer is in, or wraps up. Raises CallUnknown, NotInCall, ConversationNotFound."""
    call = await queries.call(session, call_id)
    if call is None or call.conversation_id is None:
        raise CallUnknown
    conversation = await conversations.locked(session, viewer, call.conversation_id)
    wrapping = call.wrap_until is not None and call.wrap_until > now() and call.wrapped_at is None
    if call.agent_id != viewer.id or not (wrapping or (call.ended_at is None and call.stage == stages.TALKING)):
        raise NotInCall
    return call, conversation


async def ways(session: AsyncSession, viewer: StaffViewer, call_id: UUID, settings: Settings) -> Ways:
    call, conversation = await _ended_by(session, viewer, call_id)
    known = await writing_queries.known_email(session, conversation.customer_id) if can_send(settings) else None
    return Ways(
        app=await _has_app(session, conversation),
        known=masked(Field.EMAIL, known) if known else "",
        typed=can_send(settings) and await _may_go_anywhere(session, call, conversation),
    )


async def _has_app(session: AsyncSession, conversation: Conversation) -> bool:
    """They see this conversation there: the app vouches for them, or they began it in a chat."""
    customer = await session.get_one(Customer, conversation.customer_id)
    return customer.subject_index is not None or await writing_queries.has_token(session, conversation.id)


async def _may_go_anywhere(session: AsyncSession, call: Call, conversation: Conversation) -> bool:
    """It is this call's own, of somebody of whom we know nothing else, or whoever spoke has typed the app's code: what
    somebody with the same number has, or writes there meanwhile, is not theirs."""
    if call.place.get("stranger"):
        return True
    return bool(call.place.get("proven")) and (await case_of(session, conversation)).compromised_at is None


async def by_app(session: AsyncSession, viewer: StaffViewer, call_id: UUID) -> None:
    """A message there, which goes as all of them do. Twice is once. Raises NoApp, AlreadyResolved."""
    call, conversation = await _ended_by(session, viewer, call_id)
    if not await _has_app(session, conversation):
        raise NoApp
    words = translate("Our call goes on here, in writing.", conversation.language)
    await say(session, keeping.SYSTEM, conversation.id, words, call.id.bytes + b"writing", public=True)
    await _sent(session, viewer, call, "app")


async def by_mail(
    session: AsyncSession, viewer: StaffViewer, call_id: UUID, address: str | None, settings: Settings
) -> None:
    """To the address that we know, or to ``address``. Raises NoMail, NoAddress, AddressWrong, AddressNotAllowed."""
    call, conversation = await _ended_by(session, viewer, call_id)
    if not can_send(settings):
        raise NoMail
    to = address.strip() if address else await writing_queries.known_email(session, conversation.customer_id)
    if to is None:
        raise NoAddress
    if address and not await _may_go_anywhere(session, call, conversation):
        raise AddressNotAllowed
    if len(to) > 254 or not _ADDRESS.fullmatch(to) or redact(to).findings:
        raise AddressWrong
    secret = new_secret()
    session.add(
        CallLink(
            call_id=call.id,
            conversation_id=conversation.id,
            by_id=viewer.id,
            link_hash=secret_hash(secret),
            address=to if address else None,
            created_at=now(),
            expires_at=now() + LIFETIME,
        )
    )
    language = conversation.language
    subject = translate("Go on in writing with {organisation}", language, organisation=settings.organisation)
    text = translate(
        "You have spoken with {organisation} on the phone. With this link you go on in writing; it works once, for"
        " {hours} hours. If it was not you, ignore this.",
        language,
        organisation=settings.organisation,
        hours=int(LIFETIME.total_seconds() // 3600),
    )
    # Behind the hash: it reaches no server's log, and no scanner that opens links uses it up.
    link = f"{settings.origin}/help-support?lang={language}#continue={secret}"
    await send_later(session, to, subject, f"{text}\n\n{link}\n")
    await _sent(session, viewer, call, "mail")


async def _sent(session: AsyncSession, viewer: StaffViewer, call: Call, way: str) -> None:
    await keeping.note(session, call, "call_written", agent=str(viewer.id), how=way)
    record(session, viewer, "call.continued", ("conversation", call.conversation_id), way=way)


async def opened(session: AsyncSession, secret: str) -> tuple[UUID, str]:
    """The conversation, and a token for it, once. Whoever opens it reads where it went. Raises LinkOver."""
    link = await writing_queries.link_locked(session, secret_hash(secret))
    if link is None or link.used_at is not None or link.expires_at <= now():
        raise LinkOver
    link.used_at = now()
    if link.address is not None:
        call = await queries.call(session, link.call_id)
        # A number can be faked: without the app's code nobody gives its holder an address.
        if call is not None and call.place.get("proven"):
            conversation = await conversations.conversation(session, keeping.SYSTEM, link.conversation_id)
            await customers.confirm_address(session, conversation.customer_id, link.address)
        link.address = None
    return link.conversation_id, issue_token(session, link.conversation_id)
