"""Who is calling: the code that the app shows, typed on a telephone of the public network, at the real engine."""

from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import select, update

from holdfast.access.models import AuditEntry
from holdfast.access.viewer import StaffViewer
from holdfast.channels.voice import commands, keeping, keypad, menus, presenting
from holdfast.channels.voice.conducting import Conductor
from holdfast.channels.voice.models import Call, CallCommand, CallEvent, Line, Menu, Recording
from holdfast.channels.voice.prompts.sound import samples_of
from holdfast.channels.voice.waits import Prompt, Said
from holdfast.conversations import files, timeline
from holdfast.conversations.models import Conversation
from holdfast.core import clock
from holdfast.verification.models import PhoneCode
from tests.support import dtmf, phones
from tests.support.app_caller import App
from tests.support.browsers import ORIGIN, browser_of
from tests.support.hotline import DIRECT, HOTLINE, Hotline
from tests.support.phones import Exchange
from tests.support.waiting import eventually_so

pytestmark = pytest.mark.engine

NO_QUESTION = menus.Tree(start="person", nodes={"person": menus.Queue()})
ASKS = menus.Tree(start="code", nodes={"code": menus.Code(next="person"), "person": menus.Queue()})


@pytest.mark.parametrize(
    ("pressed", "typed"),
    [("123#", ["123"]), ("12*34#", ["34"]), ("#", [""]), ("1##2#", ["1", "2"]), ("1" * 17, ["1" * 16])],
    ids=["hash", "star", "nothing", "once more", "longest"],
)
def test_keys_become_a_code(pressed: str, typed: list[str]) -> None:
    keys = keypad.Typing()
    assert [done for key in pressed if (done := keys.press(key)) is not None] == typed


