"""The demo's people: who they are, what they speak, what a lead has attested. Everything here is made up."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.viewer import Role, StaffViewer, SystemViewer
from holdfast.app.base_data import seed_base
from holdfast.core.clock import now, set_source
from holdfast.core.settings import Settings
from holdfast.people import agents, passwords, queries
from holdfast.people.agents import Changes, Language
from holdfast.people.models import Agent
from holdfast.people.sessions import viewer_of
from holdfast.training import operations as training

# Known to everybody who reads this: it exists only where HOLDFAST_DEMO is set.
PASSWORD = "harbour lantern 27"  # noqa: S105 - public on purpose
DOMAIN = "holdfast.example"

# The organisation is this old, and so are the attestations: past its first day, and good for two months yet.
_AGE = timedelta(days=21)
_NETWORK = "demo"


@dataclass(frozen=True, slots=True)
class Person:
    """``speaks`` begins with the native language; ``skills`` are what the lead (for herself the trainer) attests."""

    key: str
    name: str
    roles: tuple[Role, ...]
    speaks: tuple[tuple[str, str], ...]
    skills: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    interface: str = "en"

    @property
    def email(self) -> str:
        return f"{self.key}@{DOMAIN}"


TEAMS = ("First line", "Technical", "Emergency")

_AGENT, _SOS = Role.AGENT, Role.EMERGENCY_AGENT
_N, _F = "native", "fluent"

PEOPLE = (
    Person(
        "ana", "Ana Kovač", (_AGENT,), (("en", _N), ("de", _F)),
        ("general", "technical", "account"), ("First line", "Technical"),
    ),
    Person(
        "wei", "Wei Zhang", (_AGENT, _SOS), (("zh-Hans", _N), ("zh-Hant", _F), ("en", _F)),
        ("general", "technical", "account", "security", "emergency"), ("First line", "Emergency"), "zh-Hans",
    ),
    Person(
        "mei", "Mei Tanaka", (_AGENT,), (("ja", _N), ("en", _F)), ("general", "account"), ("First line",),
    ),
    Person(
        "seoyeon", "Kim Seo-yeon", (_AGENT,), (("ko", _N), ("en", _F)),
        ("general", "technical"), ("First line", "Technical"),
    ),
    Person(
        "omar", "Omar Haddad", (_AGENT, _SOS), (("ar", _N), ("en", _F), ("fr", _F)),
        ("general", "account", "security", "emergency"), ("First line", "Emergency"),
    ),
    Person(
        "sofia", "Sofia Almeida", (_AGENT,), (("pt", _N), ("es", _F), ("en", _F)), ("general",), ("First line",),
    ),
    Person(
        "priya", "Priya Nair", (_AGENT, _SOS), (("en", _N), ("th", _F)),
        ("general", "account", "security", "emergency"), ("Emergency",),
    ),
    Person(
        "karin", "Karin Weber", (Role.LEAD, _AGENT), (("de", _N), ("en", _F)),
        ("general", "technical", "account"), ("First line",),
    ),
    Person("daniel", "Daniel Okoye", (Role.TRAINER,), (("en", _N),)),
    Person("ruth", "Ruth Lindqvist", (Role.AUDITOR,), (("en", _F),)),
    Person("lena", "Lena Fischer", (Role.ADMINISTRATOR,), (("de", _N), ("en", _F))),
)  # fmt: skip

_LEAD, _TRAINER, _ADMINISTRATOR = "karin", "daniel", "lena"


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Everything inside happens at ``moment``."""
    set_source(lambda: moment)
    try:
        yield
    finally:
        set_source(None)


async def seed_organisation(session: AsyncSession, settings: Settings) -> dict[str, StaffViewer]:
    """The base, then the people with their teams and attested skills; everybody by key.

    An organisation that is there is left as it is: whoever was renamed or deactivated stays so.
    """
    with at(now() - _AGE):
        await seed_base(session, settings)
        found = await _present(session)
        if found:
            return found
        staff = {person.key: await _hire(session, person) for person in PEOPLE}
        viewers = {key: viewer_of(agent) for key, agent in staff.items()}
        await _form_teams(session, viewers[_ADMINISTRATOR], staff)
        for person in PEOPLE:
            by = viewers[_TRAINER if person.key == _LEAD else _LEAD]
            for skill in person.skills:
                await training.attest(session, by, staff[person.key].id, skill, "Seen at work for two weeks.")
    return viewers


async def _present(session: AsyncSession) -> dict[str, StaffViewer]:
    agents_there = [(p.key, await queries.agent_by_email(session, p.email)) for p in PEOPLE]
    return {key: viewer_of(agent) for key, agent in agents_there if agent is not None}


async def _hire(session: AsyncSession, person: Person) -> Agent:
    return await agents.create(
        session,
        SystemViewer("demo"),
        email=person.email,
        name=person.name,
        roles=person.roles,
        languages=[Language(code, level) for code, level in person.speaks],
        password_hash=await passwords.hashed(PASSWORD),
        interface_language=person.interface,
    )


async def _form_teams(session: AsyncSession, by: StaffViewer, staff: dict[str, Agent]) -> None:
    ids: dict[str, UUID] = {name: (await agents.create_team(session, by, name)).id for name in TEAMS}
    for person in PEOPLE:
        if person.teams:
            changes = Changes(teams=[ids[name] for name in person.teams])
            await agents.change(session, by, staff[person.key].id, changes, _NETWORK)
