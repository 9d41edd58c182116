"""The promises' house with a technical team: who hands over, who works on cases, and the workers that a test runs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from ipaddress import ip_network
from typing import Any
from uuid import UUID

from sqlalchemy import select

from holdfast.access.viewer import Role, StaffViewer
from holdfast.conversations import operations as conversations
from holdfast.conversations import outgoing
from holdfast.conversations.models import Conversation, Message
from holdfast.core.outgoing import Outgoing, Rules
from holdfast.core.settings import Settings
from holdfast.technical import announcing, cases, tracking
from holdfast.technical.courier import TrackerCourier
from holdfast.technical.github import GitHub as Adapter
from holdfast.technical.models import (
    TechnicalAction,
    TechnicalAnnouncement,
    TechnicalCase,
    TechnicalDelivery,
    TechnicalEvent,
    TechnicalIssue,
    TechnicalTracker,
)
from holdfast.technical.sending import Announcer
from tests.promises import support as promises
from tests.support.github import SECRET, TOKEN, GitHub

TRIED = "Cleared the cache, installed 4.2 again: the balance stays at zero."
ASKED = "Why does the indexer of Solana stand still?"
TITLE = "Balances on Solana stay at zero"


class AnyLink:
    """A register in which every link stands."""

    def allows(self, link: str) -> bool:
        return True


@dataclass(kw_only=True)
class House(promises.House):
    """Gus hands over; Tess (and Ana, ``agent_``) are technical; Karin leads; Lena administers."""

    tess: StaffViewer
    karin: StaffViewer
    lena: StaffViewer
    gus: StaffViewer

    async def conversation(self, language: str = "en", agent: StaffViewer | None = None) -> UUID:
        """One that Gus (or somebody) has."""
        conversation_id = await self.open(language=language)
        holder = agent or self.gus
        async with self.database.transaction() as session:
            await conversations.assign(session, holder, conversation_id, holder.id, how="taken")
        return conversation_id

    async def hand_over(self, conversation_id: UUID, case: UUID | None = None, **more: Any) -> UUID:
        """By Gus, who has it; the case."""
        given = {"tried": TRIED, "asked": ASKED, "title": None if case else TITLE, "case_id": case, **more}
        async with self.database.transaction() as session:
            return (await cases.hand_over(session, self.gus, conversation_id, **given)).id

    async def case_of(self, *languages: str) -> tuple[UUID, list[UUID]]:
        """A case that Tess works on, with a conversation in each of the languages."""
        linked = [await self.conversation(language) for language in languages]
        case = await self.hand_over(linked[0])
        for other in linked[1:]:
            await self.hand_over(other, case)
        await self.act(cases.take, case)
        return case, linked

    async def act(self, verb: Any, *given: Any, by: StaffViewer | None = None, **more: Any) -> Any:
        """One verb in a transaction; by Tess unless told otherwise."""
        async with self.database.transaction() as session:
            return await verb(session, by or self.tess, *given, **more)

    async def tell(self, case: UUID, kind: str, **texts: str) -> UUID:
        """Written by Tess and released by Ana; ``zh_Hans`` is zh-Hans."""
        written = {language.replace("_", "-"): text for language, text in texts.items()}
        row = await self.act(announcing.write, case, kind, written)
        await self.act(announcing.release, row.id, by=self.agent_)
        return UUID(str(row.id))

    async def send(self) -> None:
        """As the worker does."""
        await Announcer(self.database)._look()

    async def track(self, hub: GitHub, token: str = TOKEN) -> None:
        """Lena names the repository."""
        async with self.database.transaction() as session:
            await tracking.set_tracker(
                session,
                self.lena,
                self.rules(hub),
                api=hub.origin,
                repository="acme/wallet",
                token=token,
                secret=SECRET,
                network="test",
            )

    def rules(self, hub: GitHub) -> Rules:
        return Rules((ip_network("127.0.0.0/8"),), frozenset({hub.origin.removeprefix("http://")}))

    def courier(self, hub: GitHub) -> TrackerCourier:
        """A real one, with the real adapter."""
        return TrackerCourier(self.database, Adapter(Outgoing(self.rules(hub))))

    async def carry(self, hub: GitHub) -> None:
        """What is due at the tracker now."""
        courier = self.courier(hub)
        while await courier.do_next():
            pass

    async def case(self, case_id: UUID) -> TechnicalCase:
        async with self.database.transaction() as session:
            return await session.get_one(TechnicalCase, case_id)

    async def issue(self, case_id: UUID) -> TechnicalIssue:
        async with self.database.transaction() as session:
            return await session.get_one(TechnicalIssue, case_id)

    async def tracker(self) -> TechnicalTracker:
        async with self.database.transaction() as session:
            return (await session.scalars(select(TechnicalTracker))).one()

    async def actions(self, case_id: UUID) -> list[tuple[str, str, str | None]]:
        async with self.database.transaction() as session:
            found = await session.scalars(
                select(TechnicalAction).where(TechnicalAction.case_id == case_id).order_by(TechnicalAction.id)
            )
            return [(row.kind, row.state, row.reason) for row in found]

    async def announcement(self, announcement_id: UUID) -> TechnicalAnnouncement:
        async with self.database.transaction() as session:
            return await session.get_one(TechnicalAnnouncement, announcement_id)

    async def deliveries(self, announcement_id: UUID) -> dict[UUID, TechnicalDelivery]:
        async with self.database.transaction() as session:
            found = await session.scalars(
                select(TechnicalDelivery).where(TechnicalDelivery.announcement_id == announcement_id)
            )
            return {row.conversation_id: row for row in found}

    async def log(self, case_id: UUID) -> list[str]:
        async with self.database.transaction() as session:
            return list(
                await session.scalars(
                    select(TechnicalEvent.kind).where(TechnicalEvent.case_id == case_id).order_by(TechnicalEvent.id)
                )
            )

    async def told(self, conversation_id: UUID) -> list[str]:
        """What was announced in a conversation."""
        async with self.database.transaction() as session:
            found = await session.scalars(
                select(Message)
                .where(Message.conversation_id == conversation_id, Message.source == "technical")
                .order_by(Message.seq)
            )
            return [row.body for row in found]

    async def row(self, conversation_id: UUID) -> Conversation:
        async with self.database.transaction() as session:
            return await session.get_one(Conversation, conversation_id)


@asynccontextmanager
async def house(dsn: str) -> AsyncIterator[House]:
    before = outgoing._allowed
    outgoing.plug(AnyLink())
    try:
        async with promises.house(dsn) as made:
            yield House(
                **vars(made),
                tess=await made.agent("Tess", skills=("general", "technical")),
                karin=await made.agent("Karin", Role.LEAD),
                lena=await made.agent("Lena", Role.ADMINISTRATOR, online=False),
                gus=await made.agent("Gus"),
            )
    finally:
        outgoing.plug(before)


def settings(folder: Any) -> Settings:
    return replace(Settings(), data_dir=folder, demo=True)


MINUTES = timedelta(minutes=6)


async def made(house: House, hub: GitHub) -> UUID:
    """A case with an issue that was made there."""
    await house.track(hub)
    case, _ = await house.case_of("en")
    await house.act(tracking.ask_for_issue, case)
    await house.carry(hub)
    return case


def turn(house: House) -> None:
    """Until issues are looked at again."""
    house.clock.moment += MINUTES
