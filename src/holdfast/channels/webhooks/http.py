"""Webhooks, for administrators; every change needs a fresh second factor."""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID

from litestar import delete, get, patch, post
from litestar.params import Parameter

from holdfast.access.viewer import Role, StaffViewer
from holdfast.channels.webhooks import operations, queries
from holdfast.channels.webhooks.errors import WebhookUnknown
from holdfast.channels.webhooks.models import WebhookDelivery, WebhookEndpoint
from holdfast.channels.webhooks.rendering import message_id
from holdfast.channels.webhooks.schemas import (
    DeliveryPage,
    DeliveryView,
    WebhookChanges,
    WebhookInput,
    WebhookSecret,
    WebhookView,
)
from holdfast.core.clock import now
from holdfast.core.database import Database
from holdfast.core.http import STATUS_OK
from holdfast.core.outgoing import rules_of
from holdfast.core.settings import Settings
from holdfast.people.http_viewer import FRESH, staff
from holdfast.people.sign_in import Browser
from holdfast.redaction import redact

_ADMINISTRATOR = [staff(Role.ADMINISTRATOR)]


def _view(endpoint: WebhookEndpoint, waiting: Mapping[UUID, int]) -> WebhookView:
    overlap = endpoint.previous_until if endpoint.previous_until and endpoint.previous_until > now() else None
    return WebhookView(
        id=endpoint.id,
        name=endpoint.name,
        host=redact(urlsplit(endpoint.url).netloc).text,
        events=list(endpoint.events),
        active=endpoint.active,
        stopped_because=endpoint.stopped_because,
        failing_since=endpoint.failing_since,
        retry_at=endpoint.retry_at,
        waiting=waiting.get(endpoint.id, 0),
        old_secret_until=overlap,
        created_at=endpoint.created_at,
    )


def _delivery(delivery: WebhookDelivery, reference: str | None) -> DeliveryView:
    return DeliveryView(
        id=delivery.id,
        message_id=message_id(delivery),
        event=delivery.event,
        reference=reference,
        happened_at=delivery.happened_at,
        state=delivery.state,
        attempts=delivery.attempts,
        tried_at=delivery.tried_at,
        next_at=delivery.next_at if delivery.state == queries.WAITING else None,
        status=delivery.status,
        reason=delivery.reason,
    )


@get("/api/webhooks", guards=_ADMINISTRATOR)
async def list_webhooks(database: Database, viewer: StaffViewer) -> list[WebhookView]:
    async with database.transaction() as session:
        endpoints = await queries.endpoints(session, viewer)
        waiting = await queries.waiting_counts(session, viewer)
        return [_view(endpoint, waiting) for endpoint in endpoints]


@post("/api/webhooks", guards=_ADMINISTRATOR, opt=FRESH)
async def register_webhook(
    database: Database, settings: Settings, viewer: StaffViewer, browser: Browser, data: WebhookInput
) -> WebhookSecret:
    """The answer is the only place where the secret is shown."""
    async with database.transaction() as session:
        endpoint = await operations.register(
            session,
            viewer,
            rules_of(settings),
            name=redact(data.name).text,
            url=data.url,
            events=data.events,
            network=browser.network,
        )
        return WebhookSecret(_view(endpoint, {}), endpoint.secret)


@patch("/api/webhooks/{webhook_id:uuid}", guards=_ADMINISTRATOR, opt=FRESH)
async def change_webhook(
    database: Database,
    settings: Settings,
    viewer: StaffViewer,
    browser: Browser,
    webhook_id: UUID,
    data: WebhookChanges,
) -> WebhookView:
    async with database.transaction() as session:
        endpoint = await operations.change(
            session,
            viewer,
            rules_of(settings),
            webhook_id,
            name=redact(data.name).text if data.name else None,
            url=data.url,
            events=data.events,
            active=data.active,
            network=browser.network,
        )
        return _view(endpoint, await queries.waiting_counts(session, viewer))


@post("/api/webhooks/{webhook_id:uuid}/secret", guards=_ADMINISTRATOR, opt=FRESH, status_code=STATUS_OK)
async def renew_webhook_secret(
    database: Database, viewer: StaffViewer, browser: Browser, webhook_id: UUID
) -> WebhookSecret:
    """For 24 hours the old one signs as well."""
    async with database.transaction() as session:
        endpoint = await operations.renew_secret(session, viewer, webhook_id, browser.network)
        return WebhookSecret(_view(endpoint, await queries.waiting_counts(session, viewer)), endpoint.secret)


@delete("/api/webhooks/{webhook_id:uuid}", guards=_ADMINISTRATOR, opt=FRESH, status_code=204)
async def remove_webhook(database: Database, viewer: StaffViewer, browser: Browser, webhook_id: UUID) -> None:
    async with database.transaction() as session:
        await operations.remove(session, viewer, webhook_id, browser.network)


@post("/api/webhooks/{webhook_id:uuid}/test", guards=_ADMINISTRATOR)
async def test_webhook(database: Database, viewer: StaffViewer, browser: Browser, webhook_id: UUID) -> DeliveryView:
    async with database.transaction() as session:
        return _delivery(await operations.send_test(session, viewer, webhook_id, browser.network), None)


@get("/api/webhooks/{webhook_id:uuid}/deliveries", guards=_ADMINISTRATOR)
async def list_deliveries(
    database: Database,
    viewer: StaffViewer,
    webhook_id: UUID,
    before: int | None = None,
    limit: Annotated[int, Parameter(ge=1, le=100)] = 50,
) -> DeliveryPage:
    """The newest first; never what was sent."""
    async with database.transaction() as session:
        if await queries.endpoint(session, viewer, webhook_id) is None:
            raise WebhookUnknown
        rows = await queries.deliveries(session, webhook_id, before, limit)
        views = [_delivery(delivery, reference) for delivery, reference in rows]
    return DeliveryPage(views, views[-1].id if len(views) == limit else None)


@post("/api/webhooks/{webhook_id:uuid}/deliveries/{delivery_id:int}/resend", guards=_ADMINISTRATOR)
async def resend_delivery(
    database: Database, viewer: StaffViewer, browser: Browser, webhook_id: UUID, delivery_id: int
) -> DeliveryView:
    """Under the same id, with what is true now."""
    async with database.transaction() as session:
        return _delivery(await operations.resend(session, viewer, webhook_id, delivery_id, browser.network), None)


HANDLERS = [
    list_webhooks,
    register_webhook,
    change_webhook,
    renew_webhook_secret,
    remove_webhook,
    test_webhook,
    list_deliveries,
    resend_delivery,
]
