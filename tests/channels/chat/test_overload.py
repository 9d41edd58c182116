"""Clients that do not read, and disks that are full: a clear end or a clear error, nothing lost, nobody else harmed."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import suppress

import psutil
import pytest

from tests.channels.chat.test_bad_input import TOO_SLOW, png, unharmed, upload
from tests.support import raw_socket
from tests.support.chat_client import Agent, Customer
from tests.support.server import Holdfast, running


@pytest.fixture(scope="module")
def holdfast() -> Iterator[Holdfast]:
    """One that lets an agent write fast: here the reader's slowness is tried, not the writer's rate."""
    with running(chats=50, environment={"HOLDFAST_PRESENCE_GRACE": "60", "HOLDFAST_CHAT_RATE": "1000"}) as server:
        yield server


# Slowness ----------------------------------------------------------------------------------------------------------


async def test_a_client_that_does_not_read_is_cut(
    holdfast: Holdfast, customer: Customer, bystander: Customer, agent: Agent
) -> None:
    """Its socket is filled until the server must keep frames: it is cut, and memory stays."""
    await agent.until(lambda: customer.conversation in agent.mine, 30)
    serve = holdfast.service("serve")
    loop = asyncio.get_running_loop()
    with socket.create_connection(("127.0.0.1", holdfast.port)) as slow:
        await loop.run_in_executor(None, raw_socket.greet, slow, customer.token)
        before = serve.memory_info().rss
        # 51 MB for a reader that takes none: the kernel's buffers hold 3 of them, the outbox at most 4. Without its
        # limit the process grows by 97 MB; with it, by what any traffic leaves behind (11 MB were seen).
        for _ in range(1_600):
            agent.say(customer.conversation, "\U0001f422" * 8_000)
        await asyncio.wait_for(agent.outbox(customer.conversation).empty.wait(), 120)
        assert serve.memory_info().rss - before < 25_000_000
        # When it reads again it is told why; who stays silent is ended by the missing pongs.
        assert await loop.run_in_executor(None, raw_socket.end_of, slow) == TOO_SLOW
    await customer.until(lambda: customer.view.seq == agent.views[customer.conversation].seq, 30)
    await unharmed(bystander)


# Full disks --------------------------------------------------------------------------------------------------------


async def test_a_full_disk_for_files(holdfast: Holdfast, customer: Customer, bystander: Customer) -> None:
    """A limit on the size of files makes the kernel refuse the write, as a full disk does."""
    serve = holdfast.service("serve")
    before = serve.rlimit(psutil.RLIMIT_FSIZE)
    assert before is not None
    serve.rlimit(psutil.RLIMIT_FSIZE, (16, before[1]))
    try:
        answered = await upload(customer, png(200), "a.png", "image/png")
        assert (answered.status_code, answered.json()["id"]) == (507, "storage_full")
        key = customer.say("Words still work")
        await customer.until(lambda: any(entry.key == key for entry in customer.view.entries))
        await unharmed(bystander)
    finally:
        serve.rlimit(psutil.RLIMIT_FSIZE, before)
    assert not [file for file in (holdfast.data_dir / "files").rglob("*") if file.is_file() and ".part" in file.name]
    assert (await upload(customer, png(200), "a.png", "image/png")).status_code == 201


async def test_a_full_disk_for_the_database(holdfast: Holdfast, customer: Customer, bystander: Customer) -> None:
    """The message table may grow no further: senders are told, nothing is acknowledged that is not stored, and when
    there is space again everything arrives once and in order."""
    # Beyond 17 MB, so that the limit hits the table and not the log, whose files have 16 MB.
    holdfast.execute(
        "INSERT INTO message (conversation_id, seq, kind, author, body, created_at)"
        " SELECT %s, 1000000 + n, 'public', 'customer', repeat('x', 1500), now() FROM generate_series(1, 12000) n",
        [_spare(holdfast)],
    )
    _limit_files(holdfast, 17 * 1024 * 1024)
    keys = []
    try:
        # The last page has room for five of them; then the table must grow.
        async with asyncio.timeout(30):
            while not any(frame["t"] == "nack" for frame in customer.frames):
                keys.append(key := customer.say("filling " * 190))
                await customer.until(lambda: any(f["t"] in {"ack", "nack"} and f["k"] == key for f in customer.frames))
        refused = next(frame for frame in customer.frames if frame["t"] == "nack")
        assert refused["problem"]["id"] in {"unavailable", "storage_full"}
        assert refused["problem"]["detail"]
    finally:
        _limit_files(holdfast, psutil.RLIM_INFINITY)
    assert customer.outbox is not None
    await asyncio.wait_for(customer.outbox.empty.wait(), 30)
    await customer.until(lambda: [e.key for e in customer.view.entries if e.key in keys] == keys)
    rows = holdfast.query(
        "SELECT source_id FROM message WHERE conversation_id = %s AND body LIKE 'filling%%' ORDER BY seq",
        [customer.conversation],
    )
    assert [row[0][16:].hex() for row in rows] == [key.replace("-", "") for key in keys]
    await unharmed(bystander)


def _spare(server: Holdfast) -> object:
    """A conversation nobody looks at, to hold what fills the table."""
    (row,) = server.query(
        "INSERT INTO conversation SELECT (jsonb_populate_record(NULL::conversation, to_jsonb(c) || jsonb_build_object("
        "'id', gen_random_uuid(), 'reference', 'FILL-' || gen_random_uuid(), 'category', 'resolved',"
        " 'assignee_id', null, 'waiting_since', null, 'next_due', null))).* FROM conversation c LIMIT 1 RETURNING id"
    )
    return row[0]


def _limit_files(server: Holdfast, size: int) -> None:
    """Let no file of the database grow beyond ``size`` bytes: in the backends there are, and in those to come."""
    postmaster = server.postmaster()
    for process in [postmaster, *postmaster.children()]:
        with suppress(psutil.NoSuchProcess):
            # The checkpointer and its like only write what is there already.
            if process == postmaster or "holdfast" in " ".join(process.cmdline()):
                process.rlimit(psutil.RLIMIT_FSIZE, (size, psutil.RLIM_INFINITY))
