"""Asterisk's configuration, whole, from our settings: a file's name and text each. Pure but for ``write``.

Nothing in the engine's own folder is edited; what a file is not written for keeps Asterisk's default.
"""

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from holdfast.channels.voice.engine import pjsip
from holdfast.channels.voice.engine.layout import Layout, Reach
from holdfast.channels.voice.settings import VoiceSettings

APPLICATION = "holdfast"
# Why each is there: docs/operations/voice.md. Without autoload nothing else is in memory or can be reached.
MODULES = tuple(Path(__file__).with_name("modules.txt").read_text("utf-8").split())
# Longest message that is taken while the application is down, and the silence that ends it, in seconds.
_MESSAGE, _SILENCE = 180, 5


@dataclass(frozen=True, slots=True)
class Program:
    """What is run: how its command begins, where its modules are, where its read-only data (documentation) is."""

    command: tuple[str, ...]
    modules: Path
    share: Path


def files(settings: VoiceSettings, layout: Layout, reach: Reach, program: Program) -> Mapping[str, str]:
    """Every file of ``etc`` by name; ``lines.conf`` is the application's (``write_lines``)."""
    texts = {
        "asterisk.conf": _asterisk(layout, program),
        "modules.conf": "[modules]\nautoload=no\n" + "".join(f"load={name}.so\n" for name in MODULES),
        "logger.conf": "[general]\ndateformat=%FT%T.%3qZ\n[logfiles]\nconsole => notice,warning,error\n",
        "http.conf": _http(reach.url),
        "ari.conf": _ari(reach),
        "rtp.conf": _rtp(settings, reach),
        "musiconhold.conf": f"[default]\nmode=files\ndirectory={layout.music}\n",
        "extensions.conf": _extensions(settings, layout),
        "pjsip.conf": pjsip.text(settings, reach),
        "sorcery.conf": "[res_pjsip]\n"
        + "".join(
            f"{kind}=config,pjsip.conf,criteria=type={kind}\n{kind}=memory\n" for kind in ("endpoint", "auth", "aor")
        ),
        "cdr.conf": "[general]\nenable=no\n",
        "cel.conf": "[general]\nenable=no\n",
    }
    # Asterisk complains at each start of those of its core's files that are missing.
    empty = "features ccss acl udptl geolocation pjproject cli_permissions cli_aliases manager stasis websocket_client"
    return {**texts, **dict.fromkeys((f"{name}.conf" for name in empty.split()), ""), "indications.conf": _INDICATIONS}


def write(texts: Mapping[str, str], layout: Layout, program: Program) -> None:
    """Into ``layout``, readable by its owner only; what an earlier version wrote and this does not is removed."""
    layout.make()
    for old in layout.etc.glob("*.conf"):
        if old.name not in texts and old != layout.lines:
            old.unlink()
    for name, text in texts.items():
        file = layout.etc / name
        file.touch(mode=0o600)
        file.write_text(text, "utf-8")
    if not layout.lines.exists():
        write_lines(layout, {})
    for name in ("documentation", "rest-api"):
        place = layout.data / name
        if place.is_symlink():
            place.unlink()
        elif place.exists():
            shutil.rmtree(place)
        place.symlink_to(program.share / name)


def write_lines(layout: Layout, languages: Mapping[str, str]) -> None:
    """The language of each line by its number, for callers whom the dialplan alone answers (``lines.set_lines``)."""
    texts = [f"LINE_{re.sub('[^0-9]', '', number)}={language}\n" for number, language in sorted(languages.items())]
    layout.lines.touch(mode=0o600)
    layout.lines.write_text("[globals]\n" + "".join(texts), "utf-8")


def line_languages(layout: Layout) -> set[str]:
    """The languages in which the dialplan must be able to speak."""
    if not layout.lines.exists():
        return set()
    return set(re.findall(r"^LINE_\d+=(\S+)$", layout.lines.read_text("utf-8"), re.MULTILINE))


def _asterisk(layout: Layout, program: Program) -> str:
    folders = {
        "astcachedir": layout.home / "cache",
        "astetcdir": layout.etc,
        "astmoddir": program.modules,
        "astvarlibdir": layout.data,
        "astdatadir": layout.data,
        "astagidir": layout.data,
        "astdbdir": layout.home / "db",
        "astkeydir": layout.home,
        "astspooldir": layout.spool,
        "astrundir": layout.home / "run",
        "astlogdir": layout.home / "log",
    }
    return (
        "[directories]\n"
        + "".join(f"{name} => {folder}\n" for name, folder in folders.items())
        # Silence instead of nothing while a channel waits: phones and gateways end a call without sound.
        + "[options]\nnocolor = yes\nlanguageprefix = yes\nhideconnect = yes\ntransmit_silence = yes\n"
    )


