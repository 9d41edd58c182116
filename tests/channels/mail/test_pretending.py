"""Whoever bears our name, an address of ours or a name like our domain's waits, whatever their own server says."""

import pytest

from holdfast.authenticity.models import OfficialChannel
from holdfast.channels.mail.models import Mailbox
from tests.channels.mail.conftest import House, written

GENUINE = {"Authentication_Results": "mx.wallet.example; dmarc=pass"}


@pytest.fixture
async def checked(house: House) -> House:
    """A house whose own server checks senders."""
    async with house.desk.database.transaction() as session:
        (await session.get_one(Mailbox, house.mailbox.id)).authserv = "mx.wallet.example"
    return house


@pytest.mark.parametrize(
    "sender",
    [
        '"Holdfast Wallet Support" <support@evil.example>',
        '"support@wallet.example" <a@evil.example>',
        "Wаllet suppоrt <a@evil.example>",
    ],
)
async def test_a_pass_of_their_own_domain_lets_nobody_bear_our_name(checked: House, sender: str) -> None:
    assert await checked.take(written("Send me your phrase", sender=sender, **GENUINE)) == "quarantined"
    assert (await checked.last()).why == "pretends"
    # Neither a question whether they read there: it would be a letter of ours to whoever they like.
    assert await checked.sent() == []


async def test_a_domain_that_looks_like_ours_waits_also_when_it_is_genuine(checked: House) -> None:
    async with checked.desk.database.transaction() as session:
        session.add(OfficialChannel(kind="domain", key="tokenharbour.com", shown="tokenharbour.com"))
    assert await checked.take(written("Hello", sender="Li <li@tokenharb0ur.com>", **GENUINE)) == "quarantined"
    assert (await checked.last()).why == "pretends"


async def test_who_writes_from_our_own_domain_is_one_of_us_if_our_server_says_so(checked: House) -> None:
    ours = "Holdfast Wallet boss <boss@wallet.example>"
    assert await checked.take(written("Look at this", sender=ours, **GENUINE)) == "taken"
    assert await checked.take(written("Look at this", sender=ours)) == "quarantined"
    assert await checked.take(written("My money", sender="Li <li@example.net>", **GENUINE)) == "taken"
