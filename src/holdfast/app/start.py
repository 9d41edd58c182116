"""What every process of the application does first."""

import logging
from urllib.parse import urlsplit

from holdfast.access.keys import load_key_ring, use_key_ring
from holdfast.app import reactions
from holdfast.app.desk import RoutingDesk
from holdfast.authenticity.register import OFFICIAL_LINKS
from holdfast.conversations import outgoing
from holdfast.conversations.files import use_files_origin
from holdfast.core.database import Database
from holdfast.core.settings import Settings
from holdfast.people import ports


def start(settings: Settings, dsn: str) -> Database:
    """Set up the log, load the keys, plug in the ports, and open the database."""
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    use_key_ring(load_key_ring(settings.key_file))
    use_files_origin(settings.files_origin)
    ports.plug(RoutingDesk())
    outgoing.plug(OFFICIAL_LINKS)
    OFFICIAL_LINKS.own(urlsplit(settings.origin).hostname or "")
    return Database(dsn, answer=reactions.answer)
