"""The backup's archive: a tar of database dump, uploaded files, perhaps keys, and a manifest of their SHA-256 sums.

The manifest comes last: sums are known when the rest is written. Members are read back with our own checks instead
of ``extractall``, so that an archive from anywhere cannot write outside the folder it is given.
"""

import hashlib
import io
import os
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

import msgspec

FORMAT = 1
DUMP = "database.dump"
KEYS = "keys/"
FILES = "files/"
_MANIFEST = "manifest.json"
_CHUNK = 1 << 20


class ArchiveDamaged(RuntimeError):
    """The archive is not whole, or not one of ours; the message says where."""


class Manifest(msgspec.Struct, frozen=True):
    """``made_at`` is RFC 3339 UTC; ``revision`` the schema's; ``server`` the PostgreSQL version dumped from.

    ``key`` is the id of the master key that everything is sealed under, so that a restore can tell whether the right
    one is there. ``members`` maps each member to its SHA-256 in hex.
    """

    format: int
    holdfast: str
    made_at: str
    revision: str
    server: str
    key: str | None
    members: dict[str, str]


@dataclass(frozen=True, slots=True)
class Description:
    """The manifest's part that is known before anything is written."""

    holdfast: str
    revision: str
    server: str
    key: str | None


class _Hashing(io.RawIOBase):
    """Passes a file through and sums it up."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self.sum = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._source.read(size)
        self.sum.update(data)
        return data


class Writer:
    """Writes members, then the manifest."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self._sums: dict[str, str] = {}

    def add(self, name: str, path: Path) -> None:
        """One file. What was deleted meanwhile is left out: the dump is older than this and does not mention it."""
        try:
            source = path.open("rb")
        except FileNotFoundError:
            return
        with source:
            found = os.fstat(source.fileno())
            info = tarfile.TarInfo(name)
            info.size, info.mtime, info.mode = found.st_size, int(found.st_mtime), 0o600
            passing = _Hashing(source)
            self._tar.addfile(info, passing)
            self._sums[name] = passing.sum.hexdigest()

    def finish(self, described: Description) -> Manifest:
        manifest = Manifest(
            format=FORMAT,
            holdfast=described.holdfast,
            made_at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            revision=described.revision,
            server=described.server,
            key=described.key,
            members=self._sums,
        )
        data = msgspec.json.format(msgspec.json.encode(manifest))
        info = tarfile.TarInfo(_MANIFEST)
        info.size, info.mode, info.mtime = len(data), 0o600, int(time.time())
        self._tar.addfile(info, io.BytesIO(data))
        return manifest


@contextmanager
def writing(target: Path) -> Iterator[Writer]:
    """A new archive that appears under its name only when it is whole and on the disk; mode 0600."""
    partial = target.with_name(f".{target.name}.partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
                yield Writer(tar)
            file.flush()
            os.fsync(file.fileno())
        partial.rename(target)
    finally:
        partial.unlink(missing_ok=True)


def verify(source: Path) -> Manifest:
    """Read the whole archive once and compare every sum. Raises ArchiveDamaged; changes nothing."""
    sums: dict[str, str] = {}
    manifest: Manifest | None = None
    try:
        with tarfile.open(source, mode="r:") as tar:
            for member in tar:
                file = tar.extractfile(member) if member.isreg() else None
                if file is None or not _inside(member.name):
                    raise ArchiveDamaged(f"{source} holds {member.name!r}, which no backup of ours does")
                if member.name == _MANIFEST:
                    manifest = msgspec.json.decode(file.read(), type=Manifest)
                    continue
                sums[member.name] = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    except (tarfile.TarError, msgspec.MsgspecError, EOFError) as error:
        raise ArchiveDamaged(f"{source} is not a whole backup ({error})") from error
    if manifest is None:
        raise ArchiveDamaged(f"{source} has no manifest: it was cut off, or it is not a backup of Holdfast")
    if manifest.format != FORMAT:
        raise ArchiveDamaged(f"{source} has format {manifest.format}, this Holdfast reads {FORMAT}: use a newer one")
    if sums != manifest.members or DUMP not in sums:
        wrong = sorted(
            name for name in sums.keys() | manifest.members.keys() if sums.get(name) != manifest.members.get(name)
        )
        raise ArchiveDamaged(f"{source} is damaged: {', '.join(wrong[:5]) or DUMP} (of {len(sums)} files)")
    return manifest


def _inside(name: str) -> bool:
    path = PurePosixPath(name)
    known = name in {DUMP, _MANIFEST} or name.startswith((FILES, KEYS))
    return known and not path.is_absolute() and ".." not in path.parts


def extract(source: Path, name: str, target: Path) -> None:
    """One member into a file of mode 0600."""
    with tarfile.open(source, mode="r:") as tar:
        _copy(tar, tar.getmember(name), target)


def extract_folder(source: Path, prefix: str, folder: Path) -> int:
    """Every member whose name begins with ``prefix`` into ``folder``; how many."""
    count = 0
    with tarfile.open(source, mode="r:") as tar:
        for member in tar:
            if member.name.startswith(prefix):
                target = folder / member.name.removeprefix(prefix)
                target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                _copy(tar, member, target)
                count += 1
    return count


def _copy(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    file = tar.extractfile(member)
    if file is None:
        raise ArchiveDamaged(f"{member.name} is not a file")
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        while chunk := file.read(_CHUNK):
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
