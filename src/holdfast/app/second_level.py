"""What the technical team's work needs in a worker: the sender of announcements, and the courier to the tracker."""

import asyncio

from holdfast.core.database import Database
from holdfast.core.outgoing import outgoing_of
from holdfast.core.settings import Settings
from holdfast.technical.courier import TrackerCourier
from holdfast.technical.github import GitHub
from holdfast.technical.sending import Announcer


class SecondLevel:
    def __init__(self, settings: Settings, database: Database) -> None:
        self._announcer = Announcer(database)
        self._courier = TrackerCourier(database, GitHub(outgoing_of(settings)))

    def wake(self) -> None:
        """Something waits to be sent or done, or a notice of it may have been lost."""
        self._announcer.wake()
        self._courier.wake()

    def start(self, group: asyncio.TaskGroup) -> None:
        group.create_task(self._announcer.run())
        group.create_task(self._courier.run())
