"""The ways in which people are told, and how an address of each is written. Pure but for the rules of outgoing."""

import re
from typing import Literal
from urllib.parse import urlsplit

from holdfast.core.outgoing import Refused, Rules, parse
from holdfast.paging.web_push import keys_of

Kind = Literal["mail", "ntfy", "telegram", "sms", "call", "webhook", "push"]
# Carried by an account of the organisation, which an administrator names.
PROVIDED = ("telegram", "sms", "call")
_PATTERNS = {
    "mail": r"[^@\s<>,;]{1,64}@[^@\s<>,;]{1,190}",
    "telegram": r"-?[0-9]{4,20}",
    "sms": r"\+[1-9][0-9]{6,14}",
    "call": r"\+[1-9][0-9]{6,14}",
}


def usable(kind: str, address: str, rules: Rules, secret: str | None = None) -> bool:
    """Whether it is written as it must be; whether it arrives, the code shows. ``secret``: the access token of an ntfy
    topic that is not open to all, or the keys of a browser's subscription."""
    if not _fits(kind, secret):
        return False
    if kind in _PATTERNS:
        return re.fullmatch(_PATTERNS[kind], address) is not None
    try:
        parse(address, rules)
    except Refused:
        return False
    parts = urlsplit(address)
    # The endpoint of a browser is what its maker's push service says.
    plain = kind == "push" or not (parts.query or parts.fragment)
    return plain and (kind != "ntfy" or re.fullmatch(r"/[\w-]{1,64}", parts.path) is not None)


def _fits(kind: str, secret: str | None) -> bool:
    if kind == "push":
        return keys_of(secret or "") is not None
    return secret is None or (kind == "ntfy" and re.fullmatch(r"\w{1,100}", secret, re.ASCII) is not None)


def carrier(kind: str) -> str:
    """What fails together: a telephone that is off gets neither text nor call."""
    return "telephone" if kind in {"sms", "call"} else kind


def independent(kinds: list[str]) -> bool:
    """Whether there are two that do not fail together."""
    return len({carrier(kind) for kind in kinds}) > 1
