"""Which mutants of the pure promise modules live: small wrong changes that no test sees (``make soak``).

``python -m bench.mutants``; mutmut changes one thing after the other in each module below, nothing left out, and plays
the tests of that module, which need no database. What lives is named in bench/mutants.md with the reason why it cannot
be told apart, or fails the run, as a share of killed ones below the aim does. Works in a temporary folder.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EXPLAINED = ROOT / "bench" / "mutants.md"
MODULES = ("model", "calendars", "policies", "book", "entries")
TESTS = ("__init__", "reference", "strategies", "beside", "test_model", "test_merging", "test_calendars", "test_book")
AIM = 0.95
_CONFIG = f"""
[tool.mutmut]
source_paths = ["src/"]
only_mutate = [{", ".join(f'"src/holdfast/promises/{name}.py"' for name in MODULES)}]
pytest_add_cli_args_test_selection = ["tests/promises"]
pytest_add_cli_args = ["-p", "no:cacheprovider", "-q"]
use_git_change_detection = false
track_dependencies = false
"""
_RESULT = re.compile(r"^\s*(\S+__mutmut_\d+): (.+)$", re.MULTILINE)
# A mutant that never ends is noticed, too.
_KILLED = frozenset({"killed", "timeout", "segfault", "caught by type check"})


def prepare(folder: Path) -> None:
    """The package and those tests, without the repository's own fixtures: they would start a database."""
    shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
    tests = folder / "tests" / "promises"
    tests.mkdir(parents=True)
    (folder / "tests" / "__init__.py").touch()
    for name in TESTS:
        shutil.copy(ROOT / "tests" / "promises" / f"{name}.py", tests)
    (folder / "pyproject.toml").write_text(_CONFIG, "utf-8")


def run(folder: Path, children: int) -> dict[str, str]:
    """Each mutant and what became of it."""
    environment = {**os.environ, "PYTHONPATH": str(folder), "HOLDFAST_EXAMPLES": "0.1"}
    program = str(Path(sys.executable).with_name("mutmut"))
    done = subprocess.run(
        [program, "run", "--max-children", str(children)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    listed = subprocess.run(
        [program, "results", "--all", "true"], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    found = dict(_RESULT.findall(listed.stdout))
    if not found:
        raise RuntimeError(
            f"no mutant was tried:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}\n{listed.stderr[-2000:]}"
        )
    return found


def difference(folder: Path, mutant: str) -> str:
    shown = subprocess.run(
        [str(Path(sys.executable).with_name("mutmut")), "show", mutant],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    return "\n".join(line for line in shown.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---"))


def explained() -> set[str]:
    """The mutants that bench/mutants.md gives a reason for, by their changed line: names are numbers, and move."""
    text = EXPLAINED.read_text("utf-8") if EXPLAINED.exists() else ""
    return {_squeezed(block) for block in re.findall(r"```diff\n(.*?)```", text, re.DOTALL)}


def _squeezed(lines: str) -> str:
    return "\n".join(" ".join(line.split()) for line in lines.strip().splitlines())


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.mutants", description=__doc__)
    parser.add_argument("--children", type=int, default=os.cpu_count() or 2, help="side by side (%(default)s)")
    given = parser.parse_args()
    begun = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="holdfast-mutants-"))
    try:
        prepare(folder)
        found = run(folder, given.children)
        living = sorted(name for name, what in found.items() if what not in _KILLED)
        known, unexplained = explained(), []
        for name in living:
            changed = difference(folder, name)
            reason = _squeezed(changed) in known
            unexplained += [] if reason else [name]
            sys.stdout.write(f"{name}: {found[name]}, {'explained' if reason else 'NOT EXPLAINED'}\n{changed}\n\n")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    share = 1 - len(living) / len(found)
    counts = ", ".join(f"{n} {what}" for what, n in sorted(Counter(found.values()).items()))
    sys.stdout.write(
        f"{len(found)} mutants of {', '.join(MODULES)}: {counts}; {share:.1%} killed (aim {AIM:.0%}), "
        f"{len(unexplained)} living ones not explained, {time.monotonic() - begun:.0f} s\n"
    )
    return 0 if share >= AIM and not unexplained else 1


if __name__ == "__main__":
    sys.exit(main())
