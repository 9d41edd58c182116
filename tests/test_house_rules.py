"""Rules that decisions rest on (docs/decisions) and that no type or linter sees."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.sql.elements import TextClause

from holdfast.conversations.models import Conversation
from holdfast.core.ids import new_id

SOURCE = Path(__file__).resolve().parents[1] / "src" / "holdfast"
# What the batching writer changes of a conversation with every message (conversations/writer.py).
HOT = {"seq", "version", "preview", "last_from", "last_at", "answered_at", "waiting_since", "next_due"}


def modules() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(SOURCE.rglob("*.py")):
        yield path.relative_to(SOURCE), ast.parse(path.read_text("utf-8"))


def imported(tree: ast.Module) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def calls(tree: ast.Module) -> set[str]:
    """The names of called methods."""
    return {
        node.func.attr for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }


def test_only_http_files_and_the_composition_know_the_web_framework() -> None:
    """Decision 0003."""
    knowing = {path for path, tree in modules() if any(name.split(".")[0] == "litestar" for name in imported(tree))}
    assert knowing, "the test looks in the wrong place"
    assert [str(path) for path in knowing if path.parts[0] != "app" and not path.name.startswith("http")] == []


def test_only_the_edge_commits() -> None:
    """Decision 0011: one request or job, one transaction."""
    committing = [str(path) for path, tree in modules() if "commit" in calls(tree)]
    assert set(committing) <= {"core/database.py"}


def test_no_job_is_enqueued_for_later() -> None:
    """Decision 0006: what is due later is a row of ``due``."""
    for path, tree in modules():
        words = {keyword.arg for node in ast.walk(tree) if isinstance(node, ast.Call) for keyword in node.keywords}
        assert not words & {"schedule_at", "schedule_in"}, path


@pytest.mark.parametrize("index", Conversation.__table__.indexes, ids=lambda index: str(index.name))  # type: ignore[attr-defined]  # declared as FromClause, is a Table
def test_no_index_of_a_conversation_touches_the_hot_path(index: object) -> None:
    """Decision 0009: otherwise an update can no longer be heap-only."""
    columns = {column.name for column in index.columns}  # type: ignore[attr-defined]
    where = index.dialect_options["postgresql"]["where"]  # type: ignore[attr-defined]
    predicate = where.text if isinstance(where, TextClause) else ""
    assert not columns & HOT
    assert not [column for column in HOT if column in predicate]


def test_new_identifiers_are_of_version_7_and_in_order() -> None:
    """Decision 0011."""
    made = [new_id() for _ in range(100)]
    assert {identifier.version for identifier in made} == {7}
    assert made == sorted(made)
