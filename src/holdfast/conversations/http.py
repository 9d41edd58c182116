"""The console's requests about conversations."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import delete, get, post, put
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body, Parameter

from holdfast.access import grants
from holdfast.access.audit import record
from holdfast.access.masks import shown_text
from holdfast.access.policy import Field, sight
from holdfast.access.viewer import StaffViewer
from holdfast.conversations import (
    fragments,
    labelling,
    masking,
    operations,
    pictures,
    presenting,
    queries,
    searching,
    timeline,
)
from holdfast.conversations.errors import FileMissing
from holdfast.conversations.files import upload
from holdfast.conversations.intake import clean
from holdfast.conversations.media import LIMIT
from holdfast.conversations.schemas import AttachmentView, Entry, Keyed, Row
from holdfast.conversations.visibility import stance
from holdfast.core.database import Database
from holdfast.core.files import FileStore
from holdfast.core.http import STATUS_OK
from holdfast.people import customers
from holdfast.people.schemas import CustomerView
from holdfast.people.sign_in import Browser


class Page(msgspec.Struct, frozen=True):
    """``next`` is the cursor of the following page, or null."""

    rows: list[Row]
    next: datetime | None


class EpisodeView(msgspec.Struct, frozen=True):
    number: int
    opened_at: datetime
    answered_at: datetime | None
    resolved_at: datetime | None


class RatingView(msgspec.Struct, frozen=True):
    episode: int
    solved: str
    words: str
    at: datetime


class ExposureView(msgspec.Struct, frozen=True):
    """That a secret was found, and never what it was. ``words`` of a phrase; ``place`` is message,
    messages (in pieces), note or attachment."""

    at: datetime
    kind: str
    words: int
    certainty: str
    place: str
    by: str
    conversation: UUID


class Detail(msgspec.Struct, frozen=True):
    row: Row
    customer: CustomerView
    episodes: list[EpisodeView]
    ratings: list[RatingView]
    earlier: list[Row]
    exposures: list[ExposureView]


class Timeline(msgspec.Struct, frozen=True):
    """``first`` says that nothing comes before these entries."""

    entries: list[Entry]
    first: bool


class Tags(msgspec.Struct, frozen=True):
    tags: Annotated[list[Annotated[str, msgspec.Meta(min_length=1, max_length=40)]], msgspec.Meta(max_length=20)]


class TopicChoice(msgspec.Struct, frozen=True):
    topic: UUID


class PriorityChoice(msgspec.Struct, frozen=True):
    priority: Annotated[int, msgspec.Meta(ge=0, le=3)]


class LanguageChoice(msgspec.Struct, frozen=True):
    language: Annotated[str, msgspec.Meta(pattern=r"^[a-z]{2,3}(-[A-Za-z]{2,4})?$")]


class Reveal(msgspec.Struct, frozen=True):
    """Which contact point to show, and for what purpose of the catalogue (``words`` where that asks for them).
    While a permission lives, no purpose is asked again."""

    field: UUID
    purpose: Annotated[str, msgspec.Meta(max_length=40)] | None = None
    words: Annotated[str, msgspec.Meta(max_length=200)] | None = None


class Revealed(msgspec.Struct, frozen=True):
    """The value, and the permission that shows it."""

    value: str
    grant: UUID
    purpose: str
    until: datetime


class Search(msgspec.Struct, frozen=True):
    """``text``: words, a reference, or an exact e-mail address, telephone number, user id or wallet address."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    resolved: bool = False


class ShowPicture(msgspec.Struct, frozen=True):
    purpose: Annotated[str, msgspec.Meta(min_length=3, max_length=200)]


class Shown(msgspec.Struct, frozen=True):
    url: str
    until: datetime


class Asked(msgspec.Struct, frozen=True):
    """For what purpose something is to be shown."""

    purpose: Annotated[str, msgspec.Meta(min_length=3, max_length=200)]


class Unsealed(msgspec.Struct, frozen=True):
    """A message with what may be a secret in it."""

    b: str


class QueueView(msgspec.Struct, frozen=True):
    """Times in seconds."""

    id: UUID
    key: str
    name: str
    skill: str
    emergency: bool
    answer_seconds: int


