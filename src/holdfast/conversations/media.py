"""What an uploaded file really is: decided by its content, never by its name or what the sender says of it.

Pure and CPU heavy (a 12 megapixel photograph takes about half a second): call it in a thread.
"""

import io
import re
import struct
import unicodedata
import zlib
from dataclasses import dataclass
from typing import Literal

from PIL import ExifTags, Image

from holdfast.core.errors import BadInput, TooLarge, Unsupported
from holdfast.redaction import Finding, redact

# Bytes of one file, before and after re-encoding.
LIMIT = 10 * 1024 * 1024
# Bytes of a text: looking for secrets takes 0.3 to 0.6 s a megabyte, and no log that helps is longer.
TEXT_LIMIT = 1024 * 1024
# Pixels that are decoded at most: 40 million are 160 MB as RGBA, and no phone's photograph has more that matter.
PIXELS = 40_000_000
# The longer side that is kept, in pixels: every word of a screenshot stays legible.
SIDE = 4096
NAME_LENGTH = 120

Kind = Literal["image", "text", "document", "video"]
_EXTENSIONS: dict[str, tuple[str, ...]] = {
    "image/png": ("png",),
    "image/jpeg": ("jpg", "jpeg"),
    "image/webp": ("webp",),
    "application/pdf": ("pdf",),
    "text/plain": ("txt", "log", "csv", "md", "json"),
    "video/mp4": ("mp4", "m4v", "mov"),
    "video/webm": ("webm",),
}
# Text that begins like this a browser would take for a page or a drawing, a shell for a program.
_ACTIVE = re.compile(r"<(?:!doctype|!--|html|head|body|script|svg|iframe|object|embed|\?|%)|#!", re.I)
_TEXT_TYPES = frozenset(
    {"", "text/plain", "text/csv", "text/markdown", "text/x-log", "application/json", "application/octet-stream"}
)
# What the decoders of Pillow raise for hostile files; none of them may become a fault of ours.
_DECODER_ERRORS = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    TypeError,
    LookupError,
    ArithmeticError,
    struct.error,
    zlib.error,
)
# Pillow warns at 89 million pixels and refuses at twice that; PIXELS is checked here, before anything is decoded.
Image.MAX_IMAGE_PIXELS = None
# What undoes each EXIF orientation.
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

_RESERVED = re.compile(r"[<>:\"/\\|?*]")
_WHITE = re.compile(r"[ \t\u3000]+")


class AttachmentType(Unsupported):
    id = "attachment_type"
    title = "This kind of file cannot be sent"
    detail = "Pictures (PNG, JPEG, GIF, WebP), PDF, plain text, MP4 and WebM can be sent."


class AttachmentTooLarge(TooLarge):
    id = "attachment_too_large"
    title = "This file is too large"
    detail = "The most is {megabytes} MB."


class AttachmentDamaged(BadInput):
    id = "attachment_damaged"
    title = "This file is damaged or empty"
    detail = "Make it again, for instance by a new screenshot, and send that."


class PictureTooLarge(TooLarge):
    id = "picture_too_large"
    title = "This picture has too many pixels"
    detail = "The most is {megapixels} megapixels."


@dataclass(frozen=True, slots=True)
class Media:
    """A file as it may be kept: ``media_type`` is ours, ``width`` and ``height`` are pixels (pictures only),
    ``findings`` are the secrets that were hidden in a text."""

    kind: Kind
    media_type: str
    name: str
    data: bytes
    width: int | None = None
    height: int | None = None
    findings: tuple[Finding, ...] = ()


