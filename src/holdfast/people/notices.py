"""The mails that people get about their access, each in their language."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.facts import AlarmRaised
from holdfast.access.viewer import Role, StaffViewer, SystemViewer, Viewer
from holdfast.core.i18n import translate
from holdfast.people import queries
from holdfast.people.mail import send_later
from holdfast.people.models import Agent


async def invitation(
    session: AsyncSession, address: str, language: str, *, link: str, organisation: str, viewer: Viewer
) -> None:
    """The link is the only thing in it that matters; who invites is named, so that it is not taken for a fraud."""
    if isinstance(viewer, StaffViewer):
        opening = translate(
            "{name} invites you to answer at the support hotline of {organisation}.",
            language,
            name=viewer.name,
            organisation=organisation,
        )
    else:
        opening = translate(
            "You are invited to answer at the support hotline of {organisation}.", language, organisation=organisation
        )
    subject = translate("Your invitation to {organisation}", language, organisation=organisation)
    ending = translate("The link works once, for 7 days. If you did not expect this mail, ignore it.", language)
    await send_later(session, address, subject, f"{opening}\n\n{link}\n\n{ending}\n")


async def overseers(session: AsyncSession, viewer: SystemViewer, *, but: UUID | None = None) -> list[Agent]:
    """Who is told what somebody must look into: every auditor; without one, the administrators."""
    staff = [agent for agent in await queries.agents(session, viewer) if agent.active and agent.id != but]
    auditors = [agent for agent in staff if Role.AUDITOR in agent.roles]
    return auditors or [agent for agent in staff if Role.ADMINISTRATOR in agent.roles]


async def on_alarm(session: AsyncSession, fact: AlarmRaised) -> None:
    """To the overseers, but never to whom it is about. The mail names nobody: it may lie in a box that others read."""
    for agent in await overseers(session, SystemViewer("alarm"), but=fact.agent_id):
        language = agent.interface_language
        subject = translate("An alarm: somebody looks where nobody should", language)
        match fact.kind:
            case "canary":
                text = translate("Somebody on the desk opened a record that nobody has a reason to open.", language)
            case "archive":
                text = translate("An administrator downloaded the archive of a customer.", language)
            case _:
                text = translate("Somebody on the desk looks up far more customers than usual.", language)
        ending = translate("See who, and when, in the console under Alarms.", language)
        await send_later(session, agent.email, subject, f"{text}\n\n{ending}\n")


async def password_reset(session: AsyncSession, agent: Agent, link: str, minutes: int) -> None:
    language = agent.interface_language
    opening = translate("Somebody asked for a new password for your account. If it was you, choose one here:", language)
    ending = translate(
        "The link works once, for {minutes} minutes. If it was not you, ignore this mail: nothing has changed.",
        language,
        minutes=minutes,
    )
    await send_later(session, agent.email, translate("A new password", language), f"{opening}\n\n{link}\n\n{ending}\n")


async def password_changed(session: AsyncSession, agent: Agent) -> None:
    language = agent.interface_language
    text = translate(
        "The password of your account was changed, and your other sessions were ended. If it was not you, tell an "
        "administrator at once.",
        language,
    )
    await send_later(session, agent.email, translate("Your password was changed", language), f"{text}\n")


async def second_factor_changed(session: AsyncSession, agent: Agent) -> None:
    language = agent.interface_language
    text = translate(
        "A passkey or authenticator app was added to your account or removed from it. If it was not you, tell an "
        "administrator at once.",
        language,
    )
    await send_later(session, agent.email, translate("Your sign-in was changed", language), f"{text}\n")
