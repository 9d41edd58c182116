"""A case's issue at the tracker: what is to be done there, and what was seen there.

Only the state is kept alike on both sides. Whoever changed it last here or there is shown to the other side; nothing
that somebody did there is overwritten without a person here saying so.
"""

import hashlib
import hmac
import re
from datetime import timedelta
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.viewer import Role, StaffViewer
from holdfast.core.clock import now
from holdfast.core.database import tell
from holdfast.core.outgoing import Refused, Rules, parse
from holdfast.people.errors import RoleMissing
from holdfast.redaction import redact
from holdfast.technical import queries
from holdfast.technical.channel import TECHNICAL
from holdfast.technical.errors import (
    IssueLinked,
    IssueRefused,
    IssueUnknown,
    NotTechnical,
    SignatureWrong,
    TrackerMissing,
    TrackerRefused,
)
from holdfast.technical.models import TechnicalAction, TechnicalCase, TechnicalEvent, TechnicalIssue, TechnicalTracker
from holdfast.technical.ports import Issue

# GitHub counts what is unchanged (304) as nothing.
OFTEN, SELDOM = timedelta(minutes=5), timedelta(hours=6)
DENIED = "denied"
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}")
_ISSUE = re.compile(
    r"(?:(?P<repository>[\w.-]+/[\w.-]+)?#|https://[\w.:-]+/(?P<path>[\w.-]+/[\w.-]+)/issues/)?(?P<n>\d{1,9})"
)


# --- the tracker ---


async def set_tracker(
    session: AsyncSession,
    viewer: StaffViewer,
    rules: Rules,
    *,
    api: str,
    repository: str,
    token: str,
    secret: str,
    network: str,
) -> None:
    """An empty token or secret stays as it was. What the token might not do is tried again. Raises RoleMissing,
    TrackerRefused."""
    if not viewer.holds(Role.ADMINISTRATOR):
        raise RoleMissing
    row = await queries.tracker(session, lock=True)
    if row is None:
        row = TechnicalTracker(kind="github", token="", secret="")
        session.add(row)
    api = api.rstrip("/")
    try:
        parse(api, rules)
    except Refused:
        raise TrackerRefused from None
    if not _REPOSITORY.fullmatch(repository) or "?" in api or "#" in api or redact(f"{api} {repository}").findings:
        raise TrackerRefused
    if row.token and api != row.api and not token:
        # A token is for the host that it was given for.
        raise TrackerRefused
    row.api, row.repository = api, repository
    row.token, row.secret = token or row.token, secret or row.secret
    if not row.token or not row.secret:
        raise TrackerRefused
    row.paused_until = row.trouble = None
    row.changed_by_id, row.changed_at = viewer.id, now()
    await session.execute(
        update(TechnicalIssue).where(TechnicalIssue.mark == DENIED).values(mark=None, next_look_at=now())
    )
    await _go_on(session)
    record(session, viewer, "technical_tracker.set", ("technical_tracker", None), network=network)
    tell(session, TECHNICAL, "due")


async def _go_on(session: AsyncSession, case_id: UUID | None = None) -> None:
    """What was paused waits again, with all its attempts; the first of them may have been carried out."""
    ours = () if case_id is None else (TechnicalAction.case_id == case_id,)
    await session.execute(
        update(TechnicalAction)
        .where(TechnicalAction.state == queries.PAUSED, *ours)
        .values(state=queries.WAITING, next_at=now(), attempts=1)
    )


async def drop_tracker(session: AsyncSession, viewer: StaffViewer, network: str) -> None:
    """What is linked stays linked, and is looked at no more. Raises RoleMissing."""
    if not viewer.holds(Role.ADMINISTRATOR):
        raise RoleMissing
    row = await queries.tracker(session)
    if row is not None:
        await session.delete(row)
        record(session, viewer, "technical_tracker.dropped", ("technical_tracker", None), network=network)


# --- by staff ---


async def _case(session: AsyncSession, viewer: StaffViewer, case_id: UUID) -> TechnicalCase:
    if not await queries.works(session, viewer):
        raise NotTechnical
    return await queries.case(session, viewer, case_id, lock=True)


async def _tracker(session: AsyncSession) -> TechnicalTracker:
    row = await queries.tracker(session)
    if row is None:
        raise TrackerMissing
    return row


def _log(session: AsyncSession, case: TechnicalCase, kind: str, agent_id: UUID | None = None) -> None:
    case.changed_at = now()
    session.add(TechnicalEvent(case_id=case.id, kind=kind, agent_id=agent_id))


