"""What imitates ours is told from what is ours and from what is nobody's: by rule, and for any text at all."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.authenticity import targets
from holdfast.authenticity.check_codes import code_of, full, parse_check_code
from holdfast.authenticity.lookalikes import Official, distance, judge
from holdfast.authenticity.register import OfficialLinks
from holdfast.authenticity.rotating import code_at, same, step_at
from holdfast.core.ids import ALPHABET, new_id, new_reference
from tests.authenticity.lookalikes import FAMILIES, FOREIGN

NOW = datetime(2026, 5, 1, tzinfo=UTC)
REGISTER = [
    Official("domain", "holdfast.example", "holdfast.example"),
    Official("domain", "tokenharbour.com", "tokenharbour.com"),
    Official("link", "docs.example/holdfast", "docs.example/holdfast"),
    Official("handle", "x:holdfastwallet", "@holdfastwallet (x)"),
    Official("handle", "telegram:holdfast_news", "@holdfast_news (telegram)"),
    Official("phone", "+442079460990", "+442079460990"),
    Official("mail", "hotline@holdfast.example", "hotline@holdfast.example"),
    Official("app", "example.holdfast.wallet", "example.holdfast.wallet"),
    Official("app", "ab" * 32, "ab" * 32),
    Official("reference", "etherscan.io", "etherscan.io"),
]


def status(text: str) -> str:
    return judge(targets.read(text), REGISTER, NOW).status


@pytest.mark.parametrize("family", FAMILIES)
def test_each_trick_is_seen(family: str) -> None:
    rng = random.Random(7)
    for name, tld in (("holdfast", "example"), ("tokenharbour", "com")):
        for _ in range(60):
            made = FAMILIES[family](rng, name, tld)
            assert status(made) == "lookalike", made


@pytest.mark.parametrize("text", FOREIGN)
def test_what_is_nobodys_imitation_is_only_not_listed(text: str) -> None:
    assert status(text) in ("not_listed", "reference")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("holdfast.example", "official"),
        ("HTTPS://Help.Holdfast.Example:443/a?b#c", "official"),
        ("ｈｏｌｄｆａｓｔ．ｅｘａｍｐｌｅ", "official"),
        ("https://docs.example/holdfast/start", "official"),
        ("https://docs.example/other", "not_listed"),
        ("https://evil.com/holdfast.example", "not_listed"),
        ("https://evil.com\\@holdfast.example/", "not_listed"),
        ("@holdfastwallet", "official"),
        ("https://x.com/holdfastwallet", "official"),
        ("https://t.me/holdfastwallet", "lookalike"),
        ("@holdfast_wallet", "lookalike"),
        ("@holdfastwallet_support", "lookalike"),
        ("@ho1dfastwallet", "lookalike"),
        ("@somebody_else", "not_listed"),
        ("+44 20 7946 0990", "official"),
        ("0044 (20) 7946-0990", "official"),
        ("＋４４ ２０ ７９４６ ０９９０", "official"),
        ("+٤٤ ٢٠ ٧٩٤٦ ٠٩٩٠", "official"),
        ("+44 20 7946 0991", "lookalike"),
        ("+44 20 7964 0990", "lookalike"),
        ("+1 202 555 0143", "not_listed"),
        ("hotline@holdfast.example", "official"),
        ("support@holdfast.example", "not_listed"),
        ("hotline@hoIdfast.example.net", "lookalike"),
        ("holdfast.support@gmail.com", "lookalike"),
        ("anna@gmail.com", "not_listed"),
        ("example.holdfast.wallet", "official"),
        ("com.holdfast.wallet.pro", "lookalike"),
        ("AB:" * 31 + "AB", "official"),
        ("cd" * 32, "not_listed"),
        ("etherscan.io/tx/0x12", "reference"),
        ("0.4 ETH", "not_listed"),
    ],
)
def test_examples(text: str, expected: str) -> None:
    found = targets.read(text)
    assert (judge(found, REGISTER, NOW).status if found.kind != "unknown" else "not_listed") == expected, found


# What a browser makes "../" of, what only a server may, and what neither shows.
UP: tuple[str, ...] = (
    "/../",
    "/%2e%2e/",
    "/.%2E/",
    "/%2e./",
    "\\..\\",
    "/..\\",
    "/.\t./",
    "/.\u200b./",
    "/\u2025/",
    "/x/../../",
)
UP += ("/%252e%252e/", "/..%2f", "/..%5c", "/..;x/", "/%25252525252e%25252525252e/")


@pytest.mark.parametrize("up", UP)
@pytest.mark.parametrize("scheme", ["", "https://"])
@pytest.mark.parametrize("begin", ["t.me/holdfast_news", "docs.example/holdfast"])
def test_a_link_that_begins_with_ours_and_goes_up_again_is_not_ours(begin: str, scheme: str, up: str) -> None:
    assert status(f"{scheme}{begin}/post") == "official"
    assert status(f"{scheme}{begin}{up}evil_support") == "not_listed"
    links = OfficialLinks()
    links.use(REGISTER)
    assert links.allows(f"{scheme}{begin}/post")
    assert not links.allows(f"{scheme}{begin}{up}evil_support")
    # Below a whole domain of ours every way is ours.
    assert status(f"https://help.holdfast.example/a{up}b") == "official"


@pytest.mark.parametrize(
    "text", ["t.me/holdfast_news/1.2", "docs.example/holdfast/...", "docs.example/holdfast?a=/../"]
)
def test_dots_that_lead_nowhere_else_are_no_harm(text: str) -> None:
    assert status(text) == "official"


def test_a_line_out_of_its_time_is_not_ours() -> None:
    line = Official("domain", "old.example", "old.example", since=NOW, until=NOW + timedelta(days=1))
    target = targets.read("old.example")
    assert judge(target, [line], NOW - timedelta(seconds=1)).status == "expired"
    assert judge(target, [line], NOW).status == "official"
    assert judge(target, [line], NOW + timedelta(days=1)).status == "expired"


@given(st.text(max_size=300))
def test_any_text_is_read_and_judged(text: str) -> None:
    target = targets.read(text)
    verdict = judge(target, REGISTER, NOW)
    # Only what leads to a registered host is ours.
    if verdict.status == "official" and target.kind in ("domain", "link"):
        assert target.host.endswith(("holdfast.example", "tokenharbour.com", "docs.example"))


@given(st.text("abcdefghij", min_size=1, max_size=12), st.text("abcdefghij", min_size=1, max_size=12))
def test_distance_is_symmetric_and_bounded(a: str, b: str) -> None:
    most = 24
    assert distance(a, b, most) == distance(b, a, most)
    assert (distance(a, b, most) == 0) == (a == b)
    assert distance(a, b, most) <= max(len(a), len(b))
    assert (distance(a, b, 2) <= 2) == (distance(a, b, most) <= 2)


@given(st.integers(1, 10**6), st.integers(0, 15), st.sampled_from(ALPHABET))
def test_a_check_code_survives_being_read_out_and_one_wrong_character_does_not(seq: int, place: int, char: str) -> None:
    reference = new_reference()
    written = full(reference, code_of(b"k" * 16, new_id(), seq))
    assert parse_check_code(written.lower().replace("-", " ")) == written
    places = [i for i, c in enumerate(written) if c != "-" and i >= 3]
    i = places[place]
    if written[i] != char:
        assert parse_check_code(written[:i] + char + written[i + 1 :]) is None


@given(st.datetimes(min_value=datetime(2024, 1, 1), max_value=datetime(2040, 1, 1)), st.integers(-3, 3))
def test_a_rotating_code_holds_for_its_minute_and_the_neighbours(at: datetime, off: int) -> None:
    moment, conversation = at.replace(tzinfo=UTC), new_id()
    heard = code_at(b"k" * 16, conversation, step_at(moment) + off)
    assert len(heard) == 6
    if abs(off) <= 1:
        assert same(b"k" * 16, conversation, moment, f"{heard[:3]} {heard[3:]}")
