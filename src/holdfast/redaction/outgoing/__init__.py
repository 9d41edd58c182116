"""What may not go out to a customer: links that nobody vouches for, and requests that only impostors make. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from holdfast.redaction.outgoing.links import find_links
from holdfast.redaction.outgoing.requests import find_request

__all__ = ["Stop", "check", "find_links", "find_request"]


@dataclass(frozen=True, slots=True)
class Stop:
    """Why a text may not go out; ``link`` names the link that is not allowed."""

    kind: Literal["link", "secret", "remote", "payment"]
    link: str = ""


def check(text: str, allows: Callable[[str], bool]) -> Stop | None:
    """The first reason against ``text``, or None. ``allows`` says of one link whether it may go out."""
    for link in find_links(text):
        if not allows(link):
            return Stop("link", link)
    kind = find_request(text)
    return Stop(kind) if kind else None
