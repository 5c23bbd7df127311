"""Fonts: found, seen to draw, and asked for in words where they are missing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest
import typst
from paper_samples import HEADING
from PIL import ImageFont

from millpond.errors import InputError
from millpond.paper import Line, Order, PickUpList, fonts, pick_up_list_pdf, typesetting
from millpond.paper.fonts import MISSING, find_fonts
from millpond.paper.glyphs import characters


def nothing_installed() -> fonts.Fonts:
    """A machine with typst's own fonts and no other."""
    return fonts.Fonts(typst.Fonts(include_system_fonts=False), {}, None, fonts.EMBEDDED)


def a_list(name: str) -> PickUpList:
    order = Order(number=1, code="1", name=name, lines=(Line(item="rice", quantity=1),))
    return PickUpList(heading=replace(HEADING, title="Rice", community="Mill"), orders=(order,))


def test_a_font_for_chinese_is_found_here() -> None:
    found = find_fonts()
    assert found.chinese is not None
    path, index = found.faces[found.chinese]
    assert {ord(char) for char in "平塘鄢龘"} <= characters(path, index)


def test_without_a_font_for_chinese_nothing_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typesetting, "find_fonts", lambda folder: nothing_installed())
    with pytest.raises(InputError, match="fonts-noto-cjk") as refused:
        pick_up_list_pdf(a_list("Wang"), "zh")
    assert refused.value.at == "fonts"
    with pytest.raises(InputError, match="no font with Chinese"):
        pick_up_list_pdf(a_list("王"), "en")


def test_what_needs_no_chinese_is_printed_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typesetting, "find_fonts", lambda folder: nothing_installed())
    assert pick_up_list_pdf(a_list("Zoë Åström"), "en").startswith(b"%PDF")


def test_a_font_that_only_says_it_has_chinese_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """One box for every character: its table names them all, its glyphs are alike."""
    found = find_fonts()
    assert found.chinese is not None
    latin = next(face for name, face in found.faces.items() if name.startswith("DejaVu Sans"))
    monkeypatch.setattr(fonts, "_characters", lambda path, index: frozenset(range(0x20, 0x20000)))
    assert not fonts._draws({"Boxes": latin}, "Boxes")
    assert fonts._draws({"Real": found.faces[found.chinese]}, "Real")


def test_a_folder_of_fonts_comes_first(tmp_path: Path) -> None:
    found = find_fonts()
    last = next(name for name in reversed(fonts.CHINESE) if name in found.faces)
    path, _ = found.faces[last]
    (tmp_path / path.name).symlink_to(path)
    assert find_fonts(tmp_path).chinese == last
    page = pypdfium2.PdfDocument(pick_up_list_pdf(a_list("王芳"), "zh", tmp_path))[0]
    used = {
        obj.get_font().get_base_name().casefold()
        for obj in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_TEXT])
    }
    assert any(last.replace(" ", "").casefold() in name for name in used)


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a folder with fonts"):
        find_fonts(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("王芳", "王芳"),
        ("a\tb\x00\x1b", "a b"),
        ("a\u202eb\u2066\ufeff", "ab"),
        ("王\U0010ffff\ue000", "王"),
        ("e\u0301", "é"),
        ("☎\ufe0f", "☎"),
    ],
)
def test_what_is_printable(typed: str, printed: str) -> None:
    assert find_fonts().printable(typed) == printed


def test_a_character_that_nobody_can_draw_is_a_star() -> None:
    machine = nothing_installed()
    assert machine.printable("Anna 🌸 Ω") == f"Anna {MISSING} Ω"
    assert machine.printable("👍🏽") == MISSING
    assert machine.printable("a👩‍👩‍👧b🌸🌸c**d") == f"a{MISSING}b{MISSING}c**d"


def test_what_is_no_font_has_no_characters(tmp_path: Path) -> None:
    for at, data in enumerate((b"", b"ttcf" + b"\xff" * 40, b"\0\1\0\0\0\x09" + bytes(300), b"\xff" * 500)):
        file = tmp_path / f"{at}.ttf"
        file.write_bytes(data)
        assert characters(file) == frozenset()
        assert characters(file, 7) == frozenset()
    assert characters(tmp_path / "none.ttf") == frozenset()


def test_characters_agree_with_the_font_itself() -> None:
    path, index = next(face for name, face in find_fonts().faces.items() if name == find_fonts().chinese)
    have = characters(path, index)
    font = ImageFont.truetype(str(path), 20, index=index)
    box = bytes(font.getmask("\uffff"))
    for char in "平塘鄢ａé1":
        assert ord(char) in have
        assert bytes(font.getmask(char)) != box
    for char in "\u0628\u05d0\u0e01":  # Arabic, Hebrew, Thai
        assert (ord(char) in have) == (bytes(font.getmask(char)) != box)
