"""The phone: calls set up a second, what a call costs, and how soon one hears each other. ``python -m bench.voice``.

sipp is the public network: callers who press keys (RFC 4733) and send back what they hear. Engine, voice processes,
PostgreSQL, all else of ``holdfast up`` and sipp share the machine. What was reached: docs/operations/performance.md.
"""

import argparse
import asyncio
import json
import statistics
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

import psutil
from tests.support import phones
from tests.support.server import Holdfast, running
from tests.support.waiting import eventually_so, until

from bench import voice_answer, voice_talks
from bench.chat import Goal
from holdfast.channels.voice.engine.layout import Layout, Reach, read_reach
from holdfast.channels.voice.prompts.store import make
from holdfast.channels.voice.settings import load

NUMBER = "+18005550100"
# One question, then the queue. A digit that comes twice from a sipp short of processor means nothing in the queue.
MENU = {
    "start": "ask",
    "nodes": {
        "ask": {"kind": "choice", "texts": {"en": "Press seven."}, "keys": {"7": "person"}, "silent": "person"},
        "person": {"kind": "queue"},
    },
}
# The first key ends the greeting. 1 s and 0.7 s are what a caller takes who knows the menu.
KEYS = ("pause:1000", "key:7", "pause:700", "key:7")
_PRESSED = 1.7
# Seconds within which whoever has pressed the keys must be in the queue while calls go on coming.
_PROMPT = 2.0
_LINE = """
INSERT INTO line (id, number, name, kind, language, menu, inbox_id, hourly, wrap_seconds, answer_within,
  records, captions, active, created_at)
SELECT gen_random_uuid(), %s, 'Hotline', 'hotline', 'en', 'bench', id, 1000, 60, 20, true, false, true, now()
FROM inbox LIMIT 1
"""
_MENU = """
INSERT INTO menu (id, key, version, name, tree, at) VALUES (gen_random_uuid(), 'bench', 1, 'Bench', %s, now())
"""
_CALLS = """
SELECT count(*), count(queued_at), count(*) FILTER (WHERE ended_at IS NULL),
  percentile_cont(ARRAY[0.5, 0.99]) WITHIN GROUP (ORDER BY extract(epoch FROM queued_at - started_at)::float)
FROM call WHERE started_at >= %s
"""


@dataclass
class Place:
    """An installation with an engine whose sounds have all been made."""

    server: Holdfast
    reach: Reach
    rows: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        self.rows.append(text)
        sys.stderr.write(text + "\n")

    def moment(self) -> object:
        return self.server.query("SELECT clock_timestamp()")[0][0]

    def cpu(self) -> dict[str, float]:
        """CPU seconds so far by part: engine, voice, postgres, and the rest of ``holdfast up``."""
        assert self.server.process is not None
        found = dict.fromkeys(("engine", "voice", "postgres", "rest"), 0.0)
        for process in psutil.Process(self.server.process.pid).children(recursive=True):
            try:
                words, spent = process.cmdline(), process.cpu_times()
            except psutil.NoSuchProcess:
                continue
            part = "rest"
            if any(word.endswith("asterisk.conf") for word in words):
                part = "engine"
            elif "voice" in words:
                part = "voice"
            elif "postgres" in process.name():
                part = "postgres"
            found[part] += spent.user + spent.system
        return found

    async def spent(self, seconds: float) -> dict[str, float]:
        """Cores that each part uses, over so many seconds."""
        before, begun = self.cpu(), time.monotonic()
        await asyncio.sleep(seconds)
        took = time.monotonic() - begun
        return {part: (value - before[part]) / took for part, value in self.cpu().items()}


