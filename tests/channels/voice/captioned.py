"""What tests of captions without an engine share: something that is said, and a talk that is written down."""

import pytest

from holdfast.channels.voice.captions.utterances import Cutter
from holdfast.channels.voice.prompts.sound import NARROW
from tests.channels.voice.test_utterances import tone
from tests.support.voiceless import House


def said(seconds: float = 1.0, loud: float = 3000) -> bytes:
    """Something, and the pause after it."""
    return tone(seconds, loud) + bytes(2 * NARROW)


async def begin(talk: House) -> None:
    """Until both sides are heard, or it has failed."""
    await talk.voice.captions.begin(talk.conductor)
    hearing = talk.voice.captions._hearings.get(talk.conductor.call.id)
    if hearing is not None and hearing.beginning is not None:
        await hearing.beginning


def cuts(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The utterances that are cut from now on."""
    found: list[bytes] = []
    flush = Cutter.flush

    def noted(self: Cutter) -> bytes | None:
        sound = flush(self)
        if sound is not None:
            found.append(sound)
        return sound

    monkeypatch.setattr(Cutter, "flush", noted)
    return found
