"""Masking holds: every personal field, on every surface, for every role, compared with the one policy."""

import ast
import itertools
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

from holdfast.access import masks
from holdfast.access.policy import ALWAYS, RULES, Field, Grant, Sight, Stance, sight, table
from holdfast.access.surfaces import SURFACES, Way, covers, surface_of
from holdfast.access.viewer import CustomerViewer, Role, StaffViewer, SystemViewer
from holdfast.conversations import queries
from tests.access.probes import ARCHIVES, ECHOES, MACHINE, OF_CUSTOMERS, OUTWARD, PROBES
from tests.access.routes import routes
from tests.access.stage import TEXT, Scene, Stage

ROOT = Path(__file__).resolve().parents[2]
# What carries a customer's values: a route that answers with one of these has fields.
PERSONAL = {"Row", "Entry", "CustomerView", "FieldView", "Revealed", "RatingView", "OfferView", "LookView", "AuditView"}
PERSONAL |= {"AttachmentView", "WhoView", "Held", "Opened", "HandoverView", "LinkView"}


def frame_kinds() -> set[str]:
    """Every kind of frame that some code makes."""
    kinds = set()
    for path in (ROOT / "src/holdfast").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "frame":
                (kind, *_) = node.args
                assert isinstance(kind, ast.Constant), f"{path}: a frame's kind is written out"
                kinds.add(str(kind.value))
    return kinds


def structs(shape: Any, known: set[str]) -> set[str]:
    """The names of all structs that a type is made of."""
    match shape:
        case msgspec.inspect.StructType(cls=cls, fields=fields):
            if cls.__name__ not in known:
                known.add(cls.__name__)
                for field in fields:
                    structs(field.type, known)
        case msgspec.inspect.UnionType(types=types):
            for one in types:
                structs(one, known)
        case msgspec.inspect.ListType(item_type=item):
            structs(item, known)
    return known


# --- nothing is forgotten ---


def test_every_surface_is_listed() -> None:
    missing = [name for name, _ in routes() if surface_of(Way.REST, name) is None]
    assert not missing, f"list them in access/surfaces.py: {missing}"
    kinds = frame_kinds()
    assert {"row", "msg", "inbox"} <= kinds, "the test looks in the wrong place"
    missing = sorted(kind for kind in kinds if surface_of(Way.FRAME, kind) is None)
    assert not missing, f"list them in access/surfaces.py: {missing}"


def test_every_listed_surface_exists() -> None:
    names = [(Way.REST, name) for name, _ in routes()] + [(Way.FRAME, kind) for kind in frame_kinds()]
    idle = [
        surface.name
        for surface in SURFACES
        if surface.way in {Way.REST, Way.FRAME} and not any(covers(surface, way, name) for way, name in names)
    ]
    assert idle == []


def test_every_surface_with_fields_has_a_probe() -> None:
    listed = {(surface.way, surface.name) for surface in SURFACES}
    with_fields = {(surface.way, surface.name) for surface in SURFACES if surface.fields}
    probed = PROBES.keys() | OUTWARD.keys() | OF_CUSTOMERS | ECHOES | ARCHIVES
    assert with_fields <= probed <= listed
    # Mail has no viewer with a role (docs/operations/access.md says what holds it instead).
    assert {way for way, _ in probed} == set(Way) - {Way.LOG, Way.MAIL}


def test_a_route_that_answers_with_a_customer_has_fields() -> None:
    seen = 0
    for name, handler in routes():
        annotation = handler.parsed_fn_signature.return_type.annotation
        try:
            shape = msgspec.inspect.type_info(annotation)
        except TypeError:
            continue
        found = structs(shape, set()) & PERSONAL
        seen += bool(found)
        surface = surface_of(Way.REST, name)
        assert surface is not None
        assert not found or surface.fields, f"{name} answers with {found}: list its fields in access/surfaces.py"
    assert seen > 10, "the test looks in the wrong place"


# --- the matrix ---


async def leaks(stage: Stage, roles: Any = Role, scenes: Any = Scene) -> tuple[list[str], set[tuple[Field, str]]]:
    """What was seen in clear against the policy, and what was seen at all: (field, role)."""
    found: list[str] = []
    seen: set[tuple[Field, str]] = set()
    probes = {probe: f"{way}: {name}" for (way, name), probe in {**PROBES, **OUTWARD}.items()}
    for role, scene in itertools.product(roles, scenes):
        if not stage.people[role].answers and scene not in {Scene.WAITS, Scene.OTHERS}:
            # Nothing is ever theirs: these are the same as others'.
            continue
        stance = stage.stance(role, scene)
        if scene is Scene.GRANTED:
            # The fields are opened first: a surface must still not show them, unless it is the one that does.
            await stage.place(role, scene)
            await PROBES[Way.REST, "POST /api/conversations/{conversation_id:uuid}/reveal"](stage, role)
        for probe, name in probes.items():
            await stage.place(role, scene)
            shown = stage.seen(await probe(stage, role))
            # Who takes it holds it in the answer; revealing is asking for the grant.
            takes = name.endswith(("/take", "/reopen", "/accept")) and stage.people[role].answers
            allowed = (
                stage.allowed(MACHINE, Stance.AWAY)
                if probe in OUTWARD.values()
                else stage.allowed(
                    stage.people[role], Stance.HOLDS if takes else stance, granted=name.endswith("/reveal")
                )
            )
            seen |= {(field, role.value) for field in shown}
            found += [f"{role.value}, {scene.value}: {name} shows {field.value}" for field in shown - allowed]
    return found, seen


