"""Codes, passwords and cards are never kept; personal numbers are masked on demand; look-alikes stay."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.redaction import find_personal, mask_personal, redact
from holdfast.redaction import identity as identities
from holdfast.redaction.codes import luhn
from tests.redaction.samples import MESSAGES
from tests.redaction.samples_values import HARMLESS, PERSONAL, SECRETS, parts


@pytest.mark.parametrize(("kind", "certainty", "text"), SECRETS)
def test_a_value_is_hidden_and_nothing_beside_it(kind: str, certainty: str, text: str) -> None:
    plain, secret = parts(text)
    redaction = redact(plain)
    assert [(f.kind, f.certainty) for f in redaction.findings] == [(kind, certainty)]
    found = redaction.findings[0]
    assert plain[found.start : found.end] == secret
    assert redact(redaction.text).text == redaction.text


@pytest.mark.parametrize("text", HARMLESS)
def test_what_looks_like_a_value_stays(text: str) -> None:
    assert redact(text).text is text


@pytest.mark.parametrize(("kind", "text"), PERSONAL)
def test_a_personal_number_is_found_and_masked_but_kept(kind: str, text: str) -> None:
    plain, secret = parts(text)
    found = find_personal(plain)
    assert [(f.kind, plain[f.start : f.end]) for f in found] == [(kind, secret)]
    assert mask_personal(plain) == plain.replace(secret, f"[⛔ {kind}]")
    assert mask_personal(mask_personal(plain)) == mask_personal(plain)
    assert redact(plain).text == plain


@pytest.mark.parametrize("text", [*MESSAGES, *HARMLESS])
def test_ordinary_messages_hold_nothing_personal(text: str) -> None:
    assert find_personal(text) == ()


@settings(max_examples=150, deadline=None)
@given(text=st.text())
def test_any_text_is_taken(text: str) -> None:
    masked = mask_personal(text + " mail a@example.com")
    assert masked.endswith("[⛔ email]")
    assert mask_personal(masked) == masked


@settings(max_examples=100)
@given(digits=st.text("0123456789", min_size=12, max_size=18))
def test_of_ten_last_digits_one_is_right(digits: str) -> None:
    assert sum(luhn(digits + str(last)) for last in range(10)) == 1


@pytest.mark.parametrize(
    ("check", "number", "places"),
    [
        (identities.china, "11010519491231002X", "0123456789"),
        (identities.japan, "123456789018", "0123456789"),
        (identities.brazil, "11144477735", "0123456789"),
        (identities.spain, "12345678Z", "0123456789"),
        (identities.italy, "RSSMRA85T10A562S", "ABCDEFGHIJ"),
        (identities.turkey, "10000000146", "0123456789"),
        (identities.india, "234123412346", "0123456789"),
        (identities.thailand, "1101700230708", "0123456789"),
        (identities.russia, "11223344595", "0123456789"),
        (identities.hong_kong, "A1234563", "0123456789"),
        (identities.taiwan, "A123456789", "0123456789"),
        (identities.france, "180126955222380", "0123456789"),
    ],
)
def test_a_changed_last_place_is_noticed(check: object, number: str, places: str) -> None:
    assert callable(check)
    assert check(number)
    if number[-1].isdigit():
        others = [number[:-1] + place for place in places if place != number[-1]]
        assert sum(bool(check(other)) for other in others) <= 1
