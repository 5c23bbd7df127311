"""What each line of a pasted text is: heading, order, part of the order above, or nothing of an order.

Invariant: every line with something in it gets exactly one kind.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum, auto

from millpond.community.pasted import vocabulary as words
from millpond.community.pasted.bodies import BodyReader
from millpond.community.pasted.characters import KEYCAP, Clean, clean, fold, is_emoji
from millpond.community.pasted.draft import Draft
from millpond.community.pasted.markers import MAX_NUMBER, numbered
from millpond.community.pasted.numerals import CHINESE
from millpond.community.pasted.values import DoubtCode, IgnoredReason

__all__ = ["MAX_LINE_CHARACTERS", "Line", "Sort", "sorted_lines"]

MAX_LINE_CHARACTERS = 500
"""A line that is longer is no order of a household, and is not taken apart."""

_EXAMPLE = re.compile(r"(?:例(?:如|子)?|示例|样例|范例|举例|example|e\.g\.)\s*[:,.]?\s*")
_TALLY = re.compile(
    r"(?:目前|现在|已接龙?|已)?\s*"
    r"(?:合计|总计|共计|总共|一共|总数|统计|小计|汇总|共|(?:grand )?total|sum)\s*:?\s*"
)
_FIGURE = re.compile(rf"\d|[{CHINESE}]")


class Sort(Enum):
    """What a line is."""

    HEADING = auto()
    ENTRY = auto()
    MORE = auto()  # belongs to the entry above
    IGNORED = auto()


@dataclass(slots=True)
class Line:
    """One source line with something in it, and what was found out about it."""

    line: int
    source: str
    text: str = ""
    body: str = ""
    number: int | None = None
    sort: Sort = Sort.IGNORED
    reason: IgnoredReason = IgnoredReason.TALK
    draft: Draft = field(default_factory=Draft)
    struck_out: bool = False
    partly_struck: bool = False
    ticks: str = ""
    starts_copy: bool = False
    follows_directly: bool = False


def sorted_lines(sources: list[str], reader: BodyReader) -> list[Line]:
    """All lines with something in them, each with its kind and, for entries, with the order it says."""
    lines = _read_characters(sources)
    _read_numbers(lines, reader)
    reader.catalogue.learn(_menu(lines))
    for line in lines:
        if line.reason is not IgnoredReason.TOO_LONG:
            line.draft = reader.read(line.body)
    is_numbered = sum(line.number is not None for line in lines) * 3 >= len(lines)
    first = _first_entry(lines, is_numbered)
    headings = set()
    for place, line in enumerate(lines):
        if line.reason is IgnoredReason.TOO_LONG:
            continue
        reason = _no_order(line, is_numbered)
        if place < first:
            dropped = reason in {IgnoredReason.EXAMPLE, IgnoredReason.DIVIDER}
            if dropped and reason:
                line.reason = reason
            else:
                line.sort = Sort.HEADING
                headings.add(fold(line.text))
        elif fold(line.text) in headings or (
            line.number is None and words.HEADING_MARK.match(fold(line.text))
        ):
            line.reason, line.starts_copy = IgnoredReason.REPEATED_HEADING, True
        elif reason is not None:
            line.reason = reason
        else:
            line.sort = Sort.ENTRY
    _join(lines, reader, is_numbered)
    return lines


def _read_characters(sources: list[str]) -> list[Line]:
    lines: list[Line] = []
    for number, source in enumerate(sources, 1):
        if not source.strip():
            continue
        line = Line(number, source, follows_directly=bool(lines) and lines[-1].line == number - 1)
        lines.append(line)
        if len(source) > MAX_LINE_CHARACTERS:
            line.reason = IgnoredReason.TOO_LONG
            continue
        readable = clean(source)
        line.text = _without_strikes(line, readable)
    return lines


def _without_strikes(line: Line, readable: Clean) -> str:
    """The text to read; a line that was struck out wholly is still read, to show what it said."""
    if not any(readable.struck):
        return readable.text
    number = re.match(r"\W*\d*\W*", readable.text)
    front = number.end() if number else 0
    behind = list(zip(readable.text, readable.struck, strict=True))[front:]
    kept = "".join(character for character, gone in behind if character.isalnum() and not gone)
    if any(gone for _, gone in behind) and (not kept or words.CANCEL_ALL.fullmatch(fold(kept))):
        line.struck_out = True
        return readable.text
    line.partly_struck = True
    return re.sub(r"\s+", " ", readable.kept()).strip()


def _read_numbers(lines: list[Line], reader: BodyReader) -> None:
    def starts_order(rest: str) -> bool:
        return reader.begins_with_unit_or_item(fold(rest))

    previous = 0
    for line in lines:
        text = line.text
        while text and (text[0] in "✅☑✔❌❎✗✘🚫👉·•-*@ " or (is_emoji(text[0]) and _numbered_later(text))):
            line.ticks += text[0]
            text = text[1:]
        marker = numbered(text, previous=previous, starts_order=starts_order) if text else None
        if marker is None:
            line.body, line.ticks = line.text.replace(KEYCAP, ""), ""
            continue
        value, rest = marker
        if value <= MAX_NUMBER:
            line.number = previous = value
        line.body = f"{''.join(c for c in line.ticks if is_emoji(c))} {rest}".strip().replace(KEYCAP, "")


def _numbered_later(text: str) -> bool:
    """Whether pictures only stand before a number with its sign."""
    rest = text.lstrip("".join({c for c in text if is_emoji(c)}) + " ")
    return re.match(r"\d{1,4}\s*[.、):,]", rest) is not None


def _menu(lines: list[Line]) -> list[str]:
    """Lines above the orders that may explain letters and numbers."""
    menu = []
    for line in lines:
        if line.number is not None and not words.PRICE_EACH.search(fold(line.text)):
            break
        menu.append(line.text)
    return menu


def _first_entry(lines: list[Line], is_numbered: bool) -> int:
    """The place of the first line that is an order; behind the last one if there is none."""
    for place, line in enumerate(lines):
        if _no_order(line, is_numbered) is not None:
            continue
        if line.number is not None:
            return place
        clear = line.draft.asks and bool(line.draft.wants) and bool(line.draft.name)
        if not is_numbered and clear and _looks_clear(line.draft):
            return place
    return len(lines)


def _looks_clear(draft: Draft) -> bool:
    doubtful = {DoubtCode.REMARK, DoubtCode.NAME_UNCLEAR, DoubtCode.NO_QUANTITY, DoubtCode.UNKNOWN_ITEM}
    return not any(doubt.code in doubtful for doubt in draft.doubts)


def _no_order(line: Line, is_numbered: bool) -> IgnoredReason | None:
    """Why the line is no order; None if it is one."""
    body, draft = fold(line.body), line.draft
    if not any(c.isalnum() for c in line.text) and line.number is None and not draft.asks:
        return IgnoredReason.DIVIDER
    if _EXAMPLE.match(body):
        return IgnoredReason.EXAMPLE
    if _TALLY.match(body) and _FIGURE.search(body):
        return IgnoredReason.TALLY
    if line.number is None and draft.sums and not draft.name:
        return IgnoredReason.TALLY
    is_price = words.PRICE_EACH.search(body) is not None
    if is_price and any(doubt.code is DoubtCode.NO_NAME for doubt in draft.doubts):
        return IgnoredReason.MENU
    if line.number is not None:
        return None
    if words.NOTICE_START.match(body.lstrip("【[(*-· ")) or is_price:
        return IgnoredReason.NOTICE
    if words.TIME_STAMP.search(body) and not draft.asks:
        return IgnoredReason.TIME
    if not draft.asks and words.NOTICE.search(body):
        return IgnoredReason.NOTICE
    if words.QUESTION.search(body) and not any(want.unit for want in draft.wants):
        return IgnoredReason.TALK
    if draft.asks or draft.as_above or words.WANTS_IN.search(body):
        return None
    return IgnoredReason.TALK


def _join(lines: list[Line], reader: BodyReader, is_numbered: bool) -> None:
    """Lines that go on with the entry above: items without a name, directly below a numbered one."""
    above: Line | None = None
    for line in lines:
        if not is_numbered or above is None or line.number is not None or not line.follows_directly:
            above = line if line.sort is Sort.ENTRY else None
            continue
        if line.sort is Sort.ENTRY and _goes_on(line, above):
            had_wants = bool(above.draft.asks)
            above.body = f"{above.body}, {line.body}"
            above.source = f"{above.source}\n{line.source}"
            above.draft = reader.read(above.body)
            if had_wants:
                above.draft.doubt(DoubtCode.CONTINUED, line.text)
            line.sort = Sort.MORE
            continue
        above = line if line.sort is Sort.ENTRY else None


def _goes_on(line: Line, above: Line) -> bool:
    if line.draft.name or line.struck_out or above.struck_out or line.partly_struck or above.partly_struck:
        return False
    only_count = re.fullmatch(r"\W*\d*\W*", line.body) is not None
    return not (only_count and above.draft.asks)
