"""Keys as sound (DTMF in the band): made for a caller, and looked for in what was recorded."""

import itertools
import math
import struct
from array import array
from collections.abc import Sequence

RATE, FRAME = 8000, 160
_ROWS, _COLUMNS = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
_KEYS = ("123A", "456B", "789C", "*0#D")
# Of a frame's energy at a frequency of the key: at least, and against those of the others.
_LOUD, _STANDS_OUT = FRAME * 500.0**2, 4.0
_turns = itertools.cycle(range(1, 60))


def _frequencies(digit: str) -> tuple[int, int]:
    row = next(number for number, keys in enumerate(_KEYS) if digit in keys)
    return _ROWS[row], _COLUMNS[_KEYS[row].index(digit)]


def sound(digit: str, seconds: float = 1.0) -> bytes:
    """A capture of a key as sound, with A-law, as sipp plays it."""
    (low, high), turn = _frequencies(digit), next(_turns)
    packets = []
    for number in range(int(seconds * RATE) // FRAME):
        angles = (2 * math.pi * t / RATE for t in range(number * FRAME, (number + 1) * FRAME))
        payload = bytes(_a_law(round(9000 * (math.sin(low * a) + math.sin(high * a)))) for a in angles)
        packets.append((number * 0.02, _rtp(turn, 8, number, number * FRAME) + payload))
    return _capture(packets)


def keys(digits: str) -> bytes:
    """A capture of keys as telephone events (RFC 4733), 0.3 s each. Ready-made captures of single keys repeat their
    time stamps, so that the second of two equal keys is taken for the first."""
    packets, turn = [], next(_turns)
    for place, digit in enumerate(digits):
        event = "0123456789*#".index(digit)
        for number in range(8):
            end, duration = number >= 5, min(number + 1, 6) * FRAME
            payload = struct.pack("!BBH", event, 0x8A if end else 0x0A, duration)
            head = _rtp(turn, 101 if number else 0x80 | 101, place * 8 + number, place * 15 * FRAME)
            packets.append((place * 0.3 + number * 0.02, head + payload))
    return _capture(packets)


def _rtp(turn: int, kind: int, number: int, stamp: int) -> bytes:
    """Captures are one stream, each later than the one before: the engine passes over what seems older than what it
    has heard."""
    return struct.pack("!BBHII", 0x80, kind, turn * 1000 + number, turn * 10_000_000 + stamp, 4711)


def _capture(packets: Sequence[tuple[float, bytes]]) -> bytes:
    """pcap: RTP in UDP in IP in Ethernet, at these seconds; sipp writes the addresses."""
    made = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)]
    for number, (at, rtp) in enumerate(packets):
        udp = struct.pack("!HHHH", 4000, 4002, 8 + len(rtp), 0) + rtp
        head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), number, 0, 64, 17, 0, bytes(4), bytes(4))
        frame = bytes(12) + b"\x08\x00" + head + udp
        seconds, micros = divmod(round(at * 1_000_000), 1_000_000)
        made.append(struct.pack("<IIII", seconds, micros, len(frame), len(frame)) + frame)
    return b"".join(made)


def _a_law(sample: int) -> int:
    """G.711."""
    sign, rest = (0xD5, sample >> 4) if sample >= 0 else (0x55, -(sample + 1) >> 4)
    rest = min(max(rest, 0), 2047)
    exponent = max(0, rest.bit_length() - 4)
    mantissa = rest >> max(exponent - 1, 0) & 0x0F
    return (exponent << 4 | mantissa) ^ sign


def frames(samples: Sequence[int], digit: str) -> int:
    """How many frames of 20 ms sound like this key."""
    return sum(_is(array("h", samples[at : at + FRAME]), digit) for at in range(0, len(samples) - FRAME + 1, FRAME))


def _is(frame: "array[int]", digit: str) -> bool:
    """Its two frequencies stand out among all eight, whatever else is heard."""
    low, high = _frequencies(digit)
    found = {each: _energy(frame, each) for each in (*_ROWS, *_COLUMNS)}
    others = max(energy for each, energy in found.items() if each not in {low, high})
    return min(found[low], found[high]) > max(_LOUD, _STANDS_OUT * others)


def _energy(frame: "array[int]", frequency: int) -> float:
    """At one frequency, as a share of the same scale as the sum of squares (Goertzel)."""
    turn = 2 * math.cos(2 * math.pi * frequency / RATE)
    before = last = 0.0
    for sample in frame:
        before, last = last, sample + turn * last - before
    return 2 * (before**2 + last**2 - turn * before * last) / len(frame)
