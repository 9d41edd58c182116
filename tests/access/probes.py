"""One customer with every kind of personal value, and a probe for each surface that may carry one.

Whoever adds a surface with fields (access/surfaces.py) adds its probe here: how to make it show what it shows.
"""

import io
import json
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
from sqlalchemy import delete, select, update

from holdfast.access.policy import Field, Grant, Sight, Stance, sight
from holdfast.access.purposes import seed_purposes
from holdfast.access.surfaces import Way
from holdfast.access.viewer import Role, StaffViewer, SystemViewer, Viewer
from holdfast.app.web import create_litestar
from holdfast.authenticity import impostors
from holdfast.channels.chat.feed import Console
from holdfast.channels.chat.frames import Open
from holdfast.channels.webhooks.courier import Courier
from holdfast.channels.webhooks.events import EVENTS, event_of
from holdfast.channels.webhooks.models import WebhookDelivery, WebhookEndpoint
from holdfast.conversations import operations
from holdfast.conversations.intake import IncomingMessage
from holdfast.conversations.models import Attachment, Conversation, Message, Rating, Topic
from holdfast.conversations.tokens import issue_token
from holdfast.core.clock import now
from holdfast.core.http import SESSION_COOKIE
from holdfast.core.outgoing import Outgoing, Rules
from holdfast.core.settings import Settings
from holdfast.people import customers, sessions
from holdfast.people import queries as people
from holdfast.people.models import Agent
from holdfast.people.sessions import viewer_of
from holdfast.routing.models import Offer
from tests.channels.chat.test_console_desk import open_desk
from tests.channels.chat.test_two_processes import Process, Reader
from tests.conversations.support import Desk
from tests.support.outside import answering, outside

ORIGIN = "http://localhost:8420"
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

    @asynccontextmanager
    async def browser(self, role: Role | None) -> AsyncIterator[httpx.AsyncClient]:
        transport = httpx.ASGITransport(self.app, client=(NETWORK, 50000), raise_app_exceptions=False)
        cookies = {SESSION_COOKIE: self.cookies[role]} if role else {}
        async with httpx.AsyncClient(
            transport=transport, base_url=ORIGIN, headers={"origin": ORIGIN}, cookies=cookies
        ) as client:
            yield client

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
        cookies = {}
        for role, agent in agents.items():
            _, cookies[role] = await sessions.start(session, agent.id, complete=True, network="", user_agent="")
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
            people={role: viewer_of(agent) for role, agent in agents.items()},
            cookies=cookies,
        )


# --- what each surface gives to one who looks ---

Probe = Callable[[Stage, Role], Awaitable[str]]


def places(stage: Stage) -> dict[str, object]:
    """What stands in the addresses of the probes."""
    return {"c": stage.conversation, "topic": stage.topic, "seq": stage.sealed, "case": stage.case}


def _request(method: str, path: str, body: Any = None) -> Probe:
    async def ask(stage: Stage, role: Role) -> str:
        async with stage.browser(role) as browser:
            answer = await browser.request(method, path.format(**places(stage)), json=body)
        return answer.text

    return ask


async def _lists(stage: Stage, role: Role) -> str:
    async with stage.browser(role) as browser:
        answers = [
            await browser.get("/api/conversations", params={"view": view})
            for view in ("mine", "queue", "all", "resolved")
        ]
    return "".join(answer.text for answer in answers)


async def _searches(stage: Stage, role: Role) -> str:
    """By words, by the reference and by every value: only what others than the searched words show may not be clear."""
    shown = ""
    async with stage.browser(role) as browser:
        settled = (await stage.desk.read(stage.conversation)).category == "resolved"
        for words in ("sister", SAID, "2345 6789", VALUES[Field.EMAIL], VALUES[Field.WALLET]):
            body = {"text": words, "resolved": settled}
            shown += (await browser.post("/api/conversations/search", json=body)).text
    return shown


async def _reveals(stage: Stage, role: Role) -> str:
    shown = ""
    async with stage.browser(role) as browser:
        for point in stage.points.values():
            body = {"field": str(point), "purpose": "identity"}
            shown += (await browser.post(f"/api/conversations/{stage.conversation}/reveal", json=body)).text
    return shown


async def _relabels(stage: Stage, role: Role) -> str:
    async with stage.browser(role) as browser:
        at = f"/api/conversations/{stage.conversation}"
        answers = [
            await browser.put(f"{at}/tags", json={"tags": [SAID]}),
            await browser.put(f"{at}/topic", json={"topic": str(stage.topic)}),
            await browser.put(f"{at}/priority", json={"priority": 2}),
            await browser.put(f"{at}/language", json={"language": "vi"}),
        ]
    return "".join(answer.text for answer in answers)


async def _accepts(stage: Stage, role: Role) -> str:
    async with stage.desk.database.transaction() as session:
        offer = await session.scalar(select(Offer.id))
    async with stage.browser(role) as browser:
        return (await browser.post(f"/api/offers/{offer}/accept")).text


async def _socket(stage: Stage, role: Role) -> str:
    """A console that connects, opens the conversation, and stays while a message comes."""
    reader = Reader()
    process = stage.process
    desk = open_desk(process, stage.people[role], reader)
    console: Console = desk._console
    try:
        await process.feed.show_inbox(console)
        await process.feed._call_now(console)
        await desk._take(Open(stage.conversation))
        if (await stage.desk.read(stage.conversation)).category != "resolved":
            await process.write(stage.conversation, TEXT)
        await process.feed._show_picture(stage.picture)
        await process.feed._paint_now([stage.conversation])
        reader.peer.push('{"t": "end"}')
        await reader.until(lambda frame: frame["t"] == "end")
    finally:
        desk._shut(stage.conversation)
        process.feed.consoles.discard(console)
    return json.dumps(reader.frames, ensure_ascii=False)


