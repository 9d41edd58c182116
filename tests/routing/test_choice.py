"""The choice: its order, its reasons, and what must hold for every input."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.routing.choice import ASK_AGAIN, COOL_DOWN, Candidate, Choice, Waiting, choose, explain, urgency
from holdfast.training.rights import Reason

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def one(n: int) -> UUID:
    return UUID(int=n)


def agent(n: int, **given_: Any) -> Candidate:
    """Online, certified for general, native in English, free, idle for n seconds, unless told otherwise."""
    values: dict[str, Any] = {
        "idle_since": NOW - n * SECOND,
        "skills": frozenset({"general"}),
        "languages": {"en": "native"},
        "capacity": {"chat": 4},
    }
    return Candidate(id=one(n), **(values | given_))


def chat(n: int, **given_: Any) -> Waiting:
    values: dict[str, Any] = {"language": "en", "since": NOW - n * SECOND, "skills": frozenset({"general"})}
    return Waiting(id=one(n), **(values | given_))


def asked(waiting: Sequence[Waiting], agents: Sequence[Candidate]) -> list[tuple[int, int]]:
    return [(c.conversation_id.int, c.agent_id.int) for c in choose(waiting, agents, NOW)]


def reasons(waiting: Waiting, agents: Sequence[Candidate], who: int) -> list[Reason]:
    return next(list(c.reasons) for c in explain(waiting, agents, NOW) if c.agent_id == one(who))


# --- one thing at a time ---


def test_emergency_then_promise_then_priority_then_waiting_longest() -> None:
    emergency = chat(1, emergency=True)
    due_soon = chat(2, due=NOW + SECOND)
    due_later = chat(3, due=NOW + 9 * SECOND)
    urgent = chat(4, priority=3)
    long = chat(6)
    short = chat(5)
    everything = [short, long, urgent, due_later, due_soon, emergency]
    assert sorted(everything, key=urgency) == [emergency, due_soon, due_later, urgent, long, short]


def test_native_then_fluent_then_translation() -> None:
    agents = [
        agent(9, languages={"zh": "translation"}),
        agent(8, languages={"zh": "fluent"}),
        agent(7, languages={"zh-Hans": "native"}),
    ]
    order = explain(chat(1, language="zh-Hans"), agents, NOW)
    assert [c.agent_id.int for c in order] == [7, 8, 9]
    assert [c.reasons[0].id for c in order] == ["speaks_native", "speaks_fluent", "by_translation"]


def test_a_language_without_any_level_is_never_relaxed() -> None:
    nobody = [agent(1, languages={"en": "native", "zh-Hant": "native"})]
    assert asked([chat(1, language="zh-Hans")], nobody) == []
    assert reasons(chat(1, language="zh-Hans"), nobody, 1) == [Reason("lacks_language", {"language": "zh-Hans"})]


def test_whoever_had_it_before_is_asked_first() -> None:
    agents = [agent(9), agent(1, languages={"en": "translation"})]
    chosen = choose([chat(1, preferred=one(1))], agents, NOW)
    assert chosen[0].agent_id == one(1)
    assert [r.id for r in chosen[0].why] == ["preferred", "by_translation"]


def test_idle_longest_of_equals_and_says_so() -> None:
    (chosen,) = choose([chat(1)], [agent(30), agent(10), agent(50, languages={"en": "fluent"})], NOW)
    assert chosen.agent_id == one(30)
    assert chosen.why == (Reason("speaks_native", {"language": "en"}), Reason("idle_longest", {"seconds": 30}))


def test_work_is_spread_within_one_round() -> None:
    assert asked([chat(3), chat(2), chat(1)], [agent(30), agent(10)]) == [(3, 30), (2, 10), (1, 10)]


def test_an_emergency_falls_to_nobody_uncertified() -> None:
    emergency = chat(1, emergency=True, skills=frozenset({"emergency"}))
    assert asked([emergency], [agent(1)]) == []
    assert reasons(emergency, [agent(1)], 1) == [Reason("lacks_skill", {"skill": "emergency"})]


def test_an_emergency_may_exceed_the_capacity_by_one_and_no_more() -> None:
    full = agent(1, skills=frozenset({"general", "emergency"}), load={"chat": 4})
    emergencies = [chat(n, emergency=True, skills=frozenset({"emergency"})) for n in (1, 2)]
    assert asked([chat(9)], [full]) == []
    assert asked(emergencies, [full]) == [(2, 1)]
    assert reasons(chat(9), [full], 1) == [Reason("no_capacity", {"load": 4, "capacity": 4})]


def test_a_call_is_exclusive() -> None:
    capacity = {"chat": 4, "voice": 1}
    call = chat(1, channel="voice")
    assert asked([call], [agent(1, capacity=capacity, load={"chat": 1})]) == []
    assert asked([call, chat(2)], [agent(1, capacity=capacity)]) == [(2, 1)]
    on_call = agent(1, capacity=capacity, load={"voice": 1}, skills=frozenset({"general", "emergency"}))
    assert asked([chat(2), chat(3, emergency=True)], [on_call]) == []


def test_channels_share_one_attention() -> None:
    half = agent(1, capacity={"chat": 4, "email": 8}, load={"email": 4})
    assert asked([chat(3), chat(2), chat(1)], [half]) == [(3, 1), (2, 1)]


def test_a_channel_that_an_agent_does_not_serve_is_never_given_to_them() -> None:
    assert asked([chat(1, emergency=True)], [agent(1, capacity={"email": 8})]) == []


def test_who_declined_is_passed_over_until_everybody_has() -> None:
    declined = {one(9): NOW - 60 * SECOND}
    assert asked([chat(1, declined=declined)], [agent(9), agent(1)]) == [(1, 1)]
    assert reasons(chat(1, declined=declined), [agent(9), agent(1)], 9) == [
        Reason("declined", {"at": (NOW - 60 * SECOND).isoformat()})
    ]
    both = declined | {one(1): NOW - 90 * SECOND}
    (chosen,) = choose([chat(1, declined=both)], [agent(9), agent(1)], NOW)
    assert chosen.agent_id == one(1)
    assert "all_declined" in [r.id for r in chosen.why]


def test_nobody_is_asked_again_at_once_but_for_an_emergency() -> None:
    just_now = {one(1): NOW - ASK_AGAIN + SECOND}
    assert asked([chat(1, declined=just_now)], [agent(1)]) == []
    assert asked([chat(1, declined=just_now, emergency=True)], [agent(1)]) == [(1, 1)]
    assert asked([chat(1, declined={one(1): NOW - ASK_AGAIN})], [agent(1)]) == [(1, 1)]


def test_a_refusal_is_forgotten_after_the_cool_down() -> None:
    (chosen,) = choose([chat(1, declined={one(9): NOW - COOL_DOWN})], [agent(9), agent(1)], NOW)
    assert chosen.agent_id == one(9)


def test_presence_is_the_first_reason() -> None:
    away = agent(1, state="away", languages={}, load={"chat": 4})
    assert [r.id for r in reasons(chat(1), [away], 1)] == ["away", "lacks_language", "no_capacity"]
    assert [r.id for r in reasons(chat(1), [agent(1, state="offline")], 1)] == ["offline"]


# --- for every input ---

ids = st.integers(1, 12)
levels = st.sampled_from(["native", "fluent", "translation"])
tags = st.sampled_from(["en", "zh", "zh-Hans", "zh-Hant", "pt-BR"])
skills = st.frozensets(st.sampled_from(["general", "account", "emergency"]))
channels = st.sampled_from(["chat", "email", "voice"])
moments = st.integers(0, 1200).map(lambda s: NOW - s * SECOND)

candidates = st.builds(
    Candidate,
    id=ids.map(one),
    idle_since=moments,
    state=st.sampled_from(["online", "online", "online", "away", "offline"]),
    skills=skills,
    languages=st.dictionaries(tags, levels),
    load=st.dictionaries(channels, st.integers(0, 3)),
    capacity=st.dictionaries(channels, st.integers(0, 4)),
)
waitings = st.builds(
    Waiting,
    id=ids.map(one),
    language=tags,
    since=moments,
    channel=channels,
    emergency=st.booleans(),
    due=st.one_of(st.none(), st.integers(-60, 600).map(lambda s: NOW + s * SECOND)),
    priority=st.integers(0, 3),
    skills=skills,
    preferred=st.one_of(st.none(), ids.map(one)),
    declined=st.dictionaries(ids.map(one), moments),
)
rounds = st.tuples(
    st.lists(waitings, max_size=8, unique_by=lambda w: w.id), st.lists(candidates, max_size=6, unique_by=lambda a: a.id)
)


def used(load: dict[str, int], capacity: dict[str, int]) -> Fraction:
    return sum((n * share(capacity, channel) for channel, n in load.items()), Fraction())


def share(capacity: dict[str, int], channel: str) -> Fraction:
    return Fraction(1) if channel == "voice" or not capacity.get(channel) else Fraction(1, capacity[channel])


def compatible(tag: str, wanted: str) -> bool:
    a, b = tag.split("-"), wanted.split("-")
    return a[0] == b[0] and (len(a) == 1 or len(b) == 1 or a == b)


def hard(waiting: Waiting, one_: Candidate, load: dict[str, int]) -> bool:
    """Independently of the code: may this agent, with this load, be asked for it at all?"""
    if one_.state != "online" or not waiting.skills <= one_.skills or load.get("voice"):
        return False
    if not any(compatible(tag, waiting.language) for tag in one_.languages):
        return False
    capacity = dict(one_.capacity)
    if not capacity.get(waiting.channel):
        return False
    before = used(load, capacity)
    return before + share(capacity, waiting.channel) <= 1 or (waiting.emergency and before <= 1)


def reference(waiting: Sequence[Waiting], agents: Sequence[Candidate]) -> list[tuple[UUID, UUID]]:
    """The slow way: compare every pair of candidates by the sentence of the documentation."""
    load = {a.id: dict(a.load) for a in agents}
    idle = {a.id: a.idle_since for a in agents}
    left = list(waiting)
    result = []

    def precedes(a: Waiting, b: Waiting) -> bool:
        if a.emergency != b.emergency:
            return a.emergency
        if a.due != b.due:
            return b.due is None or (a.due is not None and a.due < b.due)
        if a.priority != b.priority:
            return a.priority > b.priority
        if a.since != b.since:
            return a.since < b.since
        return a.id < b.id

    def better(w: Waiting, a: Candidate, b: Candidate, *, again: bool) -> bool:
        if again and w.declined[a.id] != w.declined[b.id]:
            return w.declined[a.id] < w.declined[b.id]
        if (a.id == w.preferred) != (b.id == w.preferred):
            return a.id == w.preferred
        for how in ("native", "fluent", "translation"):
            has = [any(compatible(t, w.language) and v == how for t, v in x.languages.items()) for x in (a, b)]
            if has[0] != has[1]:
                return has[0]
            if has[0]:
                break
        if idle[a.id] != idle[b.id]:
            return idle[a.id] < idle[b.id]
        return a.id < b.id

    while left:
        w = next(x for x in left if all(x is y or precedes(x, y) for y in left))
        left.remove(w)
        able = [a for a in agents if hard(w, a, load[a.id])]
        fresh = [a for a in able if a.id not in w.declined or NOW - w.declined[a.id] >= COOL_DOWN]
        pool = fresh or [a for a in able if w.emergency or NOW - w.declined[a.id] >= ASK_AGAIN]
        for a in pool:
            if all(a is b or better(w, a, b, again=not fresh) for b in pool):
                result.append((w.id, a.id))
                load[a.id][w.channel] = load[a.id].get(w.channel, 0) + 1
                idle[a.id] = max(idle[a.id], NOW)
                break
    return result


def after(choices: Sequence[Choice], waiting: Sequence[Waiting], who: Candidate) -> dict[str, int]:
    """The agent's load when all choices are made."""
    load = dict(who.load)
    for choice in choices:
        if choice.agent_id == who.id:
            channel = next(w.channel for w in waiting if w.id == choice.conversation_id)
            load[channel] = load.get(channel, 0) + 1
    return load


