"""A template and its data become a PDF, by typst.

Invariants:
- Templates are files of this package and never change. What people typed travels beside them as one JSON
  document, and arrives as text: nothing in it is ever read as markup, code or a path.
- Templates can read nothing but their own folder, and ask the network for nothing.
- The same data gives the same bytes: the only date in a document is the one it was given.
"""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path
from threading import Lock
from typing import Any, Literal

import typst

from millpond.paper.fonts import find_fonts
from millpond.paper.wording import texts

TEMPLATES = Path(str(files("millpond.paper"))) / "templates"
MAX_TEXT = 400
"""Characters of one text on paper. What is longer ends in an ellipsis."""

Format = Literal["pdf", "png"]
SCREEN_PPI = 72
"""Of a page shown on a screen: A4 is 595 x 842 pixels."""

_ONE_AT_A_TIME = Lock()  # a large list takes 100 MB while it is set, and a small machine has 512
_LONG_RUN = re.compile(r"[!-~]{15,}")
_PIECE = 6


def typeset(
    template: str, data: dict[str, Any], language: str, folder: Path | None = None, *, format: Format = "pdf"
) -> bytes:
    """The PDF of `templates/{template}.typ` with this data; as "png" its first page for a screen.

    `data` is of dicts, lists, texts, numbers, truth values and None; its texts are cleaned here. Words in the
    language are added as `w`. `folder` has fonts to be used before those of the system. Raises `InputError`
    for an unknown language and where there is no font for Chinese.
    """
    fonts = find_fonts(folder)
    seen: set[str] = set()

    def cleaned(value: Any) -> Any:
        if isinstance(value, str):
            text = shortened(fonts.printable(value))
            seen.update(text)
            return breakable(text)
        if isinstance(value, dict):
            return {key: inner if key in _RAW else cleaned(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [cleaned(inner) for inner in value]
        return value

    document = cleaned(data | {"w": texts(language)})
    document |= {"language": language, "families": list(fonts.families_for("".join(seen)))}
    compiler = typst.Compiler(
        TEMPLATES / f"{template}.typ",
        root=TEMPLATES,
        font_paths=fonts.found,
        sys_inputs={"data": json.dumps(document, ensure_ascii=False)},
    )
    with _ONE_AT_A_TIME:
        made = compiler.compile(format=format, ppi=SCREEN_PPI)
    if isinstance(made, list):
        made = made[0]
    if not isinstance(made, bytes):
        raise TypeError(f"typst gave no {format}")
    return made


_RAW = frozenset({"qr", "picture"})
"""Keys of what is no text: an SVG of ours, the bytes of a picture."""


def shortened(text: str, most: int = MAX_TEXT) -> str:
    """At most so many characters, the last an ellipsis where there were more."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def breakable(text: str) -> str:
    """The text, with places where a run of letters without any space may go on in the next line."""
    return _LONG_RUN.sub(_broken, text)


def _broken(run: re.Match[str]) -> str:
    text = run.group()
    return "\u200b".join(text[i : i + _PIECE] for i in range(0, len(text), _PIECE))
