"""Whether a rule can be kept: what it names exists, and what it says may go out."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.automation import queries
from holdfast.automation.errors import RuleRefused
from holdfast.automation.rules import NUMBERS, Action, Asks, Check, Checks, Does, Group, When
from holdfast.conversations import outgoing
from holdfast.conversations.intake import clean
from holdfast.core.i18n import LANGUAGES
from holdfast.paging.pages import DUTIES
from holdfast.promises import queries as promises

_WORD = re.compile(r"[a-z][a-z0-9_]{0,39}")
_NUMBER = re.compile(r"\d{1,6}")
# Public messages are chosen by the customer's language; whoever speaks another one gets this.
FALLBACK = "en"


async def checked(
    session: AsyncSession, when: When, conditions: Group, actions: Sequence[Action]
) -> tuple[Group, tuple[Action, ...]]:
    """Both as they may be stored: redacted. Raises RuleRefused, and what the outgoing filter gives."""
    if when.after_seconds is None and when.unless:
        raise RuleRefused(part="when")
    if not actions or [action.does for action in actions].count(Does.RESOLVE) > 1:
        raise RuleRefused(part="actions")
    calendars = {row.key for row in await promises.calendars(session)}
    tests = _cleaned(conditions.tests, calendars)
    groups = tuple(Checks(group.mode, _cleaned(group.tests, calendars)) for group in conditions.groups)
    if any(not group.tests for group in groups):
        raise RuleRefused(part="conditions")
    queues, topics = await queries.keys(session)
    # Only people raise an emergency.
    known: dict[Does, set[str]] = {
        Does.QUEUE: {key for key, queue in queues.items() if not queue.emergency},
        Does.TOPIC: set(topics),
        Does.PRIORITY: {"0", "1", "2", "3"},
        Does.PAGE: set(DUTIES),
        Does.RESOLVE: {""},
        Does.NOTE: {""},
        Does.MESSAGE: {""},
    }
    return Group(conditions.mode, tests, groups), tuple(_action(action, known) for action in actions)


def _cleaned(tests: Iterable[Check], calendars: set[str]) -> tuple[Check, ...]:
    return tuple(_test(test, calendars) for test in tests)


def _test(test: Check, calendars: set[str]) -> Check:
    number = test.asks in NUMBERS
    compares = test.op in {"at_least", "at_most"}
    if (
        not test.values
        or (compares and (not number or len(test.values) != 1))
        or (number and not all(_NUMBER.fullmatch(value) for value in test.values))
        or (test.asks is Asks.HOURS and not calendars.issuperset(test.values))
        or (test.asks is Asks.EMERGENCY and not {"yes", "no"}.issuperset(test.values))
    ):
        raise RuleRefused(part=f"conditions.{test.asks}")
    # Together: many words hold a phrase that none of them holds.
    together, _ = clean("\n".join(" ".join(value.split()) for value in test.values), may_be_empty=True)
    values = tuple(dict.fromkeys(value for value in together.split("\n") if value))
    if not values:
        raise RuleRefused(part=f"conditions.{test.asks}")
    return replace(test, values=values)


def _action(action: Action, known: dict[Does, set[str]]) -> Action:
    part = f"actions.{action.does}"
    right = _WORD.fullmatch(action.value) if action.does is Does.WEBHOOK else action.value in known[action.does]
    if not right:
        raise RuleRefused(part=part)
    wanted = {Does.MESSAGE: set(LANGUAGES), Does.NOTE: {""}}.get(action.does, set())
    needed = {Does.MESSAGE: FALLBACK, Does.NOTE: ""}.get(action.does)
    if not wanted.issuperset(action.texts) or (needed is not None and needed not in action.texts):
        raise RuleRefused(part=part)
    texts = {language: clean(words)[0] for language, words in action.texts.items()}
    for words in texts.values() if action.does is Does.MESSAGE else ():
        if (stopped := outgoing.refusal(words)) is not None:
            raise stopped
    return replace(action, texts=texts)


def text_for(action: Action, language: str) -> str:
    """In the customer's language, in the same without its region, or in English."""
    for tag in (language, language.partition("-")[0]):
        if tag in action.texts:
            return action.texts[tag]
    return action.texts[FALLBACK]
