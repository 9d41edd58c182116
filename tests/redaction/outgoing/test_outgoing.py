"""What may not go out is stopped, what is ordinary goes: on the tuning set, with evasions, and for any text at all."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.core.i18n import LANGUAGES
from holdfast.redaction.outgoing import Stop, check, find_links, find_request
from holdfast.redaction.outgoing.requests import languages
from tests.redaction.outgoing.evasions import EVASIONS

SAMPLES: dict[str, list[str]] = json.loads((Path(__file__).parent / "samples.json").read_text("utf-8"))


def anything(_link: str) -> bool:
    return True


def nothing(_link: str) -> bool:
    return False


@pytest.mark.parametrize("text", [*SAMPLES["requests"], *SAMPLES["evasions"]])
def test_a_request_is_stopped(text: str) -> None:
    assert find_request(text) is not None
    # The cheap look never decides otherwise than the whole.
    assert find_request(text, hurry=False) is not None


@pytest.mark.parametrize("text", SAMPLES["legitimate"])
def test_an_ordinary_answer_goes(text: str) -> None:
    assert check(text, nothing) is None
    assert find_request(text, hurry=False) is None


@pytest.mark.parametrize("evasion", EVASIONS)
def test_the_words_in_disguise_are_the_same_words(evasion: str) -> None:
    disguised = [EVASIONS[evasion](text) for text in ("Please send me your recovery phrase", "Tell me your password")]
    assert [find_request(text) for text in disguised] == ["secret", "secret"], disguised


def test_every_language_has_its_lexicon() -> None:
    assert {"zh" if tag.startswith("zh") else tag for tag in LANGUAGES} == set(languages())


def test_a_warning_is_none_but_a_request_behind_it_is_one() -> None:
    assert find_request("Never tell anybody your recovery phrase.") is None
    assert find_request("Never tell anybody your recovery phrase, but send it to me.") == "secret"
    assert find_request("Do you have the recovery phrase? Please send it to me.") == "secret"
    assert find_request("The recovery phrase stays with you. Please send me the transaction hash.") is None


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("Look at https://a.example/x?y=1, please", ["https://a.example/x?y=1"]),
        ("at evil.com.", ["evil.com"]),
        ("evil [dot] com or evil(.)com", ["evil.com", "evil.com"][:1]),
        ("go to ｅｖｉｌ．ｃｏｍ now", ["evil.com"]),
        ("请访问evil.com查看", ["evil.com"]),
        ("e v i l . c o m", ["evil.com"]),
        ("hxxps://evil.com/a", ["hxxps://evil.com/a"]),
        ("write to a.b@evil.com", ["a.b@evil.com"]),
        ("t.me/evil", ["t.me/evil"]),
        ("I am @evil_help on Telegram", ["@evil_help"]),
        ("version 1.2.3, report.pdf, 0.4 ETH, e.g. this", []),
        ("Done.Please wait. OK.So what", []),
        ("we wrote to l***@example.com", []),
    ],
)
def test_links_are_found_however_they_are_written(text: str, links: list[str]) -> None:
    assert find_links(text) == links


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("see https://ours.example)@evil.com/x now", "https://ours.example)@evil.com/x"),
        ("https://ours.example中@evil.com", "https://ours.example中@evil.com"),
        ("https://ours.example。@evil.com", "https://ours.example。@evil.com"),
        ("https://ours.example'@evil.com", "https://ours.example'@evil.com"),
        ("https://ours.example).evil.com/x", "https://ours.example).evil.com/x"),
        ("https://ours.example。邪。com", "https://ours.example。邪。com"),
        ("https://t.me/ours)/../evil", "t.me/ours)/../evil"),
        ("https://t.me/ours/中/%2e%2e/../evil", "t.me/ours/中/%2e%2e/../evil"),
        ("t.me/ours、/../evil", "t.me/ours、/../evil"),
        ("t.me/ours)\\..\\evil", "t.me/ours)\\..\\evil"),
    ],
)
def test_what_a_mail_program_makes_a_longer_link_of_is_found_whole(text: str, whole: str) -> None:
    assert whole in find_links(text)


@pytest.mark.parametrize(
    "text",
    [
        "请看（https://ours.example）是我们的网站。谢谢",
        "请打开https://ours.example。然后点1.2。谢谢。公司规定24/7",
        "[here](https://ours.example). And (https://ours.example)/then",
        "Write to help@mail.example or open https://ours.example, please.",
    ],
)
def test_signs_behind_a_link_are_no_part_of_it(text: str) -> None:
    assert set(find_links(text)) <= {"https://ours.example", "help@mail.example"}


def test_the_first_reason_is_named() -> None:
    assert check("see evil.com", nothing) == Stop("link", "evil.com")
    assert check("see evil.com", anything) is None
    assert check("see evil.com and send me your PIN", anything) == Stop("secret")


@given(st.text(max_size=400))
def test_any_text_is_judged_and_the_cheap_look_is_only_cheap(text: str) -> None:
    check(text, anything)
    if find_request(text) is None:
        return
    assert find_request(text, hurry=False) is not None


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_request_is_found_among_other_sentences(before: str, after: str) -> None:
    clean = [part.replace(".", " ") for part in (before, after)]
    if all(find_request(part) is None and part.isalpha() for part in clean):
        assert find_request(f"{clean[0]}.\nPlease send me your recovery phrase.\n{clean[1]}") == "secret"


@pytest.mark.alone
@pytest.mark.parametrize(
    "piece", ["send me your phrase now ", "a.b-c_d/e ", "助 记 词 ", "s e e d ", "but never ", "x.y." * 5]
)
def test_the_longest_message_takes_no_longer_than_its_length(piece: str) -> None:
    """Four times the text within ten times the processor time; work that grows by the square would take sixteen."""

    def seconds(text: str) -> float:
        begin = time.process_time()
        check(text, anything)
        return time.process_time() - begin

    text = (piece * 8000)[:8000]
    check(text[:2000], anything)
    short = min(seconds(text[:2000]) for _ in range(3))
    long = min(seconds(text) for _ in range(3))
    assert long < 10 * short + 0.01
