"""QR codes: a page with a strict policy shows them, and they say what they should."""

from __future__ import annotations

import re
from io import BytesIO
from xml.etree import ElementTree

import pytest
import segno
from PIL import Image

from millpond.errors import InputError
from millpond.paper.qr import qr_png, qr_svg

LINK = "https://example.org/xfl/g/k3m9p2"


def test_the_svg_needs_nothing_that_a_strict_policy_forbids() -> None:
    svg = qr_svg(LINK, title='<script>"&')
    root = ElementTree.fromstring(svg)
    allowed = {"viewBox", "class", "role", "fill", "stroke", "d"}
    assert {name for element in root.iter() for name in element.attrib} <= allowed
    assert {element.tag.rpartition("}")[2] for element in root.iter()} == {"svg", "title", "path"}
    assert root.get("role") == "img"
    assert root[0].text == '<script>"&'
    assert len(svg) < 4_000
    assert 'aria-hidden="true"' in qr_svg(LINK)


def drawn(svg: str) -> list[str]:
    """The rows of modules that the SVG draws, without the quiet zone."""
    found = re.search(r'viewBox="0 0 (\d+) \d+"', svg)
    path = re.search(r'stroke="#000" d="([^"]+)"', svg)
    assert found
    assert path
    size = int(found[1])
    rows = [[" "] * size for _ in range(size)]
    x = y = 0.0
    for command, numbers in re.findall(r"([Mmh])([-\d. ]+)", path[1]):
        values = [float(number) for number in numbers.split()]
        if command == "h":
            for column in range(int(x), int(x + values[0])):
                rows[int(y)][column] = "#"
            x += values[0]
        else:
            x, y = (values[0], values[1]) if command == "M" else (x + values[0], y + values[1])
    return ["".join(row)[4:-4] for row in rows[4:-4]]


@pytest.mark.parametrize("text", [LINK, "提货码 4711", "x" * 900])
def test_svg_and_png_draw_the_code_of_the_text(text: str) -> None:
    code = segno.make_qr(text, error="m", encoding=None if text.isascii() else "utf-8")
    expected = ["".join("#" if module else " " for module in row) for row in code.matrix]
    assert drawn(qr_svg(text)) == expected
    image = Image.open(BytesIO(qr_png(text, scale=2))).convert("L")
    size = len(expected)
    assert image.size == (2 * (size + 8),) * 2
    shown = [
        "".join("#" if image.getpixel((2 * (x + 4), 2 * (y + 4))) == 0 else " " for x in range(size))
        for y in range(size)
    ]
    assert shown == expected


def test_a_quick_one_holds_the_same_letters_under_another_pattern() -> None:
    quick = segno.make_qr("ACDEF7", error="m", mask=0)
    expected = ["".join("#" if module else " " for module in row) for row in quick.matrix]
    assert drawn(qr_svg("ACDEF7", quick=True)) == expected
    assert quick.designator == segno.make_qr("ACDEF7", error="m").designator, "as large and as sturdy"


@pytest.mark.parametrize("text", ["", "x" * 1_001, "字" * 1_000])
def test_what_no_code_can_hold_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="qr"):
        qr_svg(text)
    with pytest.raises(InputError, match="qr"):
        qr_png(text)
