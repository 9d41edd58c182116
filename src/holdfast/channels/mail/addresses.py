"""An address as servers exchange it. Pure."""

import idna


def on_the_wire(address: str) -> str:
    """With its domain as the DNS has it (IDNA 2008: that of Python would send ß to another domain).

    Raises UnicodeError: a name before the @ in other letters needs SMTPUTF8 (RFC 6531), on every server of the way.
    """
    local, _, domain = address.rpartition("@")
    local.encode("ascii")
    return address if domain.isascii() else f"{local}@{idna.encode(domain, uts46=True).decode()}"
