"""Known problems: what every customer is told, in the widget and on /status, as soon as it is saved."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.viewer import StaffViewer
from holdfast.core.clock import now
from holdfast.core.database import tell
from holdfast.technical import queries
from holdfast.technical.announcing import checked
from holdfast.technical.cases import must_work, state_secrets
from holdfast.technical.channel import PROBLEMS
from holdfast.technical.errors import ProblemRefused, ProblemUnknown
from holdfast.technical.models import KnownProblem


async def save(
    session: AsyncSession,
    viewer: StaffViewer,
    problem_id: UUID | None,
    *,
    texts: Mapping[str, tuple[str, str]],
    state: str,
    severity: str,
    starts_at: datetime,
    ends_at: datetime | None,
    case_id: UUID | None,
) -> KnownProblem:
    """A new one, or as a whole. ``texts``: title and text by language, English among them.

    Raises NotTechnical, ProblemUnknown, ProblemRefused, CaseUnknown, LanguageUnknown, EmptyMessage, and what
    ``outgoing.refusal`` gives: it is said to customers.
    """
    await must_work(session, viewer)
    if "en" not in texts or (ends_at is not None and ends_at <= starts_at):
        raise ProblemRefused
    kept, event = checked(texts)
    if case_id is not None:
        await queries.case(session, viewer, case_id)
        await state_secrets(session, case_id, event)
    row = KnownProblem() if problem_id is None else await queries.problem_locked(session, problem_id)
    if row is None:
        raise ProblemUnknown
    row.texts = {language: {"title": title, "text": text} for language, (title, text) in kept.items()}
    row.state, row.severity, row.case_id = state, severity, case_id
    row.starts_at, row.ends_at = starts_at, ends_at
    row.changed_by_id, row.changed_at = viewer.id, now()
    session.add(row)
    await session.flush()
    record(session, viewer, "known_problem.saved", ("known_problem", row.id), state=state, severity=severity)
    tell(session, PROBLEMS, "changed")
    return row