@contextmanager
def place(workers: int, most: int) -> Iterator[Place]:
    """``most``: the longest queue that will be."""
    trunk = f"sip://{phones.NETWORK}:{phones.free_port()}?match={phones.NETWORK}/32"
    settings = {
        "HOLDFAST_SIP_TRUNK": trunk,
        "HOLDFAST_SIP_LISTEN": "127.0.0.1:0",
        "HOLDFAST_SIP_RTP_PORTS": "20000-27999",
        "HOLDFAST_VOICE_WORKERS": str(workers),
        "HOLDFAST_PRESENCE_GRACE": "100000",
    }
    with running(environment=settings) as server:
        server.execute(_MENU, [json.dumps(MENU)])
        server.execute(_LINE, [NUMBER])
        server.execute("""UPDATE agent SET capacity = '{"chat": 4, "email": 50, "voice": 1}'""")
        layout = Layout(server.data_dir / "voice")
        until(lambda: read_reach(layout) is not None, 60, "the engine runs")
        reach = read_reach(layout)
        assert reach is not None
        # A position is spoken when it is needed first; making it takes a tenth of a second, once.
        for number in range(1, most + 1):
            make(layout, load().cache, "en", f"number-{number}", str(number))
        until((layout.sounds / "en" / "goodbye.wav").exists, 120, "the prompts are made")
        found = Place(server, reach)
        asyncio.run(_once(found))
        done_with(server)
        yield found


def done_with(server: Holdfast) -> None:
    """Nobody is asked in writing about the calls that were: whoever has something in writing is offered no call."""
    server.execute("UPDATE conversation SET category = 'resolved', waiting_since = NULL, next_due = NULL")


async def _once(at: Place) -> None:
    """The first call plans statements and makes what is left of the sounds."""
    async with phones.caller(at.reach, NUMBER, *KEYS, "pause:15000", "bye", caller="+4930123") as one:
        assert await one.result(60) == 0


@asynccontextmanager
async def queue_of(at: Place, calls: int) -> AsyncIterator[None]:
    """So many callers in the queue for the time of the block."""
    since = at.moment()
    steps = (*KEYS, "pause:600000", "bye")

    async def all_wait() -> bool:
        return bool(at.server.query(_CALLS, [since])[0][1] == calls)

    async with phones.crowd(at.reach, NUMBER, *steps, calls=calls, rate=10, echo=True):
        await eventually_so(all_wait, 120, f"{calls} callers wait")
        yield


# Set up --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Setup:
    """Calls offered at a rate: how many failed or never came into the queue, and how long the others took from their
    arrival to the queue."""

    rate: float
    calls: int
    lost: int
    p50: float
    p99: float
    costs: dict[str, float]

    def line(self) -> str:
        costs = ", ".join(f"{part} {value * 1000:.1f}" for part, value in self.costs.items())
        return (
            f"  {self.calls:>4} calls at {self.rate:>3.0f}/s: {self.lost} lost; into the queue p50 {self.p50:.1f} s,"
            f" p99 {self.p99:.1f} s; CPU a call, ms: {costs}"
        )


async def set_up(at: Place, rate: float, seconds: float, stay: float) -> Setup:
    """Every caller stays so many seconds after the last key: long for a burst, whose calls wait for each other."""
    calls, since, before = int(rate * seconds), at.moment(), at.cpu()
    steps = (*KEYS, f"pause:{stay * 1000:.0f}", "bye")
    async with phones.crowd(at.reach, NUMBER, *steps, calls=calls, rate=rate, echo=True) as crowd:
        done = await crowd.done(seconds + stay + 90)

    async def over() -> bool:
        return bool(at.server.query(_CALLS, [since])[0][2] == 0)

    await eventually_so(over, 60, "every call is over")
    costs = {part: (value - before[part]) / calls for part, value in at.cpu().items()}
    _, queued, _, delays = at.server.query(_CALLS, [since])[0]
    p50, p99 = delays or (0.0, 0.0)
    lost = max(done["bad"], calls - queued)
    return Setup(rate, calls, lost, p50, p99, costs)


