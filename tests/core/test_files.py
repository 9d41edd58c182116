"""Files are kept whole or not at all, also when the disk is full."""

import io
import os
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from holdfast.core.files import FileStore, StoredFileMissing


def names(root: Path) -> list[str]:
    return sorted(path.name for path in root.rglob("*") if path.is_file())


def test_what_is_put_can_be_read(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "files")
    key = store.put(b"screenshot")
    assert store.read(key) == b"screenshot"
    with store.open(key) as file:
        assert file.read(6) == b"screen"


def test_a_stream_is_kept_as_well(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    content = os.urandom(200_001)
    assert store.read(store.put(io.BytesIO(content))) == content


def test_keys_are_random_and_sharded_and_files_are_private(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "files")
    first, second = store.put(b"same"), store.put(b"same")
    assert first != second
    path = tmp_path / "files" / first[:2] / first[2:4] / first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert names(tmp_path) == sorted([first, second])


def test_delete_may_be_done_twice(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    key = store.put(b"x")
    store.delete(key)
    store.delete(key)
    with pytest.raises(StoredFileMissing):
        store.read(key)
    assert names(tmp_path) == []


@pytest.mark.parametrize("key", ["", "../../etc/passwd", "ab", "A" * 40, "0" * 39 + "/", "0" * 41, "0" * 40 + "\n"])
def test_a_key_is_never_a_path(tmp_path: Path, key: str) -> None:
    with pytest.raises(StoredFileMissing):
        FileStore(tmp_path).open(key)
    if key:
        with pytest.raises(StoredFileMissing):
            FileStore(tmp_path).delete(key)
    else:
        # That of a file which was destroyed.
        FileStore(tmp_path).delete(key)
    assert names(tmp_path) == []


def test_a_stream_that_breaks_leaves_nothing(tmp_path: Path) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > 0:
                raise ConnectionResetError
            return super().read(size)

    store = FileStore(tmp_path)
    with pytest.raises(ConnectionResetError):
        store.put(Broken(b"x" * 200_000))
    assert names(tmp_path) == []


def run(code: str, *arguments: str, prefix: tuple[str, ...] = ()) -> str:
    """Run the code in a process of its own, whose limits and mounts end with it."""
    done = subprocess.run(
        [*prefix, sys.executable, "-c", textwrap.dedent(code), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_file_the_system_refuses_is_storage_full_and_leaves_nothing(tmp_path: Path) -> None:
    # A limit on the size of files is a refusal that every machine can produce (EFBIG): the third write fails midway.
    said = run(
        """
        import resource, signal, sys
        from pathlib import Path
        from holdfast.core.errors import StorageFull
        from holdfast.core.files import FileStore

        store = FileStore(Path(sys.argv[1]))
        small = store.put(b"x" * 1000)
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))
        try:
            store.put(b"y" * 1_000_000)
        except StorageFull as error:
            print(error.id, error.status, error.__cause__.errno, store.read(small) == b"x" * 1000)
        print(store.read(store.put(b"z" * 100_000)) == b"z" * 100_000)
        """,
        str(tmp_path),
    )
    assert said.splitlines() == ["storage_full 507 27 True", "True"]
    assert sorted(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()) == [1000, 100_000]


def test_a_full_disk_is_storage_full_and_leaves_nothing(tmp_path: Path) -> None:
    # /dev/full answers every write with "no space left on device" (ENOSPC), without mounting anything: the temporary
    # file is opened there, everything else is real.
    said = run(
        """
        import os, sys
        from pathlib import Path
        from holdfast.core import files
        from holdfast.core.errors import StorageFull

        real = os.open
        def full(path, flags, mode=0o777):
            descriptor = real(path, flags, mode)
            if str(path).endswith(".part"):
                os.dup2(real("/dev/full", os.O_WRONLY), descriptor)
            return descriptor
        store = files.FileStore(Path(sys.argv[1]))
        files.os.open = full
        try:
            store.put(b"y" * 1_000_000)
        except StorageFull as error:
            print(error.id, error.__cause__.errno)
        """,
        str(tmp_path),
    )
    assert said == "storage_full 28"
    assert names(tmp_path) == []


def can_mount() -> bool:
    probe = ["unshare", "--user", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    try:
        return subprocess.run(probe, capture_output=True, timeout=20, check=False).returncode == 0
    except FileNotFoundError:
        return False


def test_a_small_disk_that_fills_up_keeps_working(tmp_path: Path) -> None:
    """On a disk of its own (1 MB) where one can be mounted; elsewhere the two tests above are the proof, and this one
    fills a file size limit instead."""
    code = """
        import resource, signal, subprocess, sys
        from pathlib import Path
        from holdfast.core.errors import StorageFull
        from holdfast.core.files import FileStore

        root = Path(sys.argv[1])
        if sys.argv[2] == "mount":
            subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(root)], check=True)
        else:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
        store, kept, refused = FileStore(root), [], 0
        for size in (300_000, 300_000, 500_000, 300_000, 900_000):
            try:
                kept.append(store.put(b"a" * size))
            except StorageFull:
                refused += 1
        files = [path for path in root.rglob("*") if path.is_file()]
        assert sorted(path.name for path in files) == sorted(kept), files
        assert all(len(store.read(key)) == 300_000 for key in kept)
        for key in kept:
            store.delete(key)
        store.put(b"b" * 390_000)
        print(len(kept), refused)
    """
    if can_mount():
        said = run(code, str(tmp_path), "mount", prefix=("unshare", "--user", "--map-root-user", "--mount"))
    else:
        said = run(code, str(tmp_path), "limit")
    assert said == "3 2"
