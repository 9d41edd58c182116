"""Customers: found by the wallet's own user id, merged when an anonymous visitor turns out to be one, and shown
with their contact values masked until somebody says why they need one."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.keys import key_ring
from holdfast.access.viewer import StaffViewer
from holdfast.core.clock import now
from holdfast.core.ids import new_id
from holdfast.people import queries
from holdfast.people.errors import CustomerUnknown, FieldUnknown, PurposeMissing
from holdfast.people.models import ContactPoint, Customer
from holdfast.people.schemas import CustomerView, FieldView, WalletView

SHOWN_FOR = timedelta(seconds=60)
KINDS = ("email", "phone", "user_id", "wallet")


class Shown(NamedTuple):
    """A value in clear, to be hidden again at ``until``."""

    value: str
    until: datetime


async def find_or_create(
    session: AsyncSession,
    *,
    subject: str | None,
    name: str | None,
    language: str,
    contacts: Mapping[str, str],
    proven: bool,
    about: Mapping[str, Any] | None = None,
) -> Customer:
    """The customer with this user id of the wallet, or a new one; without ``subject`` always a new, anonymous one.

    ``contacts`` maps a kind (email, phone, user_id, wallet) to a value; they are as proven as the subject. A
    subject counts only when a signed token showed it, so ``subject`` without ``proven`` raises ValueError:
    otherwise anybody could become anybody by naming them.
    """
    if subject is not None and not proven:
        raise ValueError("a subject must be proven")
    if subject is None:
        customer = Customer(name=name, language=language, about=dict(about or {}))
        session.add(customer)
        await session.flush()
    else:
        customer = await _of_subject(session, subject, language)
        customer.name = name or customer.name
        customer.language = language
        customer.proven = True
        customer.seen_at = now()
        if about:
            customer.about = {**customer.about, **about}
    for kind, value in contacts.items():
        await _add_contact(session, customer.id, kind, value, proven)
    return customer


def subject_index(subject: str) -> bytes:
    """By which the customer with this user id of the wallet is found."""
    return key_ring().blind_index(subject, "customer.subject")


async def _of_subject(session: AsyncSession, subject: str, language: str) -> Customer:
    """Made if there is none; two requests at once end with the same row."""
    index = subject_index(subject)
    await session.execute(
        insert(Customer)
        .values(
            id=new_id(),
            language=language,
            subject_index=index,
            proven=True,
            about={},
            created_at=now(),
            seen_at=now(),
        )
        .on_conflict_do_nothing(index_elements=["subject_index"])
    )
    found = await queries.customer_by_subject(session, index)
    if found is None:
        raise CustomerUnknown
    return found


async def _add_contact(session: AsyncSession, customer_id: UUID, kind: str, value: str, proven: bool) -> None:
    if kind not in KINDS:
        raise ValueError(f"a contact point is one of {', '.join(KINDS)}, not {kind!r}")
    value = value.strip()
    if not value:
        return
    statement = insert(ContactPoint).values(
        id=new_id(),
        customer_id=customer_id,
        kind=kind,
        value=value,
        value_index=value_index(kind, value),
        proven_at=now() if proven else None,
        created_at=now(),
    )
    known = ["customer_id", "kind", "value_index"]
    if proven:
        await session.execute(statement.on_conflict_do_update(index_elements=known, set_={"proven_at": now()}))
    else:
        await session.execute(statement.on_conflict_do_nothing(index_elements=known))


def value_index(kind: str, value: str) -> bytes:
    """Equal values of one kind have equal indexes. Of a phone number only the digits count. A blind index does not
    tell the case of letters, so neither do two wallets that differ in case only: it finds, it never proves."""
    normal = re.sub(r"[^0-9+]", "", value) if kind == "phone" else value
    return key_ring().blind_index(normal, f"contact_point.{kind}")


async def merge(session: AsyncSession, anonymous_id: UUID, into_id: UUID) -> None:
    """An anonymous visitor is that customer: contact points move over, unproven. Their conversations are moved by
    the caller (``conversations.operations.move_to_customer``). Raises CustomerUnknown, ValueError for two known
    customers."""
    if anonymous_id == into_id:
        return
    # In the order of their ids, so that two merges at once do not wait for each other.
    locked = {
        customer_id: await queries.customer(session, customer_id, lock=True)
        for customer_id in sorted((anonymous_id, into_id))
    }
    anonymous, into = locked[anonymous_id], locked[into_id]
    if anonymous is None or into is None:
        raise CustomerUnknown
    if anonymous.id == into.id:
        return
    if anonymous.subject_index is not None:
        raise ValueError("only an anonymous customer is merged into another")
    for point in await queries.contact_points(session, anonymous.id):
        await _add_contact(session, into.id, point.kind, point.value, proven=False)
    await session.execute(delete(ContactPoint).where(ContactPoint.customer_id == anonymous.id))
    into.name = into.name or anonymous.name
    into.about = {**anonymous.about, **into.about}
    anonymous.merged_into_id = into.id
    # Earlier merges point straight at the last one: a lookup takes one step.
    await session.execute(
        update(Customer).where(Customer.merged_into_id == anonymous.id).values(merged_into_id=into.id)
    )
    await session.flush()


async def view(session: AsyncSession, customer_id: UUID) -> CustomerView:
    """A customer whom the viewer may see (the caller has checked), with masked contact values.

    Raises CustomerUnknown.
    """
    customer = await queries.customer(session, customer_id)
    if customer is None:
        raise CustomerUnknown
    points = await queries.contact_points(session, customer.id)
    return CustomerView(
        id=customer.id,
        name=customer.name or "",
        language=customer.language,
        proven=customer.proven,
        since=customer.created_at,
        fields=[
            FieldView(point.id, point.kind, masked(point.kind, point.value), point.proven_at is not None)
            for point in points
        ],
        wallet=WalletView(
            app_version=customer.about.get("app_version"),
            platform=customer.about.get("platform"),
            local_zone=customer.about.get("zone"),
        ),
    )


async def reveal(
    session: AsyncSession,
    viewer: StaffViewer,
    customer_id: UUID,
    field_id: UUID,
    *,
    purpose: str,
    network: str | None = None,
) -> Shown:
    """One value in clear, for a minute, written down with its purpose. The caller has checked that the viewer has
    a live conversation with the customer. Raises PurposeMissing, CustomerUnknown, FieldUnknown.
    """
    if len(purpose.strip()) < 3:
        raise PurposeMissing
    customer = await queries.customer(session, customer_id)
    if customer is None:
        raise CustomerUnknown
    point = await queries.contact_point(session, customer.id, field_id)
    if point is None:
        raise FieldUnknown
    record(
        session,
        viewer,
        "customer.field_shown",
        ("customer", customer.id),
        purpose=purpose.strip()[:500],
        network=network,
        kind=point.kind,
        field=str(point.id),
    )
    return Shown(point.value, now() + SHOWN_FOR)


def masked(kind: str, value: str) -> str:
    """Enough to recognise a value one knows, too little to use it: ``l••••@qq.com``, ``+86 ••••• 4417``,
    ``TQn9••••x7Kd``."""
    match kind:
        case "email" if "@" in value:
            name, _, domain = value.rpartition("@")
            return f"{name[:1]}••••@{domain}"
        case "phone":
            return _masked_phone(value)
        case "wallet" if len(value) >= 20:
            return f"{value[:4]}••••{value[-4:]}"
        case _:
            return f"{value[:1]}••••{value[-2:]}" if len(value) >= 8 else "••••"


def _masked_phone(value: str) -> str:
    digits = re.sub(r"\D", "", value)
    if len(digits) < 8:
        return "••••"
    prefix = re.match(r"\s*(\+\d{1,3})[\s(-]", value)
    return f"{prefix[1]} ••••• {digits[-4:]}" if prefix else f"••••• {digits[-4:]}"
