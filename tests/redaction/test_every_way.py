"""A phrase and a key are really sent through every way in (ways.py), and are found nowhere: not in the database, its
files and its write-ahead log, not in files, logs, answers and frames, not in a backup or what is restored from it."""

import io
import json
import re
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import httpx
import jwt
import pytest

from holdfast.app.demo_organisation import PASSWORD
from tests.redaction.traces import WORDS, dump, make_backup, restored, settle, traces_in, traces_under
from tests.redaction.ways import KEY, PHRASE, REQUESTS
from tests.support.chat_client import Agent, Client, Customer
from tests.support.journal import Journal
from tests.support.server import Holdfast, free_port, running
from tests.support.waiting import eventually

SECRETS = (PHRASE, KEY)
AnyClient = TypeVar("AnyClient", bound=Client)
THREE = [" ".join(WORDS[i : i + 4]) for i in (0, 4, 8)]


@pytest.fixture(scope="module")
def holdfast() -> Iterator[Holdfast]:
    """A whole installation whose database archives its log."""
    folder = Path(tempfile.mkdtemp(prefix="holdfast-ways-"))
    archive = folder / "archive"
    archive.mkdir()
    archive.chmod(0o777)
    folder.chmod(0o755)
    try:
        prepared = Holdfast(folder, free_port())
        prepared.prepare(50)
        (folder / "postgres" / "local.conf").write_text(
            f"archive_mode = on\narchive_command = 'cp %p {archive}/%f'\nwal_compression = off\n"
        )
        assert traces_under(folder) == [], "the traces are no good: they are there before anything was sent"
        with running(folder=folder) as server:
            server.identity_secret = prepared.identity_secret
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    made = Journal(tmp_path / "journal.jsonl")
    yield made
    made.close()


class Stopping:
    """Ends the clients of a test, however it ends."""

    def __init__(self) -> None:
        self.clients: list[Client] = []

    def __call__(self, client: AnyClient) -> AnyClient:
        self.clients.append(client)
        return client


@pytest.fixture
async def stopping() -> AsyncIterator[Stopping]:
    made = Stopping()
    yield made
    for client in made.clients:
        await client.stop()


class Staff:
    """Browsers of the staff, and everything that they and the customer were answered."""

    def __init__(self, server: Holdfast) -> None:
        self.server = server
        self.answers: list[str] = []
        self.known: dict[str, str] = {}
        self._browsers: dict[str, httpx.AsyncClient] = {}

    async def browser(self, name: str) -> httpx.AsyncClient:
        if name not in self._browsers:
            made = httpx.AsyncClient(base_url=self.server.origin, headers={"origin": self.server.origin}, timeout=20)
            self._browsers[name] = made
            if name != "customer":
                entry = {"email": f"{name}@holdfast.example", "password": PASSWORD}
                (await made.post("/api/session", json=entry)).raise_for_status()
        return self._browsers[name]

    async def send(self, name: str, method: str, path: str, **request: Any) -> httpx.Response:
        answer = await (await self.browser(name)).request(method, path, **request)
        self.answers.append(answer.text)
        assert answer.status_code < 500, (method, path, answer.text)
        return answer

    async def close(self) -> None:
        for browser in self._browsers.values():
            await browser.aclose()


@pytest.fixture
async def staff(holdfast: Holdfast) -> AsyncIterator[Staff]:
    made = Staff(holdfast)
    yield made
    await made.close()


def identity(server: Holdfast, **claims: str) -> str:
    at = int(time.time())
    signed = {"sub": uuid4().hex, "aud": server.inbox, "iat": at, "exp": at + 300, **claims}
    return jwt.encode(signed, server.identity_secret, algorithm="HS256")


def opening(body: str, **more: Any) -> dict[str, Any]:
    return {"inbox": "wallet", "k": str(uuid4()), "b": body, "language": "en", **more}


