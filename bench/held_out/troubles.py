"""More ways: what people say in between, what machines do to a phrase, and phrases over several messages."""

import random
from collections.abc import Callable

from bench.held_out.layouts import ENGLISH, LAYOUTS, UNSEEN, Layout, Person, around, joined, numbered, spaces
from bench.held_out.sample import STRAY, Piece

FILLERS = {
    "en": ["um", "uh", "okay", "so", "then", "next", "comma", "and", "like", "let me see", "sorry"],
    "de": ["ähm", "dann", "also", "Komma", "und", "als nächstes", "Moment"],
    "fr": ["euh", "ensuite", "virgule", "et", "alors", "voilà", "attendez"],
    "es": ["eh", "luego", "coma", "y", "este", "a ver", "después"],
    "pt": ["é", "depois", "vírgula", "e", "aí", "deixa eu ver"],
    "it": ["ehm", "poi", "virgola", "e", "allora", "aspetti"],
    "ru": ["э", "потом", "запятая", "и", "так", "сейчас"],
    "tr": ["şey", "sonra", "virgül", "ve", "bir dakika"],
    "ja": ["えーと", "つぎ", "てん", "あの", "それから"],
    "ko": ["어", "다음", "쉼표", "그리고", "잠깐"],
    "zh-Hans": ["嗯", "然后", "逗号", "接着", "那个"],
    "zh-Hant": ["嗯", "然後", "逗號", "再來", "那個"],
    "ar": ["يعني", "ثم", "فاصلة", "و"],
}
BACKUPS = [
    ("MetaMask\nSecret Recovery Phrase\nWrite down this 12-word Secret Recovery Phrase and save it in a place that you "
     "trust and only you can access.\n\n", "\n\nHide seed phrase  Copy to clipboard"),
    ("Trust Wallet - Secret phrase\nNever share your secret phrase with anyone.\n", "\nCopy to Clipboard  Continue"),
    ("助记词备份\n请按顺序抄写助记词,确保备份正确。\n", "\n下一步"),
    ('{\n  "wallet_type": "standard",\n  "use_encryption": false,\n  "keystore": {"type": "bip32", "seed": "',
     '", "passphrase": ""}\n}'),
    ('MNEMONIC="', '"\nINFURA_KEY=ask-admin\n'),
    ("export SEED='", "' && npx hardhat run deploy.js"),
    ("mnemonic: ", "\nderivation: m/44'/195'/0'/0/0"),
    ("RECOVERY SHEET  do not photograph\n", "\nDate 03/11/2021  Signature ________"),
    ("-----Original Message-----\nFrom: me\nTo: me\nSubject: do not lose\n\n", "\n\nSent from my iPhone"),
    ("wallet.restore({ mnemonic: '", "', network: 'mainnet' })"),
]  # fmt: skip


def backup(rng: random.Random, words: list[str], person: Person) -> list[Piece]:
    before, after = rng.choice(BACKUPS)
    inner = rng.choice([spaces, numbered]) if "\n" in before[-2:] else spaces
    return [(before, None), *inner(rng, words, person), (after, None)]


def talking(pieces: list[Piece]) -> list[Piece]:
    """What stands between is said by the writer: its words are stray ones."""
    return [(text, STRAY if index is None else index) for text, index in pieces]


def speech(rng: random.Random, words: list[str], person: Person) -> list[Piece]:
    """A transcript of somebody reading aloud: fillers, spoken numbers and commas, no other signs."""
    fillers = FILLERS.get(str(person["language"]), FILLERS["en"])
    mode = rng.randrange(3)
    if mode == 0:
        return around(
            words, lambda at: (f"number {ENGLISH[at] if at < len(ENGLISH) else at + 1} ", ""), rng.choice([" ", ", "])
        )
    if mode == 1:
        comma = fillers[min(len(fillers) - 1, 2)]
        return talking(joined(words, lambda: f" {comma} "))
    share = rng.uniform(0.1, 0.4)
    return talking(joined(words, lambda: f" {rng.choice(fillers)} " if rng.random() < share else " "))


