"""The demo: a small organisation to look at, and customers who play themselves (``holdfast demo …``).

Its passwords are public. Nothing of it is made unless HOLDFAST_DEMO is set.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence

from holdfast.app import demo_traffic
from holdfast.app.base_data import INBOX
from holdfast.app.demo_conversations import seed_conversations
from holdfast.app.demo_on_call import seed_on_call
from holdfast.app.demo_organisation import PASSWORD, PEOPLE, seed_organisation
from holdfast.app.demo_phone import seed_phone
from holdfast.app.demo_proof import seed_proof
from holdfast.app.demo_stage import Plan
from holdfast.app.start import started
from holdfast.core.database import Database
from holdfast.core.settings import Settings


class NotADemo(RuntimeError):
    """The demo's people have public passwords: they are refused where HOLDFAST_DEMO is not set."""


async def seed(database: Database, settings: Settings) -> None:
    """Make the demo's organisation and conversations where they are missing. Raises NotADemo.

    The key ring must be loaded; ``database`` answers facts as the application does.
    """
    if not settings.demo:
        raise NotADemo("set HOLDFAST_DEMO=1, on a machine that holds nobody's data")
    async with database.transaction() as session:
        staff = await seed_organisation(session, settings)
        if len(staff) == len(PEOPLE):
            await seed_proof(session, staff)
            await seed_on_call(session, staff)
            await seed_phone(session, staff)
    if len(staff) == len(PEOPLE):
        await seed_conversations(database, INBOX, staff)


def sign_ins() -> list[tuple[str, str, str, str]]:
    """``(name, e-mail, password, what they are)`` of everybody, to be shown in a demo."""
    return [
        (person.name, person.email, PASSWORD, ", ".join(role.value.replace("_", " ") for role in person.roles))
        for person in PEOPLE
    ]


def _parser(settings: Settings) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="holdfast demo", description="A small organisation to look at.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("seed", help="make the demo's people and conversations where they are missing")
    commands.add_parser("sign-ins", help="list who can sign in")
    traffic = commands.add_parser("traffic", help="play customers through the widget's protocol, until the time is up")
    traffic.add_argument("--url", default=settings.origin, help="where Holdfast runs (default: %(default)s)")
    traffic.add_argument("--inbox", default=INBOX, help="inbox they write to (default: %(default)s)")
    traffic.add_argument("--customers", type=int, default=20, help="how many at once (default: %(default)s)")
    traffic.add_argument("--minutes", type=float, default=5.0, help="for how long (default: %(default)s)")
    traffic.add_argument(
        "--rate", type=float, default=6.0, help="messages a customer writes in a minute (default: %(default)s)"
    )
    traffic.add_argument(
        "--agents",
        type=int,
        nargs="?",
        const=3,
        default=0,
        help="so many of the demo's agents answer as well (default: none; without a number: 3)",
    )
    traffic.add_argument("--seed", type=int, default=None, help="play the same again (a number)")
    return parser


async def _seed(settings: Settings, dsn: str) -> None:
    async with started(settings, dsn) as database:
        await seed(database, settings)


def main(settings: Settings, dsn: str, args: Sequence[str]) -> int:
    """``seed``, ``sign-ins`` or ``traffic``; 0 when it was done, 1 when something was lost or refused."""
    given = _parser(settings).parse_args(args)
    try:
        if given.command == "seed":
            asyncio.run(_seed(settings, dsn))
        elif given.command == "sign-ins":
            if not settings.demo:
                raise NotADemo("there are none: HOLDFAST_DEMO is not set")
            for name, email, password, roles in sign_ins():
                sys.stdout.write(f"{name:<16} {email:<28} {password:<20} {roles}\n")
        else:
            plan = Plan(
                url=given.url.rstrip("/"),
                inbox=given.inbox,
                customers=max(1, given.customers),
                seconds=given.minutes * 60,
                rate=max(0.1, given.rate),
                agents=[person.email for person in PEOPLE if "general" in person.skills][: max(0, given.agents)],
                password=PASSWORD,
                seed=given.seed,
            )
            return demo_traffic.main(plan)
    except NotADemo as error:
        sys.stderr.write(f"holdfast demo: {error}\n")
        return 1
    return 0
