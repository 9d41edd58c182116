"""What the dialplan must know of the lines, so that it can speak by itself while the application is down."""

import asyncio
from collections.abc import Mapping

from holdfast.channels.voice.ari import Ari
from holdfast.channels.voice.engine.configuration import write_lines
from holdfast.channels.voice.engine.layout import Layout
from holdfast.channels.voice.prompts.store import make_unattended
from holdfast.channels.voice.settings import VoiceSettings


async def set_lines(ari: Ari, settings: VoiceSettings, layout: Layout, languages: Mapping[str, str]) -> None:
    """The language of each line by its number, as of now and after every restart of the engine.

    Raises NoVoice when a language cannot be spoken, and what ``Ari.do`` raises.
    """
    await asyncio.to_thread(make_unattended, layout, settings.cache, set(languages.values()))
    await asyncio.to_thread(write_lines, layout, languages)
    await ari.reload("pbx_config")
