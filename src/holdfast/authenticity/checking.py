"""The checker: a text that somebody was shown in, whether it is ours out. What is pasted is not kept."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.authenticity import codes, queries, targets
from holdfast.authenticity.lookalikes import Official, Trick, judge
from holdfast.authenticity.secrets import target_index
from holdfast.core.clock import now
from holdfast.redaction import redact

Status = Literal[
    "official",
    "reference",
    "expired",
    "lookalike",
    "known_fake",
    "not_listed",
    "sent",
    "not_sent",
    "secret",
    "unreadable",
]
OURS = ("official", "sent")
SUSPECT = ("lookalike", "known_fake", "not_listed", "expired", "not_sent")


@dataclass(frozen=True, slots=True)
class Answer:
    """``shown`` is what was checked, as it reads without its tricks; ``of`` what of ours it is or imitates; ``at`` when
    we sent it or until when it was ours."""

    status: Status
    kind: str = "unknown"
    shown: str = ""
    of: str = ""
    note: str = ""
    trick: Trick | None = None
    host: str = ""
    reference: str = ""
    at: datetime | None = None


async def check(session: AsyncSession, text: str, register: Sequence[Official]) -> Answer:
    """Whether what was pasted is ours. Never fails, whatever it is."""
    if redact(text).findings:
        return Answer("secret")
    target = targets.read(text)
    if target.kind == "check_code":
        sent = await codes.find_sent(session, target.key)
        if sent is None:
            return Answer("not_sent", "check_code", target.shown)
        return Answer("sent", "check_code", target.shown, reference=sent.reference, at=sent.at)
    if target.kind == "unknown":
        return Answer("unreadable", shown=target.shown)
    verdict = judge(target, register, now())
    answer = Answer(
        verdict.status, target.kind, target.shown, trick=verdict.trick, host=targets.unicode_host(target.host)
    )
    if verdict.of is not None:
        until = verdict.of.until if verdict.status == "expired" else None
        answer = replace(answer, of=verdict.of.shown, note=verdict.of.note, at=until)
    if verdict.status != "official" and await queries.known_fake(session, indexes(target)):
        return replace(answer, status="known_fake")
    return answer


def indexes(target: targets.Target) -> list[bytes]:
    """Under which a report may be filed: the thing itself, and the domain that it is of."""
    found = [target_index(target.kind, target.key)]
    if target.host and target.kind != "domain":
        found.append(target_index("domain", target.host))
    if target.kind == "handle" and target.platform:
        found.append(target_index("handle", target.key.partition(":")[2]))
    return found
