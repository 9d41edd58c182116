"""The widget's requests: no cookies, no sign-in; a conversation's token or a signed identity opens what is theirs."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Request, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.viewer import CustomerViewer
from holdfast.channels.chat import states
from holdfast.channels.chat.identity import Identity, verify_identity
from holdfast.channels.chat.rates import Rates
from holdfast.conversations import fragments, labelling, moving, operations, presenting, queries, timeline
from holdfast.conversations.errors import FileMissing, KeyUsed, TokenInvalid
from holdfast.conversations.files import upload
from holdfast.conversations.intake import IncomingMessage, clean, take
from holdfast.conversations.media import LIMIT
from holdfast.conversations.models import Conversation, Inbox
from holdfast.conversations.ratings import rate
from holdfast.conversations.schemas import AttachmentView, ConvState, Entry, Promise
from holdfast.conversations.tokens import issue_token, open_token, open_tokens
from holdfast.core.clock import now
from holdfast.core.database import Database
from holdfast.core.errors import Forbidden
from holdfast.core.files import FileStore
from holdfast.core.http import STATUS_OK, client_network
from holdfast.core.i18n import LANGUAGES, negotiate
from holdfast.core.settings import Settings
from holdfast.people import customers
from holdfast.people.models import Customer
from holdfast.promises.operations import offered
from holdfast.verification import operations as verification

# A retry of an opening within this time gets its conversation (and a new token) again.
RETRY = timedelta(minutes=10)
MAX_TOKENS = 50
# A file of the largest size, and the multipart form around it.
UPLOAD_BODY = LIMIT + 64 * 1024

Text200 = Annotated[str, msgspec.Meta(max_length=200)]
Token = Annotated[str, msgspec.Meta(max_length=100)]
Tokens = Annotated[list[Token], msgspec.Meta(max_length=MAX_TOKENS)]
Jwt = Annotated[str, msgspec.Meta(max_length=4000)]


class PageRefused(Forbidden):
    id = "page_refused"
    title = "This page may not show the help window"


class Start(msgspec.Struct, frozen=True):
    inbox: Text200
    identity: Jwt | None = None
    tokens: Tokens = []
    language: Text200 = "en"


class InboxView(msgspec.Struct, frozen=True):
    name: str
    languages: list[str]


class WhoView(msgspec.Struct, frozen=True):
    name: str | None
    proven: bool


class Held(msgspec.Struct, frozen=True):
    """One of the customer's conversations, with the token that opens it."""

    token: str
    state: ConvState
    preview: str
    last_at: datetime
    unread: int


class Started(msgspec.Struct, frozen=True):
    """``promise`` is the answer's instant for a chat that begins now; ``open`` whether anyone is there to answer."""

    inbox: InboxView
    customer: WhoView | None
    promise: Promise
    open: bool
    conversations: list[Held]


class About(msgspec.Struct, frozen=True):
    """What the app says of itself: no personal data."""

    page: Text200 = ""
    app_version: Text200 = ""
    platform: Text200 = ""
    zone: Text200 = ""


class Opening(msgspec.Struct, frozen=True):
    inbox: Text200
    k: UUID
    b: str
    language: Text200 = "en"
    identity: Jwt | None = None
    tokens: Tokens = []
    emergency: bool = False
    topic: Text200 | None = None
    about: About = About()


class Opened(msgspec.Struct, frozen=True):
    token: str
    state: ConvState
    entry: Entry


class ByToken(msgspec.Struct, frozen=True):
    token: Token


class LanguageByToken(msgspec.Struct, frozen=True):
    token: Token
    language: Text200


class RatingGiven(msgspec.Struct, frozen=True):
    token: Token
    episode: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
    solved: Literal["yes", "partly", "no"]
    k: UUID
    words: Annotated[str, msgspec.Meta(max_length=2000)] = ""


class StateView(msgspec.Struct, frozen=True):
    state: ConvState


def rates(request: Request[Any, Any, Any], settings: Settings) -> Rates:
    """The process's counters, made with its first request."""
    known: Rates | None = getattr(request.app.state, "rates", None)
    if known is None:
        known = request.app.state.rates = Rates(settings)
    return known


