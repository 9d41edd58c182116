"""One's own ways to be told: added, confirmed by a code that came that way, tested every week, removed."""

import hmac
import secrets
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.viewer import Role, StaffViewer, SystemViewer
from holdfast.core.clock import now
from holdfast.core.database import tell
from holdfast.core.due import clear_due, set_due
from holdfast.core.i18n import translate
from holdfast.core.outgoing import Rules
from holdfast.paging import addresses, apprise_way, queries, web_push
from holdfast.paging.channel import PAGING
from holdfast.paging.errors import (
    ContactCodeWrong,
    ContactKindUnavailable,
    ContactRefused,
    ContactUnknown,
    ProviderRefused,
    TooManyContacts,
)
from holdfast.paging.models import ContactMethod, PageDelivery, PagingProvider, PushKey
from holdfast.people.errors import RoleMissing
from holdfast.people.mail import send_later
from holdfast.people.models import Agent

MOST = 10
LIFETIME = timedelta(minutes=30)
TRIES = 5
_CODE_EVERY = timedelta(minutes=1)
TEST_KIND = "paging_test"
TEST_EVERY = timedelta(days=7)

Reach = Literal["good", "single", "none"]


def available(provided: Iterable[str]) -> list[addresses.Kind]:
    """The kinds that can be chosen."""
    have = set(provided)
    kinds: tuple[addresses.Kind, ...] = ("mail", "push", "ntfy", "telegram", "sms", "call", "webhook")
    return [kind for kind in kinds if kind not in addresses.PROVIDED or kind in have]


def reach(methods: Sequence[ContactMethod]) -> Reach:
    """Whether somebody would hear of a page if one way fails. Those that nothing arrives by do not count."""
    kinds = [method.kind for method in methods if method.confirmed_at and not method.failing_since]
    if not kinds:
        return "none"
    return "good" if addresses.independent(kinds) else "single"


async def add(
    session: AsyncSession,
    viewer: StaffViewer,
    rules: Rules,
    *,
    kind: str,
    address: str,
    after_minutes: int,
    network: str,
    secret: str | None = None,
) -> ContactMethod:
    """It gets a code by that way; the same browser again is the same way. Raises ContactRefused,
    ContactKindUnavailable, TooManyContacts."""
    written = address.strip()
    if kind in {"sms", "call"}:
        written = "".join(letter for letter in written if letter not in " -()./")
    if not addresses.usable(kind, written, rules, secret):
        raise ContactRefused
    if kind in addresses.PROVIDED and kind not in await queries.providers(session):
        raise ContactKindUnavailable
    own = await queries.own_contacts(session, viewer)
    for known in own:
        if known.kind == kind == "push" and known.address == written:
            return await send_again(session, viewer, known.id)
    if len(own) >= MOST:
        raise TooManyContacts
    method = ContactMethod(agent_id=viewer.id, kind=kind, address=written, secret=secret, after_minutes=after_minutes)
    session.add(method)
    await session.flush()
    await _send_code(session, method)
    record(session, viewer, "contact_method.added", ("agent", viewer.id), network=network, kind=kind)
    return method


async def send_again(session: AsyncSession, viewer: StaffViewer, contact_id: UUID) -> ContactMethod:
    """Another code, at most one a minute. Raises ContactUnknown."""
    method = await _own(session, viewer, contact_id)
    just_now = method.code_until is not None and now() < method.code_until - LIFETIME + _CODE_EVERY
    if method.confirmed_at is None and not just_now:
        await _send_code(session, method)
    return method


async def _send_code(session: AsyncSession, method: ContactMethod) -> None:
    method.code, method.code_until, method.code_tries = f"{secrets.randbelow(1_000_000):06d}", now() + LIFETIME, 0
    session.add(PageDelivery(agent_id=method.agent_id, method_id=method.id, kind=method.kind))
    tell(session, PAGING, "due")


