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
_ENDPOINT = Way("exempt", "paths of webhooks hold tokens: sealed, sent to nobody else, shown as a redacted host alone")
_REACHED = Way("exempt", "where somebody of the staff is paged: sealed, shown to themselves alone")
_PROVIDER = Way("exempt", "an account's credentials: sealed, of which the service's name alone is shown")
_CHECKED = Way("exempt", "checked and forgotten: neither a signature nor a token is stored, logged or shown again")
_CREDENTIAL = Way("closed", "parsed by the passkey library; the key's id and public key are kept, as bytes")
_SHOWN_TO = Way("closed", "looked up in the catalogue of purposes; what is unknown is refused")
_UNFIT = Way("closed", "refused if it looks like a secret (mail/mailboxes.py, technical/tracking.py)")
_SIGN_IN = Way("exempt", "the mailbox's own, sealed, given to its mail server and nobody else")
# The interface's document shows no bounds within lists and pairs.
_CLOCK = Way("closed", "a time such as 09:00 or a place such as DE-BY, by its pattern")
_KEYS = Way("closed", "at most forty characters each")
_FILE = Way("redacted", "the text of text files and every name; pictures wait for the reading of pictures")

_MENU = Way("closed", "refused if something in it is a secret (voice/lines.py)")
_NODE = Way("closed", "names of nodes, languages and keys, by their patterns")
_ADDRESS = Way("closed", "refused unless it is an address, and if it looks like a secret")
_OF_PROOF = (
    "answer", "begin", "challenge", "compromised", "list", "passkeys", "passkeys/options", "phone", "phone/code",
)  # fmt: skip

