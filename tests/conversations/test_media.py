"""Uploads are what their content says; pictures are made anew, lies and bombs are refused."""

import io
import random
import struct
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image, PngImagePlugin

from holdfast.conversations import media
from holdfast.conversations.media import (
    LIMIT,
    AttachmentDamaged,
    AttachmentTooLarge,
    AttachmentType,
    PictureTooLarge,
    file_name,
    inspect,
)
from holdfast.core.errors import HoldfastError

HTML = b"<html><script>alert(document.cookie)</script></html>"
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
PHRASE = "legal winner thank year wave sausage worth useful legal winner thank yellow"


def picture(form: str, size: tuple[int, int] = (40, 30), mode: str = "RGB", **options: object) -> bytes:
    """Red on the left, blue on the right, so that turning shows."""
    image = Image.new(mode, size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize(
    ("form", "media_type"), [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp"), ("GIF", "image/png")]
)
def test_pictures_keep_their_size_and_get_our_type(form: str, media_type: str) -> None:
    # What the sender says of a true picture does not matter.
    found = inspect(picture(form), "x.bin", "application/octet-stream")
    assert (found.kind, found.media_type, found.width, found.height) == ("image", media_type, 40, 30)
    assert opened(found.data).size == (40, 30)
    assert Image.MIME[opened(found.data).format or ""] == media_type
    assert found.name == f"x.{media_type.removeprefix('image/').replace('jpeg', 'jpg')}"


def exif(orientation: int) -> Image.Exif:
    data = Image.Exif()
    data[ExifTags.Base.Orientation] = orientation
    data[ExifTags.Base.Make] = "SecretCamera"
    data.get_ifd(ExifTags.IFD.GPSInfo)[2] = (52.0, 31.0, 12.0)
    return data


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_exif_and_place_are_gone_and_the_picture_is_upright(form: str) -> None:
    # Orientation 6: the camera was held so that the picture must be turned a quarter clockwise: red comes on top.
    found = inspect(picture(form, exif=exif(6)), "photo", f"image/{form.lower()}")
    image = opened(found.data)
    assert image.size == (30, 40) == (found.width, found.height)
    assert not image.getexif()
    assert b"SecretCamera" not in found.data
    assert b"Exif" not in found.data
    top, bottom = image.convert("RGB").getpixel((15, 5)), image.convert("RGB").getpixel((15, 35))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[0] > 200
    assert bottom[2] > 200


def test_broken_exif_does_not_spoil_a_picture() -> None:
    found = inspect(picture("JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff garbage"), "a.jpg", "image/jpeg")
    assert found.width == 40


def test_texts_inside_a_png_are_gone() -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", PHRASE)
    info.add_itxt("Author", "Ada", zip=True)
    found = inspect(picture("PNG", pnginfo=info), "a.png", "image/png")
    assert b"sausage" not in found.data
    assert b"Author" not in found.data


def test_an_animation_keeps_its_first_frame() -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "green", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=100)
    image = opened(inspect(out.getvalue(), "a.gif", "image/gif").data)
    assert getattr(image, "n_frames", 1) == 1
    assert image.convert("RGB").getpixel((1, 1)) == (255, 0, 0)


def test_transparency_is_kept() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (10, 10), (255, 0, 0, 0)).save(out, "PNG")
    assert opened(inspect(out.getvalue(), "a.png", "image/png").data).getpixel((5, 5)) == (255, 0, 0, 0)


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "I;16", "CMYK"])
def test_unusual_colour_modes_become_ordinary(mode: str) -> None:
    out = io.BytesIO()
    Image.new(mode, (8, 8)).save(out, "JPEG" if mode == "CMYK" else "PNG")
    assert opened(inspect(out.getvalue(), "a", "").data).mode in {"RGB", "RGBA"}


def test_a_long_side_is_shortened() -> None:
    found = inspect(picture("PNG", (9000, 90)), "wide.png", "image/png")
    assert (found.width, found.height) == (4096, 41)


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("evil.html", HTML)
    return out.getvalue()


@pytest.mark.parametrize(
    "polyglot",
    [
        picture("GIF")[:-1] + b"\x21\xfe\x34" + HTML + b"\0;",
        b"GIF89a/*" + picture("GIF")[8:] + b"*/=1;" + HTML,
        picture("PNG") + zipped(),
        picture("PNG") + HTML,
        picture("JPEG", comment=HTML),
        picture("JPEG") + zipped() + HTML,
        picture("WEBP") + HTML,
    ],
    ids=["gif comment", "gif javascript", "png zip", "png html", "jpeg comment", "jpeg zip", "webp html"],
)
def test_of_a_polyglot_only_the_picture_remains(polyglot: bytes) -> None:
    try:
        found = inspect(polyglot, "innocent.html", "text/html")
    except AttachmentDamaged:
        # The forged header made no picture that can be decoded.
        return
    assert found.kind == "image"
    assert found.name == "innocent." + {"image/png": "png", "image/jpeg": "jpg"}.get(found.media_type, "webp")
    assert b"script" not in found.data
    assert b"PK\x03\x04" not in found.data
    opened(found.data)


