"""Guessing is slowed down by account and by network, and answered alike whether or not the account exists."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.keys import key_ring
from holdfast.core.clock import now
from holdfast.people import queries
from holdfast.people.errors import TooManyAttempts
from holdfast.people.models import SignInFailure

FREE_FAILURES = 5
FIRST_LOCK = timedelta(minutes=1)
LONGEST_LOCK = timedelta(hours=1)
# Failures older than this no longer count, so that a typo a day never locks anybody.
MEMORY = timedelta(hours=24)
NETWORK_FAILURES = 30
NETWORK_WINDOW = timedelta(minutes=10)


def account_index(email: str) -> bytes:
    """The account a failure counts for; kept blind, since what is typed may be anybody's address."""
    return key_ring().blind_index(email, "sign_in.account")


def lock_length(failures: int) -> timedelta:
    """How long after its last failure an account is closed: 5 failures 1 minute, then doubling up to 1 hour."""
    if failures < FREE_FAILURES:
        return timedelta()
    return min(FIRST_LOCK * (1 << min(failures - FREE_FAILURES, 10)), LONGEST_LOCK)


async def admit(session: AsyncSession, account: bytes | None, network: str) -> None:
    """Raises TooManyAttempts while the account or the network is closed.

    Attempts on one account are taken one by one until the commit: a hundred at the same moment count as a hundred.
    """
    moment = now()
    closed: list[datetime] = []
    if account is not None:
        key = int.from_bytes(account[:8], "big", signed=True)
        await session.execute(select(func.pg_advisory_xact_lock(key)))
        failures, last = await queries.account_failures(session, account, moment - MEMORY)
        if last is not None and (length := lock_length(failures)):
            closed.append(last + length)
    failures, oldest = await queries.network_failures(session, network, moment - NETWORK_WINDOW, NETWORK_FAILURES)
    if failures >= NETWORK_FAILURES and oldest is not None:
        closed.append(oldest + NETWORK_WINDOW)
    if closed and max(closed) > moment:
        raise TooManyAttempts(seconds=max(1, round((max(closed) - moment).total_seconds())))


async def failed(session: AsyncSession, account: bytes, network: str) -> None:
    """Count one failure. The caller commits even though it answers with an error."""
    session.add(SignInFailure(account_index=account, network=network))
    await session.flush()


async def forgive(session: AsyncSession, account: bytes) -> None:
    """A full sign-in or a reset by mail: the account's failures are forgotten."""
    await session.execute(delete(SignInFailure).where(SignInFailure.account_index == account))


async def purge(session: AsyncSession) -> None:
    """Delete failures that no longer count."""
    await session.execute(delete(SignInFailure).where(SignInFailure.at < now() - MEMORY))
