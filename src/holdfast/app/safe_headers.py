"""Headers of every answer, whoever made it: routes, refusals, files, what the framework says by itself. A page states
what it needs beyond them; what nobody stated is the strictest there is."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from holdfast.app.cross_origin import App, Message
from holdfast.core.settings import Settings

# A year: as long as the lists of browsers ask for.
HSTS = "max-age=31536000"
_ALWAYS = {
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": (
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), magnetometer=(), "
        "microphone=(self), midi=(), payment=(), serial=(), usb=()"
    ),
}
# What a route may say otherwise: a page its policy, the widget's files that any page may load them, hashed names that
# they may be kept. Answers are somebody's: nothing keeps them.
_UNLESS_STATED = {
    "content-security-policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    # A page with a form of its own says same-origin: without a referrer the form has no Origin, and is refused.
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}


def safe_headers(app: App, settings: Settings) -> App:
    """The application with these headers on each of its answers."""
    always = dict(_ALWAYS)
    if settings.origin.startswith("https:"):
        always["strict-transport-security"] = HSTS

    async def wrapped(
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return

        async def complete(message: Message) -> None:
            if message["type"] == "http.response.start":
                stated = {name.lower(): value for name, value in message.get("headers", [])}
                kept = [pair for pair in message.get("headers", []) if pair[0].lower().decode() not in always]
                added = {**always, **{n: v for n, v in _UNLESS_STATED.items() if n.encode() not in stated}}
                if "content-security-policy" in added:
                    added["x-frame-options"] = "DENY"
                message["headers"] = [*kept, *((n.encode(), v.encode()) for n, v in added.items())]
            await send(message)

        await app(scope, receive, complete)

    return wrapped
