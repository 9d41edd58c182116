"""What people say around their words: sentences of 22 languages, and the small things they name in them."""

import json
import random
import re
from functools import cache
from pathlib import Path

from bench.held_out.sample import STRAY, Piece

HERE = Path(__file__).parent
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
HOLE = re.compile(r"\{(\w+)\}")

Voice = dict[str, list[str]]

# Who writes with a list that belongs to no country; a list of a country is written by its people mostly.
EVERYBODY = {
    "en": 36, "de": 8, "ru": 7, "es": 6, "fr": 5, "pt": 5, "tr": 5, "vi": 4, "id": 4, "it": 4, "pl": 4, "nl": 4, "hi": 4,
    "uk": 3, "ar": 3, "fa": 3, "th": 3, "zh-Hans": 4, "zh-Hant": 2, "ja": 3, "ko": 3, "cs": 2,
}  # fmt: skip
AT_HOME = {
    "spanish": "es",
    "french": "fr",
    "italian": "it",
    "portuguese": "pt",
    "czech": "cs",
    "japanese": "ja",
    "korean": "ko",
    "chinese_simplified": "zh-Hans",
    "chinese_traditional": "zh-Hant",
}
HOME, ENGLISH, ELSEWHERE = 84, 11, 5

WALLETS = {
    "": ["MetaMask", "metamask", "Trust Wallet", "trustwallet", "Ledger", "ledger nano", "Phantom", "Exodus", "Trezor"],
    "slip39": ["Trezor", "trezor model T", "Trezor Safe 3", "Keystone"],
    "electrum_old": ["Electrum", "electrum", "electrum 1.9"],
    "electrum_new": ["Electrum", "electrum", "Electrum wallet"],
    "monero": ["Monero GUI", "Cake Wallet", "Feather", "my monero"],
}
NAMES = {
    "": ["Anna", "Marco", "Lucy", "Peter", "Marta", "Tom", "Ines", "Robert", "Elena"],
    "zh-Hans": ["王芳", "李伟", "小陈"],
    "zh-Hant": ["陳美玲", "林先生"],
    "ja": ["佐藤", "田中", "山本"],
    "ko": ["김민수", "이지은"],
    "ru": ["Ольга", "Сергей", "Марина"],
    "uk": ["Оксана", "Тарас"],
    "ar": ["محمد", "سارة"],
    "fa": ["رضا", "مریم"],
    "hi": ["राहुल", "सुनीता"],
    "th": ["สมชาย"],
}


@cache
def voice(language: str) -> Voice:
    """The sentences of a language; a comma-separated row of ordinals or numbers is split."""
    raw = json.loads((HERE / "voices" / f"{language}.json").read_text())
    return {key: value.split(",") if isinstance(value, str) else value for key, value in raw.items()}


def who(rng: random.Random, list_name: str) -> str:
    """The language of somebody who has a phrase of this list."""
    home = AT_HOME.get(list_name)
    if home:
        kind = rng.choices([home, "en", ""], [HOME, ENGLISH, ELSEWHERE])[0]
        if kind:
            return kind
    return rng.choices(list(EVERYBODY), list(EVERYBODY.values()))[0]


def address(rng: random.Random) -> str:
    """Something that looks as an address does; nobody reads its check value here."""
    return rng.choices(
        [
            "0x" + rng.randbytes(20).hex(),
            "bc1q" + "".join(rng.choices(BECH32, k=38)),
            "T" + "".join(rng.choices(BASE58, k=33)),
            rng.choice("13") + "".join(rng.choices(BASE58, k=33)),
        ],
        [5, 3, 2, 1],
    )[0]


def mail(rng: random.Random) -> str:
    name = rng.choice(["anna.k", "mike", "lucia_r", "j.peters", "sunny", "crypto.tom", "maria", "hk"])
    return f"{name}{rng.choice(['', rng.randrange(60, 99), rng.randrange(1970, 2005)])}@" + rng.choice(
        ["gmail.com", "outlook.com", "yahoo.com", "icloud.com", "gmx.net", "mail.ru", "qq.com", "naver.com"]
    )


def own_password(rng: random.Random) -> str:
    """As people choose them."""
    base = rng.choice(
        [
            "bella",
            "Sunshine",
            "juventus",
            "dragon",
            "woaini",
            "natasha",
            "samurai",
            "mahal",
            "Matteo",
            "letmein",
            "Katze",
            "iloveyou",
            "Berlin",
            "qwerty",
            "Moon",
        ]
    )
    forms = [
        f"{base}{rng.randrange(1960, 2025)}",
        f"{base}{rng.randrange(10, 999)}!",
        f"{base.capitalize()}@{rng.randrange(100, 9999)}",
        f"{base}_{rng.choice(['btc', 'wallet', 'x'])}{rng.randrange(1, 99)}",
        f"{base.upper()}{rng.randrange(1, 99)}#{rng.choice('abcxyz')}",
        "".join(
            rng.choices("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789!#$%*-_", k=rng.randrange(10, 18))
        ),
    ]
    return rng.choices(forms, [4, 4, 3, 2, 2, 3])[0]


def value(rng: random.Random, hole: str, language: str, list_name: str) -> str:
    """What fills a hole of a sentence that is no word of the phrase."""
    if hole == "wallet":
        return rng.choice(WALLETS.get(list_name, WALLETS[""]))
    if hole == "name":
        return rng.choice(NAMES.get(language, NAMES[""]))
    if hole == "pin":
        return f"{rng.randrange(10 ** rng.choice([4, 4, 6])):04d}"
    if hole == "password":
        return own_password(rng)
    if hole == "mail":
        return mail(rng)
    if hole == "expiry":
        return f"{rng.randrange(1, 13):02d}/{rng.randrange(26, 33)}"
    if hole == "cvc":
        return f"{rng.randrange(1000):03d}"
    return address(rng)


def fill(
    rng: random.Random, template: str, language: str, list_name: str, words: dict[str, Piece] | None = None
) -> list[Piece]:
    """A sentence as pieces: talk is STRAY, what `words` gives keeps its index."""
    pieces: list[Piece] = []
    for at, part in enumerate(HOLE.split(template)):
        if at % 2 == 0:
            pieces.append((part, STRAY))
        elif words and part in words:
            pieces.append(words[part])
        else:
            pieces.append((value(rng, part, language, list_name), STRAY))
    return [piece for piece in pieces if piece[0]]


NAMES_A_WORD = re.compile(r"\{(word|last|first)\}")


def after(rng: random.Random, language: str) -> str:
    """Something said after the words. Few people say a word of the phrase again."""
    all_of_them = voice(language)["after"]
    naming = rng.random() < 0.03
    return rng.choice([text for text in all_of_them if bool(NAMES_A_WORD.search(text)) == naming])


# Copied with the words: a wallet's screen, an entry of a password manager, a note.
SCREENS = [
    ("Your Secret Recovery Phrase\nWrite down these words in the right order and keep them safe.\n\n", "\n\nContinue"),
    ("Recovery phrase\n", "\nCopy to clipboard"),
    ("Backup\nNever share these words with anyone.\n", "\nI have saved it"),
    ("Secret phrase\n\n", "\n\nHide\nDone"),
]
NOTES = [
    "Title: {wallet}\nUsername: {mail}\nPassword: {password}\nNotes: ",
    "{wallet}\nPIN {pin}\n",
    "Name: {wallet} backup\nType: Secure note\n",
    "Wallet: {wallet}\nAddress: {address}\nSeed: ",
    "{wallet} / {mail} / {password}\n",
]
