"""Writing a blind index while its key may be exchanged."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.installation_keys import INDEX_LOCK
from holdfast.access.keys import INDEX, key_ring
from holdfast.access.models import InstallationKey


async def hold_index_key(session: AsyncSession) -> None:
    """Until the end of this transaction nobody exchanges the index key, and this process has the newest.

    Called before an index is looked up to be written: otherwise two processes with different keys could each miss the
    other's row and make a second one of the same customer.
    """
    await session.execute(select(func.pg_advisory_xact_lock_shared(INDEX_LOCK)))
    newest = await session.scalar(select(func.max(InstallationKey.generation)).where(InstallationKey.purpose == INDEX))
    ring = key_ring()
    if newest is not None and newest > ring.newest(INDEX):
        ring.read_again()
