"""Which SIP messages of a browser go on to the engine: those that speak in the one name that it was given. Pure.

The engine knows a device by the user of From, else by that of its credentials (``endpoint_identifier_order``): both
are looked at here, in a reading that is narrower than the engine's. What is written in any unusual way is refused,
since the two could read it differently.
"""

import re

# An offer with ten ICE candidates has 3 KB.
LONGEST = 1 << 15
KEEP_ALIVE = frozenset({"\r\n\r\n", "\r\n"})
_METHODS = frozenset({"REGISTER", "INVITE", "ACK", "BYE", "CANCEL", "INFO", "OPTIONS", "UPDATE"})
_REQUEST = re.compile(r"([A-Z]{3,8}) sips?:[^ ]+ SIP/2\.0")
_RESPONSE = re.compile(r"SIP/2\.0 [1-6][0-9]{2} [^\r\n]*")
_HEADER = re.compile(r"([A-Za-z][A-Za-z-]*): ?(.*)")
_PARTY = re.compile(r"(?:\"[A-Za-z0-9 ]*\" )?<sip:([a-z0-9-]+)@[A-Za-z0-9.:;=-]+>((?:;[A-Za-z0-9=.-]+)*)")
_USER = re.compile(r'(?i)\busername\s*=\s*"([^"]*)"')
# Their short forms would be read by the engine and not by us.
_SHORT = frozenset("abcdefijklmnorstuvxy")


def may_pass(text: str, name: str, *, may_call: bool) -> bool:
    """``may_call``: it may begin calls, and not only take those that come."""
    if text in KEEP_ALIVE:
        return True
    if len(text) > LONGEST or "\0" in text:
        return False
    head, _, body = text.partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    if "\n" in head.replace("\r\n", "") or "\r" in head.replace("\r\n", ""):
        return False
    headers = _headers(lines)
    # The engine reads a stream: what comes behind the body is to it the next message, which nobody looked at here.
    if headers is None or [value for key, value in headers if key == "content-length"] != [str(len(body.encode()))]:
        return False
    if _RESPONSE.fullmatch(first):
        return True
    asked = _REQUEST.fullmatch(first)
    return asked is not None and _speaks_as(asked[1], headers, name, may_call=may_call)


def _headers(lines: list[str]) -> list[tuple[str, str]] | None:
    found = []
    for line in lines:
        header = _HEADER.fullmatch(line)
        if header is None or header[1].lower() in _SHORT:
            return None
        found.append((header[1].lower(), header[2]))
    return found


def _speaks_as(method: str, headers: list[tuple[str, str]], name: str, *, may_call: bool) -> bool:
    senders = [value for key, value in headers if key == "from"]
    receivers = [value for key, value in headers if key == "to"]
    if method not in _METHODS or len(senders) != 1 or len(receivers) != 1:
        return False
    sender = _PARTY.fullmatch(senders[0])
    if sender is None or sender[1] != name:
        return False
    if method == "REGISTER":
        whose = _PARTY.fullmatch(receivers[0])
        if whose is None or whose[1] != name:
            return False
    if method == "INVITE" and not may_call and ";tag=" not in receivers[0]:
        return False
    given = [value for key, value in headers if key in {"authorization", "proxy-authorization"}]
    return all(_USER.findall(value) == [name] for value in given)
