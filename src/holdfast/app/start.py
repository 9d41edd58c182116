"""What every process of the application does first."""

import logging

from holdfast.access.keys import load_key_ring, use_key_ring
from holdfast.app import reactions
from holdfast.app.desk import RoutingDesk
from holdfast.app.proofs import outside
from holdfast.conversations.files import use_files_origin
from holdfast.core.database import Database
from holdfast.core.settings import Settings
from holdfast.people import ports
from holdfast.verification import ports as verification


def start(settings: Settings, dsn: str) -> Database:
    """Set up the log, load the keys, plug in the ports, and open the database."""
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    use_key_ring(load_key_ring(settings.key_file))
    use_files_origin(settings.files_origin)
    ports.plug(RoutingDesk())
    verification.plug(outside(settings))
    return Database(dsn, answer=reactions.answer)
