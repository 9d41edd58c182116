"""apprise's services, sent by our own one way out (decision 0021).

apprise knows how a hundred services want to be spoken to; it opens connections with ``requests``, which follows
redirects and would reach our own network. So each service's module is given ``_Requests`` in the place of that library:
the request is prepared by it and sent by ``core/outgoing.py``. Only listed services are loaded, each tried for that.
"""

import asyncio
import importlib
import logging
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from apprise.asset import AppriseAsset

from holdfast.core.outgoing import Outgoing, OutgoingError, Refused
from holdfast.paging.ports import Outcome

# The module and class of each address's scheme.
_SERVICES = {
    "bulksms": ("bulksms", "NotifyBulkSMS"),
    "clicksend": ("clicksend", "NotifyClickSend"),
    "jsons": ("custom_json", "NotifyJSON"),
    "json": ("custom_json", "NotifyJSON"),
    "ntfys": ("ntfy", "NotifyNtfy"),
    "ntfy": ("ntfy", "NotifyNtfy"),
    "plivo": ("plivo", "NotifyPlivo"),
    "sinch": ("sinch", "NotifySinch"),
    "smseagles": ("smseagle", "NotifySMSEagle"),
    "tgram": ("telegram", "NotifyTelegram"),
    "twilio": ("twilio", "NotifyTwilio"),
    "vonage": ("vonage", "NotifyVonage"),
}
# What an administrator may name for each kind.
PROVIDERS = {
    "sms": ("bulksms", "clicksend", "plivo", "sinch", "smseagles", "twilio", "vonage"),
    "call": ("twilio",),
    "telegram": ("tgram",),
}
# Four seconds by default: too short for a gateway that dials.
_SECONDS = 10.0
_WAIT = _SECONDS + 2.0
_AGAIN = (408, 425, 429)
# What a service gets of the library beside the methods below: whatever else there is may open a connection of its own.
_HANDED_OUT = frozenset({"RequestException", "codes"})

# It logs addresses and texts at its lower levels, and failures that the delivery log says better.
logging.getLogger("apprise").setLevel(logging.CRITICAL)

# Icons would be fetched from another host by the reader's telephone.
_ASSET = AppriseAsset(app_id="Holdfast", app_desc="Holdfast", app_url="", http_redirects=False, image_url_mask="")


@dataclass(slots=True)
class _Trip:
    """One message's way: where to send, and the last thing that happened."""

    outgoing: Outgoing
    loop: asyncio.AbstractEventLoop
    status: int | None = None
    reason: str | None = None
    final: bool = False


_trip: ContextVar[_Trip] = ContextVar("trip")


class _Requests:
    """In the place of the library ``requests``, within one service's module."""

    def __init__(self, library: Any) -> None:
        self._library = library

    def __getattr__(self, name: str) -> Any:
        if name not in _HANDED_OUT:
            raise AttributeError(name)
        return getattr(self._library, name)

    def request(self, method: str, url: str, **how: Any) -> Any:
        trip = _trip.get()
        said = {key: how[key] for key in ("headers", "data", "params", "json", "auth") if key in how}
        prepared = self._library.Request(method, url, **said).prepare()
        body = prepared.body.encode() if isinstance(prepared.body, str) else prepared.body
        headers = {name: value for name, value in prepared.headers.items() if name.lower() != "content-length"}
        sending = trip.outgoing.request(method, prepared.url, body=body, headers=headers, seconds=_SECONDS)
        try:
            answer = asyncio.run_coroutine_threadsafe(sending, trip.loop).result(_WAIT)
        except OutgoingError as error:
            trip.status, trip.reason, trip.final = None, error.reason, isinstance(error, Refused)
            raise self._library.ConnectionError(error.reason) from None
        trip.status = answer.status
        response = self._library.Response()
        response.status_code, response._content = answer.status, answer.body
        response.headers.update(answer.headers)
        return response

    def get(self, url: str, **how: Any) -> Any:
        return self.request("GET", url, **how)

    def post(self, url: str, **how: Any) -> Any:
        return self.request("POST", url, **how)

    def put(self, url: str, **how: Any) -> Any:
        return self.request("PUT", url, **how)


def _service(url: str) -> Any:
    """The service that an address names, or None if it is not listed or not written as it must be."""
    listed = _SERVICES.get(url.partition("://")[0].lower())
    if listed is None:
        return None
    module: Any = importlib.import_module(f"apprise.plugins.{listed[0]}")
    if not isinstance(module.requests, _Requests):
        module.requests = _Requests(module.requests)
    kind = getattr(module, listed[1])
    parts = kind.parse_url(url)
    if not parts:
        return None
    try:
        return kind(**{**parts, "asset": _ASSET, "include_image": False})
    except TypeError:
        # AppriseImproperlyConfigured is one.
        return None


def with_target(provider: str, target: str, method: str | None = None) -> str:
    """The provider's address with somebody's number at its end; ``method`` says that it is to be called."""
    base, _, query = provider.partition("?")
    asked = "&".join(part for part in (query, f"method={method}" if method else "") if part)
    return f"{base.rstrip('/')}/{quote(target, safe='+-')}" + (f"?{asked}" if asked else "")


def understood(kind: str, provider: str) -> bool:
    """Whether an administrator's address is one of a listed service and complete."""
    if provider.partition("://")[0].lower() not in PROVIDERS.get(kind, ()):
        return False
    target = "12345678" if kind == "telegram" else "+15550100000"
    return _service(with_target(provider, target)) is not None


async def send(outgoing: Outgoing, url: str, subject: str, text: str) -> Outcome:
    """One message by one service. What the service answered decides; what it wrote is not kept."""
    service = _service(url)
    if service is None:
        return Outcome(False, "address", final=True)
    trip = _Trip(outgoing, asyncio.get_running_loop())

    def speak() -> bool:
        _trip.set(trip)
        return bool(service.notify(body=text, title=subject, notify_type="failure"))

    # A thread for each, which carries the context of its own message.
    sent = await asyncio.to_thread(speak)
    if sent:
        return Outcome(True)
    if trip.status is None:
        return Outcome(False, trip.reason or "refused", final=trip.final or trip.reason is None)
    return Outcome(False, str(trip.status), final=400 <= trip.status < 500 and trip.status not in _AGAIN)
