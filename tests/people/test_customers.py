"""Customers: found by subject, merged, masked, shown for a purpose."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text

from holdfast.access.errors import FieldRefused, PurposeMissing, PurposeUnknown
from holdfast.access.masks import masked
from holdfast.access.models import AccessGrant, AuditEntry
from holdfast.access.policy import Field, Stance
from holdfast.access.purposes import seed_purposes
from holdfast.access.viewer import SystemViewer
from holdfast.core.clock import now
from holdfast.people import customers, queries
from holdfast.people.errors import CustomerUnknown, FieldUnknown
from holdfast.people.models import Customer
from holdfast.people.schemas import CustomerView
from tests.people.support import House, viewer


async def known(house: House, subject: str | None, **more: str) -> UUID:
    async with house.database.transaction() as session:
        customer = await customers.find_or_create(
            session, subject=subject, name="Li", language="zh-Hans", contacts=more, proven=subject is not None
        )
        return customer.id


async def shown(house: House, customer_id: UUID) -> CustomerView:
    """As a webhook would show the customer: masked."""
    async with house.database.transaction() as session:
        return await customers.view(
            session, SystemViewer("test"), customer_id, stance=Stance.AWAY, conversation_id=uuid4()
        )


async def test_a_subject_is_one_customer(house: House) -> None:
    first = await known(house, "main:u-1", email="li@qq.com")
    assert await known(house, "main:u-1", email="li@qq.com", phone="+86 139 1234 4417") == first
    assert await known(house, "main:u-2") != first
    assert await known(house, None) != await known(house, None)
    view = await shown(house, first)
    assert [(f.kind, f.masked, f.proven) for f in view.fields] == [
        (Field.EMAIL, "l••••@qq.com", True),
        (Field.PHONE, "+86 ••••• 4417", True),
    ]
    assert (view.name, view.proven) == ("L••••", True)


async def test_two_first_requests_at_once_make_one_customer(house: House) -> None:
    ids = await asyncio.gather(*(known(house, "main:u-1", email="li@qq.com") for _ in range(6)))
    assert len(set(ids)) == 1


async def test_nobody_becomes_somebody_by_naming_them(house: House) -> None:
    async with house.database.transaction() as session:
        with pytest.raises(ValueError, match="proven"):
            await customers.find_or_create(
                session, subject="main:u-1", name=None, language="en", contacts={}, proven=False
            )


async def test_values_are_sealed(house: House) -> None:
    await known(house, "main:u-1", email="li@qq.com")
    async with house.database.engine.connect() as connection:
        rows = await connection.exec_driver_sql("SELECT c::text, p::text FROM customer c, contact_point p")
        text = "".join(rows.one())
    assert "main:u-1" not in text
    assert "li@qq.com" not in text
    assert "6c694071712e636f6d" not in text  # the address in hexadecimal, as bytea is shown


async def test_a_visitor_is_merged(house: House) -> None:
    visitor = await known(house, None, email="li@qq.com", wallet="TQn9Y2khEsLJW1ChVWFMSMeRDow5KcbLx7Kd")
    earlier = await known(house, None)
    customer = await known(house, "main:u-1", email="LI@qq.com")
    async with house.database.transaction() as session:
        await customers.merge(session, earlier, visitor)
    async with house.database.transaction() as session:
        await customers.merge(session, visitor, customer)
        # Again, and onto itself: harmless.
        await customers.merge(session, visitor, customer)
        await customers.merge(session, customer, customer)
    view = await shown(house, visitor)
    assert view.id == customer
    # What a visitor said is not proven by the one they turned out to be.
    assert [(f.kind, f.masked, f.proven) for f in view.fields] == [
        (Field.EMAIL, "L••••@qq.com", True),
        (Field.WALLET, "TQn9••••x7Kd", False),
    ]
    async with house.database.transaction() as session:
        merged = (
            await session.scalars(select(Customer.merged_into_id).where(Customer.id.in_([visitor, earlier])))
        ).all()
        assert set(merged) == {customer}


async def test_two_known_customers_are_never_merged(house: House) -> None:
    one, two = await known(house, "main:u-1"), await known(house, "main:u-2")
    with pytest.raises(ValueError, match="anonymous"):
        async with house.database.transaction() as session:
            await customers.merge(session, one, two)
    with pytest.raises(CustomerUnknown):
        async with house.database.transaction() as session:
            await customers.merge(session, uuid4(), two)


async def test_a_value_is_shown_for_a_purpose_and_written_down(house: House) -> None:
    agent = await house.agent("ana@example.org")
    customer, other = await known(house, "main:u-1", email="li@qq.com"), await known(house, "main:u-2")
    conversation = uuid4()
    asked: dict[str, Any] = {"stance": Stance.HOLDS, "conversation_id": conversation, "network": "203.0.113.7"}
    async with house.database.transaction() as session:
        await seed_purposes(session)
    async with house.database.transaction() as session:
        field = (await queries.contact_points(session, customer))[0].id
        value, grant = await customers.reveal(session, viewer(agent), customer, field, purpose="refund", **asked)
        assert (value, grant.ends_at) == ("li@qq.com", now() + timedelta(seconds=300))
    async with house.database.transaction() as session:
        # While it lives no purpose is asked again, but every look is written down.
        again = await customers.reveal(session, viewer(agent), customer, field, **asked)
        assert (again.value, again.grant.id) == ("li@qq.com", grant.id)
    async with house.database.transaction() as session:
        entries = (await session.scalars(select(AuditEntry).where(AuditEntry.action == "customer.field_shown"))).all()
        assert [(entry.actor_id, entry.subject_id, entry.purpose) for entry in entries] == [
            (agent.id, customer, "refund")
        ] * 2
        assert entries[0].detail == {
            "kind": "email",
            "field": str(field),
            "grant": str(grant.id),
            "conversation": str(conversation),
        }
    house.clock.turn(seconds=300)
    for changed, error in (
        ({}, PurposeMissing),
        ({"purpose": "curiosity"}, PurposeUnknown),
        # Calling back opens a telephone number, no address.
        ({"purpose": "call_back"}, PurposeUnknown),
        ({"purpose": "other"}, PurposeMissing),
        ({"purpose": "other", "words": " x "}, PurposeMissing),
        ({"purpose": "refund", "stance": Stance.SEES}, FieldRefused),
        ({"purpose": "refund", "customer_id": other}, FieldUnknown),
        ({"purpose": "refund", "customer_id": uuid4()}, CustomerUnknown),
    ):
        with pytest.raises(error):
            async with house.database.transaction() as session:
                await customers.reveal(
                    session, viewer(agent), **{"customer_id": customer, "field_id": field, **asked, **changed}
                )


async def test_own_words_of_a_purpose_are_sealed_and_name_no_number(house: House) -> None:
    agent, customer = await house.agent("ana@example.org"), await known(house, "main:u-1", email="li@qq.com")
    async with house.database.transaction() as session:
        await seed_purposes(session)
        field = (await queries.contact_points(session, customer))[0].id
        await customers.reveal(
            session,
            viewer(agent),
            customer,
            field,
            stance=Stance.HOLDS,
            conversation_id=uuid4(),
            purpose="other",
            words="wants an answer at +86 139 1234 4417",
        )
    async with house.database.transaction() as session:
        grant = (await session.scalars(select(AccessGrant))).one()
        assert grant.words == "wants an answer at +86 ••••• 4417"
        rows = await session.execute(text("SELECT g::text, a::text FROM access_grant g, audit_entry a"))
        assert "wants an answer" not in str(rows.all())


@pytest.mark.parametrize(
    ("typed", "kinds"),
    [
        ("li@qq.com", ["email"]),
        ("+86 139 1234 4417", ["phone"]),
        ("8613912344417", ["phone", "user_id"]),
        ("TQn9Y2khEsLJW1ChVWFMSMeRDow5KcbLx7Kd", ["wallet", "user_id"]),
        ("user-20931", ["user_id"]),
        ("HF-7K3M-92QX", ["user_id"]),
        ("withdrawal pending", []),
        ("pending", []),
        ("0.4 ETH", []),
    ],
)
def test_what_a_search_could_be_the_whole_of(typed: str, kinds: list[str]) -> None:
    assert customers.kinds_of(typed) == kinds


async def test_a_customer_is_found_by_an_exact_value_only(house: House) -> None:
    customer = await known(house, "main:u-1", email="li@qq.com", phone="+86 139 1234 4417")
    async with house.database.transaction() as session:
        for typed, found in (
            ("LI@qq.com", [customer]),
            ("+86-139-1234-4417", [customer]),
            ("li@qq.co", []),
            ("+86 139 1234 441", []),
        ):
            assert await customers.by_value(session, typed, customers.kinds_of(typed)) == found


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        (Field.EMAIL, "lena@qq.com", "l••••@qq.com"),
        (Field.EMAIL, "a@b@qq.com", "a••••@qq.com"),
        (Field.EMAIL, "nonsense", "n••••se"),
        (Field.PHONE, "+86 139 1234 4417", "+86 ••••• 4417"),
        (Field.PHONE, "+8613912344417", "••••• 4417"),
        (Field.PHONE, "12345", "••••"),
        (Field.WALLET, "TQn9Y2khEsLJW1ChVWFMSMeRDow5KcbLx7Kd", "TQn9••••x7Kd"),
        (Field.WALLET, "short", "••••"),
        (Field.USER_ID, "user-20931", "u••••31"),
        (Field.USER_ID, "u7", "••••"),
        (Field.USER_ID, "", "••••"),
        (Field.NAME, "Lin Haoran", "L••••"),
        (Field.NAME, "林浩然", "林••••"),
        (Field.NAME, " ", ""),
        (Field.NETWORK, "203.0.113.7", "203.0.••••"),
        (Field.NETWORK, "2001:db8::7", "2001:••••"),
        (Field.ADDRESS, "1 Main Street", "••••"),
        (Field.TEXT, "Call +86 139 1234 4417 or lena@qq.com", "Call +86 ••••• 4417 or l••••@qq.com"),
        (Field.TEXT, "0.4 ETH since 14:02, block 19283746", "0.4 ETH since 14:02, block 19283746"),
    ],
)
def test_masks(kind: Field, value: str, shown: str) -> None:
    assert masked(kind, value) == shown


@given(st.sampled_from([Field(kind) for kind in customers.KINDS]), st.text(min_size=1, max_size=60))
def test_a_mask_never_shows_more_than_eleven_characters_besides_a_domain(kind: Field, value: str) -> None:
    shown = masked(kind, value)
    visible = shown.partition("@")[0] if kind == "email" else shown
    assert len(visible.replace("•", "").replace(" ", "")) <= 11
