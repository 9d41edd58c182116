"""Shapes of the phone's figures and of the wall board: numbers and languages, nobody's name."""

from datetime import datetime

import msgspec


class WaitsView(msgspec.Struct, frozen=True):
    """Offered calls and what became of them; waits in seconds, of answered calls. ``hour`` of the day in the asked zone
    (null: all hours), ``language`` null: all. Shares are null where there is nothing to share."""

    hour: int | None
    language: str | None
    offered: int
    answered: int
    in_time: int
    abandoned: int
    abandoned_short: int
    call_backs: int
    messages: int
    lost: int
    wait_average: float | None
    wait_p50: float | None
    wait_p90: float | None
    service_level: float | None
    abandonment: float | None


class HandlingView(msgspec.Struct, frozen=True):
    """Average seconds of a handled call, in all (AHT) and in its parts; null if none was handled."""

    handled: int
    average: float | None
    talk: float | None
    hold: float | None
    wrap: float | None


class CallBacksView(msgspec.Struct, frozen=True):
    """Of callers of the period: ``waiting`` (also while we ring), ``done`` (they were connected), ``failed`` (they did
    not answer), ``cancelled``."""

    waiting: int
    done: int
    failed: int
    cancelled: int


class SurveyView(msgspec.Struct, frozen=True):
    """``asked`` callers, ``scores``: how often 1 to 5 was pressed. ``satisfied``: the share of 4 and 5, which lies
    between ``low`` and ``high`` with 95 % certainty."""

    asked: int
    answered: int
    response_rate: float | None
    scores: list[int]
    satisfied: float | None
    low: float | None
    high: float | None


class WaitingView(msgspec.Struct, frozen=True):
    """Callers who wait now, in one language; ``since`` when the longest of them."""

    language: str
    callers: int
    since: datetime


class FiguresView(msgspec.Struct, frozen=True):
    """Calls that began to wait from ``since`` to before ``until``. ``waits``: of all, of each hour, of each language,
    and of each hour in each language."""

    since: datetime
    until: datetime
    zone: str
    waits: list[WaitsView]
    handling: HandlingView
    call_backs: CallBacksView
    survey: SurveyView
    queue: list[WaitingView]


class AgentsView(msgspec.Struct, frozen=True):
    """How many; each agent who has a phone and is there is one of them. ``occupancy``: of the others, who talk or wrap
    up; null if there are none."""

    ready: int
    ringing: int
    talking: int
    wrap_up: int
    occupancy: float | None


class TodayView(msgspec.Struct, frozen=True):
    """Since midnight in the board's zone."""

    offered: int
    answered: int
    abandoned: int
    service_level: float | None
    wait_p90: float | None


class BoardView(msgspec.Struct, frozen=True):
    """The wall board. ``at_risk``: promises whose time is over in less than a fifth of it; ``late``: broken, and still
    owed."""

    zone: str
    queue: list[WaitingView]
    call_backs: int
    agents: AgentsView
    today: TodayView
    at_risk: int
    late: int
