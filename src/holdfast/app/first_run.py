"""``holdfast init``: the first administrator of an installation, and what it begins with. There is no default
password: it is typed here, or chosen by whoever opens a link that works once."""

import argparse
import asyncio
import getpass
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.viewer import Role, SystemViewer
from holdfast.app.base_data import INBOX, seed_base
from holdfast.app.start import started
from holdfast.conversations import queries as conversations
from holdfast.core.clock import now
from holdfast.core.errors import BadInput, Conflict, HoldfastError
from holdfast.core.ids import new_id, new_secret, secret_hash
from holdfast.core.settings import Settings
from holdfast.people import agents, passwords, queries
from holdfast.people.invitations import INVITATION_LIFE
from holdfast.people.models import MailedToken

_SYSTEM = SystemViewer("first run")
_ADDRESS = re.compile(r"[^\s@<>,;\"]+@[^\s@<>,;\"]+")


class AdministratorExists(Conflict):
    id = "administrator_exists"
    title = "This installation has an administrator already"
    detail = "They can invite you in the console, at {origin}/console/"


class AddressUnusable(BadInput):
    id = "address_unusable"
    title = "This is not an e-mail address"
    detail = "{email}"


class PasswordsDiffer(BadInput):
    id = "passwords_differ"
    title = "The two passwords are not the same"


@dataclass(frozen=True, slots=True)
class Begun:
    """``link`` is where the administrator chooses their password, None if it was given. ``identity_secret`` is what
    the wallet's back end signs identities with; it is shown once."""

    link: str | None
    identity_secret: str | None


async def begin(session: AsyncSession, settings: Settings, *, email: str, name: str, password: str | None) -> Begun:
    """Seed the base and make the first administrator, or a link that makes them.

    Raises AdministratorExists, AddressUnusable, WeakPassword. A link that nobody has opened yet dies when a new one
    is made, so that a lost one costs nothing but a second call.
    """
    address = email.strip()
    if _ADDRESS.fullmatch(address) is None:
        raise AddressUnusable(email=address)
    if await queries.other_administrators(session, new_id()):
        raise AdministratorExists(origin=settings.origin)
    inbox = await seed_base(session, settings)
    if password is not None:
        passwords.check_strength(password, address)
        agent = await agents.create(
            session,
            _SYSTEM,
            email=address,
            name=name,
            roles=[Role.ADMINISTRATOR],
            password_hash=await passwords.hashed(password),
        )
        record(session, _SYSTEM, "installation.begun", ("agent", agent.id))
        return Begun(None, inbox.identity_secret)
    return Begun(await _link(session, settings, address, name), inbox.identity_secret)


async def _link(session: AsyncSession, settings: Settings, address: str, name: str) -> str:
    """An invitation that is printed instead of mailed: before the first start no mail server need be known."""
    for earlier in await queries.open_invitations(session, now()):
        if Role.ADMINISTRATOR in earlier.detail.get("roles", []):
            earlier.used_at = now()
    secret = new_secret()
    token = MailedToken(
        kind="invitation",
        token_hash=secret_hash(secret),
        email=address,
        detail={"name": name, "roles": [Role.ADMINISTRATOR.value], "languages": []},
        expires_at=now() + INVITATION_LIFE,
    )
    session.add(token)
    await session.flush()
    record(session, _SYSTEM, "invitation.printed", ("invitation", token.id), roles=token.detail["roles"])
    return f"{settings.origin}/console/invitation/{secret}"


def _ask_password() -> str | None:
    """Typed twice on the terminal, never in an argument (arguments are seen by every process); None without one."""
    if not sys.stdin.isatty():
        return None
    first = getpass.getpass(f"Password (at least {passwords.SHORTEST} characters; empty: print a link instead): ")
    if not first:
        return None
    if getpass.getpass("Once more: ") != first:
        raise PasswordsDiffer
    return first


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="holdfast init", description="Make the first administrator.")
    parser.add_argument("--email", help="address they sign in with")
    parser.add_argument("--name", help="name that colleagues see")
    parser.add_argument("--organisation", help="name that customers see (default: HOLDFAST_ORGANISATION)")
    parser.add_argument(
        "--renew-identity-secret",
        action="store_true",
        help="instead: make a new secret for the wallet's back end; the old one is refused at once",
    )
    return parser


async def renew_identity_secret(session: AsyncSession) -> str:
    """The inbox's new secret; what the old one signed is refused from the commit on. Raises InboxUnknown."""
    inbox = await conversations.inbox_by_key(session, INBOX)
    inbox.identity_secret = new_secret()
    record(session, _SYSTEM, "inbox.identity_secret_renewed", ("inbox", inbox.id))
    return inbox.identity_secret


async def _renew(settings: Settings, dsn: str) -> Begun:
    async with started(settings, dsn) as database, database.transaction() as session:
        return Begun(None, await renew_identity_secret(session))


async def _run(settings: Settings, dsn: str, email: str, name: str) -> Begun:
    async with started(settings, dsn) as database:
        # Before anybody types a password for nothing.
        async with database.transaction() as session:
            if await queries.other_administrators(session, new_id()):
                raise AdministratorExists(origin=settings.origin)
        password = await asyncio.to_thread(_ask_password)
        async with database.transaction() as session:
            return await begin(session, settings, email=email, name=name, password=password)


def main(settings: Settings, dsn: str, args: Sequence[str]) -> int:
    """Exit status 0 when there is an administrator or a link, 1 when it was refused."""
    parser = _parser()
    given = parser.parse_args(args)
    if not given.renew_identity_secret and not (given.email and given.name):
        parser.error("--email and --name are needed")
    if given.organisation:
        settings = replace(settings, organisation=given.organisation)
    out = sys.stdout.write
    try:
        if given.renew_identity_secret:
            begun = asyncio.run(_renew(settings, dsn))
        else:
            begun = asyncio.run(_run(settings, dsn, given.email, given.name))
    except HoldfastError as error:
        sys.stderr.write(f"holdfast init: {error}\n")
        return 1
    if given.renew_identity_secret:
        out("The old secret is refused from now on.\n")
    elif begun.link is None:
        out(f"{given.name} is the administrator. Sign in at {settings.origin}/console/\n")
    else:
        days = INVITATION_LIFE.days
        out(f"Open this link to choose a password. It works once, for {days} days:\n\n  {begun.link}\n\n")
    out(
        f"\nThe wallet's back end signs its users' identities for the inbox \"{INBOX}\" with this secret. It is kept\n"
        f"encrypted and not shown again:\n\n  {begun.identity_secret}\n\n"
        "How: docs/guide/embedder.md\n"
    )
    return 0
