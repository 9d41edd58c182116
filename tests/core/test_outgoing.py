"""Requests to addresses that others choose: what is refused, and that nothing but the checked address is called."""

import asyncio
import gzip
import os
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.core.outgoing import Failed, Outgoing, Refused, Rules, allowed, by_system, parse, rules_of
from holdfast.core.settings import SettingsError, load
from tests.support.outside import Authority, Heard, answering, believer, outside, raw

LOOPBACK = (ip_network("127.0.0.0/8"),)
NAME = "hooks.example.test"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


# --- what can be told without calling ---

INSIDE = [
    "0.0.0.0", "10.1.2.3", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.9.9.9", "169.254.169.254", "172.16.0.1",
    "172.31.255.255", "192.0.0.192", "192.168.1.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "168.63.129.16",
    "::", "::1", "::7f00:1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1", "2001::1",
    "2002:7f00:1::1", "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "::ffff:0:127.0.0.1", "3fff::1", "5f00::1", "fec0::1",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_what_is_not_a_public_address_is_refused(address: str) -> None:
    with pytest.raises(Refused, match="address"):
        allowed(address, Rules())


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "172.32.0.1", "2606:4700::1111", "2a00:1450::1"])
def test_public_addresses_are_allowed(address: str) -> None:
    assert str(allowed(address, Rules())) == address


def test_a_mapped_address_is_called_as_what_it_is() -> None:
    assert allowed("::ffff:8.8.8.8", Rules()) == IPv4Address("8.8.8.8")


def test_the_operator_opens_networks_and_nothing_beside_them() -> None:
    rules = Rules(networks=(ip_network("10.1.0.0/16"), ip_network("64:ff9b::/96")))
    assert allowed("10.1.2.3", rules) == IPv4Address("10.1.2.3")
    with pytest.raises(Refused):
        allowed("10.2.0.1", rules)
    # The prefix of NAT64 opens what lies behind it only as far as that is open itself.
    assert allowed("64:ff9b::808:808", rules) == IPv6Address("64:ff9b::808:808")
    with pytest.raises(Refused):
        allowed("64:ff9b::7f00:1", rules)


@given(st.ip_addresses(v=4))
def test_no_private_address_of_version_4_gets_through_in_any_dress(address: IPv4Address) -> None:
    """Against the standard library's own opinion, and each address in its IPv6 forms."""
    if address.is_private or address.is_multicast or address.is_loopback or address.is_link_local:
        for form in (str(address), f"::ffff:{address}", str(IPv6Address(0x64FF9B << 96 | int(address)))):
            with pytest.raises(Refused):
                allowed(form, Rules())