def rates(at: Place, wanted: Sequence[float]) -> list[Goal]:
    """The highest burst of 3 s without a loss, and the highest rate of 10 s at which nobody waits for us."""
    burst = steady = 0.0
    at.say("bursts of 3 s; callers stay 30 s")
    for rate in wanted:
        found = asyncio.run(set_up(at, rate, 3, 30))
        at.say(found.line())
        if found.lost:
            break
        burst = rate
    at.say(f"steady for 10 s; callers stay {_PROMPT:.0f} s")
    for rate in [rate for step in (10, 20, 30, 40, 60, 80, 100, 120) if (rate := float(step)) <= max(wanted)]:
        found = asyncio.run(set_up(at, rate, 10, _PROMPT))
        at.say(found.line())
        if found.lost or found.p99 > _PRESSED + _PROMPT:
            break
        steady = rate
    at.say(f"  steady: {steady:.0f}/s")
    return [Goal("calls/s set up, through the menu into the queue, none lost", burst, 100, unit=" /s")]


# Costs ---------------------------------------------------------------------------------------------------------------


async def costs(at: Place, queued: int, talks: int, seconds: float) -> None:
    idle = await at.spent(seconds)
    async with queue_of(at, queued):
        waiting = await at.spent(seconds)
    done_with(at.server)
    _each(at, f"a queued caller ({queued})", idle, waiting, queued)
    idle = await at.spent(seconds)
    async with voice_talks.talking(at.server, at.reach, NUMBER, KEYS, talks):
        talking = await at.spent(seconds)
    _each(at, f"a recorded talk ({talks})", idle, talking, talks)


def _each(at: Place, what: str, before: dict[str, float], after: dict[str, float], count: int) -> None:
    found = {part: (after[part] - before[part]) / count * 100 for part in ("engine", "voice", "postgres", "rest")}
    at.say(f"{what}, % of a core: " + ", ".join(f"{part} {value:.2f}" for part, value in found.items()))


async def answers(at: Place, queued: int, turns: int) -> list[Goal]:
    found = await voice_answer.measure(at.server, turns, queue_of(at, queued))
    done_with(at.server)
    at.say(
        f"from the click to one's own voice back from the caller, {queued} callers in the queue, {turns} answers, s: "
        f"median {statistics.median(found):.2f} ({min(found):.2f} .. {max(found):.2f})"
    )
    return [Goal("seconds from answer to sound both ways, the slowest", max(found), 1.0, smaller=True, unit=" s")]


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when every measured goal was held, 1 when one was missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.voice", description=__doc__)
    parser.add_argument("--workers", type=int, default=1, help="voice processes (%(default)s)")
    parser.add_argument("--rates", default="25,50,75,100,120", help="calls a second to try (%(default)s)")
    parser.add_argument("--queued", type=int, default=200, help="callers in the queue (%(default)s)")
    parser.add_argument("--talks", type=int, default=40, help="talks that are recorded (%(default)s)")
    parser.add_argument("--seconds", type=float, default=20, help="seconds over which a cost is taken (%(default)s)")
    parser.add_argument("--answers", type=int, default=10, help="answers in the browser (%(default)s)")
    parser.add_argument("--only", choices=("rates", "costs", "answers"), help="one part alone")
    given = parser.parse_args(arguments)
    goals: list[Goal] = []
    wanted = [float(rate) for rate in given.rates.split(",")]
    with place(given.workers, max(given.queued, int(3 * max(wanted)))) as at:
        if given.only in {None, "answers"}:
            goals += asyncio.run(answers(at, given.queued, given.answers))
        if given.only in {None, "costs"}:
            asyncio.run(costs(at, given.queued, given.talks, given.seconds))
        if given.only in {None, "rates"}:
            goals += rates(at, wanted)
    sys.stdout.write("\n".join([*at.rows, "", *(goal.line() for goal in goals)]) + "\n")
    return 0 if all(goal.held for goal in goals) else 1


if __name__ == "__main__":
    sys.exit(main())
