"""Passwords: argon2id, in two threads of its own, with the same work whether or not the account exists."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from holdfast.people.errors import WeakPassword

SHORTEST = 12
LONGEST = 256

# OWASP's parameters (2025): 19 MiB, 2 passes, 1 lane. Tests may exchange the hasher for a cheaper one.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

# Two at a time: a wave of sign-ins waits, instead of taking every core and 19 MiB each.
_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")

# A hash that no password fits, with the present parameters: what is verified for an unknown account.
_nobody = _hasher.hash("nobody's password, which is never accepted")


def check_strength(password: str, email: str) -> None:
    """Raises WeakPassword: too short or long, too few different characters, or made of the e-mail address."""
    name = email.partition("@")[0].lower()
    made_of_name = len(name) >= 4 and len(password.lower().replace(name, "")) < SHORTEST // 2
    if not SHORTEST <= len(password) <= LONGEST or len(set(password)) < 5 or made_of_name:
        raise WeakPassword(least=SHORTEST, most=LONGEST)


async def hashed(password: str) -> str:
    """The argon2id hash to store."""
    return await asyncio.get_running_loop().run_in_executor(_threads, _hasher.hash, password)


async def fits(password: str, stored: str | None) -> bool:
    """True if the password is right; the work is the same when there is no account (``stored`` is None)."""
    return await asyncio.get_running_loop().run_in_executor(_threads, _verify, password, stored)


def outdated(stored: str) -> bool:
    """True if made with weaker parameters than the present ones."""
    return _hasher.check_needs_rehash(stored)


def _verify(password: str, stored: str | None) -> bool:
    try:
        fitting = _hasher.verify(stored or _nobody, password[: LONGEST * 4])
    except (VerificationError, InvalidHashError):
        return False
    return fitting and stored is not None
