"""Members of staff and their teams: create, change, deactivate, bring back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.viewer import Role, StaffViewer, Viewer
from holdfast.core.database import tell
from holdfast.core.notify import LIVE, ROUTING
from holdfast.people import presence, queries, second_factors, sessions
from holdfast.people.errors import (
    AgentUnknown,
    AlreadyMember,
    LastAdministrator,
    NotYourself,
    OwnRoles,
    RoleMissing,
    TeamNameTaken,
    TeamUnknown,
)
from holdfast.people.models import Agent, AgentLanguage, Presence, Team, TeamMember


@dataclass(frozen=True, slots=True)
class Language:
    """A language a person answers in; level is native, fluent or translation."""

    language: str
    level: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to change of an agent; None leaves it as it is."""

    name: str | None = None
    roles: Sequence[Role] | None = None
    languages: Sequence[Language] | None = None
    teams: Sequence[UUID] | None = None
    capacity: Mapping[str, int] | None = None
    active: bool | None = None

    @property
    def of_the_account(self) -> bool:
        """Touches what only an administrator may."""
        return self.name is not None or self.roles is not None or self.active is not None


@dataclass(frozen=True, slots=True)
class AgentCard:
    """An agent with what belongs to them."""

    agent: Agent
    languages: Sequence[AgentLanguage]
    teams: Sequence[UUID]
    passkeys: int
    presence: Presence | None


async def create(
    session: AsyncSession,
    viewer: Viewer,
    *,
    email: str,
    name: str,
    roles: Sequence[Role],
    languages: Sequence[Language] = (),
    password_hash: str | None = None,
    interface_language: str = "en",
) -> Agent:
    """A new member of staff. Raises AlreadyMember."""
    agent = Agent(
        email=email.strip(),
        name=name.strip(),
        password_hash=password_hash,
        roles=[role.value for role in roles],
        interface_language=interface_language,
    )
    try:
        async with session.begin_nested():
            session.add(agent)
    except IntegrityError as error:
        raise AlreadyMember from error
    session.add(Presence(agent_id=agent.id))
    for known in languages:
        session.add(AgentLanguage(agent_id=agent.id, language=known.language, level=known.level))
    await session.flush()
    record(session, viewer, "agent.created", ("agent", agent.id), roles=agent.roles)
    tell(session, ROUTING, "agents")
    return agent


async def cards(session: AsyncSession, viewer: Viewer, agent_id: UUID | None = None) -> list[AgentCard]:
    """All staff, or one. Raises AgentUnknown for one who is not there."""
    if agent_id is None:
        found = list(await queries.agents(session, viewer))
    else:
        one = await queries.agent(session, viewer, agent_id)
        if one is None:
            raise AgentUnknown
        found = [one]
    ids = [agent.id for agent in found]
    languages = await queries.languages_of(session, ids)
    teams = await queries.teams_of(session, ids)
    passkeys = await queries.passkey_counts(session, ids)
    presences = await queries.presences(session, ids)
    return [
        AgentCard(agent, languages[agent.id], teams[agent.id], passkeys.get(agent.id, 0), presences.get(agent.id))
        for agent in found
    ]


async def change(session: AsyncSession, viewer: StaffViewer, agent_id: UUID, changes: Changes, network: str) -> None:
    """Administrators change everything, leads what concerns the work (languages, teams, capacity).

    Raises RoleMissing, AgentUnknown, NotYourself, OwnRoles, LastAdministrator, TeamUnknown.
    """
    allowed = (Role.ADMINISTRATOR,) if changes.of_the_account else (Role.ADMINISTRATOR, Role.LEAD)
    if not viewer.holds(*allowed):
        raise RoleMissing
    agent = await queries.agent(session, viewer, agent_id, lock=True)
    if agent is None:
        raise AgentUnknown
    if changes.name is not None:
        agent.name = changes.name.strip()
    if changes.roles is not None:
        await _change_roles(session, viewer, agent, changes.roles)
    if changes.capacity is not None:
        agent.capacity = dict(changes.capacity)
    if changes.languages is not None:
        await _replace_languages(session, agent.id, changes.languages)
    if changes.teams is not None:
        await _replace_teams(session, viewer, agent.id, changes.teams)
    touched = [name for name in Changes.__slots__ if getattr(changes, name) is not None]
    record(session, viewer, "agent.changed", ("agent", agent.id), network=network, fields=touched, roles=agent.roles)
    if changes.active is not None and changes.active != agent.active:
        await _set_active(session, viewer, agent, changes.active, network)
    tell(session, ROUTING, "agents")
    tell(session, LIVE, f"a:{agent.id.hex}")