# Who gets what leaves the house by itself.
MACHINE = SystemViewer("outside")


async def _delivers(stage: Stage, _role: Role) -> str:
    """Everything of the conversation that is an event, sent by the courier to a server that listens."""
    database = stage.desk.database
    async with outside(answering(204)) as receiver:
        host = f"127.0.0.1:{receiver.port}"
        async with database.transaction() as session:
            endpoint = WebhookEndpoint(
                name="Tickets",
                url=f"http://{host}/hook",
                secret="whsec_",
                events=EVENTS,
                created_by_id=stage.desk.ana.id,
            )
            session.add(endpoint)
            await session.flush()
            for entry in await session.scalars(select(Message).where(Message.conversation_id == stage.conversation)):
                if event := event_of(entry.kind, entry.event):
                    session.add(
                        WebhookDelivery(
                            endpoint_id=endpoint.id,
                            event=event,
                            conversation_id=stage.conversation,
                            seq=entry.seq,
                            happened_at=entry.created_at,
                        )
                    )
        courier = Courier(database, Outgoing(Rules((ip_network("127.0.0.0/8"),), frozenset({host}))))
        while await courier._send_heads(endpoint.id):
            pass
        async with database.transaction() as session:
            await session.delete(await session.merge(endpoint))
        sent = b"".join(heard.body for heard in receiver.heard).decode()
    assert all(part in sent for part in ("message.created", "conversation.opened", "Please call my sister")), sent
    return sent


async def _packs(stage: Stage, role: Role) -> str:
    async with stage.browser(role) as browser:
        answer = await browser.get(f"/api/impostors/{stage.case}/pack")
    if not answer.is_success:
        return answer.text
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    whole = "".join(archive.read(name).decode() for name in archive.namelist())
    assert "Please call my sister" in whole
    return whole


async def _reviews(stage: Stage, role: Role) -> str:
    """Made and read."""
    async with stage.browser(role) as browser:
        made = await browser.post("/api/privacy/reviews")
        if not made.is_success:
            return made.text
        return made.text + (await browser.get(f"/api/privacy/reviews/{made.json()['id']}")).text


_CONVERSATION = "/api/conversations/{conversation_id:uuid}"
PROBES: dict[tuple[Way, str], Probe] = {
    (Way.REST, "GET /api/conversations"): _lists,
    (Way.REST, "POST /api/conversations/search"): _searches,
    (Way.REST, f"GET {_CONVERSATION}"): _request("GET", "/api/conversations/{c}"),
    (Way.REST, f"GET {_CONVERSATION}/timeline"): _request("GET", "/api/conversations/{c}/timeline"),
    (Way.REST, f"POST {_CONVERSATION}/reveal"): _reveals,
    **{(Way.REST, f"PUT {_CONVERSATION}/{label}"): _relabels for label in ("tags", "topic", "priority", "language")},
    (Way.REST, f"POST {_CONVERSATION}/take"): _request("POST", "/api/conversations/{c}/take"),
    (Way.REST, f"POST {_CONVERSATION}/reopen"): _request("POST", "/api/conversations/{c}/reopen"),
    (Way.REST, f"POST {_CONVERSATION}/resolve"): _request("POST", "/api/conversations/{c}/resolve"),
    (Way.REST, "POST /api/offers/{offer_id:uuid}/accept"): _accepts,
    (Way.REST, "GET /api/audit"): _request("GET", "/api/audit?limit=200"),
    (Way.REST, f"POST {_CONVERSATION}/entries/{{seq:int}}/reveal"): _request(
        "POST", "/api/conversations/{c}/entries/{seq}/reveal", {"purpose": "identity"}
    ),
    (Way.REST, "GET /api/impostors/{case_id:uuid}"): _request("GET", "/api/impostors/{case}"),
    (Way.REST, "POST /api/impostors/{case_id:uuid}/steps"): _request(
        "POST", "/api/impostors/{case}/steps", {"state": "confirmed"}
    ),
    **{(Way.FRAME, kind): _socket for kind in ("inbox", "row", "opened", "offer", "msg", "att")},
}
# What leaves the house, whoever fetches it: nothing is clear. A review has no fields, and is looked at all the same.
OUTWARD: dict[tuple[Way, str], Probe] = {
    (Way.WEBHOOK, "delivery"): _delivers,
    (Way.REPORT, "GET /api/impostors/{case_id:uuid}/pack"): _packs,
    (Way.REPORT, "GET /api/privacy/reviews/{review_id:uuid}"): _reviews,
}
# Surfaces of the customer's own side: looked at by themselves and by a stranger (test_masking.py), not by staff.
OF_CUSTOMERS = {
    (Way.REST, "POST /api/widget/start"),
    (Way.REST, "POST /api/widget/conversations"),
    (Way.REST, "POST /api/widget/attachments"),
    (Way.REST, "POST /api/widget/looks"),
}
# Its answer is the name that its sender has just sent.
ECHOES = {(Way.REST, "POST /api/attachments")}
# A customer's own archive: tests/privacy holds who gets it. That staff can hand one over is the one exception to the
# policy, written down and alarmed (docs/operations/access.md; tests/access/test_alarms.py).
ARCHIVES = {
    (Way.EXPORT, "POST /api/privacy/requests/{request_id:uuid}/archive"),
    (Way.EXPORT, "POST /api/widget/privacy/archive"),
}
