"""Every method through the application: asked by the agent, answered by the widget, seen in row and timeline."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from coincurve import PrivateKey
from sqlalchemy import text

from holdfast.core import clock
from holdfast.verification import operations
from tests.verification.house import (
    EMAIL,
    PHONE,
    WALLET_PAGE,
    House,
    address_of,
    at,
    problem,
    signed,
)


async def test_a_signature_proves_for_five_minutes_and_leaves_nothing_of_what_was_shown(house: House) -> None:
    await house.opens()
    assert (await house.row())["verification"] == 0
    proof = await house.asks("freeze")
    own = (await house.widget("list")).json()
    assert [way["method"] for way in own["proofs"][0]["ways"]] == ["wallet"]
    made = await house.challenge(proof, address=address_of(house.key).lower())
    assert made["text"].startswith("localhost:8420 wants you to sign in with your Ethereum account:\n")
    assert "for: freezing your account." in made["text"]
    signature = signed(house.key, made["text"])
    before = clock.now()
    answered = (await house.widget("answer", challenge=made["id"], signature=signature)).json()
    assert answered["refused"] is None
    row = await house.row()
    assert row["verification"] == 2
    case = (await house.console(house.desk.ana)).json()
    shown = case["proofs"][0]
    assert (shown["state"], shown["counts"], shown["method"], shown["asked_by"]) == ("proven", True, "wallet", "Ana")
    assert shown["warnings"] == ["chain_not_read"]
    address = address_of(house.key)
    assert shown["address"] == f"{address[:4]}••••{address[-4:]}"
    assert row["verified_until"] == shown["valid_until"]
    assert [event["type"] for event in await house.events()] == ["proof_asked", "proof_given"]
    dump = await house.dump()
    assert address[6:30].lower() not in dump.lower()
    assert signature[2:40] not in dump
    # It ends by itself, in the row and in what the deadline writes.
    with at(before + timedelta(minutes=6)):
        assert (await house.row())["verification"] == 0
        assert (await house.console(house.desk.ana)).json()["proofs"][0]["counts"] is False
        async with house.database.transaction() as session:
            await operations.over(session, UUID(house.conversation))
    assert (await house.desk.read(UUID(house.conversation))).verification == 0


async def test_an_answer_counts_once_here_and_in_time(house: House) -> None:
    await house.opens()
    proof = await house.asks("freeze")
    made = await house.challenge(proof, address=address_of(house.key))
    good = signed(house.key, made["text"])
    # Another conversation, even of somebody with a good token.
    mine, mine_id = house.token, house.conversation
    await house.opens()
    assert problem(await house.widget("answer", challenge=made["id"], signature=good)) == (404, "verification_unknown")
    assert problem(await house.widget("challenge", proof=proof, method="wallet")) == (404, "verification_unknown")
    house.token, house.conversation = mine, mine_id
    # A wrong signature burns it: the right one comes too late.
    wrong = (await house.widget("answer", challenge=made["id"], signature=signed(PrivateKey(), made["text"]))).json()
    assert wrong["refused"] == "wrong_signature"
    assert problem(await house.widget("answer", challenge=made["id"], signature=good)) == (409, "challenge_used")
    # One that another has replaced.
    old = await house.challenge(proof, address=address_of(house.key))
    new = await house.challenge(proof, address=address_of(house.key))
    again = await house.widget("answer", challenge=old["id"], signature=signed(house.key, old["text"]))
    assert problem(again) == (409, "challenge_used")
    # Late.
    with at(clock.now() + timedelta(minutes=5, seconds=1)):
        late = (await house.widget("answer", challenge=new["id"], signature=signed(house.key, new["text"]))).json()
    assert late["refused"] == "late"
    assert (await house.row())["verification"] == 0
    # The text of an earlier challenge is not the stored one's.
    third = await house.challenge(proof, address=address_of(house.key))
    other = (await house.widget("answer", challenge=third["id"], signature=good)).json()
    assert other["refused"] == "wrong_signature"
    assert (await house.by_wallet(proof))["refused"] is None
    refusals = [event["reason"] for event in await house.events() if event["type"] == "proof_refused"]
    assert refusals == ["wrong_signature", "late", "wrong_signature"]


async def test_the_domain_in_the_text_is_one_that_the_operator_named(house: House) -> None:
    await house.opens()
    proof = await house.asks("own_address")
    for origin, domain in ((WALLET_PAGE, "wallet.example"), ("https://wallet.evil.example", "localhost:8420")):
        made = await house.widget(
            "challenge", proof=proof, method="wallet", address=address_of(house.key), origin=origin
        )
        assert made.json()["text"].startswith(f"{domain} wants you to sign in")


@pytest.mark.parametrize(
    ("typed", "chain"),
    [
        ("0x52908400098527886E0F7030069857D2E4169EE7", "eip155:1"),
        ("TQn9Y2khEsLJW1ChVWFMSMeRDow5KcbLSE", "tron:0x2b6653dc"),
        ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "bip122:000000000019d6689c085ae165831e93"),
        ("4Nd1mBQtrMJVYVfKf2PJy9NZUZdTAsp7D4xWLs4gDB4T", "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp"),
        ("alice.gm", "antelope:aca376f206b8fc25a6ed44dbdc66547c"),
    ],
)
async def test_the_chain_is_known_by_the_address(house: House, typed: str, chain: str) -> None:
    await house.opens()
    made = await house.challenge(await house.asks("own_address"), address=f" {typed}\n")
    assert (made["chain"], made["address"]) == (chain, typed)
    assert typed in made["text"]


async def test_what_is_no_address_is_refused(house: House) -> None:
    await house.opens()
    proof = await house.asks("own_address")
    for typed in (
        "",
        "0x52908400098527886e0F7030069857D2E4169EE7",
        "hello world",
        "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",
    ):
        answer = await house.widget("challenge", proof=proof, method="wallet", address=typed)
        assert problem(answer) == (400, "address_invalid"), typed


@pytest.mark.parametrize(("method", "to"), [("email", "l••••@mail.example"), ("sms", "+86 ••••• 8000")])
async def test_a_code_goes_to_what_is_on_file_and_five_wrong_ones_end_it(house: House, method: str, to: str) -> None:
    await house.opens(identity=house.identity())
    proof = await house.asks("account_state")
    made = await house.challenge(proof, method)
    assert made["to"] == to
    (mail,) = await house.mails()
    assert mail.startswith(EMAIL if method == "email" else PHONE)
    (code,) = re.findall(r"\b\d{6}\b", mail.replace(PHONE, ""))
    assert code not in await house.dump()
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for tries in (4, 3, 2, 1, 0):
        answered = (await house.widget("answer", challenge=made["id"], code=wrong)).json()
        assert (answered["refused"], answered["tries"]) == ("wrong_code", tries)
    assert problem(await house.widget("answer", challenge=made["id"], code=code)) == (409, "challenge_used")
    # One line in the timeline, not five.
    assert [event["type"] for event in await house.events()] == ["proof_asked", "proof_refused"]
    made = await house.challenge(proof, method)
    (_, newest) = sorted(await house.mails(), key=lambda text: code in text, reverse=True)
    (code,) = re.findall(r"\b\d{6}\b", newest.replace(PHONE, ""))
    arabic = code.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    answered = (await house.widget("answer", challenge=made["id"], code=f"{arabic[:3]} {arabic[3:]}")).json()
    assert answered["refused"] is None
    proven = (await house.console(house.desk.ana)).json()["proofs"][0]
    assert (proven["level"], proven["method"], proven["counts"]) == (1, method, True)


@pytest.mark.parametrize("method", ["email", "sms"])
async def test_a_code_comes_with_the_customers_own_words(house: House, method: str) -> None:
    await house.opens(identity=house.identity())
    proof = await house.asks("account_state")
    await house.challenge(proof, method)
    assert ["Your code with us" in mail for mail in await house.mails()] == [False]
    async with house.browser() as client:
        chosen = await client.post("/api/widget/code", json={"token": house.token, "words": "green door 5"})
        assert chosen.status_code == 200
    await house.challenge(proof, method)
    assert sorted("\n\nYour code with us: green door 5\n" in mail for mail in await house.mails()) == [False, True]


async def test_codes_are_not_sent_without_end(house: House) -> None:
    await house.opens(identity=house.identity())
    proof = await house.asks("account_state")
    for _ in range(5):
        await house.challenge(proof, "email")
    answer = await house.widget("challenge", proof=proof, method="email")
    assert problem(answer) == (429, "too_many_challenges")
    assert len(await house.mails()) == 5


async def test_a_code_never_goes_to_an_address_that_came_with_the_case(house: House) -> None:
    """A visitor's own words are nothing on file; nor is what the wallet learns after the conversation began."""
    await house.opens()
    proof = await house.asks("account_state")
    assert problem(await house.widget("challenge", proof=proof, method="email")) == (422, "method_not_offered")
    async with house.browser() as client:
        body = {"inbox": "wallet", "identity": house.identity(), "tokens": [house.token]}
        assert (await client.post("/api/widget/start", json=body)).status_code == 200
    assert problem(await house.widget("challenge", proof=proof, method="email")) == (422, "method_not_offered")
    assert await house.mails() == []


