"""The probe of the lists of calls (``probes.py``)."""

from uuid import uuid4

from holdfast.access.viewer import Role
from holdfast.channels.voice.models import Call
from holdfast.core.clock import now
from tests.access.stage import Stage


async def calls(stage: Stage, role: Role) -> str:
    """Of one who waits, and of one who has hung up."""
    async with stage.desk.database.transaction() as session:
        for ended, outcome in ((None, None), (now(), "abandoned")):
            call = Call(application="x", channel=uuid4().hex, conversation_id=stage.conversation, language="en")
            call.place, call.stage, call.ended_at, call.outcome = {}, "waiting", ended, outcome
            session.add(call)
    async with stage.browser(role) as browser:
        return "".join([(await browser.get(path)).text for path in ("/api/calls", "/api/calls/lost")])
