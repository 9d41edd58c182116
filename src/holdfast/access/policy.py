"""The one policy: what a viewer sees of a customer's personal fields. Pure, and the same for every surface.

REST, sockets, search, exports, webhooks, logs and reports all ask ``sight``; none has a rule of its own. A surface that
shows nobody in person (a webhook, the log, a report) asks as ``SystemViewer`` and gets masks at most; a copy of a
customer's own data asks as ``CustomerViewer``.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import NamedTuple
from uuid import UUID

from holdfast.access.viewer import CustomerViewer, Role, StaffViewer, Viewer


class Field(StrEnum):
    """A kind of personal value. ``text`` is free text (messages, previews, file names, words of a rating), of which
    only the personal parts are masked; ``network`` is an address on the internet."""

    NAME = "name"
    EMAIL = "email"
    PHONE = "phone"
    USER_ID = "user_id"
    WALLET = "wallet"
    ADDRESS = "address"
    IDENTITY = "identity"
    TEXT = "text"
    NETWORK = "network"


class Sight(IntEnum):
    """How much of a value is seen; the larger shows more."""

    HIDDEN = 0
    MASKED = 1
    CLEAR = 2


class Stance(IntEnum):
    """What a viewer has to do with the customer at this moment."""

    AWAY = 0
    SEES = 1
    """A conversation of the customer is in their lists, but it is not theirs, or it is settled."""
    HOLDS = 2
    """An open conversation of the customer is assigned to them."""
    OWN = 3
    """They are the customer."""


@dataclass(frozen=True, slots=True)
class Grant:
    """One field of one customer, opened to one agent until ``ends_at``. Ended ones are not handed to the policy."""

    agent_id: UUID
    customer_id: UUID
    field: Field
    field_id: UUID
    ends_at: datetime


class Rule(NamedTuple):
    """What is seen away from the case, in one's lists, while holding it, and while holding it with a live grant."""

    away: Sight
    seeing: Sight
    holding: Sight
    granted: Sight


_H, _M, _C = Sight.HIDDEN, Sight.MASKED, Sight.CLEAR
# The work itself needs it: whom one talks to and what they say.
WORK = Rule(_H, _M, _C, _C)
# Asked for one by one, with a purpose, for a time.
ASKED = Rule(_H, _M, _M, _C)
NEVER = Rule(_H, _H, _H, _H)
MASKED = Rule(_M, _M, _M, _M)
ALWAYS = Rule(_C, _C, _C, _C)

_ANSWERING: dict[Field, Rule] = {
    Field.NAME: WORK,
    Field.EMAIL: ASKED,
    Field.PHONE: ASKED,
    Field.USER_ID: ASKED,
    Field.WALLET: ASKED,
    Field.ADDRESS: ASKED,
    Field.IDENTITY: ASKED,
    Field.TEXT: WORK,
    Field.NETWORK: NEVER,
}
_NOTHING = dict.fromkeys(Field, NEVER)

RULES: dict[Role, dict[Field, Rule]] = {
    Role.CANDIDATE: _NOTHING,
    Role.AGENT: _ANSWERING,
    Role.EMERGENCY_AGENT: _ANSWERING,
    Role.LEAD: _ANSWERING,
    Role.TRAINER: {**_NOTHING, Field.TEXT: MASKED},
    Role.AUDITOR: {**_NOTHING, Field.TEXT: MASKED, Field.NETWORK: ALWAYS},
    Role.ADMINISTRATOR: {**_NOTHING, Field.NETWORK: MASKED},
}
# Webhooks, logs, reports, exports that are nobody's own.
MACHINE: dict[Field, Sight] = {**dict.fromkeys(Field, _M), Field.IDENTITY: _H, Field.NETWORK: _H}


def sight(
    viewer: Viewer,
    field: Field,
    stance: Stance,
    *,
    field_id: UUID | None = None,
    grants: Collection[Grant] = (),
    at: datetime | None = None,
) -> Sight:
    """How much of ``field`` the viewer sees. With several roles, what the widest of them shows.

    ``grants`` counts only for their own agent, field and value, until ``at``, and only while the case is held.
    """
    match viewer:
        case CustomerViewer():
            return Sight.CLEAR if stance is Stance.OWN else Sight.HIDDEN
        case StaffViewer():
            granted = any(
                grant.agent_id == viewer.id
                and grant.field is field
                and grant.field_id == field_id
                and at is not None
                and at < grant.ends_at
                for grant in grants
            )
            return max((_of_rule(RULES[role][field], stance, granted) for role in viewer.roles), default=Sight.HIDDEN)
        case _:
            return MACHINE[field]


def _of_rule(rule: Rule, stance: Stance, granted: bool) -> Sight:
    match stance:
        case Stance.AWAY | Stance.OWN:
            # Staff are nobody's customer here: who asks for help as one holds a customer's token.
            return rule.away
        case Stance.SEES:
            return rule.seeing
        case Stance.HOLDS:
            return rule.granted if granted else rule.holding


def may_ask(viewer: Viewer, field: Field, stance: Stance) -> bool:
    """Whether a purpose could open the field to this viewer now."""
    return (
        isinstance(viewer, StaffViewer)
        and stance is Stance.HOLDS
        and any(RULES[role][field].granted is Sight.CLEAR for role in viewer.roles)
    )


def may_search(viewer: Viewer) -> bool:
    """Who may look a customer up by an exact value: those who answer. What they find is still what they may see."""
    return isinstance(viewer, StaffViewer) and viewer.answers


_WORDS = {
    WORK: "clear while it is theirs, masked in their lists",
    ASKED: "clear with a grant, masked in their lists",
    NEVER: "hidden",
    MASKED: "masked",
    ALWAYS: "clear",
}


def table() -> str:
    """The rules as the table of docs/operations/access.md (a test holds the two together); roles with the same rules
    share a column."""
    alike: dict[tuple[Rule, ...], list[str]] = {}
    for role in Role:
        alike.setdefault(tuple(RULES[role][field] for field in Field), []).append(role.value.replace("_", " "))
    heads = [", ".join(roles) for roles in alike.values()]
    lines = [f"| field | {' | '.join(heads)} | machine |", "|---" * (len(heads) + 2) + "|"]
    for place, field in enumerate(Field):
        cells = [_WORDS[rules[place]] for rules in alike]
        lines.append(f"| {field.value} | {' | '.join(cells)} | {MACHINE[field].name.lower()} |")
    return "\n".join(lines)
