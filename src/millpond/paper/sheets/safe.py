"""Text that people typed, on its way into a spreadsheet: never a formula, never a link.

Excel, LibreOffice and WPS read a CSV cell that begins with one of `RISKY` as a formula, which can call other
programs or send the sheet away (OWASP: CSV injection). In a workbook a cell has a type and text stays text;
there the sign is a format (`quotePrefix`), so that it stays text when somebody edits it, too. In CSV an
apostrophe is put in front, and taken off again by our reader.
"""

from __future__ import annotations

RISKY = tuple("=+-@\t\r\n|%＝＋－＠")
"""Signs that begin a formula, also full-width ones, and what such a sign is hidden behind."""


def is_risky(text: str) -> bool:
    """Whether a program may take the text for a formula.

    >>> [is_risky(text) for text in ("=1+1", " =1+1", "-5", "王芳", "")]
    [True, True, True, False, False]
    """
    return text.lstrip(" \u3000\u00a0\ufeff'\"").startswith(RISKY) or text.startswith(RISKY)


def plain(text: str, most: int) -> str:
    """The text without control characters (a tab and a line's end become a space), at most so long."""
    shown = "".join(
        char if char.isprintable() else " " if char in "\t\r\n\u2028\u2029" else "" for char in text
    )
    return shown.strip()[:most]


def guarded(text: str) -> str:
    """The text as it may stand in CSV.

    >>> guarded('=HYPERLINK("x")'), guarded("王芳")
    ('\\'=HYPERLINK("x")', '王芳')
    """
    return f"'{text}" if is_risky(text) else text


def unguarded(text: str) -> str:
    """What `guarded` was given."""
    return text[1:] if text.startswith("'") and is_risky(text[1:]) else text
