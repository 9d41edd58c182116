"""espeak-ng as a program: words in, samples out. GPL-3, hence a process of its own and never a library of ours."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from holdfast.channels.voice.engine.fetching import installed
from holdfast.channels.voice.prompts.sound import Samples, samples_of

# By our languages. cmn reads Chinese signs of both scripts (and no pinyin); ja reads kana only, which is why the
# Japanese prompts are written in kana.
VOICES: Mapping[str, str] = {
    "en": "en-us",
    "zh-Hans": "cmn",
    "zh-Hant": "cmn",
    "ja": "ja",
    "ko": "ko",
    "vi": "vi",
    "id": "id",
    "th": "th",
    "ru": "ru",
    "es": "es",
    "pt": "pt-br",
    "tr": "tr",
    "fr": "fr-fr",
    "de": "de",
    "ar": "ar",
}
# Words a minute; its default of 175 is too fast for somebody who is afraid.
_PACE = 150
_SECONDS = 20


class NoVoice(RuntimeError):
    """Nobody has recorded it, and there is no espeak-ng that could speak it."""


def command(cache: Path) -> list[str]:
    """How espeak-ng is run: the one that was fetched, else this machine's. Raises NoVoice."""
    found = installed(cache)
    if found is not None:
        return [*found.command("bin/espeak-ng"), f"--path={found.libraries}"]
    program = shutil.which("espeak-ng")
    if program is None:
        raise NoVoice("espeak-ng is missing: run `holdfast engine fetch`, or install the package espeak-ng")
    return [program]


def speak(cache: Path, language: str, words: str) -> tuple[Samples, int]:
    """Samples and their rate. Raises NoVoice."""
    # Words come by standard input: what a lead has written is never an argument.
    arguments = [*command(cache), "-v", VOICES[language], "-s", str(_PACE), "-b", "1", "--stdin", "--stdout"]
    done = subprocess.run(arguments, input=words.encode(), capture_output=True, check=False, timeout=_SECONDS)
    if done.returncode or len(done.stdout) < 100:
        raise NoVoice(f"espeak-ng could not speak {language}: {done.stderr.decode(errors='replace').strip()[:200]}")
    return samples_of(done.stdout)
