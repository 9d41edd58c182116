"""Prompts as they are made: spoken by the real espeak-ng in every language, replaced by recordings, kept by content."""

import asyncio
import math
import re
import subprocess
import wave
from array import array
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.channels.voice.engine.layout import Layout
from holdfast.channels.voice.prompts import store
from holdfast.channels.voice.prompts.sound import (
    NARROW,
    WIDE,
    NotSound,
    Samples,
    music,
    resampled,
    samples_of,
    tone,
    wav,
)
from holdfast.channels.voice.prompts.store import Prompts
from holdfast.channels.voice.prompts.texts import TEXTS
from holdfast.channels.voice.prompts.voices import VOICES, NoVoice, command, speak
from holdfast.channels.voice.settings import load
from holdfast.core.i18n import LANGUAGES

pytestmark = pytest.mark.engine

CACHE = load().cache


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    made = Layout(tmp_path / "voice")
    made.make()
    return made


def seconds(file: Path, rate: int = NARROW) -> float:
    with wave.open(str(file)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (rate, 1, 2)
        return float(sound.getnframes()) / rate


def loudness(samples: Samples) -> float:
    return math.sqrt(sum(value * value for value in samples) / max(1, len(samples)))


def crossings(samples: Samples) -> int:
    return sum(1 for before, after in pairwise(samples) if before < 0 <= after)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_speaks_every_prompt(language: str) -> None:
    """What a voice cannot read it skips or spells: then a sentence is far too short or too long."""
    for name, text in TEXTS.items():
        words = text(language)
        samples, rate = speak(CACHE, language, words)
        spoken = len(samples) / rate
        assert 0.2 < spoken < 12, (name, words, spoken)
        assert loudness(samples) > 300, (name, words)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_prompt_is_read_in_another_language(language: str) -> None:
    """espeak-ng marks a change of language with (en): signs that its voice does not know."""
    words = "\n".join([*(text(language) for text in TEXTS.values()), *map(str, range(100))])
    said = subprocess.run(
        [*command(CACHE), "-v", VOICES[language], "-q", "-x", "--stdin"],
        input=words,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert not re.findall(r"\([a-z-]+\)", said)


def test_japanese_is_written_in_kana() -> None:
    """Its voice reads no kanji, and says "Chinese letter" instead."""
    for name, text in TEXTS.items():
        assert not re.search(r"[\u4e00-\u9fff]", text("ja")), name


async def test_a_prompt_is_made_once_and_again_when_its_words_change(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def noticed(cache: Path, language: str, words: str) -> tuple[Samples, int]:
        made.append(words)
        return speak(cache, language, words)

    monkeypatch.setattr(store, "speak", noticed)
    prompts = Prompts(layout, CACHE)
    both: object = await asyncio.gather(prompts.prompt("de", "welcome"), prompts.prompt("de", "welcome"))
    assert both == ["sound:holdfast/de/welcome"] * 2
    assert 1 < seconds(layout.sounds / "de/welcome.wav") < 5
    wide = (layout.sounds / "de/welcome.sln16").stat().st_size / 2 / WIDE
    assert abs(wide - seconds(layout.sounds / "de/welcome.wav")) < 0.01
    await Prompts(layout, CACHE).prompt("de", "welcome")
    assert len(made) == 1
    monkeypatch.setattr(store, "TEXTS", {"welcome": lambda language: "Hallo."})
    await prompts.prompt("de", "welcome")
    assert made[1:] == ["Hallo."]


async def test_a_recording_replaces_a_prompt_until_it_is_taken_away(layout: Layout) -> None:
    prompts = Prompts(layout, CACHE)
    await prompts.prompt("en", "welcome")
    spoken = (layout.sounds / "en/welcome.wav").read_bytes()
    own = layout.recorded / "en" / "welcome.wav"
    own.parent.mkdir()
    own.write_bytes(wav(tone(500, 2.0, 44_100), 44_100))
    await prompts.prompt("en", "welcome")
    assert abs(seconds(layout.sounds / "en/welcome.wav") - 2.0) < 0.01
    own.write_bytes(wav(tone(500, 1.0, 48_000), 48_000))
    await prompts.prompt("en", "welcome")
    assert abs(seconds(layout.sounds / "en/welcome.wav") - 1.0) < 0.01
    own.write_bytes(b"RIFFnonsense")
    with pytest.raises(NotSound):
        await prompts.prompt("en", "welcome")
    own.unlink()
    await prompts.prompt("en", "welcome")
    assert (layout.sounds / "en/welcome.wav").read_bytes() == spoken


async def test_codes_are_read_digit_by_digit_and_numbers_as_such(layout: Layout) -> None:
    prompts = Prompts(layout, CACHE)
    assert await prompts.digits("en", "4821") == [f"sound:holdfast/en/number-{digit}" for digit in "4821"]
    assert await prompts.number("en", 21) == "sound:holdfast/en/number-21"
    first, second = await prompts.words("en", "Press one for deposits."), await prompts.words("en", "Press two.")
    assert first != second
    # Words are data: an option of the program, a path and a voice's markup are spoken, not obeyed.
    for words in ("--help", "-f /etc/passwd", "../../x", "[[h@l'oU]]"):
        media = await prompts.words("en", words)
        assert (layout.sounds / "en" / f"{media.rpartition('/')[2]}.wav").exists()


def test_without_a_voice_it_is_said(tmp_path: Path, layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoVoice, match="holdfast engine fetch"):
        store.make(layout, tmp_path, "en", "welcome", "Welcome.")
    assert not list(layout.sounds.rglob("*"))


@pytest.mark.parametrize("rate", [8000, 11_025, 16_000, 22_050, 44_100, 48_000])
@pytest.mark.parametrize("target", [NARROW, WIDE])
def test_resampling_keeps_what_can_be_kept_and_folds_nothing_back(rate: int, target: int) -> None:
    heard = resampled(tone(700, 1.0, rate), rate, target)
    assert abs(len(heard) - target) <= 1
    assert abs(crossings(heard) - 700) <= 2
    assert abs(loudness(heard) / loudness(tone(700, 1.0, target)) - 1) < 0.03
    too_high = target * 0.65
    if rate > 2 * too_high:
        assert loudness(resampled(tone(too_high, 1.0, rate), rate, target)) < 0.02 * loudness(heard)


@given(st.lists(st.integers(-32768, 32767), max_size=200), st.sampled_from([8000, 16_000, 22_050]), st.booleans())
def test_wav_files_are_read_as_they_were_written(values: list[int], rate: int, stereo: bool) -> None:
    samples = array("h", values)
    assert samples_of(wav(samples, rate)) == (samples, rate)
    if stereo:
        both = array("h", [value for value in values for _ in range(2)])
        content = bytearray(wav(both, rate))
        content[22:24] = (2).to_bytes(2, "little")
        content[32:34] = (4).to_bytes(2, "little")
        assert samples_of(bytes(content)) == (samples, rate)


@pytest.mark.parametrize("content", [b"", b"RIFF", b"x" * 100, wav(array("h", [1]), 8000)[:30]])
def test_what_is_no_sound_is_refused(content: bytes) -> None:
    with pytest.raises(NotSound):
        samples_of(content)


def test_the_music_is_music(layout: Layout) -> None:
    sound = music(NARROW)
    assert len(sound) == 16 * NARROW
    assert 300 < loudness(sound) < 6000
    assert max(map(abs, sound)) < 30_000
    # It begins where it ends: no step larger than inside it.
    inside = max(abs(after - before) for before, after in pairwise(sound))
    assert abs(sound[0] - sound[-1]) <= inside
