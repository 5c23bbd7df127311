"""The same list pasted more than once, lines repeated, people who appear twice, numbers that jump.

In a group everybody copies the list and adds a line, so that a paste often has it several times. The longest
copy stands for all of them (of equally long ones the last); a line of a shorter one is a duplicate if the
longest has the same person under the same number, or the same person at all. What only a shorter copy has is
kept and marked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from millpond.community.pasted.characters import fold
from millpond.community.pasted.values import Doubt, DoubtCode, Entry

__all__ = ["blocks_of", "compared", "numbering"]

MAX_NUMBERS_NAMED = 200
"""Characters of missing numbers that a doubt lists."""


def blocks_of(entries: Sequence[Entry], breaks: Sequence[int]) -> list[list[Entry]]:
    """The entries as copies of the list: a new one begins at a heading, or where numbers begin again."""
    blocks: list[list[Entry]] = []
    lowest, waiting = 0, list(breaks)
    for entry in entries:
        heading_before = False
        while waiting and waiting[0] < entry.line:
            waiting.pop(0)
            heading_before = True
        again = entry.number is not None and blocks and 0 < entry.number <= lowest and len(blocks[-1]) > 1
        if not blocks or heading_before or again:
            blocks.append([])
            lowest = 0
        blocks[-1].append(entry)
        if entry.number is not None and (lowest == 0 or entry.number < lowest):
            lowest = entry.number
    return blocks


def compared(entries: Sequence[Entry], breaks: Sequence[int]) -> list[Entry]:
    """The entries with duplicates told and doubts between lines added."""
    found = {entry.line: entry for entry in entries}
    blocks = sorted(blocks_of(entries, breaks), key=lambda block: (len(block), block[0].line))
    while blocks:
        longest = blocks.pop()
        apart = []
        for block in blocks:
            if _is_copy(block, longest):
                _supersede(block, longest, found)
            else:
                apart.append(block)
        blocks = apart
    result = sorted(found.values(), key=lambda entry: entry.line)
    return _to_the_last(_same_people(result))


def _who(entry: Entry) -> str:
    return fold(entry.name).replace(" ", "") or f"?{_says(entry)}"


def _says(entry: Entry) -> tuple[object, ...]:
    wants = sorted((want.item or want.text, want.quantity) for want in entry.wants)
    return (*wants, entry.struck_out)


def _is_copy(block: Sequence[Entry], longest: Sequence[Entry]) -> bool:
    """At least half of the shorter one stands in the longer one, too, under the same numbers."""
    known = {(entry.number, _who(entry)) for entry in longest}
    return 2 * sum((entry.number, _who(entry)) in known for entry in block) >= len(block)


def _supersede(block: Sequence[Entry], longest: Sequence[Entry], found: dict[int, Entry]) -> None:
    by_number = {(entry.number, _who(entry)): entry.line for entry in longest}
    by_name = {_who(entry): entry.line for entry in longest}
    for entry in block:
        line = by_number.get((entry.number, _who(entry)), by_name.get(_who(entry)))
        if line is None:
            doubt = Doubt(DoubtCode.ONLY_IN_SHORTER, entry.name)
            found[entry.line] = replace(entry, doubts=(*entry.doubts, doubt))
            continue
        found[entry.line] = replace(entry, duplicate_of=line)
        if _says(entry) != _says(found[line]):
            doubt = Doubt(DoubtCode.CHANGED_IN_COPY, entry.source, entry.line)
            found[line] = replace(found[line], doubts=(*found[line].doubts, doubt))


def _same_people(entries: Sequence[Entry]) -> list[Entry]:
    """Mark who appears twice; a line that repeats an earlier one in all it says is its duplicate."""
    first: dict[str, Entry] = {}
    result = []
    for entry in entries:
        if entry.counts and entry.name:
            before = first.setdefault(_who(entry), entry)
            if before is not entry:
                repeated = entry.number == before.number and _says(entry) == _says(before)
                repeated = repeated and (entry.note, entry.address, entry.phone) == (
                    before.note,
                    before.address,
                    before.phone,
                )
                code = DoubtCode.REPEATED_LINE if repeated else DoubtCode.SAME_NAME
                entry = replace(
                    entry,
                    doubts=(*entry.doubts, Doubt(code, entry.name, before.line)),
                    duplicate_of=before.line if repeated else None,
                )
        result.append(entry)
    return result


def _to_the_last(entries: Sequence[Entry]) -> list[Entry]:
    """A duplicate of a duplicate is one of the entry that stands for both."""
    stands_for = {entry.line: entry.duplicate_of for entry in entries if entry.duplicate_of is not None}
    result = []
    for entry in entries:
        line = entry.duplicate_of
        while line in stands_for and stands_for[line] != entry.line:
            line = stands_for[line]
        result.append(replace(entry, duplicate_of=line) if line != entry.duplicate_of else entry)
    return result


def numbering(entries: Sequence[Entry]) -> Iterator[Doubt]:
    """Doubts about the list as a whole: numbers that are missing, numbers that two people have."""
    seen: dict[int, int] = {}
    repeated: dict[int, int] = {}
    for entry in entries:
        if entry.number is None or entry.duplicate_of is not None:
            continue
        if entry.number in seen:
            repeated.setdefault(entry.number, entry.line)
        seen.setdefault(entry.number, entry.line)
    for number, line in repeated.items():
        yield Doubt(DoubtCode.NUMBER_REPEATED, str(number), line)
    missing = [
        str(low + 1) if high == low + 2 else f"{low + 1}–{high - 1}"
        for low, high in zip(sorted(seen), sorted(seen)[1:], strict=False)
        if high > low + 1
    ]
    if missing:
        yield Doubt(DoubtCode.NUMBER_GAP, ", ".join(missing)[:MAX_NUMBERS_NAMED])
