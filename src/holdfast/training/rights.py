"""The right to answer, derived from dated evidence. Pure: no clock, no database.

A skill's rule names what it needs. The right begins with the newest needed piece and ends when the first of them is
too old. A revocation voids every piece up to its own instant. No rule, or a rule that needs nothing: nobody holds
the skill (fail closed).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec


class Reason(msgspec.Struct, frozen=True):
    """One reason of a decision: the id of its sentence in the catalogues, and what fills it in (JSON values)."""

    id: str
    params: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Piece:
    """Something an agent has shown."""

    kind: str
    ref: str
    at: datetime
    version: int = 1
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Need:
    """What must be shown: at least this version, and at least this score if one is asked."""

    kind: str
    ref: str
    version: int = 1
    score: float | None = None

    def met_by(self, piece: Piece) -> bool:
        if (piece.kind, piece.ref) != (self.kind, self.ref) or piece.version < self.version:
            return False
        return self.score is None or (piece.score is not None and piece.score >= self.score)


@dataclass(frozen=True, slots=True)
class Terms:
    """A rule: every need must be met by a piece younger than ``valid + grace``."""

    needs: tuple[Need, ...]
    valid: timedelta
    grace: timedelta
    since: datetime


@dataclass(frozen=True, slots=True)
class Right:
    """Held at the instant asked about, or not. ``from_`` and ``until`` are the bounds (until excluded) of the right
    that the newest evidence gives, None where a needed piece is missing."""

    held: bool
    from_: datetime | None
    until: datetime | None
    why: tuple[Reason, ...]


def rule_in_force(rules: Iterable[Terms], t: datetime) -> Terms | None:
    """The newest rule of a skill whose ``since`` has come."""
    return max((r for r in rules if r.since <= t), key=lambda r: r.since, default=None)


def certified(evidence: Iterable[Piece], rule: Terms | None, revocations: Iterable[datetime], t: datetime) -> Right:
    """Whether the skill is held at ``t``. Evidence and revocations later than ``t`` have not happened yet."""
    if rule is None or not rule.needs or rule.since > t:
        return Right(False, None, None, (Reason("no_rule"),))
    revoked = max((r for r in revocations if r <= t), default=None)
    known = [p for p in evidence if p.at <= t]
    chosen: list[Piece] = []
    why: list[Reason] = []
    missing = False
    for need in rule.needs:
        matching = [p for p in known if need.met_by(p)]
        standing = [p for p in matching if revoked is None or p.at > revoked]
        if not standing:
            missing = True
            why.append(_absence(need, voided=bool(matching), revoked=revoked))
            continue
        newest = max(standing, key=lambda p: p.at)
        chosen.append(newest)
        why.append(_standing(newest, rule, t))
    if missing:
        return Right(False, None, None, tuple(why))
    from_ = max(p.at for p in chosen)
    until = min(p.at for p in chosen) + rule.valid + rule.grace
    return Right(from_ <= t < until, from_, until, tuple(why))


def _absence(need: Need, *, voided: bool, revoked: datetime | None) -> Reason:
    params = {"kind": need.kind, "ref": need.ref}
    if voided and revoked is not None:
        return Reason("revoked", params | {"at": revoked.isoformat()})
    return Reason("missing", params)


def _standing(piece: Piece, rule: Terms, t: datetime) -> Reason:
    """shown, in_grace (renew it soon) or too_old."""
    fresh, end = piece.at + rule.valid, piece.at + rule.valid + rule.grace
    state = "shown" if t < fresh else "in_grace" if t < end else "too_old"
    return Reason(state, {"kind": piece.kind, "ref": piece.ref, "at": piece.at.isoformat(), "until": end.isoformat()})


def needs_of(stored: Sequence[dict[str, Any]]) -> tuple[Need, ...]:
    """The needs of a stored rule. Raises KeyError for one without kind and ref."""
    return tuple(Need(n["kind"], n["ref"], n.get("version", 1), n.get("score")) for n in stored)
