"""Customers: found by subject, merged, masked, shown for a purpose."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from holdfast.access.models import AuditEntry
from holdfast.core.clock import now
from holdfast.people import customers, queries
from holdfast.people.customers import masked
from holdfast.people.errors import CustomerUnknown, FieldUnknown, PurposeMissing
from holdfast.people.models import Customer
from tests.people.support import House, viewer


async def known(house: House, subject: str | None, **more: str) -> UUID:
    async with house.database.transaction() as session:
        customer = await customers.find_or_create(
            session, subject=subject, name="Li", language="zh-Hans", contacts=more, proven=subject is not None
        )
        return customer.id


async def test_a_subject_is_one_customer(house: House) -> None:
    first = await known(house, "main:u-1", email="li@qq.com")
    assert await known(house, "main:u-1", email="li@qq.com", phone="+86 139 1234 4417") == first
    assert await known(house, "main:u-2") != first
    assert await known(house, None) != await known(house, None)
    async with house.database.transaction() as session:
        view = await customers.view(session, first)
    assert [(f.kind, f.masked, f.proven) for f in view.fields] == [
        ("email", "l••••@qq.com", True),
        ("phone", "+86 ••••• 4417", True),
    ]
    assert (view.name, view.proven) == ("Li", True)


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
    async with house.database.transaction() as session:
        view = await customers.view(session, visitor)
        assert view.id == customer
        # What a visitor said is not proven by the one they turned out to be.
        assert [(f.kind, f.masked, f.proven) for f in view.fields] == [
            ("email", "L••••@qq.com", True),
            ("wallet", "TQn9••••x7Kd", False),
        ]
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
    async with house.database.transaction() as session:
        field = (await queries.contact_points(session, customer))[0].id
        value, until = await customers.reveal(
            session, viewer(agent), customer, field, purpose="the customer asked for a call", network="203.0.113.7"
        )
        assert (value, until) == ("li@qq.com", now() + timedelta(seconds=60))
    async with house.database.transaction() as session:
        entry = (await session.scalars(select(AuditEntry).where(AuditEntry.action == "customer.field_shown"))).one()
        assert (entry.actor_id, entry.subject_id, entry.purpose) == (
            agent.id,
            customer,
            "the customer asked for a call",
        )
        assert entry.detail == {"kind": "email", "field": str(field)}
        for wrong, error in (
            ({"customer_id": customer, "field_id": field, "purpose": "  "}, PurposeMissing),
            ({"customer_id": other, "field_id": field, "purpose": "to call"}, FieldUnknown),
            ({"customer_id": uuid4(), "field_id": field, "purpose": "to call"}, CustomerUnknown),
        ):
            with pytest.raises(error):
                await customers.reveal(session, viewer(agent), **wrong)  # type: ignore[arg-type]  # mixed values


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("email", "lena@qq.com", "l••••@qq.com"),
        ("email", "a@b@qq.com", "a••••@qq.com"),
        ("email", "nonsense", "n••••se"),
        ("phone", "+86 139 1234 4417", "+86 ••••• 4417"),
        ("phone", "+8613912344417", "••••• 4417"),
        ("phone", "12345", "••••"),
        ("wallet", "TQn9Y2khEsLJW1ChVWFMSMeRDow5KcbLx7Kd", "TQn9••••x7Kd"),
        ("wallet", "short", "••••"),
        ("user_id", "user-20931", "u••••31"),
        ("user_id", "u7", "••••"),
        ("user_id", "", "••••"),
    ],
)
def test_masks(kind: str, value: str, shown: str) -> None:
    assert masked(kind, value) == shown


@given(st.sampled_from(customers.KINDS), st.text(min_size=1, max_size=60))
def test_a_mask_never_shows_more_than_eleven_characters_besides_a_domain(kind: str, value: str) -> None:
    shown = masked(kind, value)
    visible = shown.partition("@")[0] if kind == "email" else shown
    assert len(visible.replace("•", "").replace(" ", "")) <= 11
