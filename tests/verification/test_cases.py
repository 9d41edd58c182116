"""What a claimed compromise ends, who changes purposes, what a node adds, and what is left of it all."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import text

from holdfast.access.disposable_keys import KeyFolder
from holdfast.chains.nodes import Nodes
from holdfast.conversations import operations
from holdfast.conversations.models import Conversation
from holdfast.core.files import FileStore
from holdfast.privacy import erasure
from holdfast.verification import ports
from holdfast.verification.models import CustomerPasskey
from tests.support.browsers import stale
from tests.verification.house import (
    EMAIL,
    House,
    address_of,
    plugged,
    problem,
    raise_emergency,
    signed,
)


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


async def test_what_loosens_proof_needs_a_fresh_second_factor(house: House) -> None:
    """Purposes, and that a wallet is safe again; that it is not, is said at once."""
    await house.opens()
    at = f"/api/conversations/{house.conversation}/compromise"
    changed = {"statement": "freezing your account", "level": 1, "methods": ["email"]}
    async with house.browser(house.desk.karin) as lead, house.browser(house.admin) as admin:
        await stale(house.database)
        refused = await admin.put("/api/verification/purposes/freeze", json=changed)
        assert problem(refused) == (403, "step_up_required")
        assert (await lead.put(at, json={"compromised": True})).json()["compromised_at"]
        assert problem(await lead.put(at, json={"compromised": False})) == (403, "step_up_required")
    async with house.browser(house.desk.ana) as agent:
        await stale(house.database)
        # Whose role does not allow it is told so, not asked for a factor.
        assert problem(await agent.put(at, json={"compromised": False})) == (403, "compromise_lift_refused")
    lifted = await house.console(house.desk.karin, "compromise", {"compromised": False}, "PUT")
    assert lifted.json()["compromised_at"] is None


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
    places = erasure.Places(
        FileStore(tmp_path / "files"), FileStore(tmp_path / "archives"), KeyFolder(tmp_path / "keys")
    )
    async with house.database.transaction() as session:
        conversation = await session.get_one(Conversation, UUID(house.conversation))
        session.add(CustomerPasskey(customer_id=conversation.customer_id, credential_id=b"1", public_key=b"2"))
        await session.flush()
        removed = await erasure.replay(session, conversation.customer_id, places)
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


@pytest.mark.parametrize(
    ("mark", "claimed"),
    [
        ({"kind": "private_key", "count": 0}, True),
        ({"kind": "recovery_phrase", "count": 12, "certainty": "certain"}, True),
        ({"kind": "private_key", "count": 0, "certainty": "ambiguous"}, False),
        ({"kind": "card_number", "count": 0, "certainty": "certain"}, False),
    ],
)
async def test_what_only_may_be_a_key_is_no_claim(house: House, mark: dict[str, Any], claimed: bool) -> None:
    await house.opens()
    async with house.database.transaction() as session:
        marked = "UPDATE message SET event = CAST(:event AS jsonb) WHERE kind = 'public'"
        await session.execute(text(marked), {"event": json.dumps({"red": [mark]})})
    assert ((await house.console(house.desk.ana)).json()["compromised_at"] is not None) is claimed


async def test_an_emergency_from_the_beginning_is_a_claim_too(house: House) -> None:
    await house.opens(identity=house.identity(), emergency=True)
    case = (await house.console(house.desk.karin)).json()
    assert case["compromised_at"]
    assert [proof["counts"] for proof in case["proofs"]] == [False]
    assert (await house.desk.read(UUID(house.conversation))).verification == 0


async def test_a_second_emergency_is_a_claim_after_the_first_was_lifted(house: House) -> None:
    await house.opens(identity=house.identity())
    conversation = UUID(house.conversation)
    await raise_emergency(house)
    await house.desk.assign(conversation, house.desk.wei)
    lifted = await house.console(house.desk.karin, "compromise", {"compromised": False}, "PUT")
    assert lifted.json()["compromised_at"] is None
    async with house.database.transaction() as session:
        await operations.resolve(session, house.desk.wei, conversation)
    await raise_emergency(house)
    second = (await house.console(house.desk.karin)).json()["compromised_at"]
    assert second is not None
    await house.desk.assign(conversation, house.desk.wei)
    begun = (await house.widget("begin", purpose="contact_change")).json()["proofs"][0]["id"]
    assert (await house.by_wallet(begun))["refused"] == "compromised"


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


async def test_passkeys_switched_off_take_nothing_else_away(house: House) -> None:
    await house.opens(identity=house.identity())
    async with house.browser(house.admin) as admin:
        (rule,) = [
            each for each in (await admin.get("/api/verification/purposes")).json() if each["key"] == "enrol_passkey"
        ]
        off = rule | {"name": "Add a passkey", "active": False}
        assert (await admin.put("/api/verification/purposes/enrol_passkey", json=off)).status_code == 200
    listed = await house.widget("list")
    assert (listed.status_code, listed.json()["may_enrol"]) == (200, False)
    assert (await house.widget("begin", purpose="own_address")).status_code == 200
    # What the customer says of their wallet counts, whatever is switched off.
    await _said_by_customer(house)
    assert (await house.console(house.desk.ana)).json()["compromised_at"]
    assert problem(await house.widget("passkeys/options")) == (404, "verification_purpose_unknown")


async def test_the_log_of_a_proof_names_no_address(house: House) -> None:
    await house.opens()
    await house.by_wallet(await house.asks("own_address"))
    lines = [line for line in (await house.dump()).splitlines() if "verification." in line]
    assert any("verification.proven" in line for line in lines)
    assert address_of(house.key)[2:10] not in json.dumps(lines)
