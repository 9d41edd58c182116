"""Prepare a data folder: migrated, with the demo's people and register but none of its conversations.

``python -m tests.support.organisation DATA_DIR [CHATS]`` in a process of its own (keys are a process's own state);
``holdfast up --demo`` then finds people and makes nothing. CHATS is how many chats each agent may hold (4).
Prints JSON: the inbox's key and the secret that its identities are signed with.
"""

import asyncio
import json
import sys
from dataclasses import replace
from pathlib import Path

from sqlalchemy import update

from holdfast.access.installation_keys import open_ring
from holdfast.access.key_sources import key_source
from holdfast.access.keys import use_key_ring
from holdfast.app import reactions, schema
from holdfast.app.base_data import INBOX
from holdfast.app.demo_organisation import seed_organisation
from holdfast.app.demo_proof import seed_proof
from holdfast.conversations import queries
from holdfast.core.database import Database
from holdfast.core.embedded_postgres import EmbeddedPostgres, connected
from holdfast.core.settings import Settings
from holdfast.people.models import Agent


async def _seed(dsn: str, settings: Settings, chats: int) -> dict[str, str | None]:
    database = Database(dsn, answer=reactions.answer, pool_size=1)
    try:
        async with database.transaction() as session:
            await seed_proof(session, await seed_organisation(session, settings))
            await session.execute(update(Agent).values(capacity={"chat": chats, "email": chats}))
        async with database.transaction() as session:
            inbox = await queries.inbox_by_key(session, INBOX)
            return {"inbox": inbox.key, "identity_secret": inbox.identity_secret}
    finally:
        await database.close()


def main(data_dir: Path, chats: int) -> None:
    settings = replace(Settings(), data_dir=data_dir, demo=True)
    with connected(EmbeddedPostgres(data_dir)) as dsn:
        schema.upgrade(dsn)
        use_key_ring(open_ring(dsn, key_source(settings)))
        sys.stdout.write(json.dumps(asyncio.run(_seed(dsn, settings, chats))))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 4)
