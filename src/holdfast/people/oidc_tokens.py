"""What an identity provider says (OpenID Connect Core 3.1.3.7): pure checks of an ID token against its keys."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt

from holdfast.redaction import redact

# Asymmetric ones only: with HS256 whoever knows the public key could sign, "none" needs no key at all.
ALGORITHMS = {"RS256": "RSA", "RS384": "RSA", "RS512": "RSA", "PS256": "RSA", "PS384": "RSA", "PS512": "RSA",
              "ES256": "EC", "ES384": "EC", "EdDSA": "OKP"}  # fmt: skip
LEEWAY = timedelta(seconds=60)
# An ID token is made for this very sign-in: an old one is somebody's left-over.
OLDEST = timedelta(minutes=10)
# RFC 8176: what shows that more than a password was asked for.
STRONG = frozenset({"mfa", "otp", "hwk", "swk", "fpt", "face", "iris", "retina", "pop", "sc"})


class TokenRefused(Exception):
    """``reason`` is a stable word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class KeyUnknown(TokenRefused):
    """No key of the set has this id: they may have been changed; fetch them and try once more."""


@dataclass(frozen=True, slots=True)
class Claims:
    """Who it is. ``email`` only if the provider says that it is verified."""

    subject: str
    email: str | None
    name: str | None
    language: str | None
    amr: frozenset[str]
    acr: str | None
    auth_time: int | None

    def strong(self, acr: Sequence[str]) -> bool:
        """The provider says that it asked for a second factor, in the words of RFC 8176 or in one of ``acr``."""
        return bool(self.amr & STRONG) or self.acr in acr


def verify(
    token: str, keys: Sequence[dict[str, Any]], *, issuer: str, client_id: str, nonce: str, moment: datetime
) -> Claims:
    """Raises TokenRefused, KeyUnknown."""
    try:
        header = jwt.get_unverified_header(token)
    except jwt.InvalidTokenError:
        raise TokenRefused("format") from None
    algorithm = str(header.get("alg"))
    if algorithm not in ALGORITHMS:
        raise TokenRefused("algorithm")
    key = _key(keys, header.get("kid"), algorithm)
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            key.key,
            algorithms=[algorithm],
            audience=client_id,
            issuer=issuer,
            # The times are checked below, by the application's clock.
            options={"require": ["exp", "iat", "iss", "sub", "aud"], "verify_exp": False, "verify_iat": False},
        )
    except jwt.InvalidAudienceError:
        raise TokenRefused("audience") from None
    except jwt.InvalidIssuerError:
        raise TokenRefused("issuer") from None
    except jwt.InvalidSignatureError:
        raise TokenRefused("signature") from None
    except (jwt.InvalidTokenError, ValueError, TypeError):
        raise TokenRefused("format") from None
    _times(claims, moment)
    audience = claims["aud"]
    if claims.get("azp", client_id) != client_id or (
        isinstance(audience, list) and len(audience) > 1 and "azp" not in claims
    ):
        raise TokenRefused("azp")
    if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
        raise TokenRefused("nonce")
    return claims_of(claims)


def claims_of(claims: dict[str, Any]) -> Claims:
    """The claims we use, of a token or of the userinfo answer. Raises TokenRefused."""
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise TokenRefused("subject")
    email = claims.get("email")
    verified = claims.get("email_verified") in (True, "true")
    amr = claims.get("amr")
    return Claims(
        subject=subject,
        email=redact(email.strip()).text if isinstance(email, str) and verified and "@" in email else None,
        name=redact(_text(claims.get("name")) or "").text or None,
        language=_text(claims.get("locale")),
        amr=frozenset(word for word in amr if isinstance(word, str)) if isinstance(amr, list) else frozenset(),
        acr=_text(claims.get("acr")),
        auth_time=claims["auth_time"] if isinstance(claims.get("auth_time"), int) else None,
    )


def _key(keys: Sequence[dict[str, Any]], key_id: object, algorithm: str) -> jwt.PyJWK:
    """The signing key of this id and kind; without an id the only one of its kind."""
    fitting = [
        key
        for key in keys
        if key.get("kty") == ALGORITHMS[algorithm]
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
        and (key_id is None or key.get("kid") == key_id)
    ]
    if len(fitting) != 1:
        raise KeyUnknown("key")
    try:
        return jwt.PyJWK(fitting[0], algorithm)
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        raise TokenRefused("key") from None


def _times(claims: dict[str, Any], moment: datetime) -> None:
    at, leeway = moment.timestamp(), LEEWAY.total_seconds()
    issued, expires = claims["iat"], claims["exp"]
    if not isinstance(issued, int | float) or not isinstance(expires, int | float):
        raise TokenRefused("format")
    if expires + leeway <= at:
        raise TokenRefused("expired")
    if issued - leeway > at or at - issued > OLDEST.total_seconds():
        raise TokenRefused("issued")


def _text(value: object) -> str | None:
    return value.strip()[:100] if isinstance(value, str) and value.strip() else None
