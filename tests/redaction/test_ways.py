"""Nothing comes in or goes out by a way that nobody has thought about (ways.py)."""

import argparse
import ast
import json
import re
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from holdfast.app.cli import parser
from holdfast.app.openapi import document
from holdfast.app.web import create_litestar
from holdfast.channels.chat import frames
from holdfast.channels.mail.letters import Letter
from holdfast.core.database import Database
from holdfast.core.settings import Settings
from holdfast.technical.ports import Issue
from tests.redaction.ways import (
    CLAIMS,
    COMMANDS,
    FRAMES,
    HEADERS,
    ISSUES,
    LETTERS,
    OUT,
    PAGES,
    PROBES,
    PROVIDER_CLAIMS,
    REQUESTS,
    SHORTEST,
    Way,
)

SOURCE = Path(__file__).resolve().parents[2] / "src" / "holdfast"
# What of a schema cannot hold a text.
FORMATS = {"uuid", "date-time", "date", "time"}


def _closed(schema: dict[str, Any]) -> bool:
    if schema.keys() & {"enum", "const"} or schema.get("format") in FORMATS:
        return True
    if 0 < int(schema.get("maxLength", 0)) <= SHORTEST:
        return True
    pattern = schema.get("pattern")
    return pattern is not None and not any(re.search(pattern, probe) for probe in PROBES)


