"""The long tests of the hot path, and the report that says for which code they passed (``make soak``).

``python -m bench.soak`` plays the long chaos test and measures with 10 million stored messages, then writes
docs/operations/soak/<date>.md. ``--check`` fails when the newest report was made for other code than there is now:
whoever changes a covered folder runs the soak again.
"""

import argparse
import hashlib
import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bench import chat

ROOT = Path(__file__).resolve().parents[1]
REPORTS = ROOT / "docs" / "operations" / "soak"
COVERED = ("core", "conversations", "channels/chat", "channels/mail", "channels/webhooks")
MESSAGES = 10_000_000
_HASH = re.compile(r"^covered: ([0-9a-f]{64})$", re.MULTILINE)


def covered_hash() -> str:
    """One hash over names and contents of all Python files of the covered folders."""
    whole = hashlib.sha256()
    for folder in COVERED:
        for file in sorted((ROOT / "src" / "holdfast" / folder).rglob("*.py")):
            whole.update(f"{file.relative_to(ROOT).as_posix()}\0".encode())
            whole.update(hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()


def check() -> str | None:
    """None if the newest report is of this code, else what is wrong."""
    reports = sorted(REPORTS.glob("????-??-??*.md"))
    if not reports:
        return "there is no soak report: run `make soak`"
    found = _HASH.search(reports[-1].read_text("utf-8"))
    if found is None or found[1] != covered_hash():
        return (
            f"{reports[-1].relative_to(ROOT)} was made for other code in src/holdfast/{{{','.join(COVERED)}}}: "
            "run `make soak` and commit its report"
        )
    return None


def _chaos() -> tuple[bool, str]:
    """Whether the long play and its mutant passed, and pytest's last lines."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "tests/chaos"],
        cwd=ROOT,
        env={**os.environ, "HOLDFAST_CHAOS": "soak"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode == 0, "\n".join(done.stdout.strip().splitlines()[-15:])


def soak(runs: int, seconds: float, messages: int) -> bool:
    """Run everything and write the report; whether all of it was good."""
    code, begun = covered_hash(), time.strftime("%Y-%m-%d")
    passed, words = _chaos()
    sys.stderr.write(words + "\n")
    measured = chat.run(runs, seconds, messages)
    held = all(goal.held for goal in chat.goals(measured))
    if covered_hash() != code:
        sys.stderr.write("the covered code changed during the soak: no report\n")
        return False
    REPORTS.mkdir(parents=True, exist_ok=True)
    (REPORTS / f"{begun}.md").write_text(
        f"# Soak of {begun}\n\n"
        f"Made by `python -m bench.soak` on {platform.machine()}, {os.cpu_count()} processors, "
        f"Python {platform.python_version()}.\n"
        f"It holds for the code of `src/holdfast/` ({', '.join(COVERED)}) with this hash:\n\n"
        f"covered: {code}\n\n"
        f"## Chaos, long: {'passed' if passed else 'FAILED'}\n\n```\n{words}\n```\n\n"
        f"## Chat beside its ceiling: {'every goal held' if held else 'a goal was MISSED'}\n\n"
        f"```\n{chat.report(measured)}\n```\n",
        encoding="utf-8",
    )
    return passed and held


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when everything held (or, with --check, when the report is of this code)."""
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only compare the newest report with the code")
    parser.add_argument("--runs", type=int, default=5, help="interleaved runs of the bench (%(default)s)")
    parser.add_argument("--seconds", type=float, default=8, help="seconds of each measurement (%(default)s)")
    parser.add_argument("--messages", type=int, default=MESSAGES, help="stored messages (%(default)s)")
    given = parser.parse_args(arguments)
    if given.check:
        wrong = check()
        sys.stdout.write(f"{wrong or 'the soak report is of this code'}\n")
        return 1 if wrong else 0
    return 0 if soak(given.runs, given.seconds, given.messages) else 1


if __name__ == "__main__":
    sys.exit(main())