# Method, path, and where in the request.
REQUESTS: dict[str, Way] = {
    "PATCH /api/agents/{agent_id} body.name": REDACTED,
    "POST /api/agents/{agent_id}/attestations body.note": REDACTED,
    "POST /api/agents/{agent_id}/attestations body.skill": _LOOKED_UP,
    "POST /api/agents/{agent_id}/revocations body.skill": _LOOKED_UP,
    "POST /api/agents/{agent_id}/revocations body.why": REDACTED,
    "POST /api/attachments body.files[]": _FILE,
    "POST /api/attachments/{attachment_id}/show body.purpose": REDACTED,
    "GET /api/audit query.action": Way("closed", "compared with the beginnings of actions, 60 characters"),
    **{
        f"{way} body.{place}": REDACTED
        for way in ("POST /api/automation/rules", "PUT /api/automation/rules/{rule_id}")
        for place in (
            "name",
            "actions[].texts.*",
            "conditions.tests[].values[]",
            "conditions.groups[].tests[].values[]",
        )
    },
    "GET /api/conversations query.language": Way("closed", "compared, never stored"),
    "POST /api/conversations/search body.text": REDACTED,
    "POST /api/conversations/{conversation_id}/entries/{seq}/reveal body.purpose": REDACTED,
    "POST /api/conversations/{conversation_id}/handovers body.asked": REDACTED,
    "POST /api/conversations/{conversation_id}/handovers body.title": REDACTED,
    "POST /api/conversations/{conversation_id}/handovers body.tried": REDACTED,
    "POST /api/conversations/{conversation_id}/reveal body.purpose": _SHOWN_TO,
    "POST /api/conversations/{conversation_id}/reveal body.words": REDACTED,
    "PUT /api/promises/calendars/{key} body.exceptions.*[][]": _CLOCK,
    "PUT /api/promises/calendars/{key} body.holidays[]": _CLOCK,
    "PUT /api/promises/calendars/{key} body.weekly.*[][]": _CLOCK,
    "PUT /api/promises/policies/{key} body.calendar": _LOOKED_UP,
    "PUT /api/promises/policies/{key} body.match.channels[]": _KEYS,
    "PUT /api/promises/policies/{key} body.match.groups[]": _KEYS,
    "PUT /api/promises/policies/{key} body.match.queues[]": _KEYS,
    "PUT /api/promises/policies/{key} body.match.topics[]": _KEYS,
    "PUT /api/conversations/{conversation_id}/follow-up body.note": REDACTED,
    "POST /api/conversations/{conversation_id}/scheduled body.text": REDACTED,
    "PUT /api/conversations/{conversation_id}/scheduled/{scheduled_id} body.text": REDACTED,
    "PUT /api/conversations/{conversation_id}/tags body.tags[]": REDACTED,
    "POST /api/impostors body.target": REDACTED,
    "POST /api/impostors body.words": REDACTED,
    "POST /api/impostors/{case_id}/steps body.note": REDACTED,
    "POST /api/invitations body.email": REDACTED,
    "POST /api/invitations body.name": REDACTED,
    "POST /api/invitations/{token}/accept body.name": REDACTED,
    "POST /api/invitations/{token}/accept body.password": _PASSWORD,
    "POST /api/invitations/{token}/accept path.token": _TOKEN,
    "GET /api/invitations/{token}/view path.token": _TOKEN,
    "POST /api/calls/{call_id}/answer body.device": _LOOKED_UP,
    "POST /api/lines body.name": REDACTED,
    "PUT /api/lines/{line_id} body.name": REDACTED,
    "POST /api/mail/mailboxes body.address": _UNFIT,
    "POST /api/mail/mailboxes body.authserv": _UNFIT,
    "POST /api/mail/mailboxes body.dkim_selector": _UNFIT,
    "POST /api/mail/mailboxes body.folder": _UNFIT,
    "POST /api/mail/mailboxes body.host": _UNFIT,
    "POST /api/mail/mailboxes body.inbox": _LOOKED_UP,
    "POST /api/mail/mailboxes body.name": REDACTED,
    "POST /api/mail/mailboxes body.password": _SIGN_IN,
    "POST /api/mail/mailboxes body.username": _UNFIT,
    "PATCH /api/mail/mailboxes/{mailbox_id} body.authserv": _UNFIT,
    "PATCH /api/mail/mailboxes/{mailbox_id} body.dkim_selector": _UNFIT,
    "PATCH /api/mail/mailboxes/{mailbox_id} body.folder": _UNFIT,
    "PATCH /api/mail/mailboxes/{mailbox_id} body.host": _UNFIT,
    "PATCH /api/mail/mailboxes/{mailbox_id} body.language": Way("closed", "one of our languages, else refused"),
    "PATCH /api/mail/mailboxes/{mailbox_id} body.name": REDACTED,
    "PATCH /api/mail/mailboxes/{mailbox_id} body.password": _SIGN_IN,
    "PATCH /api/mail/mailboxes/{mailbox_id} body.username": _UNFIT,
    "PATCH /api/me body.interface_language": Way("closed", "a pattern of at most eight letters"),
    "PATCH /api/me body.name": REDACTED,
    "POST /api/me/contacts body.address": _REACHED,
    "POST /api/me/contacts body.secret": _PROVIDER,
    "POST /api/me/passkeys body.credential.*": _CREDENTIAL,
    "POST /api/me/passkeys body.name": REDACTED,
    "POST /api/me/password body.current": _PASSWORD,
    "POST /api/me/password body.password": _PASSWORD,
    "DELETE /api/me/totp body.password": _PASSWORD,
    "POST /api/menus/validate body.nodes.*.keys.*": _NODE,
    "POST /api/menus/validate body.nodes.*.texts.*": _MENU,
    "PUT /api/menus/{key} body.name": REDACTED,
    "PUT /api/menus/{key} body.tree.nodes.*.keys.*": _NODE,
    "PUT /api/menus/{key} body.tree.nodes.*.texts.*": _MENU,
    "DELETE /api/phone/devices/{name} path.name": _LOOKED_UP,
    "GET /api/phone/figures query.language": Way("closed", "compared, never stored"),
    "POST /api/official-channels body.note": REDACTED,
    "POST /api/official-channels body.value": REDACTED,
    "PUT /api/official-channels/{channel_id} body.note": REDACTED,
    "POST /api/outgoing/check body.text": REDACTED,
    "PUT /api/paging/providers/{kind} body.url": _PROVIDER,
    "POST /api/paging/rotas body.name": REDACTED,
    "PUT /api/paging/rotas/{rota_id} body.name": REDACTED,
    "POST /api/password-reset body.email": Way("exempt", "sealed in the job, which looks it up and forgets it"),
    "POST /api/password-reset/confirm body.password": _PASSWORD,
    "POST /api/password-reset/confirm body.token": _TOKEN,
    "POST /api/privacy/holds body.reason": REDACTED,
    "POST /api/privacy/requests body.why": REDACTED,
    "POST /api/privacy/reviews/{review_id}/sign body.remarks": REDACTED,
    "PUT /api/privacy/retention/{kind} path.kind": _LOOKED_UP,
    "PUT /api/purposes/{key} body.names.*": Way("closed", "40 characters of each name, 10 letters of each language"),
    "POST /api/session body.email": Way("exempt", "looked up; of a failure only a keyed hash is kept"),
    "POST /api/session body.password": _PASSWORD,
    "POST /api/session/passkey body.credential.*": _CREDENTIAL,
    "POST /api/session/provider/start body.next": REDACTED,
    "POST /api/session/step-up body.code": Way("exempt", "compared with codes and hashes of codes, never stored"),
    "POST /api/session/step-up body.credential.*": _CREDENTIAL,
    "POST /api/session/step-up body.password": _PASSWORD,
    "POST /api/teams body.name": REDACTED,
    "PATCH /api/teams/{team_id} body.name": REDACTED,
    "PUT /api/verification/purposes/{key} body.name": REDACTED,
    "PUT /api/verification/purposes/{key} body.statement": Way("redacted", "and refused then: a marker is no ASCII"),
    "PUT /api/technical/cases/{case_id} body.description": REDACTED,
    "PUT /api/technical/cases/{case_id} body.title": REDACTED,
    "POST /api/technical/cases/{case_id}/announcements body.texts[].text": REDACTED,
    "PUT /api/technical/cases/{case_id}/issue body.issue": Way(
        "closed", "a number and a repository's name, else refused"
    ),
    "POST /api/technical/problems body.texts[].text": REDACTED,
    "POST /api/technical/problems body.texts[].title": REDACTED,
    "PUT /api/technical/problems/{problem_id} body.texts[].text": REDACTED,
    "PUT /api/technical/problems/{problem_id} body.texts[].title": REDACTED,
    "PUT /api/technical/tracker body.api": _UNFIT,
    "PUT /api/technical/tracker body.repository": _UNFIT,
    "PUT /api/technical/tracker body.secret": _PROVIDER,
    "PUT /api/technical/tracker body.token": _PROVIDER,
    "POST /api/calls/{call_id}/writing body.address": _ADDRESS,
    "POST /api/verify body.language": _LANGUAGE,
    "POST /api/verify body.text": REDACTED,
    "POST /api/verify/report body.language": _LANGUAGE,
    "POST /api/verify/report body.target": REDACTED,
    "POST /api/verify/report body.words": REDACTED,
    "POST /api/webhooks body.name": REDACTED,
    "POST /api/webhooks body.url": _ENDPOINT,
    "PATCH /api/webhooks/{webhook_id} body.name": REDACTED,
    "PATCH /api/webhooks/{webhook_id} body.url": _ENDPOINT,
    "GET /api/widget/problems query.lang": _LANGUAGE,
    "POST /api/widget/attachments body.files[]": _FILE,
    "POST /api/widget/code body.token": _TOKEN,
    "POST /api/widget/code body.words": REDACTED,
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
    "POST /api/widget/continue body.link": _TOKEN,
    "POST /api/widget/emergency body.token": _TOKEN,
    "POST /api/widget/impostor body.target": REDACTED,
    "POST /api/widget/impostor body.token": _TOKEN,
    "POST /api/widget/impostor body.words": REDACTED,
    "POST /api/widget/language body.language": _LANGUAGE,
    "POST /api/widget/language body.token": _TOKEN,
    "POST /api/widget/looks body.language": _LANGUAGE,
    "POST /api/widget/looks body.token": _TOKEN,
    "POST /api/widget/looks/proof body.language": _LANGUAGE,
    "POST /api/widget/looks/proof body.token": _TOKEN,
    "POST /api/widget/mail body.token": _TOKEN,
    "POST /api/widget/mail/address body.address": _ADDRESS,
    "POST /api/widget/mail/address body.token": _TOKEN,
    "POST /api/widget/mail/code body.token": _TOKEN,
    "POST /api/widget/mail/off body.token": _TOKEN,
    "POST /api/widget/privacy/archive body.token": _TOKEN,
    "POST /api/widget/privacy/list body.token": _TOKEN,
    "POST /api/widget/privacy/requests body.token": _TOKEN,
    "POST /api/widget/privacy/withdraw body.token": _TOKEN,
    "POST /api/widget/verification/answer body.credential.*": _CREDENTIAL,
    "POST /api/widget/verification/answer body.identity": _CHECKED,
    "POST /api/widget/verification/answer body.signature": _CHECKED,
    "POST /api/widget/verification/challenge body.address": Way("exempt", "an address by its codec, sealed until used"),
    "POST /api/widget/verification/challenge body.chain": Way("closed", "a chain of the list, else refused"),
    "POST /api/widget/verification/phone/code body.identity": _CHECKED,
    "POST /api/widget/verification/phone/code body.nonce": _LOOKED_UP,
    "POST /api/widget/verification/passkeys body.credential.*": _CREDENTIAL,
    **{f"POST /api/widget/verification/{path} body.token": _TOKEN for path in _OF_PROOF},
    "POST /api/widget/proof body.token": _TOKEN,
    "POST /api/widget/rating body.token": _TOKEN,
    "POST /api/widget/rating body.words": REDACTED,
    "POST /api/widget/start body.identity": _SIGNED,
    "POST /api/widget/start body.inbox": _LOOKED_UP,
    "POST /api/widget/start body.language": _LANGUAGE,
    "POST /api/widget/start body.tokens[]": _TOKEN,
}