def _http(url: str) -> str:
    """ARI and the browsers' SIP; on loopback, whence our web process hands on what may come from outside. Only an
    engine elsewhere must be reached by its network."""
    place = urlsplit(url)
    address, port = ("127.0.0.1" if place.hostname == "127.0.0.1" else "0.0.0.0"), place.port or 8088  # noqa: S104
    return (
        f"[general]\nenabled=yes\nbindaddr={address}\nbindport={port}\nenablestatic=no\nsessionlimit=2000\n"
        "session_inactivity=30000\nsession_keep_alive=15000\n"
    )


def _ari(reach: Reach) -> str:
    return (
        "[general]\nenabled=yes\npretty=no\nwebsocket_write_timeout=1000\n"
        f"[{reach.user}]\ntype=user\nread_only=no\npassword_format=plain\npassword={reach.password}\n"
    )


def _rtp(settings: VoiceSettings, reach: Reach) -> str:
    text = f"[general]\nrtpstart={reach.rtp[0]}\nrtpend={reach.rtp[1]}\nstrictrtp=yes\nicesupport=yes\n"
    host = settings.listen[0]
    if settings.public_address and host not in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not bound
        text += f"[ice_host_candidates]\n{host} => {settings.public_address},include_local_address\n"
    return text


def _extensions(settings: VoiceSettings, layout: Layout) -> str:
    """Calls go to the application; without it the dialplan answers, says so and takes a message.

    A provider that we sign in to may call our account's name instead of a number (a pattern of one sign would also be
    the special extension ``h``).

    A message is three files in spool/messages: who called (.from, first of all: they may hang up before they have
    heard us), what was said (.wav), and .end once it is whole.
    """

    def to_us(kind: str, what: str) -> str:
        if settings.workers > 1:
            return f"StasisBroadcast(1000,^{APPLICATION}-,{kind}:{what})"
        return f"Stasis({APPLICATION},{kind},{what})"

    # What was called, or, of a call from the app, whose device it is.
    number, device = "${EXTEN}", "${CHANNEL(endpoint)}"

    line = "LINE_${FILTER(0-9,${EXTEN})}"
    language = f'${{IF($["${{{line}}}"!=""]?${{{line}}}:{settings.language})}}'
    said = "holdfast/${CHANNEL(language)}"
    message = f"{layout.messages}/${{UNIQUEID}}"
    caller = "${FILTER(+0-9,${CALLERID(num)})}"
    return f"""[general]
static=yes
writeprotect=yes
#include lines.conf
[from-trunk]
exten => _[+0-9A-Za-z].,1,Set(CHANNEL(language)={language})
 same => n,{to_us("trunk", number)}
 same => n,GotoIf($["${{STASISSTATUS}}"="SUCCESS"]?over)
 same => n,Goto(unattended,{number},1)
 same => n(over),Hangup()
[from-agent]
exten => _[+*0-9].,1,Stasis({APPLICATION},agent,${{EXTEN}})
 same => n,Hangup()
[from-app]
exten => _[a-z0-9].,1,{to_us("app", device)}
 same => n,GotoIf($["${{STASISSTATUS}}"="SUCCESS"]?over)
 same => n,Goto(unattended,{device},1)
 same => n(over),Hangup()
[unattended]
exten => _[+0-9A-Za-z].,1,Set(FILE({message}.from)=${{EPOCH}} ${{EXTEN}} ${{CHANNEL(language)}} {caller})
 same => n,Answer()
 same => n,Wait(0.3)
 same => n,Playback({said}/unattended)
 same => n,Record({message}.wav,{_SILENCE},{_MESSAGE},k)
 same => n,Playback({said}/message-taken)
 same => n,Hangup()
exten => h,1,Set(FILE({message}.end)=1)
[doctor]
exten => smoke,1,Answer()
 same => n,Playback(holdfast/{settings.language}/message-taken)
 same => n,Echo()
"""


_INDICATIONS = """[general]
country=us
[us]
description=United States
ringcadence=2000,4000
dial=350+440
busy=480+620/500,0/500
ring=440+480/2000,0/4000
congestion=480+620/250,0/250
"""
