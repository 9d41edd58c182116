"""A Debian mirror as a place of signed packages: which one this machine uses, what it has, each file with its sum.

Standard library and gpgv only. This runs at set-up, as pip does: before there is a loop, a database or a desk, hence
not through core/outgoing.
"""

import hashlib
import lzma
import re
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cached_property
from pathlib import Path

from holdfast.channels.voice.engine.errors import EngineError, NoLongerThere
from holdfast.core.clock import now

_APT = Path("/etc/apt")
# After an attempt that failed the next start must not wait for long in vain: it tries once, and briefly.
_TRIES, _TIMEOUT = 3, 30.0
_ONCE_TIMEOUT = 4.0
_FIELDS = re.compile(r"^(Package|Version|Filename|SHA256|Size|Depends|Pre-Depends|Provides): (.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Package:
    """One package: its place below the mirror and its SHA-256, which is all that is trusted."""

    name: str
    version: str
    path: str
    sha256: str
    depends: str = ""


def mirror_of_this_machine(apt: Path = _APT) -> str:
    """The first Debian archive in apt's sources, in either of its two forms. Raises EngineError."""
    files = [apt / "sources.list", *sorted((apt / "sources.list.d").glob("*"))]
    for file in files:
        found = file.is_file() and re.search(
            r"^(?:URIs:|deb(?: +\[[^]]*\])?) +(\S+/debian)/?(?=\s|$)", file.read_text("utf-8"), re.MULTILINE
        )
        if found:
            return found[1]
    raise EngineError("apt's sources name no Debian mirror: name one in HOLDFAST_VOICE_MIRROR")


def _proxies() -> dict[str, str]:
    """apt's own proxy, where it has one; that of the environment otherwise."""
    proxies = urllib.request.getproxies()
    if shutil.which("apt-config"):
        words = ["apt-config", "shell", "http", "Acquire::http::Proxy", "https", "Acquire::https::Proxy"]
        said = subprocess.run(words, capture_output=True, text=True, check=False).stdout
        proxies |= dict(re.findall(r"^(https?)='(.+)'$", said, re.MULTILINE))
    return proxies


class Mirror:
    """``url`` such as http://mirror.example/debian; ``keyring``: whose signatures count."""

    def __init__(self, url: str, keyring: Path, say: Callable[[str], None], *, once: bool = False) -> None:
        self.url = url.rstrip("/")
        # As it is told to people: without a password that may stand in it.
        self.name = re.sub(r"//[^/@]*@", "//", self.url)
        self._tries, self._timeout = (1, _ONCE_TIMEOUT) if once else (_TRIES, _TIMEOUT)
        self._keyring = keyring
        self._say = say
        self.received = 0

    @cached_property
    def _opener(self) -> urllib.request.OpenerDirector:
        return urllib.request.build_opener(urllib.request.ProxyHandler(_proxies()))

    def get(self, path: str) -> bytes:
        """A file. Raises NoLongerThere (404), EngineError."""
        for attempt in range(1, self._tries + 1):
            try:
                with self._opener.open(f"{self.url}/{path}", timeout=self._timeout) as answer:
                    pieces = []
                    while piece := answer.read(1 << 16):
                        pieces.append(piece)
                        self.received += len(piece)
                    return b"".join(pieces)
            except urllib.error.HTTPError as error:
                if error.code in {403, 404, 410}:
                    raise NoLongerThere(f"{self.name} has no {path}") from None
                said: object = error
            except (OSError, ValueError) as error:
                said = getattr(error, "reason", error)
            if attempt < self._tries:
                time.sleep(attempt)
        raise EngineError(f"{self.name} does not answer ({said}); HOLDFAST_VOICE_MIRROR can name another mirror")

    def verified(self, path: str, sha256: str) -> bytes:
        """A file whose sum is ``sha256``. Raises NoLongerThere also for another sum: the mirror has moved on."""
        content = self.get(path)
        if hashlib.sha256(content).hexdigest() != sha256:
            raise NoLongerThere(f"{self.name}/{path} is not the file that was signed")
        return content

    def packages(self, suite: str, architecture: str) -> Mapping[str, Package]:
        """What ``suite`` has, by name and by provided name, once its signature has been verified."""
        release = self._signed(suite)
        path = f"main/binary-{architecture}/Packages.xz"
        sums = release.partition("\nSHA256:")[2].partition("\nSHA512:")[0]
        found = re.search(rf"^ ([0-9a-f]{{64}}) +\d+ {re.escape(path)}$", sums, re.MULTILINE)
        if not found:
            raise EngineError(f"{self.name} has no {path} in {suite}")
        listed = self.verified(f"dists/{suite}/main/binary-{architecture}/by-hash/SHA256/{found[1]}", found[1])
        return _read(lzma.decompress(listed).decode())

    def _signed(self, suite: str) -> str:
        """The words of the suite's InRelease that are signed. Raises EngineError for a signature that does not hold."""
        if not shutil.which("gpgv"):
            raise EngineError("gpgv is missing, without which nothing can be verified: install the package gpgv")
        if not self._keyring.is_file():
            raise EngineError(
                f"{self._keyring} is missing: install the package debian-archive-keyring, or name the file in "
                "HOLDFAST_VOICE_KEYRING"
            )
        content = self.get(f"dists/{suite}/InRelease")
        # --output gives what was signed and nothing else: words around the signed part would otherwise be believed.
        command = ["gpgv", "--keyring", str(self._keyring), "--output", "-", "-"]
        checked = subprocess.run(command, input=content, capture_output=True, check=False)
        if checked.returncode:
            last = checked.stderr.decode(errors="replace").strip().splitlines()[-1:]
            raise EngineError(f"the signature of {suite} at {self.name} does not hold: {' '.join(last)}")
        words = checked.stdout.decode()
        until = re.search(r"^Valid-Until: (.+)$", words, re.MULTILINE)
        if until and parsedate_to_datetime(until[1]) < now():
            # A mirror that nobody feeds any more is common, and better than no phone; what a replayed list could
            # bring is bounded by the lock file, below whose version fetching does not go.
            self._say(f"{self.name} is out of date: its {suite} was valid until {until[1]}")
        return words


def _read(text: str) -> Mapping[str, Package]:
    found: dict[str, Package] = {}
    provided: dict[str, Package] = {}
    for stanza in text.split("\n\n"):
        fields = dict(_FIELDS.findall(stanza))
        if "Package" not in fields:
            continue
        depends = ", ".join(filter(None, (fields.get("Depends"), fields.get("Pre-Depends"))))
        package = Package(fields["Package"], fields["Version"], fields["Filename"], fields["SHA256"], depends)
        found[package.name] = package
        for name in fields.get("Provides", "").split(","):
            provided.setdefault(name.partition("(")[0].strip(), package)
    return {**provided, **found}
