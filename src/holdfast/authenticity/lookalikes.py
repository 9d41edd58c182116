"""Is an address ours, does it pretend to be, or neither? Pure: the register comes as an argument."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from holdfast.authenticity.targets import Target, registrable, unicode_host, winding
from holdfast.redaction.outgoing.letters import plain, skeleton

# What a look-alike does: words of the page's answer stand in the catalogues.
Trick = Literal["letters", "spelling", "ending", "addition", "front", "disguise", "number", "elsewhere"]
# Names that are shorter say nothing: a letter more or less is another word.
_LONG, _LONGER = 5, 9
_SPLIT = re.compile(r"[-_.\s]+")


@dataclass(frozen=True, slots=True)
class Official:
    """A line of the register, as it is compared; ``until`` null: no end."""

    kind: str
    key: str
    shown: str
    note: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def valid(self, moment: datetime) -> bool:
        return (self.since is None or self.since <= moment) and (self.until is None or moment < self.until)


@dataclass(frozen=True, slots=True)
class Verdict:
    """``official``; ``reference`` (not ours, but our people may link to it); ``lookalike`` of ``of`` by ``trick``;
    ``expired`` (was ours until ``of.until``); ``not_listed``."""

    status: Literal["official", "reference", "lookalike", "expired", "not_listed"]
    of: Official | None = None
    trick: Trick | None = None


def judge(target: Target, register: Iterable[Official], moment: datetime) -> Verdict:
    """The first that holds: ours, no longer ours, another's that is allowed, like ours, not listed."""
    lines = list(register)
    known = [line for line in lines if _is(target, line)]
    if target.disguise and not _allowed_disguise(target, known):
        return _disguised(target, lines)
    current = [line for line in known if line.valid(moment)]
    for line in sorted(current, key=lambda line: line.kind == "reference"):
        return Verdict("reference" if line.kind == "reference" else "official", line)
    if known:
        return Verdict("expired", known[0])
    for line in lines:
        trick = _like(target, line) if line.kind != "reference" else None
        if trick is not None:
            return Verdict("lookalike", line, trick)
    return Verdict("not_listed")


def _allowed_disguise(target: Target, known: list[Official]) -> bool:
    """A name and password before an official host harm nobody."""
    return bool(known) and not _HOSTLIKE.search(target.disguise)


_HOSTLIKE = re.compile(r"[^\s.]+\.[^\s.]{2,}")


def _disguised(target: Target, lines: list[Official]) -> Verdict:
    for line in lines:
        if line.kind in ("domain", "link") and _host_of(line) in target.disguise.lower():
            return Verdict("lookalike", line, "disguise")
    return Verdict("lookalike", next((line for line in lines if line.kind == "domain"), None), "disguise")


def _host_of(line: Official) -> str:
    return re.split(r"[/?]", line.key, maxsplit=1)[0]


def within(host: str, of: str) -> bool:
    """Whether ``host`` is ``of`` or below it."""
    return host == of or host.endswith("." + of)


def _is(target: Target, line: Official) -> bool:
    """A domain covers what is below it and every link there; a link covers what begins with it."""
    if target.kind in ("domain", "link"):
        if line.kind in ("domain", "reference"):
            return within(target.host, line.key)
        return line.kind == "link" and target.kind == "link" and below(target.key, line.key)
    if target.kind == "handle" and line.kind == "handle":
        platform, _, name = line.key.rpartition(":")
        return target.key == line.key or (not target.platform and target.key == name and bool(platform))
    if target.kind == "phone" and line.kind == "phone":
        return target.key == line.key
    return target.kind == line.kind and target.key == line.key


def below(link: str, of: str) -> bool:
    """Whether a link is ``of`` or one that begins with it, and leads where it begins."""
    return not winding(link) and (link == of or link.startswith((of + "/", of + "?")))


def _like(target: Target, line: Official) -> Trick | None:  # noqa: PLR0911 - one a pair of kinds
    match target.kind, line.kind:
        case (("domain" | "link"), ("domain" | "link")):
            return _like_host(target.host, _host_of(line))
        case "mail", "mail":
            host = line.key.partition("@")[2]
            return _like_host(target.host, host) or _like_mail(target, host)
        case "mail", ("domain" | "link"):
            return None if within(target.host, _host_of(line)) else _like_host(target.host, _host_of(line))
        case "handle", "handle":
            return _like_handle(target, line)
        case "phone", "phone":
            return "number" if _like_number(target.key, line.key) else None
        case "app", "app":
            return _like_app(target.key, line.key)
        case _:
            return None


