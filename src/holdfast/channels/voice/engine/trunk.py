"""The line to a telephone provider, written as one URL (``HOLDFAST_SIP_TRUNK``). Pure.

    sip://user:password@sip.provider.example            signs in, and registers so that calls find us
    sip://sip.provider.example?match=192.0.2.0/24       known by address, in both directions
    sips://user:password@sip.provider.example:5061      over TLS, with encrypted sound (SRTP)

Query: ``match`` addresses or networks that calls come from (default: the host's), ``codecs`` (alaw,ulaw), ``register``
(yes if there is a user), ``number`` that we show when we call: for ``Ari.originate(caller=…)``, since a caller's number
set at the trunk itself would replace those of the people who call.
"""

import re
from dataclasses import dataclass, field
from ipaddress import ip_network
from urllib.parse import parse_qs, unquote, urlsplit

from holdfast.core.settings import SettingsError

_KNOWN = {"match", "codecs", "register", "number"}
_CODECS = {"alaw", "ulaw", "g722", "opus", "gsm"}


@dataclass(frozen=True, slots=True)
class Trunk:
    host: str
    port: int | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: bool = False
    match: tuple[str, ...] = ()
    codecs: tuple[str, ...] = ("alaw", "ulaw")
    register: bool = False
    number: str | None = None

    @property
    def uri(self) -> str:
        """``sip:host:port``, with the transport where it is not UDP."""
        place = f"{self.host}:{self.port}" if self.port else self.host
        return f"sip:{place}" + (";transport=tls" if self.tls else "")


def trunk_of(written: str) -> Trunk:
    """Raises SettingsError. The password is never in its message."""
    url = urlsplit(written)
    query = {name: values[-1] for name, values in parse_qs(url.query, strict_parsing=bool(url.query)).items()}
    try:
        port = url.port
        match = tuple(part for part in query.get("match", url.hostname or "").split(",") if part)
        for part in match if "match" in query else ():
            ip_network(part, strict=False)
    except ValueError as error:
        raise SettingsError(f"HOLDFAST_SIP_TRUNK: {error}") from None
    codecs = tuple(query.get("codecs", "alaw,ulaw").split(","))
    wrong = (
        (url.scheme not in {"sip", "sips"} or not url.hostname, "it must begin with sip://host or sips://host"),
        (set(query) - _KNOWN, f"it knows {', '.join(sorted(_KNOWN))}, not {', '.join(sorted(set(query) - _KNOWN))}"),
        (set(codecs) - _CODECS, f"codecs are {', '.join(sorted(_CODECS))}"),
        (bool(url.username) != bool(url.password), "user and password belong together"),
        (not re.fullmatch(r"\+?[0-9]*", query.get("number", "")), "number must be such as +18005550100"),
        # They stand in a line of a configuration file.
        (
            re.search(r"[;\s\[\]]", unquote(f"{url.username}{url.password}{url.hostname}")),
            "a sign that cannot stand here",
        ),
    )
    for true, words in wrong:
        if true:
            raise SettingsError(f"HOLDFAST_SIP_TRUNK: {words}")
    return Trunk(
        host=url.hostname or "",
        port=port,
        user=unquote(url.username) if url.username else None,
        password=unquote(url.password) if url.password else None,
        tls=url.scheme == "sips",
        match=match,
        codecs=codecs,
        register=query.get("register", "yes" if url.username else "no") in {"yes", "1", "true"},
        number=query.get("number") or None,
    )
