"""A voice process: conducts calls through the phone engine. Several may run beside each other, each under a name of its
own at the engine; a call belongs to the one that claimed it."""

import asyncio
import logging
import signal
from contextlib import suppress

from holdfast.access import customer_keys
from holdfast.app.start import start
from holdfast.channels.voice import settings as voice
from holdfast.channels.voice.ari import Ari
from holdfast.channels.voice.captions.captioning import Captions
from holdfast.channels.voice.captions.transcription import OpenAITranscriber
from holdfast.channels.voice.channel import VOICE
from holdfast.channels.voice.conducting import Desk
from holdfast.channels.voice.directory import Directory
from holdfast.channels.voice.engine.configuration import APPLICATION
from holdfast.channels.voice.engine.layout import Layout, access_of, layout_of
from holdfast.channels.voice.in_app import AppSwitchboard
from holdfast.channels.voice.prompts.store import Prompts
from holdfast.channels.voice.settings import VoiceSettings
from holdfast.channels.voice.speaking import Speaker
from holdfast.channels.voice.switchboard import Switchboard
from holdfast.core.database import Database
from holdfast.core.files import FileStore
from holdfast.core.notify import KEYS, LIVE, Listener
from holdfast.core.outgoing import outgoing_of
from holdfast.core.settings import Settings
from holdfast.people import presence

logger = logging.getLogger(__name__)


def name_of(phone: VoiceSettings, number: int) -> str:
    """Under which the process of this number (from 1) is known to the engine: the same after a restart."""
    return APPLICATION if phone.workers == 1 else f"{APPLICATION}-{number}"


def switchboard(settings: Settings, phone: VoiceSettings, layout: Layout, database: Database, name: str) -> Switchboard:
    """Plugged together."""
    speaker = Speaker(Prompts(layout, phone.cache))
    files = FileStore(settings.data_dir / "files")
    return AppSwitchboard(
        Desk(
            Ari(lambda: access_of(phone, layout), name),
            database,
            speaker,
            phone,
            layout,
            files,
            name,
            Directory(database),
            _captions(settings, phone, database, name),
        )
    )


def _captions(settings: Settings, phone: VoiceSettings, database: Database, name: str) -> Captions:
    if phone.speech is None:
        return Captions(database)
    host, port = phone.speech.listen
    # Each process listens for itself: at the port that was set, and those after it.
    if port and phone.workers > 1:
        port += int(name.rpartition("-")[2]) - 1
    return Captions(database, OpenAITranscriber(outgoing_of(settings), phone.speech), (host, port))


async def run(settings: Settings, phone: VoiceSettings, dsn: str, number: int) -> None:
    """Until cancelled."""
    database = start(settings, dsn)
    board = switchboard(settings, phone, layout_of(settings), database, name_of(phone, number))

    async def look_again() -> None:
        await customer_keys.noticed_nothing()
        board.look_again()

    notices = {VOICE: board.notice, LIVE: board.live, KEYS: customer_keys.notice}
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(Listener(dsn, notices, look_again).run())
            group.create_task(board.run())
            group.create_task(_beat(database))
    finally:
        await database.close()


async def _beat(database: Database) -> None:
    """Processes that no longer do are removed; whoever changes keys waits for those that live."""
    process_id = None
    try:
        while True:
            try:
                async with database.transaction() as session:
                    if process_id is None or not await presence.beat(session, process_id):
                        process_id = await presence.register_process(session, "voice")
            except Exception:
                logger.warning("the beat failed, trying again", exc_info=True)
            await asyncio.sleep(presence.BEAT_EVERY.total_seconds())
    finally:
        if process_id is not None:
            with suppress(Exception):
                async with database.transaction() as session:
                    await presence.leave_process(session, process_id)


def main(settings: Settings, dsn: str, number: int) -> int:
    """Work until SIGTERM: calls go on, and are taken up again by the next process of this number."""
    phone = voice.load()

    async def until_told() -> None:
        work = asyncio.create_task(run(settings, phone, dsn, number))
        for each in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(each, work.cancel)
        with suppress(asyncio.CancelledError):
            await work

    asyncio.run(until_told())
    return 0
