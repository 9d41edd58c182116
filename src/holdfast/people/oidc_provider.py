"""The organisation's identity provider over HTTP: discovery, keys, the exchange of a code (OpenID Connect)."""

import asyncio
import json
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from holdfast.core.clock import now
from holdfast.core.outgoing import Outgoing, OutgoingError
from holdfast.core.settings import Oidc
from holdfast.people.errors import ProviderRefused, ProviderUnavailable
from holdfast.people.oidc_tokens import Claims, KeyUnknown, TokenRefused, claims_of, verify

_METADATA_LIFE = timedelta(hours=1)
# A token with an unknown key makes us ask for the keys anew, but not more often.
_KEYS_AGAIN = timedelta(seconds=10)


@dataclass(slots=True)
class _Known:
    metadata: dict[str, Any]
    fetched_at: datetime
    keys: list[dict[str, Any]]
    keys_at: datetime


class Provider:
    """One provider as this process knows it; what it said is kept for an hour."""

    def __init__(self, settings: Oidc, outgoing: Outgoing, redirect_uri: str) -> None:
        self.settings = settings
        self.redirect_uri = redirect_uri
        self._outgoing = outgoing
        self._known: _Known | None = None
        self._asking = asyncio.Lock()

    async def authorization_url(self, *, state: str, nonce: str, challenge: str, fresh: bool) -> str:
        """Where the browser goes. ``fresh``: the provider must ask the person anew. Raises ProviderUnavailable."""
        known = await self._metadata()
        asked = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": "openid email profile",
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        if fresh:
            asked |= {"prompt": "login", "max_age": "0"}
        if self.settings.acr:
            asked["acr_values"] = " ".join(self.settings.acr)
        endpoint = str(known.metadata["authorization_endpoint"])
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"

    async def who(self, *, code: str, verifier: str, nonce: str, issuer: str | None) -> Claims:
        """Exchange the code, and check what comes. ``issuer`` is the answer's ``iss`` (RFC 9207): an answer of another
        provider is refused. Raises ProviderRefused, ProviderUnavailable."""
        known = await self._metadata()
        if issuer is None and known.metadata.get("authorization_response_iss_parameter_supported") is True:
            raise ProviderRefused(reason="issuer")
        if issuer is not None and issuer != self.settings.issuer:
            raise ProviderRefused(reason="issuer")
        answer = await self._exchange(known, code, verifier)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise ProviderRefused(reason="token")
        try:
            try:
                claims = self._verified(token, known, nonce)
            except KeyUnknown:
                await self._keys_again(known)
                claims = self._verified(token, known, nonce)
            if claims.email is None and isinstance(access := answer.get("access_token"), str):
                claims = await self._with_userinfo(known, claims, access)
        except TokenRefused as error:
            raise ProviderRefused(reason=error.reason) from None
        return claims

    def _verified(self, token: str, known: _Known, nonce: str) -> Claims:
        return verify(
            token,
            known.keys,
            issuer=self.settings.issuer,
            client_id=self.settings.client_id,
            nonce=nonce,
            moment=now(),
        )

    async def _exchange(self, known: _Known, code: str, verifier: str) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": verifier,
        }
        headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
        secret = self.settings.client_secret
        methods = known.metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if secret is not None and "client_secret_basic" in methods:
            pair = f"{quote(self.settings.client_id, safe='')}:{quote(secret, safe='')}"
            headers["authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        else:
            form["client_id"] = self.settings.client_id
            if secret is not None:
                form["client_secret"] = secret
        status, answer = await self._json("POST", known.metadata["token_endpoint"], urlencode(form).encode(), headers)
        if status >= 500:
            raise ProviderUnavailable
        if status != 200 or not isinstance(answer, dict):
            raise ProviderRefused(reason="code")
        return answer

    async def _with_userinfo(self, known: _Known, claims: Claims, access: str) -> Claims:
        """Some providers put the address there only. It must speak of the same person."""
        endpoint = known.metadata.get("userinfo_endpoint")
        if not isinstance(endpoint, str):
            return claims
        status, answer = await self._json("GET", endpoint, None, {"authorization": f"Bearer {access}"})
        if status != 200 or not isinstance(answer, dict):
            return claims
        more = claims_of(answer)
        if more.subject != claims.subject:
            raise TokenRefused("subject")
        return Claims(
            claims.subject, more.email, claims.name or more.name, claims.language or more.language,
            claims.amr, claims.acr, claims.auth_time,
        )  # fmt: skip

    async def _metadata(self) -> _Known:
        async with self._asking:
            if self._known is None or now() - self._known.fetched_at > _METADATA_LIFE:
                url = f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration"
                status, metadata = await self._json("GET", url)
                needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
                if (
                    status != 200
                    or not isinstance(metadata, dict)
                    or any(not isinstance(metadata.get(name), str) for name in needed)
                ):
                    raise ProviderUnavailable
                if metadata.get("issuer") != self.settings.issuer:
                    raise ProviderRefused(reason="issuer")
                self._known = _Known(metadata, now(), await self._keys(metadata), now())
            return self._known

    async def _keys_again(self, known: _Known) -> None:
        async with self._asking:
            if now() - known.keys_at >= _KEYS_AGAIN:
                known.keys, known.keys_at = await self._keys(known.metadata), now()

    async def _keys(self, metadata: dict[str, Any]) -> list[dict[str, Any]]:
        status, answer = await self._json("GET", metadata["jwks_uri"])
        keys = answer.get("keys") if status == 200 and isinstance(answer, dict) else None
        if not isinstance(keys, list):
            raise ProviderUnavailable
        return [key for key in keys if isinstance(key, dict)]

    async def _json(
        self, method: str, url: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        try:
            answer = await self._outgoing.request(method, url, body=body, headers=headers)
        except OutgoingError as error:
            raise ProviderUnavailable from error
        try:
            return answer.status, json.loads(answer.body)
        except ValueError:
            return answer.status, None