def inspect(data: bytes, declared_name: str, declared_type: str) -> Media:
    """Check a file and make it harmless.

    Pictures are decoded and encoded anew, which leaves behind EXIF and GPS, comments and everything appended;
    an animation keeps its first frame. Text must be UTF-8; secrets in it are hidden. PDF and video are kept as
    they are, for download only.
    Raises AttachmentTooLarge, PictureTooLarge, AttachmentType, AttachmentDamaged.
    """
    if len(data) > LIMIT:
        raise AttachmentTooLarge(megabytes=LIMIT // 1024 // 1024)
    if not data:
        raise AttachmentDamaged
    media_type = _by_magic(data)
    if media_type is None:
        content, findings = _text(data, declared_type)
        return Media("text", "text/plain", file_name(declared_name, "text/plain"), content, findings=findings)
    if media_type.startswith("image/"):
        media_type, content, (width, height) = _encoded_anew(data, media_type)
        return Media("image", media_type, file_name(declared_name, media_type), content, width, height)
    kind: Kind = "video" if media_type.startswith("video/") else "document"
    return Media(kind, media_type, file_name(declared_name, media_type), data)


def _by_magic(data: bytes) -> str | None:  # noqa: PLR0911 - one line a format
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    # The standard lets junk stand before %PDF-; a polyglot uses that, an honest writer does not.
    if data.startswith(b"%PDF-"):
        return "application/pdf"
    if data[4:8] == b"ftyp" and data[8:12] not in (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif", b"avis"):
        return "video/mp4"
    if data.startswith(b"\x1a\x45\xdf\xa3") and b"webm" in data[:64]:
        return "video/webm"
    return None


def _text(data: bytes, declared_type: str) -> tuple[bytes, tuple[Finding, ...]]:
    """UTF-8 text without control characters, with secrets hidden; nothing that was said to be something else."""
    if declared_type.partition(";")[0].strip().lower() not in _TEXT_TYPES:
        raise AttachmentType
    if len(data) > TEXT_LIMIT:
        raise AttachmentTooLarge(megabytes=TEXT_LIMIT // 1024 // 1024)
    try:
        text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError:
        raise AttachmentType from None
    if not text:
        raise AttachmentDamaged
    # Tab, line feed, form feed, carriage return and escape (coloured logs) are all that a text needs.
    if re.search(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]", text) or _ACTIVE.match(text.lstrip()[:20]):
        raise AttachmentType
    redaction = redact(text)
    return redaction.text.encode(), redaction.findings


def _encoded_anew(data: bytes, media_type: str) -> tuple[str, bytes, tuple[int, int]]:
    """The picture alone: turned upright, at most SIDE pixels long, without anything its file carried beside it."""
    try:
        # Only the decoder that belongs to the magic number may run.
        picture: Image.Image = Image.open(io.BytesIO(data), formats=[media_type.removeprefix("image/")])
        if picture.width * picture.height > PIXELS:
            raise PictureTooLarge(megapixels=PIXELS // 1_000_000)
        picture.seek(0)
        # The JPEG decoder can shrink while it decodes, so that a huge photograph costs a quarter of the memory.
        picture.draft(None, (SIDE, SIDE))
        wanted = "RGBA" if picture.has_transparency_data else "RGB"
        turn = _turn(picture)
        clean = picture.convert(wanted)
        clean.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
        if turn is not None:
            clean = clean.transpose(turn)
    except _DECODER_ERRORS:
        raise AttachmentDamaged from None
    # A new image: info, EXIF, profile and text chunks of the old one cannot come along.
    bare = Image.frombytes(clean.mode, clean.size, clean.tobytes())
    out = io.BytesIO()
    if media_type == "image/jpeg":
        bare.save(out, "JPEG", quality=88, optimize=True, progressive=True)
    elif media_type == "image/webp":
        bare.save(out, "WEBP", quality=88, method=2)
    else:
        media_type = "image/png"
        bare.save(out, "PNG", compress_level=6)
        # A noisy PNG (a photograph saved as one) can grow: keep the limit by a format that compresses it.
        if out.tell() > LIMIT:
            media_type, out = "image/webp", io.BytesIO()
            bare.save(out, "WEBP", quality=88, method=2)
    if out.tell() > LIMIT:
        raise AttachmentTooLarge(megabytes=LIMIT // 1024 // 1024)
    return media_type, out.getvalue(), bare.size


def _turn(picture: Image.Image) -> Image.Transpose | None:
    try:
        return _TURNS.get(picture.getexif().get(ExifTags.Base.Orientation, 1))
    except _DECODER_ERRORS:
        # Many cameras and editors write broken EXIF beside a sound picture.
        return None


def file_name(declared: str, media_type: str) -> str:
    """A name that is safe to show and to save under: no path, no control or order-changing characters, at most
    NAME_LENGTH characters, and the extension of what the file really is."""
    name = unicodedata.normalize("NFC", declared[:1000].encode("utf-8", "ignore").decode())
    name = re.split(r"[/\\]", name)[-1]
    # What is not printable may be an override, which turns the written order round: "evil\u202egnp.exe" is shown
    # as "evilexe.png".
    name = "".join(char for char in _WHITE.sub(" ", name) if char.isprintable())
    # What was taken out may have stood between blanks.
    name = re.sub(" +", " ", _RESERVED.sub("", name)).strip(" .")
    extensions = _EXTENSIONS[media_type]
    stem, dot, extension = name.rpartition(".")
    if dot and extension.lower() in extensions:
        extension = extension.lower()
    else:
        # "invoice.pdf.exe" of a PDF becomes "invoice.pdf", "photo.heic" of a JPEG "photo.jpg".
        stem = stem if dot and re.fullmatch(r"[A-Za-z0-9]{1,5}", extension) else name
        while "." in stem and re.fullmatch(r"[A-Za-z]{2,4}\d?", stem.rpartition(".")[2]):
            stem = stem.rpartition(".")[0]
        extension = extensions[0]
    if redact(stem).findings:
        stem = ""
    stem = stem.strip(" .")[: NAME_LENGTH - 1 - len(extension)].rstrip(" .") or "file"
    return f"{stem}.{extension}"
