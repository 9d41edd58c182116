"""The ``holdfast`` command. Each sub-command imports what it needs itself, so that none pays for another's imports."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from holdfast import __version__
from holdfast.access.ports import KeySourceError, WrongMasterKey
from holdfast.app.operator import OperatorError, database, running_database
from holdfast.core.embedded_postgres import EmbeddedPostgresError
from holdfast.core.settings import Settings, SettingsError, load

# Each imports inside the function: `holdfast up` starts in 0.2 s, the web process's imports take a second.


def _up(settings: Settings, given: argparse.Namespace) -> int:
    from holdfast.app import supervisor

    return supervisor.main(settings, demo=given.demo)


def _prepare(settings: Settings) -> str:
    """What web and worker have in common: they end with their supervisor, log to standard error, have a database."""
    from holdfast.app import logs
    from holdfast.app.service import end_with_supervisor

    end_with_supervisor()
    logs.set_up(settings.log_level)
    return running_database(settings)


def _serve(settings: Settings, _given: argparse.Namespace) -> int:
    dsn = _prepare(settings)
    from holdfast.app import web

    return web.main(settings, dsn)


def _worker(settings: Settings, _given: argparse.Namespace) -> int:
    dsn = _prepare(settings)
    from holdfast.app import worker

    return worker.main(settings, dsn)


def _migrate(settings: Settings, _given: argparse.Namespace) -> int:
    from holdfast.app import revisions, schema

    with database(settings) as dsn:
        try:
            due = revisions.behind(dsn)
        except revisions.NewerDatabase as error:
            raise OperatorError(str(error)) from error
        if due:
            schema.upgrade(dsn)
    print(f"the database is at revision {revisions.newest()}")
    return 0


def _init(settings: Settings, rest: Sequence[str]) -> int:
    from holdfast.app import first_run, revisions, schema

    if {"-h", "--help"} & set(rest):
        return first_run.main(settings, "", rest)
    with database(settings) as dsn:
        if revisions.behind(dsn):
            schema.upgrade(dsn)
        return first_run.main(settings, dsn, rest)


def _demo(settings: Settings, rest: Sequence[str]) -> int:
    from holdfast.app import demo

    if "seed" not in rest:
        return demo.main(settings, settings.database_url or "", rest)
    with database(settings) as dsn:
        return demo.main(settings, dsn, rest)


def _audit(settings: Settings, rest: Sequence[str]) -> int:
    from holdfast.app import audit_command

    return audit_command.main(settings, rest)


def _doctor(settings: Settings, given: argparse.Namespace) -> int:
    from holdfast.app import doctor

    return doctor.main(settings, as_json=given.json)


def _backup(settings: Settings, given: argparse.Namespace) -> int:
    from holdfast.app import backup

    return backup.main(settings, given.file, with_keys=given.with_keys)


def _restore(settings: Settings, given: argparse.Namespace) -> int:
    from holdfast.app import restore

    return restore.main(settings, given.file, force=given.force)


def _keys(settings: Settings, given: argparse.Namespace) -> int:
    from holdfast.app import keys_command

    return keys_command.main(settings, given.action, source=given.old_source, forget_subjects=given.forget_subjects)


def _review(settings: Settings, given: argparse.Namespace) -> int:
    from holdfast.app import review

    with database(settings) as dsn:
        return review.main(settings, dsn, days=given.days, as_json=given.json)


def _voice(settings: Settings, given: argparse.Namespace) -> int:
    dsn = _prepare(settings)
    from holdfast.app import voice

    return voice.main(settings, dsn, given.number)


def _engine(settings: Settings, given: argparse.Namespace) -> int:
    from holdfast.app import engine_command

    return engine_command.main(settings, given.action, newest=given.newest, folder=given.folder)


def _openapi(settings: Settings, given: argparse.Namespace) -> int:
    from holdfast.app import openapi

    return openapi.main(settings, given.file)


# These read their own arguments.
_FORWARDED: dict[str, Callable[[Settings, Sequence[str]], int]] = {"init": _init, "demo": _demo, "audit": _audit}


def parser() -> argparse.ArgumentParser:
    """Every sub-command with its help."""
    top = argparse.ArgumentParser(
        prog="holdfast",
        description="The support hotline of a crypto wallet.",
        epilog="Settings are environment variables (HOLDFAST_*): docs/operations/settings.md",
    )
    top.add_argument("--version", action="version", version=f"holdfast {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, run: Callable[[Settings, argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=text)
        made.set_defaults(run=run)
        return made

    up = add("up", _up, "run everything on this machine: PostgreSQL, migrations, web, worker")
    up.add_argument("--demo", action="store_true", help="with a made-up organisation whose passwords are public")
    add("serve", _serve, "run one web process (holdfast up does this for you)")
    add("worker", _worker, "run one worker: jobs, deadlines, routing (holdfast up does this for you)")
    voice = add("voice", _voice, "run one voice process: conducts calls (holdfast up does this for you)")
    voice.add_argument("number", type=int, nargs="?", default=1, metavar="NUMBER", help="of HOLDFAST_VOICE_WORKERS")
    add("migrate", _migrate, "bring the database's tables up to date")
    for name, text in (
        ("init", "make the first administrator"),
        ("demo", "seed the demo, list its sign-ins, play traffic"),
        ("audit", "verify and export the audit log, its public key, canaries"),
    ):
        commands.add_parser(name, help=text, add_help=False)
    doctor = add("doctor", _doctor, "check every part and say how to repair it; exit status 1 on a fault")
    doctor.add_argument("--json", action="store_true", help="for machines")
    backup = add("backup", _backup, "write database and uploaded files into one archive; works while Holdfast runs")
    backup.add_argument("file", type=Path, metavar="FILE", help="the archive to make, for example desk.tar")
    backup.add_argument(
        "--with-keys",
        action="store_true",
        help="also the key that personal fields are encrypted with (off: keep it apart from the backups)",
    )
    restore = add("restore", _restore, "verify an archive and put it into an empty installation")
    restore.add_argument("file", type=Path, metavar="FILE", help="an archive made by `holdfast backup`")
    restore.add_argument("--force", action="store_true", help="replace what is in the database now")
    keys = add("keys", _keys, "which keys are in use; exchange and retire them (docs/operations/keys.md)")
    keys.add_argument(
        "action",
        choices=("status", "new", "rotate", "rotate-index", "rewrap", "stop", "retire"),
        help="status: what is in use and how far the job is; new: make a master key without using it; rotate: use a "
        "new master key; rotate-index: use a new key for blind indexes; rewrap: begin the job again; stop: end it "
        "after its batch; retire: delete what nothing uses any more",
    )
    keys.add_argument("--old-source", metavar="SOURCE", help="rotate: where the old master key is, if elsewhere")
    keys.add_argument(
        "--forget-subjects",
        action="store_true",
        help="retire the old index key although customers of the first version have not come back: they will be new",
    )
    review = add(
        "review", _review, "print the facts of the periodic security review; exit status 1 if one needs an eye"
    )
    review.add_argument("--days", type=int, default=30, help="how many days it looks back (%(default)s)")
    review.add_argument("--json", action="store_true", help="for machines")
    engine = add("engine", _engine, "the phone engine that is brought along (docs/operations/voice.md)")
    engine.add_argument(
        "action",
        choices=("fetch", "run", "configure", "lock"),
        help="fetch: bring what is missing, with its signatures checked; run: be the engine (holdfast up does this for "
        "you); configure: write the configuration for an Asterisk elsewhere into FOLDER; lock: what is installed here "
        "is proven from now on (for maintainers)",
    )
    engine.add_argument("folder", type=Path, nargs="?", metavar="FOLDER", help="configure: where to")
    engine.add_argument("--newest", action="store_true", help="fetch: not the proven one, the mirror's newest")
    openapi = add("openapi", _openapi, "write the REST interface's OpenAPI document")
    openapi.add_argument("file", type=Path, nargs="?", metavar="FILE", help="default: standard output")
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """0 done, 1 it could not be done (said on standard error), 2 wrong use."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if words and words[0] in _FORWARDED:
            return _FORWARDED[words[0]](load(), words[1:])
        given = parser().parse_args(words)
        run: Callable[[Settings, argparse.Namespace], int] = given.run
        return run(load(), given)
    except SettingsError as error:
        print(f"holdfast: {error}", file=sys.stderr)
        return 2
    except (OperatorError, EmbeddedPostgresError, KeySourceError, WrongMasterKey) as error:
        print(f"holdfast: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