async def confirm(
    session: AsyncSession, viewer: StaffViewer, contact_id: UUID, code: str, network: str
) -> ContactMethod | ContactCodeWrong:
    """A wrong code is given back, not raised: its try must be counted. Raises ContactUnknown."""
    method = await _own(session, viewer, contact_id)
    if method.confirmed_at is not None:
        return method
    # Also the digits of an Arabic keyboard.
    digits = "".join(str(unicodedata.decimal(letter)) for letter in code if letter.isdecimal())
    method.code_tries += 1
    current = method.code is not None and method.code_until is not None and now() < method.code_until
    if not current or method.code_tries > TRIES or not hmac.compare_digest(digits, method.code or ""):
        return ContactCodeWrong()
    method.confirmed_at, method.code, method.code_until, method.failing_since = now(), None, None, None
    if await queries.next_test(session, viewer, TEST_KIND) is None:
        await set_due(session, TEST_KIND, viewer.id, now() + TEST_EVERY)
    record(session, viewer, "contact_method.confirmed", ("agent", viewer.id), network=network, kind=method.kind)
    return method


async def remove(session: AsyncSession, viewer: StaffViewer, contact_id: UUID, network: str) -> None:
    """Raises ContactUnknown."""
    method = await _own(session, viewer, contact_id)
    await _drop(session, method)
    record(session, viewer, "contact_method.removed", ("agent", viewer.id), network=network, kind=method.kind)


async def _drop(session: AsyncSession, method: ContactMethod) -> None:
    await session.delete(method)
    await session.flush()
    if not (await queries.confirmed_contacts(session, [method.agent_id]))[method.agent_id]:
        await clear_due(session, TEST_KIND, method.agent_id)


async def ended(session: AsyncSession, method: ContactMethod) -> None:
    """The browser takes nothing any more, for good: its person hears of it by mail."""
    await _drop(session, method)
    record(session, SYSTEM, "contact_method.ended", ("agent", method.agent_id), kind=method.kind)
    agent = await session.get(Agent, method.agent_id)
    if agent is not None and agent.active:
        language = agent.interface_language
        subject = translate("A browser of yours no longer takes pages", language)
        words = translate(
            "Its subscription has ended: pages by web push do not reach it. Open the console in that browser, under On "
            "call, and subscribe it again.",
            language,
        )
        await send_later(session, agent.email, subject, f"{words}\n")


async def push_key(session: AsyncSession) -> str:
    """The public half of the installation's key, which is made when it is first asked for."""
    await session.execute(
        insert(PushKey).values(id=queries.PUSH_KEY, private=web_push.new_key(), made_at=now()).on_conflict_do_nothing()
    )
    return web_push.public_of(await queries.push_key(session) or "")


async def _own(session: AsyncSession, viewer: StaffViewer, contact_id: UUID) -> ContactMethod:
    method = await queries.own_contact(session, viewer, contact_id)
    if method is None:
        raise ContactUnknown
    return method


async def name_provider(session: AsyncSession, viewer: StaffViewer, kind: str, url: str, network: str) -> None:
    """Raises RoleMissing, ProviderRefused."""
    if not viewer.holds(Role.ADMINISTRATOR):
        raise RoleMissing
    if not apprise_way.understood(kind, url.strip()):
        raise ProviderRefused
    row = await queries.provider(session, kind)
    if row is None:
        row = PagingProvider(kind=kind)
        session.add(row)
    row.url, row.changed_by_id, row.changed_at = url.strip(), viewer.id, now()
    service = row.url.partition("://")[0]
    record(session, viewer, "paging_provider.named", ("paging_provider", None), network=network, kind=kind, by=service)


async def drop_provider(session: AsyncSession, viewer: StaffViewer, kind: str, network: str) -> None:
    """Raises RoleMissing."""
    if not viewer.holds(Role.ADMINISTRATOR):
        raise RoleMissing
    row = await queries.provider(session, kind)
    if row is not None:
        await session.delete(row)
        record(session, viewer, "paging_provider.dropped", ("paging_provider", None), network=network, kind=kind)


SYSTEM = SystemViewer("paging")
