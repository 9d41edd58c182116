"""Where master keys are kept: files, the environment, and a real security module (SoftHSM 2)."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from holdfast.access import installation_keys
from holdfast.access.installation_keys import open_ring
from holdfast.access.key_sources import EnvironmentSource, FileSource, key_source
from holdfast.access.keys import CUSTOMERS, FIELDS, PURPOSES, KeyRing
from holdfast.access.pkcs11_source import Pkcs11Source
from holdfast.access.ports import KeySource, KeySourceError, WrongMasterKey
from holdfast.core.settings import SettingsError, load

MODULE = "/usr/lib/softhsm/libsofthsm2.so"
PIN = "482913"


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A token of the module's own; its PIN is in the file that is given. The library reads its place once a process."""
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    (folder / "conf").write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    (folder / "pin").write_text(PIN + "\n")
    os.environ["SOFTHSM2_CONF"] = str(folder / "conf")
    for label in ("holdfast", "another"):
        command = ["softhsm2-util", "--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", "0000"]
        subprocess.run(command, check=True, capture_output=True)
    yield folder / "pin"
    del os.environ["SOFTHSM2_CONF"]


def test_a_file_is_made_once_and_read_by_its_owner_only(tmp_path: Path) -> None:
    source = FileSource(tmp_path / "keys" / "master.key")
    assert source.masters() == []
    first = source.make()
    assert (tmp_path / "keys" / "master.key").stat().st_mode & 0o777 == 0o600
    second = source.make()
    assert source.masters() == [first, second]
    assert source.files()[second].name == f"master-{second}.key"
    assert FileSource(tmp_path / "keys" / "master.key").masters() == [first, second]


def test_a_file_that_is_no_key_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "master.key").write_text("not a key\n")
    source = FileSource(tmp_path / "master.key")
    (master,) = source.masters()
    with pytest.raises(KeySourceError, match="64 hexadecimal digits"):
        source.wrap(master, bytes(32), "x")


def sources(tmp_path: Path, pin: Path) -> dict[str, tuple[KeySource, str]]:
    files = FileSource(tmp_path / "master.key")
    environment = EnvironmentSource(f"{'ab' * 32}, {'cd' * 32}")
    module = Pkcs11Source(MODULE, "holdfast", pin)
    return {
        "file": (files, files.make()),
        "environment": (environment, environment.masters()[-1]),
        "pkcs11": (module, module.make()),
    }


@pytest.mark.parametrize("name", ["file", "environment", "pkcs11"])
def test_what_is_wrapped_unwraps_in_its_place_only(tmp_path: Path, token: Path, name: str) -> None:
    source, master = sources(tmp_path, token)[name]
    key = os.urandom(32)
    wrapped = source.wrap(master, key, "installation_key.fields.1")
    assert key not in wrapped
    assert source.unwrap(master, wrapped, "installation_key.fields.1") == key
    assert source.wrap(master, key, "installation_key.fields.1") != wrapped
    with pytest.raises(KeySourceError):
        source.unwrap(master, wrapped, "installation_key.fields.2")
    with pytest.raises(KeySourceError):
        source.unwrap(master, wrapped[:-1] + bytes([wrapped[-1] ^ 1]), "installation_key.fields.1")
    with pytest.raises(KeySourceError, match="is not here"):
        source.unwrap("somebody-else", wrapped, "installation_key.fields.1")


def test_the_module_never_gives_its_key(token: Path) -> None:
    import pkcs11
    from pkcs11 import Attribute
    from pkcs11.exceptions import AttributeSensitive

    master = Pkcs11Source(MODULE, "holdfast", token).make()
    with pkcs11.lib(MODULE).get_token(token_label="holdfast").open() as session:
        (key,) = session.get_objects({Attribute.LABEL: master})
        with pytest.raises(AttributeSensitive):
            key[Attribute.VALUE]
        assert not key[Attribute.EXTRACTABLE]


def test_a_module_that_refuses_says_so_and_works_again(token: Path, tmp_path: Path) -> None:
    pin = tmp_path / "pin"
    pin.write_text("111111")
    source = Pkcs11Source(MODULE, "another", pin)
    with pytest.raises(KeySourceError, match="PinIncorrect"):
        source.masters()
    pin.write_text(PIN)
    assert source.make() in source.masters()
    with pytest.raises(KeySourceError, match="no-such-token"):
        Pkcs11Source(MODULE, "no-such-token", token).masters()
    with pytest.raises(KeySourceError, match="HOLDFAST_PKCS11_MODULE"):
        Pkcs11Source("", "holdfast", None).masters()


def test_settings_name_the_source(tmp_path: Path, token: Path) -> None:
    settings = load({"HOLDFAST_DATA_DIR": str(tmp_path)})
    assert isinstance(key_source(settings), FileSource)
    settings = load({"HOLDFAST_KEY_SOURCE": "environment", "HOLDFAST_MASTER_KEYS": "ab" * 32})
    assert len(key_source(settings).masters()) == 1
    assert "ab" * 32 not in repr(settings)
    settings = load(
        {"HOLDFAST_KEY_SOURCE": "pkcs11", "HOLDFAST_PKCS11_MODULE": MODULE, "HOLDFAST_PKCS11_PIN_FILE": str(token)}
    )
    assert key_source(settings).make() in key_source(settings).masters()
    with pytest.raises(SettingsError, match="HOLDFAST_KEY_SOURCE"):
        load({"HOLDFAST_KEY_SOURCE": "vault"})