async def set_up(staff: Staff) -> None:
    """Somebody of everything that a path names."""
    made = await staff.send(
        "customer",
        "POST",
        "/api/widget/conversations",
        json=opening("Hello", identity=identity(staff.server, name="Lin", email="lin@example.org")),
    )
    token, conversation = made.json()["token"], made.json()["state"]["id"]
    (await staff.send("karin", "POST", f"/api/conversations/{conversation}/take", json={})).raise_for_status()
    detail = (await staff.send("karin", "GET", f"/api/conversations/{conversation}")).json()
    agents = (await staff.send("karin", "GET", "/api/agents")).json()
    review = (await staff.send("lena", "POST", "/api/privacy/reviews", json={})).json()
    team = (await staff.send("karin", "POST", "/api/teams", json={"name": "Night"})).json()
    staff.known = {
        "token": token,
        "conversation_id": conversation,
        "seq": "2",
        "customer": detail["customer"]["id"],
        "review_id": review["id"],
        "field": detail["customer"]["fields"][0]["id"],
        "agent_id": next(agent["id"] for agent in agents if agent["name"] == "Mei Tanaka"),
        "team_id": team["id"],
    }


def sample(route: str, known: dict[str, str]) -> tuple[str, dict[str, Any]]:
    """Who asks, and a body in which one text is exchanged for a secret."""
    samples: dict[str, tuple[str, dict[str, Any]]] = {
        "PATCH /api/agents/{agent_id}": ("lena", {"name": "x"}),
        "POST /api/agents/{agent_id}/attestations": ("karin", {"skill": "general", "note": "x"}),
        "POST /api/agents/{agent_id}/revocations": ("karin", {"skill": "general", "why": "x"}),
        "GET /api/conversations": ("karin", {"text": "x"}),
        "POST /api/conversations/{conversation_id}/entries/{seq}/reveal": ("karin", {"purpose": "x"}),
        "POST /api/conversations/{conversation_id}/reveal": ("karin", {"field": known["field"], "purpose": "x"}),
        "POST /api/invitations": (
            "lena",
            {"email": f"{uuid4().hex}@example.org", "name": "x", "roles": ["agent"], "languages": []},
        ),
        "PATCH /api/me": ("ana", {"name": "x"}),
        "POST /api/me/passkeys": ("ana", {"name": "x", "credential": {"id": "x"}}),
        "POST /api/privacy/holds": ("lena", {"customer": known["customer"], "reason": "x"}),
        "POST /api/privacy/requests": ("lena", {"customer": known["customer"], "kind": "export", "why": "x"}),
        "POST /api/privacy/reviews/{review_id}/sign": ("ruth", {"remarks": "x"}),
        "POST /api/teams": ("karin", {"name": "x"}),
        "PATCH /api/teams/{team_id}": ("karin", {"name": "x"}),
        "POST /api/widget/conversations": ("customer", opening("x", about={})),
        "POST /api/widget/rating": (
            "customer",
            {"token": known["token"], "episode": 1, "solved": "yes", "k": str(uuid4())},
        ),
    }
    return samples[route]


def placed(body: dict[str, Any], place: list[str], secret: str) -> dict[str, Any]:
    body = deepcopy(body)
    inner = body
    for name in place[:-1]:
        inner = inner.setdefault(name, {})
    inner[place[-1]] = secret
    return body


# Ways whose request is refused whatever stands in it here: what they hold is looked for in the refusal.
REFUSED = {
    # A real passkey is made by a browser (tests/e2e); a seal needs an ambiguous find.
    "POST /api/me/passkeys body.name",
    "POST /api/conversations/{conversation_id}/entries/{seq}/reveal body.purpose",
}
# Sent by a request of another shape, each below.
OTHERWISE = {
    "POST /api/attachments body.files[]",
    "POST /api/widget/attachments body.files[]",
    "PUT /api/conversations/{conversation_id}/tags body.tags[]",
    "POST /api/invitations/{token}/accept body.name",
}


