"""The catalogues that the pages are worded from: tests name keys, never words."""

import json
from functools import cache
from pathlib import Path
from typing import Any

_WEB = Path(__file__).resolve().parents[2] / "web"


@cache
def _widget(language: str) -> dict[str, Any]:
    """The start's texts and those of the parts that are loaded on demand."""
    texts: dict[str, Any] = {}
    for folder in ("locales", "more/locales", "guard/locales"):
        texts |= json.loads((_WEB / "widget/src" / folder / f"{language}.json").read_text("utf-8"))
    return texts


@cache
def _console(area: str, language: str) -> dict[str, Any]:
    (file,) = (_WEB / "console/src").glob(f"**/{area}/locales/{language}.json")
    return dict(json.loads(file.read_text("utf-8")))


def widget(key: str, language: str = "en", **values: str) -> str:
    """A line of the widget."""
    return _fill(_widget(language)[key], values)


def console(key: str, language: str = "en", **values: str) -> str:
    """A line of the console; the key begins with its area."""
    area, *path = key.split(".")
    found: Any = _console(area, language)
    for part in path:
        found = found[part]
    return _fill(found, values)


def _fill(text: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return text