async def change_own(
    session: AsyncSession, viewer: StaffViewer, name: str | None, interface_language: str | None
) -> None:
    """The own name and the language of the console."""
    agent = await queries.agent_by_id(session, viewer.id, lock=True)
    if agent is None:
        raise AgentUnknown
    agent.name = agent.name if name is None else name.strip()
    agent.interface_language = interface_language or agent.interface_language
    record(session, viewer, "agent.changed", ("agent", agent.id), fields=["name", "interface_language"])


async def reset_second_factor(session: AsyncSession, viewer: StaffViewer, agent_id: UUID, network: str) -> None:
    """For an agent who has lost phone and passkey. Not for oneself: one's own are removed with the password."""
    if not viewer.holds(Role.ADMINISTRATOR):
        raise RoleMissing
    if agent_id == viewer.id:
        raise NotYourself
    agent = await queries.agent(session, viewer, agent_id, lock=True)
    if agent is None:
        raise AgentUnknown
    await second_factors.reset(session, viewer, agent, network)


async def _change_roles(session: AsyncSession, viewer: StaffViewer, agent: Agent, roles: Sequence[Role]) -> None:
    if Role.ADMINISTRATOR in agent.roles and Role.ADMINISTRATOR not in roles:
        await _keep_an_administrator(session, agent)
    # Whoever gives roles must not give themselves one: to see a conversation or the log's networks, an administrator
    # needs a second person.
    if agent.id == viewer.id and not set(roles) <= set(agent.roles):
        raise OwnRoles
    agent.roles = list(dict.fromkeys(role.value for role in roles))


async def _set_active(session: AsyncSession, viewer: StaffViewer, agent: Agent, active: bool, network: str) -> None:
    if agent.id == viewer.id:
        raise NotYourself
    if not active and Role.ADMINISTRATOR in agent.roles:
        await _keep_an_administrator(session, agent)
    agent.active = active
    if not active:
        await sessions.end_all(session, agent.id)
        await presence.leave(session, agent.id, "deactivated")
    action = "agent.activated" if active else "agent.deactivated"
    record(session, viewer, action, ("agent", agent.id), network=network)


async def _keep_an_administrator(session: AsyncSession, agent: Agent) -> None:
    if await queries.other_administrators(session, agent.id) == 0:
        raise LastAdministrator


async def _replace_languages(session: AsyncSession, agent_id: UUID, languages: Sequence[Language]) -> None:
    await session.execute(delete(AgentLanguage).where(AgentLanguage.agent_id == agent_id))
    levels = {known.language: known.level for known in languages}
    for language, level in levels.items():
        session.add(AgentLanguage(agent_id=agent_id, language=language, level=level))
    await session.flush()


async def _replace_teams(session: AsyncSession, viewer: Viewer, agent_id: UUID, team_ids: Sequence[UUID]) -> None:
    known = {team.id for team in await queries.teams(session, viewer)}
    if not known.issuperset(team_ids):
        raise TeamUnknown
    await session.execute(delete(TeamMember).where(TeamMember.agent_id == agent_id))
    for team_id in set(team_ids):
        await session.execute(insert(TeamMember).values(team_id=team_id, agent_id=agent_id).on_conflict_do_nothing())


async def create_team(session: AsyncSession, viewer: StaffViewer, name: str) -> Team:
    """Raises TeamNameTaken."""
    team = Team(name=name.strip())
    await _save_team(session, team)
    record(session, viewer, "team.created", ("team", team.id))
    return team


async def rename_team(session: AsyncSession, viewer: StaffViewer, team_id: UUID, name: str) -> Team:
    """Raises TeamUnknown, TeamNameTaken."""
    team = await queries.team(session, viewer, team_id)
    if team is None:
        raise TeamUnknown
    team.name = name.strip()
    await _save_team(session, team)
    record(session, viewer, "team.renamed", ("team", team.id))
    return team


async def delete_team(session: AsyncSession, viewer: StaffViewer, team_id: UUID) -> None:
    """Its members stay, without it. Raises TeamUnknown."""
    team = await queries.team(session, viewer, team_id)
    if team is None:
        raise TeamUnknown
    await session.execute(delete(TeamMember).where(TeamMember.team_id == team_id))
    await session.delete(team)
    record(session, viewer, "team.deleted", ("team", team_id))


async def _save_team(session: AsyncSession, team: Team) -> None:
    try:
        async with session.begin_nested():
            session.add(team)
    except IntegrityError as error:
        raise TeamNameTaken from error
