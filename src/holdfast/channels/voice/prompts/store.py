"""Prompts as files that the engine plays, made when they are first needed and again when their words change.

``<sounds>/<language>/<name>.wav`` (8 kHz) and ``.sln16`` are what is played; ``.sum`` says of what words, or of which
recording, they were made. ``<recorded>/<language>/<name>.wav`` of the organisation's own replaces any of them.
"""

import asyncio
import hashlib
import secrets
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from holdfast.channels.voice.engine.layout import Layout
from holdfast.channels.voice.prompts.sound import NARROW, WIDE, music, raw, resampled, samples_of, tone, wav
from holdfast.channels.voice.prompts.texts import TEXTS
from holdfast.channels.voice.prompts.voices import VOICES, speak

# What the dialplan plays by itself, without us.
UNATTENDED = ("unattended", "message-taken")
_MADE_BY = "2"  # another number makes every file anew


class Prompts:
    """``cache``: where the fetched espeak-ng is. What is returned is media for ``Ari.play``."""

    def __init__(self, layout: Layout, cache: Path) -> None:
        self._layout = layout
        self._cache = cache
        self._known: dict[tuple[str, str], str] = {}
        self._turn = asyncio.Lock()

    async def prompt(self, language: str, name: str) -> str:
        """A prompt of ours, by its name in ``texts.TEXTS``. Raises NoVoice, KeyError."""
        return await self._sound(language, name, TEXTS[name](language))

    async def digits(self, language: str, digits: str) -> list[str]:
        """One by one, as codes are read out."""
        return [await self.number(language, int(digit)) for digit in digits]

    async def number(self, language: str, number: int) -> str:
        """As a quantity: a position, minutes."""
        return await self._sound(language, f"number-{number}", str(number))

    async def words(self, language: str, words: str) -> str:
        """Any text, such as a menu's that a lead has written."""
        return await self._sound(language, f"words-{hashlib.sha256(words.encode()).hexdigest()[:20]}", words)

    async def _sound(self, language: str, name: str, words: str) -> str:
        recording = _recording(self._layout, language, name)
        known = recording or words
        if self._known.get((language, name)) != known:
            # One at a time: two that speak the same would write the same file, and speaking takes a whole core.
            async with self._turn:
                await asyncio.to_thread(make, self._layout, self._cache, language, name, words)
            self._known[language, name] = known
        return f"sound:holdfast/{language}/{name}"


def _recording(layout: Layout, language: str, name: str) -> str:
    """Which recording replaces it: its time and size; empty if none does."""
    try:
        found = (layout.recorded / language / f"{name}.wav").stat()
    except FileNotFoundError:
        return ""
    return f"{found.st_mtime_ns} {found.st_size}"


def make(layout: Layout, cache: Path, language: str, name: str, words: str) -> Path:
    """Make a prompt's files unless they are there; the 8 kHz one. Raises NoVoice, NotSound (a recording), OSError."""
    place = layout.sounds / language / name
    own = layout.recorded / language / f"{name}.wav"
    content = own.read_bytes() if own.exists() else None
    sum_ = hashlib.sha256(content or f"{_MADE_BY} {VOICES[language]} {words}".encode()).hexdigest()
    narrow, told = place.with_name(f"{name}.wav"), place.with_name(f"{name}.sum")
    with suppress(FileNotFoundError):
        if told.read_text() == sum_ and narrow.exists():
            return narrow
    samples, rate = samples_of(content) if content is not None else speak(cache, language, words)
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _put(place.with_name(f"{name}.sln16"), raw(resampled(samples, rate, WIDE)))
    _put(narrow, wav(resampled(samples, rate, NARROW), NARROW))
    _put(told, sum_.encode())
    return narrow


def make_unattended(layout: Layout, cache: Path, languages: Iterable[str]) -> None:
    """What the engine needs before the application is there: the dialplan's own prompts, the tone, the music."""
    for language in languages:
        for name in UNATTENDED:
            make(layout, cache, language, name, TEXTS[name](language))
    beep = layout.data / "sounds" / "beep.wav"
    if not beep.exists():
        _put(beep, wav(tone(1000, 0.25, NARROW), NARROW))
    song = layout.music / "holdfast.wav"
    if not song.exists() and not any(layout.music.iterdir()):
        wide = music(WIDE)
        _put(song.with_suffix(".sln16"), raw(wide))
        _put(song, wav(resampled(wide, WIDE, NARROW), NARROW))


def _put(file: Path, content: bytes) -> None:
    """At once: it may be playing."""
    # Other voice processes may be making the same.
    part = file.with_name(f"{file.name}.{secrets.token_hex(4)}.part")
    part.write_bytes(content)
    part.replace(file)
