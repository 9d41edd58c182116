"""What an entry of a timeline does to a book, and which policy makes a promise."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from holdfast.promises.book import Book, Held, Term, clock_of, take
from holdfast.promises.calendars import Calendar
from holdfast.promises.catalogue import POLICIES
from holdfast.promises.entries import Entry, Names, events, opening
from holdfast.promises.model import Clock, Event, Kind, Round, Terms, What, judge
from holdfast.promises.policies import Case, Match, Policy, choose, in_force

T0 = datetime(2026, 11, 24, 9, tzinfo=UTC)
CASE = Case("general", "fees", 1, "chat", "anonymous")
NAMES = Names(
    {"Technical": "technical", "Second": "second"}, {"Wish": "wish"}, frozenset({"technical"}), "general", "sos"
)


def at(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


def policy(key: str, kind: Kind = Kind.FIRST, seconds: int = 900, match: Match = Match(), **more: Any) -> Policy:  # noqa: B008 - frozen
    given = {"id": uuid4(), "version": 1, "calendar": None, "longest_wait": None, "active": True, "made_at": T0}
    return Policy(key=key, kind=kind, target=timedelta(seconds=seconds), match=match, **{**given, **more})


SHIPPED = [
    policy(p.key, p.kind, p.target_seconds, p.match, longest_wait=timedelta(seconds=p.wait_seconds or 0) or None)
    for p in POLICIES
]
BY_ID = {p.id: p for p in SHIPPED}


def names_of(held: Held) -> list[str | None]:
    return [BY_ID[term.policy].key if term.policy else None for term in held.terms]


def written(*entries: tuple[float, What, Case], book: Book | None = None) -> tuple[Book, list[Held]]:
    book, ended = book or Book(CASE), []
    for seq, (minutes, what, case) in enumerate(entries, 1):
        book, done = take(book, Event(at(minutes), seq, what), case, lambda _: SHIPPED)
        ended += done
    return book, ended


# --- policies ---


@pytest.mark.parametrize(
    ("match", "fits"),
    [
        (Match(), True),
        (Match(queues=frozenset({"general", "x"})), True),
        (Match(queues=frozenset({"x"})), False),
        (Match(topics=frozenset({"fees"})), True),
        (Match(topics=frozenset({"x"})), False),
        (Match(priorities=frozenset({1})), True),
        (Match(priorities=frozenset({2})), False),
        (Match(channels=frozenset({"chat"})), True),
        (Match(channels=frozenset({"email"})), False),
        (Match(groups=frozenset({"anonymous"})), True),
        (Match(groups=frozenset({"proven"})), False),
        (Match(simple=True), True),
    ],
)
def test_what_a_policy_is_for(match: Match, fits: bool) -> None:
    assert match.fits(CASE) is fits


def test_simple_is_over_with_the_handover() -> None:
    handed_over = replace(CASE, handed_over=True)
    assert not Match(simple=True).fits(handed_over)
    assert Match().fits(handed_over)


def test_the_narrowest_policy_goes_first() -> None:
    wide, narrow = policy("a"), policy("b", match=Match(topics=frozenset({"fees"})))
    narrowest = policy("c", match=Match(channels=frozenset({"chat"}), queues=frozenset({"general"})))
    other = policy("0", Kind.NEXT)
    assert choose([other, wide, narrow, narrowest], Kind.FIRST, CASE) == narrowest
    assert choose([wide, narrow], Kind.FIRST, CASE) == narrow
    assert choose([policy("z"), wide], Kind.FIRST, CASE) == wide
    assert choose([other], Kind.FIRST, CASE) is None
    everything = Match(*(frozenset({x}) for x in ("general", "fees", 1, "chat", "anonymous")))  # type: ignore[arg-type]
    assert everything.narrowness == 5
    assert Match(simple=True).narrowness == 0


def test_the_version_that_was_in_force() -> None:
    first = policy("a", version=1, made_at=at(0))
    second = policy("a", version=2, made_at=at(10))
    gone = policy("b", version=2, made_at=at(5), active=False)
    there = policy("b", version=1, made_at=at(0))
    every = [second, gone, first, there]
    assert in_force(every, at(-5)) == [first, there]
    assert in_force(every, at(4)) == [first, there]
    assert in_force(every, at(9)) == [first]
    assert in_force(every, at(10)) == [second]


@pytest.mark.parametrize(
    ("kind", "case", "key"),
    [
        (Kind.FIRST, CASE, "first-response"),
        (Kind.FIRST, replace(CASE, channel="email"), "first-response"),
        (Kind.NEXT, CASE, "next-response"),
        (Kind.NEXT, replace(CASE, channel="email"), "next-response-email"),
        (Kind.FIRST, replace(CASE, queue="emergency"), "first-response-emergency"),
        (Kind.NEXT, replace(CASE, queue="emergency"), "next-response-emergency"),
        (Kind.SOLUTION, CASE, "solution-simple"),
        (Kind.SOLUTION, replace(CASE, handed_over=True), None),
        (Kind.SOLUTION, replace(CASE, topic="recovery"), None),
        (Kind.SOLUTION, replace(CASE, channel="email"), "solution-email"),
        (Kind.UPDATE, CASE, "update-technical"),
        (Kind.EMERGENCY, CASE, "emergency-answer"),
        (Kind.INTERNAL, CASE, "internal-takeover"),
    ],
)
def test_what_is_shipped(kind: Kind, case: Case, key: str | None) -> None:
    found = choose(SHIPPED, kind, case)
    assert (found.key if found else None) == key


# --- the book ---


def test_rounds_have_the_policy_of_their_start() -> None:
    book, ended = written((0, What.OPENED, CASE), (0, What.CUSTOMER, CASE), (5, What.ANSWER, CASE))
    assert [(h.kind, h.round, names_of(h)) for h in ended] == [
        (Kind.FIRST, Round(at(0), 2, stop=at(5)), ["first-response"])
    ]
    assert [(h.kind, names_of(h), h.promised) for h in book.open()] == [(Kind.SOLUTION, ["solution-simple"], True)]
    assert book.case == CASE
    # Nothing is kept of what is over.
    assert set(book.terms) == {Kind.SOLUTION}


def test_policies_are_asked_for_the_instant_of_the_event() -> None:
    asked: list[datetime] = []

    def at_the_time(moment: datetime) -> list[Policy]:
        asked.append(moment)
        return SHIPPED

    take(Book(CASE), Event(at(3), 1, What.CUSTOMER), CASE, at_the_time)
    assert asked == [at(3)]


def test_a_clock_has_the_hours_of_its_policy() -> None:
    calendar = Calendar("UTC", {})
    shut = policy("shut", calendar=calendar, longest_wait=timedelta(hours=3))
    held = Held(Kind.FIRST, Round(at(0), 1), (Term(at(0), None, "general"), Term(at(1), shut.id, "general")))
    clock = clock_of(held, {shut.id: shut})
    assert clock.terms == (Terms(at(0), None, None), Terms(at(1), timedelta(minutes=15), calendar))
    assert clock.longest_wait == timedelta(hours=3)
    nothing = replace(held, terms=held.terms[:1])
    assert clock_of(nothing, {}) == Clock(held.round, (Terms(at(0), None, None),), None)


def test_a_round_keeps_its_queue_when_it_is_reclassified() -> None:
    sos = replace(CASE, queue="emergency")
    book, _ = written((0, What.CUSTOMER, sos), (1, What.TRANSFERRED, CASE), (2, What.RECLASSIFIED, CASE))
    [first] = [h for h in book.open() if h.kind is Kind.FIRST]
    assert names_of(first) == ["first-response-emergency"]


def test_a_new_class_adds_terms_and_a_handover_takes_the_solution_away() -> None:
    other = replace(CASE, topic="recovery")
    book, _ = written(
        (0, What.OPENED, other),
        (1, What.RECLASSIFIED, CASE),
        (2, What.RECLASSIFIED, replace(CASE, priority=2)),
        (3, What.HANDOVER, replace(CASE, queue="technical", handed_over=True)),
    )
    [solution] = [h for h in book.open() if h.kind is Kind.SOLUTION]
    assert [(t.since, name) for t, name in zip(solution.terms, names_of(solution), strict=True)] == [
        (at(0), None),
        (at(1), "solution-simple"),
        (at(3), None),
    ]
    clock = clock_of(solution, BY_ID)
    assert [t.target for t in clock.terms] == [None, timedelta(hours=1), None]
    assert clock.longest_wait == timedelta(days=1)
    assert judge(clock).due is None
    assert {h.kind for h in book.open()} == {Kind.SOLUTION, Kind.UPDATE, Kind.INTERNAL}
    assert not Held(Kind.FIRST, Round(at(0), 1), (Term(at(0), None, "general"),)).promised


def test_a_transfer_leaves_a_round_in_its_queue() -> None:
    elsewhere = replace(CASE, queue="emergency")
    book, _ = written((0, What.CUSTOMER, CASE), (1, What.TRANSFERRED, elsewhere), (2, What.RECLASSIFIED, elsewhere))
    [first] = [h for h in book.open() if h.kind is Kind.FIRST]
    assert names_of(first) == ["first-response"]
    # The next one begins where it is then.
    book, _ = written((3, What.ANSWER, elsewhere), (4, What.CUSTOMER, elsewhere), book=book)
    [following] = [h for h in book.open() if h.kind is Kind.NEXT]
    assert names_of(following) == ["next-response-emergency"]
    assert following.terms[0].queue == "emergency"


def test_an_emergency_reclassifies_nothing() -> None:
    raised = replace(CASE, queue="emergency", priority=3)
    book, _ = written((0, What.CUSTOMER, CASE), (5, What.EMERGENCY, raised))
    assert {h.kind: names_of(h) for h in book.open()} == {
        Kind.FIRST: ["first-response"],
        Kind.EMERGENCY: ["emergency-answer"],
    }
    assert book.case == raised


def test_an_update_is_a_new_round_with_terms_of_its_own() -> None:
    handed = replace(CASE, handed_over=True)
    book, ended = written((0, What.HANDOVER, handed), (5, What.ANSWER, handed))
    [update] = [h for h in book.open() if h.kind is Kind.UPDATE]
    assert (update.round.start, update.terms[0].since) == (at(5), at(5))
    assert {h.kind for h in ended} == {Kind.UPDATE, Kind.INTERNAL}


def test_a_book_is_stored_and_read_as_it_was() -> None:
    book, ended = written(
        (0, What.OPENED, CASE), (0, What.CUSTOMER, CASE), (1, What.QUESTION, CASE), (2, What.RESOLVED, CASE)
    )
    assert msgspec.convert(msgspec.to_builtins(book, str_keys=True), Book) == book
    assert [msgspec.convert(msgspec.to_builtins(h), Held) for h in ended] == ended


# --- entries of a timeline ---


def entry(
    seq: int, kind: str, author: str = "system", line: dict[str, Any] | None = None, *, asks: bool = False
) -> Entry:
    return Entry(seq, kind, author, at(seq), asks, line)


def line(seq: int, word: str, **more: Any) -> Entry:
    return entry(seq, "system", line={"type": word, **more})


@pytest.mark.parametrize(
    ("given", "what", "case"),
    [
        (entry(1, "public", "customer"), What.CUSTOMER, CASE),
        (entry(1, "public", "agent"), What.ANSWER, CASE),
        (entry(1, "public", "agent", asks=True), What.QUESTION, CASE),
        (entry(1, "public", "system"), None, CASE),
        (entry(1, "note", "agent"), None, CASE),
        (entry(1, "system"), None, CASE),
        (line(1, "opened"), What.OPENED, CASE),
        (line(1, "assigned"), What.ASSIGNED, CASE),
        (line(1, "resolved"), What.RESOLVED, CASE),
        (line(1, "reopened"), What.REOPENED, CASE),
        (line(1, "tagged"), None, CASE),
        (line(1, "promise_broken"), None, CASE),
        (line(1, "priority", priority=2), What.RECLASSIFIED, replace(CASE, priority=2)),
        (line(1, "topic", topic="Wish"), What.RECLASSIFIED, replace(CASE, topic="wish")),
        (line(1, "topic", topic="Gone"), What.RECLASSIFIED, CASE),
        (line(1, "transferred", queue="Second"), What.TRANSFERRED, replace(CASE, queue="second")),
        (line(1, "transferred", queue="Gone"), What.TRANSFERRED, CASE),
        (
            line(1, "transferred", queue="Technical"),
            What.HANDOVER,
            replace(CASE, queue="technical", handed_over=True),
        ),
        (line(1, "emergency"), What.EMERGENCY, replace(CASE, queue="sos", priority=3)),
        (line(1, "handed_over"), What.CASE, replace(CASE, handed_over=True)),
        (line(1, "case_reopened"), What.CASE, replace(CASE, handed_over=True)),
        # To many at once: neither an answer nor a question, whatever mark it has.
        (entry(1, "public", "agent", {"told": "update"}, asks=True), What.UPDATED, CASE),
        (entry(1, "public", "agent", {"told": "solved"}), What.TOLD, CASE),
    ],
)
def test_which_entry_is_which_event(given: Entry, what: What | None, case: Case) -> None:
    found = list(events([given], CASE, NAMES, emergency=False))
    assert found == ([(Event(at(1), 1, what), case)] if what else [])


def test_a_matter_that_was_handed_over_stays_so() -> None:
    entries = [line(1, "transferred", queue="Technical"), line(2, "transferred", queue="Second")]
    *_, (_, case) = events(entries, CASE, NAMES, emergency=False)
    assert case == replace(CASE, queue="second", handed_over=True)


def test_an_emergency_from_the_beginning_has_no_line() -> None:
    opened = [line(1, "opened"), entry(2, "public", "customer")]
    assert list(events([line(0, "tagged"), *opened], CASE, NAMES, emergency=True)) == [
        (Event(at(1), 1, What.OPENED), CASE),
        (Event(at(1), 1, What.EMERGENCY), CASE),
        (Event(at(2), 2, What.CUSTOMER), CASE),
    ]
    later = [*opened, line(3, "emergency")]
    found = [event.what for event, _ in events(later, CASE, NAMES, emergency=True)]
    assert found == [What.OPENED, What.CUSTOMER, What.EMERGENCY]


def test_the_case_as_it_was_opened() -> None:
    present = Case("second", "wish", 2, "chat", "proven")
    opened = line(1, "opened")
    assert opening([line(5, "assigned")], present, NAMES, emergency=False) == present
    assert opening([opened], present, NAMES, emergency=False) == replace(present, queue="general", priority=1)
    relabelled = [opened, line(2, "topic", topic="Wish")]
    assert opening(relabelled, present, NAMES, emergency=False).topic is None
    assert opening([opened], present, NAMES, emergency=True) == replace(present, queue="sos", priority=3)
    raised = [opened, line(3, "emergency")]
    assert opening(raised, present, NAMES, emergency=True) == replace(present, queue="general", priority=1)
