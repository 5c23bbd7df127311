"""Which fonts paper is set in, and whether they have a glyph for everything that stands on it.

Invariants:
- A family for Chinese is taken only if it has been seen to draw: its characters are there, leave ink, and
  differ from each other and from the box that stands for a missing one.
- A character that no font of the machine can draw is printed as `*`, never as an empty box.
- Fonts are looked for once for each folder; a font installed later is found after a restart.

Typst finds the system's fonts on Linux, Windows and macOS; a folder of fonts can be named beside them.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import typst
from PIL import ImageFont

from millpond.errors import InputError
from millpond.paper.glyphs import characters

CHINESE = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Noto Sans SC",
    "PingFang SC",
    "Hiragino Sans GB",
    "Microsoft YaHei",
    "MiSans",
    "HarmonyOS Sans SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Heiti SC",
    "STHeiti",
    "SimHei",
    "DengXian",
    "Droid Sans Fallback",
    "Noto Serif CJK SC",
    "Songti SC",
    "SimSun",
)
"""Families with simplified Chinese, the best to read on a list first."""

LATIN = (
    "Noto Sans",
    "Source Sans 3",
    "Segoe UI",
    "Helvetica Neue",
    "Arial",
    "Liberation Sans",
    "DejaVu Sans",
)
EMBEDDED = "Libertinus Serif"  # comes with typst
PROBES = "平塘团户提货李王张刘陈"
MISSING = "*"
NOT_FOR_PRINT = ("LastResort", "AdobeBlank", "Adobe Blank", "Last Resort")
"""Fonts that have a box, or nothing, for every character there is."""

_EMBEDDED_RANGES = ((0x20, 0x17F), (0x384, 0x3CE), (0x400, 0x45F), (0x2010, 0x2026))
_WEIGHTS = range(250, 501)


@dataclass(frozen=True, slots=True)
class Fonts:
    """The fonts of this machine, with those of a folder. `faces` has a regular one for each family."""

    found: typst.Fonts
    faces: dict[str, tuple[Path, int]]
    chinese: str | None
    latin: str
    _elsewhere: dict[str, str | None] = field(default_factory=dict)

    def families_for(self, text: str) -> tuple[str, ...]:
        """The families that this text is set in, in the order in which they are asked for a glyph."""
        families = dict.fromkeys(family for family in (self.chinese, self.latin, EMBEDDED) if family)
        for char in sorted(set(text)):
            if (other := self._other_family(char)) is not None:
                families.setdefault(other)
        return tuple(families)

    def printable(self, text: str) -> str:
        """The text without what can't be printed: control characters go, unknown glyphs become `*`.

        Marks that turn the direction of writing go too: a name can't reorder the figures beside it.
        Raises `InputError` if there are Chinese characters and no font for them.
        """
        if text.isascii() and text.isprintable():
            return text
        shown: list[str] = []
        for char in unicodedata.normalize("NFC", text):
            now = self._shown(char)
            if now != MISSING or char == MISSING or shown[-1:] != [MISSING]:  # one star for a family of emoji
                shown.append(now)
            shown = shown if now else shown[:-1]
        return "".join(shown)

    def _shown(self, char: str) -> str:
        if char in "\n\u200b":
            return char
        if self.chinese is None and _is_chinese(char):
            raise no_chinese_font()
        if char.isspace():
            return " "
        if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Cn"} or 0xFE00 <= ord(char) <= 0xFE0F:
            return ""
        if self._is_main(char) or self._other_family(char) is not None:
            return char
        return "" if unicodedata.combining(char) or 0x1F3FB <= ord(char) <= 0x1F3FF else MISSING

    def _is_main(self, char: str) -> bool:
        code = ord(char)
        if any(first <= code <= last for first, last in _EMBEDDED_RANGES):
            return True
        return any(self._has(family, code) for family in (self.chinese, self.latin) if family)

    def _has(self, family: str, code: int) -> bool:
        face = self.faces.get(family)
        return face is not None and code in _characters(*face)

    def _other_family(self, char: str) -> str | None:
        """A family besides the main ones that has the character; None if they have it, or nobody does."""
        if char.isspace() or char == "\u200b" or self._is_main(char):
            return None
        if char not in self._elsewhere:
            names = sorted(
                self.faces, key=lambda family: ("Emoji" not in family, "Sans" not in family, family)
            )
            self._elsewhere[char] = next((family for family in names if self._has(family, ord(char))), None)
        return self._elsewhere[char]


@cache
def find_fonts(folder: Path | None = None) -> Fonts:
    """The fonts of the system and, first, those of `folder`; raises `InputError` if it isn't one."""
    if folder is not None and not folder.is_dir():
        raise InputError("is not a folder with fonts", name=str(folder))
    paths = [str(folder)] if folder else []
    found = typst.Fonts(font_paths=paths)
    faces: dict[str, tuple[Path, int]] = {}
    for font in sorted(found.fonts(), key=lambda font: abs(font.weight - 400)):
        if font.path and font.style == "normal" and font.family not in NOT_FOR_PRINT:
            faces.setdefault(font.family, (Path(font.path), font.index))
    readable = {font.family for font in found.fonts() if font.weight in _WEIGHTS and font.style == "normal"}
    alone = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=paths)
    own = {font.family for font in alone.fonts()}

    def rank(family: str) -> tuple[bool, int, str]:
        known = CHINESE.index(family) if family in CHINESE else len(CHINESE)
        return family not in own, known, family

    chinese = next((family for family in sorted(readable, key=rank) if _draws(faces, family)), None)
    latin = next((family for family in LATIN if family in readable and family in faces), EMBEDDED)
    return Fonts(found, faces, chinese, latin)


def no_chinese_font() -> InputError:
    """What to do where there is no font for Chinese."""
    return InputError(
        "no font with Chinese characters was found, so nothing was printed. Install one: on Debian and "
        "Ubuntu `apt install fonts-noto-cjk`, on Fedora `dnf install google-noto-sans-cjk-fonts`, on Alpine "
        "`apk add font-noto-cjk`; Windows and macOS have one. Or name a folder with a font such as Noto Sans "
        "CJK SC",
        at="fonts",
    )


@cache
def _characters(path: Path, index: int) -> frozenset[int]:
    return characters(path, index)


def _is_chinese(char: str) -> bool:
    return 0x2E80 <= ord(char) <= 0x9FFF or 0xF900 <= ord(char) <= 0xFAFF or 0x20000 <= ord(char) <= 0x3FFFF


def _draws(faces: dict[str, tuple[Path, int]], family: str) -> bool:
    """Whether the family really draws Chinese: no two probes look alike, and none is empty or the box."""
    face = faces.get(family)
    if face is None or not all(ord(char) in _characters(*face) for char in PROBES):
        return False
    try:
        font = ImageFont.truetype(str(face[0]), 24, index=face[1], layout_engine=ImageFont.Layout.BASIC)
        shapes = {bytes(font.getmask(char)) for char in (*PROBES, "\uffff")}
    except (OSError, ValueError):
        return False
    return len(shapes) == len(PROBES) + 1 and all(any(shape) for shape in shapes if shape)
