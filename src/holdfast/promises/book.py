"""A conversation's promises as its timeline goes on: pure. The book is where every fold stands; what is read of the
timeline is read once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from holdfast.promises.model import RULES, Clock, Event, Kind, Round, Standing, Terms, What, beginning, step
from holdfast.promises.policies import Case, Policy, choose


@dataclass(frozen=True, slots=True)
class Term:
    """From when on which version of a policy holds (None: no policy), and the queue it was chosen for."""

    since: datetime
    policy: UUID | None
    queue: str


@dataclass(frozen=True, slots=True)
class Held:
    """A round, and what was promised in it."""

    kind: Kind
    round: Round
    terms: tuple[Term, ...]

    @property
    def promised(self) -> bool:
        return any(term.policy is not None for term in self.terms)


@dataclass(frozen=True, slots=True)
class Book:
    """``terms`` are those of the rounds that are open."""

    case: Case
    standings: Mapping[Kind, Standing] = field(default_factory=dict)
    terms: Mapping[Kind, tuple[Term, ...]] = field(default_factory=dict)

    def open(self) -> list[Held]:
        return [
            Held(kind, standing.open, self.terms[kind])
            for kind, standing in self.standings.items()
            if standing.open is not None
        ]


Policies = Callable[[datetime], Sequence[Policy]]
"""The policies in force at an instant."""

# What leaves the case as it was: a raised emergency has a promise of its own, beside which the older ones go on.
_RECLASSIFIES = frozenset({What.RECLASSIFIED, What.HANDOVER, What.CASE})
_CHANGES: dict[What, tuple[Kind, ...]] = {
    what: tuple(
        kind
        for kind, rule in RULES.items()
        if what in rule.starts | rule.stops | rule.renews | rule.after
        or what in rule.pauses
        or any(what in resumed_by for resumed_by in rule.pauses.values())
    )
    for what in What
}


def take(book: Book, event: Event, case: Case, policies: Policies) -> tuple[Book, list[Held]]:
    """The next entry of a timeline, and the case as it leaves it; and the rounds that it has ended."""
    standings, terms = dict(book.standings), dict(book.terms)
    ended: list[Held] = []
    for kind in _CHANGES[event.what]:
        before = standings.get(kind) or beginning(RULES[kind])
        after, done = step(RULES[kind], before, event)
        standings[kind] = after
        if done is not None:
            ended.append(Held(kind, done, terms.pop(kind)))
        if after.open is not None and kind not in terms:
            terms[kind] = (_term(event.at, kind, case, policies),)
    if event.what in _RECLASSIFIES:
        for kind, so_far in terms.items():
            # A transfer touches no clock of the customer's: a round stays in the queue that it began in.
            term = _term(event.at, kind, replace(case, queue=so_far[0].queue), policies)
            if term.policy != so_far[-1].policy:
                terms[kind] = (*so_far, term)
    return replace(book, case=case, standings=standings, terms=terms), ended


def _term(at: datetime, kind: Kind, case: Case, policies: Policies) -> Term:
    policy = choose(policies(at), kind, case)
    return Term(at, policy.id if policy else None, case.queue)


def clock_of(held: Held, known: Mapping[UUID, Policy]) -> Clock:
    """The round under the terms that its policies say; how long a question may pause it is the first one's to say."""
    made = [(term.since, known[term.policy] if term.policy is not None else None) for term in held.terms]
    terms = tuple(
        Terms(since, policy.target, policy.calendar) if policy else Terms(since, None) for since, policy in made
    )
    return Clock(held.round, terms, next((policy.longest_wait for _, policy in made if policy), None))
