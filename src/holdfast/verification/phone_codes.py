"""A code that the app shows and a caller types on the telephone. It says in whose conversation the call belongs, and
proves as much as the app's back end vouched for when it was made.

Its digits are 1 to 9, since zero is the emergency in every menu. What was typed is kept nowhere.
"""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.keys import key_ring
from holdfast.access.viewer import CustomerViewer, StaffViewer, SystemViewer
from holdfast.conversations import queries as conversations
from holdfast.conversations.models import Conversation
from holdfast.core.clock import now
from holdfast.core.ids import new_id
from holdfast.verification import answering, operations, queries
from holdfast.verification.catalogue import ON_THE_PHONE
from holdfast.verification.errors import ChallengeUsed, TooManyChallenges, VerificationUnknown
from holdfast.verification.models import PhoneCode, Verification
from holdfast.verification.policy import Case, Evidence, Method, Rule, judge
from holdfast.verification.proofs.challenge import new_nonce

LIFETIME = timedelta(minutes=5)
# In an hour, for one customer: one that is always on the screen, and some more.
_MOST = 20
_SHORTEST = 8
TAKEN = "taken"
# Of so many numbers that somebody types at random one may be a code that is open.
_GUESSES = 1_000_000
_SYSTEM = SystemViewer("verification")


def length(open_codes: int) -> int:
    """How many digits one more needs beside those."""
    digits = _SHORTEST
    while 9**digits < (open_codes + 1) * _GUESSES:
        digits += 1
    return digits


def _hashes(code: str) -> list[bytes]:
    return key_ring().blind_indexes(code, "phone_code.code")


async def begin(session: AsyncSession, viewer: CustomerViewer) -> PhoneCode:
    """What the app shall vouch for. Raises TooManyChallenges."""
    conversation = await conversations.locked(session, viewer, viewer.conversation_id)
    if await queries.phone_codes_since(session, conversation.customer_id, now() - timedelta(hours=1)) >= _MOST:
        raise TooManyChallenges
    made = PhoneCode(
        id=new_id(),
        conversation_id=conversation.id,
        nonce=new_nonce(),
        created_at=now(),
        expires_at=now() + LIFETIME,
    )
    session.add(made)
    return made


async def show(session: AsyncSession, viewer: CustomerViewer, nonce: str, identity: str) -> tuple[str, PhoneCode]:
    """The code, this once; the one before it counts no more. Without a good ``identity`` it finds the conversation, and
    proves nothing. Raises VerificationUnknown, ChallengeUsed."""
    conversation = await conversations.locked(session, viewer, viewer.conversation_id)
    made = await queries.phone_code_by_nonce(session, conversation.id, nonce)
    if made is None:
        raise VerificationUnknown
    if made.code_hash is not None or made.expires_at <= now():
        raise ChallengeUsed
    await session.execute(
        update(PhoneCode)
        .where(PhoneCode.conversation_id == conversation.id, PhoneCode.id != made.id, PhoneCode.used_at.is_(None))
        .values(used_at=now())
    )
    made.vouched = await answering.vouched(session, conversation.id, made.nonce, identity)
    digits = length(await queries.open_phone_codes(session, now()))
    code = "".join(secrets.choice("123456789") for _ in range(digits))
    made.code_hash = _hashes(code)[0]
    return code, made


@dataclass(frozen=True, slots=True)
class Typed:
    """``outcome``: right, wrong, late or used. If it is right, ``conversation_id`` is where the call belongs, and
    ``refused`` why it proves nothing all the same; ``TAKEN``: somebody else is on the phone there."""

    outcome: str
    conversation_id: UUID | None = None
    refused: str | None = None


async def typed(
    session: AsyncSession,
    digits: str,
    asked_in: UUID | None = None,
    taken: Callable[[UUID], Awaitable[bool]] | None = None,
) -> Typed:
    """A caller typed it. ``asked_in`` is their call's conversation: where it is the same customer's, the call stays in
    it, and what an agent asked there goes along if it does not. ``taken`` says whether somebody else is on the phone in
    a conversation: then nothing is proven there, since it would count for them. The caller counts what is wrong."""
    made = await queries.phone_code(session, _hashes(digits), now())
    if made is None:
        return Typed("wrong")
    if made.used_at is not None:
        return Typed("used")
    if made.expires_at <= now():
        return Typed("late")
    made.used_at = now()
    place, customer_id = made.conversation_id, (await session.get_one(Conversation, made.conversation_id)).customer_id
    asked: list[Verification] = []
    elsewhere = asked_in is not None and asked_in != place
    if elsewhere and (await session.get_one(Conversation, asked_in)).customer_id == customer_id:
        place, elsewhere = asked_in or place, False
    conversation = await conversations.locked(session, _SYSTEM, place)
    if taken is not None and await taken(place):
        return Typed("right", conversation.id, TAKEN)
    if elsewhere and asked_in is not None:
        asked = await _asked(session, asked_in)
    refused = await _prove(session, conversation, asked, vouched=made.vouched)
    return Typed("right", conversation.id, refused)


