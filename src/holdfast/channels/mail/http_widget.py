"""The widget's requests about answers by e-mail: a conversation's token opens them."""

from typing import Annotated, Any

import msgspec
from litestar import Request, post
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.viewer import CustomerViewer
from holdfast.authenticity.rates import Rate
from holdfast.channels.mail import reach
from holdfast.channels.mail.errors import CodeWrong
from holdfast.channels.mail.reach import Reach
from holdfast.conversations import queries as conversations
from holdfast.conversations.tokens import open_token
from holdfast.core.database import Database
from holdfast.core.http import STATUS_OK, client_network
from holdfast.core.settings import Settings

# A minute: looks and choices with one token, letters that one network asks for.
_ACTS, _ASKED = Rate(30), Rate(10)

Token = Annotated[str, msgspec.Meta(max_length=100)]


class ReachByToken(msgspec.Struct, frozen=True):
    token: Token


class AddressGiven(msgspec.Struct, frozen=True):
    """``address`` null: the one that the wallet vouched for."""

    token: Token
    address: Annotated[str, msgspec.Meta(max_length=254)] | None = None


class AddressCode(msgspec.Struct, frozen=True):
    token: Token
    code: Annotated[str, msgspec.Meta(max_length=20)]


async def _reach(session: AsyncSession, viewer: CustomerViewer) -> Reach:
    return await reach.reach(session, await conversations.conversation(session, viewer, viewer.conversation_id))


@post("/api/widget/mail", status_code=STATUS_OK)
async def answers_by_mail(database: Database, data: ReachByToken) -> Reach:
    """Whether answers go by e-mail, and where."""
    _ACTS.take(data.token)
    async with database.transaction() as session:
        return await _reach(session, await open_token(session, data.token))


@post("/api/widget/mail/address", status_code=STATUS_OK)
async def give_address(
    database: Database, settings: Settings, data: AddressGiven, request: Request[Any, Any, Any]
) -> Reach:
    """A letter asks whoever reads there; nothing of the conversation is in it."""
    _ASKED.take(client_network(request.scope, settings))
    async with database.transaction() as session:
        viewer = await open_token(session, data.token)
        await reach.ask(session, viewer, data.address)
        return await _reach(session, viewer)


@post("/api/widget/mail/code", status_code=STATUS_OK)
async def confirm_address(database: Database, data: AddressCode) -> Reach:
    """The code of that letter."""
    _ACTS.take(data.token)
    async with database.transaction() as session:
        viewer = await open_token(session, data.token)
        good = await reach.confirm_by_code(session, viewer, data.code)
        found = await _reach(session, viewer)
    if not good:
        # After the commit: the try counts.
        raise CodeWrong
    return found


@post("/api/widget/mail/off", status_code=STATUS_OK)
async def no_mail(database: Database, data: ReachByToken) -> Reach:
    """Nothing goes by e-mail any more."""
    _ACTS.take(data.token)
    async with database.transaction() as session:
        viewer = await open_token(session, data.token)
        await reach.switch_off(session, viewer)
        return await _reach(session, viewer)


HANDLERS = [answers_by_mail, give_address, confirm_address, no_mail]
