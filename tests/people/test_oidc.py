"""Sign-in by the organisation's provider: a real one on this machine, and one that lies in every way it can."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from holdfast.access.viewer import Role
from holdfast.core.settings import Oidc
from holdfast.people.models import Agent
from tests.people import support
from tests.people.support import PASSWORD, House, application, problem, sign_in
from tests.support.provider import CLIENT, SECRET, Key, Provider, provider

ANA = {"sub": "Ana-1", "email": "ana@example.org", "email_verified": True, "name": "Ana"}


@pytest.fixture
async def idp() -> AsyncIterator[Provider]:
    async with provider() as made:
        made.person = dict(ANA)
        yield made


@pytest.fixture
async def house(fresh_database_url: str, idp: Provider) -> AsyncIterator[House]:
    port = idp.issuer.rpartition(":")[2]
    chosen = Oidc(idp.issuer, CLIENT, SECRET, name="Example", domains=("example.org",))
    async with support.house(
        fresh_database_url, oidc=chosen, outgoing_networks=("127.0.0.0/8",), outgoing_clear=(f"127.0.0.1:{port}",)
    ) as built:
        idp.clock = lambda: built.clock().timestamp()
        yield built


def using(house: House, **changes: Any) -> None:
    """The same house with other settings of the provider."""
    assert house.settings.oidc is not None
    house.settings = replace(house.settings, oidc=replace(house.settings.oidc, **changes))
    house.app = application(house.database, house.settings)


async def start(browser: httpx.AsyncClient, **body: Any) -> str:
    answer = await browser.post("/api/session/provider/start", json=body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["url"])


async def come_back(browser: httpx.AsyncClient, url: str) -> dict[str, str]:
    """The page that answers: the path it goes on to, and the words after it."""
    # As a browser does it: another site's redirect, with no Origin.
    answer = await browser.get(url, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    onward = answer.text.partition("0;url=")[2].partition('"')[0].replace("&amp;", "&")
    parts = urlsplit(onward)
    assert f"{parts.scheme}://{parts.netloc}" == support.ORIGIN
    return {"path": parts.path, **{name: values[0] for name, values in parse_qs(parts.query).items()}}


async def by_provider(house: House, idp: Provider, **body: Any) -> tuple[httpx.AsyncClient, dict[str, str]]:
    browser = house.browser()
    return browser, await come_back(browser, idp.authorize(await start(browser, **body)))


async def test_an_agent_comes_in_and_is_known_from_then_on(house: House, idp: Provider) -> None:
    agent = await house.agent("ana@example.org")
    assert (await house.browser().get("/api/session/provider")).json() == {"name": "Example"}
    browser = house.browser()
    url = await start(browser, next="/inbox/7?a=b")
    answer = await browser.get(idp.authorize(url))
    cookies = answer.headers.get_list("set-cookie")
    session = next(cookie for cookie in cookies if cookie.startswith("hf_session="))
    assert "SameSite=strict" in session
    assert "HttpOnly" in session
    assert f"url={support.ORIGIN}/console/inbox/7?a=b" in answer.text
    assert (await browser.get("/api/session")).json()["id"] == str(agent.id)
    # The ceremony's cookie is gone, and the address may change: the provider's own id decides.
    assert "hf_provider" not in browser.cookies
    idp.person |= {"email": "ana.new@example.org", "email_verified": False}
    _, onward = await by_provider(house, idp)
    assert onward == {"path": "/console/inbox"}
    assert (await house.audited())[-3:] == ["agent.identity_linked", "sign_in.signed_in", "sign_in.signed_in"]


async def test_the_second_factor_is_still_ours(house: House, idp: Provider) -> None:
    _, browser = await house.signed_in("ana@example.org")
    authenticator = support.Authenticator()
    await support.enrol_passkey(browser, authenticator)
    other, onward = await by_provider(house, idp, next="/audit")
    assert onward == {"path": "/console/sign-in", "methods": "passkey", "next": "/audit"}
    assert problem(await other.get("/api/session")) == "sign_in_required"
    options = (await other.post("/api/session/passkey/options")).json()["publicKey"]
    answer = await other.post("/api/session/passkey", json={"credential": authenticator.get(options)})
    assert answer.json()["state"] == "signed_in"


WORDS: list[tuple[bool, dict[str, Any], bool]] = [
    (False, {"amr": ["pwd", "mfa"]}, False),
    (True, {"amr": ["pwd"]}, False),
    (True, {"amr": ["pwd", "otp"]}, True),
    (True, {"acr": "gold"}, True),
    (True, {"acr": "silver"}, False),
    (True, {"amr": "mfa"}, False),
]


async def test_the_providers_word_on_a_second_factor_counts_if_the_operator_says_so(
    house: House, idp: Provider
) -> None:
    _, browser = await house.signed_in("ana@example.org")
    await support.enrol_passkey(browser, support.Authenticator())
    for trusted, said, inside in WORDS:
        using(house, trust_mfa=trusted, acr=("gold",))
        idp.person = ANA | said
        other, _ = await by_provider(house, idp)
        assert ((await other.get("/api/session")).status_code == 200) is inside, said


STRANGERS: list[dict[str, Any]] = [
    {"email": "ana@example.org", "email_verified": False},
    {"email": "ana@example.org", "email_verified": None},
    {"email": None},
    {"email": "stranger@example.org"},
    {"email": "stranger@elsewhere.example"},
]


async def test_nobody_gets_an_account_by_the_way(house: House, idp: Provider) -> None:
    await house.agent("ana@example.org")
    for person in STRANGERS:
        idp.person = ANA | person
        browser, onward = await by_provider(house, idp)
        assert onward == {"path": "/console/sign-in", "problem": "account_missing"}
        assert problem(await browser.get("/api/session")) == "sign_in_required"


async def test_a_former_agent_stays_out(house: House, idp: Provider) -> None:
    agent = await house.agent("ana@example.org")
    await by_provider(house, idp)
    async with house.database.transaction() as session:
        (await session.get_one(Agent, agent.id)).active = False
    _, onward = await by_provider(house, idp)
    assert onward["problem"] == "account_missing"


async def test_an_address_that_was_given_to_somebody_else_opens_nothing(house: House, idp: Provider) -> None:
    await house.agent("ana@example.org")
    await by_provider(house, idp)
    # Subjects that differ by the case of a letter are two people.
    for subject in ("another", "ana-1", "ANA-1"):
        idp.person["sub"] = subject
        _, onward = await by_provider(house, idp)
        assert onward["problem"] == "account_missing"


async def test_an_invitation_is_fulfilled_with_its_roles(house: House, idp: Provider) -> None:
    _, administrator = await house.signed_in("boss@example.org", Role.ADMINISTRATOR)
    await support.enrol_passkey(administrator, support.Authenticator())
    invited = {"email": "Ana@example.org", "name": "Ana B.", "roles": ["agent"], "languages": []}
    assert (await administrator.post("/api/invitations", json=invited)).status_code == 201
    browser, _ = await by_provider(house, idp)
    me = (await browser.get("/api/session")).json()
    assert (me["name"], me["roles"], me["email"]) == ("Ana B.", ["agent"], "ana@example.org")
    assert (await administrator.get("/api/invitations")).json() == []


async def test_new_people_become_candidates_if_the_operator_wants_it(house: House, idp: Provider) -> None:
    using(house, create=True)
    browser, _ = await by_provider(house, idp)
    assert (await browser.get("/api/session")).json()["roles"] == ["candidate"]
    idp.person |= {"sub": "x", "email": "x@elsewhere.example"}
    _, onward = await by_provider(house, idp)
    assert onward["problem"] == "account_missing"


async def test_passwords_can_be_switched_off_for_the_providers_people(house: House, idp: Provider) -> None:
    await house.agent("ana@example.org")
    await house.agent("bea@elsewhere.example")
    using(house, only=True)
    assert problem(await sign_in(house.browser(), "ana@example.org")) == "sign_in_refused"
    assert (await sign_in(house.browser(), "bea@elsewhere.example")).status_code == 200
    assert (await house.browser().post("/api/password-reset", json={"email": "ana@example.org"})).status_code == 202
    await house.run_resets()
    assert await house.mails() == []
    idp.person |= {"sub": "bea", "email": "bea@elsewhere.example"}
    await by_provider(house, idp)
    assert problem(await sign_in(house.browser(), "bea@elsewhere.example", PASSWORD)) == "sign_in_refused"


async def test_an_address_only_the_userinfo_has(house: House, idp: Provider) -> None:
    await house.agent("ana@example.org")
    idp.person = {"sub": "Ana-1"}
    idp.userinfo = dict(ANA) | {"sub": "somebody else"}
    _, onward = await by_provider(house, idp)
    assert onward["reason"] == "subject"
    idp.userinfo = dict(ANA)
    _, onward = await by_provider(house, idp)
    assert onward == {"path": "/console/inbox"}


async def test_new_keys_of_the_provider_are_found(house: House, idp: Provider) -> None:
    await house.agent("ana@example.org")
    await by_provider(house, idp)
    house.clock.turn(seconds=11)
    idp.rotate()
    _, onward = await by_provider(house, idp)
    assert onward == {"path": "/console/inbox"}
    assert idp.asked.count("/keys") == 2
    # A token of an unknown key does not make us ask again and again.
    idp.sign = lambda claims: jwt.encode(claims, Key("x").private, "RS256", headers={"kid": "unknown"})
    for _ in range(3):
        _, onward = await by_provider(house, idp)
        assert onward["reason"] == "key"
    assert idp.asked.count("/keys") == 2


def _public(key: Key) -> bytes:
    return key.private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _confused(idp: Provider) -> Callable[[dict[str, Any]], str]:
    """HS256 with the public key as its secret (put together by hand: the library refuses to)."""

    def sign(claims: dict[str, Any]) -> str:
        import hashlib
        import hmac
        import json
        from base64 import urlsafe_b64encode

        parts = [
            urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")
            for part in ({"alg": "HS256", "kid": idp.keys[0].name}, claims)
        ]
        mac = hmac.digest(_public(idp.keys[0]), b".".join(parts), hashlib.sha256)
        return b".".join([*parts, urlsafe_b64encode(mac).rstrip(b"=")]).decode()

    return sign


SPOILT: list[tuple[dict[str, Any], str]] = [
    ({"nonce": "another"}, "nonce"),
    ({"nonce": None}, "nonce"),
    ({"aud": "another"}, "audience"),
    ({"aud": [CLIENT, "another"]}, "azp"),
    ({"aud": [CLIENT, "another"], "azp": "another"}, "azp"),
    ({"azp": "another"}, "azp"),
    ({"iss": "https://other.example"}, "issuer"),
    ({"exp": 1}, "expired"),
    ({"exp": None}, "format"),
    ({"exp": "soon"}, "format"),
    ({"iat": 9_999_999_999}, "issued"),
    ({"iat": 1}, "issued"),
    ({"sub": None}, "format"),
    ({"sub": ""}, "subject"),
]


async def test_claims_that_are_not_for_this_sign_in(house: House, idp: Provider) -> None:
    await house.agent("ana@example.org")
    for claims, reason in SPOILT:
        idp.claims = claims
        browser, onward = await by_provider(house, idp)
        assert onward == {"path": "/console/sign-in", "problem": "provider_refused", "reason": reason}, claims
        assert problem(await browser.get("/api/session")) == "sign_in_required"


async def test_signatures_that_are_none(house: House, idp: Provider) -> None:
    await house.agent("ana@example.org")
    forger = Key(idp.keys[0].name)
    forged: list[tuple[Callable[[dict[str, Any]], str], str]] = [
        (lambda claims: jwt.encode(claims, "", "none"), "algorithm"),
        (_confused(idp), "algorithm"),
        (lambda claims: jwt.encode(claims, forger.private, "RS256", headers={"kid": forger.name}), "signature"),
        (lambda claims: jwt.encode(claims, forger.private, "RS256", headers={"kid": "unknown"}), "key"),
        (lambda claims: jwt.encode(claims, forger.private, "RS256"), "signature"),
        (lambda _: "no token at all", "format"),
        (lambda claims: jwt.encode(claims, "s" * 32, "HS256", headers={"kid": idp.keys[0].name}), "algorithm"),
    ]
    for sign, reason in forged:
        idp.sign = sign
        _, onward = await by_provider(house, idp)
        assert onward == {"path": "/console/sign-in", "problem": "provider_refused", "reason": reason}


async def test_an_answer_works_once_and_in_its_own_browser(house: House, idp: Provider) -> None:
    await house.agent("ana@example.org")
    browser = house.browser()
    back = idp.authorize(await start(browser))
    # Somebody else's browser (they were sent the link): nothing happens, and the answer stays good for its owner.
    thief = house.browser()
    await start(thief)
    assert (await come_back(thief, back))["reason"] == "state"
    assert (await come_back(house.browser(), back))["reason"] == "state"
    kept = dict(browser.cookies)
    assert (await come_back(browser, back))["path"] == "/console/inbox"
    replayed = house.browser(cookie=f"hf_provider={kept['hf_provider']}")
    assert (await come_back(replayed, back))["reason"] == "state"


async def test_a_code_that_was_used_elsewhere(house: House, idp: Provider) -> None:
    await house.agent("ana@example.org")
    browser = house.browser()
    back = idp.authorize(await start(browser))
    idp.codes.clear()
    assert (await come_back(browser, back))["reason"] == "code"


async def test_a_code_that_was_begun_by_another_browser_fails_by_its_verifier(house: House, idp: Provider) -> None:
    """The attacker's own code, put into the victim's ceremony (state is the victim's)."""
    await house.agent("ana@example.org")
    attacker, victim = house.browser(), house.browser()
    stolen = parse_qs(urlsplit(idp.authorize(await start(attacker))).query)["code"][0]
    back = idp.authorize(await start(victim), code=stolen)
    assert (await come_back(victim, back))["reason"] == "code"


async def test_an_answer_of_another_provider(house: House, idp: Provider) -> None:
    """Mix-up (RFC 9207): the answer must say that it is this provider's."""
    await house.agent("ana@example.org")
    for issuer in ("https://other.example", ""):
        browser = house.browser()
        back = idp.authorize(await start(browser), iss=issuer)
        if not issuer:
            back = back.replace("&iss=", "")
        assert (await come_back(browser, back))["reason"] == "issuer"
    assert "/token" not in idp.asked


async def test_metadata_of_another_issuer(house: House, idp: Provider) -> None:
    idp.metadata = {"issuer": "https://other.example"}
    answer = await house.browser().post("/api/session/provider/start", json={})
    assert problem(answer) == "provider_refused"


async def test_the_person_or_the_provider_says_no(house: House, idp: Provider) -> None:
    browser = house.browser()
    url = idp.authorize(await start(browser), error="access_denied", code="")
    assert (await come_back(browser, url))["reason"] == "denied"


async def test_a_provider_that_is_away(house: House, idp: Provider, free_port: int) -> None:
    using(house, issuer=f"http://127.0.0.1:{free_port}")
    answer = await house.browser().post("/api/session/provider/start", json={})
    # Not an address that the operator allows in clear, either.
    assert problem(answer) == "provider_unavailable"


async def test_where_there_is_no_provider(fresh_database_url: str) -> None:
    async with support.house(fresh_database_url) as built:
        browser = built.browser()
        assert (await browser.get("/api/session/provider")).json() == {"name": None}
        assert problem(await browser.post("/api/session/provider/start", json={})) == "not_found"
        assert problem(await browser.get("/api/session/provider/callback?code=a&state=b")) == "not_found"


async def test_the_way_on_stays_inside(house: House, idp: Provider) -> None:
    await house.agent("ana@example.org")
    for path in ("//evil.example", "https://evil.example", "/\\evil.example", "inbox", "javascript:alert(1)"):
        _, onward = await by_provider(house, idp, next=path)
        assert onward == {"path": "/console/inbox"}


async def test_it_can_only_be_begun_by_our_own_page(house: House) -> None:
    answer = await house.browser(origin="https://evil.example").post("/api/session/provider/start", json={})
    assert problem(answer) == "origin_refused"


async def test_a_fresh_sign_in_is_a_step_up_and_a_remembered_one_is_not(house: House, idp: Provider) -> None:
    _, boss = await house.signed_in("boss@example.org", Role.ADMINISTRATOR)
    await support.enrol_passkey(boss, support.Authenticator())
    using(house, trust_mfa=True)
    idp.person = {"sub": "boss", "email": "boss@example.org", "email_verified": True, "amr": ["mfa"]}
    invited = {"email": "new@example.org", "name": "New", "roles": ["agent"], "languages": []}
    browser, _ = await by_provider(house, idp)
    assert problem(await browser.post("/api/invitations", json=invited)) == "step_up_required"
    browser, _ = await by_provider(house, idp, fresh=True)
    assert (await browser.post("/api/invitations", json=invited)).status_code == 201
    idp.claims = {"auth_time": int(idp.clock()) - 3600}
    _, onward = await by_provider(house, idp, fresh=True)
    assert onward["reason"] == "auth_time"
