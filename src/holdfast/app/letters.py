"""The parts of the worker that receive and send customers' letters, plugged together."""

import asyncio

from holdfast.channels.mail import outbox, quarantine, sealed_words, watch
from holdfast.channels.mail.courier import Courier
from holdfast.channels.mail.fetching import Fetching
from holdfast.channels.mail.intake import Intake
from holdfast.channels.mail.listener import Listener, place
from holdfast.channels.mail.outbox import Outbox
from holdfast.core.database import Database
from holdfast.core.due import Handler
from holdfast.core.files import FileStore
from holdfast.core.settings import Settings


class Letters:
    """One per worker process."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._database = database
        self._files = FileStore(settings.data_dir / "files")
        self._keys = sealed_words.key_folder(settings)
        intake = Intake(settings, database)
        self.fetching = Fetching(database, intake)
        self.outbox = Outbox(database)
        self.courier = Courier(settings, database)
        self.listener: Listener | None = None
        if settings.mail_listen:
            where = place(settings.mail_listen, anywhere=settings.mail_listen_anywhere)
            self.listener = Listener(where, intake, database)

    @property
    def deadlines(self) -> dict[str, Handler]:
        return {quarantine.SHRED: quarantine.Shredder(self._keys), outbox.ANSWER: outbox.Answers(self._settings)}

    def start(self, group: asyncio.TaskGroup) -> None:
        group.create_task(self.fetching.run())
        group.create_task(self.outbox.run())
        group.create_task(self.courier.run())
        group.create_task(watch.run(self._database, self._listens))
        if self.listener is not None:
            group.create_task(self.listener.run())

    def _listens(self) -> bool:
        return self.listener is not None and self.listener.listening

    def changed(self, word: str) -> None:
        """A notice on the channel of mail."""
        self.courier.wake()
        if "changed" in word:
            self.fetching.wake()
            self.outbox.look_again()

    def look_again(self) -> None:
        """Notices may have been lost."""
        self.courier.wake()
        self.fetching.wake()
        self.outbox.look_again()

    async def purge(self) -> None:
        await quarantine.purge(self._database, self._files, self._keys)
