"""Who is this visitor? A short-lived token signed by the wallet's back end says so; without it they are anonymous."""

from dataclasses import dataclass
from datetime import timedelta

import jwt

from holdfast.conversations.models import Inbox
from holdfast.core.errors import NotSignedIn
from holdfast.redaction import redact

# A token that lives longer is refused: a stolen one must be useless soon.
LONGEST = timedelta(hours=1)


class IdentityInvalid(NotSignedIn):
    id = "identity_invalid"
    title = "The app could not prove who you are"
    detail = "{why}"


@dataclass(frozen=True, slots=True)
class Identity:
    """What the wallet's back end vouches for. ``subject`` is its own id of the user."""

    subject: str
    name: str | None
    email: str | None
    phone: str | None


def verify_identity(inbox: Inbox, token: str) -> Identity:
    """Check signature (HS256 with the inbox's secret), audience (the inbox's key), and expiry (required, at most an
    hour ahead of ``iat``). Raises IdentityInvalid."""
    if not inbox.identity_secret:
        raise IdentityInvalid(why="this inbox takes no signed identities")
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
        raise IdentityInvalid(why=str(error)) from error
    if claims["exp"] - claims["iat"] > LONGEST.total_seconds():
        raise IdentityInvalid(why="the token lives longer than an hour")
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= 200:
        raise IdentityInvalid(why="the subject must be a text of 1 to 200 characters")

    def text(claim: str) -> str | None:
        value = claims.get(claim)
        # The wallet's back end fills these from what its user typed.
        return redact(value[:200]).text if isinstance(value, str) and value.strip() else None

    return Identity(subject, text("name"), text("email"), text("phone"))
