"""The bill of materials and the audit of dependencies: complete, always the same, never green without an answer."""

import json
from datetime import date
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from holdfast.core import advisories

ROOT = Path(__file__).resolve().parents[2]
TODAY = date(2026, 11, 26)


def script(name: str) -> ModuleType:
    loader = SourceFileLoader(name.replace("-", "_"), str(ROOT / "scripts" / name))
    spec = spec_from_loader(loader.name, loader)
    assert spec is not None
    made = module_from_spec(spec)
    loader.exec_module(made)
    return made


audit = script("audit-dependencies")
sbom = script("sbom")

NOTHING: dict[str, Any] = {"audits": {"python": {"audited_on": None, "findings": []}}, "waivers": []}
FAULT = {"package": "a", "version": "1", "id": "GHSA-1"}


def test_the_bill_has_everything_that_is_pinned_and_is_the_same_each_time() -> None:
    made = sbom.bill()
    assert json.dumps(made) == json.dumps(sbom.bill())
    named = {component["purl"] for component in made["components"] if component["scope"] == "required"}
    pinned = [
        line.split(" ")[0].lower()
        for line in (ROOT / "requirements" / "run.txt").read_text().splitlines()
        if "==" in line and not line.startswith((" ", "#"))
    ]
    assert len(pinned) > 30
    assert {f"pkg:pypi/{line.replace('==', '@')}" for line in pinned} <= named
    lock = json.loads((ROOT / "web" / "widget" / "package-lock.json").read_text())
    shipped = {f"pkg:npm/preact@{lock['packages']['node_modules/preact']['version']}"}
    assert shipped <= named
    references = [component["bom-ref"] for component in made["components"]]
    assert references == sorted(set(references))
    assert "timestamp" not in json.dumps(made["metadata"])


def test_no_answer_is_not_a_good_answer() -> None:
    """pip-audit says "no known vulnerabilities" of packages that it could not look up (seen behind a mirror)."""
    skipped = {"dependencies": [{"name": "a", "skip_reason": "not found"}], "fixes": []}
    assert audit.of_python(json.dumps(skipped)) is None
    mixed = {"dependencies": [{"name": "b", "version": "1", "vulns": []}, *skipped["dependencies"]]}
    assert audit.of_python(json.dumps(mixed)) is None
    for broken in ("", "no network", "{}", '{"dependencies": []}'):
        assert audit.of_python(broken) is None
    # npm's word behind a mirror that knows no advisories.
    for broken in ("", '{"message": "405 Method Not Allowed", "statusCode": 405}', '{"vulnerabilities": {}}'):
        assert audit.of_npm(broken) is None


def test_answers_are_read() -> None:
    said = {"dependencies": [{"name": "a", "version": "1", "vulns": [{"id": "GHSA-1"}]}]}
    assert audit.of_python(json.dumps(said)) == [FAULT]
    npm = {
        "vulnerabilities": {
            "a": {"range": "1", "via": [{"url": "https://github.com/advisories/GHSA-1"}]},
            "b": {"range": "2", "via": ["a"]},
        },
        "metadata": {"vulnerabilities": {"total": 2}},
    }
    assert audit.of_npm(json.dumps(npm)) == [FAULT]


def test_a_known_fault_fails_until_it_is_waived_and_again_when_the_waiver_ends() -> None:
    after, faults, words = audit.judge(NOTHING, {"python": [FAULT]}, TODAY, strict=False)
    assert len(faults) == 1
    assert words == ["python: audited, 1 known"]
    assert after["audits"]["python"]["audited_on"] == "2026-11-26"
    # Nobody answers later: the last answer still counts.
    _, faults, words = audit.judge(after, {"python": None}, date(2026, 12, 1), strict=False)
    assert len(faults) == 1
    assert words == ["python: advisories NOT REACHABLE, last answer 2026-11-26, 5 days ago"]
    waiving = {**after, "waivers": [{"id": "GHSA-1", "why": "not called", "until": "2026-12-31"}]}
    assert audit.judge(waiving, {"python": None}, date(2026, 12, 31), strict=False)[1] == []
    assert len(audit.judge(waiving, {"python": None}, date(2027, 1, 1), strict=False)[1]) == 1


@pytest.mark.parametrize(("on", "fails"), [(None, True), ("2026-10-26", True), ("2026-10-27", False)])
def test_a_release_needs_a_fresh_answer(on: str | None, fails: bool) -> None:
    known = {"audits": {"python": {"audited_on": on, "findings": []}}, "waivers": []}
    assert bool(audit.judge(known, {"python": None}, TODAY, strict=True)[1]) is fails
    assert audit.judge(known, {"python": None}, TODAY, strict=False)[1] == []


def test_what_the_review_reads(tmp_path: Path) -> None:
    found = advisories.audits()
    assert {entry.ecosystem for entry in found} == {"console", "python", "widget"}
    file = tmp_path / "advisories.json"
    after, _, _ = audit.judge(NOTHING, {"python": [FAULT, {**FAULT, "id": "GHSA-2"}]}, TODAY, strict=False)
    waiving = {**after, "waivers": [{"id": "GHSA-2", "why": "not called", "until": "2027-01-01"}]}
    file.write_text(json.dumps(audit.judge(waiving, {"python": None}, TODAY, strict=False)[0]))
    (entry,) = advisories.audits(file)
    assert entry.known == ("a 1: GHSA-1",)
    assert entry.age(date(2026, 12, 6)) == 10
    assert advisories.Audit("x", None, ()).age(TODAY) is None
    with pytest.raises((ValueError, KeyError)):
        file.write_text("{}")
        advisories.audits(file)
