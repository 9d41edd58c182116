"""Every method through the application: asked by the agent, answered by the widget, seen in row and timeline."""

import asyncio
import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from coincurve import PrivateKey
from sqlalchemy import text

from holdfast.chains.nodes import Nodes
from holdfast.conversations.models import Conversation
from holdfast.core import clock
from holdfast.core.files import FileStore
from holdfast.privacy import erasure
from holdfast.verification import operations, ports
from holdfast.verification.models import CustomerPasskey
from tests.verification.house import (
    EMAIL,
    PHONE,
    WALLET_PAGE,
    House,
    address_of,
    at,
    plugged,
    raise_emergency,
    signed,
)


def problem(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["id"]


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


async def _marked_by_agent(house: House) -> None:
    said = await house.console(house.desk.ana, "compromise", {"compromised": True}, "PUT")
    assert said.json()["compromised_at"]


async def _said_by_customer(house: House) -> None:
    assert (await house.widget("compromised")).json()["compromised"] is True


async def _exposed(house: House) -> None:
    """A recovery phrase in another conversation of the same customer."""
    mine, mine_id = house.token, house.conversation
    async with house.browser() as client:
        words = "my phrase: legal winner thank year wave sausage worth useful legal winner thank yellow"
        body = {"inbox": "wallet", "k": "01998f5e-0000-7000-8000-000000000001", "b": words}
        opened = await client.post("/api/widget/conversations", json=body | {"identity": house.identity()})
        assert opened.json()["entry"]["red"]
    house.token, house.conversation = mine, mine_id


CLAIMS = [_marked_by_agent, _said_by_customer, _exposed, raise_emergency]


@pytest.mark.parametrize("claim", CLAIMS)
async def test_after_a_claimed_compromise_a_signature_unlocks_nothing(house: House, claim: Any) -> None:
    await house.opens(identity=house.identity())
    before = await house.asks("own_address")
    assert (await house.by_wallet(before))["refused"] is None
    proof = await house.asks("contact_change")
    await claim(house)
    if claim is raise_emergency:
        await house.desk.assign(UUID(house.conversation), house.desk.wei)
    answered = await house.by_wallet(proof)
    assert answered["refused"] == "compromised"
    assert answered["proof"]["ways"] == []
    # The app's token is no better: whoever holds the wallet is signed in.
    assert problem(await house.widget("challenge", proof=proof, method="app")) == (422, "method_not_offered")
    case = (await house.console(house.desk.karin)).json()
    assert case["compromised_at"]
    # What was proven before is worth nothing either.
    assert [each["counts"] for each in case["proofs"]] == [False, False, False]
    assert (await house.desk.read(UUID(house.conversation))).verification == 0
    assert (await house.events())[-1] == {
        "type": "proof_refused",
        "purpose": "contact_change",
        "words": "",
        "level": 2,
        "method": "wallet",
        "reason": "compromised",
    }
    # Only a lead says that it is safe again, and then a signature counts.
    for agent in (house.desk.ana, house.desk.wei):
        lifted = await house.console(agent, "compromise", {"compromised": False}, "PUT")
        assert lifted.status_code in (403, 404)
    lifted = await house.console(house.desk.karin, "compromise", {"compromised": False}, "PUT")
    assert lifted.json()["compromised_at"] is None
    assert (await house.by_wallet(proof))["refused"] is None


async def test_administrators_change_purposes_and_nobody_else(house: House) -> None:
    changed = {"statement": "freezing your account", "level": 1, "methods": ["email", "wallet"], "holds_seconds": 60}
    async with house.browser(house.desk.karin) as lead:
        answer = await lead.put("/api/verification/purposes/freeze", json=changed)
        assert problem(answer) == (403, "purposes_for_administrators")
    async with house.browser(house.admin) as admin:
        put = admin.put
        for wrong in (
            {"statement": "Überweisung"},
            {"statement": "a\nURI: https://evil.example"},
            {"level": 3, "methods": ["email"]},
        ):
            answer = await put("/api/verification/purposes/freeze", json=changed | wrong)
            assert problem(answer) == (422, "verification_purpose_invalid"), wrong
        assert problem(await put("/api/verification/purposes/mine", json=changed))[0] == 422
        assert (await put("/api/verification/purposes/freeze", json=changed)).status_code == 200
        own = changed | {"name": "Lift a travel block", "statement": "lifting the travel block"}
        assert (await put("/api/verification/purposes/travel", json=own)).json()["name"] == "Lift a travel block"
        off = {"statement": "x", "level": 2, "methods": ["app"], "active": False}
        assert (await put("/api/verification/purposes/contact_change", json=off)).status_code == 200
        listed = {each["key"]: each for each in (await admin.get("/api/verification/purposes")).json()}
    assert (listed["freeze"]["level"], listed["travel"]["level"]) == (1, 1)
    await house.opens()
    assert problem(await house.console(house.desk.ana, body={"purpose": "contact_change"}))[0] == 404
    made = await house.challenge(await house.asks("travel"), address=address_of(house.key))
    assert "for: lifting the travel block." in made["text"]
    dump = await house.dump()
    assert dump.count("verification.purpose_changed") == 3


async def test_an_erasure_takes_everything_of_it(house: House, tmp_path: Path) -> None:
    await house.opens(identity=house.identity())
    await house.by_wallet(await house.asks("own_address"))
    await house.challenge(await house.asks("freeze"), address=address_of(house.key))
    await _said_by_customer(house)
    tables = ("verification", "verification_challenge", "compromise_mark", "customer_passkey")
    async with house.database.transaction() as session:
        conversation = await session.get_one(Conversation, UUID(house.conversation))
        session.add(CustomerPasskey(customer_id=conversation.customer_id, credential_id=b"1", public_key=b"2"))
        await session.flush()
        removed = await erasure.replay(session, conversation.customer_id, FileStore(tmp_path))
        assert all(removed[table] for table in tables)
        left = [await session.scalar(text(f"SELECT count(*) FROM {table}")) for table in tables]
    assert left == [0, 0, 0, 0]


async def test_of_two_answers_at_once_one_counts(house: House) -> None:
    await house.opens()
    made = await house.challenge(await house.asks("freeze"), address=address_of(house.key))
    signature = signed(house.key, made["text"])
    answers = await asyncio.gather(
        *(house.widget("answer", challenge=made["id"], signature=signature) for _ in range(4))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]


async def test_the_chain_is_asked_where_a_node_is_named(house: House) -> None:
    """EIP-7702: the account's delegate is named to the agent. A node that is away refuses, it does not weaken."""
    delegate = "ab" * 20
    asked: list[str] = []

    async def node(method: str, url: str, json: Any = None) -> tuple[int, bytes]:
        asked.append(url)
        result = {"eth_chainId": "0x1", "eth_getCode": "0xef0100" + delegate}[json["method"]]
        return 200, msgspec.json.encode({"jsonrpc": "2.0", "id": 1, "result": result})

    url = {"eip155:1": "https://node.example"}
    with plugged(replace(ports.outside(), nodes=Nodes(node, url))):
        await house.opens()
        await house.by_wallet(await house.asks("own_address"))
        (warning,) = (await house.console(house.desk.ana)).json()["proofs"][0]["warnings"]
    assert warning.lower() == f"delegated:0x{delegate}"
    assert set(asked) == {"https://node.example"}
    with plugged(replace(ports.outside(), nodes=Nodes(ports.closed, url))):
        assert (await house.by_wallet(await house.asks("freeze")))["refused"] == "chain_failed"


async def test_an_operator_can_want_the_chain_to_be_asked(house: House) -> None:
    strict = {"statement": "freezing your account", "level": 2, "methods": ["wallet"], "chain_required": True}
    async with house.browser(house.admin) as admin:
        assert (await admin.put("/api/verification/purposes/freeze", json=strict)).status_code == 200
    await house.opens()
    assert (await house.by_wallet(await house.asks("freeze")))["refused"] == "chain_not_read"


async def test_an_emergency_from_the_beginning_is_a_claim_too(house: House) -> None:
    await house.opens(identity=house.identity(), emergency=True)
    case = (await house.console(house.desk.karin)).json()
    assert case["compromised_at"]
    assert [proof["counts"] for proof in case["proofs"]] == [False]
    assert (await house.desk.read(UUID(house.conversation))).verification == 0


async def test_a_passkey_needs_the_apps_word_and_no_claim(house: House) -> None:
    refused = (403, "customer_passkey_refused")
    await house.opens(identity=house.identity())
    # The app's word at the opening is not for this.
    assert problem(await house.widget("passkeys/options")) == refused
    begun = (await house.widget("begin", purpose="enrol_passkey")).json()
    assert begun["may_enrol"] is False
    assert [way["method"] for way in begun["proofs"][0]["ways"]] == ["app"]
    made = await house.challenge(begun["proofs"][0]["id"], "app")
    await house.widget("answer", challenge=made["id"], identity=house.identity(nonce=made["nonce"]))
    assert (await house.widget("list")).json()["may_enrol"] is True
    options = (await house.widget("passkeys/options")).json()["options"]
    assert options["rp"]["id"] == "localhost"
    assert EMAIL not in json.dumps(options)
    await _said_by_customer(house)
    assert problem(await house.widget("passkeys/options")) == refused
    assert problem(await house.widget("passkeys", credential={})) == refused


async def test_the_log_of_a_proof_names_no_address(house: House) -> None:
    await house.opens()
    await house.by_wallet(await house.asks("own_address"))
    lines = [line for line in (await house.dump()).splitlines() if "verification." in line]
    assert any("verification.proven" in line for line in lines)
    assert address_of(house.key)[2:10] not in json.dumps(lines)
