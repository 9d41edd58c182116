"""Answering what was asked: a challenge is made for one method, and one answer to it is checked.

The challenge is locked and burned before its answer is looked at: of two answers at once one finds it used, and a
wrong one costs a new challenge. A refusal is an outcome and not an exception, so that the burning is committed.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.masks import masked
from holdfast.access.policy import Field
from holdfast.access.viewer import CustomerViewer
from holdfast.chains.addresses import Address, Chain, parse_address
from holdfast.chains.caip import MAIN, ChainId, parse_chain_id
from holdfast.conversations import operations as conversations
from holdfast.conversations import queries as conversation_queries
from holdfast.conversations.models import Conversation, Inbox
from holdfast.core.clock import now
from holdfast.core.ids import new_id
from holdfast.people import customers, passkeys
from holdfast.people.errors import CustomerUnknown, PasskeyRefused
from holdfast.people.models import ContactPoint, Customer
from holdfast.verification import addresses, codes, operations, queries
from holdfast.verification.errors import (
    AddressInvalid,
    ChallengeUsed,
    MethodNotOffered,
    TooManyChallenges,
    VerificationOver,
    VerificationUnknown,
)
from holdfast.verification.models import CustomerPasskey, Verification, VerificationChallenge
from holdfast.verification.policy import Case, Evidence, Method, Refusal, Rule, judge, offered
from holdfast.verification.ports import outside
from holdfast.verification.proofs import challenge as proofs
from holdfast.verification.proofs.checking import verify
from holdfast.verification.proofs.outcome import ProofRefused, Reason

# In an hour, in one conversation.
_MOST = 20
_MOST_CODES = 5
WRONG_CODE = "wrong_code"
WRONG_TOKEN = "wrong_token"  # noqa: S105 - a reason, not a token
WRONG_PASSKEY = "wrong_passkey"


@dataclass(frozen=True, slots=True)
class Page:
    """Where the customer is: the domain that their wallet sees, and who we are for their passkeys and mails."""

    domain: str
    party: passkeys.RelyingParty


@dataclass(frozen=True, slots=True)
class OnFile:
    """What this customer could show."""

    customer: Customer
    email: ContactPoint | None
    phone: ContactPoint | None
    passkeys: list[CustomerPasskey]

    def since(self) -> dict[Method, datetime | None]:
        ways: dict[Method, datetime | None] = {Method.WALLET: None}
        if self.customer.subject_index is not None:
            ways[Method.APP] = None
        if self.email and outside().mails:
            ways[Method.EMAIL] = self.email.created_at
        if self.phone and outside().texts:
            ways[Method.SMS] = self.phone.created_at
        if self.passkeys:
            ways[Method.PASSKEY] = min(passkey.created_at for passkey in self.passkeys)
        return ways

    def contact(self, method: Method) -> ContactPoint | None:
        return {Method.EMAIL: self.email, Method.SMS: self.phone}.get(method)

    def masked(self, method: Method) -> str | None:
        point = self.contact(method)
        return masked(Field(point.kind), point.value) if point else None


async def on_file(session: AsyncSession, conversation: Conversation, case: Case) -> OnFile:
    customer = await session.get(Customer, conversation.customer_id)
    if customer is None:
        raise CustomerUnknown
    contacts = await queries.vouched_contacts(session, customer.id)
    email, phone = (codes.on_file(contacts, kind, case) for kind in ("email", "phone"))
    return OnFile(customer, email, phone, list(await queries.passkeys(session, customer.id)))


@dataclass(frozen=True, slots=True)
class Started:
    """What the customer needs to answer. ``options`` are a passkey's."""

    challenge: VerificationChallenge
    text: str | None = None
    address: Address | None = None
    to: str | None = None
    options: dict[str, Any] | None = None


async def start(
    session: AsyncSession,
    viewer: CustomerViewer,
    verification_id: UUID,
    method: Method,
    page: Page,
    *,
    address: str = "",
    chain: str | None = None,
) -> Started:
    """A challenge by this method; those before it can no longer be answered.

    Raises VerificationUnknown, VerificationOver, MethodNotOffered, AddressInvalid, TooManyChallenges.
    """
    conversation = await conversation_queries.conversation(session, viewer, viewer.conversation_id)
    row = await queries.verification(session, conversation.id, verification_id)
    if row is None:
        raise VerificationUnknown
    if not operations.waits(row):
        raise VerificationOver
    rule, case = await operations.rule_of(session, row.purpose), await operations.case_of(session, conversation)
    held = await on_file(session, conversation, case)
    # A wallet that would serve but for the compromise is tried: refused with the reason, which is written down.
    tried = method is Method.WALLET and method in rule.methods
    if not tried and method not in offered(rule, held.since(), case, now()):
        raise MethodNotOffered
    await _limit(session, conversation.id, method)
    await session.execute(
        update(VerificationChallenge)
        .where(VerificationChallenge.verification_id == row.id, VerificationChallenge.used_at.is_(None))
        .values(used_at=now(), outcome="replaced", rendered=None)
    )
    made = VerificationChallenge(
        id=new_id(),
        verification_id=row.id,
        conversation_id=conversation.id,
        purpose=row.purpose,
        level=row.level,
        method=method,
        nonce=proofs.new_nonce(),
        created_at=now(),
        expires_at=now() + proofs.LIFETIME,
    )
    session.add(made)
    match method:
        case Method.WALLET:
            return _wallet(made, rule, conversation, page.domain, address, chain)
        case Method.PASSKEY:
            made.nonce = passkeys.new_challenge().hex()
            counting = [
                passkey
                for passkey in held.passkeys
                if judge(rule, Evidence(method, now(), passkey.created_at), case, now()) is None
            ]
            options = passkeys.authentication_options(page.party, counting, bytes.fromhex(made.nonce))
            return Started(made, options=options)
        case Method.EMAIL | Method.SMS:
            return await _code(session, made, held, method, conversation, page.party.name)
        case _:
            return Started(made)


