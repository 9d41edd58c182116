"""pjsip.conf: where SIP is spoken, the trunk, the account of the smoke call. Agents' and customers' devices are not in
it: the application pushes them while it runs (``devices.py``). Pure."""

from collections.abc import Sequence

from holdfast.channels.voice.engine.layout import Reach
from holdfast.channels.voice.engine.trunk import Trunk
from holdfast.channels.voice.settings import VoiceSettings

# A side that sends nothing for so many seconds is gone: nothing else ends the call of a killed browser or phone.
SILENT, SILENT_ON_HOLD = 30, 300
_TRUSTED = "/etc/ssl/certs"
LOOPBACK = {"media_address": "127.0.0.1", "bind_rtp_to_media_address": "yes"}


def text(settings: VoiceSettings, reach: Reach) -> str:
    parts = [
        # Names before addresses: a browser or phone behind the trunk's address would else be taken for the trunk.
        _section("global", "global", user_agent="Holdfast", endpoint_identifier_order="username,auth_username,ip"),
        _section("system", "system", threadpool_initial_size="8"),
        _transport(settings, reach, "udp", reach.sip),
        # A browser's SIP comes by the HTTP server's WebSocket; the address here is not used, and must be there.
        _section("ws", "transport", protocol="ws", bind="127.0.0.1"),
        *_doctor(reach),
    ]
    if settings.certificate:
        parts.append(_transport(settings, reach, "tls", reach.sip + 1))
    if settings.trunk:
        parts += _trunk(settings, settings.trunk)
    return "\n".join(parts)


def _section(name: str, kind: str, **values: str) -> str:
    lines = [f"{key}={value}" for key, value in values.items()]
    return "\n".join([f"[{name}]", f"type={kind}", *lines, ""])


def _transport(settings: VoiceSettings, reach: Reach, protocol: str, port: int) -> str:
    host = f"[{reach.sip_host}]" if ":" in reach.sip_host else reach.sip_host
    values = {"protocol": protocol, "bind": f"{host}:{port}"}
    if settings.public_address:
        address = settings.public_address
        values |= {"external_media_address": address, "external_signaling_address": address}
        # Networks of one's own are reached without the router.
        values |= {"local_net": "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,127.0.0.0/8"}
    if protocol == "tls":
        values |= {
            "cert_file": str(settings.certificate),
            "priv_key_file": str(settings.certificate_key),
            **({"ca_list_file": str(trusted)} if (trusted := settings.authorities) else {"ca_list_path": _TRUSTED}),
            "verify_server": "yes",
            "method": "tlsv1_2",
        }
    return _section(protocol, "transport", **values)


def _trunk(settings: VoiceSettings, trunk: Trunk) -> Sequence[str]:
    transport = "tls" if trunk.tls else "udp"
    endpoint = {
        "transport": transport,
        "context": "from-trunk",
        "disallow": "all",
        "allow": ",".join(trunk.codecs),
        "aors": "trunk",
        "identify_by": "ip",
        "direct_media": "no",
        "rtp_symmetric": "yes",
        "force_rport": "yes",
        "rewrite_contact": "no",
        "dtmf_mode": "auto",
        "trust_id_inbound": "yes",
        # Else whoever calls could send our agents elsewhere.
        "allow_transfer": "no",
        "send_pai": "yes",
        # Else each bridging sends a re-INVITE with the other side's name: of no use out there, and not all take it.
        "send_connected_line": "no",
        "rtp_timeout": str(SILENT),
        "rtp_timeout_hold": str(SILENT_ON_HOLD),
        **(LOOPBACK if settings.private else {}),
    }
    if trunk.user:
        endpoint |= {"outbound_auth": "trunk", "from_user": trunk.user, "from_domain": trunk.host}
    if trunk.tls:
        endpoint["media_encryption"] = "sdes"
    parts = [
        _section("trunk", "endpoint", **endpoint),
        # Asked every minute whether it is there, so that the doctor and the wall board know.
        _section("trunk", "aor", contact=trunk.uri, qualify_frequency="60"),
        _section("trunk", "identify", endpoint="trunk", match=",".join(trunk.match)),
    ]
    if trunk.user and trunk.password:
        parts.append(_section("trunk", "auth", auth_type="digest", username=trunk.user, password=trunk.password))
    if trunk.register and trunk.user:
        parts.append(
            _section(
                "trunk",
                "registration",
                transport=transport,
                outbound_auth="trunk",
                server_uri=trunk.uri,
                client_uri=f"sip:{trunk.user}@{trunk.host}",
                contact_user=trunk.user,
                retry_interval="30",
                forbidden_retry_interval="300",
                max_retries="1000000",
                expiration="600",
                line="yes",
                endpoint="trunk",
            )
        )
    return parts


def _doctor(reach: Reach) -> Sequence[str]:
    return (
        _section(
            "doctor",
            "endpoint",
            transport="udp",
            context="doctor",
            disallow="all",
            allow="ulaw",
            auth="doctor",
            aors="doctor",
            identify_by="username,auth_username",
            direct_media="no",
            rtp_timeout=str(SILENT),
            deny="0.0.0.0/0.0.0.0",
            permit="127.0.0.0/255.0.0.0",
            **LOOPBACK,
        ),
        _section("doctor", "aor", max_contacts="1"),
        _section("doctor", "auth", auth_type="digest", username="doctor", password=reach.doctor),
    )
