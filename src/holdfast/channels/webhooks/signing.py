"""Signatures of webhooks, as Standard Webhooks has them, so that receivers find a library for it. Pure."""

import hmac
import secrets
from base64 import b64decode, b64encode
from collections.abc import Sequence
from datetime import datetime

_PREFIX = "whsec_"


def new_secret() -> str:
    """256 random bits: ``whsec_`` and base64."""
    return _PREFIX + b64encode(secrets.token_bytes(32)).decode()


def headers(message_id: str, moment: datetime, body: bytes, keys: Sequence[str]) -> dict[str, str]:
    """``webhook-id``, ``webhook-timestamp``, ``webhook-signature``: one signature for each of ``keys``.

    Signed is ``id.timestamp.body``; a receiver refuses a timestamp that is more than five minutes off, and an id that
    it has seen.
    """
    at = str(int(moment.timestamp()))
    signed = f"{message_id}.{at}.".encode() + body
    marks = [
        f"v1,{b64encode(hmac.digest(b64decode(key.removeprefix(_PREFIX)), signed, 'sha256')).decode()}" for key in keys
    ]
    return {"webhook-id": message_id, "webhook-timestamp": at, "webhook-signature": " ".join(marks)}
