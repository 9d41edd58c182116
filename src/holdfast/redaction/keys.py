"""Private keys. Where a checksum or the public half proves one it is certain; 64 hex digits may as well be the hash of
a transaction, which support cannot do without: an address that derives from them or the nearest word decides."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from holdfast.redaction import addresses, base58, contexts
from holdfast.redaction.broken import broken_rows, may_be_broken
from holdfast.redaction.findings import Certainty
from holdfast.redaction.folding import Folded
from holdfast.redaction.key_formats import ARRAY, EXACT, EXTENDED, LOWER, TEZOS, WIF_VERSION

# Characters before and behind a value in which a word says what it is. Labels stand before their value.
BEFORE, BEHIND = 64, 32
# Of one window of a text that many values are compared with addresses (1.5 ms each); a person sends one or two.
DERIVATIONS = 32
# Between values of one list, which are all what the first one is.
_LIST = re.compile(r"[\s,;|\"'\d.)\[\]-]{0,12}")
# Behind a value only a whole statement counts ("… is my private key"), never the label of the next line.
_SAYS = re.compile(f"(?P<key>{contexts.KEY})|(?P<hash>{contexts.HASH})")
_LABEL = re.compile(r"\s*[:=：＝]")
_LONG = re.compile(r"[0-9A-Za-z]{28}")
_GROUPS = re.compile(r"[0-9a-fA-F]{8}[ \n:-][0-9a-fA-F]{8}")
_NUMBERS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Key:
    start: int
    end: int
    certainty: Certainty


def may_hold_key(text: str) -> bool:
    """Whether a closer look is worth it: costs 1 us for 100 characters."""
    if len(text) < 28:
        return False
    longest = max(map(len, text.split()), default=0)
    if (longest >= 28 and _LONG.search(text)) or (longest >= 10 and may_be_broken(text)):
        return True
    return "-----BEGIN" in text or text.count(",") >= 31 or (len(text) >= 64 and _GROUPS.search(text) is not None)


class _Look:
    """One look at a text for keys. ``known``: addresses of the case, normal."""

    def __init__(self, folded: Folded, known: frozenset[str], whole: str) -> None:
        self.plain, self.lower = folded.plain, folded.lower
        self._known, self._whole = known, whole
        # Where the last 64 hex digits ended, and what they were.
        self._last: tuple[int, str | None] = (-1, None)
        self._derived = 0

    @cached_property
    def known(self) -> frozenset[str]:
        return self._known | addresses.written_in(self._whole)

    def said_to_be(self, start: int, end: int) -> str | None:
        """``key`` or ``hash`` by the nearest word before the value, else by the nearest behind it; None without."""
        said = None
        for match in _SAYS.finditer(self.lower, max(0, start - BEFORE), start):
            said = match.lastgroup
        if said is not None:
            return said
        for match in _SAYS.finditer(self.lower, end, end + BEHIND):
            if not _LABEL.match(self.lower, match.end()):
                return match.lastgroup
        return None

    def hex(self, value: str, start: int, end: int) -> Certainty | None:
        digits = re.sub(r"0x|[^0-9a-f]", "", value)
        if len(digits) == 128:
            if _key_pair(bytes.fromhex(digits)):
                return "certain"
            return "high" if self.said_to_be(start, end) == "key" else None
        # Padded addresses, amounts and the values of examples are no keys: a random one has 15 to 16 kinds of digits.
        if len(set(digits)) < 8 or digits.startswith("0" * 16):
            return None
        if self.known and self._derived < DERIVATIONS:
            self._derived += 1
            if not self.known.isdisjoint(addresses.of_key(bytes.fromhex(digits))):
                return "certain"
        last_end, last = self._last
        said = self.said_to_be(start, end)
        if said is None and last_end >= 0 and _LIST.fullmatch(self.lower, last_end, start):
            said = last
        self._last = (end, said)
        return {"key": "high", "hash": None}.get(said, "ambiguous") if said else "ambiguous"

    def labelled(self, start: int, end: int) -> Certainty | None:
        return "high" if self.said_to_be(start, end) == "key" else None


def find_keys(folded: Folded, known: frozenset[str] = frozenset(), whole: str | None = None) -> list[Key]:
    """The keys in a text, in order, without overlap. ``whole``: the text that ``folded`` is a part of, whose addresses
    count. Linear in the length of the text."""
    look = _Look(folded, known, folded.plain if whole is None else whole)
    found = []
    for match in LOWER.finditer(look.lower):
        name = match.lastgroup or ""
        start, end = match.span(name)
        certainty = _LOWER_RULES[name](look, match.group(name), start, end)
        if certainty is not None:
            found.append(Key(start, end, certainty))
    for match in EXACT.finditer(look.plain):
        certainty = _EXACT_RULES[match.lastgroup or ""](look, match.group(), match.start(), match.end())
        if certainty is not None:
            found.append(Key(*match.span(), certainty))
    if look.plain.count(",") >= 31:
        for match in ARRAY.finditer(look.plain):
            values = [int(value) for value in _NUMBERS.findall(match.group())]
            if len(values) in (32, 64) and max(values) < 256:
                certain = len(values) == 64 and _key_pair(bytes(values))
                certainty = "certain" if certain else look.labelled(*match.span())
                if certainty is not None:
                    found.append(Key(*match.span(), certainty))
    found += _broken(look)
    found.sort(key=lambda key: (key.start, -key.end))
    apart: list[Key] = []
    for key in found:
        if not apart or key.start >= apart[-1].end:
            apart.append(key)
    return apart


def _broken(look: _Look) -> list[Key]:
    found: list[Key] = []
    for whole, start, end, dump in broken_rows(look.plain):
        match, rules = EXACT.fullmatch(whole), _EXACT_RULES
        if match is None:
            match, rules = LOWER.fullmatch(whole.lower()), _LOWER_RULES
        if match is not None:
            certainty = rules[match.lastgroup or ""](look, match.group(), start, end)
            if certainty is not None and not (dump and certainty == "ambiguous"):
                found.append(Key(start, end, certainty))
    return found


_Rule = Callable[[_Look, str, int, int], Certainty | None]


def _sure(_look: _Look, _value: str, _start: int, _end: int) -> Certainty:
    return "certain"


def _polkadot(look: _Look, _value: str, start: int, end: int) -> Certainty | None:
    """Base64 of an encrypted key: the file says "pkcs8" beside it."""
    return "certain" if "pkcs8" in look.lower[max(0, start - 300) : end + 300] else None


def _cbor(look: _Look, _value: str, start: int, _end: int) -> Certainty | None:
    """Cardano's files say which key they hold."""
    before = look.lower[max(0, start - 300) : start]
    return None if "verification" in before else "certain" if "signingkey" in before else "ambiguous"


