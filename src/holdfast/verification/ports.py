"""What verification must ask of those above it, and of the outside; plugged in by ``app``."""

from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.chains.nodes import Nodes
from holdfast.chains.ports import NodeFailed
from holdfast.conversations.models import Conversation, Inbox


class Texts(Protocol):
    """Short messages to telephones."""

    async def send(self, session: AsyncSession, to: str, text: str) -> None:
        """With the transaction's commit."""


class Stamps(Protocol):
    async def below(self, session: AsyncSession, conversation: Conversation) -> str:
        """What stands below whatever goes out to the conversation's customer, in their language; may be empty."""


class NoStamps:
    async def below(self, session: AsyncSession, conversation: Conversation) -> str:  # noqa: ARG002 - the port's shape
        return ""


@dataclass(frozen=True, slots=True)
class Vouched:
    """What a token of the wallet's back end says: its own id of the user, and for which challenge it was made."""

    subject: str
    nonce: str | None


class Tokens(Protocol):
    def read(self, inbox: Inbox, token: str) -> Vouched | None:
        """None for a token that is not good."""


class NoTokens:
    def read(self, inbox: Inbox, token: str) -> Vouched | None:  # noqa: ARG002 - the port's shape
        return None


async def closed(method: str, url: str, json: object | None = None) -> tuple[int, bytes]:  # noqa: ARG001 - the port's shape
    """No way out: every node is away."""
    raise NodeFailed("no connection to nodes is plugged in")


@dataclass(frozen=True, slots=True)
class Outside:
    """Without ``texts`` no codes go to telephones, and that way is not offered; ``mails`` likewise."""

    nodes: Nodes = field(default_factory=lambda: Nodes(closed, {}))
    tokens: Tokens = field(default_factory=NoTokens)
    stamps: Stamps = field(default_factory=NoStamps)
    texts: Texts | None = None
    mails: bool = False


_outside = Outside()


def plug(outside: Outside) -> None:
    """Set the process's outside (once, at start)."""
    global _outside  # noqa: PLW0603 - the process has one outside
    _outside = outside


def outside() -> Outside:
    return _outside
