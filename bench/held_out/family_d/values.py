"""Keys, cards, codes and passwords as the people of family D have them."""

import base64
import json
import random
from collections.abc import Callable

from bench.held_out.family_d.voices import people, pick
from bench.held_out.keys import KEYS, base58, bech32, checked

Maker = Callable[[random.Random], str]
Parts = tuple[str, str, str]  # what stands before the secret, the secret, what stands after it


def _of(form: str) -> Maker:
    return KEYS[form][1]


def _wif_of(version: bytes) -> Maker:
    return lambda rng: checked(version + rng.randbytes(32) + b"\x01")


def _near(rng: random.Random) -> str:
    return "ed25519:" + base58(rng.randbytes(64))


def _filecoin(rng: random.Random) -> str:
    inner = {"Type": "secp256k1", "PrivateKey": base64.b64encode(rng.randbytes(32)).decode()}
    return json.dumps(inner, separators=(",", ":")).encode().hex()


def _broken(rng: random.Random) -> str:
    """Copied from a paper or mail that ended its line in the key."""
    text = rng.randbytes(32).hex()
    cut = rng.choice([16, 32, 32, 40, 48])
    return text[:cut] + rng.choice(["\n", " ", "\n"]) + text[cut:]


# Form of the key: its maker, its weight.
FORMS: dict[str, tuple[Maker, float]] = {
    "evm_hex": (_of("EVM hex"), 18),
    "evm_0x_hex": (_of("EVM 0x hex"), 19),
    "evm_hex_capitals": (_of("EVM HEX"), 2.5),
    "evm_hex_broken": (_broken, 1.5),
    "tron_hex": (_of("Cosmos or TRON hex"), 5),
    "wif": (_of("WIF"), 13),
    "litecoin_wif": (_wif_of(b"\xb0"), 1.5),
    "dogecoin_wif": (_wif_of(b"\x9e"), 1.5),
    "extended_key": (_of("extended key"), 5),
    "bip38": (_of("BIP-38"), 2.5),
    "solana_base58": (_of("Solana base58"), 12),
    "solana_array": (_of("Solana array"), 4),
    "eos": (_of("EOS"), 1.5),
    "xrp_seed": (_of("XRP seed"), 3.5),
    "stellar": (_of("Stellar secret"), 3.5),
    "tezos": (_of("Tezos edsk"), 1.5),
    "sui": (_of("Sui"), 3.5),
    "near": (_near, 1.5),
    "aptos": (lambda rng: "ed25519-priv-0x" + rng.randbytes(32).hex(), 1.5),
    "nostr": (lambda rng: bech32("nsec", rng.randbytes(32)), 1.5),
    "cardano": (lambda rng: bech32("ed25519e_sk", rng.randbytes(64)), 1),
    "ton_base64": (lambda rng: base64.b64encode(rng.randbytes(64)).decode(), 1),
    "filecoin": (_filecoin, 0.7),
    "keystore": (_of("keystore JSON"), 3.5),
    "pem": (_of("PEM"), 1.5),
}
HEX = {"evm_hex", "evm_0x_hex", "evm_hex_capitals", "evm_hex_broken", "tron_hex"}  # alone they look like a hash


def split(form: str, text: str) -> Parts:
    """Of a keystore the ciphertext is the secret, of a PEM block its body."""
    if form == "keystore":
        cipher = str(json.loads(text)["crypto"]["ciphertext"])
    elif form == "pem":
        cipher = "\n".join(text.split("\n")[1:-1])
    else:
        cipher = text
    before, after = text.split(cipher, 1)
    return before, cipher, after


def luhn(digits: str) -> str:
    total = sum(sum(divmod(int(digit) * (2 - at % 2), 10)) for at, digit in enumerate(reversed(digits)))
    return digits + str(-total % 10)


# First digits and length: its weight. Shares of the world's cards, roughly.
CARDS: dict[tuple[str, int], float] = {
    ("4", 16): 48, ("5", 16): 26, ("22", 16): 4, ("37", 15): 5, ("34", 15): 1, ("62", 16): 6, ("62", 19): 3,
    ("6011", 16): 2, ("35", 16): 2, ("9792", 16): 1, ("6521", 16): 2, ("36", 14): 0.5, ("5067", 16): 1,
}  # fmt: skip


def card(rng: random.Random, language: str) -> tuple[str, str]:
    """The number, and how it is grouped."""
    head, size = pick(rng, CARDS)
    if head == "5":
        head += rng.choice("12345")
    if head == "22":
        head = str(rng.randrange(2221, 2721)) if rng.random() < 0.5 else "220" + rng.choice("01234")
    if head == "35":
        head = str(rng.randrange(3528, 3590))
    digits = luhn(head + "".join(rng.choice("0123456789") for _ in range(size - len(head) - 1)))
    name = pick(
        rng,
        {
            "in fours": 48.0,
            "run together": 34,
            "with dashes": 9,
            "with dots": 2,
            "with wide gaps": 2,
            "in lines": 1,
            "own": 4,
        },
    )
    if name == "own":
        own = people()["digits"].get(language)
        if own:
            return digits.translate(str.maketrans("0123456789", own)), "card in own digits"
        name = "run together"
    mark = {
        "in fours": " ",
        "run together": "",
        "with dashes": "-",
        "with dots": ".",
        "with wide gaps": "  ",
        "in lines": "\n",
    }[name]
    cuts = {15: [4, 10], 14: [4, 10], 19: [6] if rng.random() < 0.3 else [4, 8, 12, 16]}.get(size, [4, 8, 12])
    return mark.join(digits[a:b] for a, b in zip([0, *cuts], [*cuts, size], strict=True)), f"card {name}"


