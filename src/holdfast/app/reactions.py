"""What follows from what. One line a fact: the functions that answer it, in order, in the same transaction."""

from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.facts import AlarmRaised
from holdfast.app import paged
from holdfast.channels.mail import reach
from holdfast.channels.voice import reactions as calls
from holdfast.channels.voice.facts import EmergencyCallUnanswered
from holdfast.conversations import exposures, fragments
from holdfast.conversations import reactions as conversations
from holdfast.conversations.facts import (
    ConversationAssigned,
    ConversationOpened,
    ConversationQueued,
    ConversationResolved,
    ConversationsMoved,
    SecretFound,
)
from holdfast.people import notices
from holdfast.people.facts import AgentAbsent, AgentAvailable, AgentUnreachable
from holdfast.promises.facts import PromiseSettled, PromiseTurned
from holdfast.routing import reactions as routing
from holdfast.routing.facts import EmergencyUnheard
from holdfast.training.facts import RightRevoked
from holdfast.verification import operations as verification

Reaction = Callable[[AsyncSession, Any], Awaitable[None]]

REACTIONS: dict[type, list[Reaction]] = {
    ConversationOpened: [routing.on_opened, fragments.on_opened, reach.on_opened],
    ConversationsMoved: [reach.on_moved],
    ConversationQueued: [routing.on_queued, conversations.on_queued, verification.on_queued, calls.on_moved],
    ConversationAssigned: [routing.on_assigned, conversations.on_assigned, paged.on_assigned, calls.on_moved],
    ConversationResolved: [
        routing.on_resolved,
        conversations.on_resolved,
        fragments.on_resolved,
        paged.on_resolved,
        calls.on_resolved,
    ],
    SecretFound: [exposures.on_secret_found, verification.on_danger, reach.on_secret_found],
    AgentAvailable: [routing.on_agent_available],
    AgentUnreachable: [routing.on_agent_unreachable],
    AgentAbsent: [routing.on_agent_absent],
    RightRevoked: [routing.on_right_revoked],
    AlarmRaised: [notices.on_alarm],
    EmergencyUnheard: [paged.on_unheard],
    EmergencyCallUnanswered: [paged.on_unheard],
    PromiseTurned: [paged.on_turned],
    PromiseSettled: [paged.on_settled],
}


async def answer(session: AsyncSession, fact: object) -> None:
    """Let everyone concerned answer a fact; a fact that nobody is listed for is a mistake."""
    for reaction in REACTIONS[type(fact)]:
        await reaction(session, fact)
