"""People's requests, for the application to mount."""

from litestar import get

from holdfast.core.database import Database
from holdfast.people import http_agents, http_invitations, http_me, http_oidc, http_session, http_step_up
from holdfast.people.http_viewer import DEPENDENCIES, staff
from holdfast.people.mail import sink_mails
from holdfast.people.schemas import MailView

__all__ = ["DEMO_HANDLERS", "DEPENDENCIES", "HANDLERS", "staff"]


@get("/api/demo/mails")
async def demo_mails(database: Database) -> list[MailView]:
    """The mails this demo has kept instead of sending them."""
    async with database.transaction() as session:
        return [MailView(m.id, m.to, m.subject, m.text, m.at) for m in await sink_mails(session)]


HANDLERS = [
    *http_session.HANDLERS,
    *http_step_up.HANDLERS,
    *http_oidc.HANDLERS,
    *http_me.HANDLERS,
    *http_agents.HANDLERS,
    *http_invitations.HANDLERS,
]

# Mounted only in a demo: whoever opens it reads every mail, links of password resets too.
DEMO_HANDLERS = [demo_mails]
