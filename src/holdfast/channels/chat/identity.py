"""Who is this visitor? A short-lived token signed by the wallet's back end says so; without it they are anonymous."""

import re
from dataclasses import dataclass
from datetime import timedelta

import jwt

from holdfast.conversations.models import Inbox
from holdfast.core.errors import NotSignedIn
from holdfast.redaction import redact

# A token that lives longer is refused: a stolen one must be useless soon.
LONGEST = timedelta(hours=1)
# A key of the house's own, and no place for a word about somebody.
_SEGMENT = re.compile(r"[a-z0-9_-]{0,40}")


class IdentityInvalid(NotSignedIn):
    """``reason`` is a stable word for whoever builds the back end (docs/protocol.md); people read the rest."""

    id = "identity_invalid"
    title = "The app could not prove who you are"
    detail = "You can go on without it. For the app's developers: {reason}."


@dataclass(frozen=True, slots=True)
class Identity:
    """What the wallet's back end vouches for. ``subject`` is its own id of the user; ``segment`` the group that it
    counts them to, for promises and rules; ``nonce`` the challenge that the token was made for, if it was for one."""

    subject: str
    name: str | None
    email: str | None
    phone: str | None
    segment: str = ""
    nonce: str | None = None


def verify_identity(inbox: Inbox, token: str) -> Identity:
    """Check signature (HS256 with the inbox's secret), audience (the inbox's key), and expiry (required, at most an
    hour ahead of ``iat``). Raises IdentityInvalid."""
    if not inbox.identity_secret:
        raise IdentityInvalid(reason="not_configured")
    try:
        claims = jwt.decode(
            token,
            inbox.identity_secret,
            algorithms=["HS256"],
            audience=inbox.key,
            leeway=30,
            options={"require": ["exp", "iat", "sub", "aud"]},
        )
    except jwt.InvalidTokenError as error:
        raise IdentityInvalid(reason=_reason(error)) from error
    if claims["exp"] - claims["iat"] > LONGEST.total_seconds():
        raise IdentityInvalid(reason="too_long")
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= 200:
        raise IdentityInvalid(reason="subject")

    def text(claim: str) -> str | None:
        value = claims.get(claim)
        # The wallet's back end fills these from what its user typed.
        return redact(value).text[:200] if isinstance(value, str) and value.strip() else None

    segment = claims.get("segment", "")
    if not isinstance(segment, str) or not _SEGMENT.fullmatch(segment):
        raise IdentityInvalid(reason="segment")
    nonce = claims.get("nonce")
    return Identity(
        subject, text("name"), text("email"), text("phone"), segment, nonce if isinstance(nonce, str) else None
    )


# The library's own words are English, and change with it. The more particular kinds first: they inherit.
_REASONS: tuple[tuple[type[jwt.InvalidTokenError], str], ...] = (
    (jwt.ExpiredSignatureError, "expired"),
    (jwt.ImmatureSignatureError, "not_yet"),
    (jwt.InvalidIssuedAtError, "not_yet"),
    (jwt.InvalidAudienceError, "audience"),
    (jwt.exceptions.InvalidSubjectError, "subject"),
    (jwt.MissingRequiredClaimError, "incomplete"),
    (jwt.InvalidAlgorithmError, "algorithm"),
    (jwt.InvalidSignatureError, "signature"),
)


def _reason(error: jwt.InvalidTokenError) -> str:
    return next((word for kind, word in _REASONS if isinstance(error, kind)), "format")
