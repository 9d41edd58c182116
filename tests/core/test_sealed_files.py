"""Sealed files: what goes in comes out, any range of it, and nothing else passes."""

import io
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from holdfast.core.files import FileStore, StoredFileMissing
from holdfast.core.sealed_files import (
    CHUNK,
    MAGIC,
    SealedFileDamaged,
    SealedReader,
    new_file_key,
    seal_chunks,
    sealed_size,
)

KEY = bytes(range(32))
HEADER = len(MAGIC) + 7
SEALED = CHUNK + 16


def content(size: int) -> bytes:
    return bytes(i * 7 % 251 for i in range(1000)) * (size // 1000 + 1) if size else b""


def sealed(data: bytes, key: bytes = KEY, name: str = "file") -> bytes:
    return b"".join(seal_chunks(data, key, name))


def opened(data: bytes, key: bytes = KEY, name: str = "file") -> bytes:
    with SealedReader(io.BytesIO(data), key, name) as reader:
        return reader.read()


@given(st.integers(0, 4 * CHUNK))
@example(0)
@example(CHUNK)
@example(CHUNK + 1)
@example(2 * CHUNK)
def test_any_length_comes_back(size: int) -> None:
    data = content(size)[:size]
    stored = sealed(data)
    assert len(stored) == sealed_size(size)
    assert opened(stored) == data


@given(st.integers(0, 3 * CHUNK + 5), st.integers(0, 3 * CHUNK + 5))
def test_any_range_comes_back(start: int, length: int) -> None:
    size = 3 * CHUNK + 5
    data = content(size)[:size]
    with SealedReader(io.BytesIO(sealed(data)), KEY, "file") as reader:
        assert reader.size == size
        reader.seek(start)
        assert reader.read(length) == data[start : start + length]
        assert reader.tell() == min(start + length, size)


@given(st.data())
def test_a_changed_bit_is_found(data: st.DataObject) -> None:
    stored = bytearray(sealed(content(CHUNK + 100)[: CHUNK + 100]))
    stored[data.draw(st.integers(0, len(stored) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(SealedFileDamaged):
        opened(bytes(stored))


@given(st.integers(0, 2 * SEALED + HEADER + 50))
def test_a_cut_file_is_found(kept: int) -> None:
    stored = sealed(content(2 * CHUNK + 100)[: 2 * CHUNK + 100])
    with pytest.raises(SealedFileDamaged):
        opened(stored[:kept])


def chunks_of(stored: bytes) -> list[bytes]:
    return [stored[at : at + SEALED] for at in range(HEADER, len(stored), SEALED)]


@pytest.mark.parametrize("order", [(1, 0, 2), (0, 0, 1, 2), (0, 2), (0, 1, 2, 2), (2,), ()])
def test_moved_doubled_and_dropped_chunks_are_found(order: tuple[int, ...]) -> None:
    stored = sealed(content(2 * CHUNK + 9)[: 2 * CHUNK + 9])
    parts = chunks_of(stored)
    with pytest.raises(SealedFileDamaged):
        opened(stored[:HEADER] + b"".join(parts[i] for i in order))


def test_a_chunk_of_another_file_under_the_same_key_is_found() -> None:
    first, second = sealed(content(2 * CHUNK)), sealed(content(2 * CHUNK))
    with pytest.raises(SealedFileDamaged):
        opened(first[:HEADER] + chunks_of(second)[0] + b"".join(chunks_of(first)[1:]))


def test_another_name_or_key_does_not_open() -> None:
    for key, name in ((KEY, "other"), (new_file_key(), "file")):
        with pytest.raises(SealedFileDamaged):
            opened(sealed(b"words"), key, name)


class Trickle(io.RawIOBase):
    """A source that gives few bytes at a time, as a socket does, and never ends early by that."""

    def __init__(self, data: bytes) -> None:
        self.rest = data

    def read(self, size: int = -1) -> bytes:
        part, self.rest = self.rest[: min(size, 4999)], self.rest[min(size, 4999) :]
        return part


def test_a_source_that_trickles_is_sealed_whole() -> None:
    data = content(2 * CHUNK)[: 2 * CHUNK]
    assert opened(b"".join(seal_chunks(Trickle(data), KEY, "file"))) == data  # type: ignore[arg-type]  # it has what is needed of a file: read


def test_a_long_file_takes_little_memory(tmp_path: Path) -> None:
    source, store = tmp_path / "long", FileStore(tmp_path / "files")
    with source.open("wb") as file:
        file.truncate(32 << 20)
    tracemalloc.start()
    with source.open("rb") as file:
        key = store.put(file, KEY)
    with store.open(key, KEY) as file:
        assert sum(len(part) for part in iter(lambda: file.read(CHUNK), b"")) == 32 << 20
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 << 20


def test_the_store_seals_and_finds_swapped_files(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    one, two = store.put(b"the first words", KEY), store.put(b"the other words", KEY)
    assert store.read(one, KEY) == b"the first words"
    assert all(b"words" not in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    paths = [next(tmp_path.rglob(key)) for key in (one, two)]
    swapped = paths[0].read_bytes()
    paths[0].write_bytes(paths[1].read_bytes())
    paths[1].write_bytes(swapped)
    with pytest.raises(SealedFileDamaged):
        store.read(one, KEY)


def test_a_plain_file_is_sealed_in_place_once(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    # It begins as a sealed one does, and is not.
    plain = MAGIC + b"and then words" * 10
    key = store.put(plain)
    assert not store.is_sealed(key, KEY)
    # What a killed process left beside it.
    next(tmp_path.rglob(key)).with_name(f".{key}.part").write_bytes(b"half")
    store.seal(key, KEY)
    after = next(tmp_path.rglob(key)).read_bytes()
    store.seal(key, KEY)
    assert next(tmp_path.rglob(key)).read_bytes() == after
    assert store.read(key, KEY) == plain
    with pytest.raises(StoredFileMissing):
        store.seal("0" * 40, KEY)