# Pages, which are not in the OpenAPI document: a handler's arguments that are texts, and forms as a whole.
_PAGE = Way("closed", "a file's name; what is no file is not found")
_REFLECTED = Way("closed", "goes into the page of whoever wrote it, and nowhere else")
PAGES: dict[str, Way] = {
    "GET /api/schema/{path} path": _PAGE,
    "GET /api/session/provider/callback code": Way("exempt", "spent at the provider, never stored or shown"),
    "GET /api/session/provider/callback iss": Way("closed", "compared with the provider's own"),
    "GET /api/session/provider/callback returned": Way("closed", "compared with what the ceremony has sealed"),
    "GET /console path": _PAGE,
    "GET /console/{path} path": _PAGE,
    "GET /demo/wallet lang": _LANGUAGE,
    "GET /demo/wallet theme": _REFLECTED,
    "GET /demo/wallet user": _REFLECTED,
    "GET /demo/wallet/identity nonce": Way("exempt", "stands in a signed token of a demo, and nowhere else"),
    "GET /demo/wallet/identity user": _LOOKED_UP,
    "GET /files/{attachment_id}/{until}/{signature} signature": Way("closed", "compared with the right one"),
    "GET /help-support inbox": _REFLECTED,
    "GET /kept lang": _LANGUAGE,
    "GET /status lang": _LANGUAGE,
    "GET /help-support lang": _LANGUAGE,
    "GET /help-support theme": _REFLECTED,
    "GET /address/{token} token": Way("closed", "signed by us; what is not is refused, and not shown again"),
    "POST /address/{token} token": Way("closed", "signed by us; what is not is refused, and not shown again"),
    "GET /page/{token} token": Way("closed", "signed by us; what is not is refused, and not shown again"),
    "POST /page/{token} data": Way("closed", "one of three numbers"),
    "POST /page/{token} token": Way("closed", "signed by us; what is not is refused, and not shown again"),
    "GET /verify lang": _LANGUAGE,
    "POST /verify data": REDACTED,
    "POST /verify/report data": REDACTED,
    "GET /widget/{path} path": _PAGE,
}

