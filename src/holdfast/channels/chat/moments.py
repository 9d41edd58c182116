"""What is live only (typing, read positions, who looks at a conversation) on its way to the other web processes.

Nothing here is stored or repeated: a moment that is lost is over. With one web process nothing is sent at all.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from psycopg import AsyncConnection

from holdfast.core.live import Audience, Hub, Peer

logger = logging.getLogger(__name__)

CHANNEL = "holdfast_moment"
# PostgreSQL's limit of a notice is 8,000 bytes; what waits beyond this number is dropped.
_LONGEST = 7900
_MOST = 1000


class _Moment(msgspec.Struct, omit_defaults=True):
    """``frame`` is pushed as it is to ``audience`` (null: both); ``agents`` is who looks, seen by process ``p``."""

    p: str
    c: UUID
    audience: Audience | None = None
    frame: str | None = None
    agents: list[dict[str, Any]] | None = None


_decode = msgspec.json.Decoder(_Moment).decode
_encode = msgspec.json.Encoder().encode

LookingElsewhere = Callable[[UUID, str, list[dict[str, Any]]], None]


class Moments:
    """Pushes to this process's sockets, and tells the other processes if there are any (``others``)."""

    def __init__(self, dsn: str, process: str, hub: Hub) -> None:
        self._dsn = dsn
        self._process = process
        self._hub = hub
        self._waiting: asyncio.Queue[str] = asyncio.Queue(_MOST)
        self.others = False
        self.on_looking: LookingElsewhere | None = None

    def push(
        self, conversation_id: UUID, frame: str, audience: Audience | None = None, *, but: Peer | None = None
    ) -> None:
        """A live frame for everyone of ``audience`` but one, wherever they are connected."""
        self._hub.push(conversation_id, frame, audience, but=but)
        self._tell(_Moment(self._process, conversation_id, audience, frame))

    def looking(self, conversation_id: UUID, agents: list[dict[str, Any]]) -> None:
        """Who looks at a conversation on this process."""
        self._tell(_Moment(self._process, conversation_id, agents=agents))

    def _tell(self, moment: _Moment) -> None:
        if not self.others:
            return
        payload = _encode(moment).decode()
        if len(payload.encode()) <= _LONGEST and not self._waiting.full():
            self._waiting.put_nowait(payload)

    def notice(self, payload: str) -> None:
        """A moment of another process (or our own, which is passed over)."""
        moment = _decode(payload)
        if moment.p == self._process:
            return
        if moment.frame is not None:
            self._hub.push(moment.c, moment.frame, moment.audience)
        if moment.agents is not None and self.on_looking:
            self.on_looking(moment.c, moment.p, moment.agents)

    async def run(self) -> None:
        """Send until cancelled; a lost database is tried again each second, and what happened meanwhile is over."""
        while True:
            try:
                payload = await self._waiting.get()
                async with await AsyncConnection.connect(
                    self._dsn, autocommit=True, application_name="holdfast-moments"
                ) as connection:
                    while True:
                        await connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, payload))
                        payload = await self._waiting.get()
            except (psycopg.Error, OSError) as error:
                logger.warning("moments are not shared: %s", error)
                await asyncio.sleep(1)
