"""The periodic security review: facts of a period, assembled by the machine and signed off by a person in time.

A *section* is a list of findings; those that need somebody's eye carry ``attention``. The wording is the reader's
(console, command): a finding has an id and parameters, like a reason.
"""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from statistics import median
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.viewer import Role, StaffViewer, SystemViewer
from holdfast.core.clock import now
from holdfast.core.database import Database
from holdfast.core.settings import Settings
from holdfast.privacy import notices, queries, retention
from holdfast.privacy import review_queries as figures
from holdfast.privacy.errors import PrivacyRefused, ReviewSigned
from holdfast.privacy.models import SecurityReview

# Nobody who works here is away for longer; a right that is not used is a way in for somebody else.
DORMANT = timedelta(days=60)
# Roles that may not be held without a second factor.
STRONG = frozenset({Role.ADMINISTRATOR, Role.LEAD, Role.EMERGENCY_AGENT, Role.AUDITOR})
# Whoever looks so many times more often than the median, and at least so often, is named.
OFTEN, AT_LEAST = 3.0, 10
SIGN_WITHIN = timedelta(days=14)
LOOKING = ("customer.field_shown", "conversation.opened")
REFUSALS = ("sign_in.failed", "sign_in.locked")


class Finding(msgspec.Struct, frozen=True):
    """``id`` is worded by the reader; ``attention`` asks for a person's eye."""

    id: str
    params: dict[str, Any] = {}
    attention: bool = False


class Section(msgspec.Struct, frozen=True):
    id: str
    findings: list[Finding]

    @property
    def attention(self) -> int:
        return sum(finding.attention for finding in self.findings)


class Facts(msgspec.Struct, frozen=True):
    """Everything of one period."""

    since: datetime
    until: datetime
    sections: list[Section]


Collect = Callable[[AsyncSession, Settings, datetime, datetime], Awaitable[Section]]


async def _rights(session: AsyncSession, _settings: Settings, since: datetime, until: datetime) -> Section:
    """Who holds which right, and used it."""
    found = []
    for account in await figures.accounts(session, since, until):
        who = {"name": account.name, "roles": account.roles, "acts": account.acts}
        seen = account.signed_in_at or account.created_at
        if until - seen > DORMANT:
            found.append(Finding("dormant", {**who, "days": (until - seen).days}, attention=True))
        elif not account.acts:
            found.append(Finding("unused", who))
        else:
            found.append(Finding("used", who))
        if not account.second_factor and not STRONG.isdisjoint(account.roles):
            found.append(Finding("no_second_factor", who, attention=True))
    return Section("rights", found)


def out_of_pattern(counts: list[tuple[UUID, str, int]]) -> list[tuple[str, int]]:
    """Names and counts of those far above the others' median (their own count left out)."""
    named = []
    for agent_id, name, count in counts:
        others = [other for other_id, _, other in counts if other_id != agent_id]
        if count >= AT_LEAST and count > OFTEN * (median(others) if others else 0):
            named.append((name, count))
    return named


async def _looking(session: AsyncSession, _settings: Settings, since: datetime, until: datetime) -> Section:
    found = []
    for action in LOOKING:
        counts = await figures.acts_by_agent(session, [action], since, until)
        total = sum(count for _, _, count in counts)
        found.append(Finding("looked", {"action": action, "count": total, "people": len(counts)}))
        found += [
            Finding("looked_often", {"action": action, "name": name, "count": count}, attention=True)
            for name, count in out_of_pattern(counts)
        ]
    return Section("looking", found)


async def _sign_ins(session: AsyncSession, _settings: Settings, since: datetime, until: datetime) -> Section:
    counts = await figures.actions(session, REFUSALS, since, until)
    found = [
        Finding(name.replace(".", "_"), {"count": count}, attention=name == "sign_in.locked" and count > 0)
        for name, count in counts.items()
    ]
    return Section("sign_ins", found)


async def _retention(session: AsyncSession, _settings: Settings, _since: datetime, until: datetime) -> Section:
    rules, runs = await queries.rules(session), await queries.last_runs(session)
    found = []
    for name, kind in retention.KINDS.items():
        days = rules[name].days if name in rules else kind.days
        last = runs.get(name)
        late = days is not None and (last is None or until - last.at > timedelta(days=2))
        shown = {"kind": name, "days": days, "at": last.at if last else None, "removed": last.removed if last else 0}
        found.append(Finding("retention_late" if late else "retention_kept", shown, attention=late))
    return Section("retention", found)


async def _requests(session: AsyncSession, _settings: Settings, _since: datetime, until: datetime) -> Section:
    waiting, oldest = await figures.open_requests(session)
    late = oldest is not None and until - oldest > timedelta(days=25)  # the law gives a month
    holds, first = await figures.holds_in_force(session)
    old = first is not None and until - first > timedelta(days=365)
    return Section(
        "requests",
        [
            Finding("requests_open", {"count": waiting, "oldest": oldest}, attention=late),
            Finding("holds", {"count": holds, "oldest": first}, attention=old),
        ],
    )


# In the order of the page.
SECTIONS: tuple[Collect, ...] = (_rights, _looking, _sign_ins, _retention, _requests)


async def facts(session: AsyncSession, settings: Settings, since: datetime, until: datetime) -> Facts:
    """Everything, as it is now."""
    return Facts(since, until, [await collect(session, settings, since, until) for collect in SECTIONS])


async def make(session: AsyncSession, settings: Settings, until: datetime) -> SecurityReview:
    """A review of the time since the last one (or of one period), to be signed within two weeks."""
    last = await queries.last_review(session)
    since = last.until if last is not None else until - timedelta(days=settings.review_days)
    assembled = msgspec.to_builtins(await facts(session, settings, since, until))
    made = SecurityReview(
        since=since,
        until=until,
        facts=assembled,
        digest=hashlib.sha256(msgspec.json.encode(assembled, order="deterministic")).hexdigest(),
        due_at=until + SIGN_WITHIN,
    )
    session.add(made)
    await session.flush()
    record(session, SystemViewer("security review"), "review.made", ("review", made.id), digest=made.digest)
    await notices.review_waits(session, settings, made)
    return made


async def make_if_due(settings: Settings, database: Database) -> bool:
    """When a period is over; whether there is a new one."""
    every = timedelta(days=settings.review_days)
    async with database.transaction() as session:
        last = await queries.last_review(session)
        begun = last.until if last is not None else await figures.first_day(session)
        if begun is None or now() < begun + every:
            return False
        await make(session, settings, now())
    return True


async def sign(session: AsyncSession, viewer: StaffViewer, review_id: UUID, remarks: str) -> SecurityReview:
    """A person has read it. Raises PrivacyRefused, ReviewUnknown, ReviewSigned."""
    if not viewer.holds(Role.AUDITOR, Role.ADMINISTRATOR):
        raise PrivacyRefused
    found = await queries.review(session, viewer, review_id, lock=True)
    if found.signed_at is not None:
        raise ReviewSigned
    found.signed_at, found.signed_by_id, found.remarks = now(), viewer.id, remarks
    record(session, viewer, "review.signed", ("review", found.id), digest=found.digest)
    return found
