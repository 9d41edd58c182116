"""Addresses that imitate ours, made by rule: each family is a trick."""

import random
from collections.abc import Callable

CYRILLIC = str.maketrans("aceopxyis", "асеорхуіѕ")
GREEK = str.maketrans("aoviu", "αονιυ")
ALIKE = {"o": "0", "l": "1", "i": "l", "s": "5", "e": "3", "m": "rn", "w": "vv", "d": "cl"}
TLDS = ("net", "org", "io", "app", "xyz", "help", "co", "info", "site")
ADDED = ("support", "wallet", "secure", "help", "login", "verify", "official", "recovery", "airdrop", "app")
INVISIBLE = "\u200b\u200d\u00ad\u2060"
EVIL = ("evil.com", "secure-pages.net", "web3-login.xyz", "xn--80ak6aa92e.com", "account-check.info")


def _replace_one(rng: random.Random, text: str, table: dict[int, int]) -> str:
    places = [i for i, char in enumerate(text) if ord(char) in table]
    if not places:
        return text
    place = rng.choice(places)
    return text[:place] + chr(table[ord(text[place])]) + text[place + 1 :]


def homoglyph(rng: random.Random, name: str, tld: str) -> str:
    made = _replace_one(rng, name, rng.choice([CYRILLIC, GREEK]))
    return f"{made if made != name else _replace_one(rng, name, CYRILLIC)}.{tld}"


def punycode(rng: random.Random, name: str, tld: str) -> str:
    return f"xn--{_replace_one(rng, name, CYRILLIC).encode('punycode').decode()}.{tld}"


def alike(rng: random.Random, name: str, tld: str) -> str:
    places = [i for i, char in enumerate(name) if char in ALIKE]
    if not places:
        return spelling(rng, name, tld)
    place = rng.choice(places)
    return name[:place] + ALIKE[name[place]] + name[place + 1 :] + "." + tld


def spelling(rng: random.Random, name: str, tld: str) -> str:
    place = rng.randrange(1, len(name) - 1)
    letter = rng.choice("abcdefghijklmnopqrstuvwxyz".replace(name[place], ""))
    made = rng.choice(
        [
            name[:place] + name[place + 1 :],
            name[:place] + letter + name[place:],
            name[:place] + letter + name[place + 1 :],
            name[:place] + name[place] + name[place:],
            name[: place - 1] + name[place] + name[place - 1] + name[place + 1 :],
        ]
    )
    return f"{made if made != name else name + letter}.{tld}"


def ending(rng: random.Random, name: str, tld: str) -> str:
    return f"{name}.{rng.choice([other for other in TLDS if other != tld])}"


def hyphens(rng: random.Random, name: str, tld: str) -> str:
    place = rng.randrange(2, len(name) - 1)
    return f"{name[:place]}-{name[place:]}.{tld}"


def addition(rng: random.Random, name: str, tld: str) -> str:
    word, gap = rng.choice(ADDED), rng.choice(["-", "", "-"])
    made = f"{name}{gap}{word}" if rng.random() < 0.6 else f"{word}{gap}{name}"
    return f"{made}.{rng.choice(TLDS)}"


def front(rng: random.Random, name: str, tld: str) -> str:
    return f"{rng.choice(['', 'www.', 'login.'])}{name}.{tld}.{rng.choice(EVIL)}"


def label(rng: random.Random, name: str, _tld: str) -> str:
    return f"{name}.{rng.choice(EVIL)}"


def userinfo(rng: random.Random, name: str, tld: str) -> str:
    return f"https://{name}.{tld}@{rng.choice(EVIL)}/login"


def invisible(rng: random.Random, name: str, tld: str) -> str:
    place = rng.randrange(1, len(name))
    # It is shown as ours, and read as ours without its invisible letter: with another ending it must be seen.
    return f"{name[:place]}{rng.choice(INVISIBLE)}{name[place:]}.{rng.choice([o for o in TLDS if o != tld])}"


FAMILIES: dict[str, Callable[[random.Random, str, str], str]] = {
    "homoglyph": homoglyph,
    "punycode": punycode,
    "letters alike": alike,
    "spelling": spelling,
    "ending": ending,
    "hyphen": hyphens,
    "addition": addition,
    "front": front,
    "label": label,
    "user info": userinfo,
    "invisible letter": invisible,
}

# Real sites and words that are nobody's imitation.
FOREIGN = (
    "google.com", "wikipedia.org", "bbc.co.uk", "nytimes.com", "amazon.de", "github.com", "baidu.com", "yandex.ru",
    "mercadolibre.com.ar", "naver.com", "rakuten.co.jp", "etherscan.io", "tronscan.org", "coingecko.com", "python.org",
    "debian.org", "mozilla.org", "postgresql.org", "holiday-inn.com", "household.com", "folding.org", "harbor.io",
    "kraken.com", "binance.com", "coinbase.com", "ledger.com", "trezor.io", "metamask.io", "uniswap.org", "opensea.io",
)  # fmt: skip
