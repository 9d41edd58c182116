"""A line's menu: its shape, what is wrong with one, and what comes next. Pure.

A menu is a tree of nodes by name. Zero is the emergency at any time and in every menu, so no node can have it. What a
node says is a text by language; a caller whose language has none hears English.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

import msgspec

from holdfast.core.i18n import LANGUAGES

EMERGENCY_KEY = "0"
# How often a caller may press nothing, or what means nothing, before they are put through all the same.
TRIES = 3
# Seconds for a key after everything was said.
PATIENCE = 6.0
_MOST_NODES = 60
# Nodes passed without a key: more is a circle in which a caller would be caught.
_MOST_STEPS = 20
_KEYS = frozenset("123456789*#")


NodeName = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9_-]{1,40}$")]
Key = Annotated[str, msgspec.Meta(pattern=r"^[0-9*#]{1,2}$")]
Tag = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z-]{2,10}$")]
QueueKey = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9_-]{0,40}$")]
Text = Annotated[str, msgspec.Meta(max_length=600)]


class Node(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", forbid_unknown_fields=True):
    """Base of all."""


class Say(Node, frozen=True, kw_only=True, tag="say"):
    """Says something and goes on."""

    texts: dict[Tag, Text]
    next: NodeName


class Language(Node, frozen=True, kw_only=True, tag="language"):
    """Asks for the language: each is said in itself. Without a key the line's own stays."""

    keys: dict[Key, Tag]
    next: NodeName


class Code(Node, frozen=True, kw_only=True, tag="code"):
    """Asks for the code that the app shows, which says whose call it is; whoever has none goes on without."""

    next: NodeName


class Choice(Node, frozen=True, kw_only=True, tag="choice"):
    """Asks for a key. ``silent`` is where a caller goes who presses none after all tries."""

    texts: dict[Tag, Text]
    keys: dict[Key, NodeName]
    silent: NodeName


class Queue(Node, frozen=True, kw_only=True, tag="queue"):
    """Ends in a queue, by its key, for a topic, by its key."""

    queue: QueueKey = ""
    topic: QueueKey = ""


class Emergency(Node, frozen=True, kw_only=True, tag="emergency"):
    """Ends at the emergency team."""


class Callback(Node, frozen=True, kw_only=True, tag="callback"):
    """Ends with a call-back: the caller keeps their place in the queue."""

    queue: QueueKey = ""
    topic: QueueKey = ""


class Voicemail(Node, frozen=True, kw_only=True, tag="voicemail"):
    """Ends with a message."""

    queue: QueueKey = ""
    topic: QueueKey = ""


AnyNode = Say | Language | Code | Choice | Queue | Emergency | Callback | Voicemail
End = Queue | Emergency | Callback | Voicemail


class Tree(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``start`` names the first node."""

    start: NodeName
    nodes: dict[NodeName, AnyNode]


class Fault(msgspec.Struct, frozen=True):
    """``id``: no_start, unknown_node, unknown_language, key, emergency_key, no_keys, empty_text, unreachable, circle,
    too_many, unknown_queue or unknown_topic; ``node`` where."""

    id: str
    node: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a caller is. ``tries`` counts what meant nothing at this node."""

    node: str
    language: str
    tries: int = 0


def begin(tree: Tree, language: str) -> Place:
    return Place(tree.start, language)


def next_place(tree: Tree, place: Place, key: str | None) -> Place | Emergency:
    """Where a caller goes who pressed ``key``, or nothing for as long as the node asks (None). A node that asks nothing
    is left with None. At an end the place stays."""
    if key == EMERGENCY_KEY:
        return Emergency()
    node = tree.nodes[place.node]
    target: str | None = None
    language = place.language
    again = key is not None and place.tries + 1 < TRIES
    match node:
        case Say() | Code():
            target = node.next
        case Language():
            target = node.next if key in node.keys or not again else None
            language = node.keys.get(key or "", language)
        case Choice():
            given_up = None if place.tries + 1 < TRIES else node.silent
            target = node.keys.get(key or "", given_up)
        case _:
            return place
    return Place(target, language) if target is not None else replace(place, tries=place.tries + 1)


def text(texts: Mapping[str, str], language: str) -> str:
    return texts.get(language) or texts.get("en") or next(iter(texts.values()), "")


def faults(tree: Tree, queues: Sequence[str] = (), topics: Sequence[str] = ()) -> list[Fault]:
    """Everything that would lead a caller astray. ``queues`` and ``topics``: the keys that there are."""
    if tree.start not in tree.nodes:
        return [Fault("no_start")]
    if len(tree.nodes) > _MOST_NODES:
        return [Fault("too_many")]
    found = [fault for name, node in tree.nodes.items() for fault in _of_node(tree, name, node, queues, topics)]
    if found:
        return found
    reached, waiting = {tree.start}, [tree.start]
    while waiting:
        for name in _targets(tree.nodes[waiting.pop()]):
            if name not in reached:
                reached.add(name)
                waiting.append(name)
    found += [Fault("unreachable", name) for name in tree.nodes if name not in reached]
    found += [Fault("circle", name) for name in tree.nodes if not _ends(tree, name)]
    return found


def _of_node(tree: Tree, name: str, node: AnyNode, queues: Sequence[str], topics: Sequence[str]) -> Iterator[Fault]:
    if any(target not in tree.nodes for target in _targets(node)):
        yield Fault("unknown_node", name)
    if isinstance(node, Say | Choice):
        if not any(words.strip() for words in node.texts.values()):
            yield Fault("empty_text", name)
        if not set(node.texts) <= set(LANGUAGES):
            yield Fault("unknown_language", name)
    if isinstance(node, Choice | Language):
        if not node.keys:
            yield Fault("no_keys", name)
        if EMERGENCY_KEY in node.keys:
            yield Fault("emergency_key", name)
        elif not set(node.keys) <= _KEYS:
            yield Fault("key", name)
    if isinstance(node, Language) and not set(node.keys.values()) <= set(LANGUAGES):
        yield Fault("unknown_language", name)
    if isinstance(node, Queue | Callback | Voicemail):
        if node.queue and node.queue not in queues:
            yield Fault("unknown_queue", name)
        if node.topic and node.topic not in topics:
            yield Fault("unknown_topic", name)


def _targets(node: AnyNode) -> Sequence[str]:
    match node:
        case Say() | Language() | Code():
            return (node.next,)
        case Choice():
            return (*node.keys.values(), node.silent)
    return ()


def _ends(tree: Tree, name: str) -> bool:
    """Whether a caller who presses nothing comes to an end from here."""
    place = Place(name, "en")
    for _ in range(_MOST_STEPS * TRIES):
        if isinstance(tree.nodes[place.node], End):
            return True
        following = next_place(tree, place, None)
        if isinstance(following, Emergency):
            return True
        place = following
    return False


# The menu that every line has until somebody writes another: a language, then the queue of the inbox.
STANDARD = Tree(
    start="language",
    nodes={
        "language": Language(
            keys={
                "1": "en",
                "2": "zh-Hans",
                "3": "ja",
                "4": "ko",
                "5": "es",
                "6": "ru",
                "7": "vi",
                "8": "tr",
                "9": "fr",
            },
            next="person",
        ),
        "person": Queue(),
    },
)
