"""What a run must not have written down: the secrets that were typed in it, looked for in everything it left.

A test hands each secret it types to ``typed``; at the end of the session everything the installation wrote (each table
of its database as text, each file of its data folder, what it printed) is searched for each of them, in the forms in
which they could have been kept.
"""

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from holdfast.app.demo_organisation import PASSWORD
from tests.support.server import Holdfast

# Shorter ones (the six digits of an app) would be found by chance.
SHORTEST = 8
# The installation's own keys are its business: nobody types them.
_KEYS = {"master.key"}

_TYPED: dict[str, str] = {}


def typed(secret: str, what: str = "a secret") -> str:
    """Remember that this was typed (a password, code, phrase, key or token), and give it back."""
    if len(secret) >= SHORTEST:
        _TYPED[secret] = what
    return secret


def remembered() -> dict[str, str]:
    # The demo's password is public: the supervisor prints it on purpose.
    return {secret: what for secret, what in _TYPED.items() if secret != PASSWORD}


@dataclass(frozen=True, slots=True)
class Leak:
    what: str
    where: str


def forms(secret: str) -> set[bytes]:
    """The secret as it could stand somewhere: plain, in JSON, in a URL, in base64 (at its three offsets), in hex."""
    plain = secret.encode()
    made = {plain, json.dumps(secret)[1:-1].encode(), quote(secret, safe="").encode(), plain.hex().encode()}
    for encode in (b64encode, urlsafe_b64encode):
        for offset in range(3):
            # The characters that depend on neighbours are left out.
            whole = encode(b"\0" * offset + plain).rstrip(b"=")
            inner = whole[(0, 2, 3)[offset] : len(whole) - 1]
            if len(inner) >= SHORTEST:
                made.add(inner)
    return made


def search(secrets: dict[str, str], texts: Iterable[tuple[str, bytes]]) -> list[Leak]:
    """Every secret that occurs in one of ``texts`` (where, what)."""
    wanted = [(what, forms(secret)) for secret, what in secrets.items()]
    return [
        Leak(what, where)
        for where, content in texts
        for what, shapes in wanted
        if any(form in content for form in shapes)
    ]


def everything(server: Holdfast) -> Iterator[tuple[str, bytes]]:
    """What the installation has written: tables, files (PostgreSQL's pages and write-ahead log too), its own words."""
    with psycopg.connect(server.administrator_dsn, dbname=_database(server)) as connection:
        connection.execute("CHECKPOINT")
        tables = connection.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        for schema, table in tables:
            rows = connection.execute(
                sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(schema, table))
            ).fetchall()
            yield f"table {table}", "\n".join(row[0] for row in rows).encode()
    for path in sorted(server.data_dir.rglob("*")):
        if path.is_file() and path.name not in _KEYS:
            yield f"file {path.relative_to(server.data_dir)}", _content(path)
    yield "what it printed", "\n".join(server.said).encode()


def _database(server: Holdfast) -> str:
    return str(conninfo_to_dict(server.dsn)["dbname"])


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        # A socket, or a file that PostgreSQL has just replaced.
        return b""
