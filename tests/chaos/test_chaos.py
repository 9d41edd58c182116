"""Nothing acknowledged is ever lost, doubled or out of order, whatever dies meanwhile.

``HOLDFAST_CHAOS=soak`` plays for long (``make soak``); a checker that cannot fail proves nothing, so a build that
acknowledges too early must be caught by the same play.
"""

import os
import sys
from pathlib import Path

from tests.chaos.traffic import Plan, kill_postgres, kill_serve, kill_worker, kill_writer_backend, play
from tests.support.server import running

SOAK = os.environ.get("HOLDFAST_CHAOS") == "soak"
# Agents keep what they hold while the server restarts: this is about messages, re-offering has its own test.
SETTINGS = {"HOLDFAST_PRESENCE_GRACE": "120", "HOLDFAST_CHAT_RATE": "50"}

SHORT = Plan(deaths=(kill_serve, kill_postgres, kill_writer_backend, kill_worker, kill_serve))
LONG = Plan(
    messages=500,
    cuts=800,
    deaths=(kill_serve, kill_postgres, kill_writer_backend, kill_worker, kill_serve, kill_postgres) * 4,
)


async def test_every_acknowledged_message_is_there_once_and_in_order(tmp_path: Path) -> None:
    with running(chats=8, environment=SETTINGS) as server:
        assert server.query("SHOW fsync") == [("on",)]
        assert server.query("SHOW synchronous_commit") == [("on",)]
        assert server.query("SHOW full_page_writes") == [("on",)]
        outcome = await play(server, LONG if SOAK else SHORT, tmp_path)
        assert not outcome.violations, "\n".join([*outcome.violations[:20], server.report()])
        assert outcome.stored >= 1_000
        assert outcome.sent > outcome.stored, "nothing was sent twice: the play is too tame"
        assert outcome.reconnects >= 40


async def test_a_build_that_acknowledges_before_the_commit_is_caught(tmp_path: Path) -> None:
    broken = (sys.executable, str(Path(__file__).with_name("ack_before_commit.py")), "up", "--demo")
    plan = Plan(messages=12, cuts=0, deaths=(kill_serve, kill_postgres, kill_serve), settle=8)
    with running(chats=8, environment=SETTINGS, command=broken) as server:
        outcome = await play(server, plan, tmp_path)
    lost = [violation for violation in outcome.violations if "acknowledged and lost" in violation]
    assert lost, f"the checker is blind: {outcome.violations[:10]}"
