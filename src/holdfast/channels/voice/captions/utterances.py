"""Sound cut where somebody pauses: pure, one instance for each voice.

Samples are 16 bits, signed, little-endian, 8,000 a second, mono. A frame is 20 ms.
"""

import math
import struct
from collections import deque

from holdfast.channels.voice.prompts.sound import NARROW

_SAMPLES = NARROW // 50
FRAME = 2 * _SAMPLES
# Root mean squares of 32,768. Below the least nothing is speech: the noise of an idle line is 5 to 50, speech on the
# phone 500 to 5,000.
_LEAST = 150.0
# Speech is so many times louder than the quiet of the last seconds.
_ABOVE = 3.0
# The quiet follows a softer frame fast, a louder one slowly: doubled after 3.5 s.
_SOFTER, _LOUDER = 0.2, 1.005
# Frames: 60 of the last 100 ms begin an utterance, 700 ms of quiet end it, 15 s cut it wherever it is; a click of less
# than 200 ms is none.
_BEGINS, _OF, _ENDS, _LONGEST, _SHORTEST = 3, 5, 35, 750, 10
# What comes before: the first sound of a word is soft.
_BEFORE = 15


class Cutter:
    """Takes sound as it comes, gives utterances back."""

    def __init__(self) -> None:
        self._rest = b""
        self._quiet = _LEAST
        self.reset()

    def reset(self) -> None:
        """Forget what has begun."""
        self._before: deque[bytes] = deque(maxlen=_BEFORE)
        self._latest: deque[bool] = deque(maxlen=_OF)
        self._said: list[bytes] = []
        self._voiced = self._silent = 0

    def take(self, sound: bytes) -> list[bytes]:
        """The utterances that end with this sound, mostly none."""
        sound = self._rest + sound
        whole = len(sound) - len(sound) % FRAME
        self._rest = sound[whole:]
        ended = (self._frame(sound[at : at + FRAME]) for at in range(0, whole, FRAME))
        return [utterance for utterance in ended if utterance is not None]

    def flush(self) -> bytes | None:
        """The utterance that has begun, if nothing more comes."""
        said, voiced = self._said, self._voiced
        self.reset()
        return b"".join(said) if voiced >= _SHORTEST else None

    def _frame(self, frame: bytes) -> bytes | None:
        voiced = self._is_voiced(frame)
        if not self._said:
            self._before.append(frame)
            self._latest.append(voiced)
            if sum(self._latest) >= _BEGINS:
                self._said = list(self._before)
                self._voiced, self._silent = sum(self._latest), 0
            return None
        self._said.append(frame)
        self._voiced += voiced
        self._silent = 0 if voiced else self._silent + 1
        return self.flush() if self._silent >= _ENDS or len(self._said) >= _LONGEST else None

    def _is_voiced(self, frame: bytes) -> bool:
        samples = struct.unpack(f"<{_SAMPLES}h", frame)
        loud = math.sqrt(sum(sample * sample for sample in samples) / _SAMPLES)
        quiet = self._quiet
        self._quiet = max(1.0, quiet + (loud - quiet) * _SOFTER if loud < quiet else quiet * _LOUDER)
        return loud > max(_LEAST, _ABOVE * quiet)
