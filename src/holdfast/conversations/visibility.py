"""Which conversations a viewer sees, and what a row's state is called: in SQL for queries, in Python for live push."""

from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, or_, true

from holdfast.access.policy import Stance
from holdfast.access.viewer import CustomerViewer, Role, StaffViewer, SystemViewer, Viewer
from holdfast.conversations.models import Conversation

# Answering agents see what waits in an ordinary queue; emergencies only those of the emergency team.
EMERGENCY_STAFF = (Role.EMERGENCY_AGENT, Role.LEAD)


def visible(viewer: Viewer) -> ColumnElement[bool]:
    """The condition a conversation's row must meet for the viewer; false for whoever is not named here.

    Leads see all. Agents see what they have or had last, and what waits in the queues. Customers see the one
    conversation of their token. Administrators and auditors see none: their roles do not need it.
    """
    match viewer:
        case SystemViewer():
            return true()
        case CustomerViewer():
            return Conversation.id == viewer.conversation_id
        case StaffViewer() if viewer.holds(Role.LEAD):
            return true()
        case StaffViewer() if viewer.answers:
            waiting = and_(Conversation.assignee_id.is_(None), Conversation.category == "open")
            if not viewer.holds(*EMERGENCY_STAFF):
                waiting = and_(waiting, Conversation.emergency.is_(False))
            return or_(
                Conversation.assignee_id == viewer.id,
                and_(Conversation.assignee_id.is_(None), Conversation.preferred_agent_id == viewer.id),
                waiting,
            )
        case _:
            return false()


def sees(viewer: StaffViewer, conversation: Conversation) -> bool:
    """The same rule as ``visible`` for a row at hand (live push); a test holds the two together."""
    if viewer.holds(Role.LEAD):
        return True
    if not viewer.answers:
        return False
    if conversation.assignee_id is not None:
        return conversation.assignee_id == viewer.id
    if conversation.preferred_agent_id == viewer.id:
        return True
    return conversation.category == "open" and (not conversation.emergency or viewer.holds(*EMERGENCY_STAFF))


def stance(viewer: Viewer, assignee_id: UUID | None, state: str) -> Stance:
    """What a viewer has to do with the customer of a conversation that they may see (``visible`` has said so)."""
    match viewer:
        case CustomerViewer():
            return Stance.OWN
        case StaffViewer() if assignee_id == viewer.id and state != "resolved":
            return Stance.HOLDS
        case StaffViewer() if viewer.answers:
            return Stance.SEES
        case _:
            return Stance.AWAY


def queued() -> ColumnElement[bool]:
    """The customer waits and nobody has it."""
    return and_(
        Conversation.category == "open",
        Conversation.assignee_id.is_(None),
        Conversation.waiting_since.is_not(None),
    )


def category(conversation: Conversation) -> str:
    """open (the customer waits), waiting (for the customer), or resolved."""
    if conversation.category == "open" and conversation.waiting_since is None:
        return "waiting"
    return conversation.category
