"""The shared vectors: what they say is what this engine finds, and what they hold is as the samples mean it."""

import json
from typing import Any

import pytest

from holdfast.redaction import find_personal, join, may_be_piece, redact
from tests.redaction.samples_values import PERSONAL, SECRETS, parts
from tests.redaction.vectors import FOLDER, of_finding, pieces, texts


def stored(name: str) -> list[dict[str, Any]]:
    vectors: list[dict[str, Any]] = json.loads((FOLDER / name).read_text("utf-8"))
    return vectors


def test_the_engine_agrees() -> None:
    for vector in stored("vectors.json"):
        assert [of_finding(found) for found in redact(vector["text"]).findings] == vector["findings"], vector["text"]
    for vector in stored("vectors_personal.json"):
        assert [of_finding(found) for found in find_personal(vector["text"])] == vector["findings"], vector["text"]


def test_the_engine_agrees_on_pieces() -> None:
    for vector in stored("vectors_pieces.json"):
        joined = join(vector["pieces"])
        found = joined and {
            "pieces": list(joined.pieces), "kind": joined.kind, "words": joined.words, "certainty": joined.certainty,
        }  # fmt: skip
        assert found == vector["joined"]
        assert [may_be_piece(piece) for piece in vector["pieces"]] == vector["held"]


def test_the_vectors_are_those_of_the_samples() -> None:
    """After a change of samples: python -m tests.redaction.vectors, and read the difference."""
    assert [vector["text"] for vector in stored("vectors.json")] == list(texts())
    assert [tuple(vector["pieces"]) for vector in stored("vectors_pieces.json")] == list(pieces())


@pytest.mark.parametrize("kind", ["recovery_phrase", "private_key", "one_time_code", "password", "card_number"])
def test_they_hold_every_kind_and_certainty(kind: str) -> None:
    found = [one for vector in stored("vectors.json") for one in vector["findings"] if one["kind"] == kind]
    assert len(found) >= 7
    assert {"high"} <= {one["certainty"] for one in found}
    assert sum(not vector["findings"] for vector in stored("vectors.json")) >= 60


def test_they_say_what_was_meant() -> None:
    """The samples' own statement of the secret, against the stored findings, not against the engine."""
    by_text = {
        vector["text"]: vector["findings"] for vector in stored("vectors.json") + stored("vectors_personal.json")
    }
    for kind, text in [(kind, text) for kind, _, text in SECRETS] + list(PERSONAL):
        plain, secret = parts(text)
        assert [(one["kind"], plain[one["start"] : one["end"]]) for one in by_text[plain]] == [(kind, secret)]
