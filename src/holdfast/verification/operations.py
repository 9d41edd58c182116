"""Asking for proof, saying that a wallet may be in other hands, and what a conversation has been proven to.

Each takes the conversation's lock and writes its timeline. Answering is in ``answering.py``.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.viewer import CustomerViewer, Role, StaffViewer, SystemViewer
from holdfast.conversations import operations as conversations
from holdfast.conversations import queries as conversation_queries
from holdfast.conversations.facts import ConversationQueued
from holdfast.conversations.models import Conversation
from holdfast.core.clock import now
from holdfast.core.due import set_due
from holdfast.verification import queries
from holdfast.verification.catalogue import ON_THE_PHONE, PURPOSES, SIGNED_IN
from holdfast.verification.errors import (
    LevelTooHigh,
    LiftForLeads,
    NothingToProve,
    PurposeInvalid,
    PurposesForAdministrators,
    PurposeUnknown,
    VerificationOver,
    VerificationUnknown,
)
from holdfast.verification.models import (
    CompromiseMark,
    PhoneCode,
    Verification,
    VerificationChallenge,
    VerificationPurpose,
)
from holdfast.verification.policy import HIGHEST, LEVELS, Case, Evidence, Method, Rule, judge
from holdfast.verification.proofs.challenge import purpose_fits

# A deadline's kind: the level of a conversation goes down.
OVER = "verification_over"
# An agent's question is not open for ever: whoever comes back to it later would prove it to nobody.
WAITS = timedelta(minutes=30)
_LONGEST_HOLD = timedelta(days=1)


async def rules(session: AsyncSession) -> dict[str, Rule]:
    """The purposes by key: the catalogue, changed and extended by the operator."""
    found = {rule.key: rule for rule in PURPOSES}
    for row in await queries.purposes(session):
        found[row.key] = Rule(
            key=row.key,
            level=row.level,
            statement=row.statement,
            methods=frozenset(Method(method) for method in row.methods),
            holds=timedelta(seconds=row.holds_seconds),
            enrolled_before=timedelta(hours=row.enrolled_hours),
            chain_required=row.chain_required,
            name=row.name,
            active=row.active,
        )
    return found


async def rule_of(session: AsyncSession, key: str) -> Rule:
    """Raises PurposeUnknown, also for one that is switched off."""
    rule = (await rules(session)).get(key)
    if rule is None or not rule.active:
        raise PurposeUnknown
    return rule


async def keep_rule(session: AsyncSession, viewer: StaffViewer, rule: Rule) -> None:
    """Change a purpose, or add one. Raises PurposesForAdministrators, PurposeInvalid."""
    if not viewer.holds(Role.ADMINISTRATOR):
        raise PurposesForAdministrators
    known = {each.key: each for each in PURPOSES}
    if rule.key == SIGNED_IN.key or not (rule.name.strip() or rule.key in known):
        raise PurposeInvalid(why="key")
    if not purpose_fits(rule.statement):
        raise PurposeInvalid(why="statement")
    if not 0 <= rule.level <= HIGHEST or not any(LEVELS[method] >= rule.level for method in rule.methods):
        raise PurposeInvalid(why="methods")
    if rule.key == ON_THE_PHONE.key and rule.methods != ON_THE_PHONE.methods:
        raise PurposeInvalid(why="methods")
    if not timedelta(minutes=1) <= rule.holds <= _LONGEST_HOLD or rule.enrolled_before < timedelta():
        raise PurposeInvalid(why="time")
    before = (await rules(session)).get(rule.key)
    values = _values(rule)
    row = await session.get(VerificationPurpose, rule.key)
    if row is None:
        row = VerificationPurpose(key=rule.key, **values)
        session.add(row)
    for name, value in values.items():
        setattr(row, name, value)
    row.changed_by_id, row.changed_at = viewer.id, now()
    was = before and _values(before)
    record(session, viewer, "verification.purpose_changed", ("purpose", None), key=rule.key, before=was, after=values)


def _values(rule: Rule) -> dict[str, Any]:
    return {
        "name": rule.name.strip(),
        "statement": rule.statement,
        "level": rule.level,
        "methods": sorted(rule.methods),
        "holds_seconds": int(rule.holds.total_seconds()),
        "enrolled_hours": int(rule.enrolled_before.total_seconds() // 3600),
        "chain_required": rule.chain_required,
        "active": rule.active,
    }


async def case_of(session: AsyncSession, conversation: Conversation) -> Case:
    return Case(conversation.opened_at, await queries.compromised_at(session, conversation))


async def ask(
    session: AsyncSession,
    viewer: StaffViewer | CustomerViewer,
    conversation_id: UUID,
    purpose: str,
    level: int | None = None,
) -> Verification:
    """Ask for proof for a purpose; harmless when it is asked or proven already.

    Raises ConversationNotFound, NotAssignedToYou, AlreadyResolved, PurposeUnknown, NothingToProve, and LevelTooHigh
    when more is asked than the purpose needs.
    """
    if isinstance(viewer, StaffViewer):
        await conversations.must_have_open(session, viewer, conversation_id)
    conversation = await conversation_queries.locked(session, viewer, conversation_id)
    rule = await rule_of(session, purpose)
    if level is not None and level > rule.level:
        raise LevelTooHigh(needed=rule.level)
    if rule.level == 0:
        raise NothingToProve
    case = await case_of(session, conversation)
    for row, _ in await queries.verifications(session, conversation.id):
        if row.purpose == purpose and (waits(row) or (row.state == "proven" and counts(row, rule, case))):
            return row
    staff = isinstance(viewer, StaffViewer)
    row = Verification(
        conversation_id=conversation.id,
        purpose=rule.key,
        level=rule.level,
        asked_by_id=viewer.id if staff else None,
        asked_at=now(),
        state="waiting",
        warnings=[],
    )
    session.add(row)
    conversations.append(
        session,
        conversation,
        author="agent" if staff else "customer",
        author_id=viewer.id,
        event={"type": "proof_asked", "purpose": rule.key, "words": rule.name, "level": rule.level},
    )
    record(session, viewer, "verification.asked", ("conversation", conversation.id), asked=rule.key, level=rule.level)
    await session.flush()
    return row


def waits(row: Verification) -> bool:
    """Whether it may still be answered."""
    return row.state == "waiting" and row.asked_at > now() - WAITS


async def withdraw(session: AsyncSession, viewer: StaffViewer, conversation_id: UUID, verification_id: UUID) -> None:
    """The agent no longer needs it. Raises VerificationUnknown, VerificationOver."""
    await conversations.must_have(session, viewer, conversation_id)
    conversation = await conversation_queries.locked(session, viewer, conversation_id)
    row = await queries.verification(session, conversation.id, verification_id)
    if row is None:
        raise VerificationUnknown
    if row.state != "waiting":
        raise VerificationOver
    row.state = "withdrawn"
    event = {"type": "proof_withdrawn", "purpose": row.purpose, "words": await _words(session, row.purpose)}
    conversations.append(session, conversation, author="agent", author_id=viewer.id, event=event)


async def _words(session: AsyncSession, purpose: str) -> str:
    rule = (await rules(session)).get(purpose)
    return rule.name if rule else ""


def counts(row: Verification, rule: Rule, case: Case) -> bool:
    """Whether a proof of the past is one now: the case may have changed since."""
    if row.method is None or row.proven_at is None or row.valid_until is None or row.valid_until <= now():
        return False
    evidence = Evidence(Method(row.method), row.proven_at, row.since, tuple(row.warnings))
    return judge(rule, evidence, case, now()) is None


async def is_proven(session: AsyncSession, conversation: Conversation, purpose: str) -> bool:
    """Whether this conversation's customer has shown what the purpose needs, and it still holds. To be asked in the
    transaction of whatever it unlocks. Raises PurposeUnknown, also for one that is switched off."""
    rule, case = await rule_of(session, purpose), await case_of(session, conversation)
    return await shown(session, conversation, rule, case)


async def shown(session: AsyncSession, conversation: Conversation, rule: Rule, case: Case) -> bool:
    """The same, for whoever has read the rule and the case already."""
    return rule.level == 0 or any(
        row.purpose == rule.key and counts(row, rule, case)
        for row in await queries.proven(session, conversation.id, now())
    )


async def settle(session: AsyncSession, conversation: Conversation) -> None:
    """Put on the (locked) conversation's row what is proven now, and come back when that ends."""
    known: Mapping[str, Rule] = {**await rules(session), SIGNED_IN.key: SIGNED_IN}
    case = await case_of(session, conversation)
    good = [
        row
        for row in await queries.proven(session, conversation.id, now())
        if row.purpose in known and counts(row, known[row.purpose], case)
    ]
    level = max((row.level for row in good), default=0)
    until = max((row.valid_until for row in good if row.level == level and row.valid_until), default=None)
    if (conversation.verification, conversation.verified_until) != (level, until):
        conversation.verification, conversation.verified_until = level, until
        conversations.touch(session, conversation)
    if until is not None:
        await set_due(session, OVER, conversation.id, until)


