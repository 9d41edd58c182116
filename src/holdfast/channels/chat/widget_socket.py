"""/ws/widget: one customer, one conversation (docs/protocol.md)."""

import logging
from contextlib import suppress
from uuid import UUID

from holdfast.access.viewer import CustomerViewer
from holdfast.channels.chat import connection as wire
from holdfast.channels.chat import states
from holdfast.channels.chat.connection import Connection, Gone, Receive, Scope, SendEvent
from holdfast.channels.chat.frames import PONG, Hello, Ping, Read, Send, Typing, frame
from holdfast.channels.chat.service import Chat, Sender
from holdfast.conversations import queries
from holdfast.conversations.tokens import open_token
from holdfast.core.errors import HoldfastError
from holdfast.core.i18n import negotiate
from holdfast.core.live import Audience, Subscriber

logger = logging.getLogger(__name__)


async def widget_socket(chat: Chat, scope: Scope, receive: Receive, send: SendEvent) -> None:
    """Serve one connection until it ends."""
    connection = Connection(scope, receive, send, rate=chat.settings.chat_rate, language="en")
    with suppress(Gone):
        await wire.accept(receive, send)
        hello = await connection.hello()
        if not isinstance(hello, Hello):
            connection.end(wire.MALFORMED)
        connection.language = negotiate(hello.lang)
        viewer, end = await _greet(chat, connection, hello.token)
        # A place beyond the end would wait for entries that nobody has written.
        since = min(max(hello.since, 0), end)
        subscriber = await chat.feed.hub.subscribe(viewer.conversation_id, connection.peer, Audience.CUSTOMER, since)
        chat.attending.enter(viewer.conversation_id)
        try:
            if since:
                await chat.feed.recent_pictures(viewer.conversation_id, subscriber)
            connection.peer.push(frame("live"))
            await _serve(chat, connection, viewer, subscriber)
        finally:
            chat.attending.leave(viewer.conversation_id)
            chat.feed.hub.unsubscribe(viewer.conversation_id, subscriber)
    await connection.peer.finished()


async def _greet(chat: Chat, connection: Connection, token: str) -> tuple[CustomerViewer, int]:
    """Open the token and show the conversation's state; the viewer and the timeline's end. Raises Gone."""
    try:
        async with chat.database.transaction() as session:
            viewer = await open_token(session, token)
            conversation = await queries.conversation(session, viewer, viewer.conversation_id)
            state = await states.state(session, conversation)
    except HoldfastError as error:
        connection.refuse(None, error)
        connection.end(wire.UNAUTHORISED)
    except Exception:
        logger.exception("a widget could not be greeted")
        connection.end(wire.RESTARTING)
    connection.peer.push(frame("ready", conv=state, seq=state.seq))
    return viewer, state.seq


async def _serve(chat: Chat, connection: Connection, viewer: CustomerViewer, subscriber: Subscriber) -> None:
    conversation_id: UUID = viewer.conversation_id
    moments, peer = chat.moments, connection.peer
    sender = Sender(chat, connection, viewer, "customer", None)
    while True:
        match await connection.next():
            case Send(k=key, b=text, att=files):
                try:
                    sender.take(conversation_id, viewer.id, key, text, files=tuple(files))
                except HoldfastError as error:
                    connection.refuse(key, error)
            case Ping():
                peer.push(PONG)
            case Read(seq=seq):
                seq = min(seq, subscriber.cursor)
                chat.reads.mark(conversation_id, "customer", seq)
                moments.push(conversation_id, frame("read", c=conversation_id, by="customer", seq=seq), but=peer)
            case Typing(on=on):
                who = {"id": viewer.id, "name": None, "role": "customer"}
                moments.push(
                    conversation_id, frame("typing", c=conversation_id, who=who, on=on), Audience.STAFF, but=peer
                )
            case _:
                connection.end(wire.MALFORMED)
