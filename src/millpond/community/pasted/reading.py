"""The entry: a pasted list read into entries, with everything doubtful marked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from millpond.community.group import Item
from millpond.community.pasted.bodies import BodyReader
from millpond.community.pasted.catalogue import Catalogue
from millpond.community.pasted.characters import split_lines
from millpond.community.pasted.copies import compared, numbering
from millpond.community.pasted.lines import Line, Sort, sorted_lines
from millpond.community.pasted.tallies import checked
from millpond.community.pasted.values import (
    Doubt,
    DoubtCode,
    Entry,
    IgnoredLine,
    IgnoredReason,
    PastedList,
)
from millpond.community.pasted.wants import with_unusual_units_marked
from millpond.errors import InputError

__all__ = ["MAX_CHARACTERS", "MAX_LINES", "read_list"]

MAX_CHARACTERS = 200_000
"""A group has at most 500 people and a line some 40 characters: ten copies of the longest list fit."""

MAX_LINES = 5_000
"""As above: ten copies of 500 lines."""


def read_list(text: str, items: Sequence[Item]) -> PastedList:
    """Read a pasted list against the items of an order; without items their texts are proposed as they stand.

    Raises `InputError` for a text beyond `MAX_CHARACTERS` or `MAX_LINES`; nothing else in a text is an error.
    """
    if len(text) > MAX_CHARACTERS:
        raise InputError(
            f"the list has {len(text):,} characters, at most {MAX_CHARACTERS:,} can be read at once"
        )
    sources = split_lines(text)
    if len(sources) > MAX_LINES:
        raise InputError(f"the list has {len(sources):,} lines, at most {MAX_LINES:,} can be read at once")
    reader = BodyReader(Catalogue(items))
    lines = sorted_lines(sources, reader)
    is_numbered = any(line.number is not None for line in lines if line.sort is Sort.ENTRY)
    entries = _with_copied_wants(
        [_entry(line, is_numbered) for line in lines if line.sort is Sort.ENTRY], lines
    )
    entries = with_unusual_units_marked(reader.catalogue, entries)
    entries = compared(entries, [line.line for line in lines if line.starts_copy])
    heading = [line for line in lines if line.sort is Sort.HEADING]
    return PastedList(
        heading="\n".join(line.text for line in heading),
        heading_lines=tuple(line.line for line in heading),
        entries=tuple(entries),
        ignored=tuple(
            IgnoredLine(line.line, line.source, line.reason) for line in lines if line.sort is Sort.IGNORED
        ),
        doubts=(*numbering(entries), *_tallies(lines, entries, reader)),
    )


def _entry(line: Line, is_numbered: bool) -> Entry:
    draft = line.draft
    if line.partly_struck:
        draft.doubt(DoubtCode.PARTLY_STRUCK, line.source.strip())
    if is_numbered and line.number is None:
        draft.doubt(DoubtCode.NO_NUMBER, line.text)
    if not draft.name and line.body.startswith("+"):
        draft.doubt(DoubtCode.FOLLOW_UP, line.text)
    return Entry(
        number=line.number,
        line=line.line,
        source=line.source,
        name=draft.name,
        wants=tuple(draft.wants),
        note=" ".join(draft.notes),
        phone=draft.phone,
        address=draft.address,
        doubts=tuple(draft.doubts),
        struck_out=line.struck_out or draft.struck_out,
    )


def _with_copied_wants(entries: Iterable[Entry], lines: Sequence[Line]) -> list[Entry]:
    """同上 has what the entry above has, and is marked already."""
    as_above = {line.line for line in lines if line.draft.as_above}
    result: list[Entry] = []
    for entry in entries:
        if entry.line in as_above and result:
            entry = replace(entry, wants=(*result[-1].wants, *entry.wants))
        result.append(entry)
    return result


def _tallies(lines: Sequence[Line], entries: Sequence[Entry], reader: BodyReader) -> Iterable[Doubt]:
    """Each sum is checked against the orders above it, up to the heading of its copy."""
    for tally in lines:
        if tally.reason is not IgnoredReason.TALLY or tally.sort is not Sort.IGNORED:
            continue
        start = max((line.line for line in lines if line.starts_copy and line.line < tally.line), default=0)
        above = [entry for entry in entries if start < entry.line < tally.line and not entry.struck_out]
        doubt = checked(tally.source, tally.line, above, reader)
        if doubt is not None:
            yield doubt
