"""Screenshots of wallets as people send them, drawn with the system's fonts."""

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

LATIN = "/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf"
CJK = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"


def screenshot(
    lines: Sequence[str], *, columns: int = 1, size: int = 36, dark: bool = False, boxes: bool = False, head: str = ""
) -> bytes:
    """A PNG, 1080 pixels wide: ``lines`` stand in ``columns`` that are read downwards, letters ``size`` pixels high."""
    latin = all(mark < "\u0400" for line in (*lines, head) for mark in line)
    font = ImageFont.truetype(LATIN if latin else CJK, size)
    rows = -(-len(lines) // columns)
    ground, ink = ((18, 18, 24), (235, 235, 240)) if dark else ((255, 255, 255), (20, 20, 20))
    picture = Image.new("RGB", (1080, 240 + rows * size * 3), ground)
    draw = ImageDraw.Draw(picture)
    draw.text((60, 60), head, font=font, fill=ink)
    for at, line in enumerate(lines):
        left, top = 60 + at // rows * 1000 // columns, 180 + at % rows * size * 3
        if boxes:
            box = (left - 20, top - size // 2, left + 960 // columns - 20, top + size * 2)
            draw.rounded_rectangle(box, 12, outline=(128, 128, 128))
        draw.text((left, top), line, font=font, fill=ink)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def phrase_picture(words: Sequence[str], *, columns: int = 2, dark: bool = False) -> bytes:
    """A wallet's page with a recovery phrase, numbered, in columns."""
    lines = [f"{at}. {word}" for at, word in enumerate(words, 1)]
    return screenshot(lines, columns=columns, dark=dark, boxes=True)