def _bech32(_look: _Look, value: str, _start: int, _end: int) -> Certainty:
    return "certain" if base58.bech32_right(value) else "high"


def _extended(_look: _Look, value: str, _start: int, _end: int) -> Certainty | None:
    payload = base58.decode_checked(value)
    if payload is not None:
        return "certain" if len(payload) == 78 and payload[:4] in EXTENDED else None
    # One character mistyped or lost: the prefix and the length are proof enough.
    return "high"


def _encrypted(_look: _Look, value: str, _start: int, _end: int) -> Certainty | None:
    payload = base58.decode_checked(value)
    return "certain" if payload is not None and len(payload) == 39 and payload[0] == 1 else None


def _tezos(_look: _Look, value: str, _start: int, _end: int) -> Certainty:
    payload = base58.decode_checked(value)
    return "certain" if payload is not None and payload.startswith(TEZOS) else "high"


def _near(_look: _Look, value: str, _start: int, _end: int) -> Certainty:
    raw = base58.decode(value.removeprefix("ed25519:"))
    return "certain" if raw is not None and len(raw) == 64 and _key_pair(raw) else "high"


def _antelope(_look: _Look, value: str, _start: int, _end: int) -> Certainty:
    return "certain" if base58.antelope_right(value[7:], value[4:6]) else "high"


def _stellar(look: _Look, value: str, start: int, end: int) -> Certainty | None:
    return "certain" if base58.stellar_right(value) else look.labelled(start, end)


def _wif(look: _Look, value: str, start: int, end: int) -> Certainty | None:
    payload = base58.decode_checked(value)
    if payload is None:
        return look.labelled(start, end)
    long = len(payload) == 34 and payload[-1] == 1
    return "certain" if payload[0] >= WIF_VERSION and (len(payload) == 33 or long) else None


def _pair(look: _Look, value: str, start: int, end: int) -> Certainty | None:
    raw = base58.decode(value)
    if raw is not None and len(raw) == 64 and _key_pair(raw):
        return "certain"
    # Signatures of Solana transactions look the same and must stay.
    return look.labelled(start, end)


def _ripple(_look: _Look, value: str, _start: int, _end: int) -> Certainty | None:
    payload = base58.decode_checked(value, base58.RIPPLE)
    if payload is None:
        return None
    old = len(payload) == 17 and payload[0] == 0x21
    return "certain" if old or (len(payload) == 19 and payload[:3] == b"\x01\xe1\x4b") else None


def _key_pair(raw: bytes) -> bool:
    """Whether 64 bytes are an Ed25519 seed and the public key that belongs to it (80 us)."""
    # Imported when first needed: it takes 30 ms, and most processes never see a key.
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

    return Ed25519PrivateKey.from_private_bytes(raw[:32]).public_key().public_bytes_raw() == raw[32:]


_LOWER_RULES: dict[str, _Rule] = {
    "keystore": _sure, "polkadot": _polkadot, "cbor": _cbor, "bech32": _bech32, "named": _sure,
    "hex": _Look.hex, "groups": _Look.hex, "halves": _Look.hex,
}  # fmt: skip
_EXACT_RULES: dict[str, _Rule] = {
    "block": _sure, "extended": _extended, "encrypted": _encrypted, "tezos": _tezos, "near": _near,
    "antelope": _antelope, "stellar": _stellar, "wif": _wif, "pair": _pair, "ripple": _ripple,
}  # fmt: skip
