"""The installation's keys in the database: opened when a process starts, exchanged, retired.

Three levels: the key source's master key wraps these keys (``installation_key``), one of these seals each customer's
key (``customer_key``), which seals that customer's values. The source is asked here only. It all happens on a
connection of its own, before there is an engine, and from any thread.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

import psycopg
from cryptography.exceptions import InvalidTag

from holdfast.access.keys import (
    CUSTOMERS,
    CUSTOMERS_OWN,
    FIELDS,
    INDEX,
    MOST_GENERATIONS,
    PURPOSES,
    SIGNATURES,
    Generations,
    KeyMissing,
    KeyRing,
    first_generation,
)
from holdfast.access.ports import KeySource, KeySourceError, WrongMasterKey
from holdfast.core.notify import KEYS
from holdfast.core.sealed_files import new_file_key

# Who adopts, rotates or retires keys is alone.
_LOCK = 0x486F6C644B657973
# Values of the revision before these tables: with one of them a key file shows that it is the right one.
_SAMPLES = {
    "inbox.identity_secret": "SELECT identity_secret FROM inbox WHERE identity_secret IS NOT NULL LIMIT 1",
    "agent.totp_secret": "SELECT totp_secret FROM agent WHERE totp_secret IS NOT NULL LIMIT 1",
    "customer.name": "SELECT name FROM customer WHERE name IS NOT NULL LIMIT 1",
    "contact_point.value": "SELECT value FROM contact_point LIMIT 1",
}
# A link to a file is good for two days at most (conversations/files.py): its signature outlives a rotation by three.
_SIGNATURES_KEPT = "3 days"

Connection = psycopg.Connection[tuple[Any, ...]]


def _context(purpose: str, generation: int) -> str:
    return f"installation_key.{purpose}.{generation}"


def open_ring(dsn: str, source: KeySource) -> KeyRing:
    """The keys of this database, made if it has none. Raises WrongMasterKey, KeySourceError, psycopg.Error."""
    with psycopg.connect(dsn) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        keys = _read(connection, source) or _adopt(connection, source)
    return KeyRing.of(keys, partial(read, dsn, source))


def read(dsn: str, source: KeySource) -> Generations:
    """The keys as they are now. Raises as ``open_ring``."""
    with psycopg.connect(dsn) as connection:
        return _read(connection, source)


def master_in_use(dsn: str) -> str | None:
    """The id of the master key that everything hangs on; None before the first start."""
    with psycopg.connect(dsn) as connection:
        if connection.execute("SELECT to_regclass('installation_key')").fetchone() == (None,):
            return None
        row = connection.execute("SELECT DISTINCT master FROM installation_key").fetchone()
    return row[0] if row else None


def _read(connection: Connection, source: KeySource) -> dict[str, dict[int, bytes]]:
    keys: dict[str, dict[int, bytes]] = {}
    rows = connection.execute("SELECT purpose, generation, master, wrapped FROM installation_key").fetchall()
    here = set(source.masters()) if rows else set()
    for purpose, generation, master, wrapped in rows:
        if master not in here:
            raise WrongMasterKey(
                f"this database was sealed with master key {master}. The {source.name} source has "
                f"{', '.join(sorted(here)) or 'none'}: {source.repair(master)}"
            )
        try:
            keys.setdefault(purpose, {})[generation] = source.unwrap(master, wrapped, _context(purpose, generation))
        except KeySourceError as error:
            raise WrongMasterKey(f"{error}: {source.repair(master)}") from error
    return keys


def _adopt(connection: Connection, source: KeySource) -> Mapping[str, Mapping[int, bytes]]:
    """The first keys of this database. With a key in a file or the environment they are derived from it, as the
    revision before did, so that its values stay readable and its processes go on beside ours."""
    samples = list(_sealed_before(connection))
    masters = source.masters()
    if samples:
        found = [(m, k) for m in masters if (k := source.first(m)) and _opens(first_generation(k), samples)]
        if not found:
            raise WrongMasterKey(
                "this database holds sealed values of an earlier version, and none of the master keys of the "
                f"{source.name} source ({', '.join(masters) or 'none'}) opens them: put the key file of that "
                "installation in its place (a security module can take over afterwards, by a rotation)"
            )
        master, keys = found[0][0], first_generation(found[0][1])
        if not any(purpose == CUSTOMERS for _, _, purpose in samples):
            # Processes of the version before cannot read what is sealed for a customer: it begins when they have gone.
            del keys[CUSTOMERS]
    else:
        master = masters[-1] if masters else source.make()
        key = source.first(master)
        keys = first_generation(key) if key else {purpose: {1: new_file_key()} for purpose in PURPOSES}
    for purpose, of in keys.items():
        _insert(connection, source, master, purpose, 1, of[1])
    return keys


def _sealed_before(connection: Connection) -> Iterable[tuple[bytes, str, str]]:
    """A sealed value, its context and the purpose of its key, of each place that has one."""
    for context, query in _SAMPLES.items():
        row = connection.execute(query.encode()).fetchone()
        if row and row[0][0] != CUSTOMERS_OWN:
            yield bytes(row[0]), context, FIELDS
    row = connection.execute("SELECT wrapped, customer_id FROM customer_key WHERE wrapped <> '' LIMIT 1").fetchone()
    if row:
        yield bytes(row[0]), f"customer_key.{row[1]}", CUSTOMERS


def _opens(keys: Generations, samples: Iterable[tuple[bytes, str, str]]) -> bool:
    ring = KeyRing.of(keys)
    with suppress(InvalidTag, KeyMissing):
        for sealed, context, purpose in samples:
            ring.open_bytes(sealed, context, purpose)
        return True
    return False


def _insert(connection: Connection, source: KeySource, master: str, purpose: str, generation: int, key: bytes) -> None:
    connection.execute(
        "INSERT INTO installation_key (purpose, generation, master, wrapped, created_at) "
        "VALUES (%s, %s, %s, %s, now())",
        [purpose, generation, master, source.wrap(master, key, _context(purpose, generation))],
    )


def begin_customers(dsn: str, source: KeySource) -> None:
    """From now on customers have keys of their own (an installation of the first version; harmless when repeated)."""
    with psycopg.connect(dsn) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        keys = _read(connection, source)
        if CUSTOMERS not in keys:
            (master,) = {row[0] for row in connection.execute("SELECT DISTINCT master FROM installation_key")}
            _insert(connection, source, master, CUSTOMERS, 1, new_file_key())
            connection.execute("SELECT pg_notify(%s, 'read')", [KEYS])


def rotate(dsn: str, source: KeySource, from_source: KeySource | None = None) -> str:
    """Make the newest unused master key (a new one if there is none) the one in use, and new keys for values,
    customers and signatures; its id.

    From the commit on the old master key opens nothing in this database. What was sealed with the older generations
    stays readable; the job (``resealing.py``) moves it. ``from_source`` holds the old master key if that is elsewhere.
    Raises WrongMasterKey, KeySourceError.
    """
    with psycopg.connect(dsn) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        keys = _read(connection, from_source or source)
        used = {row[0] for row in connection.execute("SELECT DISTINCT master FROM installation_key")}
        fresh = [master for master in source.masters() if master not in used]
        master = fresh[-1] if fresh else source.make()
        for purpose, of in keys.items():
            for generation, key in of.items():
                connection.execute(
                    "UPDATE installation_key SET master = %s, wrapped = %s WHERE purpose = %s AND generation = %s",
                    [master, source.wrap(master, key, _context(purpose, generation)), purpose, generation],
                )
        for purpose in {FIELDS, CUSTOMERS, SIGNATURES} & keys.keys():
            _next_generation(connection, source, master, purpose, keys)
        connection.execute("SELECT pg_notify(%s, 'read')", [KEYS])
    return master


def rotate_index(dsn: str, source: KeySource) -> None:
    """A new key for blind indexes, under the master key in use. Both are looked for until the old one is retired."""
    with psycopg.connect(dsn) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        # Whoever is writing an index has this one shared (indexes.py): they commit first, or see the new key.
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [INDEX_LOCK])
        keys = _read(connection, source)
        (master,) = {row[0] for row in connection.execute("SELECT DISTINCT master FROM installation_key")}
        _next_generation(connection, source, master, INDEX, keys)
        connection.execute("SELECT pg_notify(%s, 'read')", [KEYS])


INDEX_LOCK = _LOCK + 1


def _next_generation(
    connection: Connection, source: KeySource, master: str, purpose: str, keys: Mapping[str, Mapping[int, bytes]]
) -> None:
    generation = max(keys[purpose]) + 1
    if generation > MOST_GENERATIONS:
        raise KeySourceError(f"the {purpose} key has {MOST_GENERATIONS} generations, the most there can be")
    connection.execute(
        "UPDATE installation_key SET replaced_at = now() WHERE purpose = %s AND replaced_at IS NULL", [purpose]
    )
    _insert(connection, source, master, purpose, generation, new_file_key())


def retire(dsn: str, purposes: Iterable[str]) -> list[str]:
    """Delete the replaced generations of ``purposes`` (the caller has seen that nothing uses them), and signature keys
    that no link can be signed with any more; which ones."""
    with psycopg.connect(dsn) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        gone = connection.execute(
            "DELETE FROM installation_key WHERE replaced_at IS NOT NULL AND (purpose = ANY(%s) "
            "OR purpose = %s AND replaced_at < now() - %s::interval) RETURNING purpose, generation",
            [list(purposes), SIGNATURES, _SIGNATURES_KEPT],
        ).fetchall()
        connection.execute("SELECT pg_notify(%s, 'read')", [KEYS])
    return [f"{purpose} {generation}" for purpose, generation in sorted(gone)]
