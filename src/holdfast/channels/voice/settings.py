"""Settings of the phone (``HOLDFAST_ASTERISK…``, ``HOLDFAST_SIP_…``, ``HOLDFAST_VOICE…``); docs/operations/voice.md."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from holdfast.channels.voice.access import Access
from holdfast.channels.voice.captions.transcription import Endpoint
from holdfast.channels.voice.engine.trunk import Trunk, trunk_of
from holdfast.core.i18n import LANGUAGES
from holdfast.core.settings import SettingsError

_CHECKOUT = Path(__file__).resolve().parents[4]


@dataclass(frozen=True, slots=True)
class VoiceSettings:
    """``on``: whether there is a phone at all. ``elsewhere``: an Asterisk that we neither start nor configure.

    ``program``: an installed Asterisk that is run with our configuration instead of the one that is brought along,
    which lies in ``cache``. ``listen``: host and port for SIP, port 0 for a free one. ``rtp``: first and last port,
    None for a range that is chosen. ``authorities``: who may have signed the provider's certificate, None for those
    that this machine trusts. ``workers``: how many voice processes share the calls. ``call_back_notice``: how long
    before we ring whoever waits for our call is told so.
    ``speech``: what writes down what is said, for captions.
    """

    on: bool = True
    cache: Path = field(default_factory=lambda: _CHECKOUT / ".cache" / "voice")
    mirror: str | None = None
    keyring: Path = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
    program: Path | None = None
    elsewhere: Access | None = None
    listen: tuple[str, int] = ("127.0.0.1", 0)
    public_address: str | None = None
    rtp: tuple[int, int] | None = None
    trunk: Trunk | None = None
    certificate: Path | None = None
    certificate_key: Path | None = None
    authorities: Path | None = None
    language: str = "en"
    workers: int = 1
    call_back_notice: timedelta = timedelta(minutes=2)
    speech: Endpoint | None = None

    @property
    def private(self) -> bool:
        """Whether SIP and sound stay on this machine."""
        return ip_address(self.listen[0]).is_loopback


def load(environ: Mapping[str, str] | None = None) -> VoiceSettings:
    """Settings from ``environ`` (default: the process's). Raises SettingsError."""
    env = os.environ if environ is None else environ
    base = VoiceSettings()
    certificate, key = _file(env, "HOLDFAST_SIP_CERTIFICATE"), _file(env, "HOLDFAST_SIP_CERTIFICATE_KEY")
    if (certificate is None) != (key is None):
        raise SettingsError("HOLDFAST_SIP_CERTIFICATE and HOLDFAST_SIP_CERTIFICATE_KEY belong together")
    trunk = trunk_of(env["HOLDFAST_SIP_TRUNK"]) if env.get("HOLDFAST_SIP_TRUNK") else None
    if trunk and trunk.tls and certificate is None:
        raise SettingsError(
            "HOLDFAST_SIP_TRUNK over TLS (sips:) needs HOLDFAST_SIP_CERTIFICATE and HOLDFAST_SIP_CERTIFICATE_KEY"
        )
    language = env.get("HOLDFAST_VOICE_LANGUAGE", base.language)
    if language not in LANGUAGES:
        raise SettingsError(f"HOLDFAST_VOICE_LANGUAGE must be one of {', '.join(LANGUAGES)}, not {language!r}")
    return VoiceSettings(
        on=env.get("HOLDFAST_VOICE", "on") not in {"off", "0", "false", "no"},
        cache=Path(env.get("HOLDFAST_VOICE_CACHE") or base.cache).absolute(),
        mirror=env.get("HOLDFAST_VOICE_MIRROR") or None,
        keyring=_file(env, "HOLDFAST_VOICE_KEYRING") or base.keyring,
        program=_file(env, "HOLDFAST_ASTERISK"),
        elsewhere=_elsewhere(env),
        # A trunk cannot reach a loopback address.
        listen=_listen(env, "HOLDFAST_SIP_LISTEN", "0.0.0.0:5060" if trunk else "127.0.0.1:0"),
        public_address=env.get("HOLDFAST_SIP_PUBLIC_ADDRESS") or None,
        rtp=_range(env.get("HOLDFAST_SIP_RTP_PORTS")),
        trunk=trunk,
        certificate=certificate,
        certificate_key=key,
        authorities=_file(env, "HOLDFAST_SIP_AUTHORITIES"),
        language=language,
        workers=_count(env.get("HOLDFAST_VOICE_WORKERS", "1")),
        call_back_notice=_minutes(env.get("HOLDFAST_CALL_BACK_NOTICE", "2")),
        speech=_speech(env),
    )


def _file(environ: Mapping[str, str], name: str) -> Path | None:
    return Path(environ[name]).absolute() if environ.get(name) else None


def _elsewhere(environ: Mapping[str, str]) -> Access | None:
    """``https://user:password@pbx.example.org:8089``."""
    written = environ.get("HOLDFAST_ASTERISK_URL")
    if not written:
        return None
    url = urlsplit(written)
    if url.scheme not in {"http", "https"} or not (url.hostname and url.username and url.password):
        raise SettingsError("HOLDFAST_ASTERISK_URL must be such as https://user:password@pbx.example.org:8089")
    return Access(f"{url.scheme}://{url.netloc.rpartition('@')[2]}", url.username, url.password)


def _speech(environ: Mapping[str, str]) -> Endpoint | None:
    url = environ.get("HOLDFAST_SPEECH_URL")
    if not url:
        return None
    if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
        raise SettingsError("HOLDFAST_SPEECH_URL must be such as https://speech.example.org/v1")
    listen = _listen(environ, "HOLDFAST_SPEECH_LISTEN", "127.0.0.1:0")
    if ip_address(listen[0]).is_unspecified:
        # The engine is told to connect there, and would connect to itself.
        raise SettingsError("HOLDFAST_SPEECH_LISTEN must be the address at which the engine reaches us")
    return Endpoint(
        url,
        environ.get("HOLDFAST_SPEECH_MODEL") or "whisper-1",
        environ.get("HOLDFAST_SPEECH_KEY", ""),
        listen,
    )


def _listen(environ: Mapping[str, str], name: str, otherwise: str) -> tuple[str, int]:
    written = environ.get(name) or otherwise
    host, _, port = written.rpartition(":")
    try:
        ip_address(host.strip("[]"))
        return host.strip("[]"), int(port)
    except ValueError:
        raise SettingsError(f"{name} must be an address and a port, not {written!r}") from None


def _range(written: str | None) -> tuple[int, int] | None:
    if not written:
        return None
    found = re.fullmatch(r"(\d{1,5})-(\d{1,5})", written)
    if not found or not 1024 <= int(found[1]) < int(found[2]) <= 65535:
        raise SettingsError("HOLDFAST_SIP_RTP_PORTS must be a range such as 20000-21999")
    return int(found[1]), int(found[2])


def _count(written: str) -> int:
    if not written.isdigit() or not 1 <= int(written) <= 64:
        raise SettingsError("HOLDFAST_VOICE_WORKERS must be between 1 and 64")
    return int(written)


def _minutes(written: str) -> timedelta:
    if not written.isdigit() or int(written) > 60:
        raise SettingsError("HOLDFAST_CALL_BACK_NOTICE must be minutes, from 0 (at once) to 60")
    return timedelta(minutes=int(written))
