"""What every call asks for and what hardly ever changes, read at most once a second however many calls there are: lines
with their menus, and who could answer."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec

from holdfast.channels.voice import keeping, menus, queries
from holdfast.channels.voice.models import Line
from holdfast.core.database import Database
from holdfast.routing import queries as routing
from holdfast.routing.choice import Candidate

T = TypeVar("T")
_SECONDS = 1.0


class Fresh(Generic[T]):
    """A value that is at most a second old; one reader at a time."""

    def __init__(self, read: Callable[[], Awaitable[T]]) -> None:
        self._read = read
        self._turn = asyncio.Lock()
        self._kept: tuple[float, T] | None = None

    def forget(self) -> None:
        self._kept = None

    async def get(self) -> T:
        async with self._turn:
            time = asyncio.get_running_loop().time()
            if self._kept is None or time - self._kept[0] >= _SECONDS:
                value = await self._read()
                self._kept = time, value
                return value
            return self._kept[1]


@dataclass(frozen=True, slots=True)
class Team:
    """Agents who are there, and how long the last calls took them."""

    agents: Sequence[Candidate]
    handled: Sequence[timedelta]


class Directory:
    """One per process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lines = Fresh(self._read_lines)
        self._trees = Fresh(self._read_trees)
        self._team = Fresh(self._read_team)

    async def line(self, number: str) -> Line | None:
        """The active one with this number. A provider writes it with a plus, with zeros or bare: the digits count."""
        digits = queries.digits(number)
        for line in (await self._lines.get()).values():
            if line.active and queries.digits(line.number) == digits:
                return line
        # It may have been made a moment ago.
        async with self._database.transaction() as session:
            return await queries.line_by_number(session, number)

    async def records(self, line_id: UUID | None) -> bool:
        """Whether the line's calls are recorded."""
        line = await self._line(line_id)
        return line is not None and line.records

    async def captions(self, line_id: UUID | None) -> bool:
        """Whether what is said in the line's calls is written down, where that can be."""
        line = await self._line(line_id)
        return line is not None and line.captions

    async def tree(self, line_id: UUID | None) -> menus.Tree:
        """The menu in force of a line; the standard one if it has none."""
        line = await self._line(line_id)
        tree = (await self._trees.get()).get(line.menu) if line else None
        return msgspec.convert(tree, menus.Tree) if tree else menus.STANDARD

    async def _line(self, line_id: UUID | None) -> Line | None:
        return (await self._lines.get()).get(line_id) if line_id else None

    def forget(self) -> None:
        """Lines or menus have changed."""
        self._lines.forget()
        self._trees.forget()

    async def team(self) -> Team:
        return await self._team.get()

    async def _read_lines(self) -> Mapping[UUID, Line]:
        async with self._database.transaction() as session:
            return {line.id: line for line in await queries.lines(session, keeping.SYSTEM)}

    async def _read_trees(self) -> Mapping[str, Mapping[str, Any]]:
        async with self._database.transaction() as session:
            return {menu.key: menu.tree for menu in await queries.menus(session, keeping.SYSTEM)}

    async def _read_team(self) -> Team:
        async with self._database.transaction() as session:
            return Team(await routing.candidates(session, online_only=True), await queries.handled(session))
