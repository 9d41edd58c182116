"""``holdfast keys``: which keys are in use, exchange them while everything runs, retire the old ones."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access import installation_keys
from holdfast.access.audit import record
from holdfast.access.key_sources import FileSource, key_source
from holdfast.access.ports import KeySource, KeySourceError, WrongMasterKey
from holdfast.access.viewer import SystemViewer
from holdfast.app import sealing
from holdfast.app.operator import OperatorError, database
from holdfast.app.start import started
from holdfast.core.files import FileStore
from holdfast.core.settings import Settings

T = TypeVar("T")
_SYSTEM = SystemViewer("keys")


def main(settings: Settings, action: str, *, source: str | None = None, forget_subjects: bool = False) -> int:
    """0 done; OperatorError says why not."""
    try:
        with database(settings) as dsn:
            return _ACTIONS[action](settings, dsn, source, forget_subjects)
    except (KeySourceError, WrongMasterKey) as error:
        raise OperatorError(str(error)) from error


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


def _in_transaction(settings: Settings, dsn: str, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
    async def run() -> T:
        async with started(settings, dsn) as opened, opened.transaction() as session:
            return await work(session)

    return asyncio.run(run())


def _look(settings: Settings, dsn: str) -> sealing.Status:
    steps = sealing.every_step(FileStore(settings.data_dir / "files"))
    return _in_transaction(settings, dsn, lambda session: sealing.status(session, steps))


def _status(settings: Settings, dsn: str, _source: str | None, _forget: bool) -> int:
    found = _look(settings, dsn)
    source = key_source(settings)
    _say(f"master key {found.master} ({source.name}); also there: {_others(source, found.master) or 'none'}")
    for purpose, generations in found.generations.items():
        older = f", older ones not retired: {', '.join(map(str, generations[1:]))}" if generations[1:] else ""
        _say(f"  {purpose}: generation {generations[0]}{older}")
    _say(f"{found.customers} customers have keys, {found.erased} are erased")
    for name, count in found.remaining.items():
        _say(f"  not under the newest key: {count} rows of {name}")
    if found.behind:
        _say(f"{found.behind} processes still seal with the older key (they learn of the newer within seconds)")
    if found.work is not None:
        row = found.work
        _say(f"job: {row.state}{f', at {row.doing}' if row.doing else ''}, {row.done} rows moved, {row.failed} refused")
        if row.state == "incomplete":
            _say("the worker's log names the rows that cannot be opened")
    return 0


def _others(source: KeySource, master: str) -> str:
    return ", ".join(key for key in source.masters() if key != master)


def _make(settings: Settings, _dsn: str, _source: str | None, _forget: bool) -> int:
    source = key_source(settings)
    made = source.make()
    place = f": {source.files()[made]}. Copy it to every machine, then rotate" if isinstance(source, FileSource) else ""
    _say(f"made master key {made}{place}")
    return 0


def _rotate(settings: Settings, dsn: str, source: str | None, _forget: bool) -> int:
    """``source`` names where the old master key is, if it moves to another place."""
    old = None
    if source is not None:
        from dataclasses import replace  # noqa: PLC0415 - only here

        old = key_source(replace(settings, key_source=source))
    before = installation_keys.master_in_use(dsn)
    master = installation_keys.rotate(dsn, key_source(settings), old)

    async def begin(session: AsyncSession) -> None:
        record(session, _SYSTEM, "keys.rotated", _NOBODY, before=before, after=master)
        await sealing.begin(session)

    _in_transaction(settings, dsn, begin)
    _say(f"master key {master} is in use; {before} opens nothing in this database any more")
    _say("the worker moves what is stored to the new keys; `holdfast keys status` shows how far it is")
    return 0


def _rotate_index(settings: Settings, dsn: str, _source: str | None, _forget: bool) -> int:
    installation_keys.rotate_index(dsn, key_source(settings))

    async def begin(session: AsyncSession) -> None:
        record(session, _SYSTEM, "keys.index_rotated", _NOBODY)
        await sealing.begin(session)

    _in_transaction(settings, dsn, begin)
    _say("blind indexes are made with a new key; the worker makes the old ones anew")
    return 0


def _rewrap(settings: Settings, dsn: str, _source: str | None, _forget: bool) -> int:
    _in_transaction(settings, dsn, sealing.begin)
    _say("the job begins anew; what is done already is passed over")
    return 0


def _stop(settings: Settings, dsn: str, _source: str | None, _forget: bool) -> int:
    _in_transaction(settings, dsn, sealing.stop)
    _say("the job ends after its batch; `holdfast keys rewrap` goes on")
    return 0


def _retire(settings: Settings, dsn: str, _source: str | None, forget_subjects: bool) -> int:
    found = _look(settings, dsn)
    purposes = sealing.retirable(found, forget_subjects=forget_subjects)
    gone = installation_keys.retire(dsn, purposes)
    if gone:
        _in_transaction(settings, dsn, _recorded(gone))
    _say(f"retired: {', '.join(gone) or 'nothing'}")
    source = key_source(settings)
    if found.remaining or found.behind:
        _status(settings, dsn, None, False)
        if found.remaining:
            raise OperatorError("what is listed above still needs an older key: `holdfast keys rewrap`, then try again")
        raise OperatorError("processes still seal with the older key: try again in some seconds")
    if others := _others(source, found.master):
        _say(f"nothing here needs {others} any more. Destroy them when the backups that need them have expired")
    return 0


def _recorded(gone: list[str]) -> Callable[[AsyncSession], Awaitable[None]]:
    async def write(session: AsyncSession) -> None:
        record(session, _SYSTEM, "keys.retired", _NOBODY, keys=gone)

    return write


_NOBODY = ("installation", None)
_ACTIONS = {
    "status": _status,
    "new": _make,
    "rotate": _rotate,
    "rotate-index": _rotate_index,
    "rewrap": _rewrap,
    "stop": _stop,
    "retire": _retire,
}
