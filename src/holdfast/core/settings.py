"""Settings, read once from the environment (``HOLDFAST_*``); docs/operations/settings.md lists them."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path


class SettingsError(ValueError):
    """A setting that cannot be used: the message names the variable and what is expected."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a process must know before it reads the database.

    Durations are seconds, sizes bytes, ``database_url`` a libpq connection string or URL
    (``None``: the embedded server in ``data_dir/postgres``).
    """

    data_dir: Path = Path("var")
    database_url: str | None = None
    host: str = "127.0.0.1"
    port: int = 8420
    public_url: str | None = None
    files_url: str | None = None
    demo: bool = False
    smtp_url: str | None = None
    mail_from: str = "Holdfast <hotline@localhost>"
    organisation: str = "Holdfast"
    # Nodes by their chain in CAIP-2, such as eip155:1. Their URLs hold keys: never in a log.
    nodes: Mapping[str, str] = field(default_factory=dict, repr=False)
    presence_grace: float = 20.0
    # Frames a second that one widget may send for long (a console three times as many); bursts of 3 s.
    chat_rate: float = 10.0
    # Conversations, emergencies and uploads a minute from one network (a family, an office, a mobile carrier's gate),
    # each counted apart.
    opening_rate: float = 60.0
    # Seconds between the pings of an open socket, and for which a pong is waited.
    heartbeat: float = 30.0
    # Hours between a customer's wish to be erased and its beginning; days between two security reviews.
    erasure_wait: float = 72.0
    review_days: float = 30.0
    # Networks of the proxies whose X-Forwarded-For is believed; none: the connection's own address counts.
    trusted_proxies: tuple[str, ...] = ()
    log_level: str = "INFO"
    secret_key_file: Path | None = None
    # The folder of the keys of message fragments; several machines share one. Never a part of a backup.
    fragment_key_dir: Path | None = None
    web_dir: Path = field(default_factory=lambda: Path(__file__).resolve().parents[3] / "web")

    @property
    def origin(self) -> str:
        """The web origin that people see, without a trailing slash (passkeys need localhost, not 127.0.0.1)."""
        return (self.public_url or f"http://localhost:{self.port}").rstrip("/")

    @property
    def files_origin(self) -> str:
        """The origin uploads are served from: never the console's, so that a hostile file has no session."""
        return (self.files_url or f"http://127.0.0.1:{self.port}").rstrip("/")

    @property
    def key_file(self) -> Path:
        return self.secret_key_file or self.data_dir / "keys" / "master.key"

    @property
    def fragment_keys(self) -> Path:
        return self.fragment_key_dir or self.data_dir / "fragment-keys"


def _number(environ: Mapping[str, str], name: str, default: float) -> float:
    raw = environ.get(name)
    if raw is None:
        return default
    try:
        return float(raw)
    except ValueError:
        raise SettingsError(f"{name} must be a number, not {raw!r}") from None


def _networks(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    try:
        return tuple(str(ip_network(part.strip())) for part in environ.get(name, "").split(",") if part.strip())
    except ValueError as error:
        raise SettingsError(f"{name} must be addresses or networks such as 10.0.0.0/8,::1 ({error})") from None


def _nodes(environ: Mapping[str, str]) -> dict[str, str]:
    """``chain=url`` by white space; which chains there are is not known down here."""
    name = "HOLDFAST_NODES"
    pairs = [part.partition("=") for part in environ.get(name, "").split()]
    if not all(":" in chain and url.startswith(("https://", "http://")) for chain, _, url in pairs):
        raise SettingsError(f"{name} must be chains with URLs such as eip155:1=https://node.example.org")
    return {chain: url for chain, _, url in pairs}


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from ``environ`` (default: the process's). Raises SettingsError."""
    env = os.environ if environ is None else environ
    base = Settings()
    port = int(_number(env, "HOLDFAST_PORT", base.port))
    if not 0 < port < 65536:
        raise SettingsError(f"HOLDFAST_PORT must be between 1 and 65535, not {port}")
    key_file = env.get("HOLDFAST_KEY_FILE")
    fragment_keys = env.get("HOLDFAST_FRAGMENT_KEYS")
    return Settings(
        data_dir=Path(env.get("HOLDFAST_DATA_DIR", str(base.data_dir))).absolute(),
        database_url=env.get("HOLDFAST_DATABASE_URL") or None,
        host=env.get("HOLDFAST_HOST", base.host),
        port=port,
        public_url=env.get("HOLDFAST_PUBLIC_URL") or None,
        files_url=env.get("HOLDFAST_FILES_URL") or None,
        demo=env.get("HOLDFAST_DEMO", "") in {"1", "true", "yes"},
        smtp_url=env.get("HOLDFAST_SMTP_URL") or None,
        mail_from=env.get("HOLDFAST_MAIL_FROM", base.mail_from),
        organisation=env.get("HOLDFAST_ORGANISATION", base.organisation),
        nodes=_nodes(env),
        presence_grace=_number(env, "HOLDFAST_PRESENCE_GRACE", base.presence_grace),
        opening_rate=_number(env, "HOLDFAST_OPENING_RATE", base.opening_rate),
        chat_rate=_number(env, "HOLDFAST_CHAT_RATE", base.chat_rate),
        heartbeat=_number(env, "HOLDFAST_HEARTBEAT", base.heartbeat),
        erasure_wait=_number(env, "HOLDFAST_ERASURE_WAIT", base.erasure_wait),
        review_days=_number(env, "HOLDFAST_REVIEW_DAYS", base.review_days),
        trusted_proxies=_networks(env, "HOLDFAST_TRUSTED_PROXIES"),
        log_level=env.get("HOLDFAST_LOG_LEVEL", base.log_level),
        secret_key_file=Path(key_file) if key_file else None,
        fragment_key_dir=Path(fragment_keys) if fragment_keys else None,
        web_dir=Path(env.get("HOLDFAST_WEB_DIR", str(base.web_dir))),
    )
