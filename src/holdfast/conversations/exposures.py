"""That a secret was found: written down without the secret, and told to the customer at once."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.viewer import SystemViewer
from holdfast.conversations import queries
from holdfast.conversations.facts import SecretFound
from holdfast.conversations.models import Exposure
from holdfast.conversations.operations import append
from holdfast.core.database import happened


def state(session: AsyncSession, conversation_id: UUID, event: dict[str, Any] | None, seq: int | None = None) -> None:
    """What was hidden in a text of ours that is no message (yet): the desk's own business, as a note's."""
    for red in (event or {}).get("red", ()):
        if red["certainty"] != "ambiguous":
            fact = SecretFound(conversation_id, seq, red["kind"], red["count"], "note", red["certainty"], "agent")
            happened(session, fact)


async def on_secret_found(session: AsyncSession, fact: SecretFound) -> None:
    """Write it down; if it is sure, a line in the timeline tells everybody, and takes the words from every client that
    still shows them. What may be a secret is only counted: nobody is told that a hash burned their wallet."""
    conversation = await queries.locked(session, SystemViewer("exposure"), fact.conversation_id)
    session.add(
        Exposure(
            conversation_id=conversation.id,
            customer_id=conversation.customer_id,
            seq=fact.seq,
            kind=fact.kind,
            word_count=fact.words,
            certainty=fact.certainty,
            place=fact.where,
            author=fact.author,
        )
    )
    if fact.certainty == "ambiguous":
        return
    red = [{"kind": fact.kind, "count": fact.words, "certainty": fact.certainty}]
    append(
        session,
        conversation,
        event={
            "type": "redacted",
            "seqs": list(fact.seqs),
            "where": fact.where,
            "by": fact.author,
            "red": red,
        },
    )
