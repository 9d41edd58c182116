"""More vectors that every engine agrees with, written by hand: phrases with other things between their words, passwords
and cards in the words of more languages, and look-alikes that are left alone."""

import json
from typing import Any

import pytest

from holdfast.redaction import join, redact
from tests.redaction.vectors import FOLDER, of_finding

MORE: dict[str, list[dict[str, Any]]] = json.loads((FOLDER / "vectors_more.json").read_text("utf-8"))


@pytest.mark.parametrize("vector", MORE["texts"], ids=lambda vector: vector["why"])
def test_texts(vector: dict[str, Any]) -> None:
    redaction = redact(vector["text"])
    assert [of_finding(found) for found in redaction.findings] == vector["findings"]
    # The statement of the sample itself: what has to be hidden is not in what is stored.
    assert not [word for word in vector["hidden"] if word in redaction.text]
    assert bool(vector["hidden"]) == bool(vector["findings"])


@pytest.mark.parametrize("vector", MORE["pieces"], ids=lambda vector: vector["why"])
def test_pieces(vector: dict[str, Any]) -> None:
    joined = join(vector["pieces"])
    assert (joined and list(joined.pieces)) == vector["joined"]
