"""Shapes of offers, and of the answer to "why this agent?"."""

from datetime import datetime
from uuid import UUID

import msgspec

from holdfast.conversations.schemas import Named, Row
from holdfast.training.rights import Reason


class OfferView(msgspec.Struct, frozen=True):
    """A conversation that rings at an agent until ``expires_at``."""

    id: UUID
    conversation: Row
    offered_at: datetime
    expires_at: datetime
    why: list[Reason]


class Chosen(msgspec.Struct, frozen=True):
    agent: Named


class Decision(msgspec.Struct, frozen=True):
    """Something that was decided. ``outcome`` of an offer is ringing, accepted, declined, expired or withdrawn; of an
    assignment without one taken, transfer or reopened; where nobody is ``chosen``, it is why the agent lost it:
    released, silent, agent_absent, transferred, emergency or resolved."""

    at: datetime
    chosen: Chosen | None
    outcome: str
    reasons: list[Reason]


class CandidateView(msgspec.Struct, frozen=True):
    agent: Named
    eligible: bool
    reasons: list[Reason]


class Present(msgspec.Struct, frozen=True):
    """Who could be asked now, best first, and why the others cannot; empty when it does not wait for an agent."""

    candidates: list[CandidateView]


class Why(msgspec.Struct, frozen=True):
    """Every decision about a conversation, oldest first, and how things stand."""

    decisions: list[Decision]
    now: Present
