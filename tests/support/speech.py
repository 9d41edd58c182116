"""A stand-in for a speech endpoint: takes what OpenAI's API takes, looks at the sound, and says what it is told to."""

import asyncio
import io
import json
import wave
from array import array
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy

from holdfast.channels.voice.prompts.sound import Samples
from tests.support.outside import Heard, Outside, outside, raw

KEY = "sk-of-a-test"


@dataclass
class Utterance:
    """What came: the fields of the form, and the sound."""

    fields: dict[str, str]
    rate: int
    samples: Samples

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate


@dataclass
class Endpoint:
    """``says`` gives the text of an utterance; ``status`` is answered instead while it is none."""

    says: Callable[[Utterance], str] = lambda _: ""
    status: int = 200
    heard: list[Utterance] = field(default_factory=list)
    server: Outside | None = None

    @property
    def host(self) -> str:
        assert self.server is not None
        return f"127.0.0.1:{self.server.port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}/v1"

    async def reply(self, heard: Heard, writer: asyncio.StreamWriter) -> None:
        if (heard.method, heard.path) != ("POST", "/v1/audio/transcriptions"):
            writer.write(raw(404))
        elif heard.headers.get("authorization") != f"Bearer {KEY}":
            writer.write(raw(401))
        elif self.status != 200:
            writer.write(raw(self.status))
        else:
            utterance = _parsed(heard)
            self.heard.append(utterance)
            writer.write(raw(200, json.dumps({"text": f" {self.says(utterance)}"}).encode()))
        await writer.drain()


def _parsed(heard: Heard) -> Utterance:
    head = f"content-type: {heard.headers['content-type']}\r\n\r\n".encode()
    fields: dict[str, str] = {}
    sound = b""
    for part in message_from_bytes(head + heard.body, policy=policy.HTTP).iter_parts():
        name, content = part.get_param("name", header="content-disposition"), part.get_payload(decode=True)
        assert isinstance(name, str)
        assert isinstance(content, bytes)
        if name == "file":
            sound = content
        else:
            fields[name] = content.decode()
    with wave.open(io.BytesIO(sound)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        return Utterance(fields, file.getframerate(), array("h", file.readframes(file.getnframes())))


@asynccontextmanager
async def endpoint(port: int = 0) -> AsyncIterator[Endpoint]:
    made = Endpoint()
    async with outside(made.reply, port=port) as made.server:
        yield made
