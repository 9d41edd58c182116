"""Real mail servers for the tests, each in a folder of its own on free ports of this machine: Dovecot (IMAP and LMTP)
and Postfix (SMTP in, LMTP or SMTP out). Nothing of the system's own configuration is read or changed.

Postfix's master insists on root; without it the tests that need it are skipped, and say so.
"""

import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from aiosmtpd.controller import Controller

from tests.support.waiting import until

DOVECOT, POSTFIX = "/usr/sbin/dovecot", "/usr/sbin/postfix"
PASSWORD = "a-password-of-the-tests"
_SECONDS = 30.0


def missing() -> str:
    """Why the servers cannot be started here; empty if they can."""
    absent = [path for path in (DOVECOT, POSTFIX) if not Path(path).exists()]
    if absent:
        return f"not installed: {', '.join(absent)} (scripts/setup test)"
    return "" if os.geteuid() == 0 else "Postfix starts as root only"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def answers(port: int, greeting: bytes) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 2) as connection:
            connection.settimeout(2)
            return connection.recv(200).startswith(greeting)
    except OSError:
        return False


def _kill_tree(pid: int) -> None:
    """kill -9 of a server and all that it has started."""
    with suppress(psutil.NoSuchProcess):
        parent = psutil.Process(pid)
        family = [*parent.children(recursive=True), parent]
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(family, 10)


@dataclass
class Dovecot:
    """Mailboxes in ``folder``, for whoever knows PASSWORD."""

    folder: Path
    imap: int = field(default_factory=free_port)
    lmtp: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    def write(self) -> None:
        user = pwd.getpwuid(os.geteuid()).pw_name if os.geteuid() else "mail"
        entry = pwd.getpwnam(user)
        for name in ("run", "state", "mail"):
            (self.folder / name).mkdir(exist_ok=True)
        os.chown(self.folder / "mail", entry.pw_uid, entry.pw_gid)
        group = "mail" if os.geteuid() == 0 else user
        unprivileged = "" if os.geteuid() == 0 else f"default_login_user = {user}\ndefault_internal_user = {user}\n"
        (self.folder / "dovecot.conf").write_text(
            f"""
base_dir = {self.folder}/run
state_dir = {self.folder}/state
log_path = {self.folder}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
mail_location = maildir:{self.folder}/mail/%u
mail_uid = {entry.pw_uid}
mail_gid = {entry.pw_gid}
first_valid_uid = 1
first_valid_gid = 1
mail_fsync = always
lmtp_save_to_detail_mailbox = no
recipient_delimiter = +
{unprivileged}
passdb {{
  driver = static
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid={entry.pw_uid} gid={entry.pw_gid} home={self.folder}/mail/%u allow_all_users=yes
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {self.imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  unix_listener stats-writer {{
    group = {group}
    mode = 0666
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {self.lmtp}
  }}
}}
"""
        )

    def start(self) -> None:
        log = (self.folder / "stderr.log").open("ab")
        self.process = subprocess.Popen(
            [DOVECOT, "-F", "-c", str(self.folder / "dovecot.conf")], stdout=log, stderr=log, stdin=subprocess.DEVNULL
        )
        until(lambda: answers(self.imap, b"* OK"), _SECONDS, f"Dovecot answers: {self.report()}")

    def kill(self) -> None:
        if self.process is not None:
            _kill_tree(self.process.pid)
            self.process.wait(10)

    def report(self) -> str:
        parts = [self.folder / "stderr.log", self.folder / "dovecot.log"]
        return "\n".join(path.read_text(errors="replace")[-1500:] for path in parts if path.exists())

    def stored(self, user: str) -> list[bytes]:
        """The letters of a mailbox, as they lie on the disk."""
        return [
            path.read_bytes()
            for part in ("new", "cur")
            for path in sorted((self.folder / "mail" / user / part).glob("*"))
        ]