def talk_inside(rng: random.Random, words: list[str], person: Person) -> list[Piece]:
    """Sentences, apologies and greetings between groups of words."""
    inside = person["inside"]
    assert isinstance(inside, list)
    size = rng.choice([3, 4, 5, 6])
    mark = rng.choice([" ", ", ", "\n"])
    pieces: list[Piece] = []
    for at, word in enumerate(words):
        lead = "" if at == 0 else f"{mark}{rng.choice(inside)} " if at % size == 0 else mark
        pieces += [(lead, STRAY), (word, at)]
    return pieces


def stray_words(rng: random.Random, words: list[str], person: Person) -> list[Piece]:
    fillers = FILLERS.get(str(person["language"]), FILLERS["en"])
    strays = set(rng.sample(range(1, len(words)), max(1, len(words) // 8)))
    return talking(joined_at(words, lambda at: f" {rng.choice(fillers)} " if at in strays else " "))


def joined_at(words: list[str], between: Callable[[int], str]) -> list[Piece]:
    pieces: list[Piece] = []
    for index, word in enumerate(words):
        pieces += [(between(index) if index else "", None), (word, index)]
    return pieces


def doubled(rng: random.Random, words: list[str], _: Person) -> list[Piece]:
    """Some or all words written twice, as people do when they are unsure."""
    share = rng.choice([0.2, 1.0])
    mark = rng.choice([" ", ", ", " = ", " (", "/"])
    pieces: list[Piece] = []
    for index, word in enumerate(words):
        pieces += [(" " if index else "", None), (word, index)]
        if rng.random() < share:
            pieces += [(mark, None), (word, index), (")" if "(" in mark else "", None)]
    return pieces


def crossed_out(rng: random.Random, words: list[str], _: Person) -> list[Piece]:
    """One or two words were wrong, are struck or taken back, and the right one follows."""
    wrong = set(rng.sample(range(len(words)), 2))
    form = rng.choice(["~~{w}~~ ", "{w} no wait ", "<s>{w}</s> ", "{w}(x) ", "{w}* "])
    pieces: list[Piece] = []
    for index, word in enumerate(words):
        lead = " " if index else ""
        if index in wrong:
            lead += form.format(w=rng.choice(words)[::-1])
        pieces += [(lead, STRAY), (word, index)]
    return pieces


def unsure(rng: random.Random, words: list[str], _: Person) -> list[Piece]:
    mark = rng.choice(["?", "??", " ?", " (?)", "!", "...", "✓", " ok"])
    return around(words, lambda _: ("", mark if rng.random() < 0.5 else ""), " ")


def backwards(rng: random.Random, words: list[str], _: Person) -> list[Piece]:
    """Last word first; with numbers that count down or without."""
    count = rng.random() < 0.5
    pieces: list[Piece] = []
    for index in reversed(range(len(words))):
        number = f"{index + 1}. " if count else ""
        pieces += [(("\n" if count else " ") + number if pieces else number, None), (words[index], index)]
    return pieces


def shuffled(rng: random.Random, words: list[str], _: Person) -> list[Piece]:
    """In any order, each with its number."""
    order = rng.sample(range(len(words)), len(words))
    between = rng.choice([", ", "\n", " "])
    pieces: list[Piece] = []
    for place, index in enumerate(order):
        pieces += [((between if place else "") + f"{index + 1}) ", None), (words[index], index)]
    return pieces


def unseen_between(rng: random.Random, words: list[str], _: Person) -> list[Piece]:
    mark = rng.choice(UNSEEN)
    return joined(words, lambda: rng.choice([" " + mark, mark + " ", " " + mark + mark]))


def chat_export(rng: random.Random, words: list[str], _: Person) -> list[Piece]:
    """Lines copied out of a messenger, a word or three on each."""
    size, minute = rng.choice([1, 1, 3]), rng.randrange(10, 50)
    form = rng.choice(["[{m}/11/24, 9:{m}:07] Ana: ", "{m}.11.2024, 21:{m} - Me: ", "Me ({m}:12): ", "9:{m} PM "])
    return joined_at(words, lambda at: " " if at % size else "\n" + form.format(m=minute + at // size % 9))


def mail_quote(_: random.Random, words: list[str], __: Person) -> list[Piece]:
    return [("> > ", None), *joined_at(words, lambda at: " " if at % 4 else "\n> > ")]


def ocr(rng: random.Random, words: list[str], _: Person) -> list[Piece]:
    """Read from a screenshot: bars, stray marks, numbers run into words or read as letters."""
    noise = ["|", "1.", "l.", "~", "'", "©", "_", ".", "-", "»", "O"]

    def lead(at: int) -> tuple[str, str]:
        number = rng.choice([f"{at + 1}.", f"{at + 1}", f"{at + 1},", "l.", ""])
        return number + rng.choice([" ", " ", ""]) + (rng.choice(noise) + " " if rng.random() < 0.15 else ""), ""

    return around(words, lead, rng.choice(["\n", "  ", " "]))


def gap(rng: random.Random, words: list[str], _: Person) -> list[Piece]:
    """One or two words cannot be read."""
    missing = set(rng.sample(range(2, len(words) - 2), rng.choice([1, 1, 2])))
    mark = rng.choice(["???", "____", "(can't read)", "[...]", "xxxx", "..."])
    pieces: list[Piece] = []
    for index, word in enumerate(words):
        lead = " " if index else ""
        pieces += [(lead + mark, STRAY)] if index in missing else [(lead, None), (word, index)]
    return pieces


def with_index(rng: random.Random, words: list[str], _: Person) -> list[Piece]:
    """Beside each word its number in the list, as some metal plates have it."""
    return around(words, lambda _: ("", f" {rng.randrange(2048):04}"), rng.choice(["\n", "  ", ", "]))


def twice(rng: random.Random, words: list[str], person: Person) -> list[Piece]:
    """The whole phrase, and again."""
    return [*spaces(rng, words, person), (rng.choice(["\n\n", "\n", " / "]), None), *spaces(rng, words, person)]


def passphrase(rng: random.Random, words: list[str], person: Person) -> list[Piece]:
    return [
        *spaces(rng, words, person),
        (rng.choice(["\n25th word: Moonlight77", " + passphrase hunter2", " (PIN 4471)"]), None),
    ]


def right_to_left(rng: random.Random, words: list[str], person: Person) -> list[Piece]:
    return [
        ("\u202b", None),
        *LAYOUTS[rng.choice(["spaces", "numbered", "commas"])](rng, words, person),
        ("\u202c", None),
    ]


TROUBLES: dict[str, Layout] = {
    "wallet's backup": backup,
    "read aloud": speech,
    "talk inside": talk_inside,
    "stray words": stray_words,
    "doubled words": doubled,
    "crossed out": crossed_out,
    "question marks": unsure,
    "backwards": backwards,
    "shuffled with numbers": shuffled,
    "unseen marks between": unseen_between,
    "copied chat": chat_export,
    "quoted mail": mail_quote,
    "screenshot's text": ocr,
    "words missing": gap,
    "with list index": with_index,
    "written twice": twice,
    "with passphrase": passphrase,
    "right to left": right_to_left,
}


def cut(rng: random.Random, pieces: list[Piece], person: Person, way: str) -> list[list[Piece]]:
    """Spreads a message over several. A cut falls before what stands between two words."""
    count = 1 + max((index for _, index in pieces if index is not None), default=0)
    if way == "word by word":
        starts = set(range(1, count))
    elif way == "halves":
        starts = {count // 2}
    elif way == "threes and fours":
        size = rng.choice([3, 4, 6])
        starts = set(range(size, count, size))
    else:
        starts = set(rng.sample(range(1, count), rng.randrange(1, min(8, count - 1))))
    messages: list[list[Piece]] = [[]]
    seen = -1
    for text, index in pieces:
        if index is not None and index != seen:
            seen = index
            if index in starts:
                messages.append([])
        messages[-1].append((text, index))
    if way == "cut with talk":
        inside = person["inside"]
        assert isinstance(inside, list)
        for at in range(1, len(messages)):
            messages[at].insert(0, (f"{rng.choice(inside)} ", STRAY))
        messages.insert(rng.randrange(1, len(messages)), [(rng.choice(inside), STRAY)])
    if way == "numbered parts":
        for at, message in enumerate(messages):
            message.insert(0, (f"{str(person['part']).format(n=at + 1)}: ", None))
    return messages


CUTS = ("halves", "threes and fours", "cut anywhere", "word by word", "cut with talk", "numbered parts")
