"""What happened to a conversation; ``app/reactions.py`` lists who answers each."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class ConversationOpened:
    """Opened for the first time, or reopened (``episode`` > 1); it is unassigned and waits in ``queue_id``."""

    conversation_id: UUID
    queue_id: UUID
    episode: int
    emergency: bool


@dataclass(frozen=True, slots=True)
class ConversationQueued:
    """An open conversation went (back) to a queue: released, transferred, raised, or its agent is absent."""

    conversation_id: UUID
    queue_id: UUID
    why: str


@dataclass(frozen=True, slots=True)
class ConversationAssigned:
    conversation_id: UUID
    agent_id: UUID


@dataclass(frozen=True, slots=True)
class ConversationResolved:
    conversation_id: UUID
    agent_id: UUID | None
    episode: int


@dataclass(frozen=True, slots=True)
class SecretFound:
    """A secret was hidden: its kind, how many words (0 for what has none), and where: message, messages (it came in
    pieces), note or picture. ``seq`` is its entry, if it has one yet; ``seqs`` are all entries it stood in."""

    conversation_id: UUID
    seq: int | None
    kind: str
    words: int
    where: str
    certainty: str = "high"
    author: str = "customer"
    seqs: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ConversationsMoved:
    """They are another customer's now: a visitor was proven to be somebody known."""

    conversation_ids: tuple[UUID, ...]
    customer_id: UUID


Fact = (
    ConversationsMoved
    | ConversationOpened
    | ConversationQueued
    | ConversationAssigned
    | ConversationResolved
    | SecretFound
)
