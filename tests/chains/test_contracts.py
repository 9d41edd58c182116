"""The compiled contracts are what their sources say."""

import subprocess
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from holdfast.chains.validator import UNDEPLOYED_MARK, creation_code, unwrap

HERE = Path(__file__).parent


def test_the_compiler_makes_the_same_code() -> None:
    done = subprocess.run(
        ["node", "compile.mjs", "--check"], cwd=HERE / "contracts", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@given(factory=st.binary(min_size=20, max_size=20), call=st.binary(max_size=200), inner=st.binary(max_size=200))
def test_what_is_asked_is_what_was_unwrapped(factory: bytes, call: bytes, inner: bytes) -> None:
    """EIP-6492's wrapping is the last three arguments of our question, but for where their bytes stand."""

    def padded(data: bytes) -> bytes:
        return len(data).to_bytes(32, "big") + data + bytes(-len(data) % 32)

    places = (96).to_bytes(32, "big") + (96 + len(padded(call))).to_bytes(32, "big")
    wrapped = bytes(12) + factory + places + padded(call) + padded(inner)
    assert unwrap(wrapped + UNDEPLOYED_MARK) == (factory, call, inner)
    question = creation_code(bytes(20), bytes(32), factory, call, inner)
    assert question.endswith(padded(call) + padded(inner))
    assert len(question) % 32 == len(creation_code(bytes(20), bytes(32), bytes(20), b"", b"")) % 32


@given(st.binary(max_size=300) | st.lists(st.integers(0, 400), max_size=9).map(
    lambda words: b"".join(word.to_bytes(32, "big") for word in words)))  # fmt: skip
def test_a_malformed_wrapping_is_none(body: bytes) -> None:
    unwrapped = unwrap(body + UNDEPLOYED_MARK)
    assert unwrapped is None or all(part in body for part in unwrapped[1:])
