"""Why this agent, and why is nobody asked?"""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.viewer import Viewer
from holdfast.conversations import queries as conversations
from holdfast.conversations.schemas import Named
from holdfast.core.clock import now
from holdfast.routing import queries
from holdfast.routing.choice import explain
from holdfast.routing.models import Assignment, Offer
from holdfast.routing.schemas import CandidateView, Chosen, Decision, Present, Why


async def why(session: AsyncSession, viewer: Viewer, conversation_id: UUID) -> Why:
    """Every decision about the conversation, and who could be asked now. Raises ConversationNotFound."""
    conversation = await conversations.conversation(session, viewer, conversation_id)
    offers, assignments = await queries.history(session, conversation_id)
    candidacies = []
    if conversation.category != "resolved" and conversation.assignee_id is None:
        waiting = (await queries.waiting(session, [conversation_id]))[conversation_id]
        candidacies = explain(waiting, await queries.candidates(session, but=conversation_id), now())
    people = {o.agent_id for o in offers} | {a.agent_id for a in assignments} | {c.agent_id for c in candidacies}
    names = {agent_id: Named(agent_id, name) for agent_id, name in (await queries.names(session, people)).items()}
    decisions = [
        *(_of_offer(o, names[o.agent_id]) for o in offers),
        *(d for a in assignments for d in _of_assignment(a, names[a.agent_id])),
    ]
    return Why(
        sorted(decisions, key=lambda d: d.at),
        Present([CandidateView(names[c.agent_id], c.eligible, list(c.reasons)) for c in candidacies]),
    )


def _of_offer(offer: Offer, agent: Named) -> Decision:
    return Decision(offer.offered_at, Chosen(agent), offer.outcome or "ringing", queries.reasons_of(offer))


def _of_assignment(assignment: Assignment, agent: Named) -> list[Decision]:
    """How they got it (an offer says so itself), and how they lost it."""
    found = []
    if assignment.how != "offer":
        found.append(Decision(assignment.from_at, Chosen(agent), assignment.how, []))
    if assignment.until_at is not None and assignment.ended is not None:
        found.append(Decision(assignment.until_at, None, assignment.ended, []))
    return found
