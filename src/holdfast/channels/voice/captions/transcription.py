"""The speech endpoint: whatever speaks OpenAI's ``/audio/transcriptions`` (of a machine of one's own, mostly)."""

from array import array
from dataclasses import dataclass, field
from typing import Protocol

import msgspec

from holdfast.channels.voice.prompts.sound import NARROW, wav
from holdfast.core.outgoing import Outgoing, OutgoingError, form

# An utterance has at most 15 s; an endpoint that takes longer for it never catches up.
_SECONDS = 20.0
_LIMIT = 1 << 16
_OK = 200


class TranscriptionFailed(Exception):
    """It gave no text; ``reason`` is a stable word or a status."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Transcriber(Protocol):
    """Plugged in by ``app``; others may be written."""

    async def text(self, sound: bytes, language: str) -> str:
        """What is said in an utterance (as ``utterances`` has them), whose speaker talks ``language`` (BCP 47); empty
        if nothing is. Raises TranscriptionFailed."""
        ...


@dataclass(frozen=True, slots=True)
class Endpoint:
    """``url`` is that below which ``/audio/transcriptions`` is. ``listen``: host and port (0: a free one) at which the
    engine delivers sound, so that it must be reachable from there."""

    url: str
    model: str
    key: str = field(repr=False)
    listen: tuple[str, int]


class _Answer(msgspec.Struct):
    text: str


class OpenAITranscriber:
    """By the one way out: an endpoint in a network of one's own, or in clear, needs HOLDFAST_OUTGOING_NETWORKS,
    HOLDFAST_OUTGOING_HTTP_HOSTS. Source: OpenAI's API reference, "Create transcription"."""

    def __init__(self, outgoing: Outgoing, endpoint: Endpoint) -> None:
        self._outgoing = outgoing
        self._endpoint = endpoint

    async def text(self, sound: bytes, language: str) -> str:
        fields = {
            "model": self._endpoint.model,
            # ISO 639-1.
            "language": language.partition("-")[0],
            "response_format": "json",
            "temperature": "0",
        }
        body, kind = form(fields, "file", ("utterance.wav", wav(array("h", sound), NARROW), "audio/wav"))
        headers = {"content-type": kind}
        if self._endpoint.key:
            headers["authorization"] = f"Bearer {self._endpoint.key}"
        try:
            answer = await self._outgoing.request(
                "POST",
                f"{self._endpoint.url.rstrip('/')}/audio/transcriptions",
                body=body,
                headers=headers,
                seconds=_SECONDS,
                limit=_LIMIT,
            )
        except OutgoingError as error:
            raise TranscriptionFailed(error.reason) from error
        if answer.status != _OK:
            raise TranscriptionFailed(str(answer.status))
        try:
            return msgspec.json.decode(answer.body, type=_Answer).text.strip()
        except msgspec.MsgspecError as error:
            raise TranscriptionFailed("answer") from error