@get("/api/conversations")
async def list_conversations(
    database: Database,
    viewer: StaffViewer,
    view: Literal["mine", "queue", "all", "resolved"] = "mine",
    queue: UUID | None = None,
    language: str | None = None,
    before: datetime | None = None,
    limit: Annotated[int, Parameter(ge=1, le=200)] = 50,
) -> Page:
    async with database.transaction() as session:
        rows = await queries.listing(session, viewer, view, queue=queue, language=language, before=before, limit=limit)
    return Page(rows, rows[-1].resolved_at if view == "resolved" and len(rows) == limit else None)


@post("/api/conversations/search", status_code=STATUS_OK)
async def search(database: Database, viewer: StaffViewer, data: Search) -> Page:
    """A POST, so that what was searched for stands in no address and in no proxy's log."""
    async with database.transaction() as session:
        return Page(await searching.search(session, viewer, data.text, resolved=data.resolved), None)


@get("/api/conversations/{conversation_id:uuid}")
async def conversation_detail(database: Database, viewer: StaffViewer, conversation_id: UUID) -> Detail:
    async with database.transaction() as session:
        row = await queries.row(session, viewer, conversation_id)
        record(session, viewer, "conversation.opened", ("conversation", conversation_id))
        return Detail(
            row=row,
            customer=await customers.view(
                session, viewer, row.customer.id, stance=masking.stance_of(viewer, row), conversation_id=row.id
            ),
            episodes=[
                EpisodeView(e.number, e.opened_at, e.answered_at, e.resolved_at)
                for e in await queries.episodes(session, conversation_id)
            ],
            ratings=[
                RatingView(r.episode, r.solved, shown_text(r.words, masking.text_sight(viewer, row)), r.at)
                for r in await queries.ratings(session, conversation_id)
            ],
            earlier=await queries.earlier(session, viewer, row),
            exposures=[
                ExposureView(e.at, e.kind, e.word_count, e.certainty, e.place, e.author, e.conversation_id)
                for e in await timeline.exposures(session, row.customer.id)
            ],
        )


@get("/api/conversations/{conversation_id:uuid}/timeline")
async def read_timeline(
    database: Database,
    viewer: StaffViewer,
    conversation_id: UUID,
    before: int | None = None,
    after: int | None = None,
    limit: Annotated[int, Parameter(ge=1, le=200)] = 50,
) -> Timeline:
    """Entries before or after a sequence (default: the latest)."""
    async with database.transaction() as session:
        row = await queries.row(session, viewer, conversation_id)
        record(session, viewer, "conversation.opened", ("conversation", conversation_id))
        if after is not None:
            rows = await timeline.entries_after(session, conversation_id, after, limit)
        else:
            rows = await timeline.entries_before(session, conversation_id, before or 2**31 - 1, limit)
        entries = masking.seen_entries(
            await presenting.entries(session, conversation_id, rows), masking.text_sight(viewer, row)
        )
    return Timeline(entries, not entries or entries[0].seq == 1)


@post("/api/conversations/{conversation_id:uuid}/resolve", status_code=STATUS_OK)
async def resolve(database: Database, viewer: StaffViewer, conversation_id: UUID) -> Row:
    async with database.transaction() as session:
        await operations.resolve(session, viewer, conversation_id)
        return await queries.row(session, viewer, conversation_id)


@post("/api/conversations/{conversation_id:uuid}/release", status_code=204)
async def release(database: Database, viewer: StaffViewer, conversation_id: UUID) -> None:
    async with database.transaction() as session:
        await operations.give_back(session, viewer, conversation_id)


@put("/api/conversations/{conversation_id:uuid}/tags")
async def set_tags(database: Database, viewer: StaffViewer, conversation_id: UUID, data: Tags) -> Row:
    async with database.transaction() as session:
        # Together: twenty tags of forty characters hold a phrase that none of them holds.
        together, _ = clean("\n".join(" ".join(tag.split()) for tag in data.tags), may_be_empty=True)
        tags = list(dict.fromkeys(tag for tag in together.split("\n") if tag))
        await labelling.change(session, viewer, conversation_id, tags=tags)
        return await queries.row(session, viewer, conversation_id)


@put("/api/conversations/{conversation_id:uuid}/topic")
async def set_topic(database: Database, viewer: StaffViewer, conversation_id: UUID, data: TopicChoice) -> Row:
    async with database.transaction() as session:
        await labelling.change(session, viewer, conversation_id, topic_id=data.topic)
        return await queries.row(session, viewer, conversation_id)


