"""Customers' pictures: what is really in a file, and a clean copy of it.

The content decides, never the name or the declared type. The copy is painted anew from the
pixels, so nothing else of the file goes on: no place where it was taken, no text, no second file
hidden behind the picture.
"""

import io
import logging
import threading
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

logger = logging.getLogger(__name__)

LONGEST_SIDE = 2_560  # pixels
MOST_PIXELS = 40_000_000
_READ = ("JPEG", "PNG", "WEBP", "GIF")
PAINTED = frozenset({"image/jpeg", "image/png", "image/webp"})  # what `clean_picture` writes
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
# Decoded, a large picture takes some 160 MB: two at a time are enough for one process.
_turn = threading.BoundedSemaphore(2)


class UnfitPicture(ValueError):
    """A file that is refused; `code` is for machines, `detail` for people."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Picture:
    """A clean copy of a picture; `width` and `height` in pixels."""

    content: bytes
    content_type: str
    width: int
    height: int


def clean_picture(content: bytes) -> Picture:
    """Return a copy of a JPEG, PNG, WebP or GIF (its first frame) with nothing but its pixels.

    It stands upright, in sRGB, its longest side at most `LONGEST_SIDE`. Raises UnfitPicture:
    `unsupported` for any other file, `too_large` for more than `settings.MAX_ATTACHMENT_BYTES`
    or `MOST_PIXELS`, `unreadable` for one that is broken.
    """
    if len(content) > settings.MAX_ATTACHMENT_BYTES:
        raise too_large()
    if content[4:8] == b"ftyp" and content[8:12] in _HEIC_BRANDS:
        raise UnfitPicture(
            "unsupported",
            _("We cannot open HEIC pictures yet. Please send it as JPEG, or as a screenshot."),
        )
    with _turn:
        try:
            return _copy_of(content)
        except UnfitPicture:
            raise
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise _too_many_pixels() from error
        except Exception as error:  # a broken file makes decoders raise almost anything
            logger.info("a picture could not be read: %s", type(error).__name__)
            raise UnfitPicture(
                "unreadable", _("This picture cannot be opened. Please try another one.")
            ) from error


def too_large() -> UnfitPicture:
    """Return what to say of a file with too many bytes."""
    megabytes = settings.MAX_ATTACHMENT_BYTES // 1024**2
    return UnfitPicture("too_large", _("A picture may have %d MB at most.") % megabytes)


def _too_many_pixels() -> UnfitPicture:
    return UnfitPicture(
        "too_large", _("This picture has too many pixels. Please send a smaller one.")
    )


def _copy_of(content: bytes) -> Picture:
    with _open(content) as picture:
        picture.verify()  # which leaves it closed
    with _open(content) as picture:
        kind = picture.format
        # A JPEG is decoded no larger than needed: a phone's 48 megapixels cost as much as 3.
        picture.draft(None, (LONGEST_SIDE, LONGEST_SIDE))
        picture.load()
        upright = ImageOps.exif_transpose(picture)
        clean = _in_srgb(upright)
    clean.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    clean.info.clear()  # writers would take comments and profiles from here
    written = io.BytesIO()
    if kind in ("JPEG", "MPO"):
        clean.convert("RGB").save(written, "JPEG", quality=85, optimize=True)
        content_type = "image/jpeg"
    elif kind == "WEBP":
        clean.save(written, "WEBP", quality=85)
        content_type = "image/webp"
    else:
        clean.save(written, "PNG")
        content_type = "image/png"
    return Picture(written.getvalue(), content_type, clean.width, clean.height)


def _open(content: bytes) -> Image.Image:
    try:
        picture = Image.open(io.BytesIO(content), formats=_READ)
    except UnidentifiedImageError as error:
        raise UnfitPicture(
            "unsupported", _("We can only take pictures here: JPEG, PNG, WebP or GIF.")
        ) from error
    if picture.width * picture.height > MOST_PIXELS:
        picture.close()
        raise _too_many_pixels()
    return picture


def _in_srgb(picture: Image.Image) -> Image.Image:
    profile = picture.info.get("icc_profile")
    if picture.mode.startswith("I"):  # 16 bits a pixel
        return picture.convert("I").point(lambda value: value / 256).convert("L").convert("RGB")
    if picture.mode in ("P", "PA", "LA") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
    if profile and picture.mode in ("RGB", "RGBA", "L", "CMYK"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            mode = "RGBA" if picture.mode == "RGBA" else "RGB"
            converted = ImageCms.profileToProfile(
                picture, source, ImageCms.createProfile("sRGB"), outputMode=mode
            )
        except (ImageCms.PyCMSError, OSError, ValueError):  # a broken profile: colours as they are
            converted = None
        if converted is not None:
            return converted
    return picture if picture.mode in ("RGB", "RGBA") else picture.convert("RGB")
