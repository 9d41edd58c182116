"""What every process of the application does first."""

from holdfast.access.disposable_keys import KeyFolder
from holdfast.access.keys import load_key_ring, use_key_ring
from holdfast.app import logs, reactions
from holdfast.app.desk import RoutingDesk
from holdfast.conversations import ports as conversations
from holdfast.conversations.files import use_files_origin
from holdfast.core import errors
from holdfast.core.database import Database
from holdfast.core.settings import Settings
from holdfast.people import ports
from holdfast.redaction import redact


def start(settings: Settings, dsn: str) -> Database:
    """Set up the log, load the keys, plug in the ports, and open the database."""
    logs.set_up(settings.log_level)
    errors.use_scrubber(lambda words: redact(words).text)
    use_key_ring(load_key_ring(settings.key_file))
    use_files_origin(settings.files_origin)
    conversations.use_keys(KeyFolder(settings.fragment_keys))
    ports.plug(RoutingDesk())
    return Database(dsn, answer=reactions.answer)
