"""Customers: found by the wallet's own user id, merged when an anonymous visitor turns out to be one, and shown
with their personal values as the policy of ``access`` leaves them to whoever asks."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access import grants
from holdfast.access import queries as access
from holdfast.access.audit import record
from holdfast.access.customer_keys import sealed_value
from holdfast.access.customer_values import erased
from holdfast.access.errors import CustomerErased, FieldRefused
from holdfast.access.indexes import hold_index_key
from holdfast.access.keys import key_ring
from holdfast.access.masks import shown
from holdfast.access.models import AccessGrant
from holdfast.access.policy import Field, Sight, Stance, may_ask, sight
from holdfast.access.viewer import StaffViewer, Viewer
from holdfast.core.clock import now
from holdfast.core.ids import new_id
from holdfast.people import queries
from holdfast.people.errors import CustomerUnknown, FieldUnknown
from holdfast.people.models import ContactPoint, Customer
from holdfast.people.schemas import CustomerView, FieldView, GrantView, WalletView

KINDS = ("email", "phone", "user_id", "wallet")


class Shown(NamedTuple):
    """A value in clear, and what allows it: hidden again when that ends."""

    value: str
    grant: AccessGrant


async def find_or_create(
    session: AsyncSession,
    *,
    subject: str | None,
    name: str | None,
    language: str,
    contacts: Mapping[str, str],
    proven: bool,
    about: Mapping[str, Any] | None = None,
    segment: str = "",
) -> Customer:
    """The customer with this user id of the wallet, or a new one; without ``subject`` always a new, anonymous one.

    ``contacts`` maps a kind (email, phone, user_id, wallet) to a value; they are as proven as the subject. A
    subject counts only when a signed token showed it, so ``subject`` without ``proven`` raises ValueError:
    otherwise anybody could become anybody by naming them.
    """
    if subject is not None and not proven:
        raise ValueError("a subject must be proven")
    # Not for a visitor without a word about themselves: a chat's opening has nothing to look up.
    if subject is not None or contacts:
        await hold_index_key(session)
    if subject is None:
        customer = Customer(name=name, language=language, about=dict(about or {}))
        session.add(customer)
        await session.flush()
    else:
        customer = await _of_subject(session, subject, language)
        if name and name != customer.name:
            customer.name = name
        customer.language = language
        customer.proven = True
        customer.segment = segment
        customer.seen_at = now()
        if about:
            customer.about = {**customer.about, **about}
    for kind, value in contacts.items():
        await _add_contact(session, customer.id, kind, value, proven)
    return customer


async def _of_subject(session: AsyncSession, subject: str, language: str) -> Customer:
    """Made if there is none; two requests at once end with the same row."""
    indexes = subject_indexes(subject)
    found = await queries.customer_by_subject(session, indexes)
    if found is not None:
        # The index key was exchanged, or the version before did not keep the subject, which the exchange needs.
        if found.subject_index != indexes[0] or found.subject is None:
            found.subject_index, found.subject = indexes[0], subject
        return found
    await session.execute(
        insert(Customer)
        .values(
            id=new_id(),
            language=language,
            subject_index=indexes[0],
            proven=True,
            about={},
            created_at=now(),
            seen_at=now(),
        )
        .on_conflict_do_nothing(index_elements=["subject_index"])
    )
    found = await queries.customer_by_subject(session, indexes)
    if found is None:
        raise CustomerUnknown
    found.subject = subject
    return found


def subject_indexes(subject: str) -> list[bytes]:
    """The index of a wallet's user id under every index key, the newest first."""
    return key_ring().blind_indexes(subject, "customer.subject")


async def _add_contact(session: AsyncSession, customer_id: UUID, kind: str, value: str, proven: bool) -> None:
    if kind not in KINDS:
        raise ValueError(f"a contact point is one of {', '.join(KINDS)}, not {kind!r}")
    value = value.strip()
    if not value:
        return
    indexes = value_indexes(kind, value)
    if indexes[1:]:
        # The index key is being exchanged: a point under the older one is this one, not another.
        for point in await queries.contact_points(session, customer_id):
            if point.kind == kind and point.value_index in indexes[1:]:
                point.value_index = indexes[0]
        await session.flush()
    statement = insert(ContactPoint).values(
        id=new_id(),
        customer_id=customer_id,
        kind=kind,
        value_sealed=await sealed_value(session, customer_id, value.encode(), "contact_point.value"),
        value_index=indexes[0],
        proven_at=now() if proven else None,
        created_at=now(),
    )
    known = ["customer_id", "kind", "value_index"]
    if proven:
        await session.execute(statement.on_conflict_do_update(index_elements=known, set_={"proven_at": now()}))
    else:
        await session.execute(statement.on_conflict_do_nothing(index_elements=known))


async def confirm_address(session: AsyncSession, customer_id: UUID, address: str) -> None:
    """Whoever reads at this address has answered us from this customer's conversation. It is no proof of who they are:
    ``proven_at`` stays the wallet's word."""
    await hold_index_key(session)
    await _add_contact(session, customer_id, "email", address, proven=False)
    await session.execute(
        update(ContactPoint)
        .where(
            ContactPoint.customer_id == customer_id,
            ContactPoint.kind == "email",
            ContactPoint.value_index.in_(value_indexes("email", address)),
        )
        .values(confirmed_at=now(), bounced_at=None)
    )


def value_index(kind: str, value: str) -> bytes:
    """Equal values of one kind have equal indexes. Of a phone number only the digits count. A blind index does not
    tell the case of letters, so neither do two wallets that differ in case only: it finds, it never proves."""
    return value_indexes(kind, value)[0]


