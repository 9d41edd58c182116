"""Callers, and agents at desk phones, while voice processes, the engine and phones die under them."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import select

from holdfast.channels.voice.ari import Ari
from holdfast.channels.voice.engine.layout import Layout, Reach, read_reach
from holdfast.channels.voice.models import Call
from tests.support import baresip, phones
from tests.support.ari_stand_in import running as connected_to
from tests.support.hotline import EMERGENCY, HOTLINE
from tests.support.server import Holdfast
from tests.support.staff import PASSWORD, Staff, staff
from tests.support.waiting import NeverTrue, eventually, eventually_so

LINES = """
INSERT INTO line (id, number, name, kind, language, menu, inbox_id, hourly, wrap_seconds, answer_within,
  records, captions, active, created_at)
SELECT gen_random_uuid(), number, number, kind, 'en', 'standard', id, 1000, 1, 20, true, false, true, now()
FROM (SELECT id FROM inbox LIMIT 1) inbox, (VALUES (%s, 'hotline'), (%s, 'emergency')) given (number, kind)
"""
# A key ends the greeting, the next one chooses the language.
INTO_QUEUE = ("pause:700", "key:*", "pause:700", "key:1")
_UP = "SELECT id FROM call WHERE ended_at IS NULL AND stage NOT IN ('survey', 'message')"
# What must be there 10 s after the engine's return for each call that was up.
_KEPT = """
SELECT count(*) FROM call WHERE id = ANY(%s) AND ended_at IS NOT NULL AND conversation_id IS NOT NULL
  AND EXISTS (SELECT FROM call_back WHERE call_back.conversation_id = call.conversation_id)
"""
_CALLS = """
SELECT call.id, direction, channel, outcome, ended_at IS NULL, conversation_id IS NULL,
  EXISTS (SELECT FROM call_back WHERE call_back.conversation_id = call.conversation_id),
  (SELECT count(*) FROM call_event WHERE call_id = call.id AND kind = 'call_ended'),
  (SELECT count(*) FROM call_leg WHERE call_id = call.id AND state <> 'ended')
FROM call
"""
# Seconds in which everybody must have their end once the last has called.
_SETTLE = 90.0
# Of the engine's return: what is kept of a call that was up.
_RETURN = 10.0


@dataclass(frozen=True, slots=True)
class Plan:
    """``calls`` come one after the other, ``apart`` seconds from each other on average; each death comes when its part
    of them has called."""

    calls: int = 24
    agents: int = 4
    apart: float = 1.5
    deaths: tuple[str, ...] = ("voices", "voice", "phone", "engine")
    seed: int = 5


@dataclass(slots=True)
class Outcome:
    """``violations`` is empty when every caller had their end; ``ends`` counts what became of the calls, ``heard`` how
    they ended for the callers."""

    violations: list[str] = field(default_factory=list)
    ends: Counter[str] = field(default_factory=Counter)
    heard: Counter[str] = field(default_factory=Counter)
    deaths: Counter[str] = field(default_factory=Counter)
    slowest_return: float = 0.0

    def __str__(self) -> str:
        parts = {"outcomes": self.ends, "for the callers": self.heard, "deaths": self.deaths}
        said = [f"{name}: {', '.join(f'{k} {n}' for k, n in sorted(c.items()))}" for name, c in parts.items()]
        return "; ".join([*said, f"everything kept {self.slowest_return:.1f} s after the engine's return"])


@dataclass(slots=True)
class Caller:
    number: str
    phone: phones.Phone
    steps: tuple[str, ...]
    # Whether the engine died while they were connected.
    cut: bool = False


def reach_of(server: Holdfast) -> Reach:
    found = read_reach(Layout(server.data_dir / "voice"))
    assert found is not None
    return found


def processes(server: Holdfast, mark: str) -> list[psutil.Process]:
    """Children of the supervisor with this word in their command."""
    assert server.process is not None
    found = []
    for child in psutil.Process(server.process.pid).children(recursive=True):
        try:
            if any(word == mark or word.endswith(f"/{mark}") for word in child.cmdline()):
                found.append(child)
        except psutil.NoSuchProcess:
            continue
    return found


async def play(server: Holdfast, plan: Plan, folder: Path) -> Outcome:
    """Play the plan against a running server and count every call's end."""
    server.execute(LINES, [HOTLINE, EMERGENCY])
    names = [f"chaos-{number}" for number in range(plan.agents)]
    async with staff(server, names) as agents:
        return await _Play(server, plan, agents, folder, names).run()


