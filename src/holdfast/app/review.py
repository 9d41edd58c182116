"""``holdfast review``: the facts of the periodic security review, on paper."""

import asyncio
import sys
from datetime import timedelta

import msgspec

from holdfast.app.start import started
from holdfast.core.clock import now
from holdfast.core.settings import Settings
from holdfast.privacy.review import Facts, Finding, facts


def main(settings: Settings, dsn: str, *, days: int, as_json: bool) -> int:
    """0 when nothing asks for attention, else 1."""

    async def collect() -> Facts:
        async with started(settings, dsn) as database, database.transaction() as session:
            return await facts(session, settings, now() - timedelta(days=days), now())

    found = asyncio.run(collect())
    if as_json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(found)).decode() + "\n")
    else:
        sys.stdout.write(text(found))
    return 1 if any(section.attention for section in found.sections) else 0


def text(found: Facts) -> str:
    """A page of plain text; what needs an eye is marked."""
    lines = [f"Security review, {found.since:%Y-%m-%d} to {found.until:%Y-%m-%d} (UTC)"]
    for section in found.sections:
        lines += ["", section.id.replace("_", " ").upper()]
        lines += [_line(finding) for finding in section.findings] or ["   nothing"]
    attention = sum(section.attention for section in found.sections)
    lines += [
        "",
        f"{attention} of these ask for a person's eye" if attention else "Nothing here asks for a person's eye.",
    ]
    return "\n".join(lines) + "\n"


def _line(finding: Finding) -> str:
    told = ", ".join(f"{name} {_shown(value)}" for name, value in finding.params.items())
    return f"{' !' if finding.attention else '  '} {finding.id.replace('_', ' ')}{': ' if told else ''}{told}"


def _shown(value: object) -> str:
    if isinstance(value, list):
        return "/".join(map(str, value)) or "none"
    return "none" if value is None else str(value)
