"""How many rules are judged in a second, on one core: with conditions of every kind and a message of 2,000 characters.

python -m bench.automation [seconds]
"""

import sys
import time
from datetime import UTC, datetime
from uuid import UUID

from holdfast.automation.rules import (
    Action,
    Asks,
    Check,
    Checks,
    Does,
    Facts,
    Group,
    Happened,
    Rule,
    What,
    When,
    judge,
)

RULES = 100
TEXT = "Where is my withdrawal? It has been pending since the morning. 手续费是多少？ " * 27
FACTS = Facts(
    queue="general", topic="fees", priority=1, language="en", channel="chat", group="proven", emergency=False,
    waits=True, resolved=False, tags=frozenset({"vip"}), messages=7, said=TEXT[:2000], hours={"office": True},
)  # fmt: skip


def rule(number: int, *, words: bool) -> Rule:
    """Four conditions that are true and a group; with ``words`` the text is looked through as well, for ten words."""
    looked = tuple(f"word{number}{letter}" for letter in "abcdefghi")
    tests = (
        Check(Asks.QUEUE, "in", ("general", "technical")),
        Check(Asks.PRIORITY, "at_most", ("2",)),
        Check(Asks.HOURS, "in", ("office",)),
        Check(Asks.TAGS, "not_in", ("closed",)),
        *((Check(Asks.WORDS, "in", (*looked, "pending")),) if words else ()),
    )
    group = Checks("any", (Check(Asks.LANGUAGE, "in", ("de",)), Check(Asks.CHANNEL, "in", ("chat",))))
    actions = (Action(Does.TOPIC, "fees"), Action(Does.NOTE, texts={"": "Look at the network."}))
    when = When(What.CUSTOMER)
    return Rule(
        UUID(int=number), UUID(int=number), 1, f"r{number}", number, when, Group("all", tests, (group,)), actions
    )


def rate(book: list[Rule], seconds: float) -> float:
    event = Happened(What.CUSTOMER, 7, datetime(2026, 11, 24, tzinfo=UTC))
    count, begun = 0, time.perf_counter()
    while time.perf_counter() - begun < seconds:
        decisions = judge(book, event, FACTS)
        if not all(decision.fires for decision in decisions):
            raise RuntimeError("every rule must fire, or the figure says nothing")
        count += len(decisions)
    return count / (time.perf_counter() - begun)


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 2.0
    for name, words in (("by keys and numbers", False), ("and ten words in 2,000 characters", True)):
        each = rate([rule(number, words=words) for number in range(1, RULES + 1)], seconds)
        print(f"{name:36} {each:10,.0f} rules/s {RULES / each * 1e3:8.2f} ms for {RULES} rules and one message")


if __name__ == "__main__":
    main()
