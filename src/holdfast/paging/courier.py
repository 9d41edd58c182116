"""Sends what waits: claimed by rows, so that two workers never send the same at once, and a dead one's is sent again.

A claim is committed before anything is sent, and what came of it afterwards. A worker that is killed between the two
leaves a hold that runs out after half a minute: the page is sent again rather than never.
"""

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.core.clock import now
from holdfast.core.database import Database
from holdfast.core.looking import Looking
from holdfast.core.pauses import Pauses
from holdfast.paging import contacts, links, pages, queries, wording
from holdfast.paging.models import ContactMethod, Page, PageDelivery
from holdfast.paging.ports import Message, Outcome, Sender
from holdfast.paging.web_push import ENDED
from holdfast.people.models import Agent

logger = logging.getLogger(__name__)

# A provider that hangs must not hold up the others' pages.
_SIDE_BY_SIDE = 32
HOLD = timedelta(seconds=30)
# Within the hold, or another courier would send it beside this one.
_SECONDS = 25.0
_LONGEST_SLEEP = timedelta(seconds=30)
# 5, 10, 20, 40, 80, 160, 300 s: given up after ten minutes, when another step has long been told.
PAUSES = Pauses(5.0, 2.0, 300.0)
ATTEMPTS = 8


class Courier(Looking):
    """One per worker process. ``origin`` is where acknowledgement links lead."""

    def __init__(self, database: Database, sender: Sender, origin: str) -> None:
        super().__init__()
        self._database = database
        self._sender = sender
        self._origin = origin
        self._carrying: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Until cancelled; what is on its way then is sent again when its hold runs out."""
        try:
            await super().run()
        finally:
            for task in self._carrying:
                task.cancel()
            await self.idle()

    async def idle(self) -> None:
        """When nothing is on its way."""
        await asyncio.gather(*self._carrying, return_exceptions=True)

    async def _look(self) -> float:
        for delivery_id, message in await self._claim():
            task = asyncio.get_running_loop().create_task(self._carry(delivery_id, message))
            self._carrying.add(task)
            task.add_done_callback(self._over)
        async with self._database.transaction() as session:
            earliest = await queries.earliest(session)
        if earliest is None:
            return _LONGEST_SLEEP.total_seconds()
        return min(max(earliest - now(), timedelta(milliseconds=50)), _LONGEST_SLEEP).total_seconds()

    def _over(self, task: asyncio.Task[None]) -> None:
        """There is room for another, and what failed has a new time."""
        self._carrying.discard(task)
        self.wake()
        if not task.cancelled() and task.exception() is not None:
            # Its outcome could not be stored: the hold runs out, and it is sent again.
            logger.error("a page's delivery broke off", exc_info=task.exception())

    async def _claim(self) -> list[tuple[UUID, Message | Outcome]]:
        """Take hold of what is due, and word it as it is true now; or what came of it, if there is nobody to tell."""
        if len(self._carrying) >= _SIDE_BY_SIDE:
            return []
        async with self._database.transaction() as session:
            found: list[tuple[UUID, Message | Outcome]] = []
            for delivery in await queries.ready(session, now(), _SIDE_BY_SIDE - len(self._carrying)):
                delivery.held_until = now() + HOLD
                try:
                    async with session.begin_nested():
                        found.append((delivery.id, await self._worded(session, delivery)))
                except Exception:
                    # A value that cannot be opened must not keep every other page from going out.
                    logger.exception("a page by %s could not be worded", delivery.kind)
                    found.append((delivery.id, Outcome(False, "fault")))
            return found

    async def _worded(self, session: AsyncSession, delivery: PageDelivery) -> Message | Outcome:
        gone = Outcome(False, "gone", final=True)
        about = await queries.subject(session, delivery)
        if about is None or not about[0].active:
            return gone
        agent, page, method = about
        if method is None and (page is None or delivery.kind != "mail"):
            # Removed meanwhile. Without a method only mail has an address: the account's.
            return gone
        address = method.address if method else agent.email
        message = self._message(delivery, agent, page, method, address)
        return gone if message is None else replace(message, provider=await _account(session, delivery.kind))

    def _message(
        self,
        delivery: PageDelivery,
        agent: Agent,
        page: Page | None,
        method: ContactMethod | None,
        address: str,
    ) -> Message | None:
        language, secret = agent.interface_language, method.secret if method else None
        if page is None:
            if method is None or method.code is None:
                return None
            words = wording.code(method.code, language)
            view = "/console/on-call/contacts"
            return Message(
                delivery.id, delivery.kind, address, "Holdfast", words, None, False, secret=secret, view=view
            )
        link = f"{self._origin}/page/{links.token(delivery.id, now())}"
        headline = wording.headline(page, language)
        # Where the headline is a title of its own, the text does not say it again; a call says nothing else, nor does
        # a browser's notice, which leads to the console.
        text = {"mail": f"{headline}\n{wording.invitation(language)}", "call": headline, "push": ""}.get(
            delivery.kind, wording.invitation(language)
        )
        subject = "Holdfast" if delivery.kind == "call" else headline
        view, urgent = f"/console/on-call?page={page.id}", page.kind != "test"
        return Message(delivery.id, delivery.kind, address, subject, text, link, urgent, secret=secret, view=view)

    async def _carry(self, delivery_id: UUID, message: Message | Outcome) -> None:
        if isinstance(message, Outcome):
            outcome = message
        else:
            try:
                async with asyncio.timeout(_SECONDS):
                    outcome = await self._sender.send(message)
            except TimeoutError:
                outcome = Outcome(False, "time")
            except Exception:
                # One message that cannot be made must not hold up the others.
                logger.exception("a page by %s could not be sent", message.kind)
                outcome = Outcome(False, "fault")
        async with self._database.transaction() as session:
            failed = await _settle(session, delivery_id, outcome)
        if failed is not None:
            # Apart: whoever acknowledges locks the page first, then its deliveries.
            async with self._database.transaction() as session:
                await pages.nobody_reached(session, *failed)


async def _account(session: AsyncSession, kind: str) -> str | None:
    """What the organisation sends it with."""
    if kind == "push":
        return await queries.push_key(session)
    provider = await queries.provider(session, kind)
    return provider.url if provider else None


async def _settle(session: AsyncSession, delivery_id: UUID, outcome: Outcome) -> tuple[UUID, int, int] | None:
    """Write down what came of one attempt, on the delivery and on the method; the page's step if it was given up."""
    delivery = await queries.delivery_locked(session, delivery_id)
    if delivery is None:
        return None
    delivery.attempts += 1
    delivery.tried_at, delivery.reason, delivery.held_until = now(), outcome.reason, None
    method = await queries.contact_locked(session, delivery.method_id) if delivery.method_id else None
    if outcome.sent:
        # Also one that somebody spared meanwhile: it has arrived.
        delivery.state = "sent"
        if method is not None:
            method.failing_since = None
        return None
    if method is not None:
        method.failing_since = method.failing_since or now()
        if delivery.kind == "push" and outcome.reason in ENDED:
            await contacts.ended(session, method)
    if delivery.state != queries.WAITING:
        return None
    if not outcome.final and delivery.attempts < ATTEMPTS:
        delivery.next_at = now() + PAUSES.after(delivery.attempts)
        return None
    delivery.state = "failed"
    return None if delivery.page_id is None else (delivery.page_id, delivery.step, delivery.round)
