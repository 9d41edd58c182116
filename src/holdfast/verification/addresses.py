"""Addresses that were signed with. Whoever has a wallet's key can sign as a visitor of whom nothing is known, too: a
claimed compromise follows the address, and not only the customer who said it."""

from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.keys import key_ring
from holdfast.chains.addresses import Address
from holdfast.people.customers import value_indexes
from holdfast.verification import queries
from holdfast.verification.policy import Case

_CONTEXT = "verification.address"


def _text(address: Address) -> str:
    return f"{address.chain}:{address.canonical}"


def index(address: Address) -> bytes:
    """What is kept of it."""
    return key_ring().blind_index(_text(address), _CONTEXT)


async def under_claim(session: AsyncSession, case: Case, address: Address | None) -> Case:
    """The case, compromised too if any customer says so who has signed with this address, or has it on file."""
    if address is None or case.compromised_at is not None:
        return case
    signed = key_ring().blind_indexes(_text(address), _CONTEXT)
    on_file = value_indexes("wallet", address.canonical)
    for customer_id in await queries.customers_with(session, signed, on_file):
        since = await queries.claimed_since(session, customer_id)
        if since is not None:
            return replace(case, compromised_at=since)
    return case
