"""Errors that people may see: a stable id, an HTTP status, a title, and a detail with parameters (RFC 9457).

Titles and details are message ids of the catalogues (``locales/``), written in English.
"""

from collections.abc import Callable
from typing import Any, ClassVar

import msgspec

from holdfast.core.i18n import filled, translate


class HoldfastError(Exception):
    """Base of every expected error. Keyword arguments fill the placeholders of ``detail``."""

    id: ClassVar[str]
    status: ClassVar[int]
    title: ClassVar[str]
    detail: ClassVar[str] = ""

    def __init__(self, **params: Any) -> None:
        super().__init__(params)
        self.params = params

    def __str__(self) -> str:
        return f"{self.title}. {filled(self.detail, self.params)}" if self.detail else self.title


class BadInput(HoldfastError):
    status = 400


class NotSignedIn(HoldfastError):
    status = 401


class Forbidden(HoldfastError):
    status = 403


class NotFound(HoldfastError):
    status = 404


class Conflict(HoldfastError):
    status = 409


class TooLarge(HoldfastError):
    status = 413


class Unsupported(HoldfastError):
    status = 415


class Unprocessable(HoldfastError):
    status = 422


class TooMany(HoldfastError):
    status = 429


class Unavailable(HoldfastError):
    status = 503


class StorageFull(HoldfastError):
    id = "storage_full"
    status = 507
    title = "The server has no space left to keep this"
    detail = "Nothing of yours was lost; try again later."


class Malformed(BadInput):
    id = "malformed"
    title = "This message cannot be read"


class RateLimited(TooMany):
    id = "rate_limited"
    title = "Too many messages or requests in a short time"
    detail = "Wait a few seconds; nothing you wrote is lost."


class NotAvailable(Unavailable):
    id = "unavailable"
    title = "The hotline is not available at the moment"
    detail = "What you wrote is kept and sent again."


class Internal(HoldfastError):
    """Anything unexpected: says nothing of its cause, which stands in the log under the request's id."""

    id = "internal"
    status = 500
    title = "Something went wrong on our side"
    detail = "It was written down; try again in a moment."


def _as_it_is(words: str) -> str:
    return words


_scrub: Callable[[str], str] = _as_it_is


def use_scrubber(scrub: Callable[[str], str]) -> None:
    """Set what hides secrets in an error's parameters (once, at start): a validator quotes what it refuses."""
    global _scrub  # noqa: PLW0603 - problems are made in many places that know nothing above this folder
    _scrub = scrub


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """RFC 9457 problem details; ``id`` is stable, ``request`` finds it in the log."""

    type: str
    id: str
    title: str
    status: int
    detail: str = ""
    params: dict[str, Any] = {}
    request: str | None = None


def problem_of(error: BaseException, language: str = "en", request: str | None = None) -> Problem:
    """The error as its reader gets it; what is not a HoldfastError becomes ``internal``."""
    if not isinstance(error, HoldfastError):
        error = Internal()
    params = {name: _scrub(value) if isinstance(value, str) else value for name, value in error.params.items()}
    return Problem(
        type=f"urn:holdfast:problem:{error.id}",
        id=error.id,
        title=translate(error.title, language),
        status=error.status,
        detail=translate(error.detail, language, **params) if error.detail else "",
        params=params,
        request=request,
    )
