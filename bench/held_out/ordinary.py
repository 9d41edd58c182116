"""Ordinary text in many languages, from Debian's packages: manuals, a handbook, essays, sayings, poems.

Downloaded into .cache/ with apt-get, used here only, never shipped. Licences: debian-handbook GPL-2+ or CC-BY-SA-3.0,
installation-guide GPL-2, anarchism GFDL, libreoffice MPL-2.0, fortunes GPL-2+ or public domain.
"""

import html
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

PACKAGES = ("debian-handbook", "installation-guide-amd64", "anarchism", "libreoffice-l10n-th", "fortunes-de",
            "fortunes-es", "fortunes-it", "fortunes-ru", "fortunes-zh")  # fmt: skip
CACHE = Path(__file__).parents[2] / ".cache" / "ordinary"
PER_LANGUAGE = 1_200_000  # bytes; with 25 languages well over the 10 MB that the claim needs
SHORTEST = 20  # code points: below that it is a heading or a number
PARAGRAPH = re.compile(r"<(p|li|dd|td)\b[^>]*>(.*?)</\1>", re.DOTALL)
TAG = re.compile(r"<[^>]+>")


def fetched() -> Path:
    """The unpacked packages; downloads them once. Ends the program without apt or a package list."""
    CACHE.mkdir(parents=True, exist_ok=True)
    for package in PACKAGES:
        mark = CACHE / f"{package}.done"
        if mark.exists():
            continue
        try:
            subprocess.run(["apt-get", "-qq", "download", package], cwd=CACHE, check=True, stdout=subprocess.DEVNULL)
        except (OSError, subprocess.CalledProcessError):
            raise SystemExit(f"{package} cannot be fetched: on a Debian, run apt-get update and try again") from None
        for archive in CACHE.glob(f"{package}_*.deb"):
            subprocess.run(["dpkg", "-x", archive.name, "root"], cwd=CACHE, check=True)
            archive.unlink()
        mark.touch()
    return CACHE / "root"


def messages() -> Iterator[tuple[str, str]]:
    """(language, paragraph), each paragraph once, at most PER_LANGUAGE bytes of a language."""
    seen: set[str] = set()
    sizes: dict[str, int] = {}
    for language, text in _paragraphs(fetched()):
        if len(text) < SHORTEST or text in seen or sizes.get(language, 0) > PER_LANGUAGE:
            continue
        seen.add(text)
        sizes[language] = sizes.get(language, 0) + len(text.encode())
        yield language, text


def long_messages(paragraphs: list[tuple[str, str]], size: int = 20) -> Iterator[str]:
    """The same paragraphs pasted together, `size` at a time: runs over the seams must not alarm either."""
    for at in range(0, len(paragraphs), size):
        yield "\n".join(text for _, text in paragraphs[at : at + size])


def _paragraphs(root: Path) -> Iterator[tuple[str, str]]:
    docs = root / "usr/share/doc"
    for folder in (docs / "debian-handbook/html", docs / "installation-guide-amd64"):
        for place in sorted(path for path in folder.iterdir() if path.is_dir() and path.name != "images"):
            language = place.name.replace("_", "-").split("-")[0]
            if language == "zh":
                language = place.name.replace("_", "-")
            for page in sorted(place.glob("**/*.html")):
                yield from ((language, text) for text in _of_html(page.read_text(errors="replace")))
    for page in sorted((docs / "anarchism/html").glob("sec*.html")):
        yield from (("en", text) for text in _of_html(page.read_text(errors="replace")))
    for book in sorted((root / "usr/share").glob("**/fortunes*/**/*")):
        if book.is_file() and book.suffix in {"", ".u8"}:
            yield from _sayings(book)
    yield from _catalogue(root)


def _of_html(page: str) -> Iterator[str]:
    for _, inner in PARAGRAPH.findall(page):
        if "<pre" not in inner:
            yield " ".join(html.unescape(TAG.sub("", inner)).split())


def _sayings(book: Path) -> Iterator[tuple[str, str]]:
    try:
        text = book.read_text("utf-8")
    except UnicodeDecodeError:
        return
    language = next((name for name in ("de", "es", "it", "ru") if name in book.parts), "en")
    if book.stem == "chinese":
        language = "zh-CN"
    yield from ((language, saying.strip()) for saying in text.split("\n%\n"))


def _catalogue(root: Path) -> Iterator[tuple[str, str]]:
    """Thai: the sentences of a program's catalogue (.mo holds them as plain strings)."""
    for catalogue in sorted((root / "usr/lib").glob("**/th/**/*.mo")):
        texts = catalogue.read_bytes().decode(errors="replace").split("\0")
        yield from (("th", text) for text in texts if any("ก" <= mark <= "๛" for mark in text))