def _like_mail(target: Target, host: str) -> Trick | None:
    """Our name at a mail service that anybody can use, or another name that is meant to be ours."""
    name = registrable(host)[0]
    given = target.key.partition("@")[0]
    return "addition" if len(name) >= _LONG and skeleton(name) in skeleton(re.sub(r"[-_.+]", "", given)) else None


def _like_host(host: str, of: str) -> Trick | None:  # noqa: PLR0911 - one a trick
    """By what trick ``host`` is taken for ``of``; None where nothing says so."""
    if within(host, of):
        return None
    seen, ours = unicode_host(host), unicode_host(of)
    if skeleton(seen) == skeleton(ours):
        return "letters"
    name, suffix = registrable(seen)
    own, own_suffix = registrable(ours)
    if plain(name) == own and name == own:
        return "ending" if suffix != own_suffix else "addition"
    # The whole of ours as the front of another's: holdfast.example.evil.com
    if f".{ours}." in f".{seen}." or f"-{ours.replace('.', '-')}" in f"-{seen}":
        return "front"
    if (trick := _like_name(name, own)) is not None:
        return trick
    if len(own) >= _LONG and any(_like_name(label, own) for label in seen.split(".")[:-1]):
        return "front"
    return None


def _like_name(name: str, own: str) -> Trick | None:  # noqa: PLR0911 - one a trick
    """One name against ours: letters that look alike, a slip of the keyboard, ours with something added."""
    looks, ours = skeleton(name), skeleton(own)
    if name != own and looks == ours:
        return "letters"
    bare, bare_ours = _SPLIT.sub("", looks), _SPLIT.sub("", ours)
    if bare == bare_ours:
        return "addition"
    if len(bare_ours) < _LONG:
        parts = _SPLIT.split(looks)
        return "addition" if len(bare_ours) >= 3 and bare_ours in parts else None
    if bare_ours in bare:
        return "addition"
    allowed = 2 if len(bare_ours) >= _LONGER else 1
    if distance(bare, bare_ours, allowed) <= allowed:
        return "spelling"
    # A part with a slip, beside other words: "hold-fasst-support".
    for part in _SPLIT.split(looks):
        if len(part) >= _LONG and distance(part, bare_ours, 1) <= 1:
            return "spelling"
    return "spelling" if len(bare) > len(bare_ours) and _near_part(bare, bare_ours) else None


def _near_part(text: str, name: str) -> bool:
    """A slip inside of a longer word ("holdfasstwallet")."""
    if len(name) < 7 or len(text) > 60:
        return False
    return any(
        distance(text[start : start + length], name, 1) <= 1
        for length in (len(name) - 1, len(name), len(name) + 1)
        for start in (0, len(text) - length)
        if start >= 0
    )


def _like_handle(target: Target, line: Official) -> Trick | None:
    platform, _, own = line.key.rpartition(":")
    name = target.key.rpartition(":")[2]
    if name == own:
        # The same name, in a place where we are not.
        return "elsewhere" if target.platform != platform else None
    return _like_name(name, own)


def _like_number(number: str, own: str) -> bool:
    """A digit more, less, other or swapped; or the same end behind another beginning."""
    given, ours = number.lstrip("+0"), own.lstrip("+0")
    if given == ours or (len(given) >= 7 and ours.endswith(given)):
        return False
    if len(ours) >= 8 and distance(given, ours, 2) <= 2:
        return True
    return len(ours) >= 10 and given[-7:] == ours[-7:]


def _like_app(package: str, own: str) -> Trick | None:
    if re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", package) or re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", own):
        return None
    if skeleton(package) == skeleton(own):
        return "letters"
    if distance(package, own, 2) <= 2:
        return "spelling"
    names = [part for part in own.split(".") if len(part) >= _LONG and part not in ("wallet", "android", "example")]
    return (
        "addition"
        if any(_like_name(part, name) or part == name for name in names for part in package.split("."))
        else None
    )


def distance(a: str, b: str, most: int) -> int:
    """Letters added, left out, changed, or swapped with their neighbour (optimal string alignment); any number above
    ``most`` stands for "more"."""
    if abs(len(a) - len(b)) > most:
        return most + 1
    before: list[int] = []
    last = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
        before, last = last, row
    return last[-1]
