"""The customer's requests about proof, by the token of a conversation."""

from typing import Any
from urllib.parse import urlsplit

from litestar import Request, post
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.viewer import CustomerViewer
from holdfast.conversations import queries
from holdfast.conversations.models import Conversation, Inbox
from holdfast.conversations.tokens import open_token
from holdfast.core.database import Database
from holdfast.core.http import STATUS_OK
from holdfast.core.settings import Settings
from holdfast.people.passkeys import relying_party
from holdfast.verification import answering, codes, enrolment, operations, phone_codes, presenting
from holdfast.verification.answering import Answer, Page, Started
from holdfast.verification.policy import Method
from holdfast.verification.schemas import (
    AnswerGiven,
    AnswerView,
    Begun,
    ByToken,
    ChallengeAsked,
    ChallengeView,
    OptionsView,
    OwnCaseView,
    OwnPasskeyView,
    PasskeyGiven,
    PhoneCodeAsked,
    PhoneCodeBegun,
    PhoneCodeView,
)


async def _open(session: AsyncSession, token: str) -> tuple[CustomerViewer, Conversation]:
    """Raises TokenInvalid, TokenExpired."""
    viewer = await open_token(session, token)
    return viewer, await queries.conversation(session, viewer, viewer.conversation_id)


def page_of(request: Request[Any, Any, Any], settings: Settings, inbox: Inbox) -> Page:
    """The page's own domain stands in the text, if it is one that the operator has named: wallets compare them. Any
    other page gets ours there, so that a look-alike cannot have signed what it shows as its own."""
    origin = request.headers.get("origin") or ""
    named = origin if origin in inbox.allowed_origins else settings.origin
    domain = urlsplit(named).netloc or urlsplit(settings.origin).netloc
    return Page(domain, relying_party(settings))


@post("/api/widget/verification/list", status_code=STATUS_OK)
async def own_case(database: Database, settings: Settings, data: ByToken) -> OwnCaseView:
    async with database.transaction() as session:
        _, conversation = await _open(session, data.token)
        return await presenting.own_case(session, conversation, settings.origin)


@post("/api/widget/verification/begin", status_code=STATUS_OK)
async def begin(database: Database, settings: Settings, data: Begun) -> OwnCaseView:
    """The customer wants to show who they are, before anybody asks."""
    async with database.transaction() as session:
        viewer, conversation = await _open(session, data.token)
        await operations.ask(session, viewer, conversation.id, data.purpose)
        return await presenting.own_case(session, conversation, settings.origin)


@post("/api/widget/verification/compromised", status_code=STATUS_OK)
async def compromised(database: Database, settings: Settings, data: ByToken) -> OwnCaseView:
    """The customer says that their wallet may be in other hands."""
    async with database.transaction() as session:
        viewer, conversation = await _open(session, data.token)
        await operations.claim_compromise(session, viewer, conversation.id)
        return await presenting.own_case(session, conversation, settings.origin)


@post("/api/widget/verification/challenge", status_code=STATUS_OK)
async def challenge(
    database: Database, settings: Settings, request: Request[Any, Any, Any], data: ChallengeAsked
) -> ChallengeView:
    async with database.transaction() as session:
        viewer, conversation = await _open(session, data.token)
        page = page_of(request, settings, await session.get_one(Inbox, conversation.inbox_id))
        started = await answering.start(
            session, viewer, data.proof, data.method, page, address=data.address, chain=data.chain
        )
        return _challenge(started)


def _challenge(started: Started) -> ChallengeView:
    made = started.challenge
    method = Method(made.method)
    return ChallengeView(
        id=made.id,
        method=method,
        expires_at=made.expires_at,
        text=started.text,
        address=started.address.canonical if started.address else None,
        chain=made.chain,
        nonce=made.nonce if method is Method.APP else None,
        to=started.to,
        options=started.options,
    )


@post("/api/widget/verification/answer", status_code=STATUS_OK)
async def answer(
    database: Database, settings: Settings, request: Request[Any, Any, Any], data: AnswerGiven
) -> AnswerView:
    """A refusal is an answer too: the challenge is burned with it."""
    given = Answer(data.signature, data.code, data.identity, data.credential)
    async with database.transaction() as session:
        viewer, conversation = await _open(session, data.token)
        page = page_of(request, settings, await session.get_one(Inbox, conversation.inbox_id))
        row, refused, tries = await answering.answer(session, viewer, data.challenge, given, page)
        return AnswerView(await presenting.own_proof(session, conversation, row), refused, codes.TRIES - tries)


@post("/api/widget/verification/passkeys/options", status_code=STATUS_OK)
async def passkey_options(database: Database, settings: Settings, data: ByToken) -> OptionsView:
    async with database.transaction() as session:
        viewer, _ = await _open(session, data.token)
        return OptionsView(await enrolment.begin(session, viewer, relying_party(settings)))


@post("/api/widget/verification/passkeys")
async def add_passkey(database: Database, settings: Settings, data: PasskeyGiven) -> OwnPasskeyView:
    async with database.transaction() as session:
        viewer, _ = await _open(session, data.token)
        made = await enrolment.finish(session, viewer, data.credential, relying_party(settings))
        return OwnPasskeyView(made.id, made.created_at)


@post("/api/widget/verification/phone", status_code=STATUS_OK)
async def begin_phone_code(database: Database, data: ByToken) -> PhoneCodeBegun:
    """The customer is on the phone with us, and wants to show who is calling."""
    async with database.transaction() as session:
        viewer, _ = await _open(session, data.token)
        return PhoneCodeBegun((await phone_codes.begin(session, viewer)).nonce)


@post("/api/widget/verification/phone/code", status_code=STATUS_OK)
async def show_phone_code(database: Database, data: PhoneCodeAsked) -> PhoneCodeView:
    """The code, this once."""
    async with database.transaction() as session:
        viewer, _ = await _open(session, data.token)
        code, made = await phone_codes.show(session, viewer, data.nonce, data.identity)
        return PhoneCodeView(code, made.expires_at, made.vouched)


HANDLERS = [
    own_case,
    begin,
    compromised,
    challenge,
    answer,
    begin_phone_code,
    show_phone_code,
    passkey_options,
    add_passkey,
]
