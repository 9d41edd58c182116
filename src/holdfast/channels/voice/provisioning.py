"""What the engine must know of us: devices that may sign in, lines for callers whom nobody of ours answers, sounds."""

import asyncio

from holdfast.channels.voice import keeping, queries
from holdfast.channels.voice.channel import phone_changed
from holdfast.channels.voice.conducting import Desk
from holdfast.channels.voice.engine import configuration, devices
from holdfast.channels.voice.errors import CallGone
from holdfast.channels.voice.prompts.texts import TEXTS
from holdfast.channels.voice.waits import Prompt
from holdfast.core.database import tell
from holdfast.core.notify import ROUTING


async def push_devices(desk: Desk) -> None:
    """All that may sign in. What it knows is not told again, but after a restart it knows none."""
    async with desk.database.transaction() as session:
        wanted = await queries.devices(session)
        over = await queries.over_devices(session)
    for device in over:
        await devices.withdraw(desk.ari, device.name)
        async with desk.database.transaction() as session:
            await session.delete(device)
    for device in wanted:
        try:
            there = await desk.ari.endpoint(device.name)
            online = there.state == "online"
        except CallGone:
            online = False
            if device.kind == "browser":
                settings = desk.settings
                await devices.push_browser(desk.ari, settings, device.name, device.password, devices.AGENTS)
            else:
                await devices.push_desk_phone(desk.ari, desk.settings, device.name, device.password)
        await desk.ari.follow_device(device.name)
        if not device.ready or device.online != online:
            async with desk.database.transaction() as session:
                row = await queries.device(session, device.name)
                if row is not None:
                    row.ready, row.online = True, online
                    tell(session, ROUTING, "phones")
                    phone_changed(session, row.agent_id)


async def write_lines(desk: Desk) -> None:
    """For callers whom the dialplan alone answers."""
    async with desk.database.transaction() as session:
        lines = await queries.lines(session, keeping.SYSTEM)
    languages = {line.number: line.language for line in lines if line.active}
    await asyncio.to_thread(configuration.write_lines, desk.layout, languages)
    await desk.ari.reload("pbx_config")


async def warm(desk: Desk) -> None:
    """Make the sounds before somebody waits for them: a first caller would hear nothing for seconds."""
    async with desk.database.transaction() as session:
        lines = await queries.lines(session, keeping.SYSTEM)
    for language in {desk.settings.language, *(line.language for line in lines)}:
        await desk.speaker.media(language, [Prompt(name) for name in TEXTS])
