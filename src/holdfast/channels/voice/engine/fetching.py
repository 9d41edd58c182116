"""Bring Asterisk and espeak-ng: their packages and libraries, into a folder of their own. ``holdfast engine fetch``.

The lock file names the versions that were last proven here, with their sums. It is last-proven, not only-allowed: a
mirror keeps no old versions, so when one of these is gone, the newest signed 22.x is taken, and the smoke call of
``holdfast doctor`` decides whether it is good.
"""

import hashlib
import json
import platform
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from holdfast.channels.voice.engine.errors import EngineError, NoLongerThere
from holdfast.channels.voice.engine.mirror import Mirror, Package, mirror_of_this_machine
from holdfast.channels.voice.engine.unpacking import unpack
from holdfast.channels.voice.settings import VoiceSettings

LOCK = Path(__file__).with_name("lock.json")
# Debian 14 and what comes after it; the first that has an Asterisk 22 is taken.
SUITES = ("forky", "sid")
ROOTS = ("asterisk", "asterisk-modules", "espeak-ng", "espeak-ng-data")
_MAJOR = "22."
_WORDS_EVERY = 5.0
_AT_ONCE = 8
# Libraries that only modules want which we never load; with them it would be 120 MB instead of 70. One that is not
# named here is fetched in vain, never missed.
_NOT_NEEDED = re.compile(
    r"lib(perl|curl4|codec2|icu|jack|portaudio|snmp|gmime|glib2|spandsp|iksemel|ical|jwt|lua|neon|odbc|opencore|vo-amr|"
    r"radcli|resample|sybdb|tdsodbc|unbound|speex1|vorbisfile|pq5|gpg|gcrypt|sensors|pci|tiff|jpeg|db5)"
)
_ARCHITECTURES = {
    "x86_64": ("amd64", "x86_64-linux-gnu", "ld-linux-x86-64.so.2"),
    "aarch64": ("arm64", "aarch64-linux-gnu", "ld-linux-aarch64.so.1"),
}

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Installed:
    """What is in the folder: versions by package, whether they are those of the lock file, and the sum of the lock
    file that was tried when they came."""

    folder: Path
    versions: Mapping[str, str]
    proven: bool
    tried: str

    @property
    def version(self) -> str:
        """Asterisk's, such as ``22.10.1``."""
        return upstream(self.versions["asterisk"])

    def command(self, program: str) -> list[str]:
        """How ``usr/…/program`` is run: with the C library and loader that came along, whatever this machine has."""
        where = f"{self.libraries}:{self.libraries / 'pulseaudio'}"
        loader = self.libraries / architecture()[2]
        return [str(loader), "--library-path", where, str(self.folder / "usr" / program)]

    @property
    def libraries(self) -> Path:
        return self.folder / "usr" / "lib" / architecture()[1]


def architecture() -> tuple[str, str, str]:
    """Debian's name of it, the folder of its libraries, its loader. Raises EngineError."""
    try:
        return _ARCHITECTURES[platform.machine()]
    except KeyError:
        raise EngineError(
            f"no engine is brought along for {platform.machine()}: name an Asterisk in HOLDFAST_ASTERISK"
        ) from None


def upstream(version: str) -> str:
    """``22.10.1`` of ``1:22.10.1+dfsg+…-1``."""
    return re.split(r"[+~-]", version.partition(":")[2] or version)[0]


def installed(cache: Path) -> Installed | None:
    """What was fetched, None if nothing was."""
    try:
        written = json.loads((cache / "engine" / "installed.json").read_text("utf-8"))
    except FileNotFoundError:
        return None
    proven = written["packages"] == _locked(LOCK, written["architecture"])
    versions = {name: version for name, (version, _, _) in written["packages"].items()}
    return Installed(cache / "engine", versions, proven, written.get("tried", ""))


def why_not(cache: Path) -> str:
    """Why the last attempt to fetch it failed; empty if there was none."""
    file = cache / "why-not"
    return file.read_text("utf-8") if file.exists() else ""


def fetch(settings: VoiceSettings, say: Say, *, newest: bool = False, lock: Path = LOCK) -> Installed:
    """Fetch unless the lock file's versions (with ``newest``: the mirror's) are there. Raises EngineError.

    An attempt that is interrupted leaves what was there before; packages that came are kept in the cache.
    """
    cache = settings.cache
    kind = architecture()[0]
    wanted = _locked(lock, kind)
    found = installed(cache)
    # A lock file that could not be followed is not tried again at every start, only a new one.
    if found is not None and not newest and (found.proven or found.tried == _sum(lock)):
        return found
    (cache / "packages").mkdir(parents=True, exist_ok=True)
    try:
        url = settings.mirror or mirror_of_this_machine()
        mirror = Mirror(url, settings.keyring, say, once=bool(why_not(cache)))
        with _telling(mirror, say):
            packages, files = _choose(mirror, kind, wanted, say, cache / "packages", newest=newest)
            made = _install(cache, kind, packages, files, _sum(lock))
    except (EngineError, OSError) as error:
        (cache / "why-not").write_text(str(error), "utf-8")
        raise
    (cache / "why-not").unlink(missing_ok=True)
    say(f"Asterisk {made.version} is here" + ("" if made.proven else " (not proven yet: holdfast doctor makes a call)"))
    return made


