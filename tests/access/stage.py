"""One customer with every kind of personal value, and everybody who might look at them."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
from sqlalchemy import delete, update

from holdfast.access.policy import Field, Grant, Sight, Stance, sight
from holdfast.access.purposes import seed_purposes
from holdfast.access.viewer import Role, StaffViewer, Viewer
from holdfast.app.web import create_litestar
from holdfast.authenticity import impostors
from holdfast.automation.models import FollowUp, ScheduledMessage
from holdfast.conversations import operations
from holdfast.conversations.intake import IncomingMessage
from holdfast.conversations.models import Attachment, Conversation, Rating, Topic
from holdfast.conversations.tokens import issue_token
from holdfast.core.clock import now
from holdfast.core.settings import Settings
from holdfast.people import customers
from holdfast.people import queries as people
from holdfast.people.models import Agent
from holdfast.people.sessions import viewer_of
from holdfast.routing.models import Offer
from tests.channels.chat.test_two_processes import Process
from tests.conversations.support import Desk
from tests.support.browsers import browser, session_of

NETWORK = "198.51.100.23"
NAME = "Zebedee Quillfeather"
VALUES = {
    Field.EMAIL: "zebedee@quillfeather.example",
    Field.PHONE: "+44 7700 900123",
    Field.USER_ID: "user-88314159",
    Field.WALLET: "TQn9Y2khEsLJW1ChVWFMSMeRDow5KcbLx7Kd",
}
# Personal parts of free text: if one of these is seen, the text was not masked.
SAID = "+49 151 2345 6789"
WRITTEN = "a.sister@elsewhere.example"
# 64 hex digits: a key or a hash, nobody knows. A message with them is kept apart, and shown for a purpose.
DIGITS = "5c504ed432cb51138bcf09aa5e8a410dd4a1e204ef84bfed1be16dfba1b22060"
TEXT = f"Please call my sister at {SAID} or write to {WRITTEN}"
CLEAR: dict[Field, tuple[str, ...]] = {
    Field.NAME: (NAME, "Quillfeather"),
    Field.TEXT: (SAID, WRITTEN),
    Field.NETWORK: (NETWORK,),
    **{field: (value,) for field, value in VALUES.items()},
}


class Scene(Enum):
    """Where the conversation stands to the one who looks."""

    WAITS = "waits"
    HELD = "held"
    GRANTED = "granted"
    OTHERS = "others"
    SETTLED = "settled"


@dataclass
class Stage:
    """The case, and everybody who might look at it."""

    desk: Desk
    process: Process
    app: Any
    conversation: UUID
    customer: UUID
    points: dict[Field, UUID]
    topic: UUID
    picture: UUID
    sealed: int
    case: UUID
    token: str
    stranger: str
    settings: Settings
    people: dict[Role, StaffViewer]
    cookies: dict[Role, str]

    def stance(self, role: Role, scene: Scene) -> Stance:
        viewer = self.people[role]
        if not viewer.answers:
            return Stance.AWAY
        return Stance.HOLDS if scene in {Scene.HELD, Scene.GRANTED} else Stance.SEES

    async def place(self, role: Role, scene: Scene) -> None:
        """Put the conversation where it stands."""
        viewer = self.people[role]
        holder = viewer.id if scene in {Scene.HELD, Scene.GRANTED} and viewer.answers else self.desk.ana.id
        assignee = None if scene in {Scene.WAITS, Scene.SETTLED} else holder
        async with self.desk.database.transaction() as session:
            await session.execute(delete(Offer))
            await session.execute(
                update(Conversation)
                .where(Conversation.id == self.conversation)
                .values(
                    category="resolved" if scene is Scene.SETTLED else "open",
                    assignee_id=assignee,
                    preferred_agent_id=viewer.id,
                    resolved_at=now() if scene is Scene.SETTLED else None,
                    waiting_since=now(),
                    preview=TEXT,
                    tags=[SAID],
                )
            )
            session.add(
                Offer(
                    conversation_id=self.conversation,
                    agent_id=viewer.id,
                    expires_at=now() + timedelta(minutes=5),
                    why=[],
                )
            )

    def browser(self, role: Role | None) -> AbstractAsyncContextManager[httpx.AsyncClient]:
        return browser(self.app, self.cookies[role] if role else None, network=NETWORK)

    def seen(self, answer: str) -> set[Field]:
        """The fields of which a value stands in clear in what a surface gave."""
        return {field for field, parts in CLEAR.items() if any(part in answer for part in parts)}

    def allowed(self, viewer: Viewer, stance: Stance, *, granted: bool = False) -> set[Field]:
        """What the policy shows the viewer in clear."""
        at = now()
        grants = [
            Grant(viewer.id, self.customer, field, point, at + timedelta(minutes=1))
            for field, point in self.points.items()
            if granted and isinstance(viewer, StaffViewer)
        ]
        return {
            field
            for field in Field
            if sight(viewer, field, stance, field_id=self.points.get(field), grants=grants, at=at) is Sight.CLEAR
        }


@asynccontextmanager
async def stage(desk: Desk, folder: Path) -> AsyncIterator[Stage]:
    """Everything in its place."""
    settings = replace(Settings(), data_dir=folder, demo=True)
    async with desk.database.transaction() as session:
        await seed_purposes(session)
        customer = await customers.find_or_create(
            session,
            subject="wallet:user-88314159",
            name=NAME,
            language="en",
            contacts={field.value: value for field, value in VALUES.items()},
            proven=True,
        )
        topic = Topic(key="deposit", name="Deposits")
        agents = {role: Agent(email=f"{role}@desk.example", name=f"Only {role}", roles=[role]) for role in Role}
        session.add_all([topic, *agents.values()])
        await session.flush()
        opening = IncomingMessage("chat-open", desk.inbox.id.bytes + uuid4().bytes, "customer", customer.id, TEXT)
        conversation, _ = await operations.open_conversation(
            session, await session.merge(desk.inbox), customer, opening, language="en"
        )
        await operations.assign(session, desk.ana, conversation.id, desk.ana.id, how="taken")
        note = desk.answers(conversation.id, f"The sister: {SAID}", desk.ana, "note")
        await operations.post(session, desk.ana, conversation.id, note)
        picture = Attachment(
            conversation_id=conversation.id,
            seq=2,
            uploader="customer",
            uploader_id=customer.id,
            name=f"card of {WRITTEN}.png",
            media_type="image/png",
            size=1,
            key="none",
        )
        session.add(picture)
        doubtful = desk.answers(conversation.id, f"{DIGITS} says {SAID}", desk.ana)
        _, sealed = await operations.post(session, desk.ana, conversation.id, doubtful)
        report = await impostors.report(
            session, source="page", kind=None, target="fake-wallet.example", words=TEXT, language="en"
        )
        at = now() + timedelta(days=30)
        session.add(
            ScheduledMessage(
                conversation_id=conversation.id,
                agent_id=desk.ana.id,
                body=TEXT,
                at=at,
                anyway=False,
                seq=0,
                state="waiting",
            )
        )
        session.add(FollowUp(conversation_id=conversation.id, agent_id=desk.ana.id, at=at, note=TEXT))
        session.add(Rating(conversation_id=conversation.id, episode=1, key=uuid4(), solved="no", words=TEXT))
        operations.append(session, conversation, event={"type": "tagged", "tags": [SAID]})
        other, _ = await operations.open_conversation(
            session,
            await session.merge(desk.inbox),
            await session.merge(desk.customer),
            replace(opening, source_id=desk.inbox.id.bytes + uuid4().bytes, body="Hello"),
            language="en",
        )
        token, stranger = issue_token(session, conversation.id), issue_token(session, other.id)
    async with desk.database.transaction() as session:
        points = {Field(point.kind): point.id for point in await people.contact_points(session, customer.id)}
    cookies = {role: await session_of(desk.database, agent.id) for role, agent in agents.items()}
    async with Process(desk, "one").running() as process:
        yield Stage(
            desk=desk,
            process=process,
            app=create_litestar(settings, desk.database),
            conversation=conversation.id,
            customer=customer.id,
            points=points,
            topic=topic.id,
            picture=picture.id,
            sealed=sealed.seq,
            case=report.case_id,
            token=token,
            stranger=stranger,
            settings=settings,
            people={role: viewer_of(agent) for role, agent in agents.items()},
            cookies=cookies,
        )


def places(stage: Stage) -> dict[str, object]:
    """What stands in the addresses of the probes."""
    return {"c": stage.conversation, "topic": stage.topic, "seq": stage.sealed, "case": stage.case}