async def _limit(session: AsyncSession, conversation_id: UUID, method: Method) -> None:
    hour = now() - timedelta(hours=1)
    made = await queries.challenges_since(session, conversation_id, hour)
    sent = sum(made.get(kind, 0) for kind in codes.KINDS)
    if sum(made.get(each, 0) for each in Method) >= _MOST or (method in codes.KINDS and sent >= _MOST_CODES):
        raise TooManyChallenges


def _wallet(
    made: VerificationChallenge, rule: Rule, conversation: Conversation, domain: str, typed: str, chain: str | None
) -> Started:
    chain_id = parse_chain_id(chain) if chain else None
    # An account's name of Antelope looks like a word, and is one only if nothing else is.
    address = parse_address(typed, chain_id.chain if chain_id else None) or parse_address(typed, Chain.ANTELOPE)
    if address is None or (chain and chain_id is None):
        raise AddressInvalid
    chain_id = chain_id or MAIN[address.chain]
    made.chain = str(chain_id)
    made.rendered = proofs.render(_challenge(made, chain_id, address, domain, rule.statement, conversation.reference))
    return Started(made, text=made.rendered, address=address)


def _challenge(
    made: VerificationChallenge, chain_id: ChainId, address: Address, domain: str, statement: str, reference: str
) -> proofs.Challenge:
    return proofs.Challenge(
        chain=chain_id.chain,
        chain_reference=chain_id.reference,
        address=address,
        domain=domain,
        purpose=statement,
        reference=reference,
        nonce=made.nonce,
        issued_at=made.created_at,
        expires_at=made.expires_at,
    )


async def _code(
    session: AsyncSession,
    made: VerificationChallenge,
    held: OnFile,
    method: Method,
    conversation: Conversation,
    organisation: str,
) -> Started:
    point = held.contact(method)
    if point is None:
        raise MethodNotOffered
    code = codes.new_code()
    made.code_hash, made.since = codes.hashed(made.id, code), point.created_at
    made.expires_at = made.created_at + codes.LIFETIME
    await codes.send(session, method, point, code, conversation, organisation)
    return Started(made, to=held.masked(method))


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; one of them, by the challenge's method."""

    signature: str = ""
    code: str = ""
    token: str = ""
    credential: dict[str, Any] | None = None


async def answer(
    session: AsyncSession, viewer: CustomerViewer, challenge_id: UUID, given: Answer, page: Page
) -> tuple[Verification, str | None, int]:
    """Check an answer: the verification, why it was refused (None: it is proven), and how often it was tried.

    Raises VerificationUnknown (also for another conversation's challenge), ChallengeUsed, VerificationOver.
    """
    made = await queries.challenge_locked(session, viewer.conversation_id, challenge_id)
    if made is None:
        raise VerificationUnknown
    if made.used_at is not None or made.method not in list(Method):
        raise ChallengeUsed
    row = await queries.verification(session, viewer.conversation_id, made.verification_id)
    if row is None or row.state != "waiting":
        raise VerificationOver
    text, method, moment = made.rendered, Method(made.method), now()
    made.tries += 1
    if method not in codes.KINDS or made.tries >= codes.TRIES:
        _burn(made, moment)
    await session.flush()
    late = moment >= made.expires_at
    refused, shown, address = (
        (Reason.LATE.value, None, None) if late else await _checked(session, made, text, given, page, moment)
    )
    conversation = await conversation_queries.locked(session, viewer, viewer.conversation_id)
    # A node may have taken seconds: the agent may have withdrawn it meanwhile.
    await session.refresh(row)
    if row.state != "waiting":
        raise VerificationOver
    rule, case = await operations.rule_of(session, row.purpose), await operations.case_of(session, conversation)
    if shown is not None:
        refused = judge(rule, shown, await addresses.under_claim(session, case, address), moment)
    made.outcome = refused or "proven"
    if shown is not None and refused is None:
        _burn(made, moment)
        prove(row, shown, rule, address)
    else:
        row.refused, row.refused_method, row.refused_at = refused, method, moment
        if refused == Refusal.COMPROMISED and address is not None:
            # Theirs all the same: nobody else proves anything with it.
            row.address_index = addresses.index(address)
    tell(session, conversation, viewer, row, rule, method, refused, over=made.used_at is not None)
    await session.flush()
    await operations.settle(session, conversation)
    return row, refused, made.tries


