"""Whether 64 hex digits are the key of an address that is known or stands in the same text. All of it locally: asking
an explorer about an unclassified value would give the key away."""

import re
from collections.abc import Iterable
from hashlib import sha256

from holdfast.redaction.base58 import bech32, encode_checked
from holdfast.redaction.digests import keccak256, ripemd160

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
_ADDRESS = re.compile(
    "(?<![0-9A-Za-z])(?:0x[0-9a-fA-F]{40}|T[1-9A-HJ-NP-Za-km-z]{33}|[13][1-9A-HJ-NP-Za-km-z]{25,34}"
    "|[Bb][Cc]1[02-9ac-hj-np-zAC-HJ-NP-Z]{39,59})(?![0-9A-Za-z])"
)


def written_in(text: str) -> frozenset[str]:
    return normal(_ADDRESS.findall(text))


def normal(addresses: Iterable[str]) -> frozenset[str]:
    """Hex and Bech32 are the same in capitals, Base58 is not."""
    return frozenset(
        address.lower() if address[:2].lower() == "0x" or address[:3].lower() == "bc1" else address for address in addresses
    )


def of_key(key: bytes) -> frozenset[str]:
    """The EVM, TRON and Bitcoin addresses of a secp256k1 key (32 bytes, 1 ms); none if it is no key."""
    # Imported when first needed: it takes 30 ms, and most processes never see a key.
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat  # noqa: PLC0415

    number = int.from_bytes(key, "big")
    if not 0 < number < ORDER:
        return frozenset()
    public = ec.derive_private_key(number, ec.SECP256K1()).public_key()
    long = public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    short = public.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    account = keccak256(long[1:])[12:]
    hashes = [ripemd160(sha256(form).digest()) for form in (short, long)]
    nested = ripemd160(sha256(b"\x00\x14" + hashes[0]).digest())
    return frozenset(
        {
            "0x" + account.hex(),
            encode_checked(b"\x41" + account),
            *(encode_checked(b"\x00" + each) for each in hashes),
            encode_checked(b"\x05" + nested),
            bech32("bc", hashes[0]),
        }
    )
