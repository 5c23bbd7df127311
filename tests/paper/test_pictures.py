"""Pictures: upright, small enough, without a trace of the file that was sent, and bombs are refused."""

from __future__ import annotations

import struct
import zlib
from contextlib import suppress
from hashlib import sha256
from io import BytesIO
from random import Random

import pytest
from PIL import Image, ImageDraw, PngImagePlugin

from millpond.errors import InputError
from millpond.paper.pictures import MAX_BYTES, PAGE_BYTES, clean_picture

RED, BLUE = (200, 30, 30), (20, 40, 200)


def halves(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", (width, height), RED)
    ImageDraw.Draw(image).rectangle((width // 2, 0, width, height), fill=BLUE)
    return image.convert(mode)


def sent(image: Image.Image, format: str, **options: object) -> bytes:
    out = BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


def near(pixel: object, colour: tuple[int, int, int]) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(a - b) < 40 for a, b in zip(pixel, colour, strict=True))


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF"])
def test_two_clean_pictures(format: str) -> None:
    made = clean_picture(sent(halves(2000, 1000), format))
    assert (made.page.media_type, made.page.width, made.page.height) == ("image/webp", 480, 240)
    assert (made.print.media_type, made.print.width, made.print.height) == ("image/jpeg", 1600, 800)
    for encoded, format_made in ((made.page, "WEBP"), (made.print, "JPEG")):
        image = opened(encoded.data)
        assert image.format == format_made
        assert image.size == (encoded.width, encoded.height)
        assert near(image.convert("RGB").getpixel((10, 10)), RED)
        assert near(image.convert("RGB").getpixel((encoded.width - 10, 10)), BLUE)
        assert encoded.sha256 == sha256(encoded.data).hexdigest()


def test_a_small_picture_stays_small() -> None:
    assert (clean_picture(sent(halves(90, 60), "PNG")).print.width) == 90


def test_it_stands_as_the_camera_was_held() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010F] = "Camera maker"
    exif.get_ifd(0x8825)[2] = (26.0, 4.0, 12.0)  # where it was taken
    made = clean_picture(sent(halves(400, 200), "JPEG", exif=exif, comment=b"taken by Wang Fang"))
    assert (made.page.width, made.page.height) == (200, 400)
    assert near(opened(made.page.data).convert("RGB").getpixel((100, 20)), RED)
    for encoded in (made.page, made.print):
        assert not opened(encoded.data).getexif()
        assert b"Exif" not in encoded.data
        assert b"Wang Fang" not in encoded.data
        assert b"Camera" not in encoded.data


def test_a_noisy_photo_is_still_light() -> None:
    random = Random(5)
    noise = Image.frombytes("RGB", (120, 90), random.randbytes(120 * 90 * 3)).resize((1200, 900))
    made = clean_picture(sent(noise, "JPEG", quality=95))
    assert len(made.page.data) <= PAGE_BYTES


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency_becomes_white(mode: str) -> None:
    image = Image.new("RGBA", (60, 60), (0, 0, 0, 0))
    ImageDraw.Draw(image).rectangle((0, 0, 29, 60), fill=(0, 0, 0, 255))
    data = sent(image.convert(mode), "PNG")
    shown = opened(clean_picture(data).print.data)
    assert near(shown.getpixel((50, 30)), (255, 255, 255))
    assert near(shown.getpixel((10, 30)), (0, 0, 0))


def test_sixteen_bits_and_cmyk() -> None:
    grey = Image.new("I;16", (40, 40), 0x8000)
    assert near(opened(clean_picture(sent(grey, "PNG")).print.data).getpixel((5, 5)), (128, 128, 128))
    cmyk = sent(halves(40, 40, "CMYK"), "JPEG")
    assert near(opened(clean_picture(cmyk).print.data).getpixel((5, 5)), RED)


def test_of_a_film_the_first_frame() -> None:
    frames = [Image.new("RGB", (40, 40), RED), Image.new("RGB", (40, 40), BLUE)]
    data = sent(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert near(opened(clean_picture(data).print.data).getpixel((5, 5)), RED)


def test_what_hides_behind_a_picture_is_gone() -> None:
    script = b"<script>alert(1)</script><?php system('id'); ?>PK\x03\x04"
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", script.decode())
    for data in (
        sent(halves(50, 50), "PNG", pnginfo=info) + script,
        sent(halves(50, 50), "JPEG", comment=script) + script,
        sent(halves(50, 50), "GIF", comment=script) + script,
    ):
        made = clean_picture(data)
        assert b"script" in data
        assert not any(
            part in made.page.data + made.print.data for part in (b"script", b"php", b"PK\x03\x04")
        )


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))


def png_bomb(width: int, height: int) -> bytes:
    header = struct.pack(">LLBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(10_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def text_bomb() -> bytes:
    whole = sent(halves(10, 10), "PNG")
    return whole[:33] + chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(200_000_000), 9)) + whole[33:]


def test_bombs_are_refused_before_they_are_decoded() -> None:
    for width, height in ((20_000, 20_000), (200_000, 2), (2**31 - 1, 2**31 - 1)):
        with pytest.raises(InputError, match=r"pixels|can't be read"):
            clean_picture(png_bomb(width, height))
    with pytest.raises(InputError):
        clean_picture(text_bomb())
    with pytest.raises(InputError, match="larger than 20 MB"):
        clean_picture(b"\xff\xd8" + bytes(MAX_BYTES))


HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(100)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (HEIC, "HEIC"),
        (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "can't be read"),
        (b"<html><script>alert(1)</script></html>", "can't be read"),
        (b"\x89PNG\r\n\x1a\n<html>", "can't be read"),
        (b"GIF89a<script>alert(1)</script>", "can't be read"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "can't be read"),
        (b"BM" + bytes(200), "can't be read"),
        (b"II*\x00" + bytes(200), "can't be read"),
        (b"", "can't be read"),
        (b"\xff\xd8\xff", "can't be read"),
    ],
)
def test_what_is_no_picture_is_refused_in_words(data: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says) as refused:
        clean_picture(data)
    assert refused.value.at == "picture"


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_half_a_picture_is_refused(format: str) -> None:
    image = Image.frombytes("RGB", (300, 300), Random(3).randbytes(270_000))
    data = sent(image, format)
    with pytest.raises(InputError, match="damaged"):
        clean_picture(data[: len(data) // 2])


def test_no_flipped_byte_gets_anything_but_a_refusal_out_of_it() -> None:
    random = Random(11)
    for format in ("JPEG", "PNG", "WEBP", "GIF"):
        whole = sent(halves(64, 48), format)
        for _ in range(40):
            data = bytearray(whole)
            for _ in range(3):
                data[random.randrange(len(data))] = random.randrange(256)
            with suppress(InputError):
                assert clean_picture(bytes(data)).page.media_type == "image/webp"