@settings(max_examples=500)
@given(rounds)
def test_agrees_with_the_slow_reference(given_: tuple[list[Waiting], list[Candidate]]) -> None:
    waiting, agents = given_
    assert [(c.conversation_id, c.agent_id) for c in choose(waiting, agents, NOW)] == reference(waiting, agents)


@given(rounds)
def test_nobody_is_over_capacity_or_ineligible(given_: tuple[list[Waiting], list[Candidate]]) -> None:
    waiting, agents = given_
    by_id = {w.id: w for w in waiting}
    load = {a.id: dict(a.load) for a in agents}
    for choice in choose(waiting, agents, NOW):
        w, a = by_id[choice.conversation_id], next(x for x in agents if x.id == choice.agent_id)
        assert hard(w, a, load[a.id])
        load[a.id][w.channel] = load[a.id].get(w.channel, 0) + 1


@given(rounds)
def test_each_conversation_rings_at_most_once(given_: tuple[list[Waiting], list[Candidate]]) -> None:
    chosen = [c.conversation_id for c in choose(*given_, NOW)]
    assert len(chosen) == len(set(chosen))


@given(rounds)
def test_nobody_is_idle_while_what_they_could_take_waits(given_: tuple[list[Waiting], list[Candidate]]) -> None:
    """Maximality: with the loads at the end, nobody left over could be asked by anybody."""
    waiting, agents = given_
    choices = choose(waiting, agents, NOW)
    chosen = {c.conversation_id for c in choices}
    for w in waiting:
        if w.id not in chosen:
            for a in agents:
                paused = not w.emergency and a.id in w.declined and NOW - w.declined[a.id] < ASK_AGAIN
                assert paused or not hard(w, a, after(choices, waiting, a))