async def _inbox(session: AsyncSession, key: str, request: Request[Any, Any, Any]) -> Inbox:
    """The inbox, if the page that asks may show it."""
    inbox = await queries.inbox_by_key(session, key)
    origin = request.headers.get("origin")
    if inbox.allowed_origins and origin and origin not in inbox.allowed_origins:
        raise PageRefused
    return inbox


async def _customer(
    session: AsyncSession, inbox: Inbox, identity: Identity | None, held: list[CustomerViewer], language: str
) -> Customer | None:
    """The proven customer, else the visitor of the tokens, else nobody yet.

    Who is proven now gets the conversations whose tokens they hold, and no other of that visitor: one stolen token
    opens one conversation. A visitor of whom nothing is left then is merged.
    """
    visitors = {viewer.id for viewer in held}
    if identity is None:
        found = [c for c in [await session.get(Customer, v) for v in visitors] if c and not c.proven]
        return found[0] if found else None
    customer = await customers.find_or_create(
        session,
        subject=f"{inbox.key}:{identity.subject}",
        name=identity.name,
        language=language,
        contacts={k: v for k, v in (("email", identity.email), ("phone", identity.phone)) if v},
        proven=True,
        segment=identity.segment,
    )
    for visitor_id in visitors - {customer.id}:
        visitor = await session.get(Customer, visitor_id)
        if visitor is not None and not visitor.proven:
            shown = [viewer.conversation_id for viewer in held if viewer.id == visitor_id]
            await moving.move_to_customer(session, shown, customer.id)
            if not await queries.customer_conversations(session, [visitor_id], limit=1):
                await customers.merge(session, visitor_id, customer.id)
    return customer


async def _held(session: AsyncSession, conversation: Conversation, token: str) -> Held:
    state = await states.state(session, conversation)
    unread = await timeline.unread_by_customer(session, conversation)
    return Held(token, state, conversation.preview, conversation.last_at, unread)


@post("/api/widget/start", status_code=STATUS_OK)
async def start(database: Database, settings: Settings, data: Start, request: Request[Any, Any, Any]) -> Started:
    """What the widget's home shows."""
    rates(request, settings).starts.take(client_network(request.scope, settings))
    async with database.transaction() as session:
        inbox = await _inbox(session, data.inbox, request)
        identity = verify_identity(inbox, data.identity) if data.identity else None
        held = await open_tokens(session, data.tokens)
        customer = await _customer(session, inbox, identity, list(held.values()), negotiate(data.language))
        conversations = []
        for token, viewer in held.items():
            found = await queries.conversation(session, viewer, viewer.conversation_id)
            conversations.append(await _held(session, found, token))
        if identity is not None and customer is not None:
            # Only a fresh identity lists what the browser holds no token for: a stolen token opens one.
            shown = [viewer.conversation_id for viewer in held.values()]
            for found in await queries.customer_conversations(session, [customer.id], but=shown):
                conversations.append(await _held(session, found, issue_token(session, found.id)))
        queue = await queries.queue(session, inbox.queue_id)
        group = "proven" if customer is not None and customer.proven else "anonymous"
        segment = customer.segment if customer is not None else ""
        due = await offered(session, queue=queue.key, channel="chat", group=group, segment=segment) if queue else None
        return Started(
            inbox=InboxView(inbox.name, inbox.languages or list(LANGUAGES)),
            customer=WhoView(customer.name or None, customer.proven) if customer else None,
            promise=Promise(due or now() + timedelta(seconds=queue.answer_seconds if queue else 900)),
            open=await queries.anyone_online(session),
            conversations=sorted(conversations, key=lambda held: held.last_at, reverse=True),
        )


@post("/api/widget/conversations")
async def open_conversation(
    database: Database, settings: Settings, data: Opening, request: Request[Any, Any, Any]
) -> Opened:
    """A new conversation. The same ``k`` again, within ten minutes, gives the same one with a new token."""
    taken = rates(request, settings)
    (taken.emergency_openings if data.emergency else taken.openings).take(client_network(request.scope, settings))
    try:
        return await _open(database, data, request)
    except IntegrityError:
        # The same key came twice at once and the other was first: now it is found.
        return await _open(database, data, request)


