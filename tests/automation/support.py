"""A desk with rules, whose reader, timers and dry runs a test calls itself."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from holdfast.access.viewer import Role, StaffViewer
from holdfast.automation import following, followups, rulebook, scheduled, trials
from holdfast.automation.models import AutomationFiring, AutomationRule
from holdfast.automation.reader import RuleReader
from holdfast.automation.rules import Action, Asks, Check, Checks, Does, Group, Op, What, When
from holdfast.conversations.models import Conversation, Message
from holdfast.core.clock import now
from holdfast.core.due import Due
from tests.promises import support
from tests.promises.support import House as Promising

ALWAYS = Group()
HANDLERS = {
    following.TIMER: following.time_over,
    scheduled.DUE: scheduled.send,
    followups.DUE: followups.come_back,
}


def when(asks: Asks, op: Op, *values: str) -> Group:
    return Group("all", (Check(asks, op, values),))


def one_of(*groups: Checks) -> Group:
    return Group("any", (), groups)


@dataclass(kw_only=True)
class House(Promising):
    lead: StaffViewer

    async def rule(
        self, name: str, event: What, *actions: Action, conditions: Group = ALWAYS, on: bool = True, **more: Any
    ) -> UUID:
        """A rule that was tried and is switched on; its id."""
        async with self.database.transaction() as session:
            row = await rulebook.save(
                session,
                self.lead,
                None,
                based_on=0,
                name=name,
                when=When(event, **more),
                conditions=conditions,
                actions=actions,
                network="test",
            )
        if on:
            await self.tried(row.rule_id)
            await self.switch(row.rule_id, active=True)
        return row.rule_id

    async def version(self, rule_id: UUID) -> AutomationRule:
        async with self.database.transaction() as session:
            found = await session.scalars(
                select(AutomationRule)
                .where(AutomationRule.rule_id == rule_id)
                .order_by(AutomationRule.version.desc())
                .limit(1)
            )
            return found.one()

    async def tried(self, rule_id: UUID, days: int = 30) -> UUID:
        async with self.database.transaction() as session:
            trial = await trials.ask(session, self.lead, rule_id, days=days, network="test")
        await trials.work(self.database, trial=str(trial.id))
        return trial.id

    async def switch(self, rule_id: UUID, *, active: bool) -> None:
        version = (await self.version(rule_id)).version
        async with self.database.transaction() as session:
            await rulebook.switch(session, self.lead, rule_id, based_on=version, active=active, network="test")

    async def work(self) -> None:
        """As the worker does: follow the timelines, then everything whose time has come."""
        await RuleReader(self.database)._look()
        while True:
            async with self.database.transaction() as session:
                row = await session.scalar(
                    select(Due).where(Due.kind.in_(HANDLERS), Due.at <= now()).order_by(Due.at).limit(1)
                )
                if row is None:
                    return
                await session.execute(delete(Due).where(Due.kind == row.kind, Due.ref == row.ref))
                await HANDLERS[row.kind](session, row.ref)

    async def fired(self, conversation_id: UUID) -> list[AutomationFiring]:
        async with self.database.transaction() as session:
            found = await session.scalars(
                select(AutomationFiring)
                .where(AutomationFiring.conversation_id == conversation_id)
                .order_by(AutomationFiring.id)
            )
            return list(found)

    async def row(self, conversation_id: UUID) -> Conversation:
        async with self.database.transaction() as session:
            return await session.get_one(Conversation, conversation_id)

    async def said(self, conversation_id: UUID, kind: str = "public") -> list[tuple[str, str]]:
        """``(author, words)``."""
        async with self.database.transaction() as session:
            found = await session.execute(
                select(Message.author, Message.body)
                .where(Message.conversation_id == conversation_id, Message.kind == kind)
                .order_by(Message.seq)
            )
            return [(row[0], row[1]) for row in found]

    async def types(self, conversation_id: UUID) -> list[str]:
        async with self.database.transaction() as session:
            found = await session.scalars(
                select(Message.event)
                .where(Message.conversation_id == conversation_id, Message.kind == "system")
                .order_by(Message.seq)
            )
            return [line["type"] for line in found if line]


def said(*texts: tuple[str, str]) -> Action:
    return Action(Does.MESSAGE, texts=dict(texts))


def results(firing: AutomationFiring) -> Sequence[str]:
    return [f"{one['does']}:{one['result']}" + (f":{one['by']}" if "by" in one else "") for one in firing.done]


@asynccontextmanager
async def house(dsn: str) -> AsyncIterator[House]:
    async with support.house(dsn) as made:
        lead = await made.agent("karin", Role.LEAD, online=False)
        yield House(**vars(made), lead=lead)
