"""HTML of a letter: cleaned, and as plain text. Pure.

Nothing of it is ever loaded: pictures from elsewhere tell their sender that, when and where a letter was read.
"""

import re
from html.parser import HTMLParser

import nh3

# Bytes that are looked at; no person writes more in one letter.
LIMIT = 2 * 1024 * 1024
_TAGS = {
    "a", "b", "blockquote", "br", "code", "div", "em", "h1", "h2", "h3", "h4", "hr", "i", "li", "ol", "p", "pre", "s",
    "span", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "u", "ul",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}, "*": {"dir", "lang"}}
_SCHEMES = {"http", "https", "mailto"}
_DROPPED = {"script", "style", "head", "title", "template", "noscript", "svg", "math", "object", "iframe", "select"}

_BLOCKS = {
    "p", "div", "tr", "table", "ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "hr", "blockquote",
    "section", "article", "header", "footer",
}  # fmt: skip
_VOID = {"br", "hr", "img", "input", "meta", "link", "area", "base", "col", "embed", "source", "wbr"}
# What a reader does not see: words in there are a sender's trick (or a newsletter's preview).
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d]*[1-9])|mso-hide\s*:\s*all", re.I
)


def clean(html: str) -> str:
    """What may be shown: no scripts, styles, forms, pictures, or addresses but of pages and mail. Idempotent."""
    return nh3.clean(
        html[:LIMIT],
        tags=_TAGS,
        clean_content_tags=_DROPPED,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer nofollow",
    )


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self.quotes = 0
        self.pre = 0
        # Open elements that are not read, the outermost first.
        self.skipped: list[str] = []
        self.links: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if self.skipped or tag in _DROPPED or _HIDDEN.search(given.get("style") or ""):
            if tag not in _VOID:
                self.skipped.append(tag)
            return
        if tag == "br":
            self._line()
        elif tag in _BLOCKS:
            self._block()
        if tag == "blockquote" or "gmail_quote" in (given.get("class") or "").split():
            self.quotes += tag == "blockquote"
        elif tag == "pre":
            self.pre += 1
        elif tag == "li":
            self.out.append("- ")
        elif tag in ("td", "th"):
            self.out.append(" ")
        elif tag == "a":
            self.links.append((given.get("href") or "", len(self.out)))
        elif tag == "img" and given.get("alt"):
            self.out.append(f"[{given['alt']}]")

    def handle_endtag(self, tag: str) -> None:
        if self.skipped:
            if tag in self.skipped:
                del self.skipped[self.skipped.index(tag) :]
            return
        if tag == "blockquote":
            self._block()
            self.quotes = max(0, self.quotes - 1)
        elif tag == "pre":
            self.pre = max(0, self.pre - 1)
        elif tag == "a" and self.links:
            self._link(*self.links.pop())
        if tag in _BLOCKS:
            self._block()

    def handle_data(self, data: str) -> None:
        if self.skipped:
            return
        if self.pre:
            for number, line in enumerate(data.split("\n")):
                if number:
                    self._line()
                self._words(line)
        else:
            self._words(re.sub(r"[ \t\r\n\f]+", " ", data))

    def _words(self, words: str) -> None:
        if not self.out or self.out[-1].endswith("\n"):
            words = words if self.pre else words.lstrip(" ")
            if words and self.quotes:
                self.out.append("> " * self.quotes)
        if words:
            self.out.append(words)

    def _link(self, href: str, start: int) -> None:
        """Where a link leads is read beside its words: they may say another address."""
        words = "".join(self.out[start:]).strip()
        if re.match(r"https?:", href, re.I) and href.rstrip("/") != words.rstrip("/"):
            self.out.append(f" <{href}>" if words else href)

    def _line(self) -> None:
        if self.quotes and (not self.out or self.out[-1].endswith("\n")):
            self.out.append("> " * self.quotes)
        self.out.append("\n")

    def _block(self) -> None:
        if self.out and not self.out[-1].endswith("\n"):
            self.out.append("\n")


def as_text(html: str) -> str:
    """The words of an HTML text in lines; quotes begin with ``>``, links stand beside their words."""
    reader = _Reader()
    reader.feed(html[:LIMIT])
    reader.close()
    lines = (line.rstrip(" ") for line in "".join(reader.out).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")
