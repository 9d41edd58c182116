"""What the last audit of our dependencies found, and when it was: written by ``scripts/audit-dependencies``, shipped
with the package, and read by the periodic security review."""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

FILE = Path(__file__).with_name("advisories.json")


@dataclass(frozen=True, slots=True)
class Audit:
    """One ecosystem (python, console, widget): ``audited_on`` is the last time the advisories could be fetched (None:
    never), ``known`` are those that were not waived then, as ``package version: id``."""

    ecosystem: str
    audited_on: date | None
    known: tuple[str, ...]

    def age(self, today: date) -> int | None:
        """Days since the last audit that really looked; None: there never was one."""
        return None if self.audited_on is None else (today - self.audited_on).days


def audits(file: Path = FILE) -> list[Audit]:
    """Raises ValueError, KeyError, OSError for a file that is damaged or missing: no answer is not a good answer."""
    found = json.loads(file.read_text("utf-8"))["audits"]
    return [
        Audit(
            ecosystem,
            date.fromisoformat(entry["audited_on"]) if entry["audited_on"] else None,
            tuple(f"{f['package']} {f['version']}: {f['id']}" for f in entry["findings"] if not f.get("waived")),
        )
        for ecosystem, entry in sorted(found.items())
    ]
