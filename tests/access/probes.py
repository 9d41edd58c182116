"""A probe for each surface that may carry a personal value of a customer (``stage.py``).

Whoever adds a surface with fields (access/surfaces.py) adds its probe here: how to make it show what it shows.
"""

import io
import json
import zipfile
from collections.abc import Awaitable, Callable
from datetime import timedelta
from ipaddress import ip_network
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from holdfast.access.policy import Field
from holdfast.access.surfaces import Way
from holdfast.access.viewer import Role, SystemViewer
from holdfast.channels.chat.feed import Console
from holdfast.channels.chat.frames import Open
from holdfast.channels.mail import queries, reach, screening
from holdfast.channels.mail.intake import Intake
from holdfast.channels.mail.models import Mailbox, StoredLetter
from holdfast.channels.webhooks.courier import Courier
from holdfast.channels.webhooks.events import EVENTS, event_of
from holdfast.channels.webhooks.models import WebhookDelivery, WebhookEndpoint
from holdfast.conversations.models import Message
from holdfast.core.clock import now
from holdfast.core.files import FileStore
from holdfast.core.outgoing import Outgoing, Rules
from holdfast.core.sealed_files import new_file_key
from holdfast.routing.models import Offer
from tests.access import probes_technical
from tests.access.probes_calls import calls
from tests.access.stage import (
    NAME,
    SAID,
    TEXT,
    VALUES,
    Stage,
    places,
)
from tests.channels.chat.test_console_desk import open_desk
from tests.channels.chat.test_two_processes import Reader
from tests.support.outside import answering, outside

Probe = Callable[[Stage, Role], Awaitable[str]]


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


async def _quarantined(stage: Stage, role: Role) -> str:
    """A letter with the customer's own values in it, as everybody sees it who may answer."""
    database = stage.desk.database
    async with database.transaction() as session:
        mailbox = Mailbox(
            address=f"{uuid4().hex}@desk.example", name="Desk", inbox_id=stage.desk.inbox.id, way="lmtp", active=False
        )
        session.add(mailbox)
    raw = (
        f"From: {NAME} <{VALUES[Field.EMAIL]}>\nSubject: [HF-7K3M-92QX] {SAID}\nX-Number: {uuid4()}\n\n{TEXT}\n"
    ).encode()
    assert await Intake(stage.settings, database).take(mailbox.id, raw) == "quarantined"
    shown = ""
    async with stage.browser(role) as browser:
        listed = await browser.get("/api/mail/quarantine?limit=1")
        for letter in listed.json() if listed.is_success else []:
            read = await browser.post(f"/api/mail/quarantine/{letter['id']}/read")
            assert "Please call my sister" in read.text
            shown += read.text
    return listed.text + shown


async def _later(stage: Stage, role: Role) -> str:
    """What waits is read; then one more is scheduled, it is changed, and a follow-up set."""
    at = f"/api/conversations/{stage.conversation}"
    when = (now() + timedelta(days=1)).isoformat()
    message = {"text": TEXT, "at": when, "seen": 0}
    async with stage.browser(role) as browser:
        read = await browser.get(f"{at}/later")
        if read.is_success:
            assert "Please call my sister" in read.text
        made = await browser.post(f"{at}/scheduled", json=message)
        mine = (
            [one for one in made.json()["scheduled"] if one["by"] == str(stage.people[role].id)]
            if made.is_success
            else []
        )
        changes = [await browser.put(f"{at}/scheduled/{one['id']}", json=message) for one in mine]
        for one in mine:
            await browser.delete(f"{at}/scheduled/{one['id']}")
        noted = await browser.put(f"{at}/follow-up", json={"at": when, "note": TEXT})
    return "".join(answer.text for answer in (read, made, *changes, noted))


async def _reached(stage: Stage, role: Role) -> str:
    """A conversation whose answers go to the customer's address by letter."""
    database = stage.desk.database
    async with database.transaction() as session:
        mailbox = Mailbox(
            address=f"{uuid4().hex}@desk.example", name="Desk", inbox_id=stage.desk.inbox.id, way="lmtp", active=False
        )
        session.add(mailbox)
        if await queries.thread(session, stage.conversation) is None:
            conversation = await stage.desk.read(stage.conversation)
            session.add(reach._thread(conversation, mailbox.id, VALUES[Field.EMAIL]))
    async with stage.browser(role) as browser:
        answer = await browser.get(f"/api/mail/conversations/{stage.conversation}")
    assert not answer.is_success or answer.json()["mail"] == "on"
    return answer.text


