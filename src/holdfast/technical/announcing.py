"""What the customers of a case are told: written per language, looked at by an agent, then sent (``sending.py``)."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.viewer import StaffViewer
from holdfast.conversations import outgoing
from holdfast.conversations.intake import clean_together
from holdfast.core.clock import now
from holdfast.core.database import tell
from holdfast.core.i18n import LANGUAGES
from holdfast.core.ids import new_id
from holdfast.technical import queries
from holdfast.technical.cases import must_work, note, state_secrets
from holdfast.technical.channel import TECHNICAL
from holdfast.technical.errors import (
    AnnouncementReleased,
    AnnouncementUnknown,
    CaseStateWrong,
    LanguagesMissing,
    LanguageUnknown,
    NobodyLinked,
)
from holdfast.technical.models import TechnicalAnnouncement, TechnicalDelivery

# An update may also be given while the customers still wait to hear that it is solved.
_STATES = {"update": ("open", "working", "solved"), "solved": ("solved", "told")}


def checked(texts: Mapping[str, tuple[str, ...]]) -> tuple[dict[str, list[str]], dict[str, Any] | None]:
    """Fit to go out to customers, redacted, and what was hidden. Texts of one language are read together. Raises
    LanguageUnknown, EmptyMessage, and what ``outgoing.refusal`` gives."""
    kept: dict[str, list[str]] = {}
    red: list[dict[str, Any]] = []
    for language, parts in texts.items():
        if language not in LANGUAGES:
            raise LanguageUnknown
        kept[language], event = clean_together(*parts)
        red += event["red"] if event else []
        for text in (*kept[language], "\n".join(kept[language])):
            if (stopped := outgoing.refusal(text)) is not None:
                raise stopped
    return kept, {"red": red} if red else None


def language_for(texts: Mapping[str, str], language: str) -> str | None:
    """The language that a customer is told in: theirs, else English."""
    return next((one for one in (language, "en") if one in texts), None)


async def write(
    session: AsyncSession, viewer: StaffViewer, case_id: UUID, kind: str, texts: Mapping[str, str]
) -> TechnicalAnnouncement:
    """A draft, which somebody who answers releases. Raises NotTechnical, CaseUnknown, CaseStateWrong, and what
    ``checked`` does."""
    await must_work(session, viewer)
    kept, event = checked({language: (text,) for language, text in texts.items() if text.strip()})
    await state_secrets(session, case_id, event)
    case = await queries.case(session, viewer, case_id, lock=True)
    if case.state not in _STATES[kind]:
        raise CaseStateWrong
    if not kept:
        raise LanguagesMissing
    written = {language: text for language, (text,) in kept.items()}
    row = TechnicalAnnouncement(
        id=new_id(), case_id=case.id, kind=kind, texts=written, state="draft", written_by_id=viewer.id
    )
    session.add(row)
    note(session, case, f"wrote_{kind}", viewer.id)
    languages = sorted(row.texts)
    record(session, viewer, "announcement.written", ("technical_case", case.id), kind=kind, languages=languages)
    await session.flush()
    return row


async def _draft(session: AsyncSession, viewer: StaffViewer, announcement_id: UUID) -> TechnicalAnnouncement:
    row = await queries.announcement_locked(session, announcement_id) if queries.may_see(viewer) else None
    if row is None:
        raise AnnouncementUnknown
    if row.state != "draft":
        raise AnnouncementReleased
    return row


async def discard(session: AsyncSession, viewer: StaffViewer, announcement_id: UUID) -> None:
    """Raises AnnouncementUnknown, AnnouncementReleased."""
    row = await _draft(session, viewer, announcement_id)
    await session.delete(row)
    note(session, await queries.case(session, viewer, row.case_id, lock=True), f"discarded_{row.kind}", viewer.id)
    record(session, viewer, "announcement.discarded", ("technical_case", row.case_id), kind=row.kind)


async def release(session: AsyncSession, viewer: StaffViewer, announcement_id: UUID) -> TechnicalAnnouncement:
    """An agent has looked at it: it goes to every customer who is linked now, under the agent's name.

    Raises AnnouncementUnknown, AnnouncementReleased, CaseStateWrong, NobodyLinked, LanguagesMissing, and what
    ``outgoing.refusal`` gives.
    """
    row = await _draft(session, viewer, announcement_id)
    case = await queries.case(session, viewer, row.case_id, lock=True)
    if case.state not in _STATES[row.kind]:
        raise CaseStateWrong
    # Once more: the register of official channels may have changed since it was written.
    checked({language: (text,) for language, text in row.texts.items()})
    linked = await queries.linked(session, case.id)
    if not linked:
        raise NobodyLinked
    languages = await queries.linked_languages(session, case.id)
    if any(language_for(row.texts, language) is None for language in languages):
        raise LanguagesMissing
    row.state, row.released_by_id, row.released_at = "sending", viewer.id, now()
    session.add_all(TechnicalDelivery(announcement_id=row.id, conversation_id=one) for one in linked)
    note(session, case, f"released_{row.kind}", viewer.id)
    record(
        session, viewer, "technical_case.customers_told", ("technical_case", case.id), kind=row.kind, number=len(linked)
    )
    tell(session, TECHNICAL, "due")
    await session.flush()
    return row
