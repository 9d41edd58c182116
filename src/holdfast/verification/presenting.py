"""Proofs and purposes as staff and customers see them."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.conversations.models import Conversation
from holdfast.core.clock import now
from holdfast.verification import answering, operations, queries
from holdfast.verification.answering import OnFile
from holdfast.verification.catalogue import ENROL, SIGNED_IN
from holdfast.verification.models import Verification
from holdfast.verification.policy import LEVELS, Case, Method, Rule, offered
from holdfast.verification.schemas import (
    OwnCaseView,
    OwnPasskeyView,
    OwnProofView,
    ProofCaseView,
    ProofPurpose,
    ProofState,
    WayView,
)


def purpose(rule: Rule, ways: list[Method] | None = None) -> ProofPurpose:
    return ProofPurpose(
        key=rule.key,
        name=rule.name,
        statement=rule.statement,
        level=rule.level,
        methods=sorted(rule.methods, key=lambda method: (LEVELS[method], method)),
        holds_seconds=int(rule.holds.total_seconds()),
        enrolled_hours=int(rule.enrolled_before.total_seconds() // 3600),
        chain_required=rule.chain_required,
        active=rule.active,
        ways=ways or [],
    )


def _state(row: Verification) -> str:
    return "over" if row.state == "waiting" and not operations.waits(row) else row.state


def _method(row: Verification) -> Method | None:
    return Method(row.method) if row.method else None


async def case(session: AsyncSession, conversation: Conversation, *, may_lift: bool) -> ProofCaseView:
    """For staff. The caller has looked the conversation up for its viewer."""
    rules = {**await operations.rules(session), SIGNED_IN.key: SIGNED_IN}
    found = await operations.case_of(session, conversation)
    held, moment = await answering.on_file(session, conversation, found), now()
    since = held.since()
    return ProofCaseView(
        proofs=[
            ProofState(
                id=row.id,
                purpose=row.purpose,
                name=rules[row.purpose].name if row.purpose in rules else "",
                level=row.level,
                state=_state(row),
                counts=_counts(row, rules, found),
                asked_by=name,
                asked_at=row.asked_at,
                method=_method(row),
                proven_at=row.proven_at,
                valid_until=row.valid_until,
                warnings=row.warnings,
                address=row.address_ends,
                refused=row.refused,
                refused_method=row.refused_method,
                refused_at=row.refused_at,
            )
            for row, name in await queries.verifications(session, conversation.id)
        ],
        purposes=[
            purpose(rule, offered(rule, since, found, moment))
            for rule in rules.values()
            if rule.active and rule.level and rule is not SIGNED_IN
        ],
        compromised_at=found.compromised_at,
        may_lift=may_lift and found.compromised_at is not None,
    )


def _counts(row: Verification, rules: dict[str, Rule], found: Case) -> bool:
    return row.purpose in rules and operations.counts(row, rules[row.purpose], found)


def _ways(row: Verification, rules: dict[str, Rule], found: Case, held: OnFile, moment: datetime) -> list[WayView]:
    if row.purpose not in rules or not operations.waits(row):
        return []
    return [WayView(way, held.masked(way)) for way in offered(rules[row.purpose], held.since(), found, moment)]


def _own(row: Verification, rules: dict[str, Rule], found: Case, held: OnFile) -> OwnProofView:
    return OwnProofView(
        id=row.id,
        purpose=row.purpose,
        name=rules[row.purpose].name if row.purpose in rules else "",
        level=row.level,
        state=_state(row),
        counts=_counts(row, rules, found),
        by_agent=row.asked_by_id is not None,
        ways=_ways(row, rules, found, held, now()),
        method=_method(row),
        proven_at=row.proven_at,
        valid_until=row.valid_until,
        refused=row.refused,
        refused_method=row.refused_method,
    )


async def own_proof(session: AsyncSession, conversation: Conversation, row: Verification) -> OwnProofView:
    rules, found = await operations.rules(session), await operations.case_of(session, conversation)
    return _own(row, rules, found, await answering.on_file(session, conversation, found))


async def own_case(session: AsyncSession, conversation: Conversation, origin: str) -> OwnCaseView:
    """For the customer whose conversation it is."""
    rules, found = await operations.rules(session), await operations.case_of(session, conversation)
    held = await answering.on_file(session, conversation, found)
    known = held.customer.subject_index is not None
    # Of the catalogue, so it is there; switched off it offers nothing, and hides nothing of the rest.
    enrol = rules[ENROL]
    may_enrol = known and enrol.active and await operations.shown(session, conversation, enrol, found)
    return OwnCaseView(
        proofs=[
            _own(row, rules, found, held)
            for row, _ in await queries.verifications(session, conversation.id)
            if row.purpose != SIGNED_IN.key
        ],
        compromised=found.compromised_at is not None,
        # Whoever holds only a link learns nothing of the customer's devices.
        passkeys=[OwnPasskeyView(passkey.id, passkey.created_at) for passkey in held.passkeys] if known else [],
        known=known,
        may_enrol=may_enrol,
        origin=origin,
    )
