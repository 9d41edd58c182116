"""The documents say what is true: links lead somewhere, every setting and dependency has its line."""

import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as forges make them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)", page.read_text("utf-8")):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        there = (page.parent / name).resolve() if name else page
        assert there.exists(), target
        assert not anchor or anchor in anchors(there), target


def test_every_setting_has_its_line() -> None:
    files = ("core/settings.py", "channels/voice/settings.py")
    source = "".join((ROOT / "src/holdfast" / file).read_text("utf-8") for file in files)
    page = (ROOT / "docs/operations/settings.md").read_text("utf-8")
    settings = set(re.findall(r"\"(HOLDFAST_[A-Z_]+)\"", source))
    assert settings
    assert settings == set(re.findall(r"^\| `(HOLDFAST_[A-Z_]+)`", page, re.MULTILINE))


def test_every_dependency_has_its_line() -> None:
    page = (ROOT / "docs/decisions/dependencies.md").read_text("utf-8")
    listed = {name for row in re.findall(r"^\| ([^|]+) \|", page, re.MULTILINE) for name in row.split(", ")}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    needed = {re.split(r"[\[<>=~! ]", line)[0] for line in project["dependencies"]}
    for part in ("console", "widget"):
        needed |= set(json.loads((ROOT / "web" / part / "package.json").read_text("utf-8"))["dependencies"])
    assert needed - listed == set()


def test_no_page_names_this_machine() -> None:
    for page in PAGES:
        assert not re.search(r"/(?:work|root|home)/", page.read_text("utf-8")), page
