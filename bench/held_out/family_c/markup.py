"""Words in tables, code, quotes and other markup."""

import random

from bench.held_out.family_c.rows import around, batched, joined, word
from bench.held_out.family_c.slips import Entry
from bench.held_out.sample import Piece


def marked_up(rng: random.Random, name: str, entries: list[Entry], words: list[list[Piece]]) -> list[Piece]:
    line = joined(words, " ")
    if name == "quoted words":
        left, right, gap = rng.choice(
            [*[(one, one, gap) for one in "\"'" for gap in " ,;"], ("“", "”", " "), ("«", "»", " ")]
        )
        return joined([around(left, row, right) for row in words], gap + (" " if gap == "," else ""))
    if name == "bracketed words":
        left, right = rng.choice([("(", ")"), ("[", "]"), ("<", ">"), ("{", "}")])
        return joined([around(left, row, right) for row in words], rng.choice([" ", ""]))
    if name == "in quotes":
        left, right = rng.choice([('"', '"'), ("'", "'"), ("“", "”"), ("«", "»"), ("「", "」"), ("„", "“")])
        return around(left, line, right)
    if name == "in brackets":
        left, right = rng.choice([("(", ")"), ("[", "]"), ("{", "}"), ("<", ">"), ("**", "**")])
        return around(left, line, right)
    if name == "code block":
        left, right = rng.choice(
            [("```\n", "\n```"), ("`", "`"), ("```", "```"), ("<code>", "</code>"), ("```text\n", "\n```")]
        )
        return around(left, joined(words, "\n") if "\n" in left and rng.random() < 0.3 else line, right)
    if name == "mail quote":
        rows = [joined(row, " ") for row in batched(words, rng.choice([1, 4, 6]))]
        sign = rng.choice(["> ", ">", ">> ", "| "])
        return joined([[(sign, None), *row] for row in rows], "\n")
    if name in {"chat copied", "table", "csv"}:
        return _tables(rng, name, entries, words)
    if name == "json":
        return _json(rng, entries, words)
    if name == "yaml":
        return around("seed:\n  - ", joined(words, "\n  - "), "\n")
    if name == "html":
        left, right, outer = rng.choice([("<li>", "</li>", "ol"), ("<td>", "</td>", "tr"), ("<p>", "</p>", "div")])
        return around(f"<{outer}>", joined([around(left, row, right) for row in words], ""), f"</{outer}>")
    if name == "environment":
        left, right = rng.choice(
            [('MNEMONIC="', '"'), ("SEED_PHRASE=", ""), ("mnemonic: '", "'"), ('const seed = "', '";')]
        )
        return around(left, line, right)
    sign = rng.choice(["word{n}=", "word{n}: ", "seed_{n}=", "w{n}: ", "word_{n} = "])
    gap = rng.choice(["\n", "\n", ", ", "&"])
    return joined([[(sign.format(n=entry.number), None), *word(entry)] for entry in entries], gap)


def _tables(rng: random.Random, name: str, entries: list[Entry], words: list[list[Piece]]) -> list[Piece]:
    if name == "chat copied":  # from a note to oneself in another messenger, a stamp before each line
        rows = [joined(row, " ") for row in batched(words, rng.choice([1, 1, 3, 4]))]
        day, hour = f"{rng.randrange(1, 13)}/{rng.randrange(1, 29)}/{rng.randrange(22, 27)}", rng.randrange(24)
        stamp = rng.choice(["[{d}, {h}:{m:02d}] Anna: ", "{d} {h}:{m:02d} - Me: ", "[{h}:{m:02d}] ", "{h}:{m:02d} "])
        first = rng.randrange(20)
        lines = [[(stamp.format(d=day, h=hour, m=first + at), None), *row] for at, row in enumerate(rows)]
        return joined(lines, "\n")
    if name == "table":
        sign = rng.choice(["| {n} | ", "{n}\t", "|{n}|"])
        head = rng.choice(["| # | word |\n|---|---|\n", ""]) if sign[0] == "|" else rng.choice(["No.\tWord\n", ""])
        end = {"| {n} | ": " |", "|{n}|": "|"}.get(sign, "")
        rows = [around(sign.format(n=entry.number), word(entry), end) for entry in entries]
        return around(head, joined(rows, "\n"), "")
    sign = rng.choice(["{n},", "{n};", '"{n}","'])
    end = '"' if sign.endswith('"') else ""
    rows = [around(sign.format(n=entry.number), word(entry), end) for entry in entries]
    return around(rng.choice(["index,word\n", "", "#;word\n"]), joined(rows, "\n"), "")


def _json(rng: random.Random, entries: list[Entry], words: list[list[Piece]]) -> list[Piece]:
    kind = rng.choice(["list", "list", "line", "numbers"])
    if kind == "line":
        return around(rng.choice(['{"mnemonic": "', '{"seed":"', '{\n  "phrase": "']), joined(words, " "), '"}')
    if kind == "numbers":
        rows = [around(f'"{entry.number}": "', word(entry), '"') for entry in entries]
        return around("{", joined(rows, rng.choice([", ", ",\n "])), "}")
    rows = [around('"', row, '"') for row in words]
    return around("[", joined(rows, rng.choice([", ", ",", ",\n  "])), "]")
