"""A browser that is subscribed, and the push service of its maker, as far as a sender can tell them from real ones."""

import asyncio
import base64
import json
import os
from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.support.outside import Heard, raw


def unwritten(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def written(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass
class Subscribed:
    """The browser's side: RFC 8291 read from its receiving end, and nothing of the code under test."""

    application_key: str
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = field(default_factory=lambda: os.urandom(16))
    status: int = 201
    shown: list[Any] = field(default_factory=list)

    @property
    def public(self) -> bytes:
        return self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    @property
    def secret(self) -> str:
        return json.dumps({"p256dh": written(self.public), "auth": written(self.auth)})

    def read(self, body: bytes) -> bytes:
        """Decrypt one record; a wrong one raises."""
        salt, size, length = body[:16], int.from_bytes(body[16:20]), body[20]
        theirs, sealed = body[21 : 21 + length], body[21 + length :]
        assert len(sealed) <= size
        shared = self.private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs))

        def derive(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
            return HKDF(SHA256(), length, salt, info).derive(secret)

        secret = derive(self.auth, shared, b"WebPush: info\x00" + self.public + theirs, 32)
        key = derive(salt, secret, b"Content-Encoding: aes128gcm\x00", 16)
        plain = AESGCM(key).decrypt(derive(salt, secret, b"Content-Encoding: nonce\x00", 12), sealed, None)
        plain, end, _ = plain.rstrip(b"\x00").rpartition(b"\x02")
        assert end
        return plain

    async def reply(self, heard: Heard, writer: asyncio.StreamWriter) -> None:
        """As a push service: refuses whoever is not the application that was subscribed to, or is not meant."""
        status = self.status if self._meant(heard) else 403
        if status == 201:
            self.shown.append(json.loads(self.read(heard.body)))
        writer.write(raw(status))
        await writer.drain()

    def _meant(self, heard: Heard) -> bool:
        scheme, _, rest = heard.headers["authorization"].partition(" ")
        said = dict(part.strip().split("=", 1) for part in rest.split(","))
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unwritten(said["k"]))
        claims = jwt.decode(said["t"], key, algorithms=["ES256"], audience=f"https://{heard.headers['host']}")
        return scheme == "vapid" and said["k"] == self.application_key and claims["sub"].startswith("mailto:")