@dataclass
class Postfix:
    """Takes letters on ``port``, and passes them on as ``routes`` says: an address or a domain, and Postfix's own name
    of a way (``lmtp:inet:127.0.0.1:2525``); ``*`` is everything else."""

    folder: Path
    routes: Mapping[str, str]
    port: int = field(default_factory=free_port)

    def write(self) -> None:
        for name in ("etc", "spool", "data"):
            (self.folder / name).mkdir(exist_ok=True)
        os.chown(self.folder / "data", pwd.getpwnam("postfix").pw_uid, pwd.getpwnam("postfix").pw_gid)
        etc = self.folder / "etc"
        (etc / "main.cf").write_text(
            f"""
compatibility_level = 3.6
queue_directory = {self.folder}/spool
data_directory = {self.folder}/data
daemon_directory = /usr/lib/postfix/sbin
command_directory = /usr/sbin
maillog_file = {self.folder}/postfix.log
maillog_file_prefixes = {self.folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.wallet.example
mydestination =
local_recipient_maps =
alias_maps =
alias_database =
mynetworks = 127.0.0.0/8
smtpd_recipient_restrictions = permit_mynetworks, reject
transport_maps = texthash:{etc}/transport
default_transport = {self.routes["*"]}
local_header_rewrite_clients =
recipient_delimiter = +
message_size_limit = 60000000
mailbox_size_limit = 0
virtual_mailbox_limit = 0
queue_run_delay = 2s
minimal_backoff_time = 2s
maximal_backoff_time = 4s
transport_retry_time = 2s
smtp_tls_security_level = none
lmtp_destination_concurrency_limit = 4
smtp_destination_concurrency_limit = 4
smtp_connection_cache_on_demand = no
lmtp_connection_cache_on_demand = no
smtputf8_enable = no
strict_7bit_headers = no
header_size_limit = 1024000
smtpd_client_connection_count_limit = 0
enable_original_recipient = yes
"""
        )
        (etc / "transport").write_text("".join(f"{to} {way}\n" for to, way in self.routes.items() if to != "*"))
        services = """
{port} inet n - n - 40 smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 2 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""
        (etc / "master.cf").write_text(services.strip().format(port=f"127.0.0.1:{self.port}") + "\n")

    def start(self) -> None:
        done = subprocess.run(
            [POSTFIX, "-c", str(self.folder / "etc"), "start"], capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, done.stderr + self.report()
        until(lambda: answers(self.port, b"220"), _SECONDS, f"Postfix answers: {self.report()}")

    def kill(self) -> None:
        """kill -9: what it has taken lies in its queue."""
        pid = self.folder / "spool" / "pid" / "master.pid"
        if pid.exists() and (number := pid.read_text().strip()):
            _kill_tree(int(number))

    def flush(self) -> None:
        """Try everything that waits, now."""
        subprocess.run([POSTFIX, "-c", str(self.folder / "etc"), "flush"], capture_output=True, check=False, timeout=60)

    def waiting(self) -> int:
        """Letters in its queues."""
        return sum(
            1
            for queue in ("incoming", "active", "deferred", "maildrop")
            for path in (self.folder / "spool" / queue).rglob("*")
            if path.is_file()
        )

    def taken(self) -> Counter[str]:
        """How often it took a letter of each Message-ID, of those that it did not find again after a death."""
        log = (self.folder / "postfix.log").read_text(errors="replace")
        queued = set(re.findall(r"qmgr\[\d+\]: (\w+): from=", log))
        named = set(re.findall(r"cleanup\[\d+\]: (\w+): message-id=(<[^>]*>)", log))
        return Counter(name for number, name in named if number in queued)

    def report(self) -> str:
        log = self.folder / "postfix.log"
        return log.read_text(errors="replace")[-1500:] if log.exists() else ""


@contextmanager
def dovecot(folder: Path) -> Iterator[Dovecot]:
    made = Dovecot(_entered(folder))
    made.write()
    made.start()
    try:
        yield made
    finally:
        made.kill()


@contextmanager
def postfix(folder: Path, routes: Mapping[str, str], port: int) -> Iterator[Postfix]:
    made = Postfix(_entered(folder), routes, port)
    made.write()
    made.start()
    try:
        yield made
    finally:
        made.kill()
        shutil.rmtree(folder, ignore_errors=True)


class _Nobody:
    async def handle_RCPT(self, *_: object) -> str:  # noqa: N802 - aiosmtpd's hook
        return "550 5.1.1 No such person"


@contextmanager
def nobody() -> Iterator[Controller]:
    """A server (SMTP) that has no such person, whoever is asked for."""
    controller = Controller(_Nobody(), hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield controller
    finally:
        controller.stop()


def _entered(folder: Path) -> Path:
    """The servers' own accounts must be able to go into it."""
    folder.mkdir(parents=True, exist_ok=True)
    for part in (folder, *folder.parents):
        if part.stat().st_uid == os.geteuid() and part.is_relative_to(tempfile.gettempdir()):
            with suppress(PermissionError):
                part.chmod(part.stat().st_mode | 0o011)
    folder.chmod(0o755)
    return folder
