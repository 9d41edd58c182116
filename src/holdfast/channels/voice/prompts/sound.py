"""Sound as telephones want it: 16-bit mono at 8 and 16 kHz. Pure, standard library only, since audioop leaves it."""

import io
import math
import sys
import wave
from array import array
from collections.abc import Sequence
from functools import cache
from itertools import chain
from operator import mul
from typing import TypeAlias

Samples: TypeAlias = "array[int]"
NARROW, WIDE = 8000, 16000
# Zero crossings of the filter on each side; 8 leave nothing audible of what folds back.
_CROSSINGS = 8
_LOUDEST = 32767


class NotSound(ValueError):
    """Not a WAV file of 16-bit samples."""


def samples_of(content: bytes) -> tuple[Samples, int]:
    """The samples (channels mixed) and the rate of a WAV file. Raises NotSound.

    A length in the header that nobody knew when it was written, as in espeak-ng's output, is not believed.
    """
    try:
        with wave.open(io.BytesIO(content)) as file:
            channels, width, rate = file.getnchannels(), file.getsampwidth(), file.getframerate()
            raw = file.readframes(len(content))
    except (wave.Error, EOFError) as error:
        raise NotSound(str(error)) from None
    if width != 2 or not 8000 <= rate <= 192_000:
        raise NotSound(f"{width * 8} bits at {rate} Hz; 16 bits at 8000 Hz or more are wanted")
    found = array("h", raw[: len(raw) // (2 * channels) * 2 * channels])
    if sys.byteorder == "big":
        found.byteswap()
    if channels > 1:
        found = array("h", (sum(found[at : at + channels]) // channels for at in range(0, len(found), channels)))
    return found, rate


def wav(samples: Samples, rate: int) -> bytes:
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(raw(samples))
    return target.getvalue()


def raw(samples: Samples) -> bytes:
    """Little-endian, as Asterisk's .sln files are."""
    if sys.byteorder == "little":
        return samples.tobytes()
    turned = array("h", samples)
    turned.byteswap()
    return turned.tobytes()


def resampled(samples: Samples, rate: int, target: int) -> Samples:
    """At another rate: a windowed sinc per phase. 3 s of 22,050 Hz take 0.1 s."""
    if rate == target:
        return samples
    common = math.gcd(rate, target)
    up, down = target // common, rate // common
    phases = _filter(up, down)
    side = len(phases[0]) // 2
    padded = list(chain([0] * (side - 1), samples, [0] * (side + 1)))
    width = 2 * side
    made = array("h", bytes(2 * (len(samples) * up // down)))
    for at in range(len(made)):
        place, phase = divmod(at * down, up)
        value = round(sum(map(mul, phases[phase], padded[place : place + width])))
        made[at] = max(-_LOUDEST, min(_LOUDEST, value))
    return made


@cache
def _filter(up: int, down: int) -> Sequence[Sequence[float]]:
    """Coefficients by phase: sinc below the lower of the two rates, in a Hann window, each phase summing to 1."""
    cutoff = min(1.0, up / down) * 0.94
    side = math.ceil(_CROSSINGS / cutoff)
    phases = []
    for phase in range(up):
        taps = []
        for tap in range(2 * side):
            distance = tap - (side - 1) - phase / up
            window = math.cos(math.pi * distance / (2 * side)) ** 2 if abs(distance) < side else 0.0
            angle = math.pi * cutoff * distance
            taps.append(window * (math.sin(angle) / angle if angle else 1.0))
        total = sum(taps)
        phases.append([value / total for value in taps])
    return phases


def tone(frequency: float, seconds: float, rate: int, loudness: float = 0.3) -> Samples:
    """A sine whose ends fade within 10 ms, so that they do not click."""
    count = round(seconds * rate)
    fade = rate // 100
    step = 2 * math.pi * frequency / rate
    return array(
        "h",
        (
            round(_LOUDEST * loudness * min(1.0, at / fade, (count - at) / fade) * math.sin(step * at))
            for at in range(count)
        ),
    )


# Four broken chords, softly: nobody's work, so nobody's licence. Frequencies of a tempered scale in Hz.
_CHORDS = (
    (261.63, 329.63, 392.00, 493.88),
    (220.00, 261.63, 329.63, 392.00),
    (174.61, 220.00, 261.63, 329.63),
    (196.00, 246.94, 293.66, 349.23),
)


def music(rate: int) -> Samples:
    """16 s of music on hold that begins where it ends."""
    beat = rate // 2
    notes = [chord[at] for chord in _CHORDS for at in (0, 1, 2, 3, 2, 1, 2, 3)]
    mixed = [0.0] * (beat * len(notes))
    ring = 3 * beat
    for number, frequency in enumerate(notes):
        step = 2 * math.pi * frequency / rate
        for at in range(ring):
            loudness = 0.16 * min(1.0, at / (rate / 50)) * (1 - at / ring) ** 2
            mixed[(number * beat + at) % len(mixed)] += loudness * math.sin(step * at)
    return array("h", (round(_LOUDEST * max(-1.0, min(1.0, value))) for value in mixed))
