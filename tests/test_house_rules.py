"""Rules that decisions rest on (docs/decisions) and that no type or linter sees."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.sql.elements import TextClause

from holdfast.access.encrypted import CustomersOwn, Encrypted
from holdfast.app.schema import METADATA
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


# What can open a connection over HTTP; sockets of other kinds are SMTP's and PostgreSQL's.
HTTP_CLIENTS = {"httpx", "httpcore", "aiohttp", "requests", "urllib3", "urllib.request", "http.client"}
# Ask this installation itself, on its own port: is it up, and the demo's traffic.
ASK_OURSELVES = {
    "app/demo_agent.py",
    "app/demo_customer.py",
    "app/demo_stage.py",
    "app/demo_traffic.py",
    "app/supervisor.py",
}
# Fetches signed packages at set-up, as pip does: before there is a loop, and from a mirror that apt's sources name.
AT_SET_UP = {"channels/voice/engine/mirror.py"}


def test_only_one_module_calls_out_over_http() -> None:
    """Decision 0021."""
    calling = {
        path.as_posix()
        for path, tree in modules()
        if any(name == client or name.startswith(client + ".") for name in imported(tree) for client in HTTP_CLIENTS)
    }
    assert calling - ASK_OURSELVES - AT_SET_UP == {"core/outgoing.py"}


def test_only_the_edge_commits() -> None:
    """Decision 0011: one request or job, one transaction."""
    committing = [str(path) for path, tree in modules() if "commit" in calls(tree)]
    assert set(committing) <= {"core/database.py"}


def test_no_job_is_enqueued_for_later() -> None:
    """Decision 0006: what is due later is a row of ``due``."""
    for path, tree in modules():
        words = {keyword.arg for node in ast.walk(tree) if isinstance(node, ast.Call) for keyword in node.keywords}
        assert not words & {"schedule_at", "schedule_in"}, path


# In order: every worker of the tests must collect the same.
INDEXES = sorted(Conversation.__table__.indexes, key=lambda index: str(index.name))  # type: ignore[attr-defined]  # declared as FromClause, is a Table


@pytest.mark.parametrize("index", INDEXES, ids=lambda index: str(index.name))
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


def _reads(handler: ast.AsyncFunctionDef) -> Iterator[ast.Call]:
    """Calls of functions that read, such as ``queries.row(session, …)``."""
    readers = {"queries", "staff_queries", "timeline", "customers", "agents", "explaining", "me", "invitations"}
    for node in ast.walk(handler):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if isinstance(node.func.value, ast.Name) and node.func.value.id in readers:
            yield node


def _for_viewer(call: ast.Call) -> bool:
    return any(isinstance(part, ast.Name) and part.id == "viewer" for part in ast.walk(call))


# Lists without a person in them, the same for everybody who is signed in.
FOR_EVERYBODY = {"list_queues", "list_topics", "list_purposes"}


def test_a_handler_reads_for_its_viewer_before_it_reads_anything_else() -> None:
    """Decision 0013."""
    seen = 0
    for path, tree in modules():
        if not path.name.startswith("http"):
            continue
        for handler in [node for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef)]:
            if "viewer" not in {argument.arg for argument in handler.args.args} or handler.name in FOR_EVERYBODY:
                continue
            reads = sorted(_reads(handler), key=lambda call: (call.lineno, call.col_offset))
            seen += len(reads)
            assert not reads or _for_viewer(reads[0]), f"{path}: {handler.name} reads without asking for its viewer"
    assert seen > 20, "the test looks in the wrong place"


# Words that are not sealed, and why: staff is looked up and shown by them; a conversation is searched and shown in a
# list; the rest are keys, kinds, states and languages, or technical marks of a sign-in that the staff member sees.
OPEN_WORDS = {
    "agent.email",
    "agent.name",
    "audit_entry.network",
    "conversation.preview",
    "message.body",
    "passkey.name",
    "rating.words",
    "sign_in_failure.network",
    "sign_in_session.network",
    "sign_in_session.user_agent",
}
PERSONAL = {"address", "body", "email", "name", "network", "phone", "preview", "subject", "text", "to", "user_agent"}
PERSONAL |= {"value", "words"}
NO_PERSON = {
    "inbox",
    "queue",
    "topic",
    "team",
    "webhook_endpoint",
    "procrastinate_jobs",
    "verification_purpose",
    "rota",
}
NO_PERSON |= {"mailbox", "automation_rule", "line", "menu", "device", "recording"}


def test_personal_columns_are_sealed() -> None:
    """Decision 0013."""
    plain = {
        f"{table.name}.{column.name}"
        for table in METADATA.sorted_tables
        for column in table.columns
        if column.name in PERSONAL
        and table.name not in NO_PERSON
        and not isinstance(column.type, Encrypted | CustomersOwn)
    }
    assert plain == OPEN_WORDS
