"""Canaries: customers made up so that they look like any other in lists and searches, and whom nobody has a reason to
open. They are resolved from the start, so that routing, promises and counters never see them."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.models import Canary
from holdfast.access.viewer import Role, SystemViewer
from holdfast.app.base_data import INBOX
from holdfast.app.operator import OperatorError
from holdfast.conversations import queries
from holdfast.conversations.models import Conversation, Episode, Message
from holdfast.core.clock import now
from holdfast.core.ids import new_id, new_reference
from holdfast.people import customers
from holdfast.people import queries as people
from holdfast.people.models import Agent

_NAMES = {
    "en": ("James Whitfield", "Olivia Brandt", "Daniel Okoye", "Sofia Lindqvist", "Marcus Hale", "Elena Petrova"),
    "zh-Hans": ("陈思远", "李雨桐", "王梓涵", "赵明轩", "周欣怡", "吴嘉豪"),
}
_TALKS = {
    "en": (
        ("My deposit of 3.2 ETH has not arrived", "It is confirmed now, you should see it in a minute.", "Yes, thanks"),
        ("I cannot find my old wallet after the update", "Please pull the list down once.", "There it is, thank you"),
        ("The swap failed but the fee is gone", "The fee is paid to the network also when it fails.", "I see. OK"),
    ),
    "zh-Hans": (
        ("我充值的 3.2 ETH 一直没有到账", "现在已经确认，一分钟内就能看到。", "看到了，谢谢"),
        ("更新之后找不到以前的钱包", "请下拉刷新一次列表。", "找到了，谢谢您"),
        ("兑换失败了，手续费却扣了", "即使失败，网络手续费也会支付给网络。", "明白了"),
    ),
}
_PLACES = {"en": ("gmail.com", "outlook.com", "proton.me"), "zh-Hans": ("qq.com", "163.com", "foxmail.com")}


async def add(session: AsyncSession, *, language: str = "en", agent_email: str | None = None) -> str:
    """One more; its reference. ``agent_email``: it lies among what this agent has resolved, else leads find it alone.

    Raises OperatorError.
    """
    if language not in _NAMES:
        raise OperatorError(f"canaries speak {' or '.join(_NAMES)}, not {language}")
    agent = await people.agent_by_email(session, agent_email) if agent_email else None
    if agent_email and agent is None:
        raise OperatorError(f"nobody has the address {agent_email}")
    inbox = await queries.inbox_by_key(session, INBOX)
    number = secrets.randbelow(9_000_000) + 1_000_000
    customer = await customers.find_or_create(
        session,
        subject=f"{inbox.key}:canary-{new_id().hex}",
        name=secrets.choice(_NAMES[language]),
        language=language,
        contacts={
            "email": f"{secrets.token_hex(3)}{number % 1000}@{secrets.choice(_PLACES[language])}",
            "phone": f"+{secrets.choice(('44 7700', '86 139', '49 151'))} {number}",
            "user_id": f"user-{number}",
        },
        proven=True,
    )
    conversation = _conversation(language)
    conversation.inbox_id, conversation.queue_id = inbox.id, inbox.queue_id
    conversation.customer_id = customer.id
    conversation.preferred_agent_id = agent.id if agent else None
    customer.created_at = customer.seen_at = conversation.opened_at
    session.add(conversation)
    await session.flush()
    _talk(session, conversation, language, agent or await _somebody(session))
    session.add(Canary(conversation_id=conversation.id, customer_id=customer.id))
    # Not which: administrators read the log.
    record(session, SystemViewer("canary"), "canary.added", ("conversation", None))
    await session.flush()
    return conversation.reference


def _conversation(language: str) -> Conversation:
    """Resolved some days ago, on a working day's hour that no two share."""
    opened = now() - timedelta(seconds=secrets.randbelow(20 * 86_400) + 86_400)
    return Conversation(
        id=new_id(),
        reference=new_reference(),
        language=language,
        category="resolved",
        answered_at=opened + timedelta(seconds=140 + secrets.randbelow(400)),
        resolved_at=opened + timedelta(seconds=900 + secrets.randbelow(2_000)),
        opened_at=opened,
        last_at=opened + timedelta(seconds=800),
        seq=0,
        version=1,
        tags=[],
    )


async def _somebody(session: AsyncSession) -> Agent | None:
    """Who seems to have answered."""
    staff = await people.agents(session, SystemViewer("canary"))
    answering = [agent for agent in staff if agent.active and Role.AGENT in agent.roles]
    return secrets.choice(answering) if answering else None


def _talk(session: AsyncSession, conversation: Conversation, language: str, agent: Agent | None) -> None:
    authors = {"customer": conversation.customer_id, "agent": agent.id if agent else None}
    asked, answered, thanks = secrets.choice(_TALKS[language])
    lines = (
        ("system", "system", "", {"type": "opened", "episode": 1}),
        ("public", "customer", asked, None),
        ("public", "agent", answered, None),
        ("public", "customer", thanks, None),
        ("system", "system", "", {"type": "resolved", "episode": 1}),
    )
    for seq, (kind, author, body, event) in enumerate(lines, 1):
        session.add(
            Message(
                conversation_id=conversation.id,
                seq=seq,
                kind=kind,
                author=author,
                author_id=authors.get(author),
                body=body,
                event=event,
                created_at=conversation.opened_at + timedelta(seconds=150 * seq),
            )
        )
    conversation.seq, conversation.preview, conversation.last_from = len(lines), thanks, "customer"
    session.add(
        Episode(
            conversation_id=conversation.id,
            number=1,
            opened_at=conversation.opened_at,
            opened_seq=1,
            answered_at=conversation.answered_at,
            resolved_at=conversation.resolved_at,
        )
    )


async def listed(session: AsyncSession) -> list[tuple[str, datetime]]:
    """References, and since when they are laid out."""
    rows = await session.execute(
        select(Conversation.reference, Canary.created_at)
        .join(Canary, Canary.conversation_id == Conversation.id)
        .order_by(Canary.created_at)
    )
    return [(row[0], row[1]) for row in rows]
