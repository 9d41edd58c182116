"""Fetching against a mirror of the tests' own, signed with a key made here: what is pinned, what is newest, what is not
believed."""

import hashlib
import io
import json
import lzma
import os
import platform
import subprocess
import tarfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from holdfast.channels.voice.engine import fetching
from holdfast.channels.voice.engine.errors import EngineError
from holdfast.channels.voice.engine.fetching import fetch, installed, why_not, write_lock
from holdfast.channels.voice.engine.mirror import mirror_of_this_machine
from holdfast.channels.voice.engine.unpacking import unpack
from holdfast.channels.voice.settings import VoiceSettings

pytestmark = pytest.mark.engine

KIND = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]


def deb(files: dict[str, bytes], *links: tuple[str, str]) -> bytes:
    """A Debian package with these files and symbolic links."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:xz") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(f"./{name}")
            entry.size, entry.mode = len(text), 0o755
            archive.addfile(entry, io.BytesIO(text))
        for name, target in links:
            entry = tarfile.TarInfo(f"./{name}")
            entry.type, entry.linkname = tarfile.SYMTYPE, target
            archive.addfile(entry)

    def member(name: str, body: bytes) -> bytes:
        header = f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(body):<10}`\n".encode()
        return header + body + b"\n" * (len(body) % 2)

    return b"!<arch>\n" + member("debian-binary", b"2.0\n") + member("data.tar.xz", content.getvalue())


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments: Any) -> None:
        pass

    def before(self) -> None:
        """A slow mirror waits here."""

    def do_GET(self) -> None:
        self.before()
        self.server.asked.append(self.path)  # type: ignore[attr-defined]  # of the tests' server
        super().do_GET()


@dataclass
class LocalMirror:
    """What a mirror is, in ``folder``, signed by a key in ``keys``."""

    folder: Path
    keys: Path
    url: str
    asked: list[str]
    packages: dict[str, tuple[str, bytes, str]] = field(default_factory=dict)

    def gpg(self, *arguments: str) -> None:
        command = ["gpg", "--homedir", str(self.keys), "--batch", "--yes", "--quiet", *arguments]
        subprocess.run(command, check=True, capture_output=True)

    def add(self, name: str, version: str, files: dict[str, bytes], depends: str = "") -> None:
        """Put a package there; an older version of it is gone, as on a real mirror."""
        for old in (self.folder / "pool").glob(f"{name}_*"):
            old.unlink()
        self.packages[name] = (version, deb(files), depends)

    def publish(self, *, valid_until: str = "", suite: str = "forky") -> None:
        stanzas = []
        for name, (version, content, depends) in self.packages.items():
            path = f"pool/{name}_{version.replace(':', '_')}.deb"
            (self.folder / path).parent.mkdir(exist_ok=True)
            (self.folder / path).write_bytes(content)
            stanzas.append(
                f"Package: {name}\nVersion: {version}\nFilename: {path}\nSize: {len(content)}\n"
                f"SHA256: {hashlib.sha256(content).hexdigest()}\n" + (f"Depends: {depends}\n" if depends else "")
            )
        listed = lzma.compress("\n".join(stanzas).encode())
        sum_ = hashlib.sha256(listed).hexdigest()
        place = self.folder / "dists" / suite / "main" / f"binary-{KIND}" / "by-hash" / "SHA256" / sum_
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(listed)
        release = self.folder / "dists" / suite / "Release"
        until = f"Valid-Until: {valid_until}\n" if valid_until else ""
        release.write_text(
            f"Suite: {suite}\n{until}MD5Sum:\nSHA256:\n {sum_} {len(listed)} main/binary-{KIND}/Packages.xz\n"
        )
        self.gpg("--clearsign", "--output", str(release.with_name("InRelease")), str(release))

    def fill(self, version: str = "1:22.10.1+dfsg-1") -> None:
        self.add("asterisk", version, {"usr/sbin/asterisk": version.encode()}, "libgood1 (>= 1), libperl5.40, adduser")
        self.add("asterisk-modules", version, {"usr/lib/m/chan.so": b"m"}, "libgood1")
        self.add("espeak-ng", "1.52-1", {"usr/bin/espeak-ng": b"e"}, "libother2 | libgood1")
        self.add("espeak-ng-data", "1.52-1", {"usr/lib/d": b"d"})
        self.add("libgood1", "1-1", {"usr/lib/libgood.so.1": b"g"}, "libgood1, libperl5.40")
        self.add("libperl5.40", "1-1", {"usr/lib/libperl.so": b"p"})
        self.add("adduser", "1-1", {"usr/sbin/adduser": b"a"})
        self.publish()


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    # gpg's socket, too, has a path of at most 107 signs.
    folder = tmp_path_factory.mktemp("k")
    folder.chmod(0o700)
    gpg = ["gpg", "--homedir", str(folder), "--batch", "--quiet", "--passphrase", ""]
    subprocess.run([*gpg, "--quick-gen-key", "Mirror <m@example.org>", "ed25519", "sign", "never"], check=True)
    subprocess.run([*gpg, "--output", str(folder / "ring.gpg"), "--export"], check=True)
    yield folder
    subprocess.run(["gpgconf", "--homedir", str(folder), "--kill", "all"], check=True)


@pytest.fixture
def mirror(tmp_path: Path, keys: Path) -> Iterator[LocalMirror]:
    folder = tmp_path / "mirror"
    (folder / "pool").mkdir(parents=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    asked: list[str] = []
    server.asked = asked  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield LocalMirror(folder, keys, f"http://127.0.0.1:{server.server_port}", asked)
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def settings(tmp_path: Path, mirror: LocalMirror) -> VoiceSettings:
    return VoiceSettings(cache=tmp_path / "cache", mirror=mirror.url, keyring=mirror.keys / "ring.gpg")


@pytest.fixture
def lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A lock file of the test's own; there is none yet."""
    file = tmp_path / "lock.json"
    monkeypatch.setattr(fetching, "LOCK", file)
    return file


