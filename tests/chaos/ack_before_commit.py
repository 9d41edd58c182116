"""A deliberately broken Holdfast: it acknowledges a message when the statement was executed, before its commit.

Run in the place of ``holdfast``, by the test that proves that the chaos test would notice.
"""

import asyncio
import sys
from typing import Any

from holdfast.app import cli
from holdfast.app import service as services
from holdfast.conversations.writer import FollowUp, Writer

# Seconds between acknowledgement and commit: what a busy disk makes of it.
GAP = 0.1


async def _store(self: Writer, batch: list[FollowUp]) -> None:
    connection = await self._connected()
    await connection.set_autocommit(False)
    found = await self._execute(batch)
    for message in batch:
        message.done(found.get(message.source_id))
    await asyncio.sleep(GAP)
    await connection.commit()
    await connection.set_autocommit(True)


async def _store_or_forget(self: Writer, batch: list[FollowUp]) -> None:
    try:
        await _store(self, batch)
    except Exception:
        # The lie continues: whoever was acknowledged stays so.
        if self._connection is not None:
            await self._connection.close()
        for message in batch:
            message.done(OSError("not stored"))


class _Broken(services.Service):
    """The supervisor's children run this program too."""

    def __init__(self, name: str, command: list[str], *rest: Any) -> None:
        super().__init__(name, [sys.executable, __file__, command[-1]], *rest)


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        setattr(Writer, "_store", _store_or_forget)  # noqa: B010 - a method cannot be assigned in typed code
    else:
        from holdfast.app import supervisor

        vars(supervisor)["Service"] = _Broken
    sys.exit(cli.main(sys.argv[1:]))
