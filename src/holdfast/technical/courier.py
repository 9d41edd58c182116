"""Does at the tracker what waits to be done, and looks at issues: claimed by rows, one request after the other.

A claim is committed before anything is asked, and what came of it afterwards. A worker that is killed between the two
leaves a hold that runs out: whoever claims it then looks first whether it was done already (a marker in the issue or
comment), so that it is done once.
"""

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.core.clock import now
from holdfast.core.database import Database
from holdfast.core.looking import Looking
from holdfast.core.pauses import Pauses
from holdfast.technical import queries, tracking
from holdfast.technical.cases import outward
from holdfast.technical.models import TechnicalAction, TechnicalCase, TechnicalIssue, TechnicalTracker
from holdfast.technical.ports import Issue, IssueGone, IssueMoved, Place, Tracker, TrackerError

logger = logging.getLogger(__name__)

HOLD = timedelta(seconds=90)
# Within the hold, or another courier would do it beside this one.
_SECONDS = 75.0
_LONGEST_SLEEP = timedelta(seconds=30)
_PAUSES = Pauses(5.0, 2.0, 3600.0)
# The last tries are an hour apart.
ATTEMPTS = 20
# Clocks differ: what was made a little before is looked through as well.
_BEFORE = timedelta(minutes=15)

# What a comment says: for developers, in English, and of the case alone.
_SAYS = {
    "linked": "Linked to support case {reference}.",
    "solved": "Support case {reference} is solved.",
    "reopened": "Support case {reference} was opened again.",
}


@dataclass(frozen=True, slots=True)
class _Work:
    """An action as it was claimed, with all that is needed to do it without the database."""

    action_id: UUID
    case_id: UUID
    kind: str
    again: bool
    place: Place
    number: int
    known: tuple[str | None, str | None]
    title: str
    body: str
    marker: str
    since: str


@dataclass(frozen=True, slots=True)
class _Look:
    case_id: UUID
    place: Place
    number: int
    etag: str | None


@dataclass(frozen=True, slots=True)
class _Conflict:
    found: Issue


_Result = Issue | TrackerError | _Conflict | None


class TrackerCourier(Looking):
    """One per worker process."""

    def __init__(self, database: Database, tracker: Tracker) -> None:
        super().__init__()
        self._database = database
        self._tracker = tracker

    async def _look(self) -> float:
        while await self.do_next():
            pass
        async with self._database.transaction() as session:
            row = await queries.tracker(session)
            following = await queries.next_work(session) if row is not None else None
            if row is not None and row.paused_until is not None and following is not None:
                following = max(following, row.paused_until)
        if following is None:
            return _LONGEST_SLEEP.total_seconds()
        return min(max(following - now(), timedelta(milliseconds=50)), _LONGEST_SLEEP).total_seconds()

    async def do_next(self) -> bool:
        """One action or look, if one is due."""
        async with self._database.transaction() as session:
            work = await _claim(session)
        if work is None:
            return False
        result: _Result
        try:
            async with asyncio.timeout(_SECONDS):
                result = await (self._do(work) if isinstance(work, _Work) else self._see(work))
        except TrackerError as error:
            result = error
        except TimeoutError:
            result = TrackerError("time")
        except Exception:
            logger.exception("the tracker could not be asked")
            result = TrackerError("fault")
        async with self._database.transaction() as session:
            await (_settle(session, work, result) if isinstance(work, _Work) else _settle_look(session, work, result))
        return True

    async def _see(self, work: _Look) -> Issue | None:
        return await self._tracker.look(work.place, work.number, work.etag)

    async def _do(self, work: _Work) -> _Result:
        ask, place = self._tracker, work.place
        if work.kind == "create":
            found = await ask.find(place, work.marker, work.since) if work.again else None
            return found or await ask.create(place, work.title, work.body)
        if work.kind == "comment":
            if not (work.again and await ask.commented(place, work.number, work.marker, work.since)):
                await ask.comment(place, work.number, work.body)
            return None
        wanted = {"close": "closed", "reopen": "open"}[work.kind]
        found = await ask.look(place, work.number)
        if found is None or found.state == wanted:
            return found
        if work.known[0] is not None and (found.state, found.reason) != work.known:
            return _Conflict(found)
        return await ask.set_state(place, work.number, wanted)


async def _claim(session: AsyncSession) -> _Work | _Look | None:
    tracker = await queries.tracker(session)
    if tracker is None or (tracker.paused_until is not None and tracker.paused_until > now()):
        return None
    for action in await queries.actions_ready(session, 1):
        issue = await queries.issue(session, action.case_id)
        if issue is None or (issue.number is None) is not (action.kind == "create"):
            # Unlinked meanwhile, or its issue could not be made.
            action.state, action.reason = "stopped", "unlinked"
            return await _claim(session)
        action.held_until, action.attempts = now() + HOLD, action.attempts + 1
        return await _work(session, tracker, issue, action)
    for issue in await queries.issues_to_look_at(session, 1):
        issue.held_until = now() + HOLD
        return _Look(issue.case_id, _place(tracker, issue), issue.number or 0, issue.etag)
    return None


