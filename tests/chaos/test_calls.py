"""Every caller has their end, whatever dies meanwhile: they are told, or are called back for what was lost.

``HOLDFAST_CHAOS=soak`` plays 200 calls (``make soak``).
"""

import os
import sys
from pathlib import Path

from tests.chaos.calls import Plan, play
from tests.support import phones
from tests.support.server import running

SOAK = os.environ.get("HOLDFAST_CHAOS") == "soak"
SHORT = Plan()
LONG = Plan(calls=200, agents=6, apart=1.0, deaths=("voice", "phone", "engine", "voices", "voice", "phone") * 4)


async def test_every_call_has_its_end(tmp_path: Path) -> None:
    trunk = f"sip://{phones.NETWORK}:{phones.free_port()}?match={phones.NETWORK}/32"
    settings = {
        "HOLDFAST_SIP_TRUNK": trunk,
        "HOLDFAST_SIP_LISTEN": "127.0.0.1:0",
        "HOLDFAST_VOICE_WORKERS": "2",
        "HOLDFAST_PRESENCE_GRACE": "120",
    }
    with running(environment=settings) as server:
        outcome = await play(server, LONG if SOAK else SHORT, tmp_path)
        # The soak's report quotes it.
        sys.stdout.write(f"calls: {outcome}\n")
        assert not outcome.violations, "\n".join([str(outcome), *outcome.violations[:20], server.report()])
        assert {"answered", "abandoned", "lost"} <= set(outcome.ends), "the play is too tame"
