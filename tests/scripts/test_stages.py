"""What fails beside everything else is run once more, and named (scripts/stages.sh)."""

import subprocess
import sys
from pathlib import Path

STAGES = Path(__file__).parents[2] / "scripts" / "stages.sh"
# Each fails as often as is left in its file.
TESTS = """
import pathlib, pytest

@pytest.mark.parametrize("number", range(6))
def test_it(number):
    left = pathlib.Path(f"left-{number}")
    if left.exists():
        times = int(left.read_text())
        left.write_text(str(times - 1))
        assert times <= 0
"""


def played(folder: Path, *failures: int) -> tuple[int, str]:
    """The stage's status, and what it said, when each of the first tests fails so often."""
    (folder / "test_given.py").write_text(TESTS)
    for number, times in enumerate(failures):
        (folder / f"left-{number}").write_text(str(times))
    script = f"source {STAGES}; runner=({sys.executable} -m pytest); stage given -q"
    done = subprocess.run(["bash", "-c", script], cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_what_fails_once_passes_and_is_named(tmp_path: Path) -> None:
    status, said = played(tmp_path, 1, 0, 1)
    assert status == 0
    assert "SECOND RUN of 2 tests of the stage given" in said
    assert "test_given.py::test_it[2]" in said.partition("SECOND RUN")[2]


def test_nothing_is_run_again_without_need(tmp_path: Path) -> None:
    status, said = played(tmp_path)
    assert (status, "SECOND RUN" in said) == (0, False)


def test_what_fails_twice_fails(tmp_path: Path) -> None:
    assert played(tmp_path, 2)[0] != 0


def test_more_than_three_fail(tmp_path: Path) -> None:
    status, said = played(tmp_path, 1, 1, 1, 1)
    assert (status != 0, "SECOND RUN" in said) == (True, False)


def test_a_fault_of_the_collection_fails(tmp_path: Path) -> None:
    (tmp_path / "test_broken.py").write_text("import nothing_of_the_kind")
    assert played(tmp_path)[0] != 0
