"""How the private keys of the large chains are written. Only what Python's ``re`` and JavaScript's ``u`` flag read
alike; one group per form. ``EXACT`` reads the folded text with its capitals, ``LOWER`` the one of lower case."""

import re

_B58 = "1-9A-HJ-NP-Za-km-z"
_BECH32 = "02-9ac-hj-np-z"
_APART = "(?<![0-9A-Za-z])"
_END = "(?![0-9A-Za-z])"

EXACT = re.compile(
    "|".join(
        (
            # A block that ends, or one that was cut off: its header and rows of Base64.
            "(?P<block>-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:[^-]{0,8000}-----END "
            "[A-Z0-9 ]{0,40}-----"
            r"|(?:[\s\\rn\"]{0,8}[0-9A-Za-z+/=]{16,1024}){0,120}(?:\s{1,3}[0-9A-Za-z+/=]{1,76}(?=\s*$))?))",
            rf"(?P<extended>{_APART}(?:[xyztuvXYZTUV]prv|[LM]tpv|dgpv)[{_B58}]{{100,115}}{_END})",
            rf"(?P<encrypted>{_APART}6P[{_B58}]{{56}}{_END})",
            rf"(?P<tezos>{_APART}(?:edsk|edesk|spsk|p2sk)[{_B58}]{{50,94}}{_END})",
            rf"(?P<near>{_APART}ed25519:[{_B58}]{{80,90}}{_END})",
            rf"(?P<antelope>{_APART}PVT_(?:K1|R1)_[{_B58}]{{45,55}}{_END})",
            rf"(?P<stellar>{_APART}S[A-Z2-7]{{55}}{_END})",
            rf"(?P<wif>{_APART}[{_B58}]{{51,52}}{_END})",
            rf"(?P<pair>{_APART}[{_B58}]{{80,88}}{_END})",
            rf"(?P<ripple>{_APART}s[{_B58}]{{27,30}}{_END})",
        )
    )
)
LOWER = re.compile(
    "|".join(
        (
            # Without the ciphertext a keystore file opens nothing; its address stays readable. Quotes may be escaped.
            r"ciphertext\\?[\"']\s*:\s*\\?[\"']\s*(?P<keystore>(?:0x)?[0-9a-f]{32,1024})",
            r"\\?[\"']encoded\\?[\"']\s*:\s*\\?[\"']\s*(?P<polkadot>(?:0x)?[0-9a-z+/=]{64,1024})",
            r"cborhex\\?[\"']\s*:\s*\\?[\"']\s*(?P<cbor>58[24]0[0-9a-f]{64,128})",
            rf"(?P<bech32>{_APART}(?:(?:root|acct|addr|stake|pool|drep|cc_cold|cc_hot)_x?sk|ed25519e?_sk|xprv"
            rf"|suiprivkey|nsec|age-secret-key-)1[{_BECH32}]{{50,220}}{_END})",
            rf"(?P<named>{_APART}(?:ed25519|secp256k1|secp256r1)-priv-0x[0-9a-f]{{64}}{_END})",
            rf"(?P<hex>{_APART}(?:0x)?(?:[0-9a-f]{{128}}|[0-9a-f]{{64}}){_END})",
            rf"(?P<groups>{_APART}(?:0x)?(?:[0-9a-f]{{8}}[ \n:-]){{7}}[0-9a-f]{{8}}{_END})",
            rf"(?P<halves>{_APART}(?:0x)?[0-9a-f]{{32}}[ \t]?\r?\n[ \t]?[0-9a-f]{{32}}{_END})",
        )
    )
)
ARRAY = re.compile(r"\[\s*(?:\d{1,3}\s*,\s*){31,63}\d{1,3}\s*\]")

# Version bytes of extended private keys: mainnet and testnet, BIP-32, 49, 84, SLIP-132 multisig; Litecoin, Dogecoin.
_VERSIONS = (
    "0488ade4 049d7878 04b2430c 0295b005 02aa7a99 04358394 044a4e28 045f18bc 024285b5 02575048 "
    "019d9cfe 01b26792 02fac398"
)
EXTENDED = frozenset(map(bytes.fromhex, _VERSIONS.split()))
# The prefixes of Tezos' secret keys, and of encrypted ones: what they decode to begins with these.
TEZOS = tuple(map(bytes.fromhex, "0d0f3a07 2bf64e07 075a3cb3 11a2e0c9 1051eebd".split()))
# A WIF key has 32 bytes behind a version of 128 or more, and may have 01 behind.
WIF_VERSION = 0x80
