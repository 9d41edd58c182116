"""Debian packages without dpkg: an ar archive with a tar archive inside, of which we take what is run and read."""

import io
import lzma
import tarfile
import threading
from pathlib import Path

from holdfast.channels.voice.engine.errors import EngineError

_MAGIC = b"!<arch>\n"
_HEADER = 60
# Not needed to run: documentation, translations, example configuration, programs other than ours.
_LEFT_OUT = (
    "usr/share/doc/",
    "usr/share/man/",
    "usr/share/locale/",
    "usr/share/lintian/",
    "usr/share/asterisk/conf/",
    "usr/share/X11/",
    "etc/",
    "var/",
)
_PROGRAMS = {"asterisk", "espeak-ng"}
# Packages are taken apart side by side and share folders, and tarfile fails when one appears meanwhile.
_WRITING = threading.Lock()


def unpack(package: bytes, folder: Path) -> None:
    """Unpack into ``folder``; nothing is written outside it (tarfile's data filter). Raises EngineError."""
    content = _member(package, "data.tar")
    with _WRITING, tarfile.open(fileobj=io.BytesIO(content)) as archive:
        for entry in archive:
            name = entry.name.removeprefix("./")
            # An absolute link means the whole machine's folders, which are not ours.
            if _wanted(name) and not entry.isdir() and not entry.linkname.startswith("/"):
                entry.name = name
                archive.extract(entry, folder, filter="data")


def _wanted(name: str) -> bool:
    if name.startswith(_LEFT_OUT) or "/gconv/" in name:
        return False
    return not name.startswith(("usr/bin/", "usr/sbin/", "bin/", "sbin/")) or Path(name).name in _PROGRAMS


def _member(package: bytes, name: str) -> bytes:
    """A member of an ar archive, uncompressed."""
    if not package.startswith(_MAGIC):
        raise EngineError("this is not a Debian package")
    place = len(_MAGIC)
    while place + _HEADER <= len(package):
        header = package[place : place + _HEADER]
        found, size = header[:16].decode().strip().rstrip("/"), int(header[48:58])
        place += _HEADER
        if found == f"{name}.xz":
            return lzma.decompress(package[place : place + size])
        if found == name:
            return package[place : place + size]
        place += size + size % 2
    raise EngineError(f"a package has no {name}.xz: it is packed in a way that is not known here")
