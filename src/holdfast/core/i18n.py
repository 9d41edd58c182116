"""Languages: which ones there are, which one a reader gets, and the server's catalogues (gettext)."""

import functools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po

# Complete for everything a customer or agent can see.
LANGUAGES = (
    "en", "zh-Hans", "zh-Hant", "ja", "ko", "vi", "id", "th", "ru", "es", "pt", "tr", "fr", "de", "ar",
)  # fmt: skip
_LOCALES = Path(__file__).resolve().parents[3] / "locales"
_TRADITIONAL = {"tw", "hk", "mo", "hant"}
# Old and narrower codes that devices still send: Java and Android say "in" for Indonesian, some browsers "cmn".
_SAME = {"in": "id", "cmn": "zh", "yue": "zh-hant"}


def negotiate(accepted: str | None) -> str:
    """The first language we have of an ``Accept-Language`` header or a tag; English if there is none.

    Chinese is told apart by script: Hant, or a region that writes it (TW, HK, MO); else Hans.
    """
    weighted: list[tuple[float, int, str]] = []
    for place, part in enumerate((accepted or "")[:500].split(",")):
        tag, _, rest = part.strip().partition(";")
        weight = re.fullmatch(r"\s*q=([0-9.]{1,5})\s*", rest)
        try:
            weighted.append((-float(weight[1]) if weight else -1.0, place, tag.lower().replace("_", "-")))
        except ValueError:
            continue
    for weight_, _, tag in sorted(weighted):
        base, *subtags = tag.split("-")
        base, *more = _SAME.get(base, base).split("-")
        if weight_ == 0:
            continue
        if base == "zh":
            written = {*subtags, *more}
            return "zh-Hant" if "hans" not in written and _TRADITIONAL & written else "zh-Hans"
        if base in LANGUAGES:
            return base
    return "en"


@functools.cache
def _catalogue(language: str) -> dict[str, str]:
    path = _LOCALES / language / "LC_MESSAGES" / "holdfast.po"
    if not path.exists():
        return {}
    with path.open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file) if m.id and m.string and not m.fuzzy}


class _Params(dict[str, Any]):
    """A placeholder without a value is left open: a message must never fail over its own wording."""

    def __missing__(self, key: str) -> str:
        return "…"


def filled(template: str, params: Mapping[str, Any]) -> str:
    """The template with its ``{placeholders}`` filled."""
    return template.format_map(_Params(params)) if "{" in template else template


def translate(msgid: str, language: str, /, **params: Any) -> str:
    """``msgid`` in ``language`` with its placeholders filled; English (the msgid) where a translation is missing."""
    return filled(_catalogue(language).get(msgid, msgid), params)