class Said(list[str]):
    def __contains__(self, words: object) -> bool:
        return any(str(words) in line for line in self)


def pinned(settings: VoiceSettings, lock: Path) -> None:
    """What the mirror has becomes what is proven, and nothing is installed."""
    fetch(settings, lambda _: None, lock=lock)
    write_lock(settings.cache, lock)
    for folder in ("engine", "packages"):
        subprocess.run(["rm", "-r", str(settings.cache / folder)], check=True)


def test_the_newest_is_taken_and_only_what_is_needed(mirror: LocalMirror, settings: VoiceSettings, lock: Path) -> None:
    mirror.fill()
    said = Said()
    made = fetch(settings, said.append, lock=lock)
    assert made.version == "22.10.1"
    assert sorted(made.versions) == ["asterisk", "asterisk-modules", "espeak-ng", "espeak-ng-data", "libgood1"]
    assert (made.folder / "usr/sbin/asterisk").read_text() == "1:22.10.1+dfsg-1"
    assert os.access(made.folder / "usr/sbin/asterisk", os.X_OK)
    assert not made.proven
    assert "not proven yet" in said


def test_what_is_pinned_is_taken_by_its_sum_without_asking_what_there_is(
    mirror: LocalMirror, settings: VoiceSettings, lock: Path
) -> None:
    mirror.fill()
    pinned(settings, lock)
    mirror.asked.clear()
    assert fetch(settings, lambda _: None, lock=lock).proven
    assert [path for path in mirror.asked if "dists" in path] == []
    mirror.asked.clear()
    assert fetch(settings, lambda _: None, lock=lock).proven
    assert mirror.asked == []


def test_when_the_mirror_has_moved_on_its_newest_22_follows(
    mirror: LocalMirror, settings: VoiceSettings, lock: Path
) -> None:
    mirror.fill()
    pinned(settings, lock)
    mirror.fill("1:22.11.0+dfsg-1")
    said = Said()
    made = fetch(settings, said.append, lock=lock)
    assert (made.version, made.proven) == ("22.11.0", False)
    assert "moved on" in said
    # The same lock file is not tried again at each start, a new one is.
    mirror.asked.clear()
    assert fetch(settings, said.append, lock=lock).version == "22.11.0"
    assert mirror.asked == []
    write_lock(settings.cache, lock)
    assert fetch(settings, said.append, lock=lock).proven


