"""The beginning of a call: its menu, until the caller has chosen where to go."""

from holdfast.channels.voice import keeping, keypad, menus, stages
from holdfast.channels.voice.conducting import Conductor, here
from holdfast.channels.voice.waits import Number, Prompt, Words
from holdfast.core.i18n import LANGUAGES


async def menu(c: Conductor) -> str:
    """Answer, greet, and go through the menu; what was chosen stands in the call when it is left."""
    with here():
        await c.ari.answer(c.call.channel)
    tree = await c.desk.directory.tree(c.call.line_id)
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
        end = tree.nodes[following.node]
        if isinstance(end, menus.End):
            return await chosen(c, end, following.node, following.language, (place.node, key or ""))
        async with c.change() as (session, call):
            if key is not None or following.node != place.node:
                await keeping.note(session, call, "call_menu", node=place.node, key=key or "")
            call.language = following.language
            keeping.keep_place(call, node=following.node, tries=following.tries)
        if following.tries and key is not None:
            await c.say(Prompt("not-understood"), keys=False)
        place = following


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


async def chosen(
    c: Conductor, end: menus.AnyNode, node: str, language: str = "", pressed: tuple[str, str] | None = None
) -> str:
    """Where the caller goes now; the conversation is made for those who wait. ``pressed``: at which node which key led
    here, if that is not kept yet: all in one transaction, of which a call has few."""
    async with c.change() as (session, call):
        call.language = language or call.language
        queue, topic = getattr(end, "queue", ""), getattr(end, "topic", "")
        match end:
            case menus.Voicemail():
                call.stage = stages.MESSAGE
            case menus.Callback():
                call.stage = stages.CALLBACK
            case _:
                await keeping.enter(session, call, queue=queue, topic=topic, emergency=_urgent(end))
                call.stage = stages.WAITING
        keeping.keep_place(call, queue=queue, topic=topic)
        for at, key in (*([pressed] if pressed else []), (node, menus.EMERGENCY_KEY if _urgent(end) else "")):
            await keeping.note(session, call, "call_menu", node=at, key=key)
    return c.call.stage


def _urgent(end: menus.AnyNode) -> bool:
    return isinstance(end, menus.Emergency)
