"""The web process: requests through Litestar, sockets straight to the chat channel, pages, and its background work."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import uvicorn
from litestar import Litestar
from litestar.datastructures import State
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from sqlalchemy.ext.asyncio import AsyncSession

import holdfast
from holdfast.access import customer_keys
from holdfast.app import demo_pages, pages, verify_page
from holdfast.app.cross_origin import App, cross_origin
from holdfast.app.handlers import HANDLERS
from holdfast.app.one_request import one_request
from holdfast.app.safe_headers import safe_headers
from holdfast.app.start import start
from holdfast.authenticity.register import CHANNEL as REGISTER
from holdfast.authenticity.register import OFFICIAL_LINKS
from holdfast.channels.chat.attending import Attending
from holdfast.channels.chat.boards import Boards
from holdfast.channels.chat.connection import Receive, Scope, SendEvent
from holdfast.channels.chat.console_socket import console_socket
from holdfast.channels.chat.feed import Feed
from holdfast.channels.chat.looking import Looking
from holdfast.channels.chat.moments import CHANNEL as MOMENT
from holdfast.channels.chat.moments import Moments
from holdfast.channels.chat.reads import Reads
from holdfast.channels.chat.service import Chat
from holdfast.channels.chat.widget_socket import widget_socket
from holdfast.channels.voice import reporting, sip_socket
from holdfast.channels.voice import settings as voice
from holdfast.channels.voice.access import Access
from holdfast.channels.voice.engine.layout import access_of, layout_of
from holdfast.channels.voice.in_app import AppPhones
from holdfast.conversations.writer import Writer
from holdfast.core.clock import now
from holdfast.core.database import Database
from holdfast.core.files import FileStore
from holdfast.core.http import BODY_LIMIT, EXCEPTION_HANDLERS, MIDDLEWARE, PROVIDERS
from holdfast.core.notify import KEYS, LIVE, Listener
from holdfast.core.settings import Settings, SettingsError
from holdfast.people import presence, queries
from holdfast.people.http import DEMO_HANDLERS, DEPENDENCIES
from holdfast.technical.channel import PROBLEMS

logger = logging.getLogger(__name__)

SOCKETS: dict[str, Callable[[Chat, Scope, Receive, SendEvent], Awaitable[None]]] = {
    "/ws/widget": widget_socket,
    "/ws/console": console_socket,
}
BEAT = 5.0


class Web:
    """The ASGI application of one web process."""

    def __init__(self, settings: Settings, dsn: str) -> None:
        self.settings = settings
        self.database = start(settings, dsn)
        self.dsn = dsn
        self.chat: Chat | None = None
        self.app_phones = AppPhones(self._engine, voice.load)
        self.sip = sip_socket.SipProxy(settings, self.database, self._engine, self.app_phones)
        self.requests = requests(settings, self.database, [self._lifespan])

    def _engine(self) -> Access | None:
        """Wrong settings of the phone cost the phone, nothing else: the supervisor says what is wrong with them."""
        try:
            return access_of(voice.load(), layout_of(self.settings))
        except SettingsError:
            return None

    async def __call__(self, scope: Scope, receive: Receive, send: SendEvent) -> None:
        if scope["type"] == "websocket" and scope["path"] == sip_socket.PATH and self.chat is not None:
            await self.sip.serve(scope, receive, send)
        elif scope["type"] == "websocket":
            serve = SOCKETS.get(scope["path"])
            if serve is None or self.chat is None:
                await send({"type": "websocket.close", "code": 4404})
                return
            await serve(self.chat, scope, receive, send)
        else:
            await self.requests(scope, receive, send)

    @asynccontextmanager
    async def _lifespan(self, _app: Litestar) -> AsyncIterator[None]:
        """Register the process, listen, beat; at the end finish what was accepted."""
        async with self.database.transaction() as session:
            process_id = await presence.register_process(session, "web")
        feed = Feed(self.database, process_id.hex)
        moments = Moments(self.dsn, process_id.hex, feed.hub)
        boards = Boards(self.database, reporting)
        self.chat = chat = Chat(
            settings=self.settings,
            database=self.database,
            writer=Writer(self.dsn, process_id.hex),
            feed=feed,
            reads=Reads(self.database),
            looking=Looking(feed.hub, moments),
            moments=moments,
            attending=Attending(self.database, moments, process_id),
            boards=boards,
            process_id=process_id,
        )

        async def listening() -> None:
            await customer_keys.noticed_nothing()
            await OFFICIAL_LINKS.load(self.database)
            await feed.listening()

        def register_changed(_: str) -> None:
            chat.start(OFFICIAL_LINKS.load(self.database))

        def live(payload: str) -> None:
            feed.notice(payload)
            boards.notice(payload)

        notices = {
            LIVE: live,
            MOMENT: moments.notice,
            KEYS: customer_keys.notice,
            REGISTER: register_changed,
            PROBLEMS: lambda _: feed.problems_changed(),
        }
        listener = Listener(self.dsn, notices, listening)
        tasks = [
            asyncio.create_task(listener.run()),
            asyncio.create_task(moments.run()),
            asyncio.create_task(self._beat(process_id)),
        ]
        await listener.connected.wait()
        # What was imported and made so far lives as long as the process: looking through it again and again for garbage
        # stopped everyone for 70 ms every 2 to 16 s (p99 of a delivery at 500 messages/s: 60 ms).
        gc.collect()
        gc.freeze()
        try:
            yield
        finally:
            await self.chat.writer.close()
            await self.chat.reads.flush()
            await self.chat.attending.flush()
            await self.app_phones.close()
            await feed.close()
            await boards.close()
            for task in tasks:
                task.cancel()
            if self.chat.tasks:
                await asyncio.wait(self.chat.tasks, timeout=3)
            for late in self.chat.tasks:
                late.cancel()
            await asyncio.gather(*tasks, *self.chat.tasks, return_exceptions=True)
            with suppress(Exception):
                async with self.database.transaction() as session:
                    await presence.leave_process(session, process_id, timedelta(seconds=self.settings.presence_grace))
            await self.database.close()

    async def _beat(self, process_id: UUID) -> None:
        """Say every 5 s that this process lives. Taken for dead meanwhile, its consoles must connect anew."""
        while True:
            await asyncio.sleep(BEAT)
            try:
                async with self.database.transaction() as session:
                    alive = await presence.beat(session, process_id)
                    if self.chat is not None:
                        await self._end_ghosts(session, process_id, self.chat)
                    others = await queries.live_processes(session, "web", now() - presence.DEAD_AFTER) > 1
                if self.chat is None:
                    continue
                self.chat.moments.others = others
                self.chat.looking.announce()
                if not alive:
                    await self._register_again()
                    process_id = self.chat.process_id
            except Exception:
                logger.warning("the beat failed", exc_info=True)

    async def _end_ghosts(self, session: AsyncSession, process_id: UUID, chat: Chat) -> None:
        """Consoles that are noted as open here and are not (the answer of their opening was lost with the database):
        their agents would count as online for ever."""
        grace = timedelta(seconds=self.settings.presence_grace)
        for ghost in await queries.sockets_of(session, process_id, now() - presence.DEAD_AFTER) - chat.sockets:
            await presence.socket_closed(session, ghost, grace)

    async def _register_again(self) -> None:
        chat = self.chat
        if chat is None:
            return
        async with self.database.transaction() as session:
            chat.process_id = await presence.register_process(session, "web")
        chat.attending.again(chat.process_id)
        for console in list(chat.feed.consoles):
            console.peer.cut(1012)


def requests(settings: Settings, database: Database, lifespan: list[Any] | None = None) -> App:
    """Everything that is answered over HTTP, as it leaves the process."""
    return safe_headers(one_request(cross_origin(create_litestar(settings, database, lifespan))), settings)


def create_litestar(settings: Settings, database: Database, lifespan: list[Any] | None = None) -> Litestar:
    """The requests' part alone (tests, and ``holdfast openapi``)."""

    demo = [*DEMO_HANDLERS, *demo_pages.handlers(settings)]
    files = FileStore(settings.data_dir / "files")
    return Litestar(
        [*HANDLERS, *pages.handlers(settings), *verify_page.handlers(settings), *(demo if settings.demo else [])],
        lifespan=lifespan or [],
        state=State({"database": database, "settings": settings}),
        dependencies={
            **PROVIDERS,
            **DEPENDENCIES,
            "files": Provide(lambda: files, sync_to_thread=False),
        },
        exception_handlers=EXCEPTION_HANDLERS,
        middleware=MIDDLEWARE,
        openapi_config=OpenAPIConfig(
            title="Holdfast",
            version=holdfast.__version__,
            path="/api/schema",
            # The document alone: the framework's pages for it load scripts and fonts from other hosts.
            render_plugins=[JsonRenderPlugin()],
        ),
        request_max_body_size=BODY_LIMIT,
        # The root logger is the process's (app/service.py); the framework's own would start a thread.
        logging_config=None,
        debug=False,
    )


def main(settings: Settings, dsn: str) -> int:
    """Serve until SIGTERM."""
    config = uvicorn.Config(
        Web(settings, dsn),
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        ws="websockets-sansio",
        # Deflate costs 33 KB for each idle socket (57 instead of 24, measured).
        ws_per_message_deflate=False,
        ws_max_size=1 << 17,
        ws_ping_interval=settings.heartbeat,
        ws_ping_timeout=settings.heartbeat,
        access_log=False,
        # Its lines go to the root's handlers, which redact them.
        log_config=None,
        # uvicorn says a line for each socket that opens and closes: those are not news.
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=5,
        lifespan="on",
    )
    uvicorn.Server(config).run()
    return 0
