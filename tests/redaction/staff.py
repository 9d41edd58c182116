"""Who sends: browsers of the staff and a customer, and what must be there before anything is sent."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from http.server import HTTPServer
from typing import Any
from uuid import uuid4

import httpx
import jwt

from holdfast.app.demo_organisation import PASSWORD
from tests.redaction.traces import WORDS
from tests.redaction.ways import KEY, PHRASE
from tests.support.server import Holdfast

SECRETS = (PHRASE, KEY)
THREE = [" ".join(WORDS[i : i + 4]) for i in (0, 4, 8)]


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


def identity(server: Holdfast, **claims: str) -> str:
    at = int(time.time())
    signed = {"sub": uuid4().hex, "aud": server.inbox, "iat": at, "exp": at + 300, **claims}
    return jwt.encode(signed, server.identity_secret, algorithm="HS256")


def opening(body: str, **more: Any) -> dict[str, Any]:
    return {"inbox": "wallet", "k": str(uuid4()), "b": body, "language": "en", **more}


async def set_up(staff: Staff, receiver: HTTPServer) -> None:
    """Somebody of everything that a path names."""
    stepped = await staff.send("lena", "POST", "/api/session/step-up", json={"password": PASSWORD})
    stepped.raise_for_status()
    events = ["conversation.opened", "message.created", "message.hidden", "conversation.rated"]
    url = f"http://127.0.0.1:{receiver.server_port}/{KEY}?of={PHRASE.replace(' ', '-')}"
    webhook = await staff.send("lena", "POST", "/api/webhooks", json={"name": "Desk", "url": url, "events": events})
    webhook.raise_for_status()
    mailbox = await staff.send("lena", "POST", "/api/mail/mailboxes", json=a_mailbox())
    mailbox.raise_for_status()
    line = await staff.send("lena", "POST", "/api/lines", json={"number": a_number(), "name": "Hotline"})
    line.raise_for_status()
    impostor = {"target": "desk-of-holdfast.example", "words": "They called me"}
    (await staff.send("karin", "POST", "/api/impostors", json=impostor)).raise_for_status()
    cases = (await staff.send("karin", "GET", "/api/impostors")).json()["cases"]
    channel = {"kind": "domain", "value": "desk.example"}
    official = await staff.send("lena", "POST", "/api/official-channels", json=channel)
    official.raise_for_status()
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
    mei = next(agent["id"] for agent in agents if agent["name"] == "Mei Tanaka")
    layers = [{"people": [mei], "zone": "Asia/Tokyo", "start": "2026-01-01", "handover": "09:00"}]
    rota = await staff.send("karin", "POST", "/api/paging/rotas", json={"name": "Nights", "layers": layers})
    rule = await staff.send("karin", "POST", "/api/automation/rules", json=a_rule())
    waiting = f"/api/conversations/{conversation}/scheduled"
    later = await staff.send("karin", "POST", waiting, json={"text": "Later", "at": tomorrow(), "seen": 0})
    handed = {"tried": "All", "asked": "Why?", "title": "A cause"}
    cause = (await staff.send("karin", "POST", f"/api/conversations/{conversation}/handovers", json=handed)).json()
    staff.known = {
        "token": token,
        "technical_case_id": cause[0]["case_id"],
        "rota_id": rota.json()["id"],
        "rule_id": rule.json()[0]["id"],
        "scheduled_id": later.json()["scheduled"][0]["id"],
        "conversation_id": conversation,
        "seq": "2",
        "customer": detail["customer"]["id"],
        "review_id": review["id"],
        "field": detail["customer"]["fields"][0]["id"],
        "agent_id": mei,
        "team_id": team["id"],
        "webhook_id": webhook.json()["webhook"]["id"],
        "line_id": line.json()["id"],
        "mailbox_id": mailbox.json()["id"],
        "mailbox": mailbox.json()["address"],
        "case_id": cases[0]["id"],
        "channel_id": official.json()["id"],
        "attachment_id": str(uuid4()),
        "key": "travel",
    }


def tomorrow() -> str:
    return (datetime.now(UTC) + timedelta(days=1)).isoformat()


def a_rule(words: Sequence[str] = ("fee",), text: str = "Hello", **more: Any) -> dict[str, Any]:
    tests = [{"asks": "words", "op": "in", "values": list(words)}]
    return {
        "name": "Rule",
        "when": {"event": "opened"},
        "conditions": {"tests": tests, "groups": [{"mode": "any", "tests": tests}]},
        "actions": [{"does": "message", "texts": {"en": text}}, {"does": "note", "texts": {"": text}}],
        **more,
    }


def a_number() -> str:
    return f"+1800{uuid4().int % 10**10:010}"


def a_mailbox() -> dict[str, str]:
    return {"address": f"{uuid4().hex[:12]}@desk.example", "name": "Desk", "way": "lmtp", "inbox": "wallet"}