@pytest.mark.parametrize("name", ["file", "environment", "pkcs11"])
def test_a_database_opens_with_its_master_key_only(
    tmp_path: Path, token: Path, fresh_database_url: str, name: str
) -> None:
    source, _ = sources(tmp_path, token)[name]
    sealed = open_ring(fresh_database_url, source).seal("a secret", "inbox.identity_secret")
    again = open_ring(fresh_database_url, source)
    assert again.open(sealed, "inbox.identity_secret") == "a secret"
    used = installation_keys.master_in_use(fresh_database_url)
    assert used in source.masters()
    with pytest.raises(WrongMasterKey, match=str(used)) as refused:
        open_ring(fresh_database_url, EnvironmentSource("ef" * 32))
    assert "HOLDFAST_MASTER_KEYS" in str(refused.value)
    with psycopg.connect(fresh_database_url) as connection:
        kept = {row[0] for row in connection.execute("SELECT purpose FROM installation_key")}
    assert kept == set(PURPOSES)


def test_a_key_that_only_has_the_right_name_is_refused(tmp_path: Path, fresh_database_url: str) -> None:
    """The check value is that the keys unwrap, whatever an id says."""
    source = EnvironmentSource("ab" * 32)
    open_ring(fresh_database_url, source)
    with psycopg.connect(fresh_database_url) as connection:
        other = EnvironmentSource("ef" * 32)
        connection.execute("UPDATE installation_key SET master = %s", [other.masters()[0]])
    with pytest.raises(WrongMasterKey, match="does not open"):
        open_ring(fresh_database_url, other)


def legacy(dsn: str, master: bytes) -> None:
    """A secret as the first version left it."""
    sealed = KeyRing(master).seal("a secret", "inbox.identity_secret")
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "INSERT INTO queue (id, key, name, skill, emergency, answer_seconds, offer_seconds)"
            " VALUES (gen_random_uuid(), 'q', 'q', 'general', false, 900, 60)"
        )
        connection.execute(
            "INSERT INTO inbox (id, key, name, identity_secret, allowed_origins, languages, queue_id,"
            " emergency_queue_id) SELECT gen_random_uuid(), 'wallet', 'w', %s, '{}', '{}', id, id FROM queue",
            [sealed],
        )


def test_an_installation_of_the_first_version_is_adopted_with_its_key_only(
    tmp_path: Path, fresh_database_url: str
) -> None:
    legacy(fresh_database_url, b"k" * 32)
    empty = FileSource(tmp_path / "empty" / "master.key")
    with pytest.raises(WrongMasterKey, match="earlier version"):
        open_ring(fresh_database_url, empty)
    assert empty.masters() == [], "a lost key must not be covered up by a new one"
    with pytest.raises(WrongMasterKey, match="earlier version"):
        open_ring(fresh_database_url, EnvironmentSource("ab" * 32))
    ring = open_ring(fresh_database_url, EnvironmentSource(f"{'ab' * 32},{(b'k' * 32).hex()}"))
    assert not ring.has(CUSTOMERS), "processes of the first version may live"
    assert KeyRing(b"k" * 32).open(ring.seal("both ways", "a.b"), "a.b") == "both ways"
    assert ring.blind_index("x", "a.b") == KeyRing(b"k" * 32).blind_index("x", "a.b")


@pytest.mark.parametrize(
    "make", [lambda pin: EnvironmentSource("ab" * 32), lambda pin: Pkcs11Source(MODULE, "holdfast", pin)]
)
def test_a_rotation_moves_to_another_source(
    tmp_path: Path, token: Path, fresh_database_url: str, make: Callable[[Path], KeySource]
) -> None:
    old, new = FileSource(tmp_path / "master.key"), make(token)
    ring = open_ring(fresh_database_url, old)
    sealed = ring.seal("a secret", "a.b")
    if isinstance(new, Pkcs11Source):
        new.make()
    installation_keys.rotate(fresh_database_url, new, old)
    (tmp_path / "master.key").unlink()
    moved = open_ring(fresh_database_url, new)
    assert moved.open(sealed, "a.b") == "a secret"
    assert moved.newest(FIELDS) == 2
    with pytest.raises(WrongMasterKey):
        open_ring(fresh_database_url, old)


def test_a_rotation_that_cannot_be_done_changes_nothing(fresh_database_url: str) -> None:
    source = EnvironmentSource("ab" * 32)
    open_ring(fresh_database_url, source)
    with pytest.raises(KeySourceError, match="HOLDFAST_MASTER_KEYS"):
        installation_keys.rotate(fresh_database_url, source)
    assert open_ring(fresh_database_url, source).newest(FIELDS) == 1
