"""The mail that a security review waits for its signature."""

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.viewer import SystemViewer
from holdfast.core.i18n import translate
from holdfast.core.settings import Settings
from holdfast.people.mail import can_send, send_later
from holdfast.people.notices import overseers
from holdfast.privacy.models import SecurityReview


async def review_waits(session: AsyncSession, settings: Settings, made: SecurityReview) -> None:
    """To the overseers."""
    if not can_send(settings):
        return
    for agent in await overseers(session, SystemViewer("security review")):
        language = agent.interface_language
        subject = translate("A security review waits for you", language)
        text = translate(
            "The facts of the period are assembled. Read and sign them by {date}.",
            language,
            date=f"{made.due_at:%Y-%m-%d}",
        )
        link = f"{settings.origin}/console/privacy/reviews/{made.id}"
        await send_later(session, agent.email, subject, f"{text}\n\n{link}\n")
