"""Shapes of the requests about rights."""

from datetime import datetime
from typing import Annotated

import msgspec

from holdfast.training.rights import Reason

Skill = Annotated[str, msgspec.Meta(min_length=1, max_length=60)]


class RightView(msgspec.Struct, frozen=True, rename={"from_": "from"}):
    """A skill of an agent. ``until`` is when it ends if nothing is renewed; ``why`` says what it stands on or lacks."""

    skill: str
    held: bool
    from_: datetime | None
    until: datetime | None
    why: list[Reason]


class Attestation(msgspec.Struct, frozen=True):
    skill: Skill
    note: Annotated[str, msgspec.Meta(max_length=2000)] = ""


class RevocationInput(msgspec.Struct, frozen=True):
    skill: Skill
    why: Annotated[str, msgspec.Meta(min_length=3, max_length=2000)]