@given(st.ip_addresses(v=6))
def test_no_private_address_of_version_6_gets_through(address: IPv6Address) -> None:
    if not address.is_global or address.is_multicast:
        with pytest.raises(Refused):
            allowed(str(address), Rules())


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://example.org/", "scheme"),
        ("ftp://example.org/", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("gopher://example.org:70/x", "scheme"),
        ("//example.org/", "scheme"),
        ("https://user:secret@example.org/", "credentials"),
        ("https://user@example.org/", "credentials"),
        ("https://example.org:22/", "port"),
        ("https://example.org:6379/", "port"),
        ("https:///path", "host"),
        ("https://2130706433/", "host"),
        ("https://0x7f000001/", "host"),
        ("https://0x7f.1/", "host"),
        ("https://0177.0.0.1/", "host"),
        ("https://127.1/", "host"),
        ("https://0/", "host"),
        ("https://[fe80::1%25eth0]/", "host"),
        ("https://example.org\\@127.0.0.1/", "url"),
        ("https://exa mple.org/", "url"),
        ("https://example.org/\r\nHost: other", "url"),
        ("https://example.org/" + "x" * 2000, "url"),
        ("https://[::1/", "url"),
    ],
)
def test_urls_that_nobody_needs_are_refused(url: str, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        parse(url, Rules())
    # Some of these are refused as a whole by the parser: earlier is fine, later is not.
    assert refused.value.reason in {reason, "url"}


def test_hosts_in_clear_are_named_with_their_port() -> None:
    rules = Rules(clear=frozenset({"node.internal:8545"}))
    assert parse("http://node.internal:8545/rpc", rules).port == 8545
    assert parse("http://NODE.internal.:8545/rpc", rules).host == "node.internal"
    for other in ("http://node.internal/", "http://node.internal:22/", "http://evil.internal:8545/"):
        with pytest.raises(Refused):
            parse(other, rules)


def test_settings() -> None:
    rules = rules_of(
        load({"HOLDFAST_OUTGOING_NETWORKS": "10.0.0.0/8,fd00::/8", "HOLDFAST_OUTGOING_HTTP_HOSTS": "Node:8545"})
    )
    assert rules.networks == (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
    assert rules.clear == {"node:8545"}
    assert rules.ports == {443, 8443}
    for name, value in (
        ("HOLDFAST_OUTGOING_NETWORKS", "ten"),
        ("HOLDFAST_OUTGOING_HTTP_HOSTS", "node"),
        ("HOLDFAST_OUTGOING_PORTS", "https"),
    ):
        with pytest.raises(SettingsError, match=name):
            load({name: value})


# --- calls ---


async def test_a_call_over_tls_to_the_address_that_was_checked(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Proxies of the environment would see everything, and connect to what we never checked.
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with outside(answering(201, b'{"ok":true}', "set-cookie: a=b"), authority.server(NAME)) as server:
        out = believer(authority, "127.0.0.1", networks=LOOPBACK, ports=frozenset({server.port}))
        assert await out.fetch("POST", f"https://{NAME}:{server.port}/in?a=1", {"x": 1}) == (201, b'{"ok":true}')
        assert await out.fetch("GET", f"https://{NAME}:{server.port}/again") == (201, b'{"ok":true}')
    first, second = server.heard
    assert (first.method, first.path, first.body) == ("POST", "/in?a=1", b'{"x":1}')
    assert first.headers["host"] == f"{NAME}:{server.port}"
    assert first.headers["content-type"] == "application/json"
    assert first.headers["accept-encoding"] == "identity"
    assert "cookie" not in second.headers


async def test_a_certificate_must_be_for_the_name(authority: Authority) -> None:
    async with outside(answering(200), authority.server("other.example.test")) as server:
        out = believer(authority, "127.0.0.1", networks=LOOPBACK, ports=frozenset({server.port}))
        with pytest.raises(Failed, match="tls"):
            await out.fetch("GET", f"https://{NAME}:{server.port}/")
        # A stranger's authority is none of ours.
        stranger = Outgoing(out.rules, out._resolve)
        with pytest.raises(Failed, match="tls"):
            await stranger.fetch("GET", f"https://other.example.test:{server.port}/")
    assert server.heard == []


async def test_a_name_that_changes_its_mind_reaches_nothing(authority: Authority) -> None:
    """DNS rebinding: public at the first question, inside at the second. There is no second question."""
    asked: list[str] = []

    async def rebinding(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["192.0.2.1"] if len(asked) > 1 else ["127.0.0.1"]

    async with outside(answering(200, b"first"), authority.server(NAME)) as server:
        rules = Rules(networks=LOOPBACK, ports=frozenset({server.port}))
        out = Outgoing(rules, rebinding, str(authority.file))
        assert (await out.fetch("GET", f"https://{NAME}:{server.port}/"))[1] == b"first"
        assert asked == [NAME]
        with pytest.raises(Refused, match="address"):
            await out.fetch("GET", f"https://{NAME}:{server.port}/")
    assert server.connections == 1


@pytest.mark.parametrize(
    "addresses", [["127.0.0.1"], ["8.8.8.8", "169.254.169.254"], ["::1"], ["::ffff:127.0.0.1"], ["fd00::1"]]
)
async def test_a_name_with_one_inner_address_is_not_called(authority: Authority, addresses: list[str]) -> None:
    async with outside(answering(200)) as server:
        out = believer(authority, *addresses, ports=frozenset({server.port}))
        with pytest.raises(Refused, match="address"):
            await out.fetch("GET", f"https://{NAME}:{server.port}/")
    assert server.connections == 0


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "[::ffff:7f00:1]", "169.254.169.254", "localhost"])
async def test_inner_addresses_written_plainly_are_refused_with_the_real_resolver(host: str) -> None:
    with pytest.raises(Refused, match="address"):
        await Outgoing(Rules(), by_system).fetch("GET", f"https://{host}/latest/meta-data/")


async def test_redirects_are_answers_and_nobody_follows_them(authority: Authority) -> None:
    async with outside(answering(200, b"secret")) as inside:
        there = f"location: http://127.0.0.1:{inside.port}/"
        for location in ("location: http://169.254.169.254/latest/meta-data/", there):
            async with outside(answering(302, b"", location), authority.server(NAME)) as server:
                out = believer(authority, "127.0.0.1", networks=LOOPBACK, ports=frozenset({server.port}))
                assert await out.fetch("GET", f"https://{NAME}:{server.port}/") == (302, b"")
    assert inside.connections == 0


async def test_a_dead_first_address_is_passed_over(authority: Authority) -> None:
    async with outside(answering(200, b"here"), authority.server(NAME)) as server:
        out = believer(authority, "127.0.0.99", "127.0.0.1", networks=LOOPBACK, ports=frozenset({server.port}))
        assert await out.fetch("GET", f"https://{NAME}:{server.port}/") == (200, b"here")


async def _answered(authority: Authority, reply: object, **limits: float) -> str:
    """Why the call failed."""
    async with outside(reply, authority.server(NAME)) as server:  # type: ignore[arg-type]  # a Reply
        out = believer(authority, "127.0.0.1", networks=LOOPBACK, ports=frozenset({server.port}))
        with pytest.raises(Failed) as failed:
            await out.request("GET", f"https://{NAME}:{server.port}/", **limits)  # type: ignore[arg-type]  # mypy tries them as headers too
        return failed.value.reason


async def test_a_byte_now_and_then_ends_with_the_time(authority: Authority) -> None:
    async def slowly(_heard: Heard, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            # What is tested is time itself: each byte comes well within the limit, all together never.
            await asyncio.sleep(0.05)

    assert await _answered(authority, slowly, seconds=0.5) == "time"


async def test_silence_ends_with_the_time(authority: Authority) -> None:
    async def silent(_heard: Heard, _writer: asyncio.StreamWriter) -> None:
        await asyncio.get_running_loop().create_future()

    assert await _answered(authority, silent, seconds=0.3) == "time"


async def test_an_endless_answer_is_cut(authority: Authority) -> None:
    async def endless(_heard: Heard, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n")
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()

    assert await _answered(authority, endless, limit=300_000) == "size"


async def test_nothing_is_unpacked(authority: Authority) -> None:
    bomb = gzip.compress(b"\0" * 20_000_000)
    assert len(bomb) < 30_000
    assert await _answered(authority, answering(200, bomb, "content-encoding: gzip")) == "encoding"


async def test_endless_headers_are_cut(authority: Authority) -> None:
    reply = answering(200, b"", *[f"x-{n}: {'y' * 1000}" for n in range(300)])
    assert await _answered(authority, reply) == "protocol"


async def test_what_is_not_http_is_a_failure(authority: Authority) -> None:
    async def ssh(_heard: Heard, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9\r\n" + raw(200))
        await writer.drain()

    assert await _answered(authority, ssh) == "protocol"


async def test_names_and_ports_without_anybody(authority: Authority, free_port: int) -> None:
    out = believer(authority, networks=LOOPBACK, ports=frozenset({free_port}))
    with pytest.raises(Failed, match="name"):
        await out.fetch("GET", f"https://{NAME}:{free_port}/")
    out = believer(authority, "127.0.0.1", networks=LOOPBACK, ports=frozenset({free_port}))
    with pytest.raises(Failed, match="connect"):
        await out.fetch("GET", f"https://{NAME}:{free_port}/")


def test_errors_hold_no_address() -> None:
    with pytest.raises(Refused) as refused:
        parse("http://hooks.example.org/T000/very-secret", Rules())
    assert "secret" not in repr(refused.value)


async def test_a_fault_of_tls_in_mid_answer_is_one_of_the_line(authority: Authority) -> None:
    async def garbled(_: Heard, writer: asyncio.StreamWriter) -> None:
        record = b"\x17\x03\x03\x00\x20" + bytes(32)
        os.write(writer.get_extra_info("socket").fileno(), record)

    async with outside(garbled, authority.server(NAME)) as server:
        out = believer(authority, "127.0.0.1", networks=LOOPBACK, ports=frozenset({server.port}))
        with pytest.raises(Failed, match="protocol"):
            await out.fetch("GET", f"https://{NAME}:{server.port}/")


async def test_a_resolver_that_hangs_keeps_no_other_work_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads of the process are for passwords and files as well: not one of them waits for a name."""
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(1))
    go_on = threading.Event()

    def hangs(*_: object, **__: object) -> list[object]:
        go_on.wait(20)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hangs)
    asked = [asyncio.ensure_future(by_system(NAME, 443)) for _ in range(3)]
    try:
        # One turn of the loop: they are asked.
        await asyncio.sleep(0)
        assert await asyncio.wait_for(asyncio.to_thread(lambda: "done"), 5) == "done"
    finally:
        go_on.set()
        await asyncio.gather(*asked)
