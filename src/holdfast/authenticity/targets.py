"""What somebody has pasted, as the address it is: domain, link, handle, number, mail, app, or a check code. Pure."""

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote

from holdfast.authenticity.check_codes import parse_check_code
from holdfast.redaction.outgoing.letters import INVISIBLE, digits, visible

Kind = Literal["domain", "link", "handle", "phone", "mail", "app", "check_code", "unknown"]
# What can be in the register; "reference" is another's site that our people may link to.
CHANNEL_KINDS = ("domain", "link", "handle", "phone", "mail", "app", "reference")
# What an impostor can use; "person" is somebody in a chat or call.
IMPOSTOR_KINDS = ("domain", "link", "handle", "phone", "mail", "app", "person")
PLATFORMS = {
    "x.com": "x", "twitter.com": "x", "t.me": "telegram", "telegram.me": "telegram", "discord.gg": "discord",
    "discord.com": "discord", "instagram.com": "instagram", "facebook.com": "facebook", "youtube.com": "youtube",
    "tiktok.com": "tiktok", "reddit.com": "reddit", "github.com": "github", "wa.me": "whatsapp", "medium.com": "medium",
    "linkedin.com": "linkedin", "weibo.com": "weibo", "line.me": "line", "vk.com": "vk",
}  # fmt: skip
LIMIT = 2_000

_SCHEME = re.compile(r"^(h[tx]{2}ps?|wc|tg)\s*:\s*/*", re.IGNORECASE)
_HASH = re.compile(r"^(?:sha-?(?:1|256)[:= ]*)?((?:[0-9a-f]{2}[: ]?){20,32})$", re.IGNORECASE)
_PACKAGE = re.compile(r"^[a-z][a-z0-9_]*(?:\.[a-z0-9_]+){2,}$")
_APPS = ("com", "org", "io", "net", "app", "co", "de", "cn", "example", "wallet", "exodus", "xyz", "me", "finance")
_HANDLE = re.compile(r"^(?:(?P<platform>[a-z]{1,12})\s*[:/ ]\s*)?@(?P<name>[\w.\-]{2,64})(?:#\d{4})?$")
_MAIL = re.compile(r"^(?:mailto:)?(?P<local>[^\s@:/<>]+)@(?P<domain>[^\s@/<>]+\.[^\s@/<>]+)$")
_PHONE = re.compile(r"^(?:tel:)?[+(]?[\d\s().\-/+]{5,32}$")
_HOST = re.compile(r"^(?:[^\s./:@?#]+\.)+[^\s./:@?#]{2,63}$")
# What browsers leave out of an address, wherever it stands.
_LEFT_OUT = re.compile(r"[\t\r\n]")
# More layers of "%25" than anybody writes by accident.
_LAYERS = 4
_DOTS = str.maketrans({"\u3002": ".", "\uff0e": ".", "\uff61": ".", "\u2024": "."})


@dataclass(frozen=True, slots=True)
class Target:
    """``key`` is compared; ``shown`` is what a person reads (as Unicode, without tricks); ``host`` of domain and link;
    ``disguise`` what stood before an @ or was hidden in the writing of a link (an address that it only pretends)."""

    kind: Kind
    key: str
    shown: str
    host: str = ""
    disguise: str = ""
    platform: str = ""

    @property
    def named(self) -> str:
        """As it is written into a list, with its platform."""
        return f"{self.shown} ({self.platform})" if self.platform else self.shown


def read(text: str, kind: str | None = None) -> Target:
    """The one address that was pasted. ``kind`` says what it is meant to be. Never fails: kind is "unknown" then."""
    given = INVISIBLE.sub("", text[:LIMIT]).strip().strip("<>\"'`,;，。").strip()
    code = parse_check_code(given)
    if code is not None:
        return Target("check_code", code, code)
    seen = visible(given).translate(_DOTS).replace("[.]", ".").replace("(.)", ".").replace("[dot]", ".")
    if not seen:
        return Target("unknown", "", "")
    for reader in (_app, _mail, _phone, _handle, _address):
        found = reader(seen, kind)
        if found is not None:
            return found
    return Target("unknown", seen[:200], seen[:200])


def _app(seen: str, kind: str | None) -> Target | None:
    if hashed := _HASH.match(seen):
        value = re.sub(r"[^0-9a-f]", "", hashed[1])
        if len(value) in (40, 64):
            return Target("app", value, value)
    package = _PACKAGE.match(seen) and seen.partition(".")[0] in _APPS and seen.rpartition(".")[2] not in ("com", "org")
    if kind == "app" or (kind is None and package):
        return Target("app", seen, seen)
    return None


