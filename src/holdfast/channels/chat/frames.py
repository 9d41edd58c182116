"""The socket protocol's frames (docs/protocol.md), as they are decoded and encoded."""

import json
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec

# Characters of one frame; a message has at most 8,000, each at most 6 when escaped as \\uXXXX.
MAX_FRAME = 1 << 16


class Hello(msgspec.Struct, tag_field="t", tag="hello"):
    token: str = ""
    since: int = 0
    lang: str = ""


class Send(msgspec.Struct, tag_field="t", tag="send"):
    k: UUID
    b: str = ""
    att: list[UUID] = []
    c: UUID | None = None
    kind: str = "public"


class Typing(msgspec.Struct, tag_field="t", tag="typing"):
    on: bool = True
    c: UUID | None = None


class Read(msgspec.Struct, tag_field="t", tag="read"):
    seq: int
    c: UUID | None = None


class Ping(msgspec.Struct, tag_field="t", tag="ping"):
    pass


class Open(msgspec.Struct, tag_field="t", tag="open"):
    c: UUID
    since: int = 0


class Shut(msgspec.Struct, tag_field="t", tag="shut"):
    c: UUID


class Watch(msgspec.Struct, tag_field="t", tag="watch"):
    """The wall board, with the day of this zone; without ``on`` no longer."""

    on: bool = True
    zone: str = "UTC"


Frame = Hello | Send | Typing | Read | Ping | Open | Shut | Watch

_decode: Callable[[str], Frame] = msgspec.json.Decoder(Frame).decode
# Half of a surrogate pair, as a browser escapes it when a text was cut in the middle of an emoji.
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def decode(raw: str) -> Frame:
    """The frame. A lone surrogate becomes ``?``: refused, it would be sent again for ever. Raises DecodeError."""
    try:
        return _decode(raw)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        if not _SURROGATE.search(raw):
            raise
        try:
            return _decode(json.dumps(json.loads(raw), ensure_ascii=False).encode("utf-8", "replace").decode())
        except (ValueError, RecursionError):
            raise msgspec.DecodeError("not JSON") from None


_encode = msgspec.json.Encoder().encode


class _Keyed(msgspec.Struct):
    """Just the key of a frame that could not be decoded otherwise, so that its sender can be answered."""

    k: UUID


_decode_key = msgspec.json.Decoder(_Keyed).decode


def key_of(raw: str) -> UUID | None:
    """The message key of a malformed frame, if it has one."""
    try:
        return _decode_key(raw).k
    except msgspec.DecodeError:
        return None


def frame(kind: str, **fields: Any) -> str:
    """A frame to a client."""
    return _encode({"t": kind, **fields}).decode()


PONG = frame("pong")
