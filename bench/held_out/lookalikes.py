"""What looks like a secret and is none: hashes, addresses, numbers, lists and verses of everyday words, code, logs."""

import base64
import json
import random
import uuid
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from bench.held_out.keys import BECH32, base58, bech32, checked, crc16
from bench.held_out.keys import RIPPLE as RIPPLE_ALPHABET

Make = Callable[[random.Random], str]


def _stellar(rng: random.Random) -> str:
    data = b"\x30" + rng.randbytes(32)
    return base64.b32encode(data + crc16(data).to_bytes(2, "little")).decode()


def _mixed(rng: random.Random, letters: str, size: int) -> str:
    return "".join(rng.choice(letters) for _ in range(size))


def _not_luhn(rng: random.Random) -> str:
    """Sixteen digits that are no card: their check digit is wrong."""
    digits = _mixed(rng, "123456789", 15)
    total = sum(sum(divmod(int(digit) * (2 - at % 2), 10)) for at, digit in enumerate(reversed(digits)))
    return digits + str((-total + rng.randrange(1, 10)) % 10)


HASHES: dict[str, Make] = {
    "hash 0x": lambda rng: "0x" + rng.randbytes(32).hex(),
    "hash": lambda rng: rng.randbytes(32).hex(),
    "hash, Solana signature": lambda rng: base58(rng.randbytes(64)),
    "hash, TON": lambda rng: base64.b64encode(rng.randbytes(32)).decode(),
    "hash in a link": lambda rng: "https://etherscan.io/tx/0x" + rng.randbytes(32).hex(),
}
ADDRESSES: dict[str, Make] = {
    "EVM address": lambda rng: "0x" + rng.randbytes(20).hex(),
    "Bitcoin 1": lambda rng: checked(b"\0" + rng.randbytes(20)),
    "Bitcoin 3": lambda rng: checked(b"\5" + rng.randbytes(20)),
    "Bitcoin bc1": lambda rng: "bc1q" + _mixed(rng, BECH32, 38),
    "Bitcoin taproot": lambda rng: "bc1p" + _mixed(rng, BECH32, 58),
    "xpub": lambda rng: checked(bytes.fromhex("0488B21E") + rng.randbytes(41) + b"\x02" + rng.randbytes(32)),
    "TRON address": lambda rng: checked(b"\x41" + rng.randbytes(20)),
    "Solana address": lambda rng: base58(rng.randbytes(32)),
    "XRP address": lambda rng: checked(b"\0" + rng.randbytes(20), RIPPLE_ALPHABET),
    "Stellar address": _stellar,
    "EOS name": lambda rng: _mixed(rng, "abcdefghijklmnopqrstuvwxyz12345", 12),
    "EOS public key": lambda rng: "EOS" + base58(b"\x02" + rng.randbytes(36)),
    "Cosmos address": lambda rng: bech32("cosmos", rng.randbytes(20)),
    "Cardano address": lambda rng: bech32("addr", rng.randbytes(57)),
    "TON address": lambda rng: base64.urlsafe_b64encode(b"\x11\0" + rng.randbytes(34)).decode(),
    "Sui or Aptos address": lambda rng: "0x" + rng.randbytes(32).hex(),
    "Tezos address": lambda rng: checked(b"\x06\xa1\x9f" + rng.randbytes(20)),
}
NUMBERS: dict[str, Make] = {
    "order": lambda rng: f"{rng.choice(['#', 'ORD-', 'A', ''])}{rng.randrange(10**7, 10**9)}",
    "invoice": lambda rng: f"INV-{rng.randrange(2019, 2027)}-{rng.randrange(10**5):05}",
    "phone": lambda rng: (
        f"+{rng.randrange(1, 99)} {rng.randrange(100, 999)} {rng.randrange(100, 999)} {rng.randrange(1000, 9999)}"
    ),
    "parcel": lambda rng: "1Z" + _mixed(rng, "0123456789ABCDEFGHJKLMNPRSTUVWXYZ", 16),
    "sixteen digits": _not_luhn,
    "reference": lambda rng: (
        f"HF-{_mixed(rng, '0123456789ABCDEFGHJKMNPQRSTVWXYZ', 4)}-{_mixed(rng, '0123456789ABCDEFGHJKMNPQRSTVWXYZ', 4)}"
    ),
    "amount": lambda rng: f"{rng.randrange(10**6)}.{rng.randrange(10**18):018}",
}
TECHNICAL: dict[str, Make] = {
    "uuid": lambda rng: str(uuid.UUID(bytes=rng.randbytes(16))),
    "git": lambda rng: f"commit {rng.randbytes(20).hex()}\nAuthor: Kim <kim@example.org>\n\n    Repair the exit {rng.randbytes(4).hex()}",
    "base64": lambda rng: "data:image/png;base64," + base64.b64encode(rng.randbytes(rng.randrange(40, 300))).decode(),
    "checksum": lambda rng: f"sha256:{rng.randbytes(32).hex()}  wallet-2.{rng.randrange(9)}.apk",
    "log": lambda rng: (f"2026-{rng.randrange(1, 13):02}-11T09:{rng.randrange(60):02}:07Z INFO rpc eth_getTransactionReceipt "
                        f"hash=0x{rng.randbytes(32).hex()} status=200 {rng.randrange(900)}ms"),
    "stack": lambda rng: (f"Error: nonce too low at send (wallet.js:{rng.randrange(999)}:17) at process (queue.js:{rng.randrange(99)}:5) "
                          f"data=0xa9059cbb{'0' * 24}{rng.randbytes(20).hex()}{'0' * 48}{rng.randbytes(8).hex()}"),
    "ip": lambda rng: f"I get 403 from {rng.randrange(255)}.{rng.randrange(255)}.7.{rng.randrange(255)}, MAC {rng.randbytes(6).hex(':')}",
    "link": lambda rng: f"https://example.org/a/{_mixed(rng, 'abcdefghijkmnopqrstuvwxyzABCDEFGHIJK0123456789-_', 43)}?s={rng.randrange(10**9)}",
    "signature": lambda rng: "0x" + rng.randbytes(65).hex(),
}  # fmt: skip

