"""Who looks at a conversation, and who writes in it: live only, never stored, so that two do not answer at once."""

import asyncio
from typing import Any
from uuid import UUID

from holdfast.channels.chat.feed import Console
from holdfast.channels.chat.frames import frame
from holdfast.channels.chat.moments import Moments
from holdfast.core.live import Audience, Hub

# Seconds: what another process said is forgotten unless it says so again (each process does at every beat of 5 s).
FORGET = 15.0


class Looking:
    """The consoles that have each conversation open, on this process and, as far as they told, on the others."""

    def __init__(self, hub: Hub, moments: Moments) -> None:
        self._hub = hub
        self._moments = moments
        self._here: dict[UUID, dict[Console, bool]] = {}
        self._elsewhere: dict[UUID, dict[str, tuple[float, list[dict[str, Any]]]]] = {}
        moments.on_looking = self._heard

    def enter(self, conversation_id: UUID, console: Console) -> None:
        self._here.setdefault(conversation_id, {})[console] = False
        self._changed(conversation_id)

    def leave(self, conversation_id: UUID, console: Console) -> None:
        here = self._here.get(conversation_id, {})
        here.pop(console, None)
        if not here:
            self._here.pop(conversation_id, None)
        self._changed(conversation_id)

    def write(self, conversation_id: UUID, console: Console, on: bool) -> None:
        here = self._here.get(conversation_id, {})
        if here.get(console) is not on:
            here[console] = on
            self._changed(conversation_id)

    def announce(self) -> None:
        """Say again who looks, for processes that have just started or would forget."""
        for conversation_id in self._here:
            self._moments.looking(conversation_id, self._of_here(conversation_id))

    def _changed(self, conversation_id: UUID) -> None:
        self._moments.looking(conversation_id, self._of_here(conversation_id))
        self._tell(conversation_id)

    def _heard(self, conversation_id: UUID, process: str, agents: list[dict[str, Any]]) -> None:
        at = asyncio.get_running_loop().time()
        known = self._elsewhere.setdefault(conversation_id, {})
        before = known.pop(process, (0.0, []))[1]
        if agents:
            known[process] = (at, agents)
        for stale in [p for p, (said, _) in known.items() if at - said > FORGET]:
            del known[stale]
        if not known:
            del self._elsewhere[conversation_id]
        if agents != before:
            self._tell(conversation_id)

    def _of_here(self, conversation_id: UUID) -> list[dict[str, Any]]:
        agents: dict[UUID, dict[str, Any]] = {}
        for console, writing in self._here.get(conversation_id, {}).items():
            viewer = console.viewer
            seen = agents.setdefault(viewer.id, {"id": str(viewer.id), "name": viewer.name, "writing": False})
            seen["writing"] = seen["writing"] or writing
        return list(agents.values())

    def _tell(self, conversation_id: UUID) -> None:
        now = asyncio.get_running_loop().time()
        agents = {a["id"]: a for a in self._of_here(conversation_id)}
        for said, others in self._elsewhere.get(conversation_id, {}).values():
            for agent in others if now - said <= FORGET else ():
                mine = agents.setdefault(agent["id"], agent)
                agents[agent["id"]] = {**mine, "writing": mine["writing"] or agent["writing"]}
        self._hub.push(
            conversation_id, frame("looking", c=conversation_id, agents=list(agents.values())), Audience.STAFF
        )
