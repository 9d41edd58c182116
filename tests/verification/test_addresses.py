"""A claimed compromise follows the wallet's address: a thief has the same key, and needs no name."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from coincurve import PrivateKey

from holdfast.access import keys
from holdfast.access.keys import INDEX, KeyRing, key_ring
from holdfast.conversations.models import Conversation
from holdfast.people import customers
from tests.verification.house import House, address_of

OWNERS_WAYS = ["signed before", "signed after", "on file"]


@contextmanager
def rotated() -> Iterator[None]:
    """The index key is being exchanged: there is a newer one, and the older one still finds."""
    old = key_ring()
    whole = {purpose: dict(generations) for purpose, generations in keys.first_generation(b"k" * 32).items()}
    whole[INDEX][2] = b"n" * 32
    keys.use_key_ring(KeyRing.of(whole))
    try:
        yield
    finally:
        keys.use_key_ring(old)


async def _robbed(house: House, way: str) -> tuple[str, str]:
    """The owner has something to do with the address, and says that the wallet may be in other hands."""
    await house.opens(identity=house.identity())
    if way == "signed before":
        assert (await house.by_wallet(await house.asks("own_address")))["refused"] is None
    if way == "on file":
        async with house.database.transaction() as session:
            conversation = await session.get_one(Conversation, UUID(house.conversation))
            await customers._add_contact(session, conversation.customer_id, "wallet", address_of(house.key), True)
    proof = await house.asks("own_address") if way == "signed after" else None
    assert (await house.widget("compromised")).json()["compromised"] is True
    if proof:
        assert (await house.by_wallet(proof))["refused"] == "compromised"
    return house.token, house.conversation


async def _strangers_signature(house: House) -> str | None:
    """What an agent's question is answered in a conversation of nobody's, with the owner's key."""
    await house.opens()
    answered = await house.by_wallet(await house.asks("contact_change"))
    shown = (await house.console(house.desk.ana)).json()["proofs"][0]
    assert (shown["counts"], shown["refused"]) == (answered["refused"] is None, answered["refused"])
    assert (await house.row())["verification"] == (0 if answered["refused"] else 2)
    refused: str | None = answered["refused"]
    return refused


@pytest.mark.parametrize("way", OWNERS_WAYS)
async def test_a_thief_without_a_name_proves_nothing_with_the_owners_key(house: House, way: str) -> None:
    _, owners = await _robbed(house, way)
    assert await _strangers_signature(house) == "compromised"
    # Another key is nobody's business, and the owner's counts again when a lead says so.
    mine, house.key = house.key, PrivateKey()
    assert await _strangers_signature(house) is None
    house.key, house.conversation = mine, owners
    lifted = await house.console(house.desk.karin, "compromise", {"compromised": False}, "PUT")
    assert lifted.json()["compromised_at"] is None
    assert await _strangers_signature(house) is None


@pytest.mark.parametrize("way", OWNERS_WAYS)
async def test_it_is_found_while_the_index_key_is_exchanged(house: House, way: str) -> None:
    await _robbed(house, way)
    with rotated():
        assert await _strangers_signature(house) == "compromised"


async def test_a_refused_signature_shows_nobody_the_address(house: House) -> None:
    await _robbed(house, "signed after")
    proof = (await house.console(house.desk.ana)).json()["proofs"][0]
    assert (proof["state"], proof["address"]) == ("waiting", None)
    assert address_of(house.key)[6:30].lower() not in (await house.dump()).lower()