def _burn(made: VerificationChallenge, moment: datetime) -> None:
    made.used_at, made.rendered = moment, None


def prove(row: Verification, shown: Evidence, rule: Rule, address: Address | None) -> None:
    """To the level that the purpose needs: what was shown beyond it is nobody's business."""
    row.state, row.method, row.proven_at, row.since = "proven", shown.method, shown.at, shown.since
    row.valid_until, row.warnings = shown.at + rule.holds, list(shown.warnings)
    row.refused = row.refused_method = row.refused_at = None
    if address is not None:
        row.address_index = addresses.index(address)
        row.address_ends = masked(Field.WALLET, address.canonical)


def tell(
    session: AsyncSession,
    conversation: Conversation,
    viewer: CustomerViewer,
    row: Verification,
    rule: Rule,
    method: Method,
    refused: str | None,
    *,
    over: bool,
) -> None:
    """The timeline and the log. A wrong code that may be typed again is no event."""
    event = {"purpose": rule.key, "words": rule.name, "level": row.level, "method": method.value}
    if refused is None and row.valid_until is not None:
        event |= {"type": "proof_given", "until": row.valid_until.isoformat().replace("+00:00", "Z")}
        record(
            session, viewer, "verification.proven", ("conversation", conversation.id), proven=rule.key, method=method
        )
    elif over:
        event |= {"type": "proof_refused", "reason": refused}
        record(
            session, viewer, "verification.refused", ("conversation", conversation.id), asked=rule.key, reason=refused
        )
    else:
        return
    conversations.append(session, conversation, author="customer", author_id=viewer.id, event=event)


Checked = tuple[str | None, Evidence | None, Address | None]


async def _checked(
    session: AsyncSession,
    made: VerificationChallenge,
    text: str | None,
    given: Answer,
    page: Page,
    moment: datetime,
) -> Checked:
    """Whether the answer fits the challenge: why not, or the evidence that it is (and the address of a wallet)."""
    method = Method(made.method)
    shown = Evidence(method, moment, made.since)
    match method:
        case Method.WALLET:
            return await _signed(made, text or "", given.signature, shown)
        case Method.EMAIL | Method.SMS:
            right = codes.is_right(made.id, given.code, made.code_hash)
            return (None, shown, None) if right else (WRONG_CODE, None, None)
        case Method.APP:
            good = await vouched(session, made.conversation_id, made.nonce, given.token)
            return (None, shown, None) if good else (WRONG_TOKEN, None, None)
        case Method.PASSKEY:
            since = await _passkey(session, made, given.credential or {}, page)
            return (None, replace(shown, since=since), None) if since else (WRONG_PASSKEY, None, None)
        case Method.KEYPAD:
            # It has no challenge: it is typed on the telephone (phone_codes.py).
            raise MethodNotOffered


async def _signed(made: VerificationChallenge, text: str, signature: str, shown: Evidence) -> Checked:
    """The stored text is verified; nothing that came back is parsed but the signature."""
    chain_id = parse_chain_id(made.chain or "")
    lines = text.split("\n", 2)
    address = parse_address(lines[1], chain_id.chain) if chain_id and len(lines) == 3 else None
    if chain_id is None or address is None:
        return Reason.MALFORMED.value, None, None
    try:
        proof = await verify(text, address, signature, outside().nodes.readers(chain_id))
    except ProofRefused as refusal:
        return refusal.reason.value, None, None
    return None, replace(shown, warnings=proof.warnings), address


async def vouched(session: AsyncSession, conversation_id: UUID, nonce: str, token: str) -> bool:
    """A token that the wallet's back end made for this nonce, and for this customer."""
    conversation = await session.get_one(Conversation, conversation_id)
    inbox = await session.get_one(Inbox, conversation.inbox_id)
    customer = await session.get_one(Customer, conversation.customer_id)
    read = outside().tokens.read(inbox, token)
    return (
        read is not None
        and read.nonce == nonce
        and customer.subject_index in customers.subject_indexes(f"{inbox.key}:{read.subject}")
    )


async def _passkey(
    session: AsyncSession, made: VerificationChallenge, credential: dict[str, Any], page: Page
) -> datetime | None:
    """Since when the passkey that answered is there."""
    conversation = await session.get_one(Conversation, made.conversation_id)
    try:
        known = await queries.passkey_locked(session, conversation.customer_id, passkeys.credential_id(credential))
        if known is None:
            return None
        passkeys.check(page.party, known, credential, bytes.fromhex(made.nonce))
    except PasskeyRefused:
        return None
    return known.created_at
