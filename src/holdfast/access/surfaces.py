"""Every surface on which a customer's data could be seen, and which personal fields it carries (through the policy).

A surface that is not listed fails a test, and one that is listed with fields needs a probe: real requests by every
role, compared with what the policy says (tests/access/test_masking.py, tests/access/probes.py). Whoever adds an
export, a webhook, a report or a route adds its line here.
"""

from dataclasses import dataclass
from enum import StrEnum

from holdfast.access.policy import Field


class Way(StrEnum):
    REST = "rest"
    """``METHOD /path`` of a route, or ``* /path`` for everything at and below it."""
    FRAME = "frame"
    """The kind of a frame that a socket sends."""
    LOG = "log"
    MAIL = "mail"
    EXPORT = "export"
    WEBHOOK = "webhook"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class Surface:
    """``fields`` is what it may carry; nothing: no personal field of a customer, for whoever asks."""

    way: Way
    name: str
    fields: frozenset[Field] = frozenset()


CONTACTS = frozenset({Field.EMAIL, Field.PHONE, Field.USER_ID, Field.WALLET})
ROW = frozenset({Field.NAME, Field.TEXT})
ALL = ROW | CONTACTS

SURFACES: tuple[Surface, ...] = (
    # The console's conversations.
    Surface(Way.REST, "GET /api/conversations", ROW),
    Surface(Way.REST, "POST /api/conversations/search", ROW),
    Surface(Way.REST, "GET /api/conversations/{conversation_id:uuid}", ALL),
    Surface(Way.REST, "GET /api/conversations/{conversation_id:uuid}/timeline", ROW),
    Surface(Way.REST, "POST /api/conversations/{conversation_id:uuid}/reveal", CONTACTS),
    # What a conversation was handed over to the technical team with.
    Surface(Way.REST, "GET /api/conversations/{conversation_id:uuid}/handovers", frozenset({Field.TEXT})),
    Surface(Way.REST, "POST /api/conversations/{conversation_id:uuid}/handovers", frozenset({Field.TEXT})),
    Surface(Way.REST, "* /api/technical/cases/{case_id:uuid}", frozenset({Field.TEXT})),
    Surface(Way.REST, "* /api/technical/announcements", frozenset({Field.TEXT})),
    # Titles and descriptions are masked before they are stored: cases are for everybody who answers.
    Surface(Way.REST, "* /api/technical"),
    # From the tracker, signed; nothing of a customer is there.
    Surface(Way.REST, "* /api/hooks"),
    # A message with what may be a secret in it.
    Surface(
        Way.REST, "POST /api/conversations/{conversation_id:uuid}/entries/{seq:int}/reveal", frozenset({Field.TEXT})
    ),
    Surface(Way.REST, "PUT /api/conversations/{conversation_id:uuid}/tags", ROW),
    Surface(Way.REST, "PUT /api/conversations/{conversation_id:uuid}/topic", ROW),
    Surface(Way.REST, "PUT /api/conversations/{conversation_id:uuid}/priority", ROW),
    Surface(Way.REST, "PUT /api/conversations/{conversation_id:uuid}/language", ROW),
    Surface(Way.REST, "POST /api/conversations/{conversation_id:uuid}/take", ROW),
    Surface(Way.REST, "POST /api/conversations/{conversation_id:uuid}/reopen", ROW),
    Surface(Way.REST, "POST /api/conversations/{conversation_id:uuid}/resolve", ROW),
    Surface(Way.REST, "POST /api/offers/{offer_id:uuid}/accept", ROW),
    # What is scheduled, in its agent's words, and the note of a follow-up.
    Surface(Way.REST, "GET /api/conversations/{conversation_id:uuid}/later", frozenset({Field.TEXT})),
    Surface(Way.REST, "POST /api/conversations/{conversation_id:uuid}/scheduled", frozenset({Field.TEXT})),
    Surface(
        Way.REST,
        "PUT /api/conversations/{conversation_id:uuid}/scheduled/{scheduled_id:uuid}",
        frozenset({Field.TEXT}),
    ),
    Surface(Way.REST, "PUT /api/conversations/{conversation_id:uuid}/follow-up", frozenset({Field.TEXT})),
    Surface(Way.REST, "* /api/conversations/{conversation_id:uuid}"),
    Surface(Way.REST, "* /api/offers"),
    # Who is on the phone, waits or was lost.
    Surface(Way.REST, "GET /api/calls", frozenset({Field.NAME})),
    Surface(Way.REST, "GET /api/calls/lost", frozenset({Field.NAME})),
    Surface(Way.REST, "* /api/grants"),
    # A file's name comes back to whoever has just uploaded it.
    Surface(Way.REST, "POST /api/attachments", frozenset({Field.TEXT})),
    # The address of a picture that nobody could read: no value is in the answer.
    Surface(Way.REST, "POST /api/attachments/{attachment_id:uuid}/show"),
    # Reports of impostors: in words of customers.
    Surface(Way.REST, "GET /api/impostors/{case_id:uuid}", frozenset({Field.TEXT})),
    Surface(Way.REST, "POST /api/impostors/{case_id:uuid}/steps", frozenset({Field.TEXT})),
    Surface(Way.REPORT, "GET /api/impostors/{case_id:uuid}/pack", frozenset({Field.TEXT})),
    Surface(Way.REST, "* /api/impostors"),
    Surface(Way.REST, "* /api/outgoing"),
    # What the customer sees of themselves.
    Surface(Way.REST, "POST /api/widget/start", ROW),
    Surface(Way.REST, "POST /api/widget/conversations", ROW),
    Surface(Way.REST, "POST /api/widget/attachments", frozenset({Field.TEXT})),
    Surface(Way.REST, "POST /api/widget/looks", frozenset({Field.TEXT})),
    Surface(Way.REST, "* /api/widget"),
    # Of staff, of the house, of nobody.
    Surface(Way.REST, "GET /api/audit", frozenset({Field.TEXT, Field.NETWORK})),
    Surface(Way.REST, "* /api/audit"),
    Surface(Way.REST, "* /api/alarms"),
    Surface(Way.REST, "* /api/purposes"),
    Surface(Way.REST, "* /api/verification"),
    Surface(Way.REST, "* /api/agents"),
    Surface(Way.REST, "* /api/teams"),
    Surface(Way.REST, "* /api/invitations"),
    Surface(Way.REST, "* /api/me"),
    Surface(Way.REST, "* /api/session"),
    Surface(Way.REST, "* /api/sessions"),
    Surface(Way.REST, "* /api/password-reset"),
    Surface(Way.REST, "* /api/queues"),
    Surface(Way.REST, "* /api/promises"),
    # Rules and what they did: keys, numbers, references and the rules' own words.
    Surface(Way.REST, "* /api/automation"),
    Surface(Way.REST, "* /api/topics"),
    Surface(Way.REST, "* /api/health"),
    # Requests, holds, retention and reviews; the archive is the one exception of docs/operations/access.md.
    Surface(Way.EXPORT, "POST /api/privacy/requests/{request_id:uuid}/archive", ALL),
    Surface(Way.EXPORT, "POST /api/widget/privacy/archive", ALL),
    Surface(Way.REPORT, "GET /api/privacy/reviews/{review_id:uuid}"),
    Surface(Way.REST, "* /api/privacy"),
    # Endpoints and what was sent to them, by ids; and what is sent itself.
    Surface(Way.REST, "* /api/webhooks"),
    # Who is calling, and where a link may go: masked.
    Surface(Way.REST, "POST /api/calls/{call_id:uuid}/code"),
    Surface(Way.REST, "* /api/calls/{call_id:uuid}/writing"),
    # A letter that waits in the quarantine, as its sender wrote it; lists of letters and mailboxes hold none of it.
    Surface(
        Way.REST, "POST /api/mail/quarantine/{letter_id:uuid}/read", frozenset({Field.TEXT, Field.NAME, Field.EMAIL})
    ),
    Surface(Way.REST, "GET /api/mail/conversations/{conversation_id:uuid}", frozenset({Field.EMAIL})),
    # A letter's layout and its raw form: the words of the entry, and addresses, which stay masked.
    Surface(Way.REST, "GET /api/mail/conversations/{conversation_id:uuid}/letters/{seq:int}", frozenset({Field.TEXT})),
    Surface(
        Way.REST,
        "POST /api/mail/conversations/{conversation_id:uuid}/letters/{seq:int}/raw",
        frozenset({Field.TEXT, Field.EMAIL}),
    ),
    Surface(Way.REST, "* /api/mail"),
    # Calls, by ids and stages: no number is in them. A recording's sound comes for a purpose that is written down.
    *(Surface(Way.REST, f"* /api/{of}") for of in ("phone", "calls", "call-backs", "recordings")),
    *(Surface(Way.REST, f"* /api/{of}") for of in ("lines", "menus", "blocked-numbers")),
    # Whoever reads at an address says so: it is masked.
    Surface(Way.REST, "* /address"),
    # Answers, to the customer alone: their own subject and address.
    Surface(Way.MAIL, "letters"),
    Surface(Way.WEBHOOK, "delivery", frozenset({Field.TEXT}) | CONTACTS),
    # Rotas and pages: staff, kinds and references.
    Surface(Way.REST, "* /api/paging"),
    Surface(Way.REST, "* /api/pages"),
    Surface(Way.REST, "* /page"),
    # For everybody: known problems, in staff's words.
    Surface(Way.REST, "* /status"),
    # For everybody: our own channels, and answers about what is asked, which is not kept.
    Surface(Way.REST, "* /api/official-channels"),
    Surface(Way.REST, "GET /.well-known/holdfast-official-channels.json"),
    Surface(Way.REST, "* /api/verify"),
    Surface(Way.REST, "* /verify"),
    # Mounted in a demo only, whose data are made up.
    Surface(Way.REST, "* /api/demo"),
    Surface(Way.REST, "* /demo"),
    # Pages and files: a file is opened by its signed address alone.
    Surface(Way.REST, "GET /"),
    Surface(Way.REST, "* /console"),
    Surface(Way.REST, "* /widget"),
    Surface(Way.REST, "* /help-support"),
    Surface(Way.REST, "* /pages.css"),
    Surface(Way.REST, "* /kept"),
    Surface(Way.REST, "* /files"),
    # The console's and the widget's sockets.
    Surface(Way.FRAME, "inbox", ROW),
    Surface(Way.FRAME, "row", ROW),
    Surface(Way.FRAME, "opened", ROW),
    Surface(Way.FRAME, "offer", ROW),
    Surface(Way.FRAME, "msg", frozenset({Field.TEXT})),
    # What came of a picture, with its name.
    Surface(Way.FRAME, "att", frozenset({Field.TEXT})),
    *(
        Surface(Way.FRAME, kind)
        for kind in (
            *("ready", "state", "live", "ack", "nack", "error", "pong", "presence", "counters"),
            *("gone", "reopen", "grant_end", "read", "typing", "looking", "here", "offer_end", "problems", "phone"),
            # The wall board: numbers and languages.
            "board",
        )
    ),
    # What the processes write about themselves.
    Surface(Way.LOG, "log"),
    # Sign-in, alarms, checkpoints, reviews, webhooks that stopped: to staff, about no customer.
    Surface(Way.MAIL, "notices"),
    # What goes out to whoever is on call, by whichever service.
    Surface(Way.MAIL, "pages"),
)


def covers(surface: Surface, way: Way, name: str) -> bool:
    """Whether a surface's line stands for this one."""
    if surface.way is not way:
        return False
    if not surface.name.startswith("* "):
        return surface.name == name
    path, below = name.partition(" ")[2], surface.name.removeprefix("* ")
    return path == below or path.startswith((f"{below}/", f"{below}."))


def surface_of(way: Way, name: str) -> Surface | None:
    """The surface that a route or frame is; its own line goes before one of everything below a path."""
    found = [surface for surface in SURFACES if covers(surface, way, name)]
    return min(found, key=lambda surface: surface.name.startswith("* "), default=None)
