"""A call that is written down: who may be heard, and what was said and is not written yet."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

Who = Literal["customer", "agent"]
# Seconds that what was said later waits for what was said before.
_TURN = 20.0
# Why nobody hears: the customer is on hold, the agent has paused it, something secret is asked, nobody conducts it.
Deaf = Literal["held", "paused", "asked", "left"]


@dataclass(eq=False)
class Utterance:
    """``agent_id``: who had the call when it was said: by the time that it is written down somebody else may have it,
    or nobody. ``pauses``: those of the hearing until then."""

    sound: bytes
    who: Who
    agent_id: UUID | None
    pauses: int
    done: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class Hearing:
    """A call that is written down. ``agent_id``: who talks with the customer now. ``deaf``: nothing that is said now
    goes to the endpoint. ``pauses``: how often it was so for another reason than hold; what was said before and still
    waits does not go either. ``left_out``: something was, and that is not noted; ``failing``: it is; ``good``: how many
    went well since, of which ``enough`` end it. ``phrases``: whose words may be a phrase that goes on. ``under_way``:
    what both have said and is not written down, in order. ``made``: the engine's channels; ``settled``: all are there,
    or will not be."""

    call_id: UUID
    language: str
    agent_id: UUID | None
    deaf: Deaf | None = None
    pauses: int = 0
    left_out: bool = False
    failing: bool = False
    good: int = 0
    enough: int = 1
    phrases: set[Who] = field(default_factory=set)
    under_way: list[Utterance] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    beginning: asyncio.Task[None] | None = None
    settled: bool = False

    def stop(self) -> asyncio.Task[None] | None:
        """Begin no more; what is to be waited for. What has been decided is written: a transaction is not cut."""
        if self.beginning is not None and not self.settled:
            self.beginning.cancel()
        return self.beginning

    def cut(self, sound: bytes, who: Who) -> Utterance:
        """Somebody has said it."""
        utterance = Utterance(sound, who, self.agent_id, self.pauses)
        self.under_way.append(utterance)
        return utterance

    async def turn(self, utterance: Utterance) -> None:
        """Until what was said before it is written down, or for so long as one utterance takes at most: whoever reads
        an answer before its question understands neither."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_TURN):
                while utterance in self.under_way and (first := self.under_way[0]) is not utterance:
                    await first.done.wait()

    def done(self, utterance: Utterance) -> None:
        """It is written down, or will not be."""
        if utterance in self.under_way:
            self.under_way.remove(utterance)
        utterance.done.set()

    def hear(self, deaf: Deaf | None) -> None:
        if deaf not in {self.deaf, None, "held"}:
            self.pauses += 1
        self.deaf = deaf