def value_indexes(kind: str, value: str) -> list[bytes]:
    """The index under every key there is, the newest first: while the index key is exchanged there are two."""
    normal = re.sub(r"[^0-9+]", "", value) if kind == "phone" else value
    return key_ring().blind_indexes(normal, f"contact_point.{kind}")


async def merge(session: AsyncSession, anonymous_id: UUID, into_id: UUID) -> None:
    """An anonymous visitor is that customer: contact points move over, unproven. Their conversations are moved by
    the caller (``conversations.moving.move_to_customer``). Raises CustomerUnknown, ValueError for two known
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
    await hold_index_key(session)
    for point in await queries.contact_points(session, anonymous.id):
        await _add_contact(session, into.id, point.kind, point.value, proven=False)
        if point.confirmed_at is not None:
            await confirm_address(session, into.id, point.value)
    await session.execute(delete(ContactPoint).where(ContactPoint.customer_id == anonymous.id))
    if not into.name and anonymous.name:
        into.name = anonymous.name
    into.about = {**anonymous.about, **into.about}
    anonymous.merged_into_id = into.id
    # Earlier merges point straight at the last one: a lookup takes one step.
    await session.execute(
        update(Customer).where(Customer.merged_into_id == anonymous.id).values(merged_into_id=into.id)
    )
    await session.flush()


def kinds_of(text: str) -> list[str]:
    """The kinds of contact point that a searched text could be the whole of; none for ordinary words."""
    text = text.strip()
    if re.search(r"\s", text) and not re.fullmatch(r"[\d\s+()./-]+", text):
        return []
    kinds = []
    if re.fullmatch(r"[^\s@]+@[^\s@]+\.[^\s@]+", text):
        kinds.append("email")
    elif len(re.sub(r"\D", "", text)) >= 7 and re.fullmatch(r"[\d\s+()./-]+", text):
        kinds.append("phone")
    if len(text) >= 20 and text.isalnum():
        kinds.append("wallet")
    # A wallet's own id of a user has a digit in it; a word that somebody looks for has not.
    if re.fullmatch(r"(?=.*\d)[\w.:-]{4,64}", text):
        kinds.append("user_id")
    return kinds


async def by_value(session: AsyncSession, text: str, kinds: Sequence[str]) -> list[UUID]:
    """The customers who have exactly this value, of one of these kinds."""
    return await queries.customers_by_value(session, [(kind, value_index(kind, text)) for kind in kinds])


async def view(
    session: AsyncSession, viewer: Viewer, customer_id: UUID, *, stance: Stance, conversation_id: UUID
) -> CustomerView:
    """A customer as the viewer sees them; ``stance`` is what they have to do with the conversation, which the caller
    has looked up for them. Values in clear are never part of it: each is fetched by ``reveal``, and written down.

    Raises CustomerUnknown.
    """
    customer = await queries.customer(session, customer_id)
    if customer is None:
        raise CustomerUnknown
    points = await queries.contact_points(session, customer.id)
    live = {row.field_id: row for row in await access.live_grants(session, viewer, conversation_id, now())}
    return CustomerView(
        id=customer.id,
        name=shown(customer.name, Field.NAME, sight(viewer, Field.NAME, stance)) or "",
        language=customer.language,
        proven=customer.proven,
        since=customer.created_at,
        fields=[_field(viewer, stance, point, live.get(point.id)) for point in points],
        wallet=WalletView(
            app_version=customer.about.get("app_version"),
            platform=customer.about.get("platform"),
            local_zone=customer.about.get("zone"),
        ),
    )


def _field(viewer: Viewer, stance: Stance, point: ContactPoint, grant: AccessGrant | None) -> FieldView:
    field = Field(point.kind)
    seen = min(sight(viewer, field, stance), Sight.MASKED)
    gone = erased(point)
    asked = may_ask(viewer, field, stance) and not gone
    return FieldView(
        id=point.id,
        kind=point.kind,
        masked="" if gone else shown(point.value, field, seen) or "",
        proven=point.proven_at is not None,
        may_ask=asked,
        grant=GrantView(grant.id, grant.purpose, grant.ends_at) if grant and asked else None,
        erased=gone,
    )


async def reveal(
    session: AsyncSession,
    viewer: StaffViewer,
    customer_id: UUID,
    field_id: UUID,
    *,
    stance: Stance,
    conversation_id: UUID,
    purpose: str | None = None,
    words: str | None = None,
    network: str | None = None,
) -> Shown:
    """One value in clear under a grant, an older one that lives or a new one for ``purpose``; every time it is read
    that is written down. Raises CustomerUnknown, FieldUnknown, FieldRefused, PurposeMissing, PurposeUnknown,
    CustomerErased.
    """
    customer = await queries.customer(session, customer_id)
    if customer is None:
        raise CustomerUnknown
    point = await queries.contact_point(session, customer.id, field_id)
    if point is None:
        raise FieldUnknown
    if erased(point):
        raise CustomerErased
    field = Field(point.kind)
    grant = await grants.ask(
        session,
        viewer,
        stance=stance,
        customer_id=customer.id,
        conversation_id=conversation_id,
        field=field,
        field_id=point.id,
        purpose=purpose,
        words=words,
    )
    live = [grants.as_grant(grant)]
    if sight(viewer, field, stance, field_id=point.id, grants=live, at=now()) is not Sight.CLEAR:
        raise FieldRefused
    record(
        session,
        viewer,
        "customer.field_shown",
        ("customer", customer.id),
        purpose=grant.purpose,
        network=network,
        kind=point.kind,
        field=str(point.id),
        grant=str(grant.id),
        conversation=str(conversation_id),
    )
    return Shown(point.value, grant)
