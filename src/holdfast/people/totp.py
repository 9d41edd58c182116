"""Time-based one-time passwords (RFC 6238, 6 digits, 30 s), and recovery codes for a lost phone. Pure."""

import io
import re
import secrets
from datetime import datetime

import pyotp
import segno

from holdfast.access.keys import CODES, key_ring
from holdfast.core.ids import ALPHABET

STEP = 30
_DRIFT = 1
_CODES = 10
# As with references: letters that are misread for another.
_MISREAD = str.maketrans("ILOU", "110V")


def new_secret() -> str:
    """160 random bits in base 32."""
    return pyotp.random_base32()


def enrolment_uri(secret: str, email: str, organisation: str) -> str:
    """What an authenticator app reads from the QR code."""
    return pyotp.TOTP(secret, interval=STEP).provisioning_uri(name=email, issuer_name=organisation)


def qr_svg(uri: str) -> str:
    """The QR code as an SVG element, dark modules in the text's colour, with its quiet zone."""
    out = io.BytesIO()
    segno.make(uri, error="m").save(
        out, kind="svg", xmldecl=False, svgns=True, scale=4, border=4, dark="#000", light="#fff", omitsize=True
    )
    return out.getvalue().decode()


def matching_step(secret: str, code: str, at: datetime, last_step: int | None) -> int | None:
    """The time step whose code this is (one step of drift either way), or None.

    A step up to ``last_step`` is refused: a code that was seen over a shoulder has no second use.
    """
    digits = re.sub(r"\s", "", code)
    if not re.fullmatch(r"[0-9]{6}", digits):
        return None
    generator = pyotp.TOTP(secret, interval=STEP)
    present = int(at.timestamp()) // STEP
    found = None
    for step in range(present - _DRIFT, present + _DRIFT + 1):
        fits = secrets.compare_digest(generator.at(step * STEP), digits)
        if fits and (last_step is None or step > last_step):
            found = step
    return found


def new_recovery_codes() -> list[str]:
    """Ten codes such as ``7K3M9-2QXWZ`` (50 random bits each), shown once."""
    raw = ("".join(secrets.choice(ALPHABET) for _ in range(10)) for _ in range(_CODES))
    return [f"{code[:5]}-{code[5:]}" for code in raw]


def recovery_hash(code: str) -> str | None:
    """What is stored of a recovery code (keyed: 50 bits alone could be searched), or None if it is not one."""
    compact = re.sub(r"[\s-]", "", code).upper().translate(_MISREAD)
    if len(compact) != 10 or any(c not in ALPHABET for c in compact):
        return None
    return key_ring().blind_index(compact, "agent.recovery", CODES).hex()