def test_who_may_be_asked() -> None:
    assert keypad.may_be_asked(Call(place={"wrong": 5}))
    assert not keypad.may_be_asked(Call(place={"wrong": 6}))
    assert not keypad.may_be_asked(Call(place={"app": True})), "there are no keys, and it is known who calls"


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the prompts that are said to callers."""
    begin, found = Conductor.begin_saying, list[str]()

    async def noted(c: Conductor, *said: Said) -> str | None:
        found.extend(one.name for one in said if isinstance(one, Prompt) and one.name.startswith("code-"))
        return await begin(c, *said)

    monkeypatch.setattr(Conductor, "begin_saying", noted)
    return found


async def has_menu(desk: Hotline, tree: menus.Tree) -> None:
    async with desk.desk.database.transaction() as session:
        session.add(Menu(key="own", name="Own", tree=msgspec.to_builtins(tree)))
        await session.execute(update(Line).where(Line.number == HOTLINE).values(menu="own"))


async def outcomes(desk: Hotline) -> list[str]:
    async with desk.desk.database.transaction() as session:
        found = await session.scalars(select(CallEvent).where(CallEvent.kind == "call_code").order_by(CallEvent.at))
        return [event.detail["how"] for event in found]


async def nothing_typed_is_kept(desk: Hotline, exchange: Exchange, *codes: str) -> None:
    """Neither in the database nor in what the engine writes."""
    async with desk.desk.database.transaction() as session:
        for table in (CallEvent, CallCommand, AuditEntry, Call, PhoneCode):
            for row in await session.scalars(select(table)):
                kept = str({column.key: getattr(row, column.key) for column in table.__mapper__.column_attrs.values()})
                assert not any(code in kept for code in codes), table
    for file in exchange.engine.layout.home.rglob("*"):
        if file.is_file():
            assert not any(code.encode() in file.read_bytes() for code in codes), file


async def test_a_code_in_the_menu_joins_the_call_with_its_customer(
    desk: Hotline, exchange: Exchange, app: App, heard: list[str]
) -> None:
    await app.opens()
    await has_menu(desk, ASKS)
    code = await app.code()
    wrong = "1" * len(code) if code != "1" * len(code) else "2" * len(code)
    steps: tuple[str, ...] = (
        "pause:700",
        "type:5",
        "pause:1500",
        f"type:{wrong}#",
        "pause:1500",
        f"type:{code}#",
        "until-bye",
    )
    async with phones.caller(exchange.engine.reach, HOTLINE, *steps, "until-bye", caller="+15550101"):
        call = await desk.at("waiting", 40)
        assert call.conversation_id == app.conversation
        assert heard == ["code-enter", "code-wrong", "code-right"]
        proof = await app.proof()
        assert (proof.state, proof.method, proof.level) == ("proven", "keypad", 2)
        conversation = await desk.conversation(call)
        assert (conversation.verification, conversation.verified_until) == (2, proof.valid_until)
        assert {"call_code", "proof_given", "said"} <= set(await desk.timeline(call))
        await desk.voice.ari.hang_up(call.channel)
    call = await desk.at("over")
    assert await outcomes(desk) == ["wrong", "right"]
    proof = await app.proof()
    assert proof.valid_until is not None
    assert proof.valid_until <= clock.now(), "who was on the phone is no longer"
    assert (await desk.conversation(call)).verification in {0, 2}

    # The same code again, by somebody else; then one whose time is over.
    late = await app.code()
    async with desk.desk.database.transaction() as session:
        await session.execute(update(PhoneCode).where(PhoneCode.used_at.is_(None)).values(expires_at=clock.now()))
    heard.clear()
    steps = (
        "pause:700",
        "type:5",
        "pause:1500",
        f"type:{code}#",
        "pause:1500",
        f"type:{late}#",
        "pause:1500",
        f"type:{wrong}#",
    )
    async with phones.caller(exchange.engine.reach, HOTLINE, *steps, "until-bye", caller="+15550102"):
        call = await desk.at("waiting", 40, number=1)
        assert heard == ["code-enter", "code-used", "code-late", "code-many"]
        assert call.conversation_id != app.conversation
        await desk.voice.ari.hang_up(call.channel)
    assert (await outcomes(desk))[2:] == ["used", "late", "wrong"]
    await nothing_typed_is_kept(desk, exchange, code, late, wrong)


async def test_wrong_codes_of_a_number_and_of_all_are_limited(
    desk: Hotline, exchange: Exchange, heard: list[str]
) -> None:
    await has_menu(desk, ASKS)
    async with desk.desk.database.transaction() as session:
        call, _ = await keeping.arrive(
            session, channel="x", application="other", line=None, number="+15550103", language="en"
        )
        keeping.over(call, "abandoned")
        session.add_all(CallEvent(call_id=call.id, kind="call_code", detail={"how": "wrong"}) for _ in range(6))
    async with phones.caller(exchange.engine.reach, HOTLINE, "pause:700", "type:5", "until-bye", caller="+15550103"):
        await desk.at("waiting", 30, number=1)
        assert heard == ["code-many"]
        await desk.voice.ari.hang_up((await desk.calls())[1].channel)
    heard.clear()
    # Zero is the emergency here as everywhere; another number is still asked.
    steps = ("pause:700", "type:5", "pause:1000", "type:4", "type:0", "until-bye")
    async with phones.caller(exchange.engine.reach, HOTLINE, *steps, caller="+15550104"):
        call = await desk.at("waiting", 30, number=2)
        assert heard == ["code-enter"]
        assert call.emergency
        await desk.voice.ari.hang_up(call.channel)
    heard.clear()
    async with desk.desk.database.transaction() as session:
        session.add_all(CallEvent(call_id=call.id, kind="call_code", detail={"how": "wrong"}) for _ in range(94))
    async with phones.caller(exchange.engine.reach, HOTLINE, "pause:700", "type:5", "until-bye", caller="anonymous"):
        call = await desk.at("waiting", 30, number=3)
        assert heard == ["code-many"]
        await desk.voice.ari.hang_up(call.channel)


async def test_an_agent_asks_and_the_recording_holds_nothing_of_it(
    desk: Hotline, exchange: Exchange, app: App, heard: list[str]
) -> None:
    """The caller plays keys as sound before, while and after they are asked: while, none is in the recording."""
    await app.opens()
    code = await app.code()
    ann = await desk.agent("Ann")
    async with desk.desk.database.transaction() as session:
        await session.execute(update(Line).values(records=True))
    await has_menu(desk, NO_QUESTION)
    # A telephone that is told something in a pause gives up.
    steps: tuple[str, ...] = ("until-told", "tones:5", "until-told", "tones:9", "pause:1500", f"type:{code}#")
    steps += ("until-told", "tones:1", "until-bye")
    async with (
        desk.phone(ann, "ann-desk"),
        phones.caller(exchange.engine.reach, HOTLINE, *steps, caller="+15550105") as caller,
    ):
        call = await desk.answered_by(ann, "ann-desk")
        before = call.conversation_id
        assert before is not None
        caller.tell()
        await plays(desk, call)

        await asks(desk, ann, call)
        await is_left_alone(desk, ann, call)
        async with desk.desk.database.transaction() as session:
            await commands.command(session, ann, call.id, "hold", on=True)
            await commands.command(session, ann, call.id, "hold", on=False)
        await until(desk, lambda call, row: row.paused == "" and not call.place.get("asks"), "another act ends it")
        await asks(desk, ann, call)
        said = (await desk.voice.ari.rtp_statistics(call.channel)).rxcount
        caller.tell()
        await until(desk, lambda call, row: row.paused == "" and not call.place.get("asks"), "it was typed", 30)
        said = (await desk.voice.ari.rtp_statistics(call.channel)).rxcount - said
        assert said >= 45 + 8 * len(code), "the tone and the keys have come"
        call = await desk.call()
        assert heard == ["code-enter", "code-enter", "code-right"]
        assert call.conversation_id == app.conversation
        bridge = next(each for each in await desk.voice.ari.bridges() if each.id == call.bridge)
        assert call.channel in bridge.channels
        await the_agent_sees_it(app, desk, ann, before)
        caller.tell()
        await plays(desk, call)
        await desk.voice.ari.hang_up(call.channel)
    call = await desk.at("over")
    assert "call_joined" in await desk.timeline(call)
    await none_of_it_was_recorded(desk, app)
    await nothing_typed_is_kept(desk, exchange, code)


async def test_going_on_to_record_waits_until_the_code_was_typed(
    desk: Hotline, exchange: Exchange, app: App, heard: list[str]
) -> None:
    """The agent had paused the recording, and lets it go on while the code is asked."""
    await app.opens()
    code = await app.code()
    ann = await desk.agent("Ann")
    async with desk.desk.database.transaction() as session:
        await session.execute(update(Line).values(records=True))

    async def record(*, on: bool) -> None:
        async with desk.desk.database.transaction() as session:
            await commands.record_call(session, ann, call.id, on=on)

    steps = ("until-told", f"type:{code}#", "until-bye")
    async with (
        desk.phone(ann, "ann-desk"),
        phones.caller(exchange.engine.reach, DIRECT, *steps, caller="+15550106") as caller,
    ):
        call = await desk.answered_by(ann, "ann-desk")
        await until(desk, lambda _, row: row.paused == "", "it is recorded")
        await record(on=False)
        await until(desk, lambda _, row: row.paused == "agent", "the agent has paused it")
        async with desk.desk.database.transaction() as session:
            await commands.ask_code(session, ann, call.id, on=True)
        await until(desk, lambda call, _: bool(call.place.get("asks")), "it is asked")
        await record(on=True)
        await until(desk, lambda _, row: row.paused == "secret", "it goes on later")
        assert await recordings(desk) == ["on", "paused"]
        caller.tell()
        await until(desk, lambda call, row: row.paused == "" and not call.place.get("asks"), "it was typed", 30)
        assert await recordings(desk) == ["on", "paused", "resumed"]
        assert heard == ["code-enter", "code-right"]
        await desk.voice.ari.hang_up(call.channel)
    await desk.at("over")


async def recordings(desk: Hotline) -> list[str]:
    async with desk.desk.database.transaction() as session:
        found = await session.scalars(select(CallEvent).where(CallEvent.kind == "call_recorded").order_by(CallEvent.at))
        return [event.detail["how"] for event in found]


async def none_of_it_was_recorded(desk: Hotline, app: App) -> None:
    """Of the tones before, while and after: the recording is the customer's."""
    async with desk.desk.database.transaction() as session:
        (row,) = await session.scalars(select(Recording))
        assert row.conversation_id == app.conversation
        file = await timeline.attachment(session, row.attachment_id or UUID(int=0))
        assert file is not None
        samples, rate = samples_of(files.content(desk.voice.files, file))
    assert rate == dtmf.RATE
    found = {digit: dtmf.frames(samples, digit) for digit in "591"}
    assert found["9"] == 0, found
    assert min(found["5"], found["1"]) >= 10, found


