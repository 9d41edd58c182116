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

from holdfast.access import queries as access
from holdfast.access.audit import record
from holdfast.access.viewer import Role, StaffViewer, SystemViewer
from holdfast.core import advisories
from holdfast.core.clock import now
from holdfast.core.database import Database
from holdfast.core.settings import Settings
from holdfast.privacy import notices, queries, retention
from holdfast.privacy import review_queries as figures
from holdfast.privacy.errors import ReviewSigned
from holdfast.privacy.models import SecurityReview

# Nobody who works here is away for longer; a right that is not used is a way in for somebody else.
DORMANT = timedelta(days=60)
# Roles that may not be held without a second factor.
STRONG = frozenset({Role.ADMINISTRATOR, Role.LEAD, Role.EMERGENCY_AGENT, Role.AUDITOR})
# Whoever looks so many times more often than the median, and at least so often, is named.
OFTEN, AT_LEAST = 3.0, 10
SIGN_WITHIN = timedelta(days=14)
# An audit of our dependencies that is older says nothing about today.
AUDIT_EVERY = timedelta(days=30)
# The whole log is looked over once a day.
VERIFY_WITHIN = timedelta(days=2)
# Sealing takes seconds, reading a picture a minute.
LATE_SEAL, LATE_PICTURE = timedelta(minutes=5), timedelta(hours=1)
# A year and a month of grace.
KEY_AGE = timedelta(days=400)
# Refused, proven once more before something sensitive, tied to the organisation's own sign-in.
SIGN_INS = ("sign_in.failed", "sign_in.locked", "sign_in.stepped_up", "agent.identity_linked")


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
    for action in access.LOOKS_AT_CUSTOMERS:
        counts = await figures.acts_by_agent(session, [action], since, until)
        total = sum(count for _, _, count in counts)
        found.append(Finding("looked", {"action": action, "count": total, "people": len(counts)}))
        found += [
            Finding("looked_often", {"action": action, "name": name, "count": count}, attention=True)
            for name, count in out_of_pattern(counts)
        ]
    return Section("looking", found)


async def _sign_ins(session: AsyncSession, _settings: Settings, since: datetime, until: datetime) -> Section:
    counts = await figures.actions(session, SIGN_INS, since, until)
    found = [
        Finding(name.replace(".", "_"), {"count": count}, attention=name == "sign_in.locked" and count > 0)
        for name, count in counts.items()
    ]
    return Section("sign_ins", found)


async def _retention(session: AsyncSession, _settings: Settings, _since: datetime, until: datetime) -> Section:
    rules, runs = await queries.rules(session), await queries.last_runs(session)
    found = []
    for name in retention.KINDS:
        days = retention.days_kept(rules, name)
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


async def _log(session: AsyncSession, _settings: Settings, _since: datetime, until: datetime) -> Section:
    """Whether the audit log itself can be believed."""
    last = await figures.last_verification(session)
    if last is None or until - last.at > VERIFY_WITHIN:
        found = [Finding("log_not_verified", {"at": last.at if last else None}, attention=True)]
    else:
        found = [Finding("log_verified", {"at": last.at, "entries": last.entries, "seals": last.seals})]
    if last is not None and last.findings:
        found.append(Finding("log_broken", {"at": last.at, "count": len(last.findings)}, attention=True))
    waiting = await figures.unsealed(session, until - LATE_SEAL)
    if waiting:
        found.append(Finding("log_unsealed", {"count": waiting}, attention=True))
    places = await access.checkpoints_sent(session)
    found += [Finding("log_place", {"where": one.place, "seal": one.seal, "at": one.at}) for one in places]
    if not places:
        # Whoever owns the database could write another log, and seal it.
        found.append(Finding("log_no_place", attention=True))
    return Section("log", found)


async def _secrets(session: AsyncSession, _settings: Settings, since: datetime, until: datetime) -> Section:
    found = [
        # A customer's mistake is caught; a member of staff has no secret to write.
        Finding(f"secret_of_{author}", {"secret": kind, "place": place, "count": count}, attention=author == "agent")
        for kind, place, author, count in await figures.exposures(session, since, until)
    ]
    doubtful = await figures.doubtful(session, since, until)
    if doubtful:
        found.append(Finding("secret_doubtful", {"count": doubtful}))
    return Section("secrets", found)