async def test_masking_holds_on_every_surface_for_every_role(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    found, seen = await leaks(stage)
    assert found == []
    # Not because nothing was shown at all: who may see something has seen it.
    answering = {Role.AGENT, Role.EMERGENCY_AGENT, Role.LEAD}
    customer = set(Field) - {Field.ADDRESS, Field.IDENTITY, Field.NETWORK}
    assert seen == {(field, role.value) for field in customer for role in answering} | {
        (Field.NETWORK, Role.AUDITOR.value)
    }
    # The log is a surface too.
    assert stage.seen(caplog.text) == set()
    async with stage.desk.database.engine.connect() as connection:
        rows = (await connection.exec_driver_sql("SELECT a.detail::text, a.purpose FROM audit_entry a")).all()
    assert len(rows) > 100
    assert stage.seen(str(rows)) == set()


async def test_a_leak_is_caught(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test of the test: each of these opens one surface."""
    role, scene = [Role.LEAD], [Scene.OTHERS]
    assert (await leaks(stage, role, scene))[0] == []
    with monkeypatch.context() as patch:
        patch.setattr(queries, "row_for", lambda viewer, row: row)
        found, _ = await leaks(stage, role, scene)
        assert any("GET /api/conversations" in leak and "name" in leak for leak in found), found
    with monkeypatch.context() as patch:
        patch.setattr("holdfast.conversations.masking.seen_entry", lambda entry, text: entry)
        found, _ = await leaks(stage, role, scene)
        assert any("frame" in leak for leak in found), found
    with monkeypatch.context() as patch:
        patch.setattr("holdfast.conversations.masking.seen_file", lambda file, text: file)
        found, _ = await leaks(stage, role, scene)
        assert any("frame" in leak for leak in found), found
    for module, surface in (("channels.webhooks.rendering", "webhook: delivery"), ("authenticity.http", "report: ")):
        with monkeypatch.context() as patch:
            patch.setattr(f"holdfast.{module}.shown_text", lambda text, seen: text)
            found, _ = await leaks(stage, role, scene)
            assert any(surface in leak and leak.endswith("shows text") for leak in found), found
    with monkeypatch.context() as patch:
        patch.setattr("holdfast.conversations.http.shown_text", lambda text, seen: text)
        found, _ = await leaks(stage, role, scene)
        assert any("/entries/{seq:int}/reveal shows text" in leak for leak in found), found
    with monkeypatch.context() as patch:
        patch.setattr("holdfast.people.customers.shown", lambda value, field, seen: value)
        found, _ = await leaks(stage, role, scene)
        assert any(leak.endswith("shows wallet") for leak in found), found
    with monkeypatch.context() as patch:
        patch.setattr("holdfast.conversations.masking.shown_text", lambda text, seen: text)
        found, _ = await leaks(stage, role, scene)
        assert any("timeline shows text" in leak for leak in found), found
    for module, surface in (("presenting.shown_text", "announcements"), ("cases.outward", "cases")):
        with monkeypatch.context() as patch:
            patch.setattr(f"holdfast.technical.{module}", lambda text, *_, **__: text)
            found, _ = await leaks(stage, role, scene)
            assert any(f"/api/technical/{surface}" in leak for leak in found), found


async def test_plain_routes_show_nothing_of_a_customer(stage: Stage) -> None:
    """Everything that can be fetched and is listed without fields, by every role."""
    places = {
        "conversation_id:uuid": stage.conversation,
        "agent_id:uuid": stage.people[Role.AGENT].id,
        "entry_id:uuid": stage.conversation,
        "path:path": "index.html",
    }
    await stage.place(Role.AGENT, Scene.HELD)
    asked = 0
    for name, _ in routes():
        surface = surface_of(Way.REST, name)
        method, _, path = name.partition(" ")
        if method != "GET" or surface is None or surface.fields or path.startswith("/demo"):
            continue
        for key, value in places.items():
            path = path.replace(f"{{{key}}}", str(value))
        if "{" in path:
            continue
        for role in Role:
            async with stage.browser(role) as browser:
                answer = await browser.get(path)
            asked += 1
            assert stage.seen(answer.text) == set(), f"{name} for {role.value}"
    assert asked > 100


async def test_a_customer_sees_their_own_and_a_stranger_nothing(stage: Stage) -> None:
    await stage.place(Role.AGENT, Scene.HELD)
    async with stage.browser(Role.AGENT) as agent:
        await agent.get(f"/api/conversations/{stage.conversation}")
    looks: dict[str, str] = {}
    for who, token in (("self", stage.token), ("stranger", stage.stranger)):
        async with stage.browser(None) as browser:
            shown = [
                await browser.post("/api/widget/start", json={"inbox": "wallet", "tokens": [token]}),
                await browser.post("/api/widget/looks", json={"token": token}),
                await browser.post("/api/widget/looks/proof", json={"token": token}),
            ]
        assert [answer.status_code for answer in shown] == [200, 200, 200]
        looks[who] = "".join(answer.text for answer in shown)
    assert stage.seen(looks["self"]) == {Field.TEXT}
    assert "conversation.opened" not in looks["stranger"]
    assert stage.seen(looks["stranger"]) == set()


# --- the policy itself ---


def viewer(*roles: Role) -> StaffViewer:

    return StaffViewer(UUID(int=1), "Ana", frozenset(roles))


@pytest.mark.parametrize("field", list(Field))
def test_more_roles_or_a_closer_stance_never_show_less(field: Field) -> None:
    for one, two in itertools.product(Role, Role):
        for stance in (Stance.AWAY, Stance.SEES, Stance.HOLDS):
            both = sight(viewer(one, two), field, stance)
            assert both == max(sight(viewer(one), field, stance), sight(viewer(two), field, stance))
    for rule in (RULES[role][field] for role in Role):
        assert rule.away <= rule.seeing <= rule.holding <= rule.granted or rule == ALWAYS


def test_nobody_without_a_role_or_a_case_sees_anything_in_clear() -> None:
    for field in Field:
        assert sight(viewer(), field, Stance.HOLDS) is Sight.HIDDEN
        assert sight(SystemViewer("webhook"), field, Stance.OWN) is not Sight.CLEAR
        for role in Role:
            clear = sight(viewer(role), field, Stance.AWAY) is Sight.CLEAR
            assert clear == (field is Field.NETWORK and role is Role.AUDITOR)


def test_a_customer_sees_their_own_only() -> None:

    customer = CustomerViewer(UUID(int=1), UUID(int=2))
    assert {sight(customer, field, Stance.OWN) for field in Field} == {Sight.CLEAR}
    for stance in (Stance.AWAY, Stance.SEES, Stance.HOLDS):
        assert {sight(customer, field, stance) for field in Field} == {Sight.HIDDEN}


def test_a_grant_opens_one_field_to_one_agent_for_a_time() -> None:
    from uuid import UUID

    at = datetime(2026, 11, 26, tzinfo=UTC)
    agent, point = viewer(Role.AGENT), UUID(int=9)
    grant = Grant(agent.id, UUID(int=3), Field.PHONE, point, at + timedelta(seconds=60))
    open_: dict[str, Any] = {"field_id": point, "grants": [grant], "at": at}
    assert sight(agent, Field.PHONE, Stance.HOLDS, **open_) is Sight.CLEAR
    others: list[dict[str, Any]] = [
        {"at": grant.ends_at},
        {"at": None},
        {"field_id": UUID(int=8)},
        {"grants": []},
        {"grants": [Grant(UUID(int=4), grant.customer_id, grant.field, point, grant.ends_at)]},
        {"grants": [Grant(agent.id, grant.customer_id, Field.EMAIL, point, grant.ends_at)]},
    ]
    for changed in others:
        assert sight(agent, Field.PHONE, Stance.HOLDS, **{**open_, **changed}) is Sight.MASKED
    assert sight(agent, Field.PHONE, Stance.SEES, **open_) is Sight.MASKED
    assert sight(viewer(Role.AUDITOR), Field.PHONE, Stance.AWAY, **open_) is Sight.HIDDEN


def test_the_page_shows_the_policy_as_it_is() -> None:
    page = (ROOT / "docs/operations/access.md").read_text("utf-8")
    assert table() in page, f"put this into docs/operations/access.md:\n{table()}"


def test_masked_text_keeps_what_is_not_personal(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = masks.masked(Field.TEXT, TEXT)
    assert shown == "Please call my sister at +49 ••••• 6789 or write to a••••@elsewhere.example"
    assert masks.masked(Field.TEXT, shown) == shown
    # A process that does not know what is personal shows nothing.
    monkeypatch.setattr(masks, "_find", None)
    assert masks.masked(Field.TEXT, TEXT) == masks.DOTS
    assert masks.masked(Field.TEXT, "") == ""