# Everyday words as lists have them. Most lists of people are shorter than a phrase; the words come as they come.
THINGS = {
    "shopping": "milk, eggs, butter, cheese, apples, onions, rice, salt, sugar, tuna, bread, pepper, olive oil, tomatoes, "
    "coffee, tea bags, bananas, honey, garlic, salad, chicken, beans, flour, lemons, soap, napkins, cat food",
    "animals": "cat, dog, horse, cow, fox, wolf, tiger, lion, zebra, eagle, rabbit, turtle, whale, shrimp, hen, mouse, "
    "giraffe, parrot, owl, snake, frog, beetle, salmon, donkey, goose, sheep, bear, squirrel",
    "packing": "jacket, umbrella, socks, camera, charger, passport, toothbrush, blanket, book, glasses, tent, rope, lamp, "
    "shirts, wallet, ticket, medicine, pencil, map, water bottle, hat, gloves, towel",
    "crossword": "ocean, ivory, reef, tundra, echo, orbit, essay, alto, opera, stem, arrow, canal, elbow, idle, ledge, noble, "
    "oasis, pact, quilt, rover, saga, tenor, usher, vivid, wharf, yeast, zenith, abyss, lyric, knack",
}
VERSES = (
    "The river sings a {a} song, the {b} moon is pale and long, and I who wander {c} and alone must find the {d} way to home",
    "Oh {a} sun, oh {b} sea, come and carry the {c} back to me; the {d} night is over, the morning is free",
    "Happy birthday to the {a}, happy birthday to the {b}, may your {c} be bright and your {d} be long",
    "When the {a} is cold and the {b} is old, we tell the {c} a story of {d} and gold",
    "My {a} ate the {b} at lunch, so I could not open the {c}; can you believe how {d} this day is?",
)
PROSE = (
    "Yesterday I tried to {a} the {b} in the app, but the {c} button did not {d}. I waited an hour and tried again.",
    "The seed of a {a} grows in the {b}; twelve words of thanks to the {c} who helped us {d} it.",
    "Please {a} me why the {b} network asks a fee when I only {c} one {d}.",
    "I was born in {a} street, worked as a {b} for years, and now my {c} is gone and I feel like a {d}.",
)


@cache
def sentences() -> dict[str, dict[str, list[str]]]:
    read: dict[str, dict[str, list[str]]] = json.loads((Path(__file__).parent / "lookalikes.json").read_text())
    return read


def _list(rng: random.Random, name: str) -> str:
    chosen = rng.sample(THINGS[name].split(", "), rng.randrange(4, 11))
    form = rng.randrange(4)
    if form == 0:
        return f"{name} list: " + ", ".join(chosen[:-1]) + " and " + chosen[-1]
    if form == 1:
        return "\n".join(f"- {thing}" for thing in chosen)
    if form == 2:
        return "\n".join(f"{at}. {thing}" for at, thing in enumerate(chosen, 1))
    return "Across: " + "; ".join(f"{rng.randrange(1, 60)} {thing} ({len(thing)})" for thing in chosen)


def _filled(rng: random.Random, lines: tuple[str, ...]) -> str:
    from bench.held_out.phrases import words_of  # noqa: PLC0415 (only these two need the list)

    words = words_of("english")
    return "\n".join(
        line.format(**{key: rng.choice(words) for key in "abcd"}) for line in rng.sample(lines, rng.randrange(1, 4))
    )


def lookalikes(count: int, seed: int) -> Iterator[tuple[str, str]]:
    """(class, text), `count` of them; the class says whether there was a sentence around."""
    rng = random.Random(seed)
    groups = {"hash": HASHES, "address": ADDRESSES, "number": NUMBERS}
    for _ in range(count):
        group = rng.choice([*groups, "technical", "list", "verse", "prose"])
        if group in groups:
            name = rng.choice(list(groups[group]))
            text = groups[group][name](rng)
            if rng.random() < 0.7:
                name += ", in a sentence"
                frames = sentences()[rng.choice(list(sentences()))][group]
                text = rng.choice(frames).format(x=text)
        elif group == "technical":
            name = rng.choice(list(TECHNICAL))
            text = TECHNICAL[name](rng)
        elif group == "list":
            name = rng.choice(list(THINGS))
            text = _list(rng, name)
        else:
            name, text = group, _filled(rng, VERSES if group == "verse" else PROSE)
        yield name, text
