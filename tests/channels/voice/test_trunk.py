"""A trunk over TLS with encrypted sound, in both directions: baresip is the provider, with a certificate of our own."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from holdfast.channels.voice.ari import Ari
from holdfast.channels.voice.ari_shapes import StasisStart
from holdfast.channels.voice.calling_back import endpoint
from holdfast.channels.voice.engine.trunk import trunk_of
from tests.support import baresip, phones
from tests.support.waiting import eventually_so

pytestmark = pytest.mark.engine

NUMBER = "+18005550100"


def certificate(folder: Path, *addresses: str) -> Path:
    """Signed by itself, for these addresses, with its key in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, addresses[0])])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(each)) for each in addresses]), False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


async def test_calls_over_tls_are_encrypted_both_ways(tmp_path: Path) -> None:
    file = certificate(tmp_path, "127.0.0.1", phones.NETWORK)
    port = phones.free_port()
    given = phones.settings(
        port,
        # baresip's connections come from the address that it calls.
        trunk=trunk_of(f"sips://{phones.NETWORK}:{port}?match=127.0.0.1/32"),
        certificate=file,
        certificate_key=file,
        authorities=file,
    )
    with phones.engine(given) as engine:
        async with phones.connected(engine) as ari:
            dialled = f"sip:{NUMBER}@127.0.0.1:{engine.reach.sip + 1};transport=tls"
            with ari.expect(StasisStart) as came:
                async with baresip.provider(tmp_path, port, file, file, dialled) as log:
                    called = await came
                    assert called.args == ("trunk", NUMBER), log.read_text()
                    await ari.answer(called.channel.id)
                    await encrypted(ari, called.channel.id)
                    await ari.hang_up(called.channel.id)
                    with ari.expect(StasisStart) as answered:
                        await ari.originate(endpoint("provider", given.trunk), "leg")
                        us = (await answered).channel.id
                    await encrypted(ari, us)


async def encrypted(ari: Ari, channel: str) -> None:
    """The words and the sound of a call, and sound goes both ways."""
    await ari.start_music(f"channel:{channel}")

    async def sound() -> bool:
        found = await ari.rtp_statistics(channel)
        return min(found.rxcount, found.txcount) > 50

    await eventually_so(sound, 10, "50 packets both ways")
    assert await ari.variable(channel, "CHANNEL(pjsip,secure)") == "1"
    assert await ari.variable(channel, "CHANNEL(rtp,secure)") == "1"