def _texts(schemas: dict[str, Any], schema: dict[str, Any], path: str) -> Iterator[str]:
    """The places in a schema where a text can stand."""
    if "$ref" in schema:
        yield from _texts(schemas, schemas[schema["$ref"].rpartition("/")[2]], path)
        return
    choices = [choice for key in ("oneOf", "anyOf", "allOf") for choice in schema.get(key, ())]
    for choice in choices:
        yield from _texts(schemas, choice, path)
    kinds = schema.get("type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    for name, inner in schema.get("properties", {}).items():
        yield from _texts(schemas, inner, f"{path}.{name}")
    if "object" in kinds and isinstance(schema.get("additionalProperties"), dict):
        yield from _texts(schemas, schema["additionalProperties"], f"{path}.*")
    if "array" in kinds:
        yield from _texts(schemas, schema.get("items", {}), f"{path}[]")
    anything = kinds == [None] and not choices and not schema.keys() & {"enum", "const"}
    if ("string" in kinds or anything) and not _closed(schema):
        yield path


def requests(api: dict[str, Any]) -> set[str]:
    """Method, path and place of every text that a request can hold, of an OpenAPI document."""
    schemas = api["components"]["schemas"]
    found = set()
    for path, methods in api["paths"].items():
        for method, operation in methods.items():
            for parameter in operation.get("parameters", ()):
                where = f"{parameter['in']}.{parameter['name']}"
                found |= {f"{method.upper()} {path} {at}" for at in _texts(schemas, parameter["schema"], where)}
            for content in operation.get("requestBody", {}).get("content", {}).values():
                found |= {f"{method.upper()} {path} {at}" for at in _texts(schemas, content["schema"], "body")}
    return found


@pytest.fixture(scope="module")
def api() -> dict[str, Any]:
    described: dict[str, Any] = json.loads(document(replace(Settings(), demo=True)))
    return described


def test_every_text_of_every_request_is_listed(api: dict[str, Any]) -> None:
    found = requests(api)
    assert found - REQUESTS.keys() == set(), "say in tests/redaction/ways.py what keeps a secret out of these"
    assert REQUESTS.keys() - found == set(), "these are gone: take them out of tests/redaction/ways.py"


def test_a_new_field_would_be_noticed(api: dict[str, Any]) -> None:
    """The walk sees texts in arrays, references, choices and free objects; it passes over what can hold none."""
    body = {
        "type": "object",
        "properties": {
            "plain": {"type": "string"},
            "long": {"type": "string", "maxLength": 41},
            "listed": {"type": "array", "items": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/New"}]}},
            "anything": {},
            "free": {"type": "object", "additionalProperties": {"type": "string"}},
            "loose": {"type": "string", "pattern": r"\S"},
            "short": {"type": "string", "maxLength": 40},
            "id": {"type": "string", "format": "uuid"},
            "choice": {"type": "string", "enum": ["a", "b"]},
            "code": {"type": "string", "pattern": "^[0-9]{6}$"},
            "count": {"type": "integer"},
        },
    }
    new = {"components": {"schemas": {"New": {"type": "object", "properties": {"x": {"type": "string"}}}}}}
    new["paths"] = {"/api/new": {"post": {"requestBody": {"content": {"application/json": {"schema": body}}}}}}
    names = ("anything", "free.*", "listed[].x", "long", "loose", "plain")
    assert requests(new) == {f"POST /api/new body.{name}" for name in names}
    assert len(requests(api)) > 40


def test_every_text_of_every_page_is_listed() -> None:
    app = create_litestar(replace(Settings(), demo=True), Database("postgresql://nowhere/none"))
    found = set()
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            if handler.resolve_include_in_schema():
                continue
            for name, parameter in handler.parsed_fn_signature.parameters.items():
                texts = (parameter, *parameter.inner_types)
                if any(kind.is_subclass_of(str) for kind in texts):
                    found |= {
                        f"{method} {route.path_format} {name}" for method in handler.http_methods if method != "OPTIONS"
                    }
    assert found == PAGES.keys()


def test_every_text_of_every_frame_is_listed() -> None:
    found = set()
    kinds = msgspec.inspect.type_info(frames.Frame)
    assert isinstance(kinds, msgspec.inspect.UnionType)
    for kind in kinds.types:
        assert isinstance(kind, msgspec.inspect.StructType)
        found |= {f"{kind.tag}.{field.name}" for field in kind.fields if _holds_text(field.type)}
    assert found == FRAMES.keys()


def _holds_text(kind: msgspec.inspect.Type) -> bool:
    if isinstance(kind, msgspec.inspect.UnionType):
        return any(_holds_text(one) for one in kind.types)
    if isinstance(kind, msgspec.inspect.ListType):
        return _holds_text(kind.item_type)
    closed = (
        msgspec.inspect.UUIDType,
        msgspec.inspect.IntType,
        msgspec.inspect.BoolType,
        msgspec.inspect.NoneType,
        msgspec.inspect.DateTimeType,
    )
    return not isinstance(kind, closed)


def test_every_header_that_is_read_is_listed() -> None:
    """``headers.get("…")``; the one comparison of raw names is known by its words."""
    found = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(node, ast.Call) and isinstance(called, ast.Attribute) and called.attr == "get":
                found |= {_name(node.args[0])} if "headers" in ast.unparse(called.value) else set()
    # Read in a loop over raw headers (core/http.py).
    assert 'name == b"x-forwarded-for"' in (SOURCE / "core" / "http.py").read_text("utf-8")
    assert found | {"x-forwarded-for"} == HEADERS.keys()


def _name(argument: ast.expr) -> str:
    assert isinstance(argument, ast.Constant), f"a header is read by {ast.unparse(argument)}: which one?"
    return argument.value.decode() if isinstance(argument.value, bytes) else str(argument.value)


def test_every_claim_that_is_read_is_listed() -> None:
    source = (SOURCE / "channels" / "chat" / "identity.py").read_text("utf-8")
    read = set(re.findall(r'text\("(\w+)"\)|claims(?:\.get\(|\[)"(\w+)"', source))
    assert {first or second for first, second in read} - {"exp", "iat", "nonce"} == CLAIMS.keys()


def test_every_claim_of_the_provider_that_is_read_is_listed() -> None:
    source = (SOURCE / "people" / "oidc_tokens.py").read_text("utf-8")
    read = set(re.findall(r'claims(?:\.get\(|\[)"(\w+)"', source))
    assert read - {"exp", "iat", "auth_time"} == PROVIDER_CLAIMS.keys()


def test_every_argument_of_the_command_is_listed() -> None:
    found = set()
    for action in parser()._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, command in action.choices.items():
                takes = [a for a in command._actions if a.nargs != 0 and a.type not in {int, float}]
                found |= {f"{name} {argument.dest}" for argument in takes}
    # These read their own arguments (app/cli.py).
    forwarded = {name for name in COMMANDS if name.split()[0] in {"init", "demo", "audit"}}
    assert found == COMMANDS.keys() - forwarded


@pytest.mark.parametrize(("kind", "table"), [(Letter, LETTERS), (Issue, ISSUES)])
def test_every_part_of_a_letter_and_of_an_issue_is_listed(kind: type[Letter | Issue], table: dict[str, Way]) -> None:
    assert {field.name for field in fields(kind)} == table.keys()


def ways_out(source: Path) -> set[str]:
    """File and function of every call that sends something to others."""
    found = set()
    for path in source.rglob("*.py"):
        for function in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            called = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
            named = (ast.unparse(one) for one in called if isinstance(one, ast.Attribute))
            ours = path.relative_to(source).as_posix() == "core/outgoing.py"
            out = r"(.*\b_?outgoing\.(request|fetch)|(smtp|aiosmtplib)\.send" + (r"|self\.request)" if ours else ")")
            if any(re.fullmatch(out, name) for name in named):
                found.add(f"{path.relative_to(source).as_posix()}:{function.name}")
    return found


def test_every_way_out_is_listed(tmp_path: Path) -> None:
    assert ways_out(SOURCE) == OUT.keys(), "say in tests/redaction/ways.py what goes out there"
    (tmp_path / "new.py").write_text("async def tell(self):\n    await self._outgoing.request('GET', 'x')\n")
    assert ways_out(tmp_path) == {"new.py:tell"}


@pytest.mark.parametrize(
    "table", [REQUESTS, PAGES, HEADERS, FRAMES, CLAIMS, PROVIDER_CLAIMS, COMMANDS, LETTERS, ISSUES]
)
def test_what_is_not_redacted_has_its_reason(table: dict[str, Way]) -> None:
    assert [name for name, way in table.items() if way.how != "redacted" and len(way.why) < 8] == []