async def _laid_out(stage: Stage, role: Role) -> str:
    """A letter of the conversation: as it was laid out, and raw."""
    database = stage.desk.database
    key = new_file_key()
    kept = screening.kept_raw(f"From: {VALUES[Field.EMAIL]}\n\n{TEXT}\n".encode(), f"<p>{TEXT}</p>")
    name = FileStore(stage.settings.data_dir / "files").put(kept, key)
    conversation = await stage.desk.read(stage.conversation)
    async with database.transaction() as session:
        mailbox = Mailbox(
            address=f"{uuid4().hex}@desk.example", name="Desk", inbox_id=stage.desk.inbox.id, way="lmtp", active=False
        )
        session.add(mailbox)
        await session.flush()
        letter = StoredLetter(
            key=uuid4().bytes, mailbox_id=mailbox.id, state="taken", size=1, customer_id=conversation.customer_id,
            conversation_id=conversation.id, seq=stage.sealed, raw=name, raw_key=key,
        )  # fmt: skip
        session.add(letter)
    at = f"/api/mail/conversations/{stage.conversation}/letters/{stage.sealed}"
    async with stage.browser(role) as browser:
        answers = [await browser.get(at), await browser.post(f"{at}/raw", json={"purpose": "identity"})]
    async with database.transaction() as session:
        await session.delete(await session.get_one(StoredLetter, letter.id))
    return "".join(answer.text for answer in answers)


_LETTER = "/api/mail/conversations/{conversation_id:uuid}/letters/{seq:int}"
_CONVERSATION = "/api/conversations/{conversation_id:uuid}"
PROBES: dict[tuple[Way, str], Probe] = {
    (Way.REST, "GET /api/conversations"): _lists,
    (Way.REST, "POST /api/conversations/search"): _searches,
    (Way.REST, f"GET {_CONVERSATION}"): _request("GET", "/api/conversations/{c}"),
    (Way.REST, f"GET {_CONVERSATION}/timeline"): _request("GET", "/api/conversations/{c}/timeline"),
    (Way.REST, f"POST {_CONVERSATION}/reveal"): _reveals,
    **{(Way.REST, f"PUT {_CONVERSATION}/{label}"): _relabels for label in ("tags", "topic", "priority", "language")},
    **{
        (Way.REST, way): _later
        for way in (
            f"GET {_CONVERSATION}/later",
            f"POST {_CONVERSATION}/scheduled",
            f"PUT {_CONVERSATION}/scheduled/{{scheduled_id:uuid}}",
            f"PUT {_CONVERSATION}/follow-up",
        )
    },
    (Way.REST, f"POST {_CONVERSATION}/take"): _request("POST", "/api/conversations/{c}/take"),
    (Way.REST, f"POST {_CONVERSATION}/reopen"): _request("POST", "/api/conversations/{c}/reopen"),
    (Way.REST, f"POST {_CONVERSATION}/resolve"): _request("POST", "/api/conversations/{c}/resolve"),
    (Way.REST, "POST /api/offers/{offer_id:uuid}/accept"): _accepts,
    **{(Way.REST, f"GET /api/calls{which}"): calls for which in ("", "/lost")},
    (Way.REST, "GET /api/audit"): _request("GET", "/api/audit?limit=200"),
    (Way.REST, f"POST {_CONVERSATION}/entries/{{seq:int}}/reveal"): _request(
        "POST", "/api/conversations/{c}/entries/{seq}/reveal", {"purpose": "identity"}
    ),
    (Way.REST, "GET /api/impostors/{case_id:uuid}"): _request("GET", "/api/impostors/{case}"),
    (Way.REST, "POST /api/impostors/{case_id:uuid}/steps"): _request(
        "POST", "/api/impostors/{case}/steps", {"state": "confirmed"}
    ),
    (Way.REST, "POST /api/mail/quarantine/{letter_id:uuid}/read"): _quarantined,
    (Way.REST, f"GET {_CONVERSATION}/handovers"): probes_technical.hands_over,
    (Way.REST, f"POST {_CONVERSATION}/handovers"): probes_technical.hands_over,
    (Way.REST, "* /api/technical/cases/{case_id:uuid}"): probes_technical.hands_over,
    (Way.REST, "* /api/technical/announcements"): probes_technical.announces,
    (Way.REST, "GET /api/mail/conversations/{conversation_id:uuid}"): _reached,
    (Way.REST, f"GET {_LETTER}"): _laid_out,
    (Way.REST, f"POST {_LETTER}/raw"): _laid_out,
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