async def send_everything(staff: Staff) -> None:
    ways = [way for way, kind in REQUESTS.items() if kind.how == "redacted" and way not in OTHERWISE]
    # A rating ends what can be said of an episode, so it comes last.
    for way in sorted(ways, key=lambda way: "rating" in way):
        route, _, place = way.rpartition(" ")
        where, *names = place.split(".")
        method, path = route.split(" ")
        if "rating" in way:
            done = f"/api/conversations/{staff.known['conversation_id']}/resolve"
            (await staff.send("karin", "POST", done, json={})).raise_for_status()
        accepted = False
        for secret in SECRETS:
            who, body = sample(route, staff.known)
            if "body.email" in way:
                secret = f"{KEY}@example.org"  # noqa: PLW2901 - an address has no spaces
            if method == "PATCH":
                # Two teams of one name there cannot be.
                secret = f"Two {secret}"  # noqa: PLW2901
            filled = placed(body, names, secret)
            request = {"params": filled} if where == "query" else {"json": filled}
            answer = await staff.send(who, method, path.format(**staff.known), **request)
            accepted = accepted or answer.status_code < 400
        assert accepted or way in REFUSED, f"nothing was sent by {way}: {staff.answers[-1]}"


async def send_otherwise(staff: Staff) -> None:
    conversation = staff.known["conversation_id"]
    bearer = {"authorization": f"Bearer {staff.known['token']}"}
    for secret in SECRETS:
        for name, content in ((f"{secret}.txt", b"hello"), ("log.txt", f"my wallet: {secret}\n".encode())):
            file = {"file": (name, io.BytesIO(content), "text/plain")}
            path = f"/api/attachments?conversation={conversation}"
            assert (await staff.send("karin", "POST", path, files=file)).status_code == 201
            file = {"file": (name, io.BytesIO(content), "text/plain")}
            sent = await staff.send("customer", "POST", "/api/widget/attachments", files=file, headers=bearer)
            assert sent.status_code == 201
    tags = await staff.send("karin", "PUT", f"/api/conversations/{conversation}/tags", json={"tags": THREE})
    assert tags.json()["tags"] == ["[⛔ recovery_phrase·12]"]
    # Claims of the wallet's back end, and the name of somebody invited.
    signed = identity(staff.server, name=PHRASE, email=f"{KEY}@example.org", phone=KEY)
    made = await staff.send("customer", "POST", "/api/widget/conversations", json=opening("Hi", identity=signed))
    assert made.status_code == 201
    mails = (await staff.send("lena", "GET", "/api/demo/mails")).text
    token = re.search(r"/console/invitation/([\w-]{20,})", mails)
    assert token is not None, mails[:400]
    accept = {"name": PHRASE, "password": "a long and quiet sentence of mine"}
    answer = await staff.send("customer", "POST", f"/api/invitations/{token[1]}/accept", json=accept)
    assert answer.status_code < 400, answer.text
    entry = {"email": "mei@holdfast.example", "password": PASSWORD}
    agent = {"user-agent": f"Browser {KEY} {PHRASE}"}
    assert (await staff.send("customer", "POST", "/api/session", json=entry, headers=agent)).status_code < 400


async def send_to_what_refuses(staff: Staff) -> None:
    """Errors quote what they refuse."""
    for secret in SECRETS:
        for path, body in (
            ("/api/widget/start", {"inbox": secret}),
            ("/api/widget/start", {"inbox": "wallet", "language": secret, "tokens": [secret]}),
            ("/api/widget/conversations", opening("x", topic=secret, language=secret)),
            ("/api/widget/conversations", opening("x", identity=secret)),
            ("/api/widget/conversations", {"inbox": "wallet", "k": secret, "b": "x"}),
            ("/api/widget/rating", {"token": "x", "episode": secret, "solved": secret, "k": str(uuid4())}),
            ("/api/widget/emergency", {"token": secret}),
            ("/api/session", {"email": secret, "password": secret}),
            ("/api/password-reset", {"email": f"{KEY}@example.org"}),
            ("/api/password-reset/confirm", {"token": secret, "password": secret}),
        ):
            await staff.send("customer", "POST", path, json=body)
        conversation = staff.known["conversation_id"]
        for path in (f"/api/conversations?view={secret}", f"/api/conversations/{secret}", f"/api/{secret}"):
            await staff.send("karin", "GET", path)
        await staff.send("karin", "PUT", f"/api/conversations/{conversation}/language", json={"language": secret})
        skill = {"skill": KEY, "why": "seen"}
        await staff.send("karin", "POST", f"/api/agents/{staff.known['agent_id']}/revocations", json=skill)


