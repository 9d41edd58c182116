"""``holdfast engine``: fetch the phone engine, be it, configure another one."""

import sys
from pathlib import Path

from holdfast.app.operator import OperatorError
from holdfast.channels.voice import settings as voice
from holdfast.channels.voice.engine import fetching, running
from holdfast.channels.voice.engine.errors import EngineError
from holdfast.channels.voice.engine.layout import layout_of
from holdfast.core.settings import Settings


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(settings: Settings, action: str, *, newest: bool, folder: Path | None) -> int:
    """0 done; ``run`` does not come back. Raises OperatorError, SettingsError."""
    phone = voice.load()
    try:
        if action == "fetch":
            fetching.fetch(phone, _say, newest=newest)
        elif action == "lock":
            fetching.write_lock(phone.cache)
        elif action == "configure":
            if folder is None:
                raise OperatorError("name the folder: holdfast engine configure FOLDER")
            running.write_for_elsewhere(phone, folder.absolute())
        else:
            running.become(phone, layout_of(settings))
    except (EngineError, OSError) as error:
        raise OperatorError(f"the phone engine: {error}") from error
    return 0
