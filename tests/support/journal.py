"""What was sent and what was acknowledged, written outside the server at the moment it happened."""

import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Line:
    """``act`` is sent, acked or refused; ``seq`` is what an acknowledgement said. ``at`` in monotonic seconds."""

    at: float
    act: str
    who: str
    conversation: str
    key: str
    body: str | None = None
    kind: str | None = None
    seq: int | None = None


class Journal:
    """An append-only file: each line is one write to the kernel, so that nothing of it depends on this process."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.acked = 0
        self._descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def sent(self, who: str, conversation: str, key: str, body: str, kind: str) -> None:
        """Before the frame leaves, each time it does."""
        self._write(act="sent", who=who, conversation=conversation, key=key, body=body, kind=kind)

    def acknowledged(self, who: str, conversation: str, key: str, seq: int) -> None:
        """Whenever an acknowledgement comes, also a repeated one."""
        self.acked += 1
        self._write(act="acked", who=who, conversation=conversation, key=key, seq=seq)

    def refused(self, who: str, conversation: str, key: str, problem: str) -> None:
        """Refused for good: the client does not send it again."""
        self._write(act="refused", who=who, conversation=conversation, key=key, body=problem)

    def _write(self, **fields: Any) -> None:
        line = json.dumps({"at": time.monotonic(), **fields}, ensure_ascii=False, separators=(",", ":"))
        os.write(self._descriptor, f"{line}\n".encode())

    def lines(self) -> Iterator[Line]:
        """Everything written so far, in order."""
        with self.file.open(encoding="utf-8") as file:
            for text in file:
                yield Line(**json.loads(text))

    def close(self) -> None:
        os.close(self._descriptor)