def _place(tracker: TechnicalTracker, issue: TechnicalIssue) -> Place:
    return Place(tracker.api, issue.repository, tracker.token)


async def _work(
    session: AsyncSession, tracker: TechnicalTracker, issue: TechnicalIssue, action: TechnicalAction
) -> _Work:
    # Not locked: whoever changes a case locks it before its actions.
    case = await session.get_one(TechnicalCase, action.case_id)
    marker = f"<!-- holdfast:{case.reference} -->"
    if action.kind == "create":
        words = outward(case.description, may_be_empty=True)
        body = f"{words}\n\nSupport case {case.reference}\n{marker}".lstrip()
    else:
        marker = f"<!-- holdfast:{case.reference}:{action.id.hex} -->"
        body = _SAYS.get(_text(action.facts.get("says")), "").format(reference=case.reference) + f"\n{marker}"
    return _Work(
        action.id,
        action.case_id,
        action.kind,
        action.attempts > 1,
        _place(tracker, issue),
        issue.number or 0,
        (issue.state, issue.reason),
        f"{outward(case.title)} ({case.reference})",
        body,
        marker,
        _instant(action.made_at - _BEFORE),
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _instant(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


async def _troubled(session: AsyncSession, place: Place, error: TrackerError | None) -> bool:
    """What the tracker as a whole has to say; whether it was asked as its settings are now. Its row is locked until the
    end, before the case: whoever enters them anew goes on with what is paused, and must find it paused."""
    row = await queries.tracker(session, lock=True)
    if row is None:
        return True
    if (row.api, row.token) != (place.api, place.token):
        return False
    if error is None or isinstance(error, IssueGone | IssueMoved):
        row.trouble = None
        return True
    row.trouble = error.reason
    if error.wait is not None:
        row.paused_until = now() + timedelta(seconds=error.wait)
    return True


async def _settle_look(session: AsyncSession, look: _Look, result: _Result) -> None:
    current = await _troubled(session, look.place, result if isinstance(result, TrackerError) else None)
    case = await queries.case_locked(session, look.case_id)
    row = await queries.issue(session, look.case_id, lock=True)
    if row is None or (row.repository, row.number) != (look.place.repository, look.number):
        return
    match result:
        case IssueGone():
            tracking.gone(session, case, row)
        case IssueMoved(to=to):
            tracking.moved(session, case, row, to)
        case TrackerError(denied=True):
            if current:
                tracking.denied(session, case, row)
            else:
                row.held_until, row.next_look_at = None, now()
        case TrackerError():
            row.held_until, row.next_look_at = None, now() + (tracking.SELDOM if result.final else tracking.OFTEN)
        case Issue() | None:
            if row.mark == tracking.DENIED and not await queries.paused(session, case.id):
                row.mark = None
            tracking.seen(session, case, row, result)
        case _:
            raise RuntimeError("a look changes nothing")


async def _settle(session: AsyncSession, work: _Work, result: _Result) -> None:
    """Write down what came of one attempt. The case before its issue before its action, as everywhere."""
    current = await _troubled(session, work.place, result if isinstance(result, TrackerError) else None)
    case = await queries.case_locked(session, work.case_id)
    row = await queries.issue(session, work.case_id, lock=True)
    action = await queries.action_locked(session, work.action_id)
    if action is None:
        return
    action.held_until = None
    match result:
        case TrackerError(denied=True):
            action.reason = result.reason
            if not current:
                # Its settings were entered anew while it was asked.
                action.next_at = now()
            elif action.state == queries.WAITING:
                action.state = queries.PAUSED
                if row is not None:
                    tracking.denied(session, case, row)
        case TrackerError():
            _failed(session, case, row, action, result)
        case _Conflict(found=found):
            action.state, action.reason = "stopped", "conflict"
            if row is not None:
                tracking.conflicting(session, case, row, found)
        case _:
            action.state, action.reason = "done", None
            if isinstance(result, Issue) and row is not None:
                if work.kind == "create":
                    row.repository, row.number = result.repository, result.number
                tracking.seen(session, case, row, result)


def _failed(
    session: AsyncSession,
    case: TechnicalCase,
    row: TechnicalIssue | None,
    action: TechnicalAction,
    error: TrackerError,
) -> None:
    action.reason = error.reason
    if error.final or action.attempts >= ATTEMPTS:
        action.state = "stopped"
    else:
        wait = timedelta(seconds=error.wait) if error.wait is not None else _PAUSES.after(action.attempts)
        action.next_at = now() + wait
    if row is not None and isinstance(error, IssueMoved):
        tracking.moved(session, case, row, error.to)
    elif row is not None and isinstance(error, IssueGone):
        tracking.gone(session, case, row)
