"""Private keys. Where a checksum or the public half proves one it is hidden; 64 hex digits may as well be the hash of
a transaction, which support cannot do without: there the nearest word decides, and without one they stay."""

import re
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from holdfast.redaction import base58
from holdfast.redaction.findings import Certainty
from holdfast.redaction.folding import Folded

# Characters before and behind a value in which a word says what it is. Labels stand before their value.
BEFORE, BEHIND = 64, 32

_LATIN_KEY = (
    r"private[\s_-]*key|priv[\s_.-]*key|secret[\s_-]*key|signing[\s_-]*key|\bprivkey|\bpkey\b|\bpk\b|\bwif\b|raw[\s_-]*key"
    r"|\bsecret\b|\bseed\b|\bmy[\s_-]key\b|clave[\s_-]privada|llave[\s_-]privada|chave[\s_-](?:privada|secreta)"
    r"|cle[\s_-](?:privee|secrete)|privat(?:er|en|em)?[\s_-]*schlussel|geheim(?:er|en|em)?[\s_-]schlussel"
    r"|(?:ozel|gizli)[\s_-]anahtar|kunci[\s_-](?:privat|pribadi|rahasia)|khoa[\s_-](?:rieng|bi[\s_-]mat|ca[\s_-]nhan)"
)
_OTHER_KEY = (
    r"私[钥鑰]|[密秘][钥鑰]|密匙|秘密鍵|プライベート・?キー|シークレット・?キー|개인\s?키|비밀\s?키|프라이빗\s?키|시크릿\s?키"
    r"|(?:приватн|закрыт|секретн)\w*\s+ключ|คีย์ส่วนตัว|กุญแจส่วนตัว|ไพรเวท\s?คีย์|المفتاح\s+(?:الخاص|السري)|مفتاح(?:ي|ك)?\s+(?:ال)?خاص"
)
_LATIN_HASH = (
    r"\btxn?s?\b|\btx[\s_-]?(?:id|hash|n)\b|\bhash(?:es)?\b|transac|transfer|transak|\btransaktion|\bblock|\btrx\b|\bdigest\b|checksum"
    r"|sha-?256|\btopics?\b|\bevents?\b|\bpublic|\baddress|\bcontract|\bcheck\b|explorer|\bscan\b|\bstatus\b|\bpending\b"
    r"|\bconfirm|\border\b|\bdeposit|\bwithdraw|\bsignature\b|\bmerkle\b|\broot\b|giao dich|\bma bam\b|\bislem"
)
_OTHER_HASH = (
    r"交易|哈希|雜湊|杂凑|区块|區塊|转账|轉帳|转帐|轉賬|公[钥鑰]|地址|合约|合約|取引|トランザクション|ハッシュ|ブロック|公開鍵|アドレス"
    r"|트랜잭션|거래|해시|블록|공개\s?키|주소|транзакц|х[еэ]ш|блок|ธุรกรรม|แฮช|บล็อก|معاملة|هاش|تجزئة|كتلة"
)
# Behind a value only a whole statement counts ("… is my private key"), never the label of the next line.
_SAYS = re.compile(f"(?P<key>{_LATIN_KEY}|{_OTHER_KEY})|(?P<hash>{_LATIN_HASH}|{_OTHER_HASH})")
_LABEL = re.compile(r"\s*[:=：＝]")

_HEX = re.compile(r"(?<![0-9a-z])(?:0x)?(?:[0-9a-f]{128}|[0-9a-f]{64})(?![0-9a-z])")
_BASE58 = re.compile(
    r"(?<![0-9A-Za-z])(?:[xyztuvXYZTUV]prv[1-9A-HJ-NP-Za-km-z]{100,115}|[5KLc9][1-9A-HJ-NP-Za-km-z]{50,51}"
    r"|[1-9A-HJ-NP-Za-km-z]{80,88})(?![0-9A-Za-z])"
)
_ARRAY = re.compile(r"\[\s*(?:\d{1,3}\s*,\s*){63}\d{1,3}\s*\]")
# Without the ciphertext a keystore file opens nothing; its address stays readable. Quotes may be escaped.
_KEYSTORE = re.compile(r"ciphertext\\?[\"']\s*:\s*\\?[\"']\s*((?:0x)?[0-9a-f]{32,1024})")
_LONG = re.compile(r"[0-9A-Za-z]{51}")

