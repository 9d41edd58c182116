"""Passkeys (WebAuthn): options, checks, and what is stored of them."""

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import options_to_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from holdfast.core.clock import now
from holdfast.core.settings import Settings
from holdfast.people.errors import PasskeyRefused
from holdfast.people.models import Agent, Passkey

CHALLENGE_LIFE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Who a passkey is made for: it works on ``origin`` and nowhere else."""

    id: str
    name: str
    origin: str


class Credential(Protocol):
    """What is stored of a passkey, whoever it belongs to."""

    credential_id: Any
    public_key: Any
    sign_count: Any
    used_at: Any


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose passkey it is to be, as their device shows it."""

    id: bytes
    login: str
    name: str


@dataclass(frozen=True, slots=True)
class Registered:
    """A new credential, checked."""

    credential_id: bytes
    public_key: bytes
    sign_count: int


def relying_party(settings: Settings) -> RelyingParty:
    """Taken from the public origin. Passkeys need https, or localhost."""
    return RelyingParty(urlsplit(settings.origin).hostname or "localhost", settings.organisation, settings.origin)


def new_challenge() -> bytes:
    """The present second (8 bytes), so that its age can be told, and 256 random bits."""
    return int(now().timestamp()).to_bytes(8, "big") + secrets.token_bytes(32)


def _fresh(challenge: bytes | None) -> bytes:
    """Raises PasskeyRefused for a challenge that was never set, is used up or too old."""
    if challenge is None:
        raise PasskeyRefused(reason="challenge")
    age = now().timestamp() - int.from_bytes(challenge[:8], "big")
    if not -1 <= age <= CHALLENGE_LIFE.total_seconds():
        raise PasskeyRefused(reason="challenge")
    return challenge


def registration_options(party: RelyingParty, agent: Agent, known: list[Passkey], challenge: bytes) -> dict[str, Any]:
    """For an agent's ``navigator.credentials.create``."""
    return options_for(party, Holder(agent.id.bytes, agent.email, agent.name), known, challenge)


def options_for(party: RelyingParty, holder: Holder, known: Iterable[Credential], challenge: bytes) -> dict[str, Any]:
    """For ``navigator.credentials.create``: a discoverable credential, with the person verified."""
    options = webauthn.generate_registration_options(
        rp_id=party.id,
        rp_name=party.name,
        user_id=holder.id,
        user_name=holder.login,
        user_display_name=holder.name,
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            require_resident_key=True,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=key.credential_id) for key in known],
    )
    return _json(options_to_json(options))


def register(
    party: RelyingParty, agent: Agent, name: str, credential: dict[str, Any], challenge: bytes | None
) -> Passkey:
    """The passkey to store. Raises PasskeyRefused."""
    made = registered(party, credential, challenge)
    return Passkey(
        agent_id=agent.id,
        credential_id=made.credential_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        name=name,
    )


def registered(party: RelyingParty, credential: dict[str, Any], challenge: bytes | None) -> Registered:
    """Check a registration. Raises PasskeyRefused."""
    expected = _fresh(challenge)
    try:
        verified = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=expected,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    except _REFUSALS as error:
        raise PasskeyRefused(reason="response") from error
    return Registered(verified.credential_id, verified.credential_public_key, verified.sign_count)


def authentication_options(party: RelyingParty, known: Iterable[Credential], challenge: bytes) -> dict[str, Any]:
    """For ``navigator.credentials.get``; without ``known`` the person picks the account by their passkey."""
    options = webauthn.generate_authentication_options(
        rp_id=party.id,
        challenge=challenge,
        allow_credentials=[PublicKeyCredentialDescriptor(id=key.credential_id) for key in known],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return _json(options_to_json(options))


def credential_id(credential: dict[str, Any]) -> bytes:
    """Which passkey a response claims to be of. Raises PasskeyRefused."""
    try:
        return webauthn.base64url_to_bytes(credential["rawId"])
    except _REFUSALS as error:
        raise PasskeyRefused(reason="response") from error


def check(party: RelyingParty, passkey: Credential, credential: dict[str, Any], challenge: bytes | None) -> None:
    """Check an authentication and keep its sign count. Raises PasskeyRefused.

    A count that does not grow says that the credential was copied: it is refused, and the caller writes it down.
    """
    expected = _fresh(challenge)
    try:
        verified = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=expected,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except _REFUSALS as error:
        copied = "sign count" in str(error)
        raise PasskeyRefused(reason="sign_count" if copied else "response") from error
    passkey.sign_count = verified.new_sign_count
    passkey.used_at = now()


# The parsers of a hostile answer raise more than their own family.
_REFUSALS = (WebAuthnException, ValueError, KeyError, TypeError, AttributeError)


def _json(text: str) -> dict[str, Any]:
    decoded: dict[str, Any] = json.loads(text)
    return decoded