@put("/api/conversations/{conversation_id:uuid}/priority")
async def set_priority(database: Database, viewer: StaffViewer, conversation_id: UUID, data: PriorityChoice) -> Row:
    async with database.transaction() as session:
        await labelling.change(session, viewer, conversation_id, priority=data.priority)
        return await queries.row(session, viewer, conversation_id)


@put("/api/conversations/{conversation_id:uuid}/language")
async def set_language(database: Database, viewer: StaffViewer, conversation_id: UUID, data: LanguageChoice) -> Row:
    async with database.transaction() as session:
        await labelling.change(session, viewer, conversation_id, language=data.language)
        return await queries.row(session, viewer, conversation_id)


@post("/api/conversations/{conversation_id:uuid}/reveal", status_code=STATUS_OK)
async def reveal(
    database: Database, viewer: StaffViewer, browser: Browser, conversation_id: UUID, data: Reveal
) -> Revealed:
    """Show one personal field of the customer, for a purpose and a time; it is written to the audit log."""
    async with database.transaction() as session:
        row = await queries.row(session, viewer, conversation_id)
        value, grant = await customers.reveal(
            session,
            viewer,
            row.customer.id,
            data.field,
            stance=masking.stance_of(viewer, row),
            conversation_id=conversation_id,
            purpose=data.purpose,
            words=clean(data.words)[0] if data.words and data.words.strip() else None,
            network=browser.network,
        )
    return Revealed(value, grant.id, grant.purpose, grant.ends_at)


@delete("/api/grants/{grant_id:uuid}", status_code=204)
async def close_grant(database: Database, viewer: StaffViewer, grant_id: UUID) -> None:
    """The agent needs the field no longer: it is masked again in every window."""
    async with database.transaction() as session:
        await grants.close(session, viewer, grant_id)


@post("/api/conversations/{conversation_id:uuid}/entries/{seq:int}/reveal", status_code=STATUS_OK)
async def show_sealed(
    database: Database, viewer: StaffViewer, conversation_id: UUID, seq: int, data: Asked
) -> Unsealed:
    """Show what may be a secret in a message, for a purpose; it is written to the audit log."""
    async with database.transaction() as session:
        conversation = await operations.must_have_open(session, viewer, conversation_id)
        text = await fragments.shown(session, viewer, conversation_id, seq, purpose=clean(data.purpose)[0])
        # A lead has it, too, and sees others' words masked.
        at = stance(viewer, conversation.assignee_id, conversation.category)
        return Unsealed(shown_text(text, sight(viewer, Field.TEXT, at)))


@post("/api/attachments", request_max_body_size=LIMIT + 64 * 1024)
async def attach(
    database: Database,
    files: FileStore,
    viewer: StaffViewer,
    conversation: UUID,
    data: Annotated[dict[str, UploadFile], Body(media_type=RequestEncodingType.MULTI_PART)],
) -> AttachmentView:
    if "file" not in data:
        raise FileMissing
    file = data["file"]
    stored = await upload(
        database,
        files,
        viewer,
        conversation,
        data=await file.read(LIMIT + 1),
        name=file.filename,
        declared_type=file.content_type,
    )
    return presenting.attachment_view(stored, own=True)


@post("/api/attachments/{attachment_id:uuid}/show", status_code=STATUS_OK)
async def show_picture(
    database: Database, viewer: StaffViewer, browser: Browser, attachment_id: UUID, data: ShowPicture
) -> Shown:
    """Open a picture that could not be checked for secrets, for a purpose; it is written to the audit log."""
    async with database.transaction() as session:
        url, until = await pictures.show(
            session, viewer, attachment_id, purpose=clean(data.purpose)[0], network=browser.network
        )
    return Shown(url, until)


@get("/api/queues")
async def list_queues(database: Database, viewer: StaffViewer) -> list[QueueView]:
    async with database.transaction() as session:
        return [
            QueueView(q.id, q.key, q.name, q.skill, q.emergency, q.answer_seconds)
            for q in await queries.queues(session)
        ]


@get("/api/topics")
async def list_topics(database: Database, viewer: StaffViewer) -> list[Keyed]:
    async with database.transaction() as session:
        return [Keyed(t.id, t.key, t.name) for t in await queries.topics(session)]


HANDLERS = [
    list_conversations,
    search,
    conversation_detail,
    read_timeline,
    resolve,
    release,
    set_tags,
    set_topic,
    set_priority,
    set_language,
    reveal,
    close_grant,
    show_sealed,
    attach,
    show_picture,
    list_queues,
    list_topics,
]
