"""What is swept out of people's tables now and then: it no longer counts, and is nobody's business any more."""

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.people import invitations, lockout, mail, sessions

# Seconds between two runs; each is a handful of deletes by index.
EVERY = 3600.0


async def purge(session: AsyncSession) -> None:
    """Old failures, dead sessions and links, mails that never went. Harmless at any time."""
    await lockout.purge(session)
    await sessions.purge(session)
    await invitations.purge(session)
    await mail.purge(session)
