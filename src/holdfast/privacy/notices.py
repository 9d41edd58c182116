"""The mail that a security review waits for its signature."""

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.viewer import Role, SystemViewer
from holdfast.core.i18n import translate
from holdfast.core.settings import Settings
from holdfast.people import queries as people
from holdfast.people.mail import can_send, send_later
from holdfast.privacy.models import SecurityReview


async def review_waits(session: AsyncSession, settings: Settings, made: SecurityReview) -> None:
    """To every auditor; without one, to the administrators."""
    if not can_send(settings):
        return
    staff = [agent for agent in await people.agents(session, SystemViewer("security review")) if agent.active]
    readers = [agent for agent in staff if Role.AUDITOR in agent.roles] or [
        agent for agent in staff if Role.ADMINISTRATOR in agent.roles
    ]
    for agent in readers:
        language = agent.interface_language
        subject = translate("A security review waits for you", language)
        text = translate(
            "The facts of the period are assembled. Read and sign them by {date}.",
            language,
            date=f"{made.due_at:%Y-%m-%d}",
        )
        link = f"{settings.origin}/console/privacy/reviews/{made.id}"
        await send_later(session, agent.email, subject, f"{text}\n\n{link}\n")
