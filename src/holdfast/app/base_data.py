"""What every installation begins with: queues, topics, one inbox, the rules of the skills, and what is promised.

Nothing that is there already is touched, so that it can run at every start.
"""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.purposes import seed_purposes
from holdfast.conversations import queries
from holdfast.conversations.models import Inbox, Queue, Topic
from holdfast.core.ids import new_id, new_secret
from holdfast.core.settings import Settings
from holdfast.promises import operations as promises
from holdfast.training import operations as training

INBOX = "wallet"

# key, name, skill, emergency, seconds to the first answer, seconds an offer rings. An emergency must be taken within
# a minute, so each person asked has a third of it.
QUEUES = (
    ("general", "General", "general", False, 900, 60),
    ("technical", "Technical", "technical", False, 900, 60),
    ("account-security", "Account and security", "account", False, 900, 60),
    ("emergency", "Emergency", "emergency", True, 60, 20),
)

# key, name, and the skill it needs beside its queue's.
TOPICS: tuple[tuple[str, str, str | None], ...] = (
    ("recovery", "Recovery and new device", None),
    ("deposit", "Deposit not shown", None),
    ("withdrawal", "Withdrawal pending", None),
    ("fees", "Network fees", None),
    ("swap", "Swap or exchange", None),
    ("hardware", "Hardware wallet", None),
    ("security", "Security and scams", None),
    ("account", "Account and verification", None),
    ("wish", "Wish", None),
    ("complaint", "Complaint", None),
    ("other", "Something else", None),
)


async def seed_base(session: AsyncSession, settings: Settings) -> Inbox:
    """The inbox, with its queues, topics and rules; a new inbox gets a new secret to sign identities with."""
    for key, name, skill, emergency, answer, offer in QUEUES:
        await session.execute(
            insert(Queue)
            .values(
                id=new_id(),
                key=key,
                name=name,
                skill=skill,
                emergency=emergency,
                answer_seconds=answer,
                offer_seconds=offer,
            )
            .on_conflict_do_nothing(index_elements=["key"])
        )
    for key, name, needed in TOPICS:
        await session.execute(
            insert(Topic)
            .values(id=new_id(), key=key, name=name, skill=needed)
            .on_conflict_do_nothing(index_elements=["key"])
        )
    queues = {queue.key: queue.id for queue in await queries.queues(session)}
    await session.execute(
        insert(Inbox)
        .values(
            id=new_id(),
            key=INBOX,
            name=settings.organisation,
            identity_secret=new_secret(),
            allowed_origins=[],
            languages=[],
            queue_id=queues["general"],
            emergency_queue_id=queues["emergency"],
        )
        .on_conflict_do_nothing(index_elements=["key"])
    )
    await training.seed_rules(session)
    await seed_purposes(session)
    await promises.seed(session)
    return await queries.inbox_by_key(session, INBOX)
