"""The one way out over HTTP: to addresses that others choose (webhooks) or that answer for us (providers, chains).

Whoever names an address must not make this server speak to its own network (server-side request forgery). So the name
is looked up here, every address it stands for is checked, and the connection goes to an address that was checked: a
name that changes its mind between the two (DNS rebinding) changes nothing. TLS is verified against the name.
"""

import asyncio
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

import httpx
import msgspec

from holdfast.core.settings import Settings

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
# All addresses of a name; raises OSError if there is none.
Resolve = Callable[[str, int], Awaitable[list[str]]]

SECONDS = 10.0
BODY_LIMIT = 1 << 20
_LONGEST_URL = 2000
_ADDRESSES_TRIED = 3
_OK_ENCODINGS = {"", "identity"}

# IANA's special-purpose registries: nothing in here is somebody else's public server.
_CLOSED = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
        # A cloud's metadata service that looks like a public address.
        "168.63.129.16/32",
        # Within 2000::/3: protocol assignments with Teredo, documentation, 6to4.
        "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
    )
)  # fmt: skip
# The only part of IPv6 that is given out: loopback, link-local, unique local, mapped, NAT64, multicast lie outside.
_GLOBAL_6 = ip_network("2000::/3")
_NAT64 = ip_network("64:ff9b::/96")