async def test_a_changed_address_is_passed_over_for_the_older_one(house: House) -> None:
    await house.opens(identity=house.identity())
    async with house.database.transaction() as session:
        await session.execute(text("UPDATE contact_point SET created_at = created_at - interval '3 days'"))
    await house.opens(identity=house.identity(email="thief@mail.example"))
    made = await house.challenge(await house.asks("account_state"), "email")
    assert made["to"] == "l••••@mail.example"
    (mail,) = await house.mails()
    assert mail.startswith(EMAIL)


async def test_the_app_vouches_with_the_challenges_nonce(house: House) -> None:
    await house.opens(identity=house.identity())
    assert (await house.row())["verification"] == 2, "opened by somebody whom the app vouched for"
    proof = await house.asks("contact_change")

    async def answers(**claims: Any) -> Any:
        made = await house.challenge(proof, "app")
        claims = {"nonce": made["nonce"]} | claims
        answer = await house.widget("answer", challenge=made["id"], identity=house.identity(**claims))
        return answer.json()["refused"]

    assert await answers(nonce=None) == "wrong_token"
    assert await answers(nonce="8b1f0a52c3d94e67a0b5c9d1e2f30415") == "wrong_token"
    assert await answers(subject="user-2") == "wrong_token"
    assert await answers(aud="other") == "wrong_token"
    assert await answers() is None
    proven = (await house.console(house.desk.ana)).json()["proofs"][0]
    assert (proven["purpose"], proven["method"], proven["counts"]) == ("contact_change", "app", True)


