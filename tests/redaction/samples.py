"""Secrets and harmless texts, made from random bytes; shared by the tests and the benchmark."""

import random
import string
from collections.abc import Callable
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from mnemonic import Mnemonic

from holdfast.redaction.spelling import NO_TYPO as _NO_TYPO

ENGLISH = Mnemonic("english")
SIZES = (12, 15, 18, 21, 24)
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def phrase(rng: random.Random, words: int) -> list[str]:
    return ENGLISH.to_mnemonic(rng.randbytes(words * 4 // 3)).split()


def base58(raw: bytes) -> str:
    number, text = int.from_bytes(raw, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = _BASE58[digit] + text
    return "1" * (len(raw) - len(raw.lstrip(b"\0"))) + text


def base58check(payload: bytes) -> str:
    return base58(payload + sha256(sha256(payload).digest()).digest()[:4])


def typo(rng: random.Random, word: str) -> str:
    """One letter left out, doubled, changed, or swapped with its neighbour; never a list word, nor one
    of everyday language, which stays readable at the end of a phrase (1 typo in 1,500)."""
    while True:
        place = rng.randrange(len(word) - 1)
        wrong = rng.choice(
            [
                word[:place] + word[place + 1 :],
                word[:place] + word[place] + word[place:],
                word[:place] + rng.choice(string.ascii_lowercase) + word[place + 1 :],
                word[:place] + word[place + 1] + word[place] + word[place + 2 :],
            ]
        )
        if wrong not in ENGLISH.wordlist and wrong not in _NO_TYPO and len(wrong) >= 3:
            return wrong


def _joined(separator: str) -> Callable[[random.Random, list[str]], str]:
    return lambda _, words: separator.join(words)


def _numbered(form: str, end: str) -> Callable[[random.Random, list[str]], str]:
    return lambda _, words: end.join(form.format(n=n, word=word) for n, word in enumerate(words, 1))


def _rows(width: int) -> Callable[[random.Random, list[str]], str]:
    return lambda _, words: "\n".join(" ".join(words[low : low + width]) for low in range(0, len(words), width))


def _mixed(rng: random.Random, words: list[str]) -> str:
    return "".join(word + rng.choice([" ", "\n", ", ", " - ", "; ", ". ", "  ", "/", " | "]) for word in words)


def _with_typo(rng: random.Random, words: list[str]) -> str:
    changed = list(words)
    place = rng.randrange(len(words))
    changed[place] = typo(rng, words[place])
    return " ".join(changed)


def _with_stray(rng: random.Random, words: list[str]) -> str:
    changed = list(words)
    changed.insert(rng.randrange(1, len(words)), rng.choice(["then", "blockchainwallet", "hmm", "then the", "it says"]))
    return " ".join(changed)


def _laced(_: random.Random, words: list[str]) -> str:
    return " ".join(word[:2] + "\u200b" + word[2:] for word in words)


def _full_width(_: random.Random, words: list[str]) -> str:
    return " ".join("".join(chr(ord(letter) + 0xFEE0) for letter in word) for word in words)


FORMATS: dict[str, Callable[[random.Random, list[str]], str]] = {
    "spaces": _joined(" "),
    "commas": _joined(", "),
    "commas without space": _joined(","),
    "lines": _joined("\n"),
    "windows lines": _joined("\r\n"),
    "tabs": _joined("\t"),
    "dashes": _joined(" - "),
    "slashes": _joined("/"),
    "underscores": _joined("_"),
    "dots": _joined("."),
    "bullets": _joined(" • "),
    "arrows": _joined(" → "),
    "ideographic commas": _joined("、"),
    "double spaces": _joined("  "),
    "and": _joined(" and "),
    "line breaks of HTML": _joined("<br>"),
    "numbered 1.": _numbered("{n}. {word}", "\n"),
    "numbered 1)": _numbered("{n}) {word}", " "),
    "numbered 1:": _numbered("{n}:{word}", ", "),
    "numbered without space": _numbered("{n}{word}", " "),
    "numbered #1": _numbered("#{n} {word}", "\n"),
    "numbered behind": _numbered("{word} ({n})", ", "),
    "word 1:": _numbered("Word {n}: {word}", "\n"),
    "palabra 1": _numbered("palabra {n} {word}", "\n"),
    "JSON list": lambda _, words: "[" + ", ".join(f'"{word}"' for word in words) + "]",
    "JSON objects": _numbered('{{"index": {n}, "word": "{word}"}}', ","),
    "rows of three": _rows(3),
    "rows of four": _rows(4),
    "mixed separators": _mixed,
    "upper case": lambda _, words: " ".join(words).upper(),
    "title case": lambda _, words: " ".join(words).title(),
    "camel case": lambda _, words: "".join(word.title() for word in words),
    "unbroken": _joined(""),
    "full width": _full_width,
    "invisible characters": _laced,
    "one typo": _with_typo,
    "a stray word": _with_stray,
    "wrong order": lambda rng, words: " ".join(rng.sample(words, len(words))),
}
FRAMES = (
    "{}",
    "my seed phrase is {}",
    "Hello, I cannot restore my wallet. Here are the words:\n{}\nPlease help me, it is urgent!",
    "我的助记词是{}请帮我找回",
    "シードフレーズ：{}",
    "recovery phrase ({}) does not work",
)


def wif(rng: random.Random) -> str:
    return base58check(b"\x80" + rng.randbytes(32) + rng.choice([b"", b"\x01"]))


def extended_key(rng: random.Random, version: str = "0488ade4") -> str:
    return base58check(bytes.fromhex(version) + rng.randbytes(41) + b"\0" + rng.randbytes(32))


def solana_pair(rng: random.Random) -> bytes:
    seed = rng.randbytes(32)
    return seed + Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def keystore(rng: random.Random) -> str:
    return (
        f'{{"version":3,"id":"x","address":"{rng.randbytes(20).hex()}","crypto":{{"ciphertext":"{rng.randbytes(32).hex()}",'
        f'"cipherparams":{{"iv":"{rng.randbytes(16).hex()}"}},"cipher":"aes-128-ctr","kdf":"scrypt"}}}}'
    )


KEYS: dict[str, Callable[[random.Random], tuple[str, str]]] = {
    # name: a text, and the part of it that must not survive
    "WIF": lambda rng: (f"my key {(key := wif(rng))} does not import", key),
    "xprv": lambda rng: (f"here: {(key := extended_key(rng))}", key),
    "yprv": lambda rng: (f"{(key := extended_key(rng, '049d7878'))}", key),
    "zprv": lambda rng: (f"导出的{(key := extended_key(rng, '04b2430c'))}", key),
    "Solana, base58": lambda rng: (f"phantom export {(key := base58(solana_pair(rng)))} ok?", key),
    "Solana, array": lambda rng: (f"id.json {(key := str(list(solana_pair(rng))))}", key),
    "Solana, hex": lambda rng: (f"{(key := solana_pair(rng).hex())}", key),
    "hex, named before": lambda rng: (f"My private key is {(key := rng.randbytes(32).hex())}, restore it", key),
    "hex, 0x": lambda rng: (f"privkey=0x{(key := rng.randbytes(32).hex())}", key),
    "hex, upper case": lambda rng: (f"SECRET KEY: {(key := rng.randbytes(32).hex().upper())}", key),
    "hex, named behind": lambda rng: (f"{(key := rng.randbytes(32).hex())} is my private key", key),
    "hex, Chinese": lambda rng: (f"我的私钥是{(key := rng.randbytes(32).hex())}，怎么导入", key),
    "hex, Japanese": lambda rng: (f"秘密鍵：{(key := rng.randbytes(32).hex())}", key),
    "hex, Korean": lambda rng: (f"개인키 {(key := rng.randbytes(32).hex())} 입니다", key),
    "hex, Russian": lambda rng: (f"мой приватный ключ {(key := rng.randbytes(32).hex())}", key),
    "hex, Spanish": lambda rng: (f"mi clave privada: {(key := rng.randbytes(32).hex())}", key),
    "hex, German": lambda rng: (f"Mein privater Schlüssel: {(key := rng.randbytes(32).hex())}", key),
    "hex, Vietnamese": lambda rng: (f"khóa riêng của tôi {(key := rng.randbytes(32).hex())}", key),
    "hex, Arabic": lambda rng: (f"المفتاح الخاص {(key := rng.randbytes(32).hex())}", key),
    "hex, beside a hash": lambda rng: (
        f"tx hash: 0x{rng.randbytes(32).hex()}\nprivate key: 0x{(key := rng.randbytes(32).hex())}",
        key,
    ),
    "keystore": lambda rng: ((text := keystore(rng)), text.split('ciphertext":"')[1][:64]),
}

HARMLESS: dict[str, Callable[[random.Random], str]] = {
    "EVM address": lambda rng: f"my private key is safe but the address 0x{rng.randbytes(20).hex()} lost 3 ETH",
    "EVM transaction, named": lambda rng: f"please check tx 0x{rng.randbytes(32).hex()} it is pending",
    "explorer link": lambda rng: f"https://etherscan.io/tx/0x{rng.randbytes(32).hex()} my money is gone",
    "transaction, Chinese": lambda rng: f"交易哈希{rng.randbytes(32).hex()}一直未确认",
    "block hash": lambda rng: f"block {rng.randbytes(32).hex()} was orphaned",
    "key named, then a hash": lambda rng: (
        f"I never shared my private key. Please check this transaction: 0x{rng.randbytes(32).hex()}"
    ),
    "TRON address": lambda rng: f"sent to {base58check(b'A' + rng.randbytes(20))} on TRC20",
    "Bitcoin address": lambda rng: f"from {base58check(bytes(1) + rng.randbytes(20))}",
    "Bitcoin address, bech32": lambda rng: f"bc1q{''.join(rng.choices('023456789acdefghjklmnpqrstuvwxyz', k=38))}",
    "Solana address": lambda rng: f"wallet {base58(rng.randbytes(32))} is empty",
    "Solana transaction": lambda rng: f"tx {base58(rng.randbytes(64))} failed",
    "extended public key": lambda rng: base58check(bytes.fromhex("0488b21e") + rng.randbytes(74)),
    "padded topic": lambda rng: f"private key? no: 0x{'0' * 24}{rng.randbytes(20).hex()}",
    "amount": lambda rng: f"{rng.random() * 1e6:.18f} USDT, order {rng.randrange(10**18)}",
}
MESSAGES = (
    "hi",
    "My transfer of 200 USDT from the exchange has not arrived since yesterday evening, what can I do?",
    "I forgot my recovery phrase, is there any way to get my money back? Please help me, thank you very much!",
    "Someone asked me for my 12 word seed phrase and my private key. Is that really you?",
    "你好，我昨天从交易所提了 200 USDT 到钱包，一直没有到账，请帮我看一下。",
    "助记词丢了怎么办？私钥能不能恢复？",
    "ウォレットに送金しましたが、まだ届いていません。トランザクションは成功しています。",
    "지갑으로 보냈는데 아직 안 들어왔어요. 거래 해시는 아래에 있습니다.",
    "Tôi quên cụm từ khôi phục, làm sao lấy lại ví?",
    "Ich habe meinen privaten Schlüssel verloren. Was nun?",
    "Не приходит перевод, хеш транзакции отправлю следующим сообщением.",
    "I think you should know that this is very important: I can only use the app at home, and they want all the "
    "people to wait until the next day before any of them can try it again. There must be some way, right?",
    "help help help help help help help help help help help help help help",
    "Step one: open the app. Step two: press the menu button. Step three: choose network, then add custom token.",
    "{\n  \"error\": {\"code\": -32000, \"message\": \"insufficient funds for gas * price + value\"}\n}",
    "at Object.send (index.js:12)\n at process.next (node:internal:95)\n at async Promise.all (index 0)",
    "12 USDT, 13 ETH, 15.5 TRX, 18 SOL, 21 BNB and 24 DOGE are missing. I sent them on Monday at 10:15.",
    "مرحبا، لم يصل التحويل إلى محفظتي منذ أمس",
)  # fmt: skip