def test_packages_that_came_before_need_no_mirror(mirror: LocalMirror, settings: VoiceSettings, lock: Path) -> None:
    mirror.fill()
    fetch(settings, lambda _: None, lock=lock)
    write_lock(settings.cache, lock)
    subprocess.run(["rm", "-r", str(settings.cache / "engine")], check=True)
    assert fetch(replace(settings, mirror="http://127.0.0.1:9"), lambda _: None, lock=lock).proven


def test_a_signature_of_another_key_is_refused(
    mirror: LocalMirror, settings: VoiceSettings, lock: Path, tmp_path: Path
) -> None:
    mirror.fill()
    (tmp_path / "empty.gpg").write_bytes(b"")
    with pytest.raises(EngineError, match="signature of forky"):
        fetch(replace(settings, keyring=tmp_path / "empty.gpg"), lambda _: None, lock=lock)
    assert installed(settings.cache) is None
    assert "signature" in why_not(settings.cache)


def test_words_around_what_was_signed_are_not_believed(
    mirror: LocalMirror, settings: VoiceSettings, lock: Path
) -> None:
    mirror.fill()
    file = mirror.folder / "dists/forky/InRelease"
    signed = file.read_text()
    evil = hashlib.sha256(b"evil").hexdigest()
    forged = f"SHA256:\n {evil} 4 main/binary-{KIND}/Packages.xz\n"
    file.write_text(f"{forged}{signed}")
    # gpgv either refuses the file or gives what was signed; what stands before it never counts.
    with suppress(EngineError):
        fetch(settings, lambda _: None, lock=lock)
    assert not any(evil in path for path in mirror.asked)
    file.write_text(signed.replace("Suite: forky", "Suite: f0rky"))
    with pytest.raises(EngineError, match="signature of forky"):
        fetch(settings, lambda _: None, lock=lock, newest=True)


def test_another_file_than_the_signed_one_is_not_unpacked(
    mirror: LocalMirror, settings: VoiceSettings, lock: Path
) -> None:
    mirror.fill()
    (package,) = (mirror.folder / "pool").glob("libgood1_*")
    package.write_bytes(deb({"usr/lib/libgood.so.1": b"evil"}))
    with pytest.raises(EngineError, match="not the file that was signed"):
        fetch(settings, lambda _: None, lock=lock)
    assert installed(settings.cache) is None


def test_an_old_list_cannot_bring_back_an_old_version(mirror: LocalMirror, settings: VoiceSettings, lock: Path) -> None:
    mirror.fill("1:22.10.1+dfsg-1")
    pinned(settings, lock)
    mirror.fill("1:22.9.9+dfsg-1")
    with pytest.raises(EngineError, match="new enough"):
        fetch(settings, lambda _: None, lock=lock)


def test_another_major_version_is_not_taken(mirror: LocalMirror, settings: VoiceSettings, lock: Path) -> None:
    mirror.fill("1:23.1.0+dfsg-1")
    with pytest.raises(EngineError, match=r"no Asterisk 22\.x in forky or sid"):
        fetch(settings, lambda _: None, lock=lock)


def test_a_mirror_that_is_out_of_date_is_said(mirror: LocalMirror, settings: VoiceSettings, lock: Path) -> None:
    mirror.fill()
    mirror.publish(valid_until="Sat, 01 Jan 2022 00:00:00 UTC")
    said = Said()
    assert fetch(settings, said.append, lock=lock).version == "22.10.1"
    assert "out of date" in said