async def _asked(session: AsyncSession, conversation_id: UUID) -> list[Verification]:
    found = await queries.verifications(session, conversation_id)
    return [row for row, _ in found if operations.waits(row) and row.asked_by_id is not None]


async def _prove(
    session: AsyncSession, conversation: Conversation, elsewhere: list[Verification], *, vouched: bool
) -> str | None:
    """That they are on the phone, and whatever else was asked of them that this serves."""
    rules, case = await operations.rules(session), await operations.case_of(session, conversation)
    rows = await _asked(session, conversation.id)
    there = {row.purpose for row in rows}
    for row in elsewhere:
        row.state = "withdrawn"
        if row.purpose not in there:
            rows.append(_row(conversation, rules[row.purpose], row.asked_by_id))
    if ON_THE_PHONE.key not in {row.purpose for row in rows}:
        rows.append(_row(conversation, rules[ON_THE_PHONE.key], None))
    session.add_all(rows)
    viewer = CustomerViewer(conversation.customer_id, conversation.id, conversation.language)
    refusals = {
        row.purpose: _judged(session, conversation, viewer, row, rules[row.purpose], case, vouched=vouched)
        for row in rows
        if row.purpose == ON_THE_PHONE.key or Method.KEYPAD in rules[row.purpose].methods
    }
    await session.flush()
    await operations.settle(session, conversation)
    return refusals[ON_THE_PHONE.key]


def _row(conversation: Conversation, rule: Rule, asked_by_id: UUID | None) -> Verification:
    return Verification(
        conversation_id=conversation.id,
        purpose=rule.key,
        level=rule.level,
        asked_by_id=asked_by_id,
        asked_at=now(),
        state="waiting",
        warnings=[],
    )


def _judged(
    session: AsyncSession,
    conversation: Conversation,
    viewer: CustomerViewer,
    row: Verification,
    rule: Rule,
    case: Case,
    *,
    vouched: bool,
) -> str | None:
    """As any other answer."""
    shown = Evidence(Method.KEYPAD, now())
    refused = judge(rule, shown, case, now()) if vouched else answering.WRONG_TOKEN
    if refused is None:
        answering.prove(row, shown, rule, None)
    else:
        _refuse(row, refused)
    answering.tell(session, conversation, viewer, row, rule, Method.KEYPAD, refused, over=True)
    return refused


def _refuse(row: Verification, reason: str) -> None:
    row.refused, row.refused_method, row.refused_at = reason, Method.KEYPAD, now()
    if row.purpose == ON_THE_PHONE.key:
        row.state = "withdrawn"


async def given_up(session: AsyncSession, conversation_id: UUID, *, wrong: bool = False) -> None:
    """Who is calling is no longer asked: nothing was typed, or nothing right. Harmless when it is not."""
    for row in await _asked(session, conversation_id):
        if row.purpose == ON_THE_PHONE.key:
            row.state = "withdrawn"
            if wrong:
                _refuse(row, answering.WRONG_CODE)


async def no_longer_asked(session: AsyncSession, viewer: StaffViewer, conversation_id: UUID) -> None:
    """By the agent. Harmless when it is not asked."""
    for row in await _asked(session, conversation_id):
        if row.purpose == ON_THE_PHONE.key:
            await operations.withdraw(session, viewer, conversation_id, row.id)


async def call_over(session: AsyncSession, conversation: Conversation) -> None:
    """Who spoke on the phone has hung up: what the (locked) conversation's caller was asked, or proved by it, ends with
    the call."""
    await given_up(session, conversation.id)
    ended = await session.execute(
        update(Verification)
        .where(
            Verification.conversation_id == conversation.id,
            Verification.purpose == ON_THE_PHONE.key,
            Verification.valid_until > now(),
        )
        .values(valid_until=now())
        .returning(Verification.id)
    )
    if ended.all():
        await operations.settle(session, conversation)