async def asks(desk: Hotline, ann: StaffViewer, call: Call) -> None:
    async with desk.desk.database.transaction() as session:
        await commands.ask_code(session, ann, call.id, on=True)
    await until(desk, lambda call, row: row.paused == "secret" and bool(call.place.get("asks")), "it is asked")


async def is_left_alone(desk: Hotline, ann: StaffViewer, call: Call) -> None:
    """The agent's view says that it is asked, and they hear nothing of it."""
    async with desk.desk.database.transaction() as session:
        assert [each.asks for each in (await presenting.phone(session, ann)).calls] == [True]
    bridge = next(each for each in await desk.voice.ari.bridges() if each.id == call.bridge)
    assert call.channel not in bridge.channels


async def plays(desk: Hotline, call: Call) -> None:
    """Wait until the caller has played a tone: they say nothing else."""
    before = (await desk.voice.ari.rtp_statistics(call.channel)).rxcount

    async def played() -> bool:
        return (await desk.voice.ari.rtp_statistics(call.channel)).rxcount >= before + 45

    await eventually_so(played, 15, "45 packets of a tone")


async def until(desk: Hotline, true: Any, what: str, seconds: float = 15) -> None:
    async def look() -> bool:
        async with desk.desk.database.transaction() as session:
            call = (await session.scalars(select(Call))).one()
            row = (await session.scalars(select(Recording))).one_or_none()
            return row is not None and true(call, row)

    await eventually_so(look, seconds, what)


async def the_agent_sees_it(app: App, desk: Hotline, ann: StaffViewer, before: UUID) -> None:
    """In the view of proofs: asked for, proven to level 2; the conversation is theirs, the other settled."""
    async with browser_of(app.app, desk.desk.database, ann, origin=ORIGIN) as client:
        seen = (await client.get(f"/api/conversations/{app.conversation}/verification")).json()["proofs"]
        row = (await client.get(f"/api/conversations/{app.conversation}")).json()["row"]
    (proof,) = [each for each in seen if each["purpose"] == "on_the_phone"]
    assert (proof["state"], proof["counts"], proof["level"], proof["method"]) == ("proven", True, 2, "keypad")
    assert proof["asked_by"] == "Ann"
    assert (row["verification"], row["verified_until"]) == (2, proof["valid_until"])
    async with desk.desk.database.transaction() as session:
        assert (await session.get_one(Conversation, app.conversation)).assignee_id == ann.id
        assert (await session.get_one(Conversation, before)).category == "resolved"