def _choose(
    mirror: Mirror,
    kind: str,
    wanted: Mapping[str, Sequence[str]] | None,
    say: Say,
    folder: Path,
    *,
    newest: bool,
) -> tuple[list[Package], list[Path]]:
    """What the lock file wants and its files; the mirror's newest where some of it is not there any more."""
    if wanted is not None and not newest:
        packages = [Package(name, version, path, sha256) for name, (version, path, sha256) in wanted.items()]
        try:
            return packages, _bring(mirror, packages, folder)
        except NoLongerThere as error:
            say(f"the mirror has moved on ({error}): taking its newest Asterisk 22")
    packages = _newest(mirror, kind, wanted, say)
    return packages, _bring(mirror, packages, folder)


def _sum(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.exists() else ""


def _locked(lock: Path, kind: str) -> dict[str, list[str]] | None:
    if not lock.exists():
        return None
    found: dict[str, list[str]] | None = json.loads(lock.read_text("utf-8")).get(kind)
    return found


def _newest(mirror: Mirror, kind: str, wanted: Mapping[str, Sequence[str]] | None, say: Say) -> list[Package]:
    """The newest Asterisk 22 and what it needs. Raises EngineError when no suite has one that is not older than the
    lock file's: an old list, signed as it is, may be somebody's attempt to bring back an old fault."""
    least = _order(wanted["asterisk"][0]) if wanted else ()
    for suite in SUITES:
        try:
            say(f"looking what {suite} has at {mirror.name}")
            index = mirror.packages(suite, kind)
        except NoLongerThere:
            continue
        found = index.get("asterisk")
        if found and upstream(found.version).startswith(_MAJOR) and _order(found.version) >= least:
            return closure(index)
    raise EngineError(f"{mirror.name} has no Asterisk {_MAJOR}x in {' or '.join(SUITES)} that is new enough")


def _order(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", upstream(version))))


def closure(index: Mapping[str, Package]) -> list[Package]:
    """The roots and the libraries that they need, by name."""
    found: dict[str, Package] = {}
    waiting = list(ROOTS)
    while waiting:
        package = index.get(waiting.pop())
        if package is None or package.name in found:
            continue
        found[package.name] = package
        for group in package.depends.split(","):
            names = [re.split(r"[ (:]", choice.strip())[0] for choice in group.split("|")]
            first = next((name for name in names if name in index), "")
            if first.startswith(("lib", "zlib1g")) and not _NOT_NEEDED.match(first):
                waiting.append(first)
    if missing := [name for name in ROOTS if name not in found]:
        raise EngineError(f"the mirror has no {', '.join(missing)}")
    return sorted(found.values(), key=lambda package: package.name)


def _bring(mirror: Mirror, packages: Sequence[Package], folder: Path) -> list[Path]:
    """The packages' files, from the cache or the mirror, each with its sum verified."""

    def one(package: Package) -> Path:
        file = folder / f"{package.sha256}.deb"
        if not file.exists() or _sum(file) != package.sha256:
            content = mirror.verified(package.path, package.sha256)
            part = file.with_suffix(".part")
            part.write_bytes(content)
            part.rename(file)
        return file

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(one, packages))


@contextmanager
def _telling(mirror: Mirror, say: Say) -> Iterator[None]:
    """Every few seconds how much has come, as lines, also when nothing comes: a silent terminal looks broken."""
    begun, over = time.monotonic(), threading.Event()

    def tell() -> None:
        while not over.wait(_WORDS_EVERY):
            seconds = time.monotonic() - begun
            say(
                f"still fetching the phone engine from {mirror.name}: {mirror.received / 1e6:.1f} MB in {seconds:.0f} s"
            )

    teller = threading.Thread(target=tell)
    teller.start()
    try:
        yield
    finally:
        over.set()
        teller.join()


def _install(cache: Path, kind: str, packages: Sequence[Package], files: Sequence[Path], tried: str) -> Installed:
    """Beside what is there, then in its place."""
    new, old, place = cache / "engine.new", cache / "engine.old", cache / "engine"
    for folder in (new, old):
        shutil.rmtree(folder, ignore_errors=True)
    new.mkdir(parents=True)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(lambda file: unpack(file.read_bytes(), new), files))
    written = {package.name: [package.version, package.path, package.sha256] for package in packages}
    told = {"architecture": kind, "tried": tried, "packages": written}
    (new / "installed.json").write_text(json.dumps(told, indent=1), "utf-8")
    if place.exists():
        place.rename(old)
    new.rename(place)
    shutil.rmtree(old, ignore_errors=True)
    made = installed(cache)
    if made is None:
        raise EngineError(f"{place} is not there although it was just made")
    return made


def write_lock(cache: Path, lock: Path = LOCK) -> None:
    """What is installed becomes what is proven: for a maintainer, after the tests and the smoke call."""
    written = json.loads((cache / "engine" / "installed.json").read_text("utf-8"))
    all_kinds = json.loads(lock.read_text("utf-8")) if lock.exists() else {}
    all_kinds[written["architecture"]] = written["packages"]
    lock.write_text(json.dumps(all_kinds, indent=1, sort_keys=True) + "\n", "utf-8")
