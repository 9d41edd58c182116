"""Sends what waits: to each endpoint by one worker at a time, at most eight conversations side by side, each in order.

What happened to a delivery is stored before the next of its conversation begins. A worker that dies loses its hold
after a minute; what it was sending is sent again under the same id.
"""

import asyncio
import logging
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.viewer import SystemViewer
from holdfast.channels.webhooks import notices, queries, rendering, signing
from holdfast.channels.webhooks.models import WebhookDelivery, WebhookEndpoint
from holdfast.core.clock import now
from holdfast.core.database import Database
from holdfast.core.looking import Looking
from holdfast.core.outgoing import Outgoing, OutgoingError
from holdfast.core.pauses import Pauses

logger = logging.getLogger(__name__)

_SIDE_BY_SIDE = 8
_HOLD = timedelta(seconds=60)
_LONGEST_SLEEP = timedelta(seconds=30)
_AFTER_FAILURE = 1.0
# Receivers answer in a second; what they answer is not read.
_SECONDS = 10.0
_ANSWER = 64 * 1024
# 5 s, 20 s, 80 s, 5, 21 minutes, then every hour and a half: nineteen attempts in a day.
PAUSES = Pauses(5.0, 4.0, 5400.0)
GIVE_UP = timedelta(days=1)
STOP_AFTER = timedelta(days=3)
GONE, TOO_MANY = 410, (408, 425, 429)

_SYSTEM = SystemViewer("webhooks")


class Courier(Looking):
    """One per worker process."""

    def __init__(self, database: Database, outgoing: Outgoing) -> None:
        super().__init__()
        self._database = database
        self._outgoing = outgoing
        self._rounds: dict[UUID, asyncio.Task[None]] = {}
        # Until when this courier holds which endpoint.
        self._holds: dict[UUID, datetime] = {}

    async def run(self) -> None:
        """Until cancelled, and its rounds with it."""
        try:
            await super().run()
        finally:
            for task in self._rounds.values():
                task.cancel()
            await asyncio.gather(*self._rounds.values(), return_exceptions=True)
            # Of rounds that were told to stop before their first step: the next courier need not wait.
            for endpoint_id in list(self._holds):
                await self._let_go(endpoint_id)

    async def _look(self) -> float:
        while await self._begin():
            pass
        return (await self._pause()).total_seconds()

    async def _begin(self) -> bool:
        """Take hold of one endpoint that something is due for, and begin a round; False if there is none."""
        async with self._database.transaction() as session:
            endpoint = await queries.ready_endpoint(session, now(), list(self._rounds))
            if endpoint is None:
                return False
            endpoint_id = endpoint.id
            self._holds[endpoint_id] = endpoint.held_until = now() + _HOLD
        task = asyncio.get_running_loop().create_task(self._round(endpoint_id))
        self._rounds[endpoint_id] = task
        task.add_done_callback(lambda _: self._over(endpoint_id))
        return True

    def _over(self, endpoint_id: UUID) -> None:
        """What came after the round's last look is found by looking again."""
        del self._rounds[endpoint_id]
        self.wake()

    async def _pause(self) -> timedelta:
        async with self._database.transaction() as session:
            earliest = await queries.earliest(session)
        if earliest is None:
            return _LONGEST_SLEEP
        return min(max(earliest - now(), timedelta(milliseconds=50)), _LONGEST_SLEEP)

    async def _round(self, endpoint_id: UUID) -> None:
        """Send until nothing is due, or the endpoint fails."""
        try:
            while await self._send_heads(endpoint_id):
                pass
        except Exception:
            logger.exception("a round of webhooks broke off")
            await asyncio.sleep(_AFTER_FAILURE)
        finally:
            # Also when this worker is told to stop.
            await self._let_go(endpoint_id)

    async def _let_go(self, endpoint_id: UUID) -> None:
        held = self._holds.get(endpoint_id)
        async with self._database.transaction() as session:
            endpoint = await queries.locked_endpoint(session, endpoint_id)
            # An earlier one is ours too: of a round that was told to stop before its longer hold was stored.
            if endpoint is not None and held and endpoint.held_until and endpoint.held_until <= held:
                endpoint.held_until = None
        self._holds.pop(endpoint_id, None)

    async def _send_heads(self, endpoint_id: UUID) -> bool:
        async with self._database.transaction() as session:
            endpoint = await queries.locked_endpoint(session, endpoint_id)
            if endpoint is None or not endpoint.active or (endpoint.retry_at and endpoint.retry_at > now()):
                return False
            self._holds[endpoint_id] = endpoint.held_until = now() + _HOLD
            found = [
                (delivery, await rendering.render(session, delivery))
                for delivery in await queries.heads(session, endpoint_id, now(), _SIDE_BY_SIDE)
            ]
        if not found:
            return False
        results = await asyncio.gather(*(self._send(endpoint, delivery, body) for delivery, body in found))
        async with self._database.transaction() as session:
            locked = await queries.locked_endpoint(session, endpoint_id)
            if locked is None:
                return False
            for (delivery, body), (status, reason) in zip(found, results, strict=True):
                stored = await queries.delivery(session, endpoint_id, delivery.id)
                if stored is not None and stored.state == queries.WAITING:
                    await self._settle(session, locked, stored, status, "erased" if body is None else reason)
        return True

    async def _send(
        self, endpoint: WebhookEndpoint, delivery: WebhookDelivery, body: bytes | None
    ) -> tuple[int | None, str | None]:
        """Status, or why there is none. Nothing of the answer's body is kept: it may be anything."""
        if body is None:
            return None, None
        keys = [endpoint.secret]
        if endpoint.previous_secret and endpoint.previous_until and endpoint.previous_until > now():
            keys.append(endpoint.previous_secret)
        signed = signing.headers(rendering.message_id(delivery), now(), body, keys)
        try:
            answer = await self._outgoing.request(
                "POST",
                endpoint.url,
                body=body,
                headers={"content-type": "application/json", **signed},
                seconds=_SECONDS,
                limit=_ANSWER,
            )
        except OutgoingError as error:
            return None, error.reason
        return answer.status, None

    async def _settle(
        self,
        session: AsyncSession,
        endpoint: WebhookEndpoint,
        delivery: WebhookDelivery,
        status: int | None,
        reason: str | None,
    ) -> None:
        """Write down what came of one attempt, on both."""
        delivery.tried_at, delivery.status, delivery.reason = now(), status, reason
        if reason == "erased":
            delivery.state = "gone"
            return
        delivery.attempts += 1
        if status is not None and 200 <= status < 300:
            delivery.state = "delivered"
            endpoint.failing_since, endpoint.failures, endpoint.retry_at = None, 0, None
            return
        delivery.reason = reason or "answer"
        pause = PAUSES.after(delivery.attempts)
        delivery.next_at = now() + pause
        if now() - delivery.happened_at > GIVE_UP and delivery.attempts > 1:
            delivery.state = "failed"
        # 400 says that this one is not liked; anything else is the endpoint's state, and everybody's turn to wait.
        if status is None or status >= 500 or status < 400 or status in TOO_MANY:
            endpoint.failures += 1
            endpoint.retry_at = now() + PAUSES.after(endpoint.failures)
        endpoint.failing_since = endpoint.failing_since or now()
        if status == GONE or now() - endpoint.failing_since > STOP_AFTER:
            endpoint.active = False
            endpoint.stopped_because = "gone" if status == GONE else "failing"
            record(session, _SYSTEM, "webhook.stopped", ("webhook", endpoint.id), because=endpoint.stopped_because)
            await notices.stopped(session, endpoint)
