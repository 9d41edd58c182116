"""The mail that administrators get when we stop sending to an endpoint."""

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.channels.webhooks import queries
from holdfast.channels.webhooks.models import WebhookEndpoint
from holdfast.core.i18n import translate
from holdfast.people.mail import send_later


async def stopped(session: AsyncSession, endpoint: WebhookEndpoint) -> None:
    """The name alone: the address may hold a secret."""
    for agent in await queries.administrators(session):
        language = agent.interface_language
        subject = translate("The webhook “{name}” was switched off", language, name=endpoint.name)
        text = translate(
            "It has failed for days, or said that it is gone, so nothing is sent to it any more. What was waiting is "
            "kept for 30 days, and goes out when you switch it on again in the console.",
            language,
        )
        await send_later(session, agent.email, subject, f"{text}\n")
