"""Keys as sound (DTMF in the band): made for a caller, and looked for in what was recorded."""

import math
import struct
from array import array
from collections.abc import Sequence

RATE, FRAME = 8000, 160
_ROWS, _COLUMNS = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
_KEYS = ("123A", "456B", "789C", "*0#D")
# Of a frame's energy, at its two frequencies: a voice has it nowhere near.
_SHARE = 0.8


def _frequencies(digit: str) -> tuple[int, int]:
    row = next(number for number, keys in enumerate(_KEYS) if digit in keys)
    return _ROWS[row], _COLUMNS[_KEYS[row].index(digit)]


def sound(digit: str, seconds: float = 1.0) -> bytes:
    """A capture (pcap) of RTP with A-law, as sipp plays it."""
    low, high = _frequencies(digit)
    made = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)]
    for number in range(int(seconds * RATE) // FRAME):
        at = range(number * FRAME, (number + 1) * FRAME)
        angles = (2 * math.pi * t / RATE for t in at)
        payload = bytes(_a_law(round(9000 * (math.sin(low * a) + math.sin(high * a)))) for a in angles)
        rtp = struct.pack("!BBHII", 0x80, 8, number, number * FRAME, 4711) + payload
        udp = struct.pack("!HHHH", 4000, 4002, 8 + len(rtp), 0) + rtp
        head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), number, 0, 64, 17, 0, bytes(4), bytes(4))
        frame = bytes(12) + b"\x08\x00" + head + udp
        micros = number * 20_000
        made.append(struct.pack("<IIII", micros // 1_000_000, micros % 1_000_000, len(frame), len(frame)) + frame)
    return b"".join(made)


def _a_law(sample: int) -> int:
    sign, rest = (0x80, sample) if sample >= 0 else (0, -sample - 1)
    rest = min(rest >> 4, 2047)
    exponent = max(0, rest.bit_length() - 5)
    mantissa = (rest >> (exponent if exponent else 1)) & 0x0F if rest >= 32 else (rest >> 1) & 0x0F
    if rest < 32:
        exponent = 0 if rest < 32 and rest >> 1 < 16 else 1
    elif exponent:
        mantissa = (rest >> exponent) & 0x0F
    return (sign | exponent << 4 | mantissa) ^ 0x55


def frames(samples: Sequence[int], digit: str) -> int:
    """How many frames of 20 ms sound like this key."""
    return sum(_is(array("h", samples[at : at + FRAME]), digit) for at in range(0, len(samples) - FRAME + 1, FRAME))


def _is(frame: "array[int]", digit: str) -> bool:
    whole = sum(sample * sample for sample in frame)
    if whole < FRAME * 500**2:
        return False
    low, high = (_energy(frame, frequency) for frequency in _frequencies(digit))
    return min(low, high) > 0.1 * whole and low + high > _SHARE * whole


def _energy(frame: "array[int]", frequency: int) -> float:
    """At one frequency, as a share of the same scale as the sum of squares (Goertzel)."""
    turn = 2 * math.cos(2 * math.pi * frequency / RATE)
    before = last = 0.0
    for sample in frame:
        before, last = last, sample + turn * last - before
    return 2 * (before**2 + last**2 - turn * before * last) / len(frame)
