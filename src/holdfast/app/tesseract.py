"""Reads pictures with Debian's ``tesseract``, a program of its own with a limit on everything. Optional: without it
pictures stay unread.

A picture comes from a stranger: the program gets it decoded, grey and scaled, on its standard input, and never a file
name; it writes no file, opens no socket, and is killed when its time or memory is over.
"""

import asyncio
import io
import os
import resource
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import suppress

from PIL import Image, ImageOps, ImageStat

from holdfast.conversations.picture_text import Seen
from holdfast.conversations.ports import PictureUnreadable

# One way of reading each. English reads the Latin lists too (their words lose accents, which redaction puts up with);
# all languages in one way take three times as long and read Chinese worse.
WAYS = ("eng", "chi_sim", "chi_tra", "jpn", "kor")
PACKAGES = "tesseract-ocr tesseract-ocr-chi-sim tesseract-ocr-chi-tra tesseract-ocr-jpn tesseract-ocr-kor"
# Seconds for all ways of one picture; it takes 1 to 3.
SECONDS = 30.0
# Address space of the program: it needs 300 MB for the largest picture in Chinese.
MEMORY = 1 << 30
# Pixels of the longer side that is read: letters of a phone's screenshot are 30 high then. Small ones are doubled.
SIDE = 2400
SMALL = 900
DARK = 110  # of 255: below this mean the letters are lighter than their ground
NOISE = 10  # per cent: a word that the program itself believes less is none


class Tesseract:
    """A PictureReader."""

    def __init__(self, *, seconds: float = SECONDS, memory: int = MEMORY, program: str = "tesseract") -> None:
        self._seconds = seconds
        self._memory = memory
        self._program = program
        self._found: str | None = None

    async def read(self, picture: bytes) -> AsyncIterator[Sequence[Seen]]:
        """The words of each way in turn. Raises PictureUnreadable."""
        if self._found is None:
            # Looked for until it is there: installing it needs no restart.
            if await asyncio.to_thread(missing, self._program):
                raise PictureUnreadable
            self._found = shutil.which(self._program)
        if self._found is None:
            raise PictureUnreadable
        ends = time.monotonic() + self._seconds
        grey = await asyncio.to_thread(prepared, picture)
        for way in WAYS:
            output = await self._run(self._found, way, grey, ends - time.monotonic())
            yield list(_words(output))

    async def _run(self, program: str, way: str, picture: bytes, seconds: float) -> str:
        command = [program, "stdin", "stdout", "-l", way, "--psm", "11", "tsv"]
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={"PATH": os.environ.get("PATH", ""), "OMP_THREAD_LIMIT": "1", "LC_ALL": "C.UTF-8"},
            start_new_session=True,
        )
        try:
            # Before it has got a byte of the picture.
            _limit(process.pid, self._memory, self._seconds)
            async with asyncio.timeout(max(0.0, seconds)):
                output, _ = await process.communicate(picture)
        except (TimeoutError, OSError) as error:
            raise PictureUnreadable from error
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        # Its table has a head even when it saw nothing.
        if process.returncode != 0 or not output.startswith(b"level"):
            raise PictureUnreadable
        return output.decode("utf-8", "replace")


def _limit(pid: int, memory: int, seconds: float) -> None:
    cpu = int(seconds) + 1
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        with suppress(ProcessLookupError):
            resource.prlimit(pid, what, (most, most))


def prepared(picture: bytes) -> bytes:
    """Dark letters on a light ground, grey, of a size that is read well, as PGM. Raises PictureUnreadable."""
    try:
        with Image.open(io.BytesIO(picture), formats=["PNG", "JPEG", "WEBP"]) as opened:
            colours = opened.convert("RGBA")
            ground = Image.new("RGBA", colours.size, "white")
            grey = Image.alpha_composite(ground, colours).convert("L")
    except (OSError, ValueError, SyntaxError) as error:
        raise PictureUnreadable from error
    if ImageStat.Stat(grey).mean[0] < DARK:
        grey = ImageOps.invert(grey)
    longest = max(grey.size)
    factor = min(SIDE / longest, 2.0 if longest < SMALL else 1.0)
    if factor != 1.0:
        size = (max(1, round(grey.width * factor)), max(1, round(grey.height * factor)))
        grey = grey.resize(size, Image.Resampling.LANCZOS)
    out = io.BytesIO()
    grey.save(out, "PPM")
    return out.getvalue()


def _words(output: str) -> Iterator[Seen]:
    """Words of tesseract's table: level page block par line word left top width height conf text."""
    for line in output.splitlines()[1:]:
        columns = line.split("\t")
        if len(columns) == 12 and columns[0] == "5" and float(columns[10]) >= NOISE and columns[11].strip():
            left, top, width, height = map(int, columns[6:10])
            yield Seen(columns[11].strip(), left, top, width, height)


def missing(program: str = "tesseract") -> str:
    """What of it is not installed, in words; empty when all is there."""
    if shutil.which(program) is None:
        return "tesseract"
    try:
        listed = subprocess.run([program, "--list-langs"], capture_output=True, text=True, timeout=10, check=True)
    except (subprocess.SubprocessError, OSError):
        return "tesseract"
    return ", ".join(way for way in WAYS if way not in listed.stdout.split())
