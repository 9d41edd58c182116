"""The take-down pack of a case: a ZIP that its host, registrar or app store can check by itself. Pure.

Nothing is fetched: who owns an address is asked by the person who sends the pack (``whois.txt`` says how).
"""

import hashlib
import html
import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from holdfast.core.i18n import translate

_WHOIS = """Holdfast asks nobody outside. Whoever sends this pack looks these up, and adds them with the time:

registrar (RDAP: https://rdap.org/domain/…):
host of the address (RDAP: https://rdap.org/ip/…):
abuse contact:
store's or platform's form:
"""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One report: its ``words`` are redacted already; ``files`` are ``(name, bytes)``."""

    at: datetime
    source: str
    language: str
    words: str
    files: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Pack:
    """What goes into it. ``states`` are ``(state, time)``, ``register`` the signed document."""

    reference: str
    kind: str
    target: str
    organisation: str
    contact: str
    made: datetime
    states: Sequence[tuple[str, datetime]]
    reports: Sequence[Evidence]
    register: dict[str, Any]


def letter(pack: Pack, language: str) -> str:
    """To whoever can take it down, in this language."""
    paragraphs = [
        translate("Notice of impersonation", language) + f": {pack.target}",
        translate(
            "{target} pretends to be {organisation}, the wallet's support, in order to steal its customers' money.",
            language,
            target=pack.target,
            organisation=pack.organisation,
        ),
        translate(
            "It does not belong to {organisation}. All our official channels are in the enclosed signed register.",
            language,
            organisation=pack.organisation,
        ),
        translate(
            "Please take it down, keep its records for the authorities, and answer to {contact}.",
            language,
            contact=pack.contact,
        ),
        translate("The enclosed files are listed with their SHA-256 in manifest.json.", language),
        f"{pack.organisation}, {pack.made:%Y-%m-%d}",
    ]
    return "\n\n".join(paragraphs) + "\n"


def build(pack: Pack) -> bytes:
    """The archive. The same case at the same time gives the same bytes."""
    files: dict[str, bytes] = {"letter-en.txt": letter(pack, "en").encode(), "whois.txt": _WHOIS.encode()}
    for language in sorted({report.language for report in pack.reports} - {"en"}):
        files[f"letter-{language}.txt"] = letter(pack, language).encode()
    reports = []
    for number, report in enumerate(sorted(pack.reports, key=lambda report: report.at), 1):
        names = []
        for place, (name, data) in enumerate(report.files, 1):
            path = f"evidence/{number:03d}-{place}{_ending(name)}"
            files[path] = data
            names.append(path)
        reports.append(
            {
                "at": report.at.isoformat(timespec="seconds"),
                "source": report.source,
                "language": report.language,
                "words": report.words,
                "files": names,
            }
        )
    case = {
        "case": pack.reference,
        "kind": pack.kind,
        "target": pack.target,
        "organisation": pack.organisation,
        "made": pack.made.isoformat(timespec="seconds"),
        "states": [{"state": state, "at": at.isoformat(timespec="seconds")} for state, at in pack.states],
        "reports": reports,
    }
    files["case.json"] = _json(case)
    files["register.json"] = _json(pack.register)
    files["report.html"] = _page(pack, case).encode()
    listed = {name: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)} for name, data in files.items()}
    files["manifest.json"] = _json({"case": pack.reference, "made": case["made"], "files": listed})
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, date_time=pack.made.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, files[name])
    return out.getvalue()


def _ending(name: str) -> str:
    _, dot, ending = name.rpartition(".")
    return f".{ending.lower()}" if dot and ending.isalnum() and len(ending) <= 5 else ""


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True).encode() + b"\n"


def _page(pack: Pack, case: dict[str, Any]) -> str:
    e = html.escape
    rows = "".join(
        f"<tr><td>{e(report['at'])}</td><td>{e(report['source'])}</td><td>{e(report['language'])}</td>"
        f"<td>{e(report['words'])}</td><td>{e(', '.join(report['files']))}</td></tr>"
        for report in case["reports"]
    )
    states = "".join(f"<li>{e(state['at'])} {e(state['state'])}</li>" for state in case["states"])
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{e(pack.target)}</title>'
        f"<h1>Impersonation of {e(pack.organisation)}: {e(pack.target)}</h1>"
        f"<p>Case {e(pack.reference)}, {e(pack.kind)}, made {e(case['made'])} (UTC)</p><ol>{states}</ol>"
        "<table border=1><tr><th>time (UTC)<th>by<th>language<th>words (secrets removed)<th>files</tr>"
        f"{rows}</table></html>"
    )