async def _open(database: Database, data: Opening, request: Request[Any, Any, Any]) -> Opened:
    taken = take(data.b)
    language = negotiate(data.language)
    async with database.transaction() as session:
        inbox = await _inbox(session, data.inbox, request)
        source_id = inbox.id.bytes + data.k.bytes
        known = await timeline.message_by_source(session, "chat-open", source_id)
        if known is not None:
            if known.created_at < now() - RETRY:
                raise KeyUsed
            conversation = await session.get_one(Conversation, known.conversation_id)
            message = known
        else:
            identity = verify_identity(inbox, data.identity) if data.identity else None
            held = await open_tokens(session, data.tokens)
            customer = await _customer(session, inbox, identity, list(held.values()), language)
            if customer is None:
                customer = await customers.find_or_create(
                    session, subject=None, name=None, language=language, contacts={}, proven=False
                )
            about: dict[str, str] = msgspec.to_builtins(data.about)
            customer.about = {k: clean(v)[0] for k, v in about.items() if v.strip()}
            conversation, message = await operations.open_conversation(
                session,
                inbox,
                customer,
                IncomingMessage(
                    "chat-open", source_id, "customer", customer.id, taken.body, taken.event, seal=taken.seal
                ),
                language=language,
                emergency=data.emergency,
                topic=await queries.topic_by_key(session, data.topic) if data.topic else None,
            )
            if identity is not None:
                await verification.vouched(session, conversation)
        body = (await fragments.texts(session, [message])).get(message.seq)
        return Opened(
            token=issue_token(session, conversation.id),
            state=await states.state(session, conversation),
            entry=msgspec.structs.replace(presenting.entry(message, None, body=body), k=data.k),
        )


@post("/api/widget/emergency", status_code=STATUS_OK)
async def emergency(
    database: Database, settings: Settings, data: ByToken, request: Request[Any, Any, Any]
) -> StateView:
    """Raise a conversation to the emergency team."""
    rates(request, settings).emergencies.take(data.token)
    async with database.transaction() as session:
        viewer = await open_token(session, data.token)
        conversation = await operations.raise_emergency(session, viewer, viewer.conversation_id)
        return StateView(await states.state(session, conversation))


@post("/api/widget/language", status_code=STATUS_OK)
async def choose_language(
    database: Database, settings: Settings, data: LanguageByToken, request: Request[Any, Any, Any]
) -> StateView:
    rates(request, settings).acts.take(data.token)
    async with database.transaction() as session:
        viewer = await open_token(session, data.token)
        conversation = await labelling.choose_language(session, viewer, negotiate(data.language))
        return StateView(await states.state(session, conversation))


@post("/api/widget/rating", status_code=STATUS_OK)
async def give_rating(
    database: Database, settings: Settings, data: RatingGiven, request: Request[Any, Any, Any]
) -> StateView:
    rates(request, settings).acts.take(data.token)
    words, _ = clean(data.words, may_be_empty=True)
    async with database.transaction() as session:
        viewer = await open_token(session, data.token)
        conversation = await rate(session, viewer, episode=data.episode, solved=data.solved, words=words, key=data.k)
        return StateView(await states.state(session, conversation))


@post("/api/widget/attachments", request_max_body_size=UPLOAD_BODY)
async def attach(
    database: Database,
    settings: Settings,
    files: FileStore,
    request: Request[Any, Any, Any],
    data: Annotated[dict[str, UploadFile], Body(media_type=RequestEncodingType.MULTI_PART)],
) -> AttachmentView:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise TokenInvalid
    rates(request, settings).uploads.take(client_network(request.scope, settings))
    if "file" not in data:
        raise FileMissing
    file = data["file"]
    async with database.transaction() as session:
        viewer = await open_token(session, token)
    stored = await upload(
        database,
        files,
        viewer,
        viewer.conversation_id,
        data=await file.read(LIMIT + 1),
        name=file.filename,
        declared_type=file.content_type,
    )
    return presenting.attachment_view(stored, own=True)


HANDLERS = [start, open_conversation, emergency, choose_language, give_rating, attach]