async def over(session: AsyncSession, conversation_id: UUID) -> None:
    """The deadline ``verification_over``."""
    await settle(session, await conversation_queries.locked(session, SystemViewer("verification"), conversation_id))


async def vouched(session: AsyncSession, conversation: Conversation) -> None:
    """A conversation was opened with the app's signed token, which is proof of level 2, for as long as any other."""
    moment = now()
    session.add(
        Verification(
            conversation_id=conversation.id,
            purpose=SIGNED_IN.key,
            level=SIGNED_IN.level,
            asked_at=moment,
            state="proven",
            method=Method.APP,
            proven_at=moment,
            valid_until=moment + SIGNED_IN.holds,
            warnings=[],
        )
    )
    await session.flush()
    await settle(session, conversation)


async def claim_compromise(
    session: AsyncSession, viewer: StaffViewer | CustomerViewer, conversation_id: UUID, *, claimed: bool = True
) -> None:
    """The wallet may be in other hands: from now on no signature unlocks anything. Agents and customers say so; that
    it is safe again, leads only. Raises LiftForLeads."""
    if isinstance(viewer, StaffViewer):
        await conversations.must_have(session, viewer, conversation_id)
    if not claimed and not (isinstance(viewer, StaffViewer) and viewer.holds(Role.LEAD)):
        raise LiftForLeads
    conversation = await conversation_queries.locked(session, viewer, conversation_id)
    if claimed == (await queries.compromised_at(session, conversation) is not None):
        return
    by = "agent" if isinstance(viewer, StaffViewer) else "customer"
    session.add(CompromiseMark(conversation_id=conversation.id, claimed=claimed, by=by, by_id=viewer.id, at=now()))
    kind = "proof_compromised" if claimed else "proof_safe"
    conversations.append(session, conversation, author=by, author_id=viewer.id, event={"type": kind})
    action = "verification.compromised" if claimed else "verification.safe"
    record(session, viewer, action, ("conversation", conversation.id))
    await session.flush()
    await _end_proofs(session, conversation)


class OfConversation(Protocol):
    """A fact about one."""

    @property
    def conversation_id(self) -> UUID: ...


async def on_danger(session: AsyncSession, fact: OfConversation) -> None:
    """The wallet may be in other hands: what was proven with it ends, in all conversations of the customer."""
    conversation = await conversation_queries.locked(session, SystemViewer("verification"), fact.conversation_id)
    await _end_proofs(session, conversation)


async def on_queued(session: AsyncSession, fact: ConversationQueued) -> None:
    """An emergency says so."""
    if fact.why == "emergency":
        await on_danger(session, fact)


async def _end_proofs(session: AsyncSession, conversation: Conversation) -> None:
    await settle(session, conversation)
    # Each in a transaction of its own: no two of one customer are ever locked together.
    for other in await queries.verified_conversations(session, conversation.customer_id, now()):
        if other != conversation.id:
            await set_due(session, OVER, other, now())


async def purge(session: AsyncSession) -> None:
    """Challenges and codes go after a day: what was asked and proven stays, what was shown does not."""
    for table in (VerificationChallenge, PhoneCode):
        await session.execute(delete(table).where(table.created_at < now() - timedelta(days=1)))
