"""The menu's interpreter: whatever a caller presses, they arrive somewhere."""

from hypothesis import given
from hypothesis import strategies as st

from holdfast.channels.voice.menus import (
    STANDARD,
    TRIES,
    Choice,
    Code,
    Emergency,
    End,
    Language,
    Place,
    Queue,
    Say,
    Tree,
    Voicemail,
    begin,
    faults,
    next_place,
    text,
)
from holdfast.core.i18n import LANGUAGES

TREE = Tree(
    start="hello",
    nodes={
        "hello": Say(texts={"en": "Hello", "es": "Hola"}, next="language"),
        "language": Language(keys={"1": "en", "2": "es"}, next="code"),
        "code": Code(next="topics"),
        "topics": Choice(texts={"en": "Press 1 or 2"}, keys={"1": "money", "2": "voicemail"}, silent="money"),
        "money": Queue(queue="general", topic="deposit"),
        "voicemail": Voicemail(),
    },
)
KEYS = st.one_of(st.none(), st.sampled_from("0123456789*#"))


@given(st.lists(KEYS, min_size=40, max_size=40), st.sampled_from(LANGUAGES), st.sampled_from([TREE, STANDARD]))
def test_every_caller_arrives_at_an_end(keys: list[str | None], language: str, tree: Tree) -> None:
    place = begin(tree, language)
    for key in keys:
        if isinstance(tree.nodes[place.node], End):
            break
        following = next_place(tree, place, key)
        if isinstance(following, Emergency):
            assert key == "0"
            return
        place = following
    assert isinstance(tree.nodes[place.node], End)
    assert place.language in LANGUAGES


@given(st.sampled_from(sorted(TREE.nodes)), st.integers(0, TRIES))
def test_zero_is_the_emergency_at_any_time(node: str, tries: int) -> None:
    assert next_place(TREE, Place(node, "en", tries), "0") == Emergency()


def test_a_language_a_topic_and_an_end() -> None:
    place = next_place(TREE, begin(TREE, "en"), None)
    assert place == Place("language", "en")
    place = next_place(TREE, place, "2")
    assert place == Place("code", "es")
    place = next_place(TREE, place, None)
    assert place == Place("topics", "es")
    assert next_place(TREE, place, "9") == Place("topics", "es", 1)
    assert next_place(TREE, place, "2") == Place("voicemail", "es")
    assert text({"en": "a", "es": "b"}, "es") == "b"
    assert text({"en": "a"}, "ar") == "a"


def test_what_is_wrong_with_a_menu_is_named() -> None:
    assert faults(TREE, ["general"], ["deposit"]) == []
    assert faults(STANDARD) == []

    def ids(start: str = "a", **nodes: object) -> set[tuple[str, str]]:
        return {(fault.id, fault.node) for fault in faults(Tree(start, nodes))}  # type: ignore[arg-type]  # named

    end = Queue()
    assert ids(start="b", a=end) == {("no_start", "")}
    assert ids(a=Say(texts={"en": "x"}, next="b")) == {("unknown_node", "a")}
    assert ids(a=Say(texts={"xx": "x"}, next="b"), b=end) == {("unknown_language", "a")}
    assert ids(a=Say(texts={"en": " "}, next="b"), b=end) == {("empty_text", "a")}
    assert ids(a=Choice(texts={"en": "x"}, keys={}, silent="b"), b=end) == {("no_keys", "a")}
    assert ids(a=Choice(texts={"en": "x"}, keys={"0": "b"}, silent="b"), b=end) == {("emergency_key", "a")}
    assert ids(a=Choice(texts={"en": "x"}, keys={"12": "b"}, silent="b"), b=end) == {("key", "a")}
    assert ids(a=end, b=end) == {("unreachable", "b")}
    circle = Say(texts={"en": "x"}, next="b"), Say(texts={"en": "x"}, next="a")
    assert ids(a=circle[0], b=circle[1]) == {("circle", "a"), ("circle", "b")}
    assert ids(a=Queue(queue="none")) == {("unknown_queue", "a")}
    assert ids(a=Voicemail(topic="none")) == {("unknown_topic", "a")}
    assert [fault.id for fault in faults(Tree("n1", {f"n{number}": end for number in range(61)}))] == ["too_many"]
