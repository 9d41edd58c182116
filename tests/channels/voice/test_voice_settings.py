"""Settings of the phone and the configuration that comes of them."""

import configparser
from dataclasses import replace
from pathlib import Path

import pytest

from holdfast.channels.voice.engine import configuration, pjsip
from holdfast.channels.voice.engine.configuration import MODULES, Program
from holdfast.channels.voice.engine.layout import Layout, Reach, access_of, read_reach, write_reach
from holdfast.channels.voice.engine.running import missing, program, write_for_elsewhere
from holdfast.channels.voice.settings import load
from holdfast.core.settings import SettingsError

REACH = Reach("http://127.0.0.1:8088", "holdfast", "pass-word", "127.0.0.1", 5060, (20000, 20999), "doctor-word")


def sections(text: str, name: str) -> list[dict[str, str]]:
    """The sections of a pjsip.conf with this name, which may come more than once."""
    found: list[dict[str, str]] = []
    for part in text.split("\n["):
        head, _, body = part.removeprefix("[").partition("]\n")
        if head == name:
            found.append(dict(line.split("=", 1) for line in body.splitlines() if line))
    return found


def kinds(text: str, name: str) -> dict[str, dict[str, str]]:
    return {section["type"]: section for section in sections(text, name)}


def test_without_a_word_everything_stays_on_this_machine() -> None:
    given = load({})
    assert given.on
    assert given.private
    assert given.listen == ("127.0.0.1", 0)
    text = pjsip.text(given, REACH)
    assert kinds(text, "udp")["transport"]["bind"] == "127.0.0.1:5060"
    assert not sections(text, "trunk")
    assert not sections(text, "tls")


def test_a_trunk_that_signs_in() -> None:
    given = load({"HOLDFAST_SIP_TRUNK": "sip://me:p%40ss@sip.provider.example?number=%2B18005550100&codecs=ulaw"})
    assert given.listen == ("0.0.0.0", 5060)
    assert not given.private
    assert "p@ss" not in repr(given)
    trunk = kinds(pjsip.text(given, REACH), "trunk")
    assert set(trunk) == {"endpoint", "aor", "identify", "auth", "registration"}
    assert trunk["auth"]["password"] == "p@ss"
    assert trunk["endpoint"]["allow"] == "ulaw"
    assert "callerid" not in trunk["endpoint"], "it would replace the numbers of those who call"
    assert given.trunk is not None
    assert given.trunk.number == "+18005550100"
    assert "media_address" not in trunk["endpoint"]
    assert trunk["identify"]["match"] == "sip.provider.example"
    assert trunk["registration"]["client_uri"] == "sip:me@sip.provider.example"


def test_a_trunk_that_is_known_by_its_address() -> None:
    given = load({"HOLDFAST_SIP_TRUNK": "sip://192.0.2.10:5080?match=192.0.2.0/24,198.51.100.7"})
    trunk = kinds(pjsip.text(given, REACH), "trunk")
    assert set(trunk) == {"endpoint", "aor", "identify"}
    assert trunk["identify"]["match"] == "192.0.2.0/24,198.51.100.7"
    assert trunk["aor"]["contact"] == "sip:192.0.2.10:5080"


def test_a_trunk_over_tls(tmp_path: Path) -> None:
    certificate = {f"HOLDFAST_SIP_{name}": str(tmp_path / name) for name in ("CERTIFICATE", "CERTIFICATE_KEY")}
    given = load({"HOLDFAST_SIP_TRUNK": "sips://me:pass@sip.provider.example:5061", **certificate})
    text = pjsip.text(given, REACH)
    assert kinds(text, "tls")["transport"]["bind"] == "127.0.0.1:5061"
    trunk = kinds(text, "trunk")
    assert trunk["endpoint"]["media_encryption"] == "sdes"
    assert trunk["aor"]["contact"] == "sip:sip.provider.example:5061;transport=tls"


