"""Members of staff and teams."""

from uuid import UUID

from litestar import delete, get, patch, post
from msgspec import UNSET

from holdfast.access.viewer import Role, StaffViewer
from holdfast.core.clock import now
from holdfast.core.database import Database
from holdfast.people import agents, queries
from holdfast.people.agents import AgentCard, Changes, Language
from holdfast.people.http_viewer import FRESH, SignedIn, staff
from holdfast.people.me import language_views
from holdfast.people.models import Team
from holdfast.people.schemas import (
    AgentChanges,
    AgentView,
    SecondFactor,
    Standing,
    TeamInput,
    TeamView,
)
from holdfast.people.sign_in import Browser
from holdfast.redaction import redact

_LEADING = (Role.ADMINISTRATOR, Role.LEAD)
# Addresses and second factors concern those who run the house; the trainer and the auditor see addresses too.
_SEES_ACCOUNTS = (Role.ADMINISTRATOR, Role.LEAD, Role.AUDITOR, Role.TRAINER)


def _agent(viewer: StaffViewer, card: AgentCard) -> AgentView:
    agent = card.agent
    account = viewer.id == agent.id or viewer.holds(*_SEES_ACCOUNTS)
    second_factor = SecondFactor(agent.totp_confirmed_at is not None, card.passkeys)
    there = card.presence
    return AgentView(
        id=agent.id,
        name=agent.name,
        roles=[Role(role) for role in agent.roles],
        languages=language_views(list(card.languages)),
        teams=list(card.teams),
        capacity=dict(agent.capacity),
        active=agent.active,
        presence=Standing(there.state, there.since) if there else Standing("offline", agent.created_at or now()),
        created_at=agent.created_at,
        email=agent.email if account else None,
        second_factor=second_factor if account else None,
    )


@get("/api/agents")
async def list_agents(database: Database, viewer: StaffViewer) -> list[AgentView]:
    async with database.transaction() as session:
        return [_agent(viewer, card) for card in await agents.cards(session, viewer)]


@get("/api/agents/{agent_id:uuid}")
async def get_agent(database: Database, viewer: StaffViewer, agent_id: UUID) -> AgentView:
    async with database.transaction() as session:
        return _agent(viewer, (await agents.cards(session, viewer, agent_id))[0])


@patch("/api/agents/{agent_id:uuid}", guards=[staff(*_LEADING)])
async def change_agent(
    database: Database, signed_in: SignedIn, browser: Browser, agent_id: UUID, data: AgentChanges
) -> AgentView:
    """Leads change languages, teams and capacity; the rest is an administrator's. Roles, and whether somebody is
    active at all, need a fresh second factor."""
    changes = Changes(
        name=None if data.name is UNSET else redact(data.name).text,
        roles=None if data.roles is UNSET else data.roles,
        languages=None if data.languages is UNSET else [Language(x.language, x.level) for x in data.languages],
        teams=None if data.teams is UNSET else data.teams,
        capacity=None if data.capacity is UNSET else {str(channel): n for channel, n in data.capacity.items()},
        active=None if data.active is UNSET else data.active,
    )
    if changes.roles is not None or changes.active is not None:
        signed_in.demand_fresh()
    viewer = signed_in.viewer
    async with database.transaction() as session:
        await agents.change(session, viewer, agent_id, changes, browser.network)
        await session.flush()
        return _agent(viewer, (await agents.cards(session, viewer, agent_id))[0])


@post("/api/agents/{agent_id:uuid}/second-factor-reset", status_code=204, guards=[staff(Role.ADMINISTRATOR)], opt=FRESH)
async def reset_second_factor(database: Database, viewer: StaffViewer, browser: Browser, agent_id: UUID) -> None:
    """For somebody who has lost their phone and their passkey: they enrol again at the next sign-in."""
    async with database.transaction() as session:
        await agents.reset_second_factor(session, viewer, agent_id, browser.network)


@get("/api/teams")
async def list_teams(database: Database, viewer: StaffViewer) -> list[TeamView]:
    async with database.transaction() as session:
        teams = await queries.teams(session, viewer)
        members = await queries.team_members(session)
        return [_team(team, members.get(team.id, [])) for team in teams]


@post("/api/teams", guards=[staff(*_LEADING)])
async def create_team(database: Database, viewer: StaffViewer, data: TeamInput) -> TeamView:
    async with database.transaction() as session:
        return _team(await agents.create_team(session, viewer, redact(data.name).text), [])


@patch("/api/teams/{team_id:uuid}", guards=[staff(*_LEADING)])
async def rename_team(database: Database, viewer: StaffViewer, team_id: UUID, data: TeamInput) -> TeamView:
    async with database.transaction() as session:
        team = await agents.rename_team(session, viewer, team_id, redact(data.name).text)
        return _team(team, (await queries.team_members(session)).get(team_id, []))


@delete("/api/teams/{team_id:uuid}", status_code=204, guards=[staff(*_LEADING)])
async def delete_team(database: Database, viewer: StaffViewer, team_id: UUID) -> None:
    async with database.transaction() as session:
        await agents.delete_team(session, viewer, team_id)


def _team(team: Team, members: list[UUID]) -> TeamView:
    return TeamView(team.id, team.name, members)


HANDLERS = [
    list_agents,
    get_agent,
    change_agent,
    reset_second_factor,
    list_teams,
    create_team,
    rename_team,
    delete_team,
]
