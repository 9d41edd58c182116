"""Every audited action has words in the console, in both of its languages."""

import ast
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Where the action is computed, what it can be.
COMPUTED = {
    "BLOCKED": {"outgoing.blocked"},
    "act": {f"automation.rule_{done}" for done in ("saved", "on", "off", "moved", "removed")},
    "action": {"agent.activated", "agent.deactivated", "verification.compromised", "verification.safe"},
    "f'call.{mode}'": {"call.listen", "call.whisper", "call.barge"},
    "f'privacy.{kind}_asked'": {"privacy.export_asked", "privacy.erasure_asked"},
}


def actions() -> set[str]:
    """The third argument of every ``record(session, viewer, action, …)``."""
    found: set[str] = set()
    for path in (ROOT / "src/holdfast").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "record"):
                continue
            action = node.args[2]
            if isinstance(action, ast.Constant):
                found.add(str(action.value))
            else:
                words = ast.unparse(action)
                assert words in COMPUTED, f"{path}: say in COMPUTED what {words} can be"
                found |= COMPUTED[words]
    return found


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_every_audited_action_has_words(language: str) -> None:
    file = ROOT / f"web/console/src/features/audit/locales/{language}.json"
    worded = json.loads(file.read_text("utf-8"))["action"]
    known = actions()
    assert len(known) > 50, "the test looks in the wrong place"
    assert sorted(action for action in known if action.replace(".", "_") not in worded) == []
