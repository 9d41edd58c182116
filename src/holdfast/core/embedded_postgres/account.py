"""As whom the server runs: PostgreSQL refuses root, and nothing that parses a network's bytes should be root anyway."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from holdfast.core.embedded_postgres.errors import EmbeddedPostgresError


@dataclass(frozen=True, slots=True)
class Account:
    """``command`` goes before a server program; files of the server belong to ``uid``:``gid`` (as seen from here)."""

    command: tuple[str, ...]
    uid: int
    gid: int
    how: str

    def own(self, path: Path) -> None:
        """Give a file or folder to the server's account."""
        if path.stat().st_uid != self.uid:
            os.chown(path, self.uid, self.gid)


def choose(folder: Path, programs: Path) -> Account:
    """The account for the server in ``folder`` whose binaries are in ``programs``. Raises EmbeddedPostgresError.

    An ordinary user runs it as himself. Root runs it in a user namespace, where root's own files appear to belong to
    an ordinary user: this works in a folder that nobody else can enter. Where namespaces are forbidden (some
    containers), as an existing user, if that one can reach folder and programs.
    """
    me = os.geteuid()
    owner = folder.stat().st_uid if folder.exists() else me
    if me != 0:
        if owner != me:
            raise EmbeddedPostgresError(
                f"{folder} belongs to user {_name(owner)}, this is {_name(me)}: start Holdfast as {_name(owner)}, "
                "or name another folder in HOLDFAST_DATA_DIR"
            )
        return Account((), me, os.getegid(), "as the user who started it")
    if owner == 0:
        namespace = _namespace()
        if namespace is not None:
            return namespace
    return _other_user(folder, programs, owner)


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _namespace() -> Account | None:
    """Root mapped to ``nobody`` (initdb wants a number that has a name), or None where this is forbidden."""
    try:
        user = pwd.getpwnam("nobody")
    except KeyError:
        return None
    command = ("unshare", "--user", f"--map-user={user.pw_uid}", f"--map-group={user.pw_gid}", "--")
    if not shutil.which("unshare") or subprocess.run([*command, "true"], capture_output=True, check=False).returncode:
        return None
    return Account(command, 0, 0, "in a user namespace")


def _other_user(folder: Path, programs: Path, owner: int) -> Account:
    if not shutil.which("setpriv"):
        raise EmbeddedPostgresError(
            "PostgreSQL does not run as root, and neither unshare nor setpriv is there: start Holdfast as another "
            "user, or name a server in HOLDFAST_DATABASE_URL"
        )
    users = [pwd.getpwuid(owner)] if owner else [u for u in pwd.getpwall() if u.pw_name in {"postgres", "nobody"}]
    for user in sorted(users, key=lambda u: u.pw_name, reverse=True):
        command = ("setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--")
        above = next(parent for parent in folder.parents if parent.exists())
        reach = ["sh", "-c", 'test -x "$1" && test -x "$2"', "sh", str(programs / "postgres"), str(above)]
        if subprocess.run([*command, *reach], capture_output=True, check=False).returncode == 0:
            return Account(command, user.pw_uid, user.pw_gid, f"as the user {user.pw_name}")
    raise EmbeddedPostgresError(
        "PostgreSQL does not run as root; user namespaces are forbidden here, and no other user can reach both "
        f"{folder} and {programs}: put the checkout and HOLDFAST_DATA_DIR where others can enter (such as /srv), "
        "start Holdfast as another user, or name a server in HOLDFAST_DATABASE_URL"
    )
