"""What is taken for a picture, and what is left of it."""

import io
import struct
import zlib
from typing import Any

import pytest
from django.conf import settings
from PIL import Image, ImageCms, PngImagePlugin

from chatbot.conversations.pictures import LONGEST_SIDE, UnfitPicture, clean_picture

SECRET = b"where-it-was-taken"


def drawn(kind: str, size: tuple[int, int] = (40, 20), mode: str = "RGB", **options: Any) -> bytes:
    """Return a picture whose left half is red and whose right half is blue."""
    picture = Image.new("RGB", size, "red")
    picture.paste("blue", (size[0] // 2, 0, size[0], size[1]))
    written = io.BytesIO()
    picture.convert(mode).save(written, kind, **options)
    return written.getvalue()


def opened(content: bytes) -> Image.Image:
    """Return the picture as somebody who receives it opens it."""
    return Image.open(io.BytesIO(content))


def refused(content: bytes) -> str:
    """Return the code with which `content` is refused."""
    with pytest.raises(UnfitPicture) as raised:
        clean_picture(content)
    assert raised.value.detail
    return raised.value.code


@pytest.mark.parametrize(
    ("kind", "content_type"),
    [
        ("JPEG", "image/jpeg"),
        ("PNG", "image/png"),
        ("WEBP", "image/webp"),
        ("GIF", "image/png"),
        ("MPO", "image/jpeg"),
    ],
)
def test_pictures_of_each_kind_are_taken(kind: str, content_type: str) -> None:
    picture = clean_picture(drawn(kind))
    assert (picture.content_type, picture.width, picture.height) == (content_type, 40, 20)
    left = opened(picture.content).convert("RGB").getpixel((3, 10))
    assert isinstance(left, tuple)
    assert left[0] > 200
    assert left[2] < 60


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "PNG"])
def test_nothing_but_the_pixels_is_left(kind: str) -> None:
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    exif.get_ifd(0x8825)[1] = "N"
    options: dict[str, Any] = {"exif": exif, "icc_profile": srgb(), "comment": SECRET}
    if kind == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_text("Comment", SECRET.decode())
        text.add_itxt("XML:com.adobe.xmp", SECRET.decode())
        options["pnginfo"] = text
    else:
        options["xmp"] = SECRET
    original = drawn(kind, **options) + b"<script>" + SECRET
    assert SECRET in original
    cleaned = clean_picture(original)
    assert SECRET not in cleaned.content
    assert b"<script>" not in cleaned.content
    found = opened(cleaned.content)
    found.load()
    assert not dict(found.getexif())
    assert not {"icc_profile", "comment", "exif", "xmp", "Comment"} & set(found.info)


def srgb() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def test_a_picture_taken_sideways_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    cleaned = clean_picture(drawn("JPEG", exif=exif))
    assert (cleaned.width, cleaned.height) == (20, 40)
    top = opened(cleaned.content).getpixel((10, 3))
    assert isinstance(top, tuple)
    assert top[0] > 200


def test_a_large_picture_is_made_smaller() -> None:
    cleaned = clean_picture(drawn("JPEG", (6_000, 3_000)))
    assert (cleaned.width, cleaned.height) == (LONGEST_SIDE, LONGEST_SIDE // 2)


@pytest.mark.parametrize("mode", ["L", "CMYK", "P", "RGBA", "LA", "1", "I;16", "YCbCr"])
def test_unusual_pixels_are_taken(mode: str) -> None:
    kind = "JPEG" if mode in ("CMYK", "YCbCr") else "PNG"
    if mode == "I;16":
        written = io.BytesIO()
        Image.new("I;16", (40, 20), 40_000).save(written, "PNG")
        content = written.getvalue()
    else:
        content = drawn(kind, mode=mode)
    assert clean_picture(content).width == 40


def test_what_is_see_through_stays_so() -> None:
    written = io.BytesIO()
    Image.new("RGBA", (10, 10), (255, 0, 0, 0)).save(written, "PNG")
    assert opened(clean_picture(written.getvalue()).content).getpixel((5, 5))[3] == 0  # type: ignore[index]


def test_a_moving_picture_is_taken_as_its_first_frame() -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    for kind in ("GIF", "WEBP", "PNG"):
        written = io.BytesIO()
        frames[0].save(written, kind, save_all=True, append_images=frames[1:])
        found = opened(clean_picture(written.getvalue()).content)
        assert getattr(found, "n_frames", 1) == 1
        assert found.convert("RGB").getpixel((1, 1))[0] > 200  # type: ignore[index]


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.7\n1 0 obj\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"GIF89a<script>alert(1)</script>"[:3],
        b"PK\x03\x04 a document",
        b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00",
        drawn("BMP"),
        drawn("TIFF"),
        b"",
    ],
)
def test_everything_else_is_refused(content: bytes) -> None:
    assert refused(content) == "unsupported"


def test_heic_is_refused_with_a_way_out() -> None:
    with pytest.raises(UnfitPicture, match="JPEG"):
        clean_picture(b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_broken_picture_is_refused(kind: str) -> None:
    content = drawn(kind, (400, 300))
    assert refused(content[: len(content) // 2]) == "unreadable"


def test_too_many_bytes_are_refused() -> None:
    assert refused(drawn("PNG") + b"\0" * settings.MAX_ATTACHMENT_BYTES) == "too_large"


@pytest.mark.parametrize("side", [7_000, 30_000])
def test_a_bomb_is_refused_before_it_is_decoded(side: int) -> None:
    def chunk(name: bytes, data: bytes) -> bytes:
        sum_ = zlib.crc32(name + data)
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", sum_)

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 1_000)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels)
    assert refused(bomb + chunk(b"IEND", b"")) == "too_large"


def test_a_text_that_unpacks_to_gigabytes_is_refused_or_dropped() -> None:
    text = PngImagePlugin.PngInfo()
    text.add_text("a", "b" * 8_000_000, zip=True)
    content = drawn("PNG", pnginfo=text)
    assert len(content) < 20_000
    assert refused(content) == "unreadable"
