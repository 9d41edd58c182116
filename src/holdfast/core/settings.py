"""Settings, read once from the environment (``HOLDFAST_*``); docs/operations/settings.md lists them."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path

KEY_SOURCES = ("file", "environment", "pkcs11")


class SettingsError(ValueError):
    """A setting that cannot be used: the message names the variable and what is expected."""


@dataclass(frozen=True, slots=True)
class Oidc:
    """The organisation's own sign-in (OpenID Connect). ``domains``: whose invitations it fulfils; ``create``: people of
    these domains without an invitation become candidates; ``trust_mfa``: its word on a second factor counts;
    ``only``: passwords are refused to people of these domains, and to whoever has signed in by it."""

    issuer: str
    client_id: str
    client_secret: str | None = None
    name: str = "SSO"
    domains: tuple[str, ...] = ()
    create: bool = False
    trust_mfa: bool = False
    acr: tuple[str, ...] = ()
    only: bool = False


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
    # The account that sends text messages to customers, as apprise writes it. It holds a key: never in a log.
    sms_url: str | None = field(default=None, repr=False)
    # Where a mail server of the house delivers letters of customers: lmtp://127.0.0.1:8424 (channels/mail/listener.py).
    mail_listen: str | None = None
    mail_listen_anywhere: bool = False
    # Seconds after which an answer that waits in the chat goes by letter to whoever has left (channels/mail/outbox.py).
    answer_by_mail_after: float = 120.0
    organisation: str = "Holdfast"
    # Whether everybody may read what share of promises is kept (/kept).
    public_attainment: bool = False
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
    # Where requests of ours may go beyond https to the public internet (core/outgoing.py).
    outgoing_networks: tuple[str, ...] = ()
    outgoing_clear: tuple[str, ...] = ()
    outgoing_ports: tuple[int, ...] = (443, 8443)
    outgoing_ca_file: Path | None = None
    oidc: Oidc | None = None
    log_level: str = "INFO"
    secret_key_file: Path | None = None
    # Where master keys are: file, environment or pkcs11 (docs/operations/keys.md).
    key_source: str = "file"
    master_keys: str = field(default="", repr=False)
    pkcs11_module: str = ""
    pkcs11_token: str = "holdfast"  # noqa: S105 - a token's label
    pkcs11_pin_file: Path | None = None
    # The key that signs the audit log's seals: 64 hex digits, else a file.
    audit_key: str | None = None
    audit_key_file: Path | None = None
    # Second places of its checkpoints, and seconds between two in the slow ones.
    checkpoint_file: Path | None = None
    checkpoint_mail: str | None = None
    checkpoint_url: str | None = None
    checkpoint_authorization: str | None = None
    checkpoint_every: float = 3600.0
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
    def signing_key_file(self) -> Path:
        return self.audit_key_file or self.data_dir / "keys" / "audit-signing.key"

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


def _path(environ: Mapping[str, str], name: str) -> Path | None:
    raw = environ.get(name)
    return Path(raw) if raw else None


def _hex(environ: Mapping[str, str], name: str) -> str | None:
    raw = environ.get(name, "").strip()
    if raw and not re.fullmatch(r"[0-9a-fA-F]{64}", raw):
        raise SettingsError(f"{name} must be 64 hexadecimal digits")
    return raw or None


def _networks(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    try:
        return tuple(str(ip_network(part.strip())) for part in environ.get(name, "").split(",") if part.strip())
    except ValueError as error:
        raise SettingsError(f"{name} must be addresses or networks such as 10.0.0.0/8,::1 ({error})") from None


def _words(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(part.strip().lower() for part in environ.get(name, "").split(",") if part.strip())


def _on(environ: Mapping[str, str], name: str) -> bool:
    return environ.get(name, "") in {"1", "true", "yes"}


def _clear_hosts(environ: Mapping[str, str]) -> tuple[str, ...]:
    hosts = _words(environ, "HOLDFAST_OUTGOING_HTTP_HOSTS")
    if any(not re.fullmatch(r"[0-9a-z.:-]+:[0-9]{1,5}", host) for host in hosts):
        raise SettingsError("HOLDFAST_OUTGOING_HTTP_HOSTS must be names with ports such as node.internal:8545")
    return hosts


def _ports(environ: Mapping[str, str], name: str, default: tuple[int, ...]) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in _words(environ, name)) or default
    except ValueError:
        raise SettingsError(f"{name} must be port numbers such as 443,8443") from None


def _oidc(environ: Mapping[str, str]) -> Oidc | None:
    issuer = environ.get("HOLDFAST_OIDC_ISSUER")
    if not issuer:
        return None
    client_id = environ.get("HOLDFAST_OIDC_CLIENT_ID")
    if not client_id:
        raise SettingsError("HOLDFAST_OIDC_CLIENT_ID is needed beside HOLDFAST_OIDC_ISSUER")
    return Oidc(
        issuer=issuer,
        client_id=client_id,
        client_secret=environ.get("HOLDFAST_OIDC_CLIENT_SECRET") or None,
        name=environ.get("HOLDFAST_OIDC_NAME", "SSO"),
        domains=_words(environ, "HOLDFAST_OIDC_DOMAINS"),
        create=_on(environ, "HOLDFAST_OIDC_CREATE"),
        trust_mfa=_on(environ, "HOLDFAST_OIDC_TRUST_MFA"),
        acr=tuple(part.strip() for part in environ.get("HOLDFAST_OIDC_ACR", "").split(",") if part.strip()),
        only=_on(environ, "HOLDFAST_OIDC_ONLY"),
    )


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
    key_source = env.get("HOLDFAST_KEY_SOURCE", base.key_source)
    if key_source not in KEY_SOURCES:
        raise SettingsError(f"HOLDFAST_KEY_SOURCE must be one of {', '.join(KEY_SOURCES)}, not {key_source!r}")
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
        sms_url=env.get("HOLDFAST_SMS_URL") or None,
        mail_listen=env.get("HOLDFAST_MAIL_LISTEN") or None,
        mail_listen_anywhere=_on(env, "HOLDFAST_MAIL_LISTEN_ANYWHERE"),
        answer_by_mail_after=_number(env, "HOLDFAST_ANSWER_BY_MAIL_AFTER", base.answer_by_mail_after),
        organisation=env.get("HOLDFAST_ORGANISATION", base.organisation),
        public_attainment=_on(env, "HOLDFAST_PUBLIC_ATTAINMENT"),
        nodes=_nodes(env),
        presence_grace=_number(env, "HOLDFAST_PRESENCE_GRACE", base.presence_grace),
        opening_rate=_number(env, "HOLDFAST_OPENING_RATE", base.opening_rate),
        chat_rate=_number(env, "HOLDFAST_CHAT_RATE", base.chat_rate),
        heartbeat=_number(env, "HOLDFAST_HEARTBEAT", base.heartbeat),
        erasure_wait=_number(env, "HOLDFAST_ERASURE_WAIT", base.erasure_wait),
        review_days=_number(env, "HOLDFAST_REVIEW_DAYS", base.review_days),
        trusted_proxies=_networks(env, "HOLDFAST_TRUSTED_PROXIES"),
        outgoing_networks=_networks(env, "HOLDFAST_OUTGOING_NETWORKS"),
        outgoing_clear=_clear_hosts(env),
        outgoing_ports=_ports(env, "HOLDFAST_OUTGOING_PORTS", base.outgoing_ports),
        outgoing_ca_file=Path(env["HOLDFAST_OUTGOING_CA_FILE"]) if env.get("HOLDFAST_OUTGOING_CA_FILE") else None,
        oidc=_oidc(env),
        log_level=env.get("HOLDFAST_LOG_LEVEL", base.log_level),
        key_source=key_source,
        master_keys=env.get("HOLDFAST_MASTER_KEYS", ""),
        pkcs11_module=env.get("HOLDFAST_PKCS11_MODULE", ""),
        pkcs11_token=env.get("HOLDFAST_PKCS11_TOKEN", base.pkcs11_token),
        pkcs11_pin_file=_path(env, "HOLDFAST_PKCS11_PIN_FILE"),
        secret_key_file=_path(env, "HOLDFAST_KEY_FILE"),
        audit_key=_hex(env, "HOLDFAST_AUDIT_KEY"),
        audit_key_file=_path(env, "HOLDFAST_AUDIT_KEY_FILE"),
        checkpoint_file=_path(env, "HOLDFAST_CHECKPOINT_FILE"),
        checkpoint_mail=env.get("HOLDFAST_CHECKPOINT_MAIL") or None,
        checkpoint_url=env.get("HOLDFAST_CHECKPOINT_URL") or None,
        checkpoint_authorization=env.get("HOLDFAST_CHECKPOINT_AUTHORIZATION") or None,
        checkpoint_every=_number(env, "HOLDFAST_CHECKPOINT_EVERY", base.checkpoint_every),
        fragment_key_dir=_path(env, "HOLDFAST_FRAGMENT_KEYS"),
        web_dir=Path(env.get("HOLDFAST_WEB_DIR", str(base.web_dir))),
    )