async def test_no_way_in_leads_anywhere(holdfast: Holdfast, staff: Staff, journal: Journal, stopping: Stopping) -> None:
    await set_up(staff)
    customer = stopping(Customer("lin", holdfast.origin, journal))
    await customer.open("Good morning")
    await customer.live.wait()
    agent = stopping(Agent("karin", holdfast.origin, journal))
    await agent.sign_in("karin@holdfast.example", PASSWORD)
    await eventually(lambda: customer.conversation in agent.mine, 20, "karin has the conversation")
    for secret in SECRETS:
        customer.say(f"Here it is: {secret}")
        agent.say(customer.conversation, f"You sent {secret}")
        last = agent.say(customer.conversation, secret, kind="note")
    await agent.until(
        lambda: any(entry.key == last for view in agent.views.values() for entry in view.entries), seconds=20
    )
    await customer.until(lambda: sum(e.event == "redacted" for e in customer.view.entries) >= 4)
    await send_everything(staff)
    await send_otherwise(staff)
    await send_to_what_refuses(staff)
    heard = json.dumps([customer.frames, agent.frames], ensure_ascii=False)

    assert len(staff.answers) > 80
    assert [answer for answer in staff.answers if traces_in(answer)] == []
    assert traces_in(heard) == []
    settle(holdfast)
    assert traces_in(dump(holdfast)) == []
    assert traces_under(holdfast.data_dir) == []
    found = holdfast.query("SELECT kind, place, author, count(*) FROM exposure GROUP BY 1, 2, 3")
    assert {(kind, place, author) for kind, place, author, _ in found} >= {
        (kind, place, author)
        for kind in ("recovery_phrase", "private_key")
        for place, author in (
            ("message", "customer"),
            ("message", "agent"),
            ("note", "agent"),
            ("attachment", "customer"),
            ("attachment", "agent"),
        )
    }


async def test_a_phrase_in_three_messages_is_not_on_the_disk(
    holdfast: Holdfast, journal: Journal, stopping: Stopping, tmp_path: Path
) -> None:
    """Neither while it is typed, nor when the process is killed in between, nor when it is complete; nor in a backup
    made at any of these times, nor in what is restored from it."""
    customer = stopping(Customer("typist", holdfast.origin, journal))
    await customer.open("Hello")
    await customer.live.wait()
    for piece in THREE[:2]:
        key = customer.say(piece)
        await customer.until(lambda key=key: any(e.key == key for e in customer.view.entries))  # type: ignore[misc]
    assert [e.body for e in customer.view.entries if e.body][-2:] == THREE[:2]
    row = holdfast.query(
        "SELECT array_agg(replace(id::text, '-', '')) FROM fragment WHERE conversation_id = %s", [customer.conversation]
    )
    keys = [holdfast.data_dir / "fragment-keys" / name[-2:] / name for name in row[0][0]]
    assert [key.exists() for key in keys] == [True, True]
    settle(holdfast)
    assert traces_under(holdfast.data_dir) == []
    early = make_backup(holdfast, tmp_path / "early.tar")

    holdfast.kill("serve")
    holdfast.wait_healthy()
    key = customer.say(THREE[2])
    await customer.until(lambda: any(e.event == "redacted" for e in customer.view.entries), seconds=30)
    said = [e.body for e in customer.view.entries if e.key == key]
    assert said == ["[⛔ recovery_phrase·12]"]
    await eventually(lambda: not any(key.exists() for key in keys), 20, "the keys are destroyed")
    settle(holdfast)
    assert traces_in(dump(holdfast)) == []
    assert traces_under(holdfast.data_dir) == []
    late = make_backup(holdfast, tmp_path / "late.tar")
    for archive in (early, late):
        assert traces_in(restored(archive, tmp_path / archive.stem)) == []
        assert traces_under(tmp_path / archive.stem) == []
