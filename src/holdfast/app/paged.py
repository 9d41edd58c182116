"""What wakes whoever is on call, and what lets them sleep again. Each function answers a fact, in its transaction.

An emergency pages as soon as it rings nowhere, and when half of its minute is over although it rings. An update that is
overdue pages the technical team: no other desk may do what it promised. Other promises that are broken are lines of the
timeline and of the lists: in an outage ten thousand of them would be broken at once, and nobody would look at a pager.
"""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.viewer import SystemViewer
from holdfast.channels.voice.facts import EmergencyCallUnanswered
from holdfast.conversations import queries as conversations
from holdfast.conversations.facts import ConversationAssigned, ConversationResolved
from holdfast.paging import pages
from holdfast.promises.facts import PromiseSettled, PromiseTurned
from holdfast.promises.model import Kind
from holdfast.routing.facts import EmergencyUnheard

_SYSTEM = SystemViewer("paging")


def _emergency(conversation_id: UUID) -> str:
    return f"emergency:{conversation_id}"


def _update(conversation_id: UUID) -> str:
    return f"update:{conversation_id}"


async def _reference(session: AsyncSession, conversation_id: UUID) -> str:
    return (await conversations.conversation(session, _SYSTEM, conversation_id)).reference


async def on_unheard(session: AsyncSession, fact: EmergencyUnheard | EmergencyCallUnanswered) -> None:
    about, reference = _emergency(fact.conversation_id), await _reference(session, fact.conversation_id)
    await pages.raise_page(session, "emergency_requested", "emergency", about, reference=reference)


async def on_turned(session: AsyncSession, fact: PromiseTurned) -> None:
    if fact.kind == Kind.EMERGENCY:
        await on_unheard(session, EmergencyUnheard(fact.conversation_id))
    elif fact.kind == Kind.UPDATE and fact.level == 100:
        about, reference = _update(fact.conversation_id), await _reference(session, fact.conversation_id)
        await pages.raise_page(session, "promise_breached", "technical", about, reference=reference)


async def on_settled(session: AsyncSession, fact: PromiseSettled) -> None:
    if fact.kind == Kind.EMERGENCY:
        await pages.resolve_about(session, _emergency(fact.conversation_id))
    elif fact.kind == Kind.UPDATE:
        await pages.resolve_about(session, _update(fact.conversation_id))


async def on_assigned(session: AsyncSession, fact: ConversationAssigned) -> None:
    """Somebody certified has it. Who then says nothing loses it again (routing), and it pages anew."""
    await pages.resolve_about(session, _emergency(fact.conversation_id))


async def on_resolved(session: AsyncSession, fact: ConversationResolved) -> None:
    for about in (_emergency(fact.conversation_id), _update(fact.conversation_id)):
        await pages.resolve_about(session, about)
