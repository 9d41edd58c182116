"""An OpenID Connect provider for tests: discovery, keys that change, codes that work once with their verifier
(RFC 7636), and every lie that a bad one could tell."""

import asyncio
import hashlib
import json
import secrets
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.support.outside import Heard, outside, raw

CLIENT = "holdfast-desk"
SECRET = "a client's secret: 100 % / odd"


def _b64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


class Key:
    def __init__(self, name: str) -> None:
        self.name = name
        self.private = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def jwk(self) -> dict[str, Any]:
        public: dict[str, Any] = jwt.algorithms.RSAAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        return {**public, "kid": self.name, "use": "sig", "alg": "RS256"}


@cache
def _first() -> Key:
    """Making one takes a tenth of a second."""
    return Key("first")


@dataclass
class Provider:
    """``person`` are the claims of whoever is signed in there; ``claims`` and ``header`` spoil what it signs."""

    issuer: str = ""
    keys: list[Key] = field(default_factory=lambda: [_first()])
    person: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] | None = None
    sign: Callable[[dict[str, Any]], str] | None = None
    clock: Callable[[], float] = time.time
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def rotate(self) -> None:
        self.keys = [Key(secrets.token_hex(4))]

    def authorize(self, url: str, **spoilt: str) -> str:
        """What the browser does at the provider: the address it is sent back to, with a code."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert asked["client_id"] == CLIENT
        assert asked["response_type"] == "code"
        assert "openid" in asked["scope"].split()
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.codes[code] = {**asked, "auth_time": str(int(self.clock()))}
        back = {"code": code, "state": asked["state"], "iss": self.issuer, **spoilt}
        return f"{asked['redirect_uri']}?{urlencode(back)}"

    def id_token(self, asked: dict[str, str]) -> str:
        moment = int(self.clock())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": moment,
            "exp": moment + 300,
            "nonce": asked["nonce"],
            **({"auth_time": int(asked["auth_time"])} if "max_age" in asked else {}),
            **self.person,
            **self.claims,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        if self.sign is not None:
            return self.sign(claims)
        return jwt.encode(claims, self.keys[0].private, "RS256", headers={"kid": self.keys[0].name})

    def token(self, heard: Heard) -> tuple[int, dict[str, Any]]:
        form = {name: values[0] for name, values in parse_qs(heard.body.decode()).items()}
        scheme, _, pair = heard.headers.get("authorization", "").partition(" ")
        if scheme == "Basic":
            name, _, secret = b64decode(pair).decode().partition(":")
            client = (unquote(name), unquote(secret))
        else:
            client = (form.get("client_id", ""), form.get("client_secret", ""))
        if client != (CLIENT, SECRET):
            return 401, {"error": "invalid_client"}
        # A code works once.
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None or asked["redirect_uri"] != form["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        if _b64(hashlib.sha256(form["code_verifier"].encode()).digest()) != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": "access-token", "token_type": "Bearer", "id_token": self.id_token(asked)}

    def answer(self, heard: Heard) -> tuple[int, Any]:
        path = heard.path.partition("?")[0]
        self.asked.append(path)
        match path:
            case "/.well-known/openid-configuration":
                return 200, {
                    "issuer": self.issuer,
                    "authorization_endpoint": f"{self.issuer}/authorize",
                    "token_endpoint": f"{self.issuer}/token",
                    "jwks_uri": f"{self.issuer}/keys",
                    "userinfo_endpoint": f"{self.issuer}/userinfo",
                    "authorization_response_iss_parameter_supported": True,
                    **self.metadata,
                }
            case "/keys":
                return 200, {"keys": [key.jwk() for key in self.keys]}
            case "/token":
                return self.token(heard)
            case "/userinfo" if heard.headers.get("authorization") == "Bearer access-token" and self.userinfo:
                return 200, self.userinfo
            case _:
                return 404, {}


@asynccontextmanager
async def provider() -> AsyncIterator[Provider]:
    """A provider on 127.0.0.1, in clear; /authorize signs its ``person`` in without a question."""
    made = Provider()

    async def reply(heard: Heard, writer: asyncio.StreamWriter) -> None:
        if heard.path.startswith("/authorize?"):
            writer.write(raw(302, b"", f"location: {made.authorize(heard.path)}"))
        else:
            status, body = made.answer(heard)
            writer.write(raw(status, json.dumps(body).encode(), "content-type: application/json"))
        await writer.drain()

    async with outside(reply) as server:
        made.issuer = f"http://127.0.0.1:{server.port}"
        yield made
