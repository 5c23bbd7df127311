"""QR codes: as SVG for pages and paper, as PNG for a chat, after ISO/IEC 18004.

The SVG has no style attribute, no script and no reference to anything, so a strict content security policy
shows it. It is dark on white with its quiet zone whatever the page's colours are: a phone must be able to
read it at night.
"""

from __future__ import annotations

from io import BytesIO
from typing import Literal

import segno

from millpond.errors import InputError

Level = Literal["l", "m", "q", "h"]
MAX_CHARACTERS = 1_000
"""A longer text makes modules too fine for paper and old cameras."""


def qr_svg(text: str, *, title: str = "", level: Level = "m", quick: bool = False) -> str:
    """An `<svg>` element as wide as its place; `title` says what it is to whoever can't see it.

    `level` is how much may be dirty: m (15 %) for a screen or a label, q (25 %) for a poster. `quick` takes
    the first of the eight patterns that may lie over a code, and does not draw all of them to find the
    fairest: a fifth of the time, for a few letters on a bright screen; every reader knows all eight.
    Raises `InputError` if the text is empty or too long.
    """
    out = BytesIO()
    _made(text, level, 0 if quick else None).save(
        out,
        kind="svg",
        xmldecl=False,
        omitsize=True,
        border=4,
        dark="#000",
        light="#fff",
        svgclass="qr",
        lineclass=None,
        title=title or None,
        nl=False,
    )
    svg = out.getvalue().decode("utf-8")
    return svg.replace("<svg ", '<svg role="img" ' if title else '<svg aria-hidden="true" ', 1)


def qr_png(text: str, *, scale: int = 8, level: Level = "m") -> bytes:
    """A PNG with `scale` pixels a module; raises `InputError` if the text is empty or too long."""
    out = BytesIO()
    _made(text, level).save(out, kind="png", scale=scale, border=4, dark="#000", light="#fff")
    return out.getvalue()


def _made(text: str, level: Level, mask: int | None = None) -> segno.QRCode:
    if not text:
        raise InputError("there is nothing to encode", at="qr")
    if len(text) > MAX_CHARACTERS:
        raise InputError(f"has {len(text):,} characters; a code holds at most {MAX_CHARACTERS:,}", at="qr")
    try:
        encoding = None if text.isascii() else "utf-8"  # what every phone expects; Shift JIS would be shorter
        return segno.make_qr(text, error=level, boost_error=True, encoding=encoding, mask=mask)
    except (segno.DataOverflowError, UnicodeError):
        raise InputError("is too long for a QR code", at="qr") from None