@pytest.mark.parametrize(
    ("data", "name", "declared"),
    [
        (HTML, "photo.png", "image/png"),
        (HTML, "notes.txt", "text/plain"),
        (b"\xef\xbb\xbf \n<!DOCTYPE html><p>hi", "a.txt", "text/plain"),
        (b'<?xml version="1.0"?><svg onload="alert(1)"/>', "logo.svg", "image/svg+xml"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "logo.png", "image/png"),
        (b"<svg/>", "logo.txt", "text/plain"),
        (b"MZ\x90\x00\x03" + bytes(100), "photo.jpg", "image/jpeg"),
        (b"\x7fELF\x02\x01\x01" + bytes(100), "run", "application/octet-stream"),
        (b"#!/bin/sh\nrm -rf /\n", "fix.sh", "text/x-shellscript"),
        (b"#!/bin/sh\nrm -rf /\n", "fix.txt", "text/plain"),
        (b"alert(1)", "a.js", "text/javascript"),
        (b"alert(1)", "a.png", "image/png"),
        (zipped(), "a.docx", "application/zip"),
        (b"\x1f\x8b\x08" + bytes(20), "a.txt", "text/plain"),
        (b"just\0text", "a.txt", "text/plain"),
        (b"latin \xe9", "a.txt", "text/plain"),
        ("text".encode("utf-16"), "a.txt", "text/plain"),
        (b"hello", "a.pdf", "application/pdf"),
        (b"junk" + PDF, "a.pdf", "application/pdf"),
        (b"\0\0\0\x18ftypheic" + bytes(64), "a.heic", "image/heic"),
    ],
)
def test_a_lie_or_an_unknown_kind_is_refused(data: bytes, name: str, declared: str) -> None:
    with pytest.raises(AttachmentType) as raised:
        inspect(data, name, declared)
    assert (raised.value.id, raised.value.status) == ("attachment_type", 415)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_truncated_picture_is_refused(form: str) -> None:
    rng = random.Random(3)
    image = Image.frombytes("RGB", (80, 80), rng.randbytes(80 * 80 * 3))
    out = io.BytesIO()
    image.save(out, form)
    whole = out.getvalue()
    for length in (12, 40, len(whole) // 2, len(whole) * 3 // 4):
        with pytest.raises(AttachmentDamaged):
            inspect(whole[:length], "a", "image/png")


def bomb(width: int, height: int) -> bytes:
    """A PNG that states its size honestly and holds it, of zeros: 1 bit a pixel compresses 1000 times."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    packer = zlib.compressobj(9)
    row = bytes(1 + (width + 7) // 8)
    body = b"".join(packer.compress(row) for _ in range(min(height, 3000))) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("width", "height"), [(8000, 5001), (30_000, 30_000), (2**31 - 1, 2**31 - 1)])
def test_a_decompression_bomb_is_refused_before_it_is_decoded(width: int, height: int) -> None:
    rows = (
        bomb(width, height) if width < 2**20 else bomb(8, 8)[:16] + struct.pack(">II", width, height) + bomb(8, 8)[24:]
    )
    with pytest.raises((PictureTooLarge, AttachmentDamaged)) as raised:
        inspect(rows, "a.png", "image/png")
    if width < 2**20:
        assert (raised.value.id, raised.value.status) == ("picture_too_large", 413)


def test_forty_megapixels_are_still_taken() -> None:
    found = inspect(bomb(8000, 3000), "a.png", "image/png")
    assert (found.width, found.height) == (4096, 1536)


def test_a_file_over_the_limit_is_refused() -> None:
    with pytest.raises(AttachmentTooLarge) as raised:
        inspect(b"a" * (LIMIT + 1), "a.txt", "text/plain")
    assert (raised.value.id, raised.value.status) == ("attachment_too_large", 413)
    assert str(raised.value) == "This file is too large. The most is 10 MB."


def test_a_picture_that_grows_over_the_limit_is_kept_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    # Noise cannot be compressed: as PNG 270 kB, as WebP a fraction.
    noise = Image.frombytes("RGB", (300, 300), random.Random(1).randbytes(270_000))
    out = io.BytesIO()
    noise.save(out, "PNG")
    data = out.getvalue()
    monkeypatch.setattr(media, "LIMIT", len(data))
    monkeypatch.setattr(Image.Image, "save", _padded_png(Image.Image.save))
    found = inspect(data, "a.png", "image/png")
    assert (found.media_type, found.name) == ("image/webp", "a.webp")
    assert len(found.data) < len(data)


def _padded_png(save: object) -> object:
    """Lets a PNG come out larger than it went in, as another encoder's settings may do."""

    def padded(image: Image.Image, out: io.BytesIO, form: str, **options: object) -> None:
        save(image, out, form, **options)  # type: ignore[operator]  # Pillow's own method
        if form == "PNG":
            out.write(bytes(1000))

    return padded


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(AttachmentDamaged):
        inspect(b"", "a.png", "image/png")


def test_text_is_kept_as_utf8_without_secrets() -> None:
    found = inspect(f"\ufeffLog 日志\r\nseed: {PHRASE}\nend\n".encode(), "日志.log", "text/plain; charset=utf-8")
    assert (found.kind, found.media_type, found.name) == ("text", "text/plain", "日志.log")
    assert found.data.decode() == "Log 日志\r\nseed: [⛔ recovery_phrase·12]\nend\n"
    assert [finding.words for finding in found.findings] == [12]


@pytest.mark.parametrize(
    ("data", "kind", "media_type", "name"),
    [
        (PDF, "document", "application/pdf", "a.pdf"),
        (b"\0\0\0\x20ftypisom" + bytes(64), "video", "video/mp4", "a.mp4"),
        (b"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm" + bytes(64), "video", "video/webm", "a.webm"),
        (b'{"a": 1}', "text", "text/plain", "a.json"),
    ],
)
def test_documents_and_videos_are_kept_as_they_are(data: bytes, kind: str, media_type: str, name: str) -> None:
    found = inspect(data, "a" + Path(name).suffix, "application/octet-stream")
    assert (found.kind, found.media_type, found.name, found.data) == (kind, media_type, name, data)


@pytest.mark.parametrize(
    ("declared", "media_type", "name"),
    [
        ("photo.JPG", "image/jpeg", "photo.jpg"),
        ("photo.heic", "image/jpeg", "photo.jpg"),
        ("invoice.pdf.exe", "application/pdf", "invoice.pdf"),
        ("evil\u202egnp.exe", "image/png", "evilgnp.png"),
        ("../../etc/passwd", "text/plain", "passwd.txt"),
        ("C:\\Users\\ada\\shot.png", "image/png", "shot.png"),
        ("a\r\nSet-Cookie: x=1.txt", "text/plain", "aSet-Cookie x=1.txt"),
        ("", "image/png", "file.png"),
        ("...", "image/png", "file.png"),
        (".htaccess", "text/plain", "htaccess.txt"),
        ("截图 2026-11-24.png", "image/png", "截图 2026-11-24.png"),
        ("v1.2.3 notes", "text/plain", "v1.2.3 notes.txt"),
        (f"{PHRASE}.png", "image/png", "file.png"),
    ],
)
def test_file_names_are_made_harmless(declared: str, media_type: str, name: str) -> None:
    assert file_name(declared, media_type) == name


@settings(max_examples=300, deadline=None)
@given(declared=st.text(max_size=300), media_type=st.sampled_from(sorted(media._EXTENSIONS)))
@example("0\t\x1f 0", "application/pdf")
def test_any_file_name_becomes_a_safe_one(declared: str, media_type: str) -> None:
    name = file_name(declared, media_type)
    assert 3 < len(name) <= 120
    assert name.isprintable()
    assert not set('/\\<>:"|?*') & set(name)
    assert name[0] not in " ."
    assert name.rpartition(".")[2] in media._EXTENSIONS[media_type]
    assert file_name(name, media_type) == name


@settings(max_examples=150, deadline=None)
@given(
    data=st.one_of(
        st.binary(max_size=400),
        st.tuples(st.sampled_from(["PNG", "JPEG", "GIF", "WEBP"]), st.data()).map(lambda drawn: _damaged(*drawn)),
    ),
    declared=st.sampled_from(["", "image/png", "text/plain", "text/html", "nonsense"]),
)
def test_whatever_comes_is_kept_or_refused(data: bytes, declared: str) -> None:
    try:
        found = inspect(data, "a", declared)
    except HoldfastError:
        return
    assert found.data


def _damaged(form: str, draw: st.DataObject) -> bytes:
    content = bytearray(picture(form))
    for _ in range(draw.draw(st.integers(1, 6))):
        content[draw.draw(st.integers(0, len(content) - 1))] = draw.draw(st.integers(0, 255))
    return bytes(content)