def _do(session: AsyncSession, case_id: UUID, kind: str, **facts: object) -> None:
    session.add(TechnicalAction(case_id=case_id, kind=kind, facts=facts))
    tell(session, TECHNICAL, "due")


async def ask_for_issue(session: AsyncSession, viewer: StaffViewer, case_id: UUID) -> None:
    """A new issue, with the case's title, description and reference. Raises NotTechnical, CaseUnknown, TrackerMissing,
    IssueLinked."""
    case, tracker = await _case(session, viewer, case_id), await _tracker(session)
    if await queries.issue(session, case.id) is not None:
        raise IssueLinked
    session.add(TechnicalIssue(case_id=case.id, repository=tracker.repository))
    _do(session, case.id, "create")
    _log(session, case, "issue_asked", viewer.id)
    record(session, viewer, "issue.asked", ("technical_case", case.id), repository=tracker.repository)
    await session.flush()


async def link_issue(session: AsyncSession, viewer: StaffViewer, case_id: UUID, written: str) -> None:
    """One that is there: a number, ``owner/name#number`` or its address. Raises NotTechnical, CaseUnknown,
    TrackerMissing, IssueRefused, IssueLinked."""
    case, tracker = await _case(session, viewer, case_id), await _tracker(session)
    found = _ISSUE.fullmatch(written.strip())
    repository = (found["repository"] or found["path"] or tracker.repository) if found else ""
    if found is None or not _REPOSITORY.fullmatch(repository) or redact(repository).findings:
        raise IssueRefused
    number = int(found["n"])
    if await queries.issue(session, case.id) or await queries.issue_by_number(session, repository, number):
        raise IssueLinked
    session.add(TechnicalIssue(case_id=case.id, repository=repository, number=number, next_look_at=now()))
    _do(session, case.id, "comment", says="linked")
    _log(session, case, "issue_linked", viewer.id)
    record(session, viewer, "issue.linked", ("technical_case", case.id), issue=f"{repository}#{number}")
    await session.flush()


async def unlink_issue(session: AsyncSession, viewer: StaffViewer, case_id: UUID) -> None:
    """The issue stays as it is; what was still to be done there is not done. Raises NotTechnical, CaseUnknown,
    IssueUnknown."""
    case = await _case(session, viewer, case_id)
    row = await queries.issue(session, case.id, lock=True)
    if row is None:
        raise IssueUnknown
    await session.delete(row)
    for action in await queries.actions(session, case.id):
        if action.state in (queries.WAITING, queries.PAUSED):
            action.state, action.reason = "stopped", "unlinked"
    _log(session, case, "issue_unlinked", viewer.id)
    record(session, viewer, "issue.unlinked", ("technical_case", case.id), issue=f"{row.repository}#{row.number}")


async def settle(session: AsyncSession, viewer: StaffViewer, case_id: UUID, how: str) -> None:
    """Somebody has looked at what differs: ``seen`` (that is how it is), ``ours`` (make it there as it is here), or
    ``follow`` (to where it was moved). Raises NotTechnical, CaseUnknown, IssueUnknown, IssueLinked."""
    case = await _case(session, viewer, case_id)
    row = await queries.issue(session, case.id, lock=True)
    if row is None or row.mark is None:
        raise IssueUnknown
    mark = row.mark
    if how == "follow":
        if row.moved_repository is None or row.moved_number is None:
            raise IssueUnknown
        if await queries.issue_by_number(session, row.moved_repository, row.moved_number) is not None:
            raise IssueLinked
        row.repository, row.number = row.moved_repository, row.moved_number
        row.moved_repository = row.moved_number = row.etag = None
        for action in await queries.actions(session, case.id):
            if action.state == "stopped" and action.reason == "moved":
                action.state, action.next_at, action.reason = queries.WAITING, now(), None
    elif how == "ours":
        await _go_on(session, case.id)
        if mark != DENIED:
            _do(session, case.id, "close" if _over(case) else "reopen")
    elif mark == DENIED:
        # Nobody would be asked to look at what is still not done.
        for action in await queries.actions(session, case.id):
            if action.state == queries.PAUSED:
                action.state = "stopped"
    row.mark, row.next_look_at = None, now()
    _log(session, case, f"issue_{how}", viewer.id)
    record(session, viewer, "issue.settled", ("technical_case", case.id), how=how, mark=mark)
    tell(session, TECHNICAL, "due")


