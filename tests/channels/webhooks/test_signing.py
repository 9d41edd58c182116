"""Signatures as Standard Webhooks has them."""

import re
from base64 import b64decode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from holdfast.channels.webhooks.signing import headers, new_secret


def test_the_vector_of_the_specifications_libraries() -> None:
    made = headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        datetime.fromtimestamp(1614265330, UTC),
        b'{"test": 2432232314}',
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    )
    assert made == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_a_secret_has_256_bits() -> None:
    first, second = new_secret(), new_secret()
    assert first != second
    assert len(b64decode(first.removeprefix("whsec_"))) == 32


def test_the_receiver_of_the_guide_verifies_what_we_sign() -> None:
    guide = Path(__file__).resolve().parents[3] / "docs" / "guide" / "embedder.md"
    code = re.search(r"```python\n(import base64.*?)```", guide.read_text("utf-8"), re.S)
    assert code is not None
    names: dict[str, Any] = {}
    exec(code[1], names)
    verify = names["verify"]
    secret, other = new_secret(), new_secret()
    body = b'{"id":"msg_1"}'
    fresh = headers("msg_1", datetime.now(UTC), body, [other, secret])
    assert verify(secret, fresh, body)
    assert verify(other, fresh, body)
    assert not verify(new_secret(), fresh, body)
    assert not verify(secret, fresh, body + b" ")
    assert not verify(secret, {**fresh, "webhook-id": "msg_2"}, body)
    assert not verify(secret, headers("msg_1", datetime.fromtimestamp(1614265330, UTC), body, [secret]), body)
