"""A signed identity is believed only if everything about it is right."""

from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from holdfast.channels.chat.identity import IdentityInvalid, verify_identity
from holdfast.conversations.models import Inbox
from holdfast.core.ids import new_id

SECRET = "s" * 40


def inbox(secret: str | None = SECRET) -> Inbox:
    return Inbox(key="wallet", name="Wallet", identity_secret=secret, queue_id=new_id(), emergency_queue_id=new_id())


def token(secret: str = SECRET, algorithm: str = "HS256", drop: str | None = None, **changes: Any) -> str:
    now = datetime.now(UTC)
    claims: dict[str, Any] = {
        "sub": "user-1",
        "aud": "wallet",
        "iat": now,
        "exp": now + timedelta(minutes=10),
        "name": "Lin",
        "email": "lin@example.com",
        **changes,
    }
    claims.pop(drop, None) if drop else None
    return jwt.encode(claims, secret, algorithm=algorithm)


def test_a_good_token_gives_the_identity() -> None:
    identity = verify_identity(inbox(), token())
    assert (identity.subject, identity.name, identity.email, identity.phone) == (
        "user-1",
        "Lin",
        "lin@example.com",
        None,
    )


def test_a_segment_is_the_wallets_and_may_be_missing() -> None:
    assert verify_identity(inbox(), token(segment="business_2")).segment == "business_2"
    assert verify_identity(inbox(), token()).segment == ""


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(token(secret="x" * 40), id="other secret"),
        pytest.param(token(aud="other"), id="other audience"),
        pytest.param(token(exp=datetime.now(UTC) - timedelta(minutes=2)), id="expired"),
        pytest.param(token(exp=datetime.now(UTC) + timedelta(days=1)), id="lives too long"),
        pytest.param(token(iat=datetime.now(UTC) + timedelta(hours=1)), id="from the future"),
        pytest.param(token(algorithm="HS512"), id="other algorithm"),
        pytest.param(jwt.encode({"sub": "user-1", "aud": "wallet"}, "", algorithm="none"), id="unsigned"),
        pytest.param(token(sub="x" * 201), id="subject too long"),
        pytest.param(token(sub=""), id="empty subject"),
        pytest.param(token(segment="Mr Lin, gold"), id="a segment that is no key"),
        pytest.param(token(segment=1), id="a segment that is no word"),
        *(pytest.param(token(drop=claim), id=f"without {claim}") for claim in ("exp", "iat", "sub", "aud")),
        pytest.param("not a token", id="no token"),
        pytest.param(token()[:-2], id="cut"),
    ],
)
def test_a_bad_token_is_refused(bad: str) -> None:
    with pytest.raises(IdentityInvalid):
        verify_identity(inbox(), bad)


def test_an_inbox_without_a_secret_believes_nobody() -> None:
    with pytest.raises(IdentityInvalid):
        verify_identity(inbox(secret=None), token())
