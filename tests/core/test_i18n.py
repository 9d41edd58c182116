"""Languages are chosen as readers mean them, and every text of the server is there in each of them."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.core.i18n import LANGUAGES, negotiate, translate

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("de", "de"),
        ("DE-at", "de"),
        ("de_DE", "de"),
        ("zh", "zh-Hans"),
        ("zh-CN", "zh-Hans"),
        ("zh-TW", "zh-Hant"),
        ("zh-Hant-HK", "zh-Hant"),
        ("zh-Hans-HK,en;q=0.5", "zh-Hans"),
        ("zh_TW", "zh-Hant"),
        ("yue", "zh-Hant"),
        ("in-ID", "id"),
        ("nl,fr;q=0.8,de;q=0.9", "de"),
        ("pt-BR,pt;q=0.9", "pt"),
        ("fr;q=0,ko;q=0.1", "ko"),
        ("zh;q=0,ja", "ja"),
        ("*", "en"),
        ("xx,yy", "en"),
        (";;;,,q=1", "en"),
        ("ja;q=1.2.3,ko", "ko"),
    ],
)
def test_a_reader_gets_the_language_they_mean(accepted: str | None, language: str) -> None:
    assert negotiate(accepted) == language


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_is_its_own(language: str) -> None:
    assert negotiate(language) == language


@given(accepted=st.text(max_size=600))
def test_any_header_gives_a_language(accepted: str) -> None:
    assert negotiate(accepted) in LANGUAGES


def test_texts_are_translated_and_filled() -> None:
    assert translate("Try again in {seconds} seconds.", "zh-Hans", seconds=30) == "请在 30 秒后重试。"
    assert translate("Try again in {seconds} seconds.", "en", seconds=30) == "Try again in 30 seconds."


def test_what_is_missing_stays_english() -> None:
    assert translate("Nobody has translated {this}", "ar", this="yet") == "Nobody has translated yet"


def test_values_are_not_templates() -> None:
    assert translate("Open {origin}.", "en", origin="{0} {secret} %s") == "Open {0} {secret} %s."


def test_every_text_is_translated() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "check-translations")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_missing_translation_is_named(tmp_path: Path) -> None:
    script = (ROOT / "scripts" / "check-translations").read_text("utf-8")
    copy = tmp_path / "scripts" / "check-translations"
    copy.parent.mkdir()
    copy.write_text(script, "utf-8")
    for language in LANGUAGES[1:]:
        source = ROOT / "locales" / language / "LC_MESSAGES" / "holdfast.po"
        target = tmp_path / source.relative_to(ROOT)
        target.parent.mkdir(parents=True)
        text = source.read_text("utf-8")
        if language == "th":
            text = text.replace('msgid "This file is too large"', 'msgid "This file was too large"')
        if language == "fr":
            text = text.replace("Ouvrez {origin}.", "Ouvrez {origine}.")
        target.write_text(text, "utf-8")
    done = subprocess.run([sys.executable, str(copy)], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    said = done.stdout.splitlines()
    assert any(line.startswith("th: not translated: 'This file is too large'") for line in said)
    assert "th: no longer used: 'This file was too large'" in said
    assert any(line.startswith("fr: other placeholders than in 'Open {origin}.'") for line in said)
