"""Who is signed in, as they see themselves."""

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.viewer import Role, StaffViewer
from holdfast.core.settings import Settings
from holdfast.people import ports, queries, sign_in
from holdfast.people.errors import AgentUnknown
from holdfast.people.models import AgentLanguage
from holdfast.people.schemas import LanguageView, Level, Me, SecondFactor


async def view(session: AsyncSession, viewer: StaffViewer, settings: Settings) -> Me:
    """The viewer's own account. Raises AgentUnknown."""
    agent = await queries.agent_by_id(session, viewer.id)
    if agent is None:
        raise AgentUnknown
    languages = await queries.languages_of(session, [agent.id])
    return Me(
        id=agent.id,
        name=agent.name,
        email=agent.email,
        roles=[Role(role) for role in agent.roles],
        interface_language=agent.interface_language,
        languages=language_views(languages[agent.id]),
        skills=await ports.desk().skills(session, agent.id),
        second_factor=SecondFactor(agent.totp_confirmed_at is not None, await queries.passkey_count(session, agent.id)),
        must_enrol=await sign_in.must_enrol(session, agent, demo=settings.demo),
        capacity=dict(agent.capacity),
        demo=settings.demo,
    )


def language_views(rows: list[AgentLanguage]) -> list[LanguageView]:
    return [LanguageView(row.language, _LEVELS[row.level]) for row in rows]


_LEVELS: dict[str, Level] = {"native": "native", "fluent": "fluent", "translation": "translation"}
