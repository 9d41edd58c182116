"""Who is on call when: layers that rotate, their hand-overs in a zone, overrides, gaps. Pure.

A hand-over is a local time of day. Where clocks are put forward over it, it comes at the offset before the jump; where
they are put back, at the first of the two (RFC 5545, 3.3.5). All instants that come out are UTC.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
Gaps = list[tuple[datetime, datetime]]


@dataclass(frozen=True, slots=True)
class Window:
    """Local hours of one weekday (0: Monday) in which a layer counts. ``ends`` at or before ``begins``: next day."""

    weekday: int
    begins: time
    ends: time


@dataclass(frozen=True, slots=True)
class Layer:
    """People who take turns of ``days``, from ``start`` on, each until ``handover`` in ``zone``. No windows: always.

    None has a turn too: of somebody who has left. Nobody else's moves for it.
    """

    people: tuple[UUID | None, ...]
    zone: str
    start: date
    handover: time
    days: int
    windows: tuple[Window, ...] = ()


@dataclass(frozen=True, slots=True)
class Override:
    """``agent_id`` instead of whoever the layers say, from ``starts_at`` until before ``ends_at``."""

    agent_id: UUID
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Rota:
    """Later layers go before earlier ones, later overrides before earlier ones and before every layer."""

    layers: tuple[Layer, ...]
    overrides: tuple[Override, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """From ``begins`` until before ``ends`` the same person, or nobody."""

    begins: datetime
    ends: datetime
    agent_id: UUID | None


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The UTC instant of a local time. ``fold`` 0 is RFC 5545's rule for hours that are missing or come twice."""
    return datetime.combine(day, at, zone).astimezone(UTC)


def turn(layer: Layer, at: datetime) -> int | None:
    """The number of the turn at an instant; None before the first."""
    zone = ZoneInfo(layer.zone)
    near = (at.astimezone(zone).date() - layer.start).days // layer.days
    # Clocks that are put back over midnight show yesterday again after today's hand-over: one more is looked at.
    for number in (near + 1, near, near - 1):
        if number >= 0 and instant(layer.start + timedelta(days=number * layer.days), layer.handover, zone) <= at:
            return number
    return None


def of_layer(layer: Layer, at: datetime) -> UUID | None:
    """Who has the layer's turn, if it counts at this hour."""
    number = turn(layer, at)
    if number is None or not layer.people:
        return None
    if layer.windows and not any(begins <= at < ends for begins, ends in _windows(layer, at, at)):
        return None
    return layer.people[number % len(layer.people)]


def on_call(rota: Rota, at: datetime) -> UUID | None:
    """Who is on call at an instant."""
    for override in reversed(rota.overrides):
        if override.starts_at <= at < override.ends_at:
            return override.agent_id
    for layer in reversed(rota.layers):
        found = of_layer(layer, at)
        if found is not None:
            return found
    return None


def spans(rota: Rota, begins: datetime, ends: datetime) -> list[Span]:
    """The whole interval, without holes, in the longest pieces in which nothing changes."""
    begins, ends = begins.astimezone(UTC), ends.astimezone(UTC)
    edges = sorted({begins, ends, *(edge for edge in _edges(rota, begins, ends) if begins < edge < ends)})
    found: list[Span] = []
    for first, last in pairwise(edges):
        agent_id = on_call(rota, first)
        if found and found[-1].agent_id == agent_id:
            found[-1] = Span(found[-1].begins, last, agent_id)
        else:
            found.append(Span(first, last, agent_id))
    return found


def uncovered(rotas: Sequence[Rota], begins: datetime, ends: datetime) -> Gaps:
    """When none of the rotas has anybody. Without a rota: the whole interval."""
    return _joined((first, last) for first, last, people in _pieces(rotas, begins, ends, ()) if not people)


def unfit(rotas: Sequence[Rota], until: Mapping[UUID, datetime], begins: datetime, ends: datetime) -> Gaps:
    """When somebody is on call and none of them may do the work: each may ``until`` then, who is not named may not."""
    return _joined(
        (first, last)
        for first, last, people in _pieces(rotas, begins, ends, until.values())
        if people and not any(one in until and first < until[one] for one in people)
    )


def _pieces(
    rotas: Sequence[Rota], begins: datetime, ends: datetime, cuts: Collection[datetime]
) -> Iterator[tuple[datetime, datetime, set[UUID]]]:
    """The interval without holes, with whoever is on call in each piece."""
    each = [spans(rota, begins, ends) for rota in rotas]
    starts = [[span.begins for span in one] for one in each]
    edges = {begins, ends, *(start for one in starts for start in one), *(at for at in cuts if begins < at < ends)}
    for first, last in pairwise(sorted(edges)):
        there = (one[bisect_right(at, first) - 1].agent_id for one, at in zip(each, starts, strict=True))
        yield first, last, {agent_id for agent_id in there if agent_id is not None}


def _joined(pieces: Iterable[tuple[datetime, datetime]]) -> Gaps:
    found: Gaps = []
    for first, last in pieces:
        if found and found[-1][1] == first:
            found[-1] = (found[-1][0], last)
        else:
            found.append((first, last))
    return found


def _edges(rota: Rota, begins: datetime, ends: datetime) -> Iterator[datetime]:
    """Every instant at which somebody else may come."""
    for override in rota.overrides:
        yield override.starts_at
        yield override.ends_at
    for layer in rota.layers:
        zone = ZoneInfo(layer.zone)
        number = turn(layer, begins) or 0
        while (at := instant(layer.start + timedelta(days=number * layer.days), layer.handover, zone)) < ends:
            yield at
            number += 1
        for window in _windows(layer, begins, ends):
            yield from window


def _windows(layer: Layer, begins: datetime, ends: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Windows that may touch the interval: also those of the days before and after, in the layer's zone."""
    zone = ZoneInfo(layer.zone)
    day, last = begins.astimezone(zone).date() - _DAY, ends.astimezone(zone).date() + _DAY
    while day <= last:
        for window in layer.windows:
            if window.weekday == day.weekday():
                until = day if window.ends > window.begins else day + _DAY
                yield instant(day, window.begins, zone), instant(until, window.ends, zone)
        day += _DAY
