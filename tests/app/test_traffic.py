"""``holdfast demo traffic``: customers and agents through the public protocol, on a whole Holdfast."""

import re
import subprocess
import sys

from tests.support.server import Holdfast, running


def _traffic(server: Holdfast, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "holdfast.app.cli", "demo", "traffic", "--url", server.origin, *arguments],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


def test_customers_and_agents_talk_and_nothing_is_lost() -> None:
    with running(chats=8) as server:
        arguments = ("--minutes", "0.4", "--customers", "4", "--rate", "60", "--agents", "2", "--seed", "1")
        played = _traffic(server, *arguments)
        assert played.returncode == 0, played.stdout + played.stderr
        counted = re.findall(r"(\d+) ([a-z ]+)", played.stdout.splitlines()[-1])
        tally = {name.strip(): int(number) for number, name in counted}
        assert tally["lost"] == tally["doubled"] == tally["out of order"] == 0
        assert tally["conversations"] >= 4
        assert tally["acknowledged"] >= 10
        assert tally["answers"] >= 1
        ((stored,),) = server.query("SELECT count(*) FROM message WHERE author = 'customer'")
        assert stored >= tally["acknowledged"]
    silent = _traffic(server, "--minutes", "0.1")
    assert silent.returncode == 1
    assert "does not answer" in silent.stderr
