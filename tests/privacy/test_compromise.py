"""While somebody says that the wallet is in other hands, whoever holds it takes nothing and wipes nothing."""

from typing import Any

import pytest

from holdfast.verification.models import CompromiseMark
from tests.privacy.support import House


async def _said(house: House, claimed: bool) -> None:
    async with house.desk.database.transaction() as session:
        session.add(CompromiseMark(conversation_id=house.conversation, claimed=claimed, by="customer"))


async def _own(house: House, path: str, **body: Any) -> Any:
    async with house.browser() as widget:
        return await widget.post(f"/api/widget/privacy/{path}", json={"token": house.token} | body)


def _refused(answer: Any) -> bool:
    return (answer.status_code, answer.json()["id"]) == (403, "wallet_compromised") if answer.is_error else False


async def test_nothing_is_given_out_under_a_claim(house: House) -> None:
    export = (await _own(house, "requests", kind="export")).json()
    await house.run_jobs()
    await _said(house, True)
    # One that was ready before, too.
    assert _refused(await _own(house, "archive", request=export["id"]))
    for kind in ("export", "erasure"):
        assert _refused(await _own(house, "requests", kind=kind))
    assert [row["state"] for row in (await _own(house, "list")).json()] == ["done"]
    await _said(house, False)
    assert (await _own(house, "archive", request=export["id"])).status_code == 200
    assert (await _own(house, "requests", kind="erasure")).json()["state"] == "waiting"


async def test_the_owner_can_withdraw_what_the_thief_has_asked(house: House) -> None:
    wish = (await _own(house, "requests", kind="erasure")).json()
    await _said(house, True)
    assert (await _own(house, "withdraw", request=wish["id"])).json()["state"] == "withdrawn"


@pytest.mark.parametrize(("language", "title"), [("en", "Your wallet"), ("de", "Ihre Wallet"), ("ja", "ウォレット")])
async def test_the_refusal_is_in_their_language(house: House, language: str, title: str) -> None:
    await _said(house, True)
    async with house.browser() as widget:
        answer = await widget.post(
            "/api/widget/privacy/requests",
            json={"token": house.token, "kind": "export"},
            headers={"accept-language": language},
        )
    assert _refused(answer)
    assert answer.json()["title"].startswith(title)
