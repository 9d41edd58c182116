"""Whether 64 hex digits are the key of an address that is known or stands in the same text. All of it locally: asking
an explorer about an unclassified value would give the key away."""

import re
from collections.abc import Iterable

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
        address.lower() if address[:2].lower() == "0x" or address[:3].lower() == "bc1" else address
        for address in addresses
    )


def of_key(key: bytes) -> frozenset[str]:
    """The EVM, TRON and Bitcoin addresses of a secp256k1 key (32 bytes, 0.3 ms); none if it is no key."""
    if not 0 < int.from_bytes(key, "big") < ORDER:
        return frozenset()
    # Imported when first needed, which takes 60 ms: most processes never see a key.
    from coincurve import PublicKey  # noqa: PLC0415

    from holdfast.chains.base58 import encode_checked  # noqa: PLC0415
    from holdfast.chains.bech32 import encode_segwit  # noqa: PLC0415
    from holdfast.chains.hashes import hash160, keccak256  # noqa: PLC0415

    public = PublicKey.from_valid_secret(key)
    short, long = public.format(), public.format(compressed=False)
    account = keccak256(long[1:])[12:]
    hashes = [hash160(short), hash160(long)]
    nested = hash160(b"\x00\x14" + hashes[0])
    return frozenset(
        {
            "0x" + account.hex(),
            encode_checked(b"\x41" + account),
            *(encode_checked(b"\x00" + each) for each in hashes),
            encode_checked(b"\x05" + nested),
            encode_segwit("bc", 0, hashes[0]),
        }
    )