def test_behind_a_router_the_public_address_is_told() -> None:
    given = load({"HOLDFAST_SIP_LISTEN": "192.168.1.5:5060", "HOLDFAST_SIP_PUBLIC_ADDRESS": "203.0.113.9"})
    transport = kinds(pjsip.text(given, REACH), "udp")["transport"]
    assert transport["external_media_address"] == "203.0.113.9"
    assert "192.168.0.0/16" in transport["local_net"]
    text = configuration.files(given, Layout(Path("/x")), REACH, Program(("a",), Path("/m"), Path("/s")))["rtp.conf"]
    assert "192.168.1.5 => 203.0.113.9" in text


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("HOLDFAST_SIP_TRUNK", "http://x", "sip://host"),
        ("HOLDFAST_SIP_TRUNK", "sip://", "sip://host"),
        ("HOLDFAST_SIP_TRUNK", "sip://h?match=nobody", "nobody"),
        ("HOLDFAST_SIP_TRUNK", "sip://h?codec=x", "codecs, match, number, register"),
        ("HOLDFAST_SIP_TRUNK", "sip://h?codecs=mp3", "codecs are"),
        ("HOLDFAST_SIP_TRUNK", "sip://me@h", "belong together"),
        ("HOLDFAST_SIP_TRUNK", "sip://me:a%0Ab@h", "cannot stand here"),
        ("HOLDFAST_SIP_TRUNK", "sip://h?number=me", "number"),
        ("HOLDFAST_SIP_TRUNK", "sip://h:99999", "Port out of range"),
        ("HOLDFAST_SIP_TRUNK", "sips://me:pass@h", "HOLDFAST_SIP_CERTIFICATE"),
        ("HOLDFAST_SIP_LISTEN", "example.org:5060", "address and a port"),
        ("HOLDFAST_SIP_LISTEN", "127.0.0.1", "address and a port"),
        ("HOLDFAST_SIP_RTP_PORTS", "20000", "20000-21999"),
        ("HOLDFAST_SIP_RTP_PORTS", "30000-20000", "20000-21999"),
        ("HOLDFAST_SIP_CERTIFICATE", "/c", "belong together"),
        ("HOLDFAST_ASTERISK_URL", "http://pbx:8088", "https://user:password"),
        ("HOLDFAST_VOICE_LANGUAGE", "xx", "one of en"),
        ("HOLDFAST_VOICE_WORKERS", "0", "between 1 and 64"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(name: str, value: str, said: str) -> None:
    with pytest.raises(SettingsError, match=name) as caught:
        load({name: value})
    assert said in str(caught.value)


def test_a_password_is_never_in_an_error() -> None:
    with pytest.raises(SettingsError) as caught:
        load({"HOLDFAST_SIP_TRUNK": "sip://me:sesame@h?codecs=mp3"})
    assert "sesame" not in str(caught.value)


def test_an_engine_elsewhere_is_not_ours(tmp_path: Path) -> None:
    given = load({"HOLDFAST_ASTERISK_URL": "https://desk:sesame@pbx.example.org:8089"})
    access = access_of(given, Layout(tmp_path))
    assert access is not None
    assert access.url == "https://pbx.example.org:8089"
    assert access.events("holdfast") == "wss://pbx.example.org:8089/ari/events?app=holdfast"
    assert "sesame" not in repr(given)
    write_for_elsewhere(given, tmp_path / "etc-for-it")
    text = (tmp_path / "etc-for-it/etc/ari.conf").read_text()
    assert "[desk]" in text
    assert "password=sesame" in text


def test_files_with_passwords_are_for_their_owner_only(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "voice")
    layout.make()
    write_reach(layout, REACH)
    assert read_reach(layout) == REACH
    configuration.write({"ari.conf": "secret"}, layout, Program(("a",), tmp_path, tmp_path))
    for file in (layout.home / "run/reach.json", layout.etc / "ari.conf", layout.lines):
        assert file.stat().st_mode & 0o077 == 0, file
    assert layout.home.stat().st_mode & 0o077 == 0
    assert "pass-word" not in repr(REACH.access)


def test_an_earlier_version_leaves_nothing_behind(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "voice")
    nothing = Program(("a",), tmp_path, tmp_path)
    configuration.write({"old.conf": "x", "both.conf": "x"}, layout, nothing)
    configuration.write_lines(layout, {"+1 800": "es", "+49": "de"})
    configuration.write({"both.conf": "y"}, layout, nothing)
    assert sorted(file.name for file in layout.etc.iterdir()) == ["both.conf", "lines.conf"]
    assert configuration.line_languages(layout) == {"es", "de"}


def test_every_file_can_be_read(tmp_path: Path) -> None:
    given = load({"HOLDFAST_SIP_TRUNK": "sip://me:pass@sip.provider.example"})
    for name, text in configuration.files(given, Layout(tmp_path), REACH, program(load({}))).items():
        parser = configparser.ConfigParser(strict=False, allow_no_value=True, delimiters=("=",), interpolation=None)
        parser.read_string(text)
        assert name.endswith(".conf")
    assert len(set(MODULES)) == len(MODULES)


def test_why_there_is_no_phone_is_said(tmp_path: Path) -> None:
    nothing = replace(load({}), cache=tmp_path)
    assert "holdfast engine fetch" in missing(nothing)
    (tmp_path / "why-not").write_text("the mirror does not answer")
    assert "the mirror does not answer" in missing(nothing)
    assert "HOLDFAST_VOICE" in missing(load({"HOLDFAST_VOICE": "off"}))
    assert "not a program" in missing(load({"HOLDFAST_ASTERISK": str(tmp_path / "asterisk")}))
    assert missing(load({})) == ""


def test_an_installed_asterisk_is_run_with_our_configuration(tmp_path: Path) -> None:
    binary = tmp_path / "sbin" / "asterisk"
    binary.parent.mkdir()
    binary.touch(mode=0o755)
    given = load({"HOLDFAST_ASTERISK": str(binary)})
    assert "modules" in missing(given)
    (tmp_path / "lib/asterisk/modules").mkdir(parents=True)
    found = program(given)
    assert found.command == (str(binary),)
    assert found.modules == tmp_path / "lib/asterisk/modules"
