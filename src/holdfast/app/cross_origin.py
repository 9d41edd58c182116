"""CORS for the widget: any page may call its requests (the inbox says which pages may show it), without cookies."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

PREFIX = "/api/widget/"
_ANYONE = (b"access-control-allow-origin", b"*")
_PREFLIGHT = [
    _ANYONE,
    (b"access-control-allow-methods", b"POST"),
    (b"access-control-allow-headers", b"content-type, authorization"),
    # A WebView on a private network may call a public hotline; browsers ask for an hour at most anyway.
    (b"access-control-max-age", b"7200"),
]

Message = MutableMapping[str, Any]
# Any: the framework types its application by its own unions, uvicorn by others.
App = Callable[[Any, Any, Any], Awaitable[None]]


def cross_origin(app: App) -> App:
    """The application with CORS on the widget's requests."""

    async def wrapped(
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await app(scope, receive, send)
            return
        if scope["method"] == "OPTIONS":
            await send({"type": "http.response.start", "status": 204, "headers": _PREFLIGHT})
            await send({"type": "http.response.body", "body": b""})
            return

        async def allow(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), _ANYONE]
            await send(message)

        await app(scope, receive, allow)

    return wrapped
