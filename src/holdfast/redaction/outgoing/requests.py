"""Requests that a member of staff never makes: for a phrase, key, password or code; for remote control; for a payment.

A lexicon in each complete language (``lexicon/``): what is asked for, how one asks, and what makes the same words a
warning. It is decided sentence by sentence. Patterns are regular expressions on ``letters.plain`` text.
"""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from holdfast.redaction.outgoing.letters import plain, readings

Kind = Literal["secret", "remote", "payment"]
LEXICON = Path(__file__).parent / "lexicon"
# How far the asking may stand from what is asked for, in characters: by script.
_NEAR, _NEAR_DENSE = 90, 40
_SENTENCE = re.compile(r"[.!?。！？؟…]+(?=\s|$|[^\x00-\x7f])|[。！？؟…\n;；]+")
# Vietnamese writes syllables apart, and without their tones many begin like words of other languages: whole ones count.
_WHOLE = "vi"
_WORD = re.compile(r"[a-z]+")
_CLASSES = (
    "apart", "soothe", "secret", "ask", "enter", "here", "it", "calm", "but",
    "remote", "remote_ask", "money", "pay", "purpose", "pay_calm",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Language:
    """One language's patterns, each class as one expression."""

    name: str
    spaced: bool
    classes: dict[str, re.Pattern[str]]

    def find(self, what: str, text: str) -> list[re.Match[str]]:
        return list(self.classes[what].finditer(text))


def _plain(pattern: str) -> str:
    """The pattern in the form that texts have; its escapes stay as they are."""
    return re.sub(r"\\.|[^\\]+", lambda match: match[0] if match[0][0] == "\\" else plain(match[0]), pattern)


def _compiled(patterns: list[str], *, spaced: bool) -> re.Pattern[str]:
    # The beginning of a word is asked for once, before the alternatives: inside of words the engine goes on at once.
    begin = r"(?<!\w)" if spaced else ""
    return re.compile(f"{begin}(?:{'|'.join(f'(?:{_plain(pattern)})' for pattern in patterns)})")


@cache
def languages() -> dict[str, Language]:
    """By name; "zh" holds both ways of writing Chinese."""
    found = {}
    for path in sorted(LEXICON.glob("*.json")):
        if path.stem == "hints":
            continue
        data = json.loads(path.read_text("utf-8"))
        spaced = data["spaced"]
        classes = {name: _compiled(data[name], spaced=spaced) for name in _CLASSES}
        found[path.stem] = Language(path.stem, spaced, classes)
    return found


def _trie(words: list[str]) -> str:
    """One expression for many words that shares their beginnings: an ordinary message is looked through in some us."""
    tree: dict[str, dict] = {}  # type: ignore[type-arg]  # it holds itself
    for word in words:
        node = tree
        for char in word:
            node = node.setdefault(char, {})
        node[""] = {}

    def written(node: dict[str, dict]) -> str:  # type: ignore[type-arg]
        if "" in node:
            # The shortest is enough: whatever begins like it is looked at.
            return ""
        parts = [re.escape(char) + written(below) for char, below in sorted(node.items())]
        return parts[0] if len(parts) == 1 else f"(?:{'|'.join(parts)})"

    return written(tree)


# A language, and whether it is looked at for what is asked for ("asking") or for payments only ("paying").
Look = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Hints:
    """The cheap look: words of which a request holds one, and where it then may be one."""

    spaced: re.Pattern[str]
    dense: re.Pattern[str]
    syllables: dict[str, str]
    money: re.Pattern[str]
    of: dict[str, frozenset[Look]]


@cache
def hints() -> Hints:
    data: dict[str, dict[str, list[str]]] = json.loads((LEXICON / "hints.json").read_text("utf-8"))
    everything = languages()
    of: dict[str, set[Look]] = {}
    syllables: dict[str, str] = {}
    for what in ("asking", "paying"):
        for name, words in data[what].items():
            for word in words:
                if name == _WHOLE:
                    syllables.setdefault(plain(word).split()[0], what)
                else:
                    names = everything if name == "all" else [name]
                    of.setdefault(plain(word), set()).update((each, what) for each in names)
    # A hint that another begins with answers for both.
    for word, looks in of.items():
        looks.update(look for other, looks_too in of.items() if other.startswith(word) for look in [*looks_too])
    dense = [word for word in of if any(not everything[name].spaced for name, _ in of[word])]
    spaced = [word for word in of if any(everything[name].spaced for name, _ in of[word])]
    return Hints(
        re.compile(r"\b(?:" + _trie(spaced) + ")"),
        re.compile(_trie(dense)),
        syllables,
        _money(data["money"]),
        {word: frozenset(looks) for word, looks in of.items()},
    )


def _money(by_language: dict[str, list[str]]) -> re.Pattern[str]:
    """What every request for a payment speaks of: a number, a sign, or a word for money."""
    words = {plain(word): name for name, words in by_language.items() for word in words}
    # German joins words: a fee stands at the end of "Freischaltgebühr".
    dense = [word for word, name in words.items() if name == "de" or _DENSE_SCRIPT.match(word)]
    spaced = [word for word in words if word not in dense]
    return re.compile(rf"[0-9$€£%]|\b(?:{_trie(spaced)})|{_trie(dense)}")


_DENSE_SCRIPT = re.compile("[\u0600-\u06ff\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def candidates(text: str) -> set[Look]:
    """Where the text may hold a request; empty for most texts."""
    look = hints()
    found: set[Look] = set()
    for match in look.spaced.finditer(text):
        found |= look.of[match[0]]
    for word in look.syllables.keys() & _WORD.findall(text):
        found.add((_WHOLE, look.syllables[word]))
    if not text.isascii() and _DENSE_SCRIPT.search(text):
        for match in look.dense.finditer(text):
            found |= look.of[match[0]]
    elif found:
        found = {each for each in found if languages()[each[0]].spaced}
    if found and not look.money.search(text):
        found = {each for each in found if each[1] == "asking"}
    return found


def find_request(text: str, *, hurry: bool = True) -> Kind | None:
    """What the text asks for that may not be asked for, or None. ``hurry`` off: without the cheap look (tests)."""
    for reading in readings(text):
        looks = candidates(reading) if hurry else {(name, "asking") for name in languages()}
        if not looks:
            continue
        asking = {name for name, what in looks if what == "asking"}
        paying = {name for name, what in looks if what == "paying"} if hurry else set(languages())
        kind = _in_reading(reading, asking, paying)
        if kind is not None:
            return kind
    return None


def _in_reading(text: str, asking: set[str], paying: set[str]) -> Kind | None:
    everything = languages()
    spoken = [everything[name] for name in sorted(asking | paying)]
    sentences = [part for part in _SENTENCE.split(text) if part.strip()]
    for language in spoken:
        asked_before = False
        for sentence in sentences:
            said = language.classes["soothe"].sub(" ", sentence)
            if language.name in asking:
                said = language.classes["apart"].sub(" ", said)
                secrets = language.find("secret", said)
                if secrets and _asks(language, said, secrets, spoken):
                    return "secret"
                if not secrets and asked_before and _meant(said, language.find("it", said), spoken, "calm"):
                    return "secret"
                asked_before = bool(secrets) and not language.classes["calm"].search(said)
                if _remote(language, said, spoken):
                    return "remote"
            if language.name in paying and _pays(language, said, spoken):
                return "payment"
    return None


def _asks(language: Language, said: str, secrets: list[re.Match[str]], spoken: list[Language]) -> bool:
    near = [ask for ask in language.find("ask", said) if _near(language, ask, secrets)]
    if _meant(said, near, spoken, "calm"):
        return True
    enter = [word for word in language.find("enter", said) if _near(language, word, secrets)]
    return bool(enter) and language.classes["here"].search(said) is not None and _meant(said, enter, spoken, "calm")


def _remote(language: Language, said: str, spoken: list[Language]) -> bool:
    tools = language.find("remote", said)
    if not tools:
        return False
    asks = [ask for ask in language.find("remote_ask", said) if _near(language, ask, tools)]
    return _meant(said, asks, spoken, "calm")


def _pays(language: Language, said: str, spoken: list[Language]) -> bool:
    if not language.classes["money"].search(said) or not language.classes["purpose"].search(said):
        return False
    return _meant(said, language.find("pay", said), spoken, "pay_calm")


def _near(language: Language, word: re.Match[str], of: list[re.Match[str]]) -> bool:
    most = _NEAR if language.spaced else _NEAR_DENSE
    return any(max(word.start() - one.end(), one.start() - word.end()) <= most for one in of)


def _meant(said: str, asks: list[re.Match[str]], spoken: list[Language], calm: str) -> bool:
    """Whether one of the askings is meant: no warning in its sentence, or a "but" between the warning and it.

    A warning counts in any language that the sentence may be in: names such as AnyDesk are the same in all.
    """
    if not asks:
        return False
    warnings = [match.start() for language in spoken for match in language.classes[calm].finditer(said)]
    if not warnings:
        return True
    turns = [match.start() for language in spoken for match in language.classes["but"].finditer(said)]
    return any(turn >= max(warnings) and ask.start() >= turn for turn in turns for ask in asks)
