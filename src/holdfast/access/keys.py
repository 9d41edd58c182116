"""The keys of this installation as a process holds them: by purpose and generation, made in ``installation_keys.py``.

A sealed value is ``generation (1) || nonce (12) || AES-256-GCM ciphertext and tag``. Its context (``table.column``, and
the customer's id where it is theirs) is authenticated: a value that was moved does not open.
"""

import hmac
import secrets
from collections.abc import Callable, Mapping
from typing import NamedTuple, Self

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE = 12
# In the place of the generation: sealed with the key of a customer (access/customer_keys.py).
CUSTOMERS_OWN = 0x80
MOST_GENERATIONS = CUSTOMERS_OWN - 1
FIELDS, CUSTOMERS, INDEX, SIGNATURES, CODES = "fields", "customers", "index", "signatures", "codes"
# What each key is for, and the label that its first generation is derived with where the first master key was a file:
# the version of Holdfast before this one derives the same keys, so that both read what the other writes.
# Recovery codes are apart: they are stored as their index alone, which can never be made anew with another key.
PURPOSES: Mapping[str, bytes] = {
    FIELDS: b"fields",
    CUSTOMERS: b"customers",
    INDEX: b"blind-index",
    SIGNATURES: b"signatures",
    CODES: b"blind-index",
}
Generations = Mapping[str, Mapping[int, bytes]]


class KeyMissing(RuntimeError):
    """Something was sealed with a generation that this installation has no key of any more."""


def first_generation(master: bytes) -> dict[str, dict[int, bytes]]:
    """Every purpose's first key, derived from the 32 bytes of a first key file. Raises ValueError."""
    if len(master) != 32:
        raise ValueError("the master key must have 32 bytes")
    return {
        purpose: {1: HKDF(SHA256(), 32, salt=None, info=b"holdfast/" + label).derive(master)}
        for purpose, label in PURPOSES.items()
    }


def sealed_with(cipher: AESGCM, plain: bytes, context: str, mark: int) -> bytes:
    """The layout of every sealed value; ``mark`` is its first byte."""
    nonce = secrets.token_bytes(_NONCE)
    return bytes([mark]) + nonce + cipher.encrypt(nonce, plain, context.encode())


def opened_with(cipher: AESGCM, sealed: bytes, context: str) -> bytes:
    """Raises ``cryptography.exceptions.InvalidTag`` for a value that was changed or moved."""
    return cipher.decrypt(sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :], context.encode())


class _Held(NamedTuple):
    """One picture of the keys, exchanged as a whole: other threads never see half of a rotation."""

    keys: Generations
    newest: Mapping[str, int]
    ciphers: Mapping[tuple[str, int], AESGCM]


class KeyRing:
    """Seals with the newest generation and opens with any, each purpose with a key of its own.

    ``again`` reads the keys anew: it is called when a value names a generation that is not here, which another process
    has made since. Sealing and opening take microseconds and may be done in the event loop.
    """

    def __init__(self, master: bytes) -> None:
        self._again: Callable[[], Generations] | None = None
        self.hold(first_generation(master))

    @classmethod
    def of(cls, keys: Generations, again: Callable[[], Generations] | None = None) -> Self:
        ring = cls.__new__(cls)
        ring._again = again
        ring.hold(keys)
        return ring

    def hold(self, keys: Generations) -> None:
        """From now on these keys."""
        self._held = _Held(
            keys,
            {purpose: max(of) for purpose, of in keys.items()},
            {(purpose, n): AESGCM(keys[purpose][n]) for purpose in (FIELDS, CUSTOMERS) for n in keys.get(purpose, ())},
        )

    def read_again(self) -> None:
        if self._again is not None:
            self.hold(self._again())

    def has(self, purpose: str) -> bool:
        return purpose in self._held.newest

    def newest(self, purpose: str) -> int:
        return self._held.newest[purpose]

    def generations(self, purpose: str) -> list[int]:
        """The newest first."""
        return sorted(self._held.keys[purpose], reverse=True)

    def _cipher(self, purpose: str, generation: int) -> AESGCM:
        if (purpose, generation) not in self._held.ciphers:
            self.read_again()
        try:
            return self._held.ciphers[purpose, generation]
        except KeyError:
            raise KeyMissing(f"generation {generation} of the {purpose} key is not here") from None

    def seal(self, text: str, context: str) -> bytes:
        return self.seal_bytes(text.encode(), context)

    def open(self, sealed: bytes, context: str) -> str:
        """Raises ``cryptography.exceptions.InvalidTag`` for a value that was changed or moved, KeyMissing."""
        return self.open_bytes(sealed, context).decode()

    def seal_bytes(self, plain: bytes, context: str, purpose: str = FIELDS) -> bytes:
        generation = self._held.newest[purpose]
        return sealed_with(self._cipher(purpose, generation), plain, context, generation)

    def open_bytes(self, sealed: bytes, context: str, purpose: str = FIELDS) -> bytes:
        """As ``open``; ValueError for an empty value."""
        if not sealed:
            raise ValueError("this is not a sealed value")
        return opened_with(self._cipher(purpose, sealed[0]), sealed, context)

    def blind_index(self, value: str, context: str, purpose: str = INDEX) -> bytes:
        """Equal values have equal indexes, and the index says nothing without the key (HMAC-SHA256).

        From the second generation on the index begins with its generation: 33 bytes.
        """
        return self._blind_index(value, context, purpose, self._held.newest[purpose])

    def blind_indexes(self, value: str, context: str) -> list[bytes]:
        """Under every generation, the newest first: what to look for while the index key is exchanged."""
        return [self._blind_index(value, context, INDEX, generation) for generation in self.generations(INDEX)]

    def _blind_index(self, value: str, context: str, purpose: str, generation: int) -> bytes:
        message = f"{context}\0{value.strip().lower()}".encode()
        digest = hmac.digest(self._held.keys[purpose][generation], message, "sha256")
        return digest if generation == 1 else bytes([generation]) + digest

    def sign(self, message: str) -> str:
        """A URL-safe HMAC-SHA256 of ``message``, cut to 128 bits."""
        return self._signature(message, self._held.newest[SIGNATURES])

    def signed(self, message: str, signature: str) -> bool:
        """Whether any generation signed it: a link outlives a rotation until its key is retired."""
        return any(hmac.compare_digest(self._signature(message, n), signature) for n in self.generations(SIGNATURES))

    def _signature(self, message: str, generation: int) -> str:
        return hmac.digest(self._held.keys[SIGNATURES][generation], message.encode(), "sha256")[:16].hex()


_ring: KeyRing | None = None


def use_key_ring(ring: KeyRing) -> None:
    """Set the process's key ring (once, at start)."""
    global _ring  # noqa: PLW0603 - column types have no other way to reach the process's key
    _ring = ring


def key_ring() -> KeyRing:
    """The process's key ring. Raises RuntimeError before ``use_key_ring``."""
    if _ring is None:
        raise RuntimeError("no key ring: call use_key_ring() at start")
    return _ring
