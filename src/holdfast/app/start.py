"""What every process of the application does first."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from holdfast.access.disposable_keys import KeyFolder
from holdfast.access.installation_keys import open_ring
from holdfast.access.key_sources import key_source
from holdfast.access.keys import use_key_ring
from holdfast.access.masks import use_text_finder
from holdfast.access.policy import Field
from holdfast.access.signing import load_signing_key, public_text, publish_key
from holdfast.app import logs, reactions
from holdfast.app.desk import Certificates, Phones, RoutingDesk
from holdfast.app.proofs import outside
from holdfast.authenticity.register import OFFICIAL_LINKS
from holdfast.conversations import outgoing
from holdfast.conversations import ports as conversations
from holdfast.conversations.files import use_files_origin
from holdfast.core import errors
from holdfast.core.database import Database
from holdfast.core.settings import Settings
from holdfast.paging import ports as paging
from holdfast.people import ports
from holdfast.redaction import find_personal, redact
from holdfast.routing import ports as routing
from holdfast.verification import ports as verification

# What the finder of personal parts names, as the policy and its masks know it.
_FIELDS = {
    "email": Field.EMAIL,
    "phone": Field.PHONE,
    "identity_number": Field.IDENTITY,
    "address": Field.ADDRESS,
}


def personal_parts(text: str) -> Iterator[tuple[Field, int, int]]:
    """Where a text names somebody's number or address."""
    return ((_FIELDS[found.kind], found.start, found.end) for found in find_personal(text))


def start(settings: Settings, dsn: str) -> Database:
    """Set up the log, open the keys, plug in the ports, and open the database.

    Raises WrongMasterKey, KeySourceError: nothing starts without its keys.
    """
    logs.set_up(settings.log_level)
    errors.use_scrubber(lambda words: redact(words).text)
    use_key_ring(open_ring(dsn, key_source(settings)))
    publish_key(public_text(load_signing_key(settings.signing_key_file, settings.audit_key)))
    use_text_finder(personal_parts)
    use_files_origin(settings.files_origin)
    conversations.use_keys(KeyFolder(settings.fragment_keys))
    ports.plug(RoutingDesk())
    routing.plug(Phones())
    paging.plug(Certificates())
    outgoing.plug(OFFICIAL_LINKS)
    OFFICIAL_LINKS.own(urlsplit(settings.origin).hostname or "")
    verification.plug(outside(settings))
    return Database(dsn, answer=reactions.answer)


@asynccontextmanager
async def started(settings: Settings, dsn: str) -> AsyncIterator[Database]:
    """For a command: the same, and the database is closed when the block ends."""
    database = start(settings, dsn)
    try:
        yield database
    finally:
        await database.close()
