"""The search for leaked secrets finds what was leaked on purpose: a check that cannot fail is none."""

import re
from base64 import b64encode

import pytest

from holdfast.core.ids import new_secret
from tests.e2e.leaks import everything, forms, remembered, search, typed
from tests.support.server import Holdfast

WORDS = "harbour lantern 27 höchst geheim"


@pytest.mark.parametrize(
    "kept",
    [
        WORDS.encode(),
        b'{"password": "harbour lantern 27 h\\u00f6chst geheim"}',
        b"password=harbour%20lantern%2027%20h%C3%B6chst%20geheim&x=1",
        *[b"a token " + b64encode(b"x" * n + WORDS.encode() + b"yy") for n in range(5)],
        b"bytes " + WORDS.encode().hex().encode(),
    ],
)
def test_every_form_is_found(kept: bytes) -> None:
    (leak,) = search({WORDS: "a password"}, [("somewhere", b"before " + kept + b" after"), ("elsewhere", b"harbour")])
    assert (leak.what, leak.where) == ("a password", "somewhere")


def test_what_is_not_there_is_not_found() -> None:
    assert search({WORDS: "a password"}, [("x", b"lantern harbour 27"), ("y", b"")]) == []
    assert all(len(form) >= 8 for form in forms("12345678"))


def test_a_secret_that_was_leaked_on_purpose_is_found_in_table_file_and_log(holdfast: Holdfast) -> None:
    """Not by ``typed``: the whole session's search must stay clean."""
    in_table, in_file, printed = new_secret(), new_secret(), new_secret()
    secrets = {in_table: "table", in_file: "file", printed: "printed"}
    leaked = holdfast.data_dir / "leak.log"
    holdfast.execute("CREATE TABLE leaked (words text)")
    try:
        holdfast.execute("INSERT INTO leaked VALUES (%s)", (in_table,))
        leaked.write_text(f"a debug line: {in_file}")
        holdfast.said.append(f"Traceback … {printed}")
        found = {(leak.what, re.sub(r" (?!leak).*", "", leak.where)) for leak in search(secrets, everything(holdfast))}
    finally:
        holdfast.execute("DROP TABLE leaked")
        leaked.unlink()
        holdfast.said.pop()
    assert {("table", "table leaked"), ("file", "file leak.log"), ("printed", "what")} <= found
    # PostgreSQL's own files are looked through as well: the row stands in a page or in the write-ahead log.
    assert ("table", "file") in found


def test_passwords_are_remembered_when_they_are_typed() -> None:
    typed("a secret of this test", "an example")
    assert remembered()["a secret of this test"] == "an example"
