"""A phrase and a key are sent by every way in that redacts (ways.py), and what goes out is read."""

import io
import re
import zipfile
from copy import deepcopy
from typing import Any
from uuid import uuid4

import httpx

from holdfast.app.demo_organisation import PASSWORD
from tests.redaction.staff import SECRETS, THREE, Staff, a_mailbox, a_number, a_rule, identity, opening, tomorrow
from tests.redaction.ways import KEY, PHRASE, REQUESTS
from tests.support.waiting import eventually_so


def sample(route: str, known: dict[str, str]) -> tuple[str, dict[str, Any]]:
    """Who asks, and a body in which one text is exchanged for a secret."""
    turns = {"people": [known["agent_id"]], "zone": "Asia/Tokyo", "start": "2026-01-01", "handover": "09:00"}
    samples: dict[str, tuple[str, dict[str, Any]]] = {
        "PATCH /api/agents/{agent_id}": ("lena", {"name": "x"}),
        "POST /api/agents/{agent_id}/attestations": ("karin", {"skill": "general", "note": "x"}),
        "POST /api/agents/{agent_id}/revocations": ("karin", {"skill": "general", "why": "x"}),
        "POST /api/attachments/{attachment_id}/show": ("karin", {"purpose": "x"}),
        "POST /api/conversations/search": ("karin", {"text": "x"}),
        "POST /api/conversations/{conversation_id}/entries/{seq}/reveal": ("karin", {"purpose": "x"}),
        "POST /api/conversations/{conversation_id}/handovers": ("karin", {"tried": "x", "asked": "x", "title": "x"}),
        "PUT /api/technical/cases/{case_id}": ("karin", {"title": "x", "description": "x"}),
        "POST /api/conversations/{conversation_id}/reveal": (
            "karin",
            {"field": known["field"], "purpose": "other", "words": "x"},
        ),
        "POST /api/automation/rules": ("karin", a_rule()),
        "PUT /api/automation/rules/{rule_id}": ("karin", a_rule(based_on=1)),
        "PUT /api/conversations/{conversation_id}/follow-up": ("karin", {"at": tomorrow(), "note": "x"}),
        "POST /api/conversations/{conversation_id}/scheduled": (
            "karin",
            {"text": "x", "at": tomorrow(), "seen": 0},
        ),
        "PUT /api/conversations/{conversation_id}/scheduled/{scheduled_id}": (
            "karin",
            {"text": "x", "at": tomorrow(), "seen": 0},
        ),
        "POST /api/impostors": ("karin", {"target": "Somebody", "kind": "person", "words": "x"}),
        "POST /api/impostors/{case_id}/steps": ("karin", {"state": "confirmed", "note": "x"}),
        "POST /api/invitations": (
            "lena",
            {"email": f"{uuid4().hex}@example.org", "name": "x", "roles": ["agent"], "languages": []},
        ),
        "PATCH /api/me": ("ana", {"name": "x"}),
        "POST /api/me/passkeys": ("ana", {"name": "x", "credential": {"id": "x"}}),
        "POST /api/paging/rotas": ("karin", {"name": "x", "layers": [turns]}),
        "PUT /api/paging/rotas/{rota_id}": ("karin", {"name": "x", "layers": [turns]}),
        "POST /api/privacy/holds": ("lena", {"customer": known["customer"], "reason": "x"}),
        "POST /api/privacy/requests": ("lena", {"customer": known["customer"], "kind": "export", "why": "x"}),
        "POST /api/privacy/reviews/{review_id}/sign": ("ruth", {"remarks": "x"}),
        "POST /api/official-channels": ("lena", {"kind": "domain", "value": f"{uuid4().hex}.example", "note": "x"}),
        "PUT /api/official-channels/{channel_id}": (
            "lena",
            {"note": "x", "since": "2020-01-01T00:00:00Z", "until": None},
        ),
        "POST /api/outgoing/check": ("karin", {"text": "x"}),
        "POST /api/session/provider/start": ("customer", {"next": "/x"}),
        "POST /api/teams": ("karin", {"name": "x"}),
        "PATCH /api/teams/{team_id}": ("karin", {"name": "x"}),
        "PUT /api/verification/purposes/{key}": (
            "lena",
            {"name": "x", "statement": "lifting the travel block", "level": 1, "methods": ["app"]},
        ),
        "POST /api/verify": ("customer", {"text": "x"}),
        "POST /api/mail/mailboxes": ("lena", a_mailbox()),
        "PATCH /api/mail/mailboxes/{mailbox_id}": ("lena", {"name": "x"}),
        "POST /api/lines": ("lena", {"number": a_number(), "name": "x"}),
        "PUT /api/lines/{line_id}": ("lena", {"number": a_number(), "name": "x"}),
        "PUT /api/menus/{key}": ("karin", {"name": "x", "tree": {"start": "a", "nodes": {"a": {"kind": "queue"}}}}),
        "POST /api/webhooks": (
            "lena",
            {"name": "x", "url": "https://desk.invalid/events", "events": ["conversation.assigned"]},
        ),
        "PATCH /api/webhooks/{webhook_id}": ("lena", {"name": "x"}),
        "POST /api/widget/code": ("customer", {"token": known["token"], "words": "x"}),
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
    # A picture that nobody could read (tests/conversations).
    "POST /api/attachments/{attachment_id}/show body.purpose",
    # The register is public: what holds a secret is no channel. Nobody's own code is a secret of theirs.
    "POST /api/official-channels body.value",
    "POST /api/widget/code body.words",
    # A wallet signs it in ASCII, which a marker is not.
    "PUT /api/verification/purposes/{key} body.statement",
    # Without a provider (tests/people/test_oidc.py has one).
    "POST /api/session/provider/start body.next",
}
# Sent by a request of another shape, each below.
OTHERWISE = {
    "POST /api/attachments body.files[]",
    "POST /api/widget/attachments body.files[]",
    "PUT /api/conversations/{conversation_id}/tags body.tags[]",
    "POST /api/invitations/{token}/accept body.name",
    *(way for way in REQUESTS if "/api/automation/rules" in way and "[]" in way),
    "POST /api/technical/cases/{case_id}/announcements body.texts[].text",
    *(
        f"{way} body.texts[].{name}"
        for way in ("POST /api/technical/problems", "PUT /api/technical/problems/{problem_id}")
        for name in ("title", "text")
    ),
    *(f"POST /api/{who} body.{name}" for who in ("verify/report", "widget/impostor") for name in ("target", "words")),
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
            if method == "PATCH" or "{rota_id}" in route:
                # Two teams or rotas of one name there cannot be.
                secret = f"Two {secret}"  # noqa: PLW2901 - another name for each
            filled = placed(body, names, secret)
            request = {"params": filled} if where == "query" else {"json": filled}
            known = staff.known
            if "/technical/" in path:
                known = {**known, "case_id": known["technical_case_id"]}
            answer = await staff.send(who, method, path.format(**known), **request)
            accepted = accepted or answer.status_code < 400
        assert accepted or way in REFUSED, f"nothing was sent by {way}: {staff.answers[-1]}"


async def _send_to_many(staff: Staff) -> None:
    """What the customers of a cause are told, and what everybody is."""
    at, problem_id = f"/api/technical/cases/{staff.known['technical_case_id']}/announcements", None
    for secret in SECRETS:
        texts = [{"language": "en", "text": secret}]
        said = await staff.send("karin", "POST", at, json={"kind": "update", "texts": texts})
        assert said.status_code == 201, said.text
        release = f"/api/technical/announcements/{said.json()['announcements'][0]['id']}/release"
        assert (await staff.send("karin", "POST", release)).status_code == 200
        for title, words in ((secret, "x"), ("x", secret)):
            problem = {
                "texts": [{"language": "en", "title": title, "text": words}],
                "state": "known",
                "severity": "minor",
                "starts_at": "2026-01-01T00:00:00Z",
            }
            path = f"/api/technical/problems/{problem_id}" if problem_id else "/api/technical/problems"
            kept = await staff.send("karin", "PUT" if problem_id else "POST", path, json=problem)
            assert kept.status_code < 400, kept.text
            problem_id = kept.json()["id"]
    await staff.send("customer", "GET", "/api/widget/problems")
    await staff.send("customer", "GET", "/status")


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
    for secret in SECRETS:
        made = await staff.send("karin", "POST", "/api/automation/rules", json=a_rule(THREE, secret))
        assert made.status_code == 201, made.text
        last = made.json()[-1]
        changed = a_rule([secret], f"Again {secret}", based_on=last["version"])
        answer = await staff.send("karin", "PUT", f"/api/automation/rules/{last['id']}", json=changed)
        assert answer.status_code == 200, answer.text
    await _send_to_many(staff)
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


async def send_about_impostors(staff: Staff) -> None:
    """Six reports a minute are taken from one network."""
    for secret in SECRETS:
        # What the database leaves away must not make whole what redaction did not know.
        for text in (secret, "\0".join((secret[:3], secret[3:20], secret[20:]))):
            await staff.send("customer", "POST", "/api/verify", json={"text": text, "language": text[:200]})
            for form in ({"text": text, "lang": text}, {"text": f"https://{text.replace(' ', '-')}.example/"}):
                await staff.send("customer", "POST", "/verify", data=form)
        report = {"target": secret, "kind": "person", "words": secret}
        split = {**report, "words": "\0".join((secret[:3], secret[3:20], secret[20:]))}
        sent = [
            await staff.send("customer", "POST", "/api/verify/report", json=report),
            await staff.send("customer", "POST", "/api/widget/impostor", json={"token": staff.known["token"], **split}),
            # Cut at 4,000 characters before it is redacted, the beginning of the secret would be left.
            await staff.send("customer", "POST", "/verify/report", data={**split, "words": "a " * 1985 + secret}),
        ]
        assert [answer.status_code for answer in sent] == [200, 200, 200]


async def read_what_goes_out(staff: Staff) -> None:
    """What others get: packs for registrars, the public register, the audit log, and the customer's own data."""
    for case in (await staff.send("karin", "GET", "/api/impostors")).json()["cases"]:
        await staff.send("karin", "GET", f"/api/impostors/{case['id']}")
        pack = await (await staff.browser("karin")).get(f"/api/impostors/{case['id']}/pack")
        staff.answers += opened(pack)
    await staff.send("customer", "GET", "/.well-known/holdfast-official-channels.json")
    await staff.send("customer", "GET", "/verify")
    for path in ("/api/audit?limit=200", "/api/audit/seals", "/api/webhooks", "/api/mail/health", "/api/alarms"):
        await staff.send("lena" if path != "/api/alarms" else "ruth", "GET", path)
    await staff.send("lena", "GET", f"/api/webhooks/{staff.known['webhook_id']}/deliveries")
    # They have sent phrases and keys: nothing is given out until a lead says that the wallet is theirs.
    lifted = f"/api/conversations/{staff.known['conversation_id']}/compromise"
    assert (await staff.send("karin", "PUT", lifted, json={"compromised": False})).json()["compromised_at"] is None
    wish = {"token": staff.known["token"], "kind": "export"}
    await staff.send("customer", "POST", "/api/widget/privacy/requests", json=wish)
    done: list[dict[str, Any]] = []

    async def exported() -> bool:
        own = await staff.send("customer", "POST", "/api/widget/privacy/list", json={"token": staff.known["token"]})
        done[:] = [request for request in own.json() if request["kind"] == "export" and request["state"] == "done"]
        return bool(done)

    await eventually_so(exported, 40, "the export is made")
    named = {"token": staff.known["token"], "request": done[0]["id"]}
    archive = await (await staff.browser("customer")).post("/api/widget/privacy/archive", json=named)
    files = opened(archive)
    assert any("recovery_phrase" in file for file in files)
    staff.answers += files
    await staff.send("customer", "POST", "/api/widget/looks", json={"token": staff.known["token"], "language": "en"})


def opened(answer: httpx.Response) -> list[str]:
    """The files of a ZIP as texts."""
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        return [archive.read(name).decode("utf-8", "replace") for name in archive.namelist()] + archive.namelist()


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
        for names in ({"en": secret}, {secret: "Look"}):
            purpose = {"names": names, "fields": ["email"], "seconds": 60}
            assert (await staff.send("lena", "PUT", "/api/purposes/look", json=purpose)).status_code == 400
        for url in (f"https://{secret.replace(' ', '-')}.example/", f"ftp://desk.example/{secret}"):
            webhook = {"name": "Desk", "url": url, "events": ["conversation.assigned"]}
            await staff.send("lena", "POST", "/api/webhooks", json=webhook)
        proof = {"password": secret, "code": "123456", "credential": {"id": secret}}
        await staff.send("mei", "POST", "/api/session/step-up", json=proof)
        returned = {"state": secret, "code": secret, "iss": secret}
        await staff.send("customer", "GET", "/api/session/provider/callback", params=returned)
        skill = {"skill": KEY, "why": "seen"}
        await staff.send("karin", "POST", f"/api/agents/{staff.known['agent_id']}/revocations", json=skill)