# Version bytes of extended private keys: mainnet and testnet, BIP-32, 49, 84 and SLIP-132 multisig.
_VERSIONS = "0488ade4 049d7878 04b2430c 0295b005 02aa7a99 04358394 044a4e28 045f18bc 024285b5 02575048"
_EXTENDED = frozenset(map(bytes.fromhex, _VERSIONS.split()))


@dataclass(frozen=True, slots=True)
class Key:
    start: int
    end: int
    certainty: Certainty


def may_hold_key(text: str) -> bool:
    """Whether a closer look is worth it: costs 1 us for 100 characters."""
    if len(text) < 48:
        return False
    if max(map(len, text.split()), default=0) > 50 and _LONG.search(text):
        return True
    return text.count(",") >= 63 or "iphertext" in text or "IPHERTEXT" in text


def find_keys(folded: Folded) -> list[Key]:
    """The keys in a text, in order, without overlap. Linear in the length of the text."""
    found = []
    for match in _KEYSTORE.finditer(folded.lower):
        found.append(Key(*match.span(1), "certain"))
    for match in _HEX.finditer(folded.lower):
        if (certainty := _hex_key(match.group(), folded.lower, match.start(), match.end())) is not None:
            found.append(Key(*match.span(), certainty))
    for match in _BASE58.finditer(folded.plain):
        if (certainty := _base58_key(match.group(), folded.lower, match.start(), match.end())) is not None:
            found.append(Key(*match.span(), certainty))
    for match in _ARRAY.finditer(folded.plain):
        values = [int(value) for value in re.findall(r"\d+", match.group())]
        if max(values) < 256 and _key_pair(bytes(values)):
            found.append(Key(*match.span(), "certain"))
    found.sort(key=lambda key: (key.start, -key.end))
    apart: list[Key] = []
    for key in found:
        if not apart or key.start >= apart[-1].end:
            apart.append(key)
    return apart


def _hex_key(value: str, lower: str, start: int, end: int) -> Certainty | None:
    digits = value.removeprefix("0x")
    if len(digits) == 128 and _key_pair(bytes.fromhex(digits)):
        return "certain"
    # Padded addresses, amounts and the values of examples are no keys: a random one has 15 to 16 kinds of digits.
    if len(set(digits)) < 8 or digits.startswith("0" * 16):
        return None
    return "high" if _said_to_be(lower, start, end) == "key" else None


def _base58_key(value: str, lower: str, start: int, end: int) -> Certainty | None:
    if value[1:4] == "prv":
        payload = base58.decode_checked(value)
        if payload is not None:
            return "certain" if len(payload) == 78 and payload[:4] in _EXTENDED else None
        # One character mistyped or lost: the prefix and the length are proof enough.
        return "high"
    if len(value) > 52:
        raw = base58.decode(value)
        if raw is not None and len(raw) == 64 and _key_pair(raw):
            return "certain"
        # Signatures of Solana transactions look the same and must stay.
        return "high" if _said_to_be(lower, start, end) == "key" else None
    payload = base58.decode_checked(value)
    if payload is not None and payload[0] in (0x80, 0xEF):
        return "certain"
    return "high" if payload is None and _said_to_be(lower, start, end) == "key" else None


def _key_pair(raw: bytes) -> bool:
    """Whether 64 bytes are an Ed25519 seed and the public key that belongs to it (80 us)."""
    return Ed25519PrivateKey.from_private_bytes(raw[:32]).public_key().public_bytes_raw() == raw[32:]


def _said_to_be(lower: str, start: int, end: int) -> str | None:
    """``key`` or ``hash`` by the nearest word before the value, else by the nearest behind it; None without one."""
    said = None
    for match in _SAYS.finditer(lower, max(0, start - BEFORE), start):
        said = match.lastgroup
    if said is not None:
        return said
    for match in _SAYS.finditer(lower, end, end + BEHIND):
        if not _LABEL.match(lower, match.end()):
            return match.lastgroup
    return None
