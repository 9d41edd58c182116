"""PostgreSQL's LISTEN/NOTIFY: the bus between processes. It carries ids; the database carries the truth.

A transaction speaks by ``database.tell(session, CHANNEL, word)``. Words on LIVE: ``c:<conversation id>:<seq>`` (its
row changed, its timeline reaches seq), ``f:<conversation id>:<attachment id>`` (a picture was read),
``a:<agent id>`` (their offers or presence changed), ``v:<agent id>`` (their phone or a call of theirs did),
``g:<agent id>:<grant id>:<conversation id>:<field id>`` (what opened a personal field to them has ended).
Words on KEYS: access/customer_keys.py.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache
from uuid import UUID

import psycopg
from psycopg import AsyncConnection
from psycopg.conninfo import make_conninfo

logger = logging.getLogger(__name__)

# A server behind a network that died without a word is given up after 10 to 20 s, not after two hours (TCP's default).
_KEEPALIVE = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 2, "tcp_user_timeout": 10_000}


def watched(dsn: str) -> str:
    """The connection string for a connection that waits for long, with keepalives."""
    return make_conninfo(dsn, **_KEEPALIVE)


LIVE = "holdfast_live"
ROUTING = "holdfast_routing"
DUE = "holdfast_due"
KEYS = "holdfast_keys"
WEBHOOKS = "holdfast_webhooks"
PICTURES = "holdfast_pictures"
AUTOMATION = "holdfast_automation"

Handler = Callable[[str], None]

_CONVERSATION = re.compile(r"\bc:([0-9a-f]{32}):")


# Everybody in a process who follows the timelines is given the same notice.
@lru_cache(maxsize=1)
def conversations_in(payload: str) -> frozenset[UUID]:
    """The conversations whose row changed, by a notice on LIVE."""
    return frozenset(UUID(found) for found in _CONVERSATION.findall(payload))


class Listener:
    """One connection per process that listens on every channel in ``handlers``.

    After each (re)connection ``on_connected`` is awaited: what was missed meanwhile must be read from the database.
    """

    def __init__(
        self,
        dsn: str,
        handlers: Mapping[str, Handler],
        on_connected: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._dsn = dsn
        self._handlers = handlers
        self._on_connected = on_connected
        self.connected = asyncio.Event()

    async def run(self) -> None:
        """Until cancelled; reconnects with a pause that doubles from 0.1 s to 2 s."""
        pause = 0.1
        while True:
            try:
                async with await AsyncConnection.connect(
                    watched(self._dsn), autocommit=True, application_name="holdfast-listener"
                ) as connection:
                    for channel in self._handlers:
                        await connection.execute(f"LISTEN {channel}".encode())
                    if self._on_connected:
                        await self._on_connected()
                    self.connected.set()
                    pause = 0.1
                    async for notice in connection.notifies():
                        self._handle(notice.channel, notice.payload)
            except (psycopg.Error, OSError) as error:
                logger.warning("listener lost the database (%s), trying again", error)
            self.connected.clear()
            await asyncio.sleep(pause)
            pause = min(pause * 2, 2.0)

    def _handle(self, channel: str, payload: str) -> None:
        """A notice that its handler cannot take (of another version, say) must not end the listening."""
        try:
            self._handlers[channel](payload)
        except Exception:
            logger.exception("a notice on %s could not be handled", channel)
