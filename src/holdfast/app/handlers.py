"""Every request handler of the application, in one list."""

from holdfast.access import http as access
from holdfast.app import acknowledge_page, address_page, health, kept_page, status_page
from holdfast.authenticity import http as authenticity
from holdfast.authenticity import http_public, http_widget
from holdfast.automation import http as automation
from holdfast.channels.chat import http as chat
from holdfast.channels.chat import http_looks
from holdfast.channels.mail import http as mail
from holdfast.channels.mail import http_conversations
from holdfast.channels.mail import http_widget as mail_widget
from holdfast.channels.voice import http as voice
from holdfast.channels.voice import http_figures, http_in_app, http_lines, http_writing
from holdfast.channels.webhooks import http as webhooks
from holdfast.conversations import http as conversations
from holdfast.paging import http as paging
from holdfast.people import http as people
from holdfast.privacy import http as privacy
from holdfast.promises import http as promises
from holdfast.routing import http as routing
from holdfast.technical import http as technical
from holdfast.technical import http_public as technical_public
from holdfast.training import http as training
from holdfast.verification import http as verification

HANDLERS = [
    *health.HANDLERS,
    *people.HANDLERS,
    *access.HANDLERS,
    *training.HANDLERS,
    *conversations.HANDLERS,
    *routing.HANDLERS,
    *promises.HANDLERS,
    *automation.HANDLERS,
    *authenticity.HANDLERS,
    *http_public.HANDLERS,
    *http_widget.HANDLERS,
    *verification.HANDLERS,
    *chat.HANDLERS,
    *http_looks.HANDLERS,
    *mail.HANDLERS,
    *http_conversations.HANDLERS,
    *mail_widget.HANDLERS,
    *voice.HANDLERS,
    *http_figures.HANDLERS,
    *http_writing.HANDLERS,
    *http_lines.HANDLERS,
    *http_in_app.HANDLERS,
    *webhooks.HANDLERS,
    *paging.HANDLERS,
    *acknowledge_page.HANDLERS,
    *technical.HANDLERS,
    *technical_public.HANDLERS,
    *status_page.HANDLERS,
    *kept_page.HANDLERS,
    *address_page.HANDLERS,
    *privacy.HANDLERS,
]
