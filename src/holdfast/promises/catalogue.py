"""What every installation promises until its administrators change it: first versions of policies."""

from dataclasses import dataclass

from holdfast.promises.model import Kind
from holdfast.promises.policies import Match

MINUTE, HOUR, DAY = 60, 3600, 86_400
# A matter of these topics can be settled in one talk, unless it is handed over.
SIMPLE = frozenset({"deposit", "withdrawal", "fees", "swap", "wish", "other"})


_ANY = Match()


@dataclass(frozen=True, slots=True)
class Shipped:
    key: str
    kind: Kind
    target_seconds: int
    match: Match = _ANY
    wait_seconds: int | None = None


_CHAT, _MAIL, _SOS = frozenset({"chat"}), frozenset({"email"}), frozenset({"emergency"})

POLICIES: tuple[Shipped, ...] = (
    Shipped("first-response", Kind.FIRST, 15 * MINUTE),
    Shipped("first-response-emergency", Kind.FIRST, MINUTE, Match(queues=_SOS)),
    Shipped("next-response", Kind.NEXT, 15 * MINUTE),
    Shipped("next-response-email", Kind.NEXT, 8 * HOUR, Match(channels=_MAIL)),
    Shipped("next-response-emergency", Kind.NEXT, MINUTE, Match(queues=_SOS, channels=_CHAT)),
    Shipped("solution-simple", Kind.SOLUTION, HOUR, Match(topics=SIMPLE, channels=_CHAT, simple=True), DAY),
    Shipped("solution-email", Kind.SOLUTION, 48 * HOUR, Match(channels=_MAIL), DAY),
    Shipped("update-technical", Kind.UPDATE, DAY),
    Shipped("emergency-answer", Kind.EMERGENCY, MINUTE),
    Shipped("internal-takeover", Kind.INTERNAL, 15 * MINUTE),
)
