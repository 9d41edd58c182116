"""A phone in a tunnel says nothing and closes nothing: the server finds out by itself."""

import asyncio
import socket
from collections.abc import Iterator

import pytest

from tests.channels.chat.test_bad_input import unharmed
from tests.support import raw_socket
from tests.support.chat_client import Customer
from tests.support.server import Holdfast, running

# RFC 6455 7.4.1, as the server's library closes after a missing pong.
NO_PONG = 1011


@pytest.fixture(scope="module")
def holdfast() -> Iterator[Holdfast]:
    with running(environment={"HOLDFAST_HEARTBEAT": "1"}) as server:
        yield server


async def test_a_line_that_answers_no_ping_is_closed(
    holdfast: Holdfast, customer: Customer, bystander: Customer
) -> None:
    """Who answers pings, as every browser does by itself, stays connected (the bystander's fixture looks)."""
    with socket.create_connection(("127.0.0.1", holdfast.port)) as dead:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, raw_socket.greet, dead, customer.token)
        assert await loop.run_in_executor(None, raw_socket.end_of, dead) == NO_PONG
    await unharmed(bystander)
