"""From timelines to letters: what our people wrote stands in the timeline, so the timeline is the outbox (as for
webhooks). An answer makes a deadline, and the deadline one letter of everything that the customer has not seen by then:
at once for whoever writes letters, a while after whoever was in the chat has left it, and not at all for what they read
there.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.viewer import SystemViewer
from holdfast.channels.mail import queries
from holdfast.channels.mail.entering import CHANNEL, recipient, within_budget
from holdfast.channels.mail.models import SentLetter
from holdfast.conversations import presences
from holdfast.conversations import queries as conversations
from holdfast.conversations.presences import Seen
from holdfast.core.clock import now
from holdfast.core.database import Database, tell
from holdfast.core.due import set_due
from holdfast.core.following import AT_ONCE, Following
from holdfast.core.ids import new_id
from holdfast.core.settings import Settings
from holdfast.people import customers

ANSWER = "mail_answer"

_ENTRIES = 200
# Agents see when their answer goes by letter.
_APART = 0.5
# A socket that is open for so many times the delay without the answer being read: nobody looks at the page.
_FORGOTTEN = 5
# That somebody has come back to the chat, and has read there, is written within a second.
_COMING_BACK = timedelta(seconds=3)
_SYSTEM = SystemViewer("mail")


class Outbox(Following):
    """A thread's cursor is held by one at a time. Idle without a mailbox."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, apart=_APART, all_every=60.0)

    async def _unread(self) -> Sequence[UUID]:
        async with self._database.transaction() as session:
            self.idle = not await queries.all_mailboxes(session)
            return [] if self.idle else await queries.unread_threads(session, AT_ONCE)

    async def _read(self, ids: Sequence[UUID]) -> Mapping[UUID, float]:
        async with self._database.transaction() as session:
            await collect(session, ids)
        return {}


async def collect(session: AsyncSession, ids: Sequence[UUID]) -> None:
    """Look at what is new in the threads of these conversations: an answer makes a deadline."""
    for thread in await queries.locked_unread(session, ids):
        rows = await queries.entries(session, thread.conversation_id, thread.noted, _ENTRIES)
        thread.noted = rows[-1][0] if rows else thread.noted
        if any(kind == "public" and author in presences.OURS for _, kind, author in rows):
            await set_due(session, ANSWER, thread.conversation_id, now())


def ripe_at(answered: datetime, seen: Seen, wrote: datetime | None, after: timedelta) -> datetime:
    """When an answer that the customer has not read goes by letter. ``wrote``: when their last letter came. A page that
    is open and not looked at counts as left in the end."""
    if seen.here:
        return answered + _FORGOTTEN * after
    if seen.at is None:
        return answered
    if wrote is not None and wrote > seen.at:
        return answered + min(_COMING_BACK, after)
    return max(answered, seen.at) + after


class Answers:
    """The handler of the deadline."""

    def __init__(self, settings: Settings) -> None:
        self._after = timedelta(seconds=settings.answer_by_mail_after)

    async def __call__(self, session: AsyncSession, conversation_id: UUID) -> None:
        thread = await queries.thread(session, conversation_id, lock=True)
        if thread is None or not thread.active:
            # What is said meanwhile waits unread: it goes when they want letters again.
            return
        conversation = await conversations.conversation(session, _SYSTEM, conversation_id)
        thread.seq = max(thread.seq, min(conversation.customer_read, conversation.seq))
        answers = await presences.answers_after(session, conversation_id, thread.seq)
        if not answers:
            return
        (first, answered, _), (last, _, _) = answers[0], answers[-1]
        by_person = any(author == "agent" for _, _, author in answers)
        if not by_person and not await self._may_send_itself(session, thread.address):
            # What rules say stays unread in the chat, and goes with what a person says next.
            return
        seen = await presences.of(session, conversation_id)
        at = ripe_at(answered, seen, await queries.last_came(session, conversation_id), self._after)
        if at > now():
            # Whoever is in the chat may leave it: then it goes as long after that.
            await set_due(session, ANSWER, conversation_id, min(at, now() + self._after) if seen.here else at)
            return
        await self._put(session, conversation_id, first, last, recipient(thread.address, counted=not by_person))
        thread.seq = last

    @staticmethod
    async def _put(session: AsyncSession, conversation_id: UUID, first: int, last: int, to_hash: bytes) -> None:
        """A letter that waits to be sent. One of the same entry that did not reach anybody is made it again."""
        fresh = {
            "first": first,
            "state": "waiting",
            "attempts": 0,
            "next_at": now(),
            "tried_at": None,
            "sent_at": None,
            "reply": None,
            "to_hash": to_hash,
            "created_at": now(),
        }
        letter = {"id": new_id(), "conversation_id": conversation_id, "seq": last, "kind": "answer", **fresh}
        await session.execute(
            insert(SentLetter)
            .values(letter)
            .on_conflict_do_update(
                index_elements=["conversation_id", "seq", "kind"],
                set_=fresh,
                where=SentLetter.state.in_(queries.NOT_ARRIVED),
            )
        )
        tell(session, CHANNEL, "due")

    @staticmethod
    async def _may_send_itself(session: AsyncSession, address: str) -> bool:
        """Whether a letter may go there that no person wrote: whoever writes under another's address would make us
        send it, one for each letter of theirs."""
        if not await queries.is_proven(session, customers.value_indexes("email", address)):
            return False
        return await within_budget(session, recipient(address, counted=True))
