"""The application's routes, and what their code may write to the audit log."""

import ast
import functools
import inspect
import itertools
import textwrap
from collections.abc import Iterator
from types import FunctionType, ModuleType
from typing import Any

from litestar.handlers import HTTPRouteHandler

from holdfast.access.audit import record
from holdfast.app import demo_pages, pages, verify_page
from holdfast.app.handlers import HANDLERS
from holdfast.core.settings import Settings
from holdfast.people.http import DEMO_HANDLERS


def routes() -> Iterator[tuple[str, HTTPRouteHandler]]:
    """Every route of the application, a demo's too, as ``METHOD /path``."""
    settings = Settings(demo=True)
    of_pages = [*pages.handlers(settings), *verify_page.handlers(settings), *demo_pages.handlers(settings)]
    for handler in [*HANDLERS, *DEMO_HANDLERS, *of_pages]:
        assert isinstance(handler, HTTPRouteHandler)
        for method, path in itertools.product(handler.http_methods, handler.paths):
            yield f"{method} {path}", handler


def actions(handler: HTTPRouteHandler) -> set[str]:
    """What the handler's code may write to the audit log, whatever function of ours writes it; an action that is made
    at run time is ``*``."""
    found: set[str] = set()
    known: set[FunctionType] = set()
    waiting = [inspect.unwrap(handler.fn)]
    while waiting:
        function = waiting.pop()
        if isinstance(function, FunctionType) and function not in known:
            known.add(function)
            written, called = _body(function)
            found |= written
            waiting += called
    return found


@functools.cache
def _body(function: FunctionType) -> tuple[frozenset[str], list[Any]]:
    """The actions that it writes itself, and the functions and methods of ours that it names."""
    written, called, known = set(), [], function.__globals__
    try:
        body = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except OSError:
        # Made by a decorator: an __init__, an __eq__.
        return frozenset(), []
    for node in ast.walk(body):
        if isinstance(node, ast.Call) and _named(node.func, known) is record:
            action = node.args[2]
            written.add(str(action.value if isinstance(action, ast.Constant) else _named(action, known) or "*"))
        named = _named(node, known)
        if not getattr(named, "__module__", "").startswith("holdfast.") or named is record:
            continue
        called += [*vars(named).values()] if isinstance(named, type) else [inspect.unwrap(named)]
    return frozenset(written), called


def _named(node: ast.AST, known: dict[str, Any]) -> Any:
    """What a name, or a name in a module, stands for."""
    match node:
        case ast.Name(id=name):
            return known.get(name)
        case ast.Attribute(value=inner, attr=name):
            module = _named(inner, known)
            return getattr(module, name, None) if isinstance(module, ModuleType) else None
        case _:
            return None