# Headers that the code reads by name.
HEADERS: dict[str, Way] = {
    "accept-language": _LANGUAGE,
    "authorization": _TOKEN,
    "content-encoding": Way("closed", "of an answer to us; anything but none is refused"),
    "cookie": _TOKEN,
    "host": Way("closed", "compared"),
    "if-none-match": Way("closed", "compared"),
    "origin": Way("closed", "compared"),
    "sec-fetch-site": Way("closed", "compared"),
    "user-agent": REDACTED,
    "x-hub-signature-256": Way("exempt", "compared, never stored"),
    "x-forwarded-for": Way("closed", "only an address is taken from it"),
}

# Frames of the sockets, both of them.
FRAMES: dict[str, Way] = {
    "hello.lang": _LANGUAGE,
    "hello.token": _TOKEN,
    "send.b": REDACTED,
    "send.kind": Way("closed", "public or note, else the frame is refused"),
    "watch.zone": Way("closed", "a time zone of the world, else the frame is refused"),
}

# Claims of a signed identity.
CLAIMS: dict[str, Way] = {
    "sub": Way("exempt", "the wallet's own id of its user: only a keyed hash is kept"),
    "name": REDACTED,
    "email": REDACTED,
    "phone": REDACTED,
    "segment": Way("closed", "a key of small letters and digits"),
}

