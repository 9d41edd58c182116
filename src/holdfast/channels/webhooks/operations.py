"""What administrators do with webhooks."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.viewer import StaffViewer
from holdfast.channels.webhooks import queries, reader, signing
from holdfast.channels.webhooks.errors import (
    DeliveryUnknown,
    TooManyWebhooks,
    WebhookAddressRefused,
    WebhookInactive,
    WebhookUnknown,
)
from holdfast.channels.webhooks.events import TEST
from holdfast.channels.webhooks.models import WebhookDelivery, WebhookEndpoint
from holdfast.core.clock import now
from holdfast.core.database import tell
from holdfast.core.notify import WEBHOOKS
from holdfast.core.outgoing import Refused, Rules, parse

MOST = 20
# Both secrets sign for a day: the receiver is changed meanwhile.
OVERLAP = timedelta(hours=24)
_KEPT = timedelta(days=30)


async def register(
    session: AsyncSession,
    viewer: StaffViewer,
    rules: Rules,
    *,
    name: str,
    url: str,
    events: Sequence[str],
    network: str,
) -> WebhookEndpoint:
    """A new endpoint; it gets what happens from now on. Raises WebhookAddressRefused, TooManyWebhooks."""
    check(url, rules)
    if await queries.endpoint_count(session) >= MOST:
        raise TooManyWebhooks(most=MOST)
    if not await queries.active_endpoints(session):
        await reader.from_now_on(session)
    endpoint = WebhookEndpoint(
        name=name,
        url=url,
        secret=signing.new_secret(),
        events=list(dict.fromkeys(events)),
        created_by_id=viewer.id,
        created_at=now(),
    )
    session.add(endpoint)
    await session.flush()
    record(session, viewer, "webhook.registered", ("webhook", endpoint.id), network=network, events=endpoint.events)
    tell(session, WEBHOOKS, "changed")
    return endpoint


def check(url: str, rules: Rules) -> None:
    """What can be told without a call; addresses are checked at each one. Raises WebhookAddressRefused."""
    try:
        parse(url, rules)
    except Refused as error:
        raise WebhookAddressRefused(reason=error.reason) from None


async def change(
    session: AsyncSession,
    viewer: StaffViewer,
    rules: Rules,
    endpoint_id: UUID,
    *,
    name: str | None,
    url: str | None,
    events: Sequence[str] | None,
    active: bool | None,
    network: str,
) -> WebhookEndpoint:
    """Raises WebhookUnknown, WebhookAddressRefused. Switched on again, it goes on with what waits."""
    endpoint = await _own(session, viewer, endpoint_id)
    if url is not None:
        check(url, rules)
        endpoint.url = url
    endpoint.name = name or endpoint.name
    if events is not None:
        endpoint.events = list(dict.fromkeys(events))
    if active is not None and active != endpoint.active:
        if active and not await queries.active_endpoints(session):
            await reader.from_now_on(session)
        endpoint.active = active
        endpoint.stopped_because = endpoint.failing_since = endpoint.retry_at = None
        endpoint.failures = 0
    record(
        session,
        viewer,
        "webhook.changed",
        ("webhook", endpoint.id),
        network=network,
        address=url is not None,
        events=endpoint.events,
        active=endpoint.active,
    )
    tell(session, WEBHOOKS, "changed")
    return endpoint


async def renew_secret(session: AsyncSession, viewer: StaffViewer, endpoint_id: UUID, network: str) -> WebhookEndpoint:
    """A new secret; for a day the old one signs as well. Raises WebhookUnknown."""
    endpoint = await _own(session, viewer, endpoint_id)
    endpoint.previous_secret, endpoint.previous_until = endpoint.secret, now() + OVERLAP
    endpoint.secret = signing.new_secret()
    record(session, viewer, "webhook.secret_renewed", ("webhook", endpoint.id), network=network)
    return endpoint


async def remove(session: AsyncSession, viewer: StaffViewer, endpoint_id: UUID, network: str) -> None:
    """With its deliveries. Raises WebhookUnknown."""
    endpoint = await _own(session, viewer, endpoint_id)
    await session.execute(delete(WebhookDelivery).where(WebhookDelivery.endpoint_id == endpoint.id))
    await session.delete(endpoint)
    record(session, viewer, "webhook.removed", ("webhook", endpoint_id), network=network)
    tell(session, WEBHOOKS, "changed")


async def send_test(session: AsyncSession, viewer: StaffViewer, endpoint_id: UUID, network: str) -> WebhookDelivery:
    """An event without content. Raises WebhookUnknown, WebhookInactive."""
    endpoint = await _own(session, viewer, endpoint_id)
    if not endpoint.active:
        raise WebhookInactive
    sent = WebhookDelivery(endpoint_id=endpoint.id, event=TEST, happened_at=now(), next_at=now(), attempts=0)
    session.add(sent)
    # Whoever tests does not want to wait for the end of a pause.
    endpoint.retry_at = None
    await session.flush()
    record(session, viewer, "webhook.tested", ("webhook", endpoint.id), network=network)
    tell(session, WEBHOOKS, "due")
    return sent


async def resend(
    session: AsyncSession, viewer: StaffViewer, endpoint_id: UUID, delivery_id: int, network: str
) -> WebhookDelivery:
    """Once more, under the same id, as it is now. Raises WebhookUnknown, WebhookInactive, DeliveryUnknown."""
    endpoint = await _own(session, viewer, endpoint_id)
    if not endpoint.active:
        raise WebhookInactive
    found = await queries.delivery(session, endpoint.id, delivery_id)
    if found is None:
        raise DeliveryUnknown
    found.state, found.next_at, found.attempts = queries.WAITING, now(), 0
    endpoint.retry_at = None
    record(session, viewer, "webhook.resent", ("webhook", endpoint.id), network=network, delivery=found.id)
    tell(session, WEBHOOKS, "due")
    return found


async def purge(session: AsyncSession) -> None:
    """Deliveries of more than a month ago."""
    await session.execute(delete(WebhookDelivery).where(WebhookDelivery.happened_at < now() - _KEPT))


async def _own(session: AsyncSession, viewer: StaffViewer, endpoint_id: UUID) -> WebhookEndpoint:
    endpoint = await queries.endpoint(session, viewer, endpoint_id, lock=True)
    if endpoint is None:
        raise WebhookUnknown
    return endpoint
