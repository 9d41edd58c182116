"""GET /api/health: is this process able to serve?"""

from typing import Any

import msgspec
from litestar import Response, get
from sqlalchemy import text

import holdfast
from holdfast.core.database import Database


class Health(msgspec.Struct, frozen=True):
    """``database`` is ok or unreachable; the answer's status is 503 when anything is not ok."""

    version: str
    database: str


@get("/api/health")
async def health(database: Database) -> Response[Any]:
    try:
        async with database.transaction() as session:
            await session.execute(text("SELECT 1"))
    except Exception:
        return Response(Health(holdfast.__version__, "unreachable"), status_code=503)
    return Response(Health(holdfast.__version__, "ok"))


HANDLERS = [health]
