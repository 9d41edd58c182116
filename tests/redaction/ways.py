"""Every way in and out of the application, and what keeps a secret from passing there.

A new field of a request, frame or command that can hold a text is not in these tables: ``test_ways.py`` fails until
somebody has decided what it is. ``redacted``: goes through ``redaction`` (and ``test_every_way.py`` sends a phrase and
a key through it). ``closed``: can hold no secret, and why. ``exempt``: may hold one, is never stored or sent on
readably, and why.

Fields of a format (identifiers, instants, numbers, choices), of at most SHORTEST characters, or with a pattern that
takes none of the probes are closed by themselves and not listed.
"""

from typing import Literal, NamedTuple

# The words occur nowhere else: not in the code, the catalogues or PostgreSQL's own files.
PHRASE = "slogan hurdle gorilla wrist pelican velvet orphan tunnel magnet crater fossil jungle"
# A test vector of the Bitcoin wiki.
KEY = "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ"
PROBES = (PHRASE, KEY, PHRASE.replace(" ", ""), PHRASE.replace(" ", "-"), f"{KEY}@example.org")
# Twelve words of three letters have 36 characters without separators; no key has fewer than 44.
SHORTEST = 40


class Way(NamedTuple):
    how: Literal["redacted", "closed", "exempt"]
    why: str = ""


REDACTED = Way("redacted")
_PASSWORD = Way("exempt", "compared or hashed with argon2id, never stored")
_TOKEN = Way("exempt", "only its SHA-256 is looked up")
_LANGUAGE = Way("closed", "negotiated: what is no language of ours becomes English")
_LOOKED_UP = Way("closed", "looked up; what is unknown is refused, and the refusal's words are redacted")
_SIGNED = Way("closed", "a signed token of the wallet's back end; its claims are redacted")
_CREDENTIAL = Way("closed", "parsed by the passkey library; the key's id and public key are kept, as bytes")
_FILE = Way("redacted", "the text of text files and every name; pictures wait for the reading of pictures")

# Method, path, and where in the request.
REQUESTS: dict[str, Way] = {
    "PATCH /api/agents/{agent_id} body.name": REDACTED,
    "POST /api/agents/{agent_id}/attestations body.note": REDACTED,
    "POST /api/agents/{agent_id}/attestations body.skill": _LOOKED_UP,
    "POST /api/agents/{agent_id}/revocations body.skill": _LOOKED_UP,
    "POST /api/agents/{agent_id}/revocations body.why": REDACTED,
    "POST /api/attachments body.files[]": _FILE,
    "GET /api/audit query.action": Way("closed", "compared with the beginnings of actions, 60 characters"),
    "GET /api/conversations query.language": Way("closed", "compared, never stored"),
    "GET /api/conversations query.text": REDACTED,
    "POST /api/conversations/{conversation_id}/entries/{seq}/reveal body.purpose": REDACTED,
    "POST /api/conversations/{conversation_id}/reveal body.purpose": REDACTED,
    "PUT /api/conversations/{conversation_id}/tags body.tags[]": REDACTED,
    "POST /api/invitations body.email": REDACTED,
    "POST /api/invitations body.name": REDACTED,
    "POST /api/invitations/{token}/accept body.name": REDACTED,
    "POST /api/invitations/{token}/accept body.password": _PASSWORD,
    "POST /api/invitations/{token}/accept path.token": _TOKEN,
    "GET /api/invitations/{token}/view path.token": _TOKEN,
    "PATCH /api/me body.interface_language": Way("closed", "a pattern of at most eight letters"),
    "PATCH /api/me body.name": REDACTED,
    "POST /api/me/passkeys body.credential.*": _CREDENTIAL,
    "POST /api/me/passkeys body.name": REDACTED,
    "POST /api/me/password body.current": _PASSWORD,
    "POST /api/me/password body.password": _PASSWORD,
    "DELETE /api/me/totp body.password": _PASSWORD,
    "POST /api/password-reset body.email": Way("exempt", "sealed in the job, which looks it up and forgets it"),
    "POST /api/password-reset/confirm body.password": _PASSWORD,
    "POST /api/password-reset/confirm body.token": _TOKEN,
    "POST /api/privacy/holds body.reason": REDACTED,
    "POST /api/privacy/requests body.why": REDACTED,
    "POST /api/privacy/reviews/{review_id}/sign body.remarks": REDACTED,
    "PUT /api/privacy/retention/{kind} path.kind": _LOOKED_UP,
    "POST /api/session body.email": Way("exempt", "looked up; of a failure only a keyed hash is kept"),
    "POST /api/session body.password": _PASSWORD,
    "POST /api/session/passkey body.credential.*": _CREDENTIAL,
    "POST /api/teams body.name": REDACTED,
    "PATCH /api/teams/{team_id} body.name": REDACTED,
    "POST /api/widget/attachments body.files[]": _FILE,
    "POST /api/widget/conversations body.about.app_version": REDACTED,
    "POST /api/widget/conversations body.about.page": REDACTED,
    "POST /api/widget/conversations body.about.platform": REDACTED,
    "POST /api/widget/conversations body.about.zone": REDACTED,
    "POST /api/widget/conversations body.b": REDACTED,
    "POST /api/widget/conversations body.identity": _SIGNED,
    "POST /api/widget/conversations body.inbox": _LOOKED_UP,
    "POST /api/widget/conversations body.language": _LANGUAGE,
    "POST /api/widget/conversations body.tokens[]": _TOKEN,
    "POST /api/widget/conversations body.topic": _LOOKED_UP,
    "POST /api/widget/emergency body.token": _TOKEN,
    "POST /api/widget/language body.language": _LANGUAGE,
    "POST /api/widget/language body.token": _TOKEN,
    "POST /api/widget/privacy/archive body.token": _TOKEN,
    "POST /api/widget/privacy/list body.token": _TOKEN,
    "POST /api/widget/privacy/requests body.token": _TOKEN,
    "POST /api/widget/privacy/withdraw body.token": _TOKEN,
    "POST /api/widget/rating body.token": _TOKEN,
    "POST /api/widget/rating body.words": REDACTED,
    "POST /api/widget/start body.identity": _SIGNED,
    "POST /api/widget/start body.inbox": _LOOKED_UP,
    "POST /api/widget/start body.language": _LANGUAGE,
    "POST /api/widget/start body.tokens[]": _TOKEN,
}

