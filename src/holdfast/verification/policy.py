"""What counts as proof: pure. A purpose's rule, what was shown, and the case decide; nothing else does."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from holdfast.verification.proofs.outcome import CHAIN_NOT_READ

# Whoever robs a wallet may have begun before its owner saw it: what was put on file within this time of the claim may
# be the thief's.
MARGIN = timedelta(hours=24)


class Method(StrEnum):
    """How somebody can show who they are. Stable: they are stored, and worded in the catalogues."""

    EMAIL = "email"
    """A code to the e-mail address on file."""
    SMS = "sms"
    """A code to the telephone on file."""
    APP = "app"
    """A fresh token signed by the wallet's back end."""
    WALLET = "wallet"
    """A signature that proves control of an address."""
    PASSKEY = "passkey"
    """A passkey that was enrolled before the case."""
    KEYPAD = "keypad"
    """A code that the app showed, for whom its back end vouched, typed by a caller on the telephone."""


LEVELS: Mapping[Method, int] = {
    Method.EMAIL: 1,
    Method.SMS: 1,
    Method.APP: 2,
    Method.WALLET: 2,
    Method.KEYPAD: 2,
    Method.PASSKEY: 3,
}
HIGHEST = max(LEVELS.values())


class Refusal(StrEnum):
    """Why something shown is no proof for this purpose. Stable, as Method."""

    NOT_ALLOWED = "not_allowed"
    """The operator does not take this method for this purpose."""
    TOO_WEAK = "too_weak"
    COMPROMISED = "compromised"
    """The wallet may be in other hands, and this can be made by whoever has it."""
    TOO_NEW = "too_new"
    """It was put on file after the case began, or not long enough before."""
    CHAIN_NOT_READ = "chain_not_read"
    """The operator wants the chain to be asked, and no node was."""
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a purpose needs, and how long a proof holds. ``enrolled_before``: how long before the case a passkey must
    have been there. ``chain_required``: a signature counts only if a node was asked about its account."""

    key: str
    level: int
    statement: str
    methods: frozenset[Method]
    holds: timedelta = timedelta(minutes=5)
    enrolled_before: timedelta = timedelta(hours=24)
    chain_required: bool = False
    name: str = ""
    active: bool = True


@dataclass(frozen=True, slots=True)
class Case:
    """The conversation, and since when this customer's wallet is said to be in other hands (None: it is not)."""

    opened_at: datetime
    compromised_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was shown ``at``. ``since`` is when it was put on file; None for what can be made at any time by whoever
    holds the wallet or the app: signatures and tokens."""

    method: Method
    at: datetime
    since: datetime | None = None
    warnings: tuple[str, ...] = ()


def judge(rule: Rule, evidence: Evidence, case: Case, now: datetime) -> Refusal | None:
    """None: it is proof for this purpose, now. The compromise comes first, so that it is what people are told."""
    method, since = evidence.method, evidence.since
    # The latest moment at which it may have been put on file.
    latest = {
        Method.EMAIL: case.opened_at,
        Method.SMS: case.opened_at,
        Method.PASSKEY: case.opened_at - rule.enrolled_before,
    }
    claimed = case.compromised_at
    checks = (
        (Refusal.COMPROMISED, claimed is not None and (since is None or since > claimed - MARGIN)),
        (Refusal.NOT_ALLOWED, method not in rule.methods),
        (Refusal.TOO_WEAK, LEVELS[method] < rule.level),
        (Refusal.TOO_NEW, method in latest and (since is None or since > latest[method])),
        (Refusal.CHAIN_NOT_READ, rule.chain_required and CHAIN_NOT_READ in evidence.warnings),
        (Refusal.OVER, not evidence.at <= now < evidence.at + rule.holds),
    )
    return next((refusal for refusal, applies in checks if applies), None)


def offered(rule: Rule, on_file: Mapping[Method, datetime | None], case: Case, now: datetime) -> list[Method]:
    """The ways that are open for this purpose, weakest first. ``on_file``: what this customer could show, since when.

    The least that serves: a stronger method is offered only if none of the purpose's own level can serve.
    """
    serving = [
        method
        for method in sorted(on_file, key=list(Method).index)
        if judge(rule, Evidence(method, now, on_file[method]), case, now) is None
    ]
    least = min((LEVELS[method] for method in serving), default=0)
    return [method for method in serving if LEVELS[method] == least]
