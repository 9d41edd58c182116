"""Web push: a message that only the subscribed browser can read (RFC 8291), from a sender that proves who it is (RFC
8292), left at the push service of the browser's maker by our own one way out."""

import base64
import binascii
import os
from datetime import datetime, timedelta
from email.utils import parseaddr
from urllib.parse import urlsplit

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from holdfast.core.clock import now
from holdfast.core.outgoing import Outgoing, OutgoingError, Refused
from holdfast.paging.ports import Message, Outcome

# Nobody learns from the length which kind of page it was.
ROOM = 1024
_RECORD = 4096
# A page that was not delivered in an hour is not news: by then it has climbed on.
_KEPT = timedelta(hours=1)
_SIGNED = timedelta(hours=12)
# The subscription has ended: RFC 8030, 7.3 says 404, services in use say 410.
ENDED = frozenset({"404", "410"})
_AGAIN = (408, 425, 429)


class Subscription(msgspec.Struct, frozen=True):
    """The secret half of what a browser gives: its public key, and a word that it shares with us alone."""

    p256dh: str
    auth: str


def bytes_of(written: str) -> bytes:
    """Raises ValueError."""
    return base64.b64decode(written + "=" * (-len(written) % 4), b"-_", validate=True)


def written_of(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def keys_of(secret: str) -> tuple[bytes, bytes] | None:
    """The browser's key and the shared word, if they are what they must be."""
    try:
        found = msgspec.json.decode(secret, type=Subscription)
        browser, auth = bytes_of(found.p256dh), bytes_of(found.auth)
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), browser)
    except (msgspec.MsgspecError, binascii.Error, ValueError):
        return None
    return (browser, auth) if len(browser) == 65 and len(auth) == 16 else None


def new_key() -> str:
    """The installation's private key, as it is sealed."""
    return written_of(ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value.to_bytes(32))


def _private(key: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(bytes_of(key)), ec.SECP256R1())


def _point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def public_of(key: str) -> str:
    """What a browser is told, so that it takes messages of nobody else."""
    return written_of(_point(_private(key)))


def _derived(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(secret)


def encrypted(
    plain: bytes, browser: bytes, auth: bytes, *, key: ec.EllipticCurvePrivateKey | None = None, salt: bytes = b""
) -> bytes:
    """One record of aes128gcm, with a key and a salt of its own (given only to compare with RFC 8291's example)."""
    key, salt = key or ec.generate_private_key(ec.SECP256R1()), salt or os.urandom(16)
    ours = _point(key)
    shared = key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), browser))
    secret = _derived(auth, shared, b"WebPush: info\0" + browser + ours, 32)
    sealing = AESGCM(_derived(salt, secret, b"Content-Encoding: aes128gcm\0", 16))
    sealed = sealing.encrypt(_derived(salt, secret, b"Content-Encoding: nonce\0", 12), plain, None)
    return salt + _RECORD.to_bytes(4) + len(ours).to_bytes(1) + ours + sealed


def padded(plain: bytes) -> bytes:
    """RFC 8188: 2 ends the last record, zeros fill it."""
    return plain + b"\x02" + bytes(max(0, ROOM - len(plain)))


def authorisation(key: str, endpoint: str, contact: str, at: datetime) -> str:
    """RFC 8292: for this service alone, for half a day, with an address at which its operator reaches ours."""
    parts = urlsplit(endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int((at + _SIGNED).timestamp()),
        "sub": f"mailto:{parseaddr(contact)[1]}",
    }
    return f"vapid t={jwt.encode(claims, _private(key), algorithm='ES256')}, k={public_of(key)}"


async def send(outgoing: Outgoing, message: Message, contact: str) -> Outcome:
    """``message.secret`` are the browser's keys, ``message.provider`` is our own."""
    keys = keys_of(message.secret or "")
    if keys is None or message.provider is None:
        return Outcome(False, "address", final=True)
    said = {"title": message.subject, "body": message.text, "url": message.view, "tag": message.view}
    headers = {
        "authorization": authorisation(message.provider, message.address, contact, now()),
        "content-encoding": "aes128gcm",
        "content-type": "application/octet-stream",
        "ttl": str(int(_KEPT.total_seconds())),
        "urgency": "high" if message.urgent else "normal",
        # Sent twice after a crash, it is one for a browser that was away.
        "topic": message.id.hex,
    }
    body = encrypted(padded(msgspec.json.encode(said)), *keys)
    try:
        answer = await outgoing.request("POST", message.address, body=body, headers=headers)
    except OutgoingError as error:
        return Outcome(False, error.reason, final=isinstance(error, Refused))
    if 200 <= answer.status < 300:
        return Outcome(True)
    return Outcome(False, str(answer.status), final=400 <= answer.status < 500 and answer.status not in _AGAIN)
