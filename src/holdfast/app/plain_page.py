"""Pages for everybody: plain HTML that needs neither a sign-in nor JavaScript."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Response

from holdfast.core.http import STATUS_OK

# Own names, in the order of the widget's picker.
NAMES = {
    "en": "English", "zh-Hans": "简体中文", "zh-Hant": "繁體中文", "ja": "日本語", "ko": "한국어", "vi": "Tiếng Việt",
    "id": "Bahasa Indonesia", "th": "ไทย", "ru": "Русский", "es": "Español", "pt": "Português", "tr": "Türkçe",
    "fr": "Français", "de": "Deutsch", "ar": "العربية",
}  # fmt: skip
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# A form's Origin must be told, or it would be refused as foreign; what was sent is in no cache.
FORM = {"Referrer-Policy": "same-origin", "Cache-Control": "no-store"}
# Behind a link of somebody's own.
OF_A_LINK = {**FORM, "X-Robots-Tag": "noindex"}

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def direction(language: str) -> str:
    return "rtl" if language == "ar" else "ltr"


def written(at: datetime, form: str, language: str) -> str:
    """A time in UTC. Among Arabic letters its groups of digits would change places: it is isolated there."""
    said = at.strftime(form)
    return f"\N{LEFT-TO-RIGHT ISOLATE}{said}\N{POP DIRECTIONAL ISOLATE}" if direction(language) == "rtl" else said


def plain_page(
    template: str, language: str, headers: Mapping[str, str], *, status: int = STATUS_OK, **values: Any
) -> Response[bytes]:
    """``template`` extends plain.html and needs a ``title``."""
    body = _TEMPLATES.get_template(template).render(language=language, direction=direction(language), **values)
    return Response(
        body.encode(),
        status_code=status,
        media_type="text/html; charset=utf-8",
        headers={"Content-Security-Policy": _POLICY, "Content-Language": language, **headers},
    )
