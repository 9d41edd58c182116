"""The web edge: whose network a request counts for."""

from typing import Any

import pytest

from holdfast.core.http import client_network
from holdfast.core.settings import Settings, SettingsError, load


def scope(client: str | None, *forwarded: str) -> dict[str, Any]:
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    return {"client": (client, 50000) if client else None, "headers": headers}


PROXIES = Settings(trusted_proxies=("10.0.0.0/8", "::1/128"))


@pytest.mark.parametrize(
    ("client", "forwarded", "network"),
    [
        ("203.0.113.7", (), "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", (), "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", (), "203.0.113.7"),
        (None, (), "unknown"),
        # A stranger's header says nothing.
        ("203.0.113.7", ("198.51.100.1",), "203.0.113.7"),
        # A proxy's does, from its right end: what stands further left was written by the client.
        ("10.0.0.1", ("198.51.100.1",), "198.51.100.1"),
        ("10.0.0.1", ("1.2.3.4, 198.51.100.1, 10.0.0.2",), "198.51.100.1"),
        ("10.0.0.1", ("1.2.3.4", "198.51.100.1"), "198.51.100.1"),
        ("::1", ("2001:db8::1",), "2001:db8::/64"),
        ("10.0.0.1", ("nonsense",), "10.0.0.1"),
        ("10.0.0.1", ("",), "10.0.0.1"),
        ("10.0.0.1", (), "10.0.0.1"),
    ],
)
def test_the_network_of_a_request(client: str | None, forwarded: tuple[str, ...], network: str) -> None:
    assert client_network(scope(client, *forwarded), PROXIES) == network


def test_without_trusted_proxies_no_header_counts() -> None:
    assert client_network(scope("10.0.0.1", "198.51.100.1"), Settings()) == "10.0.0.1"


def test_the_setting() -> None:
    found = load({"HOLDFAST_TRUSTED_PROXIES": "10.0.0.0/8, ::1"}).trusted_proxies
    assert found == ("10.0.0.0/8", "::1/128")
    with pytest.raises(SettingsError, match="HOLDFAST_TRUSTED_PROXIES"):
        load({"HOLDFAST_TRUSTED_PROXIES": "10.0.0.1/8"})
