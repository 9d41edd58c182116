"""What is left of a personal value when it is masked, and what the policy leaves of a value for a viewer."""

import re
from collections.abc import Callable, Iterable

from holdfast.access.policy import Field, Sight

DOTS = "••••"
# Where the personal parts of a text are, in order and apart from each other: (what it is, from, to).
TextFinder = Callable[[str], Iterable[tuple[Field, int, int]]]

_find: TextFinder | None = None


def use_text_finder(find: TextFinder) -> None:
    """Set how the process finds what is personal in free text (once, at start). Until then no text is shown at all."""
    global _find  # noqa: PLW0603 - the process has one
    _find = find


def shown(value: str | None, field: Field, sight: Sight) -> str | None:
    """What is shown of ``value``: itself, its mask, or nothing."""
    if value is None or sight is Sight.HIDDEN:
        return None
    return value if sight is Sight.CLEAR else masked(field, value)


def shown_text(text: str, sight: Sight) -> str:
    """Free text as it is shown: hidden is empty."""
    return shown(text, Field.TEXT, sight) or ""


def masked(field: Field, value: str) -> str:
    """Enough to recognise a value one knows, too little to use it: ``l••••@qq.com``, ``+86 ••••• 4417``,
    ``TQn9••••x7Kd``, ``L••••``. Text keeps everything but the personal parts."""
    return _text(value) if field is Field.TEXT else _MASKS.get(field, _ends)(value)


def _text(value: str) -> str:
    if _find is None:
        return DOTS if value else ""
    parts, at = [], 0
    for field, start, end in _find(value):
        parts += [value[at:start], masked(field, value[start:end])]
        at = end
    return "".join([*parts, value[at:]])


def _first(value: str) -> str:
    return f"{value.strip()[:1]}{DOTS}" if value.strip() else ""


def _ends(value: str) -> str:
    return f"{value[:1]}{DOTS}{value[-2:]}" if len(value) >= 8 else DOTS


def _mail(value: str) -> str:
    name, at, domain = value.rpartition("@")
    return f"{name[:1]}{DOTS}@{domain}" if at else _ends(value)


def _wallet(value: str) -> str:
    return f"{value[:4]}{DOTS}{value[-4:]}" if len(value) >= 20 else _ends(value)


def _phone(value: str) -> str:
    digits = re.sub(r"\D", "", value)
    if len(digits) < 8:
        return DOTS
    prefix = re.match(r"\s*(\+\d{1,3})[\s(-]", value)
    return f"{prefix[1]} ••••• {digits[-4:]}" if prefix else f"••••• {digits[-4:]}"


def _network(value: str) -> str:
    """The first half of an IPv4 address or the first block of an IPv6 one: whose network, not whose line."""
    separator, kept = (".", 2) if "." in value else (":", 1)
    return separator.join([*value.split(separator)[:kept], DOTS])


def _nothing(_value: str) -> str:
    return DOTS


_MASKS: dict[Field, Callable[[str], str]] = {
    Field.NAME: _first,
    Field.EMAIL: _mail,
    Field.PHONE: _phone,
    Field.WALLET: _wallet,
    Field.NETWORK: _network,
    Field.ADDRESS: _nothing,
    Field.IDENTITY: _nothing,
}
