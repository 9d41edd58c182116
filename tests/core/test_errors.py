"""Every error has an id of its own, a fitting status, and words in every language; nothing inner leaks."""

import importlib
import pkgutil
import re
from collections import defaultdict

import msgspec
import pytest

import holdfast
from holdfast.core import errors
from holdfast.core.errors import HoldfastError, Internal, NotFound, Problem, StorageFull, problem_of

FAMILIES = {
    errors.BadInput: 400,
    errors.NotSignedIn: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.TooLarge: 413,
    errors.Unsupported: 415,
    errors.Unprocessable: 422,
    errors.TooMany: 429,
    errors.Unavailable: 503,
    errors.StorageFull: 507,
}


def every_error() -> list[type[HoldfastError]]:
    for module in pkgutil.walk_packages(holdfast.__path__, "holdfast."):
        # Alembic runs its own modules; they act when they are imported.
        if ".migrations" not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    found: list[type[HoldfastError]] = []
    waiting = [HoldfastError]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.__module__.startswith("holdfast.") and "id" in vars(kind):
            found.append(kind)
    return found


def test_ids_are_unique_and_well_formed() -> None:
    declared = defaultdict(list)
    for kind in every_error():
        declared[kind.id].append(f"{kind.__module__}.{kind.__qualname__}")
        assert re.fullmatch(r"[a-z][a-z0-9_]{2,40}", kind.id), kind
    assert {name: places for name, places in declared.items() if len(places) > 1} == {}


@pytest.mark.parametrize("kind", every_error(), ids=lambda kind: kind.id)
def test_each_error_states_a_fact_with_a_status(kind: type[HoldfastError]) -> None:
    assert 400 <= kind.status <= 599
    assert kind.title[0].isupper()
    assert not kind.title.endswith(".")
    assert "{" not in kind.title


@pytest.mark.parametrize(("family", "status"), FAMILIES.items())
def test_families_have_their_status(family: type[HoldfastError], status: int) -> None:
    assert family.status == status


class Lost(NotFound):
    id = "lost_for_tests"
    title = "This file is too large"
    detail = "The most is {megabytes} MB."


def test_a_problem_is_in_the_readers_language() -> None:
    assert problem_of(Lost(megabytes=7), "de", "r1") == Problem(
        type="urn:holdfast:problem:lost_for_tests",
        id="lost_for_tests",
        title="Diese Datei ist zu groß",
        status=404,
        detail="Höchstens 7 MB sind möglich.",
        params={"megabytes": 7},
        request="r1",
    )
    assert problem_of(Lost(megabytes=7)).title == "This file is too large"


def test_a_problem_is_rfc_9457_json() -> None:
    assert msgspec.json.decode(msgspec.json.encode(problem_of(StorageFull(), "en"))) == {
        "type": "urn:holdfast:problem:storage_full",
        "id": "storage_full",
        "title": "The server has no space left to keep this",
        "status": 507,
        "detail": "Nothing of yours was lost; try again later.",
    }


def test_the_unexpected_says_nothing_of_itself() -> None:
    problem = problem_of(ValueError("password=hunter2"), "fr", "abc")
    assert (problem.id, problem.status, problem.request, problem.params) == (Internal.id, 500, "abc", {})
    assert "hunter2" not in msgspec.json.encode(problem).decode()


def test_a_forgotten_parameter_does_not_hide_the_error() -> None:
    assert problem_of(Lost(), "en").detail == "The most is … MB."
    assert str(Lost()) == "This file is too large. The most is … MB."


def test_a_parameter_may_have_any_name() -> None:
    assert problem_of(Lost(language="zh", msgid="x", megabytes=1), "ja").detail == "上限は 1 MB です。"