def test_without_a_mirror_it_says_why_and_then_tries_but_briefly(
    settings: VoiceSettings, lock: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = replace(settings, mirror="http://127.0.0.1:9")
    monkeypatch.setattr("holdfast.channels.voice.engine.mirror.time.sleep", lambda seconds: None)
    with pytest.raises(EngineError, match="does not answer"):
        fetch(nowhere, lambda _: None, lock=lock)
    assert "does not answer" in why_not(settings.cache)

    def never(seconds: float) -> None:
        raise AssertionError("it waits to try again")

    monkeypatch.setattr("holdfast.channels.voice.engine.mirror.time.sleep", never)
    with pytest.raises(EngineError, match="does not answer"):
        fetch(nowhere, lambda _: None, lock=lock)


def test_behind_a_slow_mirror_it_says_what_it_waits_for(
    mirror: LocalMirror, settings: VoiceSettings, lock: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror.fill()
    said = Said()
    told = threading.Event()

    def say(words: str) -> None:
        said.append(words)
        if words.startswith("still fetching"):
            told.set()

    monkeypatch.setattr(fetching, "_WORDS_EVERY", 0.01)
    monkeypatch.setattr(_Quiet, "before", lambda self: told.wait(10))
    fetch(settings, say, lock=lock)
    assert f"still fetching the phone engine from {mirror.url}: 0.0 MB" in said


def test_an_interrupted_update_leaves_what_was_there(mirror: LocalMirror, settings: VoiceSettings, lock: Path) -> None:
    mirror.fill()
    fetch(settings, lambda _: None, lock=lock)
    mirror.packages["libgood1"] = ("2-1", b"not a package", "")
    mirror.publish()
    with pytest.raises(EngineError, match="not a Debian package"):
        fetch(settings, lambda _: None, lock=lock, newest=True)
    found = installed(settings.cache)
    assert found is not None
    assert found.versions["libgood1"] == "1-1"


def test_packages_are_unpacked_side_by_side(tmp_path: Path) -> None:
    """Into folders that they share, and that none of them has made yet."""
    folders = "/".join("abcdefgh")
    packages = [deb({f"usr/lib/{folders}/{n}": b"x"}) for n in range(8)]
    with ThreadPoolExecutor(len(packages)) as pool:
        for n in range(20):
            list(pool.map(partial(unpack, folder=tmp_path / str(n)), packages))
    assert len(list(tmp_path.glob(f"*/usr/lib/{folders}/*"))) == 20 * len(packages)


def test_nothing_is_unpacked_outside_its_folder(tmp_path: Path) -> None:
    for name in ("../outside", "../outside/file"):
        with pytest.raises(tarfile.TarError):
            unpack(deb({name: b"x"}), tmp_path / "folder")
        assert not (tmp_path / "outside").exists()
    unpack(deb({"usr/lib/a": b"a", "etc/b": b"b"}, ("usr/lib/c", "/etc/passwd"), ("usr/lib/d", "a")), tmp_path / "it")
    assert sorted(path.name for path in (tmp_path / "it").rglob("*") if not path.is_dir()) == ["a", "d"]


@pytest.mark.parametrize(
    "text",
    [
        "deb http://mirror.example/debian bookworm main\n",
        "# deb http://old.example/debian x\ndeb [arch=amd64 signed-by=/k] http://mirror.example/debian/ x main\n",
        "Types: deb\nURIs: http://mirror.example/debian\nSuites: bookworm\n",
        "deb http://security.example/debian-security x main\ndeb http://mirror.example/debian bookworm main\n",
    ],
)
def test_the_mirror_is_the_one_of_apt(tmp_path: Path, text: str) -> None:
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list.d" / "debian.sources").write_text(text)
    assert mirror_of_this_machine(tmp_path) == "http://mirror.example/debian"


def test_without_a_debian_mirror_it_says_what_to_set(tmp_path: Path) -> None:
    (tmp_path / "sources.list").write_text("deb http://mirror.example/ubuntu noble main\n")
    with pytest.raises(EngineError, match="HOLDFAST_VOICE_MIRROR"):
        mirror_of_this_machine(tmp_path)


def test_the_lock_file_names_what_is_needed() -> None:
    """A lock by hand, or of half an installation, is noticed here."""
    for packages in json.loads(fetching.LOCK.read_text("utf-8")).values():
        assert set(fetching.ROOTS) < set(packages)
        assert all(len(sum_) == 64 and path.startswith("pool/") for _, path, sum_ in packages.values())