# Pages, which are not in the OpenAPI document: a handler's arguments that are texts.
_PAGE = Way("closed", "a file's name; what is no file is not found")
_REFLECTED = Way("closed", "goes into the page of whoever wrote it, and nowhere else")
PAGES: dict[str, Way] = {
    "GET /api/schema/{path} path": _PAGE,
    "GET /console path": _PAGE,
    "GET /console/{path} path": _PAGE,
    "GET /demo/wallet lang": _LANGUAGE,
    "GET /demo/wallet theme": _REFLECTED,
    "GET /demo/wallet user": _REFLECTED,
    "GET /demo/wallet/identity user": _LOOKED_UP,
    "GET /files/{attachment_id}/{until}/{signature} signature": Way("closed", "compared with the right one"),
    "GET /help-support inbox": _REFLECTED,
    "GET /help-support lang": _LANGUAGE,
    "GET /help-support theme": _REFLECTED,
    "GET /widget/{path} path": _PAGE,
}

# Headers that the code reads by name.
HEADERS: dict[str, Way] = {
    "accept-language": _LANGUAGE,
    "authorization": _TOKEN,
    "cookie": _TOKEN,
    "host": Way("closed", "compared"),
    "if-none-match": Way("closed", "compared"),
    "origin": Way("closed", "compared"),
    "sec-fetch-site": Way("closed", "compared"),
    "user-agent": REDACTED,
    "x-forwarded-for": Way("closed", "only an address is taken from it"),
}

# Frames of the sockets, both of them.
FRAMES: dict[str, Way] = {
    "hello.lang": _LANGUAGE,
    "hello.token": _TOKEN,
    "send.b": REDACTED,
    "send.kind": Way("closed", "public or note, else the frame is refused"),
}

# Claims of a signed identity.
CLAIMS: dict[str, Way] = {
    "sub": Way("exempt", "the wallet's own id of its user: only a keyed hash is kept"),
    "name": REDACTED,
    "email": REDACTED,
    "phone": REDACTED,
}

# Arguments of the command.
COMMANDS: dict[str, Way] = {
    "backup file": Way("closed", "a path of the operator's"),
    "restore file": Way("closed", "a path of the operator's"),
    "openapi file": Way("closed", "a path of the operator's"),
    "init email": Way("exempt", "the operator's own account, on their own machine"),
    "init name": Way("exempt", "the operator's own account, on their own machine"),
    "init password": _PASSWORD,
}

# What leaves the application or is kept by it beside the tables; test_every_way.py looks into each.
OUT: dict[str, str] = {
    "answers": "every answer of every request above, also the refusals, which quote what they refuse",
    "frames": "everything that the sockets of customer and agent were sent",
    "tables": "a dump of the whole database: messages, audit log, jobs, mails",
    "data files": "PostgreSQL's own files and its log after a checkpoint",
    "write-ahead log": "what a standby or an archive gets",
    "files": "uploaded files",
    "logs": "of the web process, the worker and the supervisor",
    "backup": "the archive, and an installation restored from it",
}