def _mail(seen: str, kind: str | None) -> Target | None:
    match = _MAIL.match(seen)
    if match is None or kind not in (None, "mail"):
        return None
    host = unicode_host(match["domain"])
    key = f"{match['local']}@{ascii_host(host)}"
    return Target("mail", key, f"{match['local']}@{host}", ascii_host(host))


def _phone(seen: str, kind: str | None) -> Target | None:
    # Digits of every script are digits here.
    if not _PHONE.match(seen) or len(number := digits(seen)) < 5 or kind not in (None, "phone"):
        return None
    if seen.count(".") == 3 and len(number) <= 12 and not seen.startswith("+"):
        return None
    if seen.lstrip("tel:( ").startswith("+"):
        number = "+" + number
    elif number.startswith("00"):
        number = "+" + number[2:]
    return Target("phone", number, number)


def _handle(seen: str, kind: str | None) -> Target | None:
    match = _HANDLE.match(seen)
    if match and kind in (None, "handle"):
        return _named(match["name"], match["platform"] or "")
    if kind == "handle":
        platform, _, name = seen.rpartition(":")
        return _named(name.strip().lstrip("@"), platform.strip())
    return None


def _named(name: str, platform: str) -> Target:
    platform = {"twitter": "x", "tg": "telegram"}.get(platform, platform)
    key = f"{platform}:{name}" if platform else name
    return Target("handle", key, f"@{name}", platform=platform)


def _address(seen: str, kind: str | None) -> Target | None:
    scheme = _SCHEME.match(seen)
    rest = seen[scheme.end() :] if scheme else seen
    if not scheme and " " in rest:
        return None
    # Browsers take a backslash for a slash: what stands behind it is no host.
    rest = rest.replace("\\", "/")
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    disguise, _, place = authority.rpartition("@")
    try:
        host = unicode_host(re.sub(r":\d*$", "", unquote(place)))
    except ValueError:
        return None
    if not host or (not _HOST.match(host) and host != "localhost" and not (scheme and host)):
        return None
    tail = _LEFT_OUT.sub("", rest[len(authority) :])
    name = tail.strip("/").split("/")[0].split("?")[0]
    bare = host.removeprefix("www.").removeprefix("m.")
    if bare in PLATFORMS and name and kind in (None, "handle", "link") and not winding(host + tail):
        return _named(name.lstrip("@"), PLATFORMS[bare])
    ascii_name = ascii_host(host)
    if kind == "domain" or (kind is None and not scheme and tail in ("", "/") and not disguise):
        return Target("domain", ascii_name, host, ascii_name, disguise)
    path, _, query = tail.partition("#")[0].partition("?")
    key = ascii_name + path.rstrip("/") + (f"?{query}" if query else "")
    return Target("link", key, host + path.rstrip("/"), ascii_name, disguise)


def winding(link: str) -> bool:
    """Whether a link (host and path) goes up again on its way ("/ours/../theirs"): where it begins says nothing about
    where it leads then. Also in the writings that only some servers undo; no honest link has any of them."""
    path = re.split(r"[?#]", link, maxsplit=1)[0].partition("/")[2]
    for _ in range(_LAYERS):
        if path == (path := unquote(path)):
            break
    else:
        return True
    return any(part.partition(";")[0].strip() in (".", "..") for part in re.split(r"[/\\]", _LEFT_OUT.sub("", path)))


def unicode_host(host: str) -> str:
    """A host as a person would read it; punycode is undone label by label."""
    labels = []
    for label in host.strip(".").lower().split("."):
        if label.startswith("xn--"):
            try:
                labels.append(label[4:].encode("ascii").decode("punycode"))
            except (UnicodeError, ValueError):
                labels.append(label)
        else:
            labels.append(label)
    return ".".join(labels)


def ascii_host(host: str) -> str:
    """A host as the name system knows it: labels with other letters in punycode."""
    labels = []
    for label in host.strip(".").split("."):
        try:
            labels.append(label if label.isascii() else "xn--" + label.encode("punycode").decode())
        except UnicodeError:
            labels.append("?")
    return ".".join(labels)


def registrable(host: str) -> tuple[str, str]:
    """``(name, suffix)`` of the part of a host that somebody registers: ``("holdfast", "co.uk")``."""
    labels = host.split(".")
    if len(labels) < 2:
        return host, ""
    double = (
        len(labels) >= 3
        and labels[-2] in ("co", "com", "net", "org", "gov", "edu", "ac", "or", "ne")
        and len(labels[-1]) == 2
    )
    return (labels[-3], ".".join(labels[-2:])) if double else (labels[-2], labels[-1])
