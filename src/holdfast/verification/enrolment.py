"""Customers' passkeys: enrolled while nothing is wrong, under a proof by the app, to count when something is."""

from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.viewer import CustomerViewer
from holdfast.conversations import queries as conversation_queries
from holdfast.conversations.models import Conversation
from holdfast.core.clock import now
from holdfast.people import passkeys
from holdfast.people.models import Customer
from holdfast.verification import operations, queries
from holdfast.verification.catalogue import ENROL
from holdfast.verification.errors import ChallengeUsed, PasskeyNotAllowed
from holdfast.verification.models import CustomerPasskey, Verification, VerificationChallenge

ENROLMENT = "enrol"
_LIFETIME = timedelta(minutes=5)


async def allowed(session: AsyncSession, conversation: Conversation) -> bool:
    """Whether the app has vouched, for this and just now. After a compromise it cannot: no thief enrols theirs."""
    return await operations.is_proven(session, conversation, ENROL)


async def _customer(session: AsyncSession, viewer: CustomerViewer) -> Customer:
    """The customer, if they have shown through the app who they are, for this. Raises PasskeyNotAllowed."""
    conversation = await conversation_queries.conversation(session, viewer, viewer.conversation_id)
    customer = await session.get_one(Customer, conversation.customer_id)
    if customer.subject_index is None or not await allowed(session, conversation):
        raise PasskeyNotAllowed
    return customer


async def begin(session: AsyncSession, viewer: CustomerViewer, party: passkeys.RelyingParty) -> dict[str, Any]:
    """Options for ``navigator.credentials.create``. Raises PasskeyNotAllowed."""
    customer = await _customer(session, viewer)
    proof = next(row for row in await queries.proven(session, viewer.conversation_id, now()) if row.purpose == ENROL)
    challenge = passkeys.new_challenge()
    session.add(_challenge(proof, challenge))
    # No name of the customer's: it would stand in their device's list for whoever looks over their shoulder.
    holder = passkeys.Holder(customer.id.bytes, party.name, party.name)
    return passkeys.options_for(party, holder, await queries.passkeys(session, customer.id), challenge)


def _challenge(proof: Verification, challenge: bytes) -> VerificationChallenge:
    return VerificationChallenge(
        verification_id=proof.id,
        conversation_id=proof.conversation_id,
        purpose=proof.purpose,
        level=proof.level,
        method=ENROLMENT,
        nonce=challenge.hex(),
        created_at=now(),
        expires_at=now() + _LIFETIME,
    )


async def finish(
    session: AsyncSession, viewer: CustomerViewer, credential: dict[str, Any], party: passkeys.RelyingParty
) -> CustomerPasskey:
    """Keep the new passkey. Raises PasskeyNotAllowed, ChallengeUsed, PasskeyRefused."""
    customer = await _customer(session, viewer)
    made = await queries.enrolment(session, viewer.conversation_id)
    if made is None or made.expires_at <= now():
        raise ChallengeUsed
    made.used_at, made.outcome = now(), "enrolled"
    await session.flush()
    found = passkeys.registered(party, credential, bytes.fromhex(made.nonce))
    passkey = CustomerPasskey(
        customer_id=customer.id,
        credential_id=found.credential_id,
        public_key=found.public_key,
        sign_count=found.sign_count,
        created_at=now(),
    )
    session.add(passkey)
    record(session, viewer, "verification.passkey_added", ("customer", customer.id))
    await session.flush()
    return passkey