def code(rng: random.Random, language: str) -> tuple[str, str]:
    def some(count: int, marks: str = "0123456789") -> str:
        return "".join(rng.choice(marks) for _ in range(count))

    name = pick(rng, {"six": 62.0, "four": 8, "five": 5, "seven": 2, "eight": 5, "halves": 9, "letters": 3,
                      "G- before": 2, "backup code": 2.5, "own digits": 1.5})  # fmt: skip
    if name == "halves":
        return some(3) + rng.choice([" ", " ", "-"]) + some(3), "code in halves"
    if name == "letters":
        return some(rng.choice([5, 6, 6, 8]), "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"), "code of letters"
    if name == "G- before":
        return "G-" + some(6), "code with G- before"
    if name == "backup code":
        ways = [
            lambda: f"{some(4)} {some(4)}",
            lambda: "-".join(some(4, "abcdefghjkmnpqrstuvwxyz23456789") for _ in "12"),
        ]
        return rng.choice(ways)(), name
    own = people()["digits"].get(language)
    if name == "own digits" and own:
        return some(6, own), "code in own digits"
    size = {"four": 4, "five": 5, "seven": 7, "eight": 8}.get(name, 6)
    return some(size), f"{ {4: 'four', 5: 'five', 7: 'seven', 8: 'eight'}.get(size, 'six') } digits"


NAMES = {
    "": "Jessica michael Daniel sunshine dragon Liverpool charlie Buddy princess shadow Monkey summer Football crypto",
    "es": "Valentina mateo realmadrid Camila tequiero Santiago luna",
    "pt": "Flamengo gabriel mariaclara Corinthians amor lucas",
    "fr": "chouchou Camille marseille loulou Doudou azerty Nicolas",
    "de": "Schatz hamburg Lukas sommer Bayern Mausi hallo",
    "it": "juventus Francesca amoremio Napoli ciao matteo",
    "ru": "natasha Zenit Privet lubov Sergey пароль Наташа qwe",
    "uk": "kyiv Olena dynamo слава Taras",
    "tr": "galatasaray Fenerbahce zeynep Mehmet canim aslan",
    "vi": "anhyeuem matkhau Saigon nguyen hanoi Linhxinh",
    "id": "sayang Bismillah persib Rahasia indonesia putri",
    "ar": "mohamed Habibi Yousef Ahmed Fatima",
    "hi": "krishna Jaimatadi omsairam Priya india rahul",
    "th": "somchai Bangkok rakkun nong Malee",
    "zh": "woaini wang lihua Zhang qwe5201314 mima asd",
    "zh-Hant": "taiwan meimei Chen ji3g4 love520",
    "ja": "sakura Takahashi hanako pikachu Yamada neko",
    "ko": "tkfkdgo dkssud minsu Kimchi gksrnr sarang",
    "pl": "kasia Polska misiek Legia haslo",
    "nl": "Ajax welkom Feyenoord lieverd",
    "cs": "heslo Sparta lucinka Pavel",
    "fa": "parsa Tehran esteghlal Maryam eshgh",
}
LETTERS = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def password(rng: random.Random, language: str) -> tuple[str, str]:
    name = pick(
        rng, {"name and number": 62.0, "of a manager": 16, "keys beside": 7, "several words": 7, "substituted": 8}
    )
    pool = (NAMES.get(language, "") + " " + NAMES[""]).split() if rng.random() < 0.6 else NAMES[""].split()
    number = rng.choice(
        [str(rng.randrange(1955, 2016)), str(rng.randrange(10, 100)), "123", "1234", str(rng.randrange(10**4, 10**6))]
    )
    if name == "of a manager":
        marks = LETTERS + "!@#$%^&*-_+=?" if rng.random() < 0.7 else LETTERS
        return "".join(rng.choice(marks) for _ in range(rng.randrange(10, 25))), name
    if name == "keys beside":
        ways = ["qwerty", "1q2w3e4r", "asdfgh", "zxcvbnm", "qazwsx", "1qaz2wsx", "poiuyt", "qwe123"]
        ways += {"fr": ["azertyuiop", "azerty12"], "ru": ["йцукен", "йцукенг"], "de": ["qwertz"]}.get(language, [])
        return rng.choice(ways) + rng.choice(["", "!", number, number + "!"]), name
    if name == "several words":
        words = [rng.choice(pool) for _ in range(rng.choice([2, 3, 3, 4]))]
        return rng.choice(["-", "_", ".", ""]).join(words) + rng.choice(["", number]), name
    base = rng.choice(pool)
    if name == "substituted":
        base = base.translate(str.maketrans("aioes", "@103$"))
    text = base + rng.choice(["", "", "_", ".", "@", "#"]) + number + rng.choice(["", "", "!", "!!", "*", "?", "$"])
    return text if rng.random() < 0.9 else number + base, name


def pin(rng: random.Random) -> tuple[str, str]:
    return "".join(rng.choice("0123456789") for _ in range(pick(rng, {4: 40.0, 6: 30, 8: 18, 5: 12}))), "PIN"
