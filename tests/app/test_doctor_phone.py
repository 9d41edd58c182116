"""The doctor's part for the phone, with the real engine: a call that is made, and faults that are made for real."""

import asyncio
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from holdfast.app import doctor_phone
from holdfast.app.doctor_phone import phone
from holdfast.channels.voice.engine import trial
from holdfast.channels.voice.engine.configuration import MODULES
from holdfast.channels.voice.engine.layout import layout_of
from holdfast.channels.voice.settings import load
from holdfast.core.settings import Settings
from tests.support import phones, speech


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "var")


def found(settings: Settings) -> list[tuple[str, str, str]]:
    listed = list(phone(settings))
    assert all(bool(each.repair) == (each.state != "ok") for each in listed)
    return [(each.part, each.state, each.fact) for each in listed]


def test_a_running_engine_is_called_and_its_faults_are_found(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    layout = layout_of(settings)
    with trial.engine(load({}), layout.home):
        whole = found(settings)
        assert [(part, state) for part, state, _ in whole] == [
            ("phone engine", "ok"),
            ("phone engine", "ok"),
            ("phone call", "ok"),
            ("phone voices", "ok"),
        ]
        assert "as proven" in whole[0][2]

        monkeypatch.setattr(doctor_phone, "MODULES", ("res_ari", "res_of_another_version"))
        lacking = [fact for part, state, fact in found(settings) if state == "fault"]
        assert lacking == ["lacks the modules res_of_another_version"]
        monkeypatch.setattr(doctor_phone, "MODULES", MODULES)

        # Half the sound is gone: the prompt. What we say still comes back.
        for file in (layout.sounds / "en").glob("message-taken.*"):
            file.unlink()
        assert [part for part, state, _ in found(settings) if state == "fault"] == ["phone call"]


def test_one_that_does_not_run_is_started_for_the_call(settings: Settings) -> None:
    states = [(part, state) for part, state, _ in found(settings)]
    assert ("phone engine", "warning") in states
    assert ("phone call", "ok") in states
    assert not layout_of(settings).home.exists(), "the call is made in a folder of its own"


def test_messages_that_wait_are_counted(settings: Settings) -> None:
    layout = layout_of(settings)
    layout.make()
    (layout.messages / "1.1.from").write_text("1700000000 +1800 en +1555")
    (layout.messages / "1.1.end").write_text("1")
    assert any(each.part == "phone messages" and each.state == "warning" for each in phone(settings))


@pytest.mark.parametrize(
    ("name", "value", "state", "said"),
    [
        ("HOLDFAST_VOICE", "off", "ok", "switched off"),
        ("HOLDFAST_SIP_TRUNK", "nonsense", "fault", "HOLDFAST_SIP_TRUNK"),
        ("HOLDFAST_ASTERISK", "/nowhere/asterisk", "warning", "not a program"),
        ("HOLDFAST_ASTERISK_URL", "http://desk:pass@127.0.0.1:9", "fault", "does not answer at http://127.0.0.1:9"),
    ],
)
def test_other_ways_are_told_apart(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, name: str, value: str, state: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    monkeypatch.setattr(doctor_phone, "_ARI_SECONDS", 0.5)
    part, found_state, fact = found(settings)[0]
    assert (found_state, said in fact) == (state, True), (part, fact)


def test_an_engine_that_is_broken_is_a_fault(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    shutil.copytree(load({}).cache / "engine", cache / "engine", symlinks=True)
    (cache / "engine/usr/sbin/asterisk").write_bytes(b"broken")
    monkeypatch.setenv("HOLDFAST_VOICE_CACHE", str(cache))
    assert ("phone engine", "fault") in [(part, state) for part, state, _ in found(settings)]


async def test_a_trunk_that_does_not_answer_is_a_fault(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    network = phones.free_port()
    monkeypatch.setenv("HOLDFAST_SIP_TRUNK", f"sip://{phones.NETWORK}:{network}")
    monkeypatch.setenv("HOLDFAST_SIP_LISTEN", "127.0.0.1:0")
    with trial.engine(load(), layout_of(settings).home):
        findings = {each.part: each for each in await asyncio.to_thread(lambda: list(phone(settings)))}
        assert findings["phone call"].state == "ok"
        assert (findings["phone trunk"].state, findings["phone trunk"].fact) == ("fault", "127.0.0.2 is offline")


async def test_whether_captions_can_be_had(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    async with speech.endpoint() as endpoint:
        monkeypatch.setenv("HOLDFAST_ASTERISK", "/nowhere/asterisk")
        monkeypatch.setenv("HOLDFAST_SPEECH_URL", endpoint.url)
        monkeypatch.setenv("HOLDFAST_SPEECH_KEY", speech.KEY)
        within = replace(settings, outgoing_networks=("127.0.0.0/8",), outgoing_clear=(endpoint.host,))
        for given, state in ((settings, "fault"), (within, "ok")):
            listed = await asyncio.to_thread(found, given)
            assert [found_state for part, found_state, _ in listed if part == "phone captions"] == [state]
        assert [utterance.seconds for utterance in endpoint.heard] == [1.0]
