"""The reader of pictures: it reads several scripts, and gives up on everything hostile."""

import io
import stat
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image

from holdfast.app import doctor
from holdfast.app.tesseract import WAYS, Tesseract, missing
from holdfast.conversations.picture_text import Seen, reading
from holdfast.conversations.ports import PictureUnreadable
from tests.support.screenshots import screenshot


async def ways(reader: Tesseract, picture: bytes) -> list[Sequence[Seen]]:
    return [seen async for seen in reader.read(picture)]


async def texts(picture: bytes) -> str:
    return "\n".join(text for seen in await ways(Tesseract(), picture) for text in reading(seen).texts)


def program(folder: Path, lines: str) -> str:
    """A program in the place of tesseract that has all languages."""
    path = folder / "tesseract"
    path.write_text(f'#!/bin/sh\nif [ "$1" = --list-langs ]; then echo {" ".join(WAYS)}; exit; fi\n{lines}\n')
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


@pytest.mark.parametrize("dark", [False, True])
async def test_latin_letters_on_light_and_dark(dark: bool) -> None:
    read = await texts(screenshot(["transaction pending", "balance twelve"], dark=dark))
    assert "transaction pending" in read
    assert "balance twelve" in read


async def test_chinese_japanese_and_korean() -> None:
    read = await texts(screenshot(["交易 正在 确认", "さいふ でんわ", "지갑 주소"], size=48))
    for word in ("交易", "さいふ", "지갑"):
        assert word in read.replace(" ", "")


async def test_every_language_is_installed_for_the_tests() -> None:
    assert missing() == ""
    assert doctor.pictures().state == "ok"


async def test_without_the_program_a_picture_is_unreadable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PictureUnreadable):
        await ways(Tesseract(), screenshot(["Hello"]))
    found = doctor.pictures()
    assert (found.state, "tesseract-ocr-jpn" in found.repair) == ("warning", True)


async def test_a_program_that_lacks_a_language_is_not_trusted(tmp_path: Path) -> None:
    path = tmp_path / "tesseract"
    path.write_text("#!/bin/sh\necho eng\n")
    path.chmod(0o700)
    assert missing(str(path)) == "chi_sim, chi_tra, jpn, kor"
    with pytest.raises(PictureUnreadable):
        await ways(Tesseract(program=str(path)), screenshot(["Hello"]))


async def test_its_time_is_over(tmp_path: Path) -> None:
    begun = time.monotonic()
    with pytest.raises(PictureUnreadable):
        await ways(Tesseract(seconds=0.5, program=program(tmp_path, "exec sleep 60")), screenshot(["Hello"]))
    assert time.monotonic() - begun < 10


async def test_its_memory_is_over() -> None:
    with pytest.raises(PictureUnreadable):
        await ways(Tesseract(memory=32 << 20), screenshot(["Hello"]))


@pytest.mark.parametrize("lines", ["exit 3", "kill -9 $$", "exit 0"])
async def test_it_dies(tmp_path: Path, lines: str) -> None:
    with pytest.raises(PictureUnreadable):
        await ways(Tesseract(program=program(tmp_path, lines)), screenshot(["Hello"]))


async def test_what_it_says_is_only_words(tmp_path: Path) -> None:
    word = r"5\t1\t1\t1\t1\t1\t1\t2\t3\t4\t90\tword\n"
    said = f"echo level; echo nonsense; printf '5\\t1\\t1\\tx\\n{word}'"
    seen = await ways(Tesseract(program=program(tmp_path, f"cat > /dev/null; {said}")), screenshot(["Hello"]))
    assert [list(one) for one in seen] == [[Seen("word", 1, 2, 3, 4)]] * len(WAYS)


@pytest.mark.parametrize("picture", [b"", b"\x89PNG\r\n\x1a\n", b"GIF89a" + b"\0" * 40, b"%!PS-Adobe"])
async def test_what_is_no_picture_of_ours_is_not_given_to_it(picture: bytes) -> None:
    with pytest.raises(PictureUnreadable):
        await ways(Tesseract(), picture)


async def test_a_huge_and_a_tiny_picture() -> None:
    for size in ((4096, 4096), (1, 1), (4096, 1)):
        out = io.BytesIO()
        Image.new("RGB", size, "white").save(out, "PNG")
        try:
            assert await texts(out.getvalue()) == ""
        except PictureUnreadable:
            assert min(size) == 1  # the program refuses a line