# --- what happens here is done there ---


def _over(case: TechnicalCase) -> bool:
    return case.state in ("solved", *queries.OVER)


async def solved_here(session: AsyncSession, case: TechnicalCase) -> None:
    row = await queries.issue(session, case.id, lock=True)
    if row is not None and row.mark != "gone":
        _do(session, case.id, "comment", says="solved")
        if row.state != "closed":
            _do(session, case.id, "close")
        elif row.mark == "closed_there":
            row.mark = None


async def reopened_here(session: AsyncSession, case: TechnicalCase) -> None:
    row = await queries.issue(session, case.id, lock=True)
    if row is not None and row.mark != "gone":
        _do(session, case.id, "comment", says="reopened")
        if row.state == "closed":
            _do(session, case.id, "reopen")
        elif row.mark == "reopened_there":
            row.mark = None


# --- what happens there is seen here ---


def seen(session: AsyncSession, case: TechnicalCase, row: TechnicalIssue, found: Issue | None) -> None:
    """The issue as it is there now (None: unchanged). Both rows are locked."""
    row.seen_at, row.held_until = now(), None
    row.next_look_at = now() + (SELDOM if case.state in queries.OVER else OFTEN)
    if row.mark in ("gone", "moved"):
        # It is back.
        row.mark = row.moved_repository = row.moved_number = None
    if found is None:
        return
    before = row.state
    row.state, row.reason, row.url, row.etag = found.state, found.reason, found.url, found.etag
    closed, over = found.state == "closed", _over(case)
    refused = closed and found.reason in ("not_planned", "duplicate")
    if closed == over and not (over and refused):
        row.mark = row.mark if row.mark == DENIED else None
        return
    if before == found.state or (before is None and not closed):
        # It was known, or it was never closed: what is to be done there is on its way.
        return
    if closed:
        _mark(session, case, row, "conflict" if over else "closed_there")
    else:
        _mark(session, case, row, "reopened_there")


def _mark(session: AsyncSession, case: TechnicalCase, row: TechnicalIssue, mark: str) -> None:
    if row.mark != mark:
        row.mark = mark
        _log(session, case, f"issue_{mark}")


def denied(session: AsyncSession, case: TechnicalCase, row: TechnicalIssue) -> None:
    """The token may not do it: it stays so until the tracker's settings are entered anew. Another mark stays: it asks
    for a look, too."""
    row.held_until, row.next_look_at = None, now() + SELDOM
    if row.mark is None:
        _mark(session, case, row, DENIED)


def conflicting(session: AsyncSession, case: TechnicalCase, row: TechnicalIssue, found: Issue) -> None:
    """What was to be done there was overtaken by somebody there."""
    row.state, row.reason, row.etag, row.seen_at = found.state, found.reason, found.etag, now()
    _mark(session, case, row, "conflict")


def gone(session: AsyncSession, case: TechnicalCase, row: TechnicalIssue) -> None:
    """Deleted, or hidden from us: what was known of it stays, and it is looked for from time to time."""
    row.held_until, row.etag, row.next_look_at = None, None, now() + SELDOM
    _mark(session, case, row, "gone")


def moved(session: AsyncSession, case: TechnicalCase, row: TechnicalIssue, to: Issue) -> None:
    row.held_until, row.etag, row.next_look_at = None, None, now() + SELDOM
    row.moved_repository, row.moved_number, row.url = to.repository, to.number, to.url
    _mark(session, case, row, "moved")


# --- the webhook ---


async def told_by_webhook(session: AsyncSession, body: bytes, signature: str, payload: object) -> None:
    """Something happened to an issue: it is looked at, so that an old or doubled telling changes nothing.

    Raises SignatureWrong.
    """
    tracker = await queries.tracker(session)
    digest = hmac.new((tracker.secret if tracker else "").encode(), body, hashlib.sha256).hexdigest()
    # Bytes: a signature that is not ASCII is wrong, not a fault.
    if tracker is None or not hmac.compare_digest(f"sha256={digest}".encode(), signature.encode("utf-8", "replace")):
        raise SignatureWrong
    match payload:
        case {"issue": {"number": int(number)}, "repository": {"full_name": str(repository)}}:
            row = await queries.issue_by_number(session, repository, number)
            if row is not None:
                row.next_look_at, row.held_until = now(), None
                tell(session, TECHNICAL, "due")
        case _:
            pass
