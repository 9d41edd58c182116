"""The long tests of messages and of calls, and the reports that say for which code they passed (``make soak``).

``python -m bench.soak`` plays the long chaos test and measures with 10 million stored messages, then writes
docs/operations/soak/<date>.md; and plays 200 calls, of which voice-<date>.md tells. ``--only`` makes one of the two.
``--check`` fails when a newest report was made for other code than there is now: whoever changes a covered folder runs
that soak again.
"""

import argparse
import hashlib
import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench import chat

ROOT = Path(__file__).resolve().parents[1]
REPORTS = ROOT / "docs" / "operations" / "soak"
MESSAGES = 10_000_000
_PASSED = "## Chaos, long: passed"
_HASH = re.compile(r"^covered: ([0-9a-f]{64})$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Kind:
    """A soak: how its reports' names begin, the folders of src/holdfast that they hold for, its part of tests/chaos."""

    prefix: str
    covered: Sequence[str]
    tests: Sequence[str]


CALLS = "tests/chaos/test_calls.py"
MESSAGE_PATH = Kind(
    "",
    ("core", "conversations", "channels/chat", "channels/mail", "channels/webhooks"),
    ("tests/chaos", f"--ignore={CALLS}"),
)
VOICE = Kind("voice-", ("channels/voice",), (CALLS,))
KINDS = {"messages": MESSAGE_PATH, "voice": VOICE}


def covered_hash(kind: Kind) -> str:
    """One hash over names and contents of all Python files of the covered folders."""
    whole = hashlib.sha256()
    for folder in kind.covered:
        for file in sorted((ROOT / "src" / "holdfast" / folder).rglob("*.py")):
            whole.update(f"{file.relative_to(ROOT).as_posix()}\0".encode())
            whole.update(hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()


def check(kind: Kind) -> str | None:
    """None if the newest report is of this code, else what is wrong."""
    reports = sorted(REPORTS.glob(f"{kind.prefix}????-??-??*.md"))
    if not reports:
        return "there is no soak report: run `make soak`"
    text = reports[-1].read_text("utf-8")
    if _PASSED not in text:
        return f"{reports[-1].relative_to(ROOT)} says that the long plays failed"
    found = _HASH.search(text)
    if found is None or found[1] != covered_hash(kind):
        return (
            f"{reports[-1].relative_to(ROOT)} was made for other code in src/holdfast/{{{','.join(kind.covered)}}}: "
            "run `make soak` and commit its report"
        )
    return None


def _chaos(kind: Kind) -> tuple[bool, str]:
    """Whether the long plays passed, and the last lines of what was said: more of them if not."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-s", "--show-capture=no", "--tb=short", *kind.tests],
        cwd=ROOT,
        env={**os.environ, "HOLDFAST_CHAOS": "soak"},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = done.stdout.strip().splitlines()
    return done.returncode == 0, "\n".join(lines[-30 if done.returncode == 0 else -300 :])


def soak(kind: Kind, measured: Callable[[], tuple[bool, str]]) -> bool:
    """Run everything and write the report; whether all of it was good. ``measured``: whether the goals held, and a
    section of the report."""
    code, begun = covered_hash(kind), time.strftime("%Y-%m-%d")
    passed, words = _chaos(kind)
    sys.stderr.write(words + "\n")
    held, section = measured()
    if covered_hash(kind) != code:
        sys.stderr.write("the covered code changed during the soak: no report\n")
        return False
    REPORTS.mkdir(parents=True, exist_ok=True)
    (REPORTS / f"{kind.prefix}{begun}.md").write_text(
        f"# Soak of {begun}\n\n"
        f"Made by `python -m bench.soak` on {platform.machine()}, {os.cpu_count()} processors, "
        f"Python {platform.python_version()}.\n"
        f"It holds for the code of `src/holdfast/` ({', '.join(kind.covered)}) with this hash:\n\n"
        f"covered: {code}\n\n"
        f"{_PASSED if passed else '## Chaos, long: FAILED'}\n\n```\n{words}\n```\n{section}",
        encoding="utf-8",
    )
    return passed and held


def _chat(runs: int, seconds: float, messages: int) -> tuple[bool, str]:
    measured = chat.run(runs, seconds, messages)
    held = all(goal.held for goal in chat.goals(measured))
    title = "every goal held" if held else "a goal was MISSED"
    return held, f"\n## Chat beside its ceiling: {title}\n\n```\n{chat.report(measured)}\n```\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when everything held (or, with --check, when the reports are of this code)."""
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only compare the newest reports with the code")
    parser.add_argument("--only", choices=sorted(KINDS), help="one of the two soaks")
    parser.add_argument("--runs", type=int, default=5, help="interleaved runs of the bench (%(default)s)")
    parser.add_argument("--seconds", type=float, default=8, help="seconds of each measurement (%(default)s)")
    parser.add_argument("--messages", type=int, default=MESSAGES, help="stored messages (%(default)s)")
    given = parser.parse_args(arguments)
    if given.check:
        wrong = [found for kind in KINDS.values() if (found := check(kind)) is not None]
        sys.stdout.write("\n".join(wrong or ["the soak reports are of this code"]) + "\n")
        return 1 if wrong else 0
    good = True
    if given.only != "voice":
        good &= soak(MESSAGE_PATH, partial(_chat, given.runs, given.seconds, given.messages))
    if given.only != "messages":
        good &= soak(VOICE, lambda: (True, ""))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