@given(rounds)
def test_ordinary_work_never_takes_an_agent_from_an_emergency(
    given_: tuple[list[Waiting], list[Candidate]],
) -> None:
    waiting, agents = given_
    emergencies = [w for w in waiting if w.emergency]
    alone = choose(emergencies, agents, NOW)
    together = choose(waiting, agents, NOW)
    assert [c for c in together if any(w.id == c.conversation_id for w in emergencies)] == alone


@given(rounds)
def test_most_urgent_first(given_: tuple[list[Waiting], list[Candidate]]) -> None:
    waiting, agents = given_
    keys = [urgency(next(w for w in waiting if w.id == c.conversation_id)) for c in choose(waiting, agents, NOW)]
    assert all(a < b for a, b in pairwise(keys))


@given(rounds, st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(
    given_: tuple[list[Waiting], list[Candidate]], chance: random.Random
) -> None:
    waiting, agents = given_
    first = choose(waiting, agents, NOW)
    chance.shuffle(waiting)
    chance.shuffle(agents)
    assert choose(waiting, agents, NOW) == first


@given(waitings, st.lists(candidates, max_size=6, unique_by=lambda a: a.id))
def test_choosing_and_explaining_agree(waiting: Waiting, agents: list[Candidate]) -> None:
    choices = choose([waiting], agents, NOW)
    explained = explain(waiting, agents, NOW)
    assert {c.agent_id for c in explained} == {a.id for a in agents}
    assert all(c.reasons for c in explained)
    eligible = [c for c in explained if c.eligible]
    assert explained[: len(eligible)] == eligible
    assert [(c.agent_id, c.why) for c in choices] == [(c.agent_id, c.reasons) for c in eligible[:1]]


@given(waitings, st.lists(candidates, max_size=6, unique_by=lambda a: a.id))
def test_who_cannot_be_asked_is_not_missed(waiting: Waiting, agents: list[Candidate]) -> None:
    """Without those whom the explanation calls ineligible, the same agent is asked."""
    eligible = {c.agent_id for c in explain(waiting, agents, NOW) if c.eligible}
    remaining = [a for a in agents if a.id in eligible]
    assert [c.agent_id for c in choose([waiting], remaining, NOW)] == [
        c.agent_id for c in choose([waiting], agents, NOW)
    ]
