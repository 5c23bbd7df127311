"""A picture somebody sent becomes two clean ones: a small one for pages, a sharp one for paper.

Nothing of the file that was sent is kept: pixels are decoded and encoded anew, so metadata (where it was
taken, by whom), scripts and anything hidden behind or inside the file are gone. Invariants:
- Bytes and pixels are bounded before anything is decoded; only JPEG, PNG, WebP and GIF (its first frame) are.
- The picture stands as the camera was held (EXIF orientation), in sRGB, and transparency becomes white.
- What can't be decoded whole is refused in words for whoever sent it.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from threading import Lock

from PIL import Image, ImageCms, ImageOps

from millpond.errors import InputError

MAX_BYTES = 20 * 2**20
"""Of the file: the largest photos of today's phones are about 15 MB."""

MAX_PIXELS = 24_000_000
"""Decoded whole this takes about 100 MB, which a small machine has."""

MAX_JPEG_PIXELS = 64_000_000
"""Of a baseline JPEG, which is decoded at a half, a quarter or an eighth of its size."""

MAX_SIDE = 30_000

PAGE_SIDE, PRINT_SIDE = 480, 1600
PAGE_BYTES = 14_000
"""What a picture may weigh on a page that opens on a slow line."""

PRINT_QUALITY = 85
_ONE_AT_A_TIME = Lock()  # large ones are decoded one after another, so that their pixels don't add up
_STEPS = (
    *((PAGE_SIDE, quality) for quality in (80, 70, 60, 50, 40)),
    *((side, quality) for side in (400, 320, 240) for quality in (50, 40)),
    (160, 40),
    (120, 30),  # the noisiest picture there can be fits here
)
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")  # a JPEG with a second picture (MPO) comes in by the first
_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis")


@dataclass(frozen=True, slots=True)
class Encoded:
    """One encoded picture; `sha256` is of `data`, in hexadecimal."""

    data: bytes
    media_type: str
    width: int
    height: int
    sha256: str


@dataclass(frozen=True, slots=True)
class CleanPicture:
    """`page` is WebP of at most 480 pixels a side, `print` JPEG of at most 1,600, on white."""

    page: Encoded
    print: Encoded


def clean_picture(data: bytes) -> CleanPicture:
    """The picture, decoded and encoded anew; raises `InputError` for what is no picture or too large."""
    with _ONE_AT_A_TIME:
        image = _decoded(data)
    return CleanPicture(page=_for_page(image), print=_for_print(image))


def _decoded(data: bytes) -> Image.Image:
    """The pixels, upright, RGB, not much larger than they are needed."""
    if len(data) > MAX_BYTES:
        raise _refused(f"is larger than {MAX_BYTES // 2**20} MB. Send a smaller picture")
    if data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS:
        raise _refused(
            "is a HEIC or AVIF picture, which can't be read here. On an iPhone choose Settings > Camera > "
            "Formats > Most Compatible, or send it as JPEG"
        )
    try:
        with Image.open(BytesIO(data), formats=_FORMATS) as image:
            _check_size(image)
            image.draft("RGB", (PRINT_SIDE, PRINT_SIDE))  # JPEG only: decodes at a fraction of the size
            image.load()
            upright = ImageOps.exif_transpose(image)
            return _flat(_in_srgb(upright))
    except InputError:
        raise
    except Exception:  # whatever a decoder meets in a hostile file
        raise _refused("can't be read as a JPEG, PNG, WebP or GIF picture, or is damaged") from None


def _check_size(image: Image.Image) -> None:
    width, height = image.size
    in_parts = image.format in {"JPEG", "MPO"} and not image.info.get("progressive")
    most = MAX_JPEG_PIXELS if in_parts else MAX_PIXELS
    if width * height > most or max(width, height) > MAX_SIDE:
        raise _refused(f"has {width:,} x {height:,} pixels; at most {most // 10**6} million are read")
    if min(width, height) < 1:
        raise _refused("has no pixels")


def _in_srgb(image: Image.Image) -> Image.Image:
    """Colours as a screen without colour management shows them; a broken profile is passed over."""
    profile = image.info.get("icc_profile")
    if not profile or image.mode != "RGB":
        return image
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        turned = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"))
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
    return turned or image


def _flat(image: Image.Image) -> Image.Image:
    """RGB on white."""
    image.thumbnail((PRINT_SIDE, PRINT_SIDE), Image.Resampling.LANCZOS)
    if image.mode.startswith("I"):  # 16 bits a pixel
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    if image.mode in {"RGBA", "LA", "PA", "RGBa", "La"} or "transparency" in image.info:
        layer = image.convert("RGBA")
        white = Image.new("RGBA", layer.size, (255, 255, 255, 255))
        return Image.alpha_composite(white, layer).convert("RGB")
    return image.convert("RGB")


def _for_page(image: Image.Image) -> Encoded:
    """As large and as good as it gets within `PAGE_BYTES`."""
    for side, quality in _STEPS:
        small = image.copy()
        small.thumbnail((side, side), Image.Resampling.LANCZOS)
        made = _encoded(small, "WEBP", "image/webp", quality=quality, method=4)
        if len(made.data) <= PAGE_BYTES:
            break
    return made


def _for_print(image: Image.Image) -> Encoded:
    return _encoded(image, "JPEG", "image/jpeg", quality=PRINT_QUALITY, optimize=True)


def _encoded(image: Image.Image, format: str, media_type: str, **options: int) -> Encoded:
    bare = Image.new("RGB", image.size)
    bare.paste(image)  # pixels only: no profile, comment or position comes along
    out = BytesIO()
    bare.save(out, format, **options)
    data = out.getvalue()
    return Encoded(data, media_type, image.width, image.height, sha256(data).hexdigest())


def _refused(problem: str) -> InputError:
    return InputError(problem, at="picture")