async def test_the_apps_word_at_the_opening_ends_like_every_other(house: House) -> None:
    await house.opens(identity=house.identity())
    with at(clock.now() + timedelta(minutes=6)):
        row = await house.row()
    assert (row["verification"], row["verified_until"], row["signed_in"]) == (0, None, True)


async def test_more_than_the_purpose_needs_cannot_be_asked(house: House) -> None:
    await house.opens()
    for purpose, level, refusal in (
        ("account_state", 2, (422, "level_too_high")),
        ("freeze", 3, (422, "level_too_high")),
        ("general", None, (422, "nothing_to_prove")),
        ("anything", None, (404, "verification_purpose_unknown")),
        ("signed_in", None, (404, "verification_purpose_unknown")),
    ):
        answer = await house.console(house.desk.ana, body={"purpose": purpose, "level": level})
        assert problem(answer) == refusal
    assert await house.events() == []
    # Whoever has not got the conversation asks nothing.
    assert problem(await house.console(house.desk.wei, body={"purpose": "freeze"}))[0] in (403, 404)
    # Asked twice is asked once.
    assert await house.asks("freeze") == await house.asks("freeze")
    assert len(await house.events()) == 1


async def test_the_customer_can_begin_by_themselves(house: House) -> None:
    await house.opens()
    begun = (await house.widget("begin", purpose="own_address")).json()
    assert begun["proofs"][0]["by_agent"] is False
    assert (await house.by_wallet(begun["proofs"][0]["id"]))["refused"] is None
    assert (await house.console(house.desk.ana)).json()["proofs"][0]["asked_by"] is None


async def test_a_question_that_was_withdrawn_or_is_old_is_not_answered(house: House) -> None:
    await house.opens()
    proof = await house.asks("freeze")
    made = await house.challenge(proof, address=address_of(house.key))
    gone = await house.console(house.desk.ana, f"verification/{proof}/withdraw", {})
    assert gone.json()["proofs"][0]["state"] == "withdrawn"
    answer = await house.widget("answer", challenge=made["id"], signature=signed(house.key, made["text"]))
    assert problem(answer) == (409, "verification_over")
    proof = await house.asks("freeze")
    with at(clock.now() + timedelta(minutes=31)):
        assert (await house.console(house.desk.ana)).json()["proofs"][0]["state"] == "over"
        assert problem(await house.widget("challenge", proof=proof, method="wallet")) == (409, "verification_over")
