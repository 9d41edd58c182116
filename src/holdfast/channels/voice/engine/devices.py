"""Devices that may sign in: agents' and customers' browsers, desk phones. Pushed into the engine's memory through ARI,
so that no password of theirs is ever in a file; after a restart of the engine (``Synced``) they are pushed again."""

from collections.abc import Mapping

from holdfast.channels.voice.ari import Ari
from holdfast.channels.voice.engine.pjsip import LOOPBACK, SILENT, SILENT_ON_HOLD
from holdfast.channels.voice.settings import VoiceSettings

AGENTS, CUSTOMERS = "from-agent", "from-app"
# A killed browser's contact goes at once, its channel only when no sound has come for so long.
_BROWSER_SILENT = 6
# alaw first: a trunk's call is passed on as it is (1.7 % of a core), opus must be made (3.5 %).
_BROWSER_CODECS = "alaw,ulaw,opus"


async def push_browser(ari: Ari, settings: VoiceSettings, name: str, password: str, context: str) -> None:
    """A browser that signs in as ``name`` over the WebSocket /ws of the engine's HTTP server."""
    endpoint = {
        "transport": "ws",
        "webrtc": "yes",
        "context": context,
        "allow": _BROWSER_CODECS,
        "dtls_auto_generate_cert": "yes",
        "rtp_timeout": str(_BROWSER_SILENT),
        "rtp_timeout_hold": str(SILENT_ON_HOLD),
    }
    await _push(ari, settings, name, password, endpoint, {"qualify_frequency": "15"})


async def push_desk_phone(ari: Ari, settings: VoiceSettings, name: str, password: str) -> None:
    """A SIP phone over UDP."""
    endpoint = {
        "transport": "udp",
        "context": AGENTS,
        "allow": "alaw,ulaw,g722",
        "rtp_symmetric": "yes",
        "force_rport": "yes",
        "rewrite_contact": "yes",
        "rtp_timeout": str(SILENT),
        "rtp_timeout_hold": str(SILENT_ON_HOLD),
    }
    await _push(ari, settings, name, password, endpoint, {"qualify_frequency": "30"})


async def _push(
    ari: Ari,
    settings: VoiceSettings,
    name: str,
    password: str,
    endpoint: Mapping[str, str],
    aor: Mapping[str, str],
) -> None:
    """The endpoint last: from then on it may sign in."""
    await ari.put_object("auth", name, {"auth_type": "userpass", "username": name, "password": password})
    await ari.put_object("aor", name, {"max_contacts": "1", "remove_existing": "yes", **aor})
    common = {"auth": name, "aors": name, "disallow": "all", "direct_media": "no"}
    # Carried out by the application (``referring.py``); a customer transfers nobody.
    common |= {"allow_transfer": "yes" if endpoint["context"] == AGENTS else "no"}
    common |= {"identify_by": "username,auth_username"} | (LOOPBACK if settings.private else {})
    # In this order: ``disallow`` before ``allow``.
    await ari.put_object("endpoint", name, {**common, **endpoint})


async def withdraw(ari: Ari, name: str) -> None:
    """It may no longer sign in; a call that it is in goes on."""
    for kind in ("endpoint", "auth", "aor"):
        await ari.delete_object(kind, name)