def _pressed(key: str, step: str = "key") -> tuple[str, ...]:
    """Again and again, until it is asked for."""
    return ("pause:900", f"{step}:{key}") * 8


class _Play:
    def __init__(self, server: Holdfast, plan: Plan, agents: Staff, folder: Path, names: list[str]) -> None:
        self.server, self.plan, self.agents, self.folder, self.names = server, plan, agents, folder, names
        self.dice = random.Random(plan.seed)
        self.callers: list[Caller] = []
        self.desks: dict[str, AsyncExitStack] = {}
        self.outcome = Outcome()

    async def run(self) -> Outcome:
        async with AsyncExitStack() as everybody:
            for name in self.names:
                await self._sit_down(name)
            try:
                await self.agents.come()
                hanging_up = asyncio.create_task(self._hang_up())
                await asyncio.gather(self._call(everybody), self._die())
                await self._settle()
                hanging_up.cancel()
            finally:
                for desk in self.desks.values():
                    await desk.aclose()
        return self.outcome

    async def _sit_down(self, name: str) -> None:
        self.desks[name] = AsyncExitStack()
        place = self.folder / f"{name}-{time.monotonic_ns()}"
        place.mkdir()
        await self.desks[name].enter_async_context(baresip.desk_phone(reach_of(self.server), name, PASSWORD, place))

    # Who calls -------------------------------------------------------------------------------------------------------

    def _steps(self) -> tuple[str, tuple[str, ...]]:
        """A number, and what the caller does."""
        patience = f"patience:{self.dice.randrange(4_000, 25_000)}"
        return self.dice.choices(
            [
                (HOTLINE, (*INTO_QUEUE, patience)),
                (HOTLINE, (patience,)),
                (HOTLINE, (*INTO_QUEUE, *_pressed("1"), patience)),
                (HOTLINE, ("pause:700", "type:*", "pause:700", "type:1", *_pressed("2", "type"), "speak", patience)),
                (HOTLINE, ("pause:500", "key:0", patience)),
                (EMERGENCY, (patience,)),
                (HOTLINE, (*INTO_QUEUE, "patience:500")),
            ],
            weights=[10, 3, 2, 2, 2, 2, 2],
        )[0]

    async def _call(self, everybody: AsyncExitStack) -> None:
        for each in range(self.plan.calls):
            line, steps = self._steps()
            number = f"+1555{each:06d}"
            phone = phones.caller(reach_of(self.server), line, *steps, caller=number)
            self.callers.append(Caller(number, await everybody.enter_async_context(phone), steps))
            await asyncio.sleep(min(3.0, self.dice.expovariate(1 / self.plan.apart)))

    async def _hang_up(self) -> None:
        """Every few seconds one of the agents has said everything."""
        while True:
            await asyncio.sleep(self.dice.uniform(1, 4))
            async with self.agents.database.transaction() as session:
                talks = await session.execute(select(Call.id, Call.agent_id).where(Call.stage == "talking"))
                talking = [(call, agent) for call, agent in talks if agent is not None]
            if talking:
                call, agent = self.dice.choice(talking)
                await self.agents.hang_up(call, agent)

    # Who dies --------------------------------------------------------------------------------------------------------

    async def _die(self) -> None:
        for each, what in enumerate(self.plan.deaths):
            mark = int((each + 0.7) / len(self.plan.deaths) * self.plan.calls)
            while len(self.callers) < mark:
                await asyncio.sleep(0.02)
            ways: dict[str, Callable[[], Awaitable[None]]] = {
                "voice": self._voice,
                "voices": self._voices,
                "engine": self._engine,
                "phone": self._phone,
            }
            self.outcome.deaths[what] += 1
            await ways[what]()

    async def _voice(self) -> None:
        # After a death of all they come back one by one.
        while not (alive := processes(self.server, "voice")):
            await asyncio.sleep(0.02)
        self.dice.choice(alive).kill()

    async def _voices(self) -> None:
        """All at once: for a moment nobody conducts anything."""
        for process in processes(self.server, "voice"):
            process.kill()

    async def _phone(self) -> None:
        """An agent's phone is gone without a word, and another one signs in."""
        name = self.dice.choice(self.names)
        await self.desks[name].aclose()
        await self._sit_down(name)

    async def _engine(self) -> None:
        (engine,) = processes(self.server, "asterisk.conf")
        cut = [caller for caller in self.callers if caller.phone.process.returncode is None]
        engine.kill()
        up = [row[0] for row in self.server.query(_UP)]
        for caller in cut:
            caller.cut = True
        async with connected_to_engine(self.server):
            begun = time.monotonic()

            async def kept() -> bool:
                return bool(self.server.query(_KEPT, [up])[0][0] == len(up))

            try:
                await eventually_so(kept, _RETURN, "every call that was up is kept")
            except NeverTrue as never:
                self.outcome.violations.append(f"{never}: {self.server.query(_KEPT, [up])[0][0]} of {len(up)}")
            self.outcome.slowest_return = max(self.outcome.slowest_return, time.monotonic() - begun)

    # The end ---------------------------------------------------------------------------------------------------------

    async def _settle(self) -> None:
        messages = Layout(self.server.data_dir / "voice").messages
        try:
            await eventually(
                lambda: all(caller.phone.process.returncode is not None for caller in self.callers),
                _SETTLE,
                "every caller has their end",
            )
            await eventually(lambda: not list(messages.iterdir()), 15, "what the dialplan took is kept")
            # Those who are called back now do not answer: no more than those under way.
            self.agents.rests = True
            await eventually(
                lambda: not self.server.query("SELECT FROM call WHERE ended_at IS NULL"), 60, "every call is over"
            )
        except NeverTrue as never:
            self.outcome.violations.append(str(never))
        rows: dict[str, list[tuple[Any, ...]]] = {}
        for row, number in await self._rows():
            rows.setdefault(number, []).append(row)
        for caller in self.callers:
            self._judge(caller, rows.get(caller.number, []))
        async with connected_to_engine(self.server) as ari:
            left = [channel.name for channel in await ari.channels()]
        if left:
            self.outcome.violations.append(f"left in the engine: {left}")

    async def _rows(self) -> list[tuple[tuple[Any, ...], str]]:
        """Every call with its number, which is sealed: the model reads it."""
        async with self.agents.database.transaction() as session:
            numbers = {call.id: call.number or "" for call in await session.scalars(select(Call))}
        return [(row, numbers.get(row[0], "")) for row in self.server.query(_CALLS)]

    def _judge(self, caller: Caller, rows: list[tuple[Any, ...]]) -> None:
        status, left = caller.phone.process.returncode, caller.phone.left
        # Somebody hung up on them while they were pressing keys: sipp takes that for a fault.
        ended = status == 0 or "unexpected BYE" in caller.phone.fault
        how = "no end" if status is None else "left" if left else "told" if ended else "cut off"
        self.outcome.heard[how] += 1
        wrong = self.outcome.violations.append
        if status is None:
            wrong(f"{caller.number}: no end; cut {caller.cut}, {caller.steps}: {rows} {caller.phone.fault}")
        # An engine that dies before it has answered leaves no trace of the call; their phone gives up after 32 s.
        if not rows and not (caller.cut and not caller.phone.answered):
            wrong(f"{caller.number} ({how}): nothing is known of the call")
        if how == "cut off" and not caller.cut:
            wrong(f"{caller.number}: cut off although the engine lived: {rows} {caller.phone.fault}")
        for _, direction, channel, outcome, up, alone, back, ends, legs in rows:
            self.outcome.ends[f"{outcome}" if direction == "in" else f"call-back {outcome}"] += 1
            if up or ends != 1 or legs:
                wrong(f"{caller.number} ({how}, {channel}): up {up}, {ends} ends, {legs} legs")
            if outcome in {"lost", "callback", "message", "missed"} and (alone or not back):
                wrong(f"{caller.number} ({how}): {outcome} without a conversation and a call-back")
        if how == "told" and {row[3] for row in rows if row[1] == "in"} == {"abandoned"}:
            wrong(f"{caller.number}: hung up on without a reason")


@asynccontextmanager
async def connected_to_engine(server: Holdfast) -> AsyncIterator[Any]:
    """A client of our own, once the engine answers (again)."""
    async with connected_to(Ari(lambda: reach_of(server).access, "chaos")) as ari:
        await asyncio.wait_for(ari.connected.wait(), 60)
        yield ari