async def _access(session: AsyncSession, _settings: Settings, since: datetime, until: datetime) -> Section:
    """Personal fields that were opened, and alarms."""
    found = [
        Finding("alarms", {"alarm": kind, "count": count, "open": unseen}, attention=unseen > 0)
        for kind, count, unseen in await figures.alarms(session, since, until)
    ]
    by_purpose: dict[str, list[tuple[UUID, str, int]]] = {}
    for agent_id, name, purpose, count in await figures.grants(session, since, until):
        by_purpose.setdefault(purpose, []).append((agent_id, name, count))
    for purpose, counts in by_purpose.items():
        often = out_of_pattern(counts)
        for _, name, count in counts:
            named = (name, count) in often
            shown = {"name": name, "purpose": purpose, "count": count}
            found.append(Finding("granted_often" if named else "granted", shown, attention=named))
    found += [
        Finding("archives_taken", {"name": name, "purpose": purpose, "count": count})
        for name, purpose, count in await figures.archives_taken(session, since, until)
    ]
    return Section("access", found)


async def _keys(session: AsyncSession, _settings: Settings, _since: datetime, until: datetime) -> Section:
    """How old the installation's keys are. A rotation exchanges the master key with that for values."""
    found: list[Finding] = []
    for key, generation, made in await figures.keys(session):
        old = until - made > KEY_AGE
        shown = {"key": key, "generation": generation, "at": made, "days": (until - made).days}
        found.append(Finding("key_old" if old else "key_young", shown, attention=old))
    for work in await figures.key_work(session):
        left = work.state in {"incomplete", "stopped"}
        progress = {"at": work.at, "done": work.done, "failed": work.failed}
        found.append(Finding(f"sealing_{work.state}", progress, attention=left))
    return Section("keys", found)


async def _webhooks(session: AsyncSession, _settings: Settings, since: datetime, until: datetime) -> Section:
    found: list[Finding] = []
    for endpoint in await figures.endpoints(session):
        if endpoint.stopped_because is not None:
            stopped = {"name": endpoint.name, "because": endpoint.stopped_because}
            found.append(Finding("webhook_stopped", stopped, attention=True))
        elif endpoint.active and endpoint.failing_since is not None:
            failing = {"name": endpoint.name, "at": endpoint.failing_since, "count": endpoint.failures}
            found.append(Finding("webhook_failing", failing, attention=True))
        else:
            found.append(Finding("webhook_works" if endpoint.active else "webhook_off", {"name": endpoint.name}))
    lost = await figures.given_up(session, since, until)
    if lost:
        found.append(Finding("webhook_given_up", {"count": lost}, attention=True))
    return Section("webhooks", found)


async def _pictures(session: AsyncSession, _settings: Settings, since: datetime, until: datetime) -> Section:
    states = await figures.pictures(session, since, until)
    total, unread = sum(states.values()), states.get("unread", 0)
    found = []
    if total:
        # When most stay closed, the reader is missing or too slow.
        shown = {"count": total, "secret": states.get("secret", 0), "unread": unread}
        found.append(Finding("pictures", shown, attention=2 * unread > total))
    waiting = await figures.pictures_waiting(session, until - LATE_PICTURE)
    if waiting:
        found.append(Finding("pictures_waiting", {"count": waiting}, attention=True))
    return Section("pictures", found)


async def _dependencies(_session: AsyncSession, _settings: Settings, _since: datetime, until: datetime) -> Section:
    """Known faults of what we depend on, as far as somebody asked: no answer is a finding of its own."""
    found = []
    for audit in advisories.audits():
        age = audit.age(until.date())
        stale = age is None or age > AUDIT_EVERY.days
        told = {"ecosystem": audit.ecosystem, "at": audit.audited_on.isoformat() if audit.audited_on else None}
        found.append(Finding("not_audited" if stale else "audited", told, attention=stale))
        found += [Finding("known_fault", {"ecosystem": audit.ecosystem, "fault": fault}, True) for fault in audit.known]
    return Section("dependencies", found)


# In the order of the page.
SECTIONS: tuple[Collect, ...] = (
    _rights,
    _looking,
    _access,
    _log,
    _secrets,
    _pictures,
    _keys,
    _sign_ins,
    _retention,
    _requests,
    _webhooks,
    _dependencies,
)


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
    found = await queries.review(session, viewer, review_id, lock=True)
    if found.signed_at is not None:
        raise ReviewSigned
    found.signed_at, found.signed_by_id, found.remarks = now(), viewer.id, remarks
    record(session, viewer, "review.signed", ("review", found.id), digest=found.digest)
    return found
