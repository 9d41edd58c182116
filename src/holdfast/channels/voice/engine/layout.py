"""Where what belongs to the engine lies in the data folder, and how it is reached while it runs."""

from dataclasses import dataclass
from pathlib import Path

import msgspec

from holdfast.channels.voice.access import Access
from holdfast.channels.voice.settings import VoiceSettings
from holdfast.core.settings import Settings


@dataclass(frozen=True, slots=True)
class Layout:
    """``data_dir``/voice."""

    home: Path

    @property
    def etc(self) -> Path:
        """Generated at every start; changes in it are lost."""
        return self.home / "etc"

    @property
    def data(self) -> Path:
        """What Asterisk plays, and its documentation, without which it does not start."""
        return self.home / "data"

    @property
    def sounds(self) -> Path:
        """Prompts: ``<language>/<name>`` in here is ``sound:holdfast/<language>/<name>``."""
        return self.data / "sounds" / "holdfast"

    @property
    def music(self) -> Path:
        return self.data / "music"

    @property
    def recorded(self) -> Path:
        """Recordings of an organisation's own, ``<language>/<name>.wav``, which replace spoken prompts."""
        return self.home / "recorded"

    @property
    def spool(self) -> Path:
        return self.home / "spool"

    @property
    def recordings(self) -> Path:
        """Where ARI records to."""
        return self.spool / "recording"

    @property
    def messages(self) -> Path:
        """What callers said while the application was down (``messages.py``)."""
        return self.spool / "messages"

    @property
    def lines(self) -> Path:
        """The language of each line, for the dialplan alone (``configuration.write_lines``)."""
        return self.etc / "lines.conf"

    def make(self) -> None:
        """Every folder, for this user only."""
        folders = (self.etc, self.sounds, self.music, self.recorded, self.recordings, self.messages)
        for folder in (self.home, *folders, *(self.home / name for name in ("run", "log", "db", "cache", "keys"))):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.home.chmod(0o700)


def layout_of(settings: Settings) -> Layout:
    return Layout(settings.data_dir / "voice")


class Reach(msgspec.Struct, frozen=True):
    """How a running engine of ours is reached; in ``home/run/reach.json``, for its owner only, since it has passwords.

    ``url``: ARI's and the browsers' WebSocket (/ws), on loopback. ``sip``: the UDP port. ``doctor``: the password of
    the account with which the smoke call is made.
    """

    url: str
    user: str
    password: str
    sip_host: str
    sip: int
    rtp: tuple[int, int]
    doctor: str

    @property
    def access(self) -> Access:
        return Access(self.url, self.user, self.password)


def read_reach(layout: Layout) -> Reach | None:
    """None if no engine of ours was ever started here, or what is written cannot be read."""
    try:
        return msgspec.json.decode((layout.home / "run" / "reach.json").read_bytes(), type=Reach)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def access_of(settings: VoiceSettings, layout: Layout) -> Access | None:
    """ARI of the engine elsewhere, or of ours; None while ours has not been started."""
    if settings.elsewhere is not None:
        return settings.elsewhere
    reach = read_reach(layout)
    return reach.access if reach else None


def write_reach(layout: Layout, reach: Reach) -> None:
    file = layout.home / "run" / "reach.json"
    part = file.with_suffix(".part")
    part.touch(mode=0o600)
    part.write_bytes(msgspec.json.encode(reach))
    part.rename(file)
