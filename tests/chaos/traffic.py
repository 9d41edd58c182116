"""Twenty customers and their agents who write while connections, processes and the database die under them."""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from holdfast.app.demo_organisation import PASSWORD, PEOPLE
from tests.chaos.checker import QUERY, stored_rows, violations
from tests.support.chat_client import Agent, Client, Customer
from tests.support.journal import Journal
from tests.support.server import Holdfast
from tests.support.waiting import eventually

LINES = (
    "My withdrawal of 0.5 ETH has been pending since yesterday evening.",
    "我的提币一直没有到账",
    "أين معاملتي؟ \U0001f914",
    "Thanks!\nThe second line.\tAnd a tab",
    "x" * 3000,
    '"quoted" \\ back \u2028 separator <b>',
)
# Seconds: mean pause of one sender.
PAUSE = 0.35


@dataclass(frozen=True, slots=True)
class Plan:
    """``messages`` of each sender (each conversation has two); ``deaths`` are done one after the other, spread evenly
    over the traffic. ``doubling`` is the share of frames sent twice, ``cuts`` the number of lost connections,
    ``settle`` the seconds that the last acknowledgements and views may take at the end."""

    customers: int = 20
    messages: int = 30
    doubling: float = 0.15
    cuts: int = 40
    deaths: Sequence[Callable[[Holdfast], None]] = ()
    seed: int = 2
    settle: float = 60.0


@dataclass(slots=True)
class Outcome:
    """``violations`` is empty when every promise was held."""

    violations: list[str] = field(default_factory=list)
    sent: int = 0
    stored: int = 0
    reconnects: int = 0


def kill_serve(server: Holdfast) -> None:
    server.kill("serve")


def kill_postgres(server: Holdfast) -> None:
    server.kill("postgres")


def kill_writer_backend(server: Holdfast) -> None:
    server.kill_backend("holdfast-writer")


def kill_worker(server: Holdfast) -> None:
    server.kill("worker")


async def play(server: Holdfast, plan: Plan, folder: Path) -> Outcome:
    """Play the plan against a running server and compare everything at the end."""
    dice = random.Random(plan.seed)
    journal = Journal(folder / "journal.jsonl")
    customers = [Customer(f"customer {i}", server.origin, journal, _of(dice)) for i in range(plan.customers)]
    agents = [
        Agent(person.key, server.origin, journal, _of(dice))
        for person in PEOPLE
        if "general" in person.skills and any(code == "en" for code, _ in person.speaks)
    ]
    clients: list[Client] = [*customers, *agents]
    try:
        for agent in agents:
            await agent.sign_in(f"{agent.name}@holdfast.example", PASSWORD)
        await asyncio.gather(*(c.open(f"Hello from {c.name}") for c in customers))
        await eventually(lambda: _all_taken(customers, agents), 60, "every conversation has its agent")
        for client in clients:
            client.doubling = plan.doubling
        await _storm(server, plan, dice, journal, customers, agents)
        return await _settle(server, plan.settle, journal, customers, agents)
    finally:
        await asyncio.gather(*(client.stop() for client in clients))
        journal.close()


def _of(dice: random.Random) -> random.Random:
    return random.Random(dice.random())


def _all_taken(customers: list[Customer], agents: list[Agent]) -> bool:
    taken = {c for agent in agents for c in agent.mine if c in agent.views}
    return all(customer.conversation in taken for customer in customers)


async def _storm(
    server: Holdfast,
    plan: Plan,
    dice: random.Random,
    journal: Journal,
    customers: list[Customer],
    agents: list[Agent],
) -> None:
    clients: list[Client] = [*customers, *agents]
    writers = [asyncio.create_task(_ask(c, plan.messages, _of(dice))) for c in customers]
    writers += [asyncio.create_task(_answer(c.conversation, agents, plan.messages, _of(dice))) for c in customers]
    writing = asyncio.gather(*writers)
    total = 2 * plan.messages * plan.customers

    async def cutting() -> None:
        """Cuts and deaths come by progress, not by the clock: they must fall into the traffic."""
        events: list[tuple[float, Callable[[], object]]] = [
            (dice.uniform(0.02, 0.98), dice.choice(clients).cut) for _ in range(plan.cuts)
        ]
        for i, death in enumerate(plan.deaths):
            events.append(((i + 0.5) / len(plan.deaths), _deadly(server, death)))
        for progress, happen in sorted(events, key=lambda event: event[0]):
            mark = int(progress * total)
            while journal.acked < mark and not writing.done():
                await asyncio.sleep(0.005)
            await asyncio.to_thread(happen)

    await asyncio.gather(writing, cutting())


def _deadly(server: Holdfast, death: Callable[[Holdfast], None]) -> Callable[[], None]:
    def happen() -> None:
        # A death in the middle of a recovery is another test (tests/core): here each falls into running traffic.
        server.wait_healthy()
        death(server)

    return happen


async def _ask(customer: Customer, messages: int, dice: random.Random) -> None:
    for i in range(messages):
        customer.say(f"{customer.name} {i}: {dice.choice(LINES)}")
        await asyncio.sleep(dice.expovariate(1 / PAUSE))


async def _answer(conversation: str, agents: list[Agent], messages: int, dice: random.Random) -> None:
    """Whoever has the conversation answers; every seventh line is a note."""
    for i in range(messages):
        holder = next(agent for agent in agents if conversation in agent.mine)
        kind = "note" if i % 7 == 6 else "public"
        holder.say(conversation, f"{holder.name} {i}: {dice.choice(LINES)}", kind=kind)
        await asyncio.sleep(dice.expovariate(1 / PAUSE))


async def _settle(
    server: Holdfast, seconds: float, journal: Journal, customers: list[Customer], agents: list[Agent]
) -> Outcome:
    """Nothing new is written: wait until everything is acknowledged and shown, then compare."""
    boxes = [c.outbox for c in customers if c.outbox] + [box for a in agents for box in a.outboxes.values()]
    outcome = Outcome()
    try:
        async with asyncio.timeout(seconds):
            await asyncio.gather(*(box.empty.wait() for box in boxes))
    except TimeoutError:
        outcome.violations.append(f"{sum(not box.empty.is_set() for box in boxes)} senders wait for an answer")
    ours = {c.conversation for c in customers}
    rows = {c: r for c, r in stored_rows(server.query(QUERY)).items() if c in ours}
    views = {c: [a.views[c] for a in agents if c in a.views] for c in ours}

    def all_shown() -> bool:
        whole = all(any(len(v.entries) >= len(rows[c]) for v in views[c]) for c in ours)
        last = {c: max(r.seq for r in rows[c] if r.kind == "public") for c in ours}
        return whole and all(c.view.seq >= last[c.conversation] for c in customers)

    try:
        await eventually(all_shown, seconds, "both sides were shown everything")
    except AssertionError as error:
        outcome.violations.append(str(error))
    outcome.violations += violations(journal, rows, {c.conversation: c.view for c in customers}, views)
    outcome.sent = sum(line.act == "sent" for line in journal.lines())
    outcome.stored = sum(len(r) for r in rows.values())
    outcome.reconnects = sum(client.reconnects for client in [*customers, *agents])
    return outcome
