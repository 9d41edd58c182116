"""The beginning of a call: its menu, until the caller has chosen where to go."""

import msgspec

from holdfast.channels.voice import keeping, keypad, menus, queries, stages
from holdfast.channels.voice.conducting import Conductor, here
from holdfast.channels.voice.models import Line
from holdfast.channels.voice.waits import Number, Prompt, Words
from holdfast.core.i18n import LANGUAGES


async def menu(c: Conductor) -> str:
    """Answer, greet, and go through the menu; what was chosen stands in the call when it is left."""
    with here():
        await c.ari.answer(c.call.channel)
    tree = await _tree(c)
    place = menus.begin(tree, c.call.language)
    if c.call.place.get("node") in tree.nodes:
        place = menus.Place(c.call.place["node"], c.call.language, c.call.place.get("tries", 0))
    else:
        pressed = await c.say(Prompt("welcome"), Prompt("safety"), Prompt("emergency"))
        if pressed == menus.EMERGENCY_KEY:
            return await chosen(c, menus.Emergency(), place.node)
    while True:
        node = tree.nodes[place.node]
        if isinstance(node, menus.End):
            return await chosen(c, node, place.node)
        if isinstance(node, menus.Code) and await keypad.in_menu(c):
            return await chosen(c, menus.Emergency(), place.node)
        key = await _ask(c, node, place.language)
        following = menus.next_place(tree, place, key)
        if isinstance(following, menus.Emergency):
            return await chosen(c, following, place.node)
        async with c.change() as (session, call):
            if key is not None or following.node != place.node:
                await keeping.note(session, call, "call_menu", node=place.node, key=key or "")
            call.language = following.language
            keeping.keep_place(call, node=following.node, tries=following.tries)
        if following.tries and key is not None:
            await c.say(Prompt("not-understood"), keys=False)
        place = following


async def _tree(c: Conductor) -> menus.Tree:
    """That of the line; the standard one if it has none."""
    async with c.desk.database.transaction() as session:
        line = await session.get(Line, c.call.line_id) if c.call.line_id else None
        found = await queries.menu(session, keeping.SYSTEM, line.menu) if line else None
    return msgspec.convert(found.tree, menus.Tree) if found else menus.STANDARD


async def _ask(c: Conductor, node: menus.AnyNode, language: str) -> str | None:
    match node:
        case menus.Say():
            return await c.say(Words(menus.text(node.texts, language)))
        case menus.Language():
            return await _ask_language(c, node)
        case menus.Choice():
            return await c.say(Words(menus.text(node.texts, language)), patience=menus.PATIENCE)
    return None


async def _ask_language(c: Conductor, node: menus.Language) -> str | None:
    """Each language is named in itself, the line's own first."""
    own = c.call.language
    try:
        for key, language in sorted(node.keys.items(), key=lambda pair: (pair[1] != own, pair[0])):
            if language in LANGUAGES:
                c.call.language = language
                pressed = await c.say(Prompt("language"), Number(int(key)) if key.isdigit() else Words(key))
                if pressed is not None:
                    return pressed
    finally:
        c.call.language = own
    return await c.key(menus.PATIENCE)


async def chosen(c: Conductor, end: menus.AnyNode, node: str) -> str:
    """Where the caller goes now; the conversation is made for those who wait."""
    async with c.change() as (session, call):
        await keeping.note(session, call, "call_menu", node=node, key=menus.EMERGENCY_KEY if _urgent(end) else "")
        queue, topic = getattr(end, "queue", ""), getattr(end, "topic", "")
        keeping.keep_place(call, queue=queue, topic=topic)
        match end:
            case menus.Voicemail():
                return stages.MESSAGE
            case menus.Callback():
                return stages.CALLBACK
        await keeping.enter(session, call, queue=queue, topic=topic, emergency=_urgent(end))
        return stages.WAITING


def _urgent(end: menus.AnyNode) -> bool:
    return isinstance(end, menus.Emergency)