class OutgoingError(Exception):
    """``reason`` is a stable word; the message never holds the address (it may hold a secret)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Refused(OutgoingError):
    """We do not call this: url, scheme, credentials, port, host or address. Trying again changes nothing."""


class Failed(OutgoingError):
    """It was called in vain: name, connect, tls, time, size, encoding or protocol."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the operator allows beyond the public internet: networks that are otherwise closed, hosts (``name:port``)
    that may be spoken to in clear, ports for https."""

    networks: tuple[Network, ...] = ()
    clear: frozenset[str] = frozenset()
    ports: frozenset[int] = frozenset({443, 8443})


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Target:
    """A URL that may be called if its name stands for allowed addresses. ``host`` is in ASCII, without brackets."""

    url: httpx.URL
    host: str
    port: int


def rules_of(settings: Settings) -> Rules:
    return Rules(
        tuple(ip_network(network) for network in settings.outgoing_networks),
        frozenset(settings.outgoing_clear),
        frozenset(settings.outgoing_ports),
    )


def parse(url: str, rules: Rules) -> Target:
    """What can be told of a URL without looking its name up. Raises Refused."""
    if len(url) > _LONGEST_URL or re.search(r"[\x00-\x20\x7f\\]", url):
        raise Refused("url")
    try:
        parsed = httpx.URL(url)
        host = parsed.raw_host.decode("ascii").lower().strip("[]").rstrip(".")
    except (httpx.InvalidURL, ValueError, UnicodeError):
        raise Refused("url") from None
    port = parsed.port or {"https": 443, "http": 80}.get(parsed.scheme, 0)
    if parsed.scheme not in {"https", "http"}:
        raise Refused("scheme")
    if not host or "%" in host:
        raise Refused("host")
    if parsed.userinfo:
        raise Refused("credentials")
    _not_disguised(host)
    if f"{host}:{port}" in rules.clear:
        return Target(parsed, host, port)
    if parsed.scheme != "https":
        raise Refused("scheme")
    if port not in rules.ports:
        raise Refused("port")
    return Target(parsed, host, port)


def _not_disguised(host: str) -> None:
    """2130706433, 0x7f.1 and 0177.0.0.1 are ways to write 127.0.0.1 that only some parsers know: nobody needs them."""
    last = host.rpartition(".")[2]
    if ":" not in host and re.fullmatch(r"[0-9]+|0x[0-9a-f]*", last):
        try:
            IPv4Address(host)
        except ValueError:
            raise Refused("host") from None


def allowed(written: str, rules: Rules) -> Address:
    """The address to connect to. Raises Refused if it is not a public one and in no network of ``rules``."""
    address: Address = ip_address(written.partition("%")[0])
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if isinstance(address, IPv6Address) and address in _NAT64:
        # The operator may name the prefix (a network without IPv4); what is behind it must be allowed as well.
        allowed(str(IPv4Address(int(address) & 0xFFFFFFFF)), rules)
    if any(address in network for network in rules.networks):
        return address
    if any(address in network for network in _CLOSED) or (address.version == 6 and address not in _GLOBAL_6):
        raise Refused("address")
    return address


def outgoing_of(settings: Settings) -> "Outgoing":
    """The client of a process."""
    ca_file = settings.outgoing_ca_file
    return Outgoing(rules_of(settings), ca_file=str(ca_file) if ca_file else None)


# Of their own: a resolver that hangs keeps its threads for minutes, which those that hash passwords and write files
# would miss.
_LOOK_UPS = ThreadPoolExecutor(4, "names")


async def by_system(host: str, port: int) -> list[str]:
    """The system's resolver."""
    look_up = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    found = await asyncio.get_running_loop().run_in_executor(_LOOK_UPS, look_up)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Outgoing:
    """Makes requests under ``rules``; each has a connection of its own, no cookies, no proxy of the environment."""

    def __init__(self, rules: Rules, resolve: Resolve = by_system, ca_file: str | None = None) -> None:
        self.rules = rules
        self._resolve = resolve
        self._tls = ssl.create_default_context()
        if ca_file is not None:
            self._tls.load_verify_locations(ca_file)

    async def fetch(self, method: str, url: str, json: Any = None) -> tuple[int, bytes]:
        """Status and body of a request with a JSON body. Raises Refused, Failed."""
        body = None if json is None else msgspec.json.encode(json)
        headers = {} if body is None else {"content-type": "application/json"}
        answer = await self.request(method, url, body=body, headers=headers)
        return answer.status, answer.body

    async def request(
        self,
        method: str,
        url: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        seconds: float = SECONDS,
        limit: int = BODY_LIMIT,
    ) -> Answer:
        """One request, from the name to the last byte within ``seconds``, with at most ``limit`` bytes of answer.

        Redirects are not followed: a 3xx is an answer like any other. Raises Refused, Failed.
        """
        target = parse(url, self.rules)
        try:
            async with asyncio.timeout(seconds):
                addresses = await self._addresses(target)
                for address in addresses[:-1]:
                    try:
                        return await self._send(method, target, address, body, headers or {}, limit)
                    except httpx.ConnectError:
                        continue
                return await self._send(method, target, addresses[-1], body, headers or {}, limit)
        except TimeoutError:
            raise Failed("time") from None
        except httpx.ConnectError as error:
            raise Failed("tls" if "SSL" in str(error) or "certificate" in str(error) else "connect") from None
        except (httpx.HTTPError, ValueError):
            # ValueError: a header that cannot be written.
            raise Failed("protocol") from None
        except OSError:
            # A fault of TLS in mid answer comes as it is, through all layers.
            raise Failed("protocol") from None

    async def _addresses(self, target: Target) -> list[Address]:
        """One forbidden address among several refuses the name: it is an attack or a mistake, and never needed."""
        try:
            written = [str(ip_address(target.host))]
        except ValueError:
            try:
                written = await self._resolve(target.host, target.port)
            except OSError:
                written = []
        if not written:
            raise Failed("name")
        return [allowed(address, self.rules) for address in written][:_ADDRESSES_TRIED]

    async def _send(
        self, method: str, target: Target, address: Address, body: bytes | None, headers: Mapping[str, str], limit: int
    ) -> Answer:
        request = httpx.Request(
            method,
            target.url.copy_with(host=str(address)),
            content=body,
            headers={"user-agent": "Holdfast", "accept-encoding": "identity", **headers, "host": _host(target)},
            # The time is limited as a whole, not by silence: a byte a second would go on for ever.
            extensions={"sni_hostname": target.host},
        )
        transport = httpx.AsyncHTTPTransport(verify=self._tls, trust_env=False, retries=0)
        async with transport:
            response = await transport.handle_async_request(request)
            try:
                if response.headers.get("content-encoding", "").strip().lower() not in _OK_ENCODINGS:
                    # We asked for none; a few bytes could unpack to gigabytes.
                    raise Failed("encoding")
                received = bytearray()
                async for part in response.aiter_raw():
                    received += part
                    if len(received) > limit:
                        raise Failed("size")
            finally:
                await response.aclose()
        return Answer(response.status_code, dict(response.headers), bytes(received))


def form(fields: Mapping[str, str], name: str, file: tuple[str, bytes, str]) -> tuple[bytes, str]:
    """The body of a form with a file (its name, content and media type), and its content type."""
    request = httpx.Request("POST", "https://form.invalid", data=fields, files={name: file})
    return request.read(), request.headers["content-type"]


def _host(target: Target) -> str:
    written = f"[{target.host}]" if ":" in target.host else target.host
    default = {"https": 443, "http": 80}[target.url.scheme]
    return written if target.port == default else f"{written}:{target.port}"
