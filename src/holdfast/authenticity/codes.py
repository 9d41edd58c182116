"""What stands in everything we send: the customer's own words, and in messages a code that the page of proof knows."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.viewer import CustomerViewer, StaffViewer, SystemViewer
from holdfast.authenticity import queries, rotating
from holdfast.authenticity.check_codes import code_of, full, split
from holdfast.authenticity.errors import CodeIsSecret, CodeUnfit
from holdfast.authenticity.models import PersonalCode
from holdfast.authenticity.secrets import code_key
from holdfast.conversations import queries as conversations
from holdfast.conversations.models import Conversation
from holdfast.core.clock import now
from holdfast.core.i18n import translate
from holdfast.redaction import redact
from holdfast.redaction.lists import ENGLISH
from holdfast.redaction.outgoing.links import find_links

# A check code is answered for so long.
LIFETIME = timedelta(days=90)
SHORTEST, LONGEST = 4, 40
# So many words of one recovery list in a row are the beginning of a phrase, not a code.
_MOST_LIST_WORDS = 4
_LIKE_A_KEY = re.compile(r"[0-9a-fA-F]{24,}|[1-9A-HJ-NP-Za-km-z]{32,}")


@dataclass(frozen=True, slots=True)
class Stamp:
    """What is stamped on whatever goes out: the customer's ``words`` (null: they chose none) and the check ``code``
    (null: it is no message of the conversation, so the page of proof knows nothing of it)."""

    words: str | None
    code: str | None

    def footer(self, language: str, origin: str) -> str:
        """Up to two lines below it, in the customer's language; empty when there is nothing to say."""
        lines = []
        if self.words:
            lines.append(translate("Your code with us: {words}", language, words=self.words))
        if self.code:
            address = f"{origin}/verify"
            lines.append(
                translate("Check that we sent this: {address}, code {code}", language, address=address, code=self.code)
            )
        return "\n".join(lines)


async def stamp(session: AsyncSession, conversation: Conversation, seq: int | None) -> Stamp:
    """For what goes out to the conversation's customer, by whatever channel: its entry ``seq``, or what is none (null),
    such as a code for a proof."""
    words = await queries.personal_code(session, SystemViewer("stamp"), conversation.customer_id)
    if seq is None:
        return Stamp(words, None)
    return Stamp(words, full(conversation.reference, code_of(code_key("check"), conversation.id, seq)))


@dataclass(frozen=True, slots=True)
class Sent:
    """We sent it ``at`` this instant, about the case ``reference``."""

    reference: str
    at: datetime


async def find_sent(session: AsyncSession, canonical: str) -> Sent | None:
    """What a check code stands for, or None (wrong, or older than 90 days)."""
    reference, code = split(canonical)
    key = code_key("check")
    found = None
    for conversation_id, seq, at in await queries.sent(session, reference, now() - LIFETIME):
        # All are compared: how long it takes says nothing.
        if secrets.compare_digest(code_of(key, conversation_id, seq), code):
            found = Sent(reference, at)
    return found


async def choose(session: AsyncSession, viewer: CustomerViewer, words: str | None) -> str:
    """The customer's own words, or two that are made up. Raises CodeUnfit, CodeIsSecret."""
    chosen = made_up() if words is None else fit(words)
    statement = insert(PersonalCode).values(customer_id=viewer.id, words=chosen, set_at=now())
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["customer_id"], set_={"words": statement.excluded.words, "set_at": now()}
        )
    )
    record(session, viewer, "personal_code.chosen", ("customer", viewer.id), made_up=words is None)
    return chosen


def made_up() -> str:
    """Two words and a number, such as "harbour violin 38": 2,048 x 2,048 x 90 of them."""
    words = list(ENGLISH.index)
    return f"{secrets.choice(words)} {secrets.choice(words)} {10 + secrets.randbelow(90)}"


def fit(words: str) -> str:
    """The words as they are kept. Raises CodeUnfit, CodeIsSecret."""
    kept = " ".join(words.split())
    known = ENGLISH.index.keys()
    listed = sum(word in known for word in re.findall(r"[a-z]+", kept.lower()))
    if redact(words).findings or listed > _MOST_LIST_WORDS or _LIKE_A_KEY.search(kept):
        raise CodeIsSecret
    if not SHORTEST <= len(kept) <= LONGEST or any(not char.isprintable() for char in kept) or find_links(kept):
        raise CodeUnfit
    return kept


@dataclass(frozen=True, slots=True)
class Rotating:
    """``code`` (six digits) until ``seconds`` from now; the next one follows from asking again."""

    code: str
    seconds: int


def rotating_of(conversation_id: UUID) -> Rotating:
    """Of a conversation that the asker may see: customer and agent get the same."""
    moment = now()
    code = rotating.code_at(code_key("rotating"), conversation_id, rotating.step_at(moment))
    return Rotating(code, rotating.seconds_left(moment))


async def heard(session: AsyncSession, viewer: StaffViewer, conversation_id: UUID, code: str) -> bool:
    """Whether what the customer reads out is the conversation's code. Raises ConversationNotFound."""
    conversation = await conversations.conversation(session, viewer, conversation_id)
    right = rotating.same(code_key("rotating"), conversation.id, now(), code)
    record(session, viewer, "rotating_code.compared", ("conversation", conversation.id), right=right)
    return right


@dataclass(frozen=True, slots=True)
class Checkable:
    """A message of ours and its check code."""

    seq: int
    at: datetime
    code: str


async def checkable(session: AsyncSession, conversation: Conversation, limit: int = 20) -> list[Checkable]:
    """What we said last in a conversation that the asker may see, the latest first."""
    key = code_key("check")
    return [
        Checkable(m.seq, m.created_at, full(conversation.reference, code_of(key, conversation.id, m.seq)))
        for m in await queries.last_sent(session, conversation.id, limit)
    ]


async def of_conversation(
    session: AsyncSession, viewer: StaffViewer, conversation_id: UUID
) -> tuple[Rotating, Checkable | None, bool]:
    """What an agent sees: the shared code, our last message's check code, and whether the customer has words of their
    own, never the words. Raises ConversationNotFound."""
    conversation = await conversations.conversation(session, viewer, conversation_id)
    last = await checkable(session, conversation, limit=1)
    words = await queries.personal_code(session, SystemViewer("proof"), conversation.customer_id)
    return rotating_of(conversation.id), last[0] if last else None, words is not None
