"""One running Holdfast for the tests of this folder that talk to it from the outside."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from holdfast.app.demo_organisation import PASSWORD
from tests.support.chat_client import Agent, Customer
from tests.support.journal import Journal
from tests.support.server import Holdfast, running


@pytest.fixture(scope="module")
def holdfast() -> Iterator[Holdfast]:
    with running(chats=50, environment={"HOLDFAST_PRESENCE_GRACE": "60"}) as server:
        yield server


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    made = Journal(tmp_path / "journal.jsonl")
    yield made
    made.close()


@pytest.fixture
async def customer(holdfast: Holdfast, journal: Journal) -> AsyncIterator[Customer]:
    """The one who is hurt, or does harm."""
    made = Customer("the customer", holdfast.origin, journal)
    await made.open("Hello, I am the one")
    await made.live.wait()
    yield made
    await made.stop()


@pytest.fixture
async def bystander(holdfast: Holdfast, journal: Journal) -> AsyncIterator[Customer]:
    """Somebody else, who must not notice anything."""
    made = Customer("the bystander", holdfast.origin, journal)
    await made.open("Hello, I am somebody else")
    await made.live.wait()
    yield made
    assert made.reconnects == 0, f"the bystander lost the connection: {made.closes}"
    await made.stop()


@pytest.fixture
async def agent(holdfast: Holdfast, journal: Journal) -> AsyncIterator[Agent]:
    """A signed-in agent who takes what is offered."""
    made = Agent("ana", holdfast.origin, journal)
    await made.sign_in("ana@holdfast.example", PASSWORD)
    await made.live.wait()
    yield made
    await made.stop()