# Claims of the organisation's identity provider, about staff (people/oidc_tokens.py).
PROVIDER_CLAIMS: dict[str, Way] = {
    "sub": Way("exempt", "only a keyed hash is kept"),
    "email": REDACTED,
    "name": REDACTED,
    "locale": _LANGUAGE,
    "amr": Way("closed", "compared, never stored"),
    "acr": Way("closed", "compared, never stored"),
    "azp": Way("closed", "compared, never stored"),
    "aud": Way("closed", "compared, never stored"),
    "nonce": Way("closed", "compared, never stored"),
    "email_verified": Way("closed", "true or not"),
}

# Arguments of the command.
COMMANDS: dict[str, Way] = {
    "backup file": Way("closed", "a path of the operator's"),
    "restore file": Way("closed", "a path of the operator's"),
    "engine action": Way("closed", "one of four words"),
    "engine folder": Way("closed", "a path of the operator's"),
    "openapi file": Way("closed", "a path of the operator's"),
    "keys action": Way("closed", "one of seven words"),
    "keys old_source": Way("closed", "where a key is: a kind and a path of the operator's, never a key"),
    "audit file": Way("closed", "a path of the operator's"),
    "audit checkpoints": Way("closed", "paths of the operator's"),
    "audit public_key": Way("closed", "a path of the operator's"),
    "audit language": Way("closed", "en or zh-Hans"),
    "audit agent": Way("closed", "looked up; the operator's, on their own machine"),
    "init email": Way("exempt", "the operator's own account, on their own machine"),
    "init name": Way("exempt", "the operator's own account, on their own machine"),
    "init password": _PASSWORD,
}

# Parts of a letter that comes in by mail: the fields of channels/mail/letters.py.
_IN_RAW = Way("closed", "of the raw letter only, which is kept if nothing at all was found in it")
LETTERS: dict[str, Way] = {
    "sender": Way("closed", "one that looks like a secret is none: the letter waits without a sender"),
    "sender_name": REDACTED,
    "recipients": Way("closed", "compared with our mailboxes"),
    "subject": REDACTED,
    "message_id": Way("closed", "dropped if it looks like a secret"),
    "references": Way("closed", "compared with the names that we signed"),
    "nature": Way("closed", "one of five words"),
    "bounce": Way("closed", "only its code, digits and dots, is kept"),
    "results": Way("closed", "only words of RFC 8601 are kept"),
    "words": REDACTED,
    "signature": _IN_RAW,
    "quoted": _IN_RAW,
    "html": _IN_RAW,
    "files": _FILE,
    "searched": Way("closed", "only searched"),
    "skeleton": _IN_RAW,
}

# What the tracker says of an issue: the fields of technical/ports.py.
ISSUES: dict[str, Way] = {
    "repository": REDACTED,
    "number": Way("closed", "a number"),
    "url": REDACTED,
    "state": Way("closed", "open or closed"),
    "reason": REDACTED,
    "etag": Way("closed", "dropped if it looks like a secret"),
}

# Every place in the code that sends something to others, by mail or by our one way out, and what that is.
OUT: dict[str, str] = {
    "access/checkpoints.py:put": "hashes and counts of the audit log; no text goes in",
    "app/nodes.py:fetch": "addresses of chains, which are public",
    "app/nodes.py:fetch_by": "as above: the function around it",
    "channels/mail/courier.py:_hand_over": "entries of the timeline, redacted (tests/channels/mail reads raw letters)",
    "channels/voice/captions/transcription.py:text": "sound, to the endpoint that the operator named; none while "
    "a secret is asked or the agent has paused it (tests/channels/voice/test_captions.py)",
    "channels/webhooks/courier.py:_send": "entries, redacted once more: every body that a receiver got is read",
    "core/mail.py:send": "what the callers of this hand over",
    "core/outgoing.py:fetch": "what the callers of this hand over",
    "paging/apprise_way.py:request": "a kind and a reference by its check character (tests/paging)",
    "paging/sending.py:_mail": "a kind and a reference by its check character (tests/paging)",
    "paging/web_push.py:send": "as above, encrypted for the browser",
    "people/mail.py:send": "invitations, resets and notices: names of staff, redacted; the demo's mails are read",
    "people/oidc_provider.py:_json": "codes and tokens, to the provider that gave them",
    "technical/github.py:_send": "a case's title and description, redacted once more: all that the tracker got is read",
}
