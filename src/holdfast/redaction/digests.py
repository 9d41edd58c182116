"""Two hash functions that Python's own library may lack: Keccak-256 (EVM, TRON) and RIPEMD-160 (Bitcoin, Antelope).

Only for short inputs: 0.3 ms each, to compare an address or a checksum. The compact forms of the published
algorithms (FIPS 202 with the original padding; Dobbertin, Bosselaers and Preneel 1996).
"""

_MASK = (1 << 64) - 1
_RATE = 136


def _constants() -> list[int]:
    constants, state = [], 1
    for _ in range(24):
        constant = 0
        for bit in range(7):
            if state & 1:
                constant |= 1 << ((1 << bit) - 1)
            state = state << 1 ^ (0x171 if state & 0x80 else 0)
        constants.append(constant)
    return constants


_ROUNDS = _constants()


def _rotated(value: int, by: int) -> int:
    by %= 64
    return (value << by | value >> (64 - by)) & _MASK


def _permuted(lanes: list[int]) -> list[int]:
    for constant in _ROUNDS:
        columns = [lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20] for x in range(5)]
        lanes = [
            lane ^ columns[(place + 4) % 5] ^ _rotated(columns[(place + 1) % 5], 1) for place, lane in enumerate(lanes)
        ]
        x, y, current = 1, 0, lanes[1]
        for turn in range(24):
            x, y = y, (2 * x + 3 * y) % 5
            current, lanes[x + 5 * y] = lanes[x + 5 * y], _rotated(current, (turn + 1) * (turn + 2) // 2)
        lanes = [
            lane ^ (~lanes[place // 5 * 5 + (place + 1) % 5] & lanes[place // 5 * 5 + (place + 2) % 5])
            for place, lane in enumerate(lanes)
        ]
        lanes[0] ^= constant
    return lanes


def keccak256(data: bytes) -> bytes:
    padded = bytearray(data) + b"\x01" + bytes(-(len(data) + 1) % _RATE)
    padded[-1] |= 0x80
    lanes = [0] * 25
    for begin in range(0, len(padded), _RATE):
        for place in range(_RATE // 8):
            lanes[place] ^= int.from_bytes(padded[begin + 8 * place : begin + 8 * place + 8], "little")
        lanes = _permuted(lanes)
    return b"".join(lane.to_bytes(8, "little") for lane in lanes[:4])


_LEFT_ORDER = bytes.fromhex(
    "000102030405060708090a0b0c0d0e0f07040d010a060f030c000905020e0b08030a0e04090f0801020700060d0b050c"
    "01090b0a00080c040d03070f0e05060204000509070c020a0e0103080b060f0d"
)
_RIGHT_ORDER = bytes.fromhex(
    "050e070009020b040d060f08010a030c060b0307000d050a0e0f080c040901020f050103070e06090b080c020a00040d"
    "08060401030b0f00050c020d09070a0e0c0f0a040105080706020d0e0003090b"
)
_LEFT_TURNS = bytes.fromhex(
    "0b0e0f0c050807090b0d0e0f060709080706080d0b09070f070c0f090b070d0c0b0d06070e090d0f0e080d06050c0705"
    "0b0c0e0f0e0f0908090e05060806050c" "090f050b06080d0c050c0d0e0b080506"
)
_RIGHT_TURNS = bytes.fromhex(
    "0809090b0d0f0f050707080b0e0e0c06090d0f070c08090b07070c07060f0d0b09070f0b0806060e0c0d050e0d0d0705"
    "0f05080b0e0e060e06090c090c050f08" "08050c090c050e06080d06050f0d0b0b"
)
_LEFT_ADDED = (0, 0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xA953FD4E)
_RIGHT_ADDED = (0x50A28BE6, 0x5C4DD124, 0x6D703EF3, 0x7A6D76E9, 0)
_WORD = 0xFFFFFFFF


def _mixed(kind: int, x: int, y: int, z: int) -> int:
    return (x ^ y ^ z, x & y | ~x & z, (x | ~y) ^ z, x & z | y & ~z, x ^ (y | ~z))[kind]


def _line(state: list[int], block: list[int], order: bytes, turns: bytes, added: tuple[int, ...], *, left: bool) -> list[int]:
    a, b, c, d, e = state
    for step in range(80):
        kind = step // 16
        total = a + _mixed(kind if left else 4 - kind, b, c, d) + block[order[step]] + added[kind] & _WORD
        total = (total << turns[step] | total >> (32 - turns[step])) + e & _WORD
        a, b, c, d, e = e, total, b, (c << 10 | c >> 22) & _WORD, d
    return [a, b, c, d, e]


def ripemd160(data: bytes) -> bytes:
    padded = data + b"\x80" + bytes(-(len(data) + 9) % 64) + (8 * len(data)).to_bytes(8, "little")
    state = [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0]
    for begin in range(0, len(padded), 64):
        block = [int.from_bytes(padded[begin + 4 * place : begin + 4 * place + 4], "little") for place in range(16)]
        left = _line(state, block, _LEFT_ORDER, _LEFT_TURNS, _LEFT_ADDED, left=True)
        right = _line(state, block, _RIGHT_ORDER, _RIGHT_TURNS, _RIGHT_ADDED, left=False)
        state = [
            state[(place + 1) % 5] + left[(place + 2) % 5] + right[(place + 3) % 5] & _WORD for place in range(5)
        ]
    return b"".join(word.to_bytes(4, "little") for word in state)
