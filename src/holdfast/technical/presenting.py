"""Cases and known problems as they leave the server."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.masks import shown_text
from holdfast.access.policy import Field, sight
from holdfast.access.viewer import StaffViewer
from holdfast.conversations import queries as conversations
from holdfast.conversations.models import Conversation
from holdfast.conversations.visibility import category, stance
from holdfast.core.ids import new_id
from holdfast.technical import queries
from holdfast.technical.models import KnownProblem, TechnicalAction, TechnicalIssue
from holdfast.technical.schemas import (
    AnnouncementView,
    CaseEventView,
    CaseRow,
    CasesView,
    CaseView,
    HandoverView,
    IssueView,
    KnownProblemView,
    LanguageCount,
    LanguageText,
    LinkView,
    ProblemText,
    PublicProblem,
    TrackerActionView,
)


async def cases(session: AsyncSession, viewer: StaffViewer, *, over: bool) -> CasesView:
    rows = [
        CaseRow(
            id=case.id,
            reference=case.reference,
            title=case.title,
            state=case.state,
            owner=owner,
            conversations=linked,
            mark=mark,
            opened_at=case.opened_at,
            changed_at=case.changed_at,
        )
        for case, linked, owner, mark in await queries.cases(session, viewer, over=over)
    ]
    return CasesView(rows, await queries.works(session, viewer), await queries.tracker(session) is not None)


async def case(session: AsyncSession, viewer: StaffViewer, case_id: UUID) -> CaseView:
    """Raises CaseUnknown."""
    row = await queries.case(session, viewer, case_id)
    log = await queries.log(session, case_id)
    issue = await queries.issue(session, case_id)
    languages = await queries.linked_languages(session, case_id)
    return CaseView(
        id=row.id,
        reference=row.reference,
        title=row.title,
        description=row.description,
        state=row.state,
        owner=await queries.agent_name(session, row.owner_id),
        owner_id=row.owner_id,
        opened_at=row.opened_at,
        works=await queries.works(session, viewer),
        tracker=await queries.tracker(session) is not None,
        links=[_link(viewer, one) for one in await queries.links(session, viewer, case_id)],
        languages=[LanguageCount(language, number) for language, number in languages.items()],
        announcements=await _announcements(session, case_id),
        issue=_issue(issue, await queries.actions(session, case_id)) if issue else None,
        log=[CaseEventView(event.kind, event.at, name) for event, name in log],
    )


def _words(viewer: StaffViewer, conversation: Conversation, *texts: str) -> list[str]:
    """What was handed over with a conversation is about its customer: seen as the conversation's words are."""
    at = stance(viewer, conversation.assignee_id, conversation.category)
    seen = sight(viewer, Field.TEXT, at)
    return [shown_text(text, seen) for text in texts]


def _link(viewer: StaffViewer, found: Any) -> LinkView:
    link, conversation, by = found
    tried, asked = _words(viewer, conversation, link.tried, link.asked)
    return LinkView(
        conversation_id=conversation.id,
        reference=conversation.reference,
        language=conversation.language,
        category=category(conversation),
        tried=tried,
        asked=asked,
        by=by,
        at=link.at,
    )


async def handovers(session: AsyncSession, viewer: StaffViewer, conversation_id: UUID) -> list[HandoverView]:
    """Raises ConversationNotFound."""
    conversation = await conversations.conversation(session, viewer, conversation_id)
    record(session, viewer, "conversation.opened", ("conversation", conversation_id))
    views = []
    for link, row, by in await queries.handovers(session, conversation_id):
        tried, asked = _words(viewer, conversation, link.tried, link.asked)
        views.append(HandoverView(row.id, row.reference, row.title, row.state, tried, asked, by, link.at))
    return views


async def _announcements(session: AsyncSession, case_id: UUID) -> list[AnnouncementView]:
    rows = await queries.announcements(session, case_id)
    counts = await queries.progress(session, [row.id for row, _, _ in rows])
    return [
        AnnouncementView(
            id=row.id,
            kind=row.kind,
            state=row.state,
            texts=[LanguageText(language, text) for language, text in row.texts.items()],
            written_by=writer,
            written_at=row.written_at,
            released_by=releaser,
            released_at=row.released_at,
            waiting=counts[row.id].get(queries.WAITING, 0),
            sent=counts[row.id].get("sent", 0),
            refused=counts[row.id].get("refused", 0),
        )
        for row, writer, releaser in rows
    ]


def _issue(row: TechnicalIssue, actions: Any) -> IssueView:
    moved = f"{row.moved_repository}#{row.moved_number}" if row.moved_repository else None
    return IssueView(
        repository=row.repository,
        number=row.number,
        url=row.url,
        state=row.state,
        reason=row.reason,
        mark=row.mark,
        moved_to=moved,
        seen_at=row.seen_at,
        actions=[_action(action) for action in actions],
    )


def _action(row: TechnicalAction) -> TrackerActionView:
    waits = row.state == queries.WAITING
    return TrackerActionView(row.kind, row.state, row.attempts, row.made_at, row.next_at if waits else None, row.reason)


async def problem_views(session: AsyncSession, viewer: StaffViewer) -> list[KnownProblemView]:
    rows = await queries.problems(session, viewer)
    named = await queries.case_named(session, [row.case_id for row in rows if row.case_id])
    return [problem_view(row, named.get(row.case_id or new_id())) for row in rows]


def problem_view(row: KnownProblem, case: str | None = None) -> KnownProblemView:
    return KnownProblemView(
        id=row.id,
        texts=[ProblemText(language, words["title"], words["text"]) for language, words in row.texts.items()],
        state=row.state,  # type: ignore[arg-type]
        severity=row.severity,  # type: ignore[arg-type]
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        case_id=row.case_id,
        case=case,
        changed_at=row.changed_at,
    )


def public(row: KnownProblem, language: str) -> PublicProblem:
    chosen = language if language in row.texts else "en"
    words = row.texts[chosen]
    return PublicProblem(
        id=row.id,
        title=words["title"],
        text=words["text"],
        language=chosen,
        state=row.state,  # type: ignore[arg-type]
        severity=row.severity,  # type: ignore[arg-type]
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        changed_at=row.changed_at,
    )
