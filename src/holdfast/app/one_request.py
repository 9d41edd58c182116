"""A request whose end can be read in two ways is refused, and its connection ended (request smuggling, RFC 9112 6.1):
the parser takes ``Transfer-Encoding`` before ``Content-Length``, a proxy in front may not, and what one of them holds
for the body the other would take for the next request."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from holdfast.app.cross_origin import App, Message


def one_request(app: App) -> App:
    async def wrapped(
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        names = {name for name, _ in scope.get("headers", ())}
        if scope["type"] == "http" and {b"content-length", b"transfer-encoding"} <= names:
            await send({"type": "http.response.start", "status": 400, "headers": [(b"connection", b"close")]})
            await send({"type": "http.response.body", "body": b""})
            return
        await app(scope, receive, send)

    return wrapped
