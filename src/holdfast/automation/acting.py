"""A rule's actions are done: by the operations that people use, each by itself, so that a refusal leaves the others."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.viewer import SystemViewer
from holdfast.automation import queries
from holdfast.automation.checking import text_for
from holdfast.automation.rules import Action, Does, Planned, Rule
from holdfast.conversations import automatic, labelling, operations
from holdfast.conversations import queries as conversations
from holdfast.conversations.errors import ConversationNotFound
from holdfast.conversations.models import Conversation
from holdfast.conversations.outgoing import BLOCKED
from holdfast.core.errors import Forbidden, HoldfastError
from holdfast.paging import pages

VIEWER = SystemViewer("automation")


async def do(
    session: AsyncSession, conversation_id: UUID, rule: Rule, seq: int, plan: tuple[Planned, ...]
) -> list[dict[str, Any]]:
    """What became of each action: done, unchanged (it was so already) or refused, and by what."""
    conversation = await conversations.locked(session, VIEWER, conversation_id)
    line: dict[str, Any] = {"type": "rule", "name": rule.name, "rule": str(rule.id), "version": rule.version}
    words = [one.action.value for one in plan if one.action.does is Does.WEBHOOK and one.refused is None]
    operations.append(session, conversation, event={**line, "webhooks": words} if words else line)
    results = []
    for place, planned in enumerate(plan):
        action = planned.action
        outcome = {"does": action.does.value, "value": action.value}
        if planned.refused is not None:
            results.append({**outcome, "result": "refused", "by": planned.refused})
            continue
        try:
            async with session.begin_nested():
                changed = await _do(session, conversation_id, action, source_id(conversation_id, rule.id, seq, place))
            results.append({**outcome, "result": "done" if changed else "unchanged"})
        except HoldfastError as error:
            if isinstance(error, Forbidden) and action.does is Does.MESSAGE:
                record(session, VIEWER, BLOCKED, ("conversation", conversation_id), kind=error.id)
            results.append({**outcome, "result": "refused", "by": error.id})
    return results


def source_id(conversation_id: UUID, rule_id: UUID, seq: int, place: int) -> bytes:
    """One message for each event, rule and action, whatever is done twice."""
    return conversation_id.bytes + rule_id.bytes + seq.to_bytes(4) + place.to_bytes(1)


async def _do(session: AsyncSession, conversation_id: UUID, action: Action, source: bytes) -> bool:
    """Whether it changed anything."""
    conversation = await conversations.locked(session, VIEWER, conversation_id)
    match action.does:
        case Does.TOPIC | Does.PRIORITY:
            return await _label(session, conversation, action)
        case Does.QUEUE:
            return await _queue(session, conversation, action.value)
        case Does.NOTE:
            await automatic.say(session, VIEWER, conversation_id, action.texts[""], source, public=False)
        case Does.MESSAGE:
            words = text_for(action, conversation.language)
            await automatic.say(session, VIEWER, conversation_id, words, source, public=True)
        case Does.RESOLVE:
            await operations.resolve(session, VIEWER, conversation_id)
        case Does.PAGE:
            about = f"rule:{conversation_id}:{action.value}"
            duty = next(duty for duty in pages.DUTIES if duty == action.value)  # as the type that it takes
            await pages.raise_page(session, "rule_fired", duty, about, reference=conversation.reference)
        case Does.WEBHOOK:
            # The line of the rule is what webhooks follow.
            pass
    return True


async def _label(session: AsyncSession, conversation: Conversation, action: Action) -> bool:
    before = conversation.version
    if action.does is Does.PRIORITY:
        await labelling.change(session, VIEWER, conversation.id, priority=int(action.value))
    else:
        _, topics = await queries.keys(session)
        if action.value not in topics:
            raise ConversationNotFound
        await labelling.change(session, VIEWER, conversation.id, topic_id=topics[action.value].id)
    return conversation.version != before


async def _queue(session: AsyncSession, conversation: Conversation, key: str) -> bool:
    queues, _ = await queries.keys(session)
    if key not in queues or queues[key].emergency:
        raise ConversationNotFound
    if conversation.queue_id == queues[key].id:
        return False
    await operations.transfer(session, VIEWER, conversation.id, queue_id=queues[key].id)
    return True
