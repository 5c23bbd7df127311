"""Sums that the leader wrote below the list, checked against what the lines come to."""

from __future__ import annotations

import re
from collections.abc import Sequence

from millpond.community.pasted import units
from millpond.community.pasted.bodies import BodyReader
from millpond.community.pasted.characters import clean, fold
from millpond.community.pasted.values import Doubt, DoubtCode, Entry, PastedWant

__all__ = ["checked"]

_PEOPLE = re.compile(r"(\d+)\s*(?:人|户|位|家|单|名|people|households|orders)")
_WORD = re.compile(r"(?:合计|总计|共计|总共|一共|总数|统计|小计|汇总|共|(?:grand )?total|sum)\s*:?\s*")
_MONEY = re.compile(r"[￥¥$]\s*\d+(?:\.\d+)?|\d+(?:\.\d+)?\s*(?:元|块)")


def checked(source: str, line: int, entries: Sequence[Entry], reader: BodyReader) -> Doubt | None:
    """A doubt if the tally in this line differs from the entries above it, or can't be compared."""
    text = _WORD.sub(" ", fold(clean(source).text))
    text = _MONEY.sub(" ", text)
    doubt = Doubt(DoubtCode.TALLY, source.strip(), line)
    people = _PEOPLE.search(fold(text))
    if people:
        if int(people[1][:9]) != len(entries):
            return doubt
        text = text[: people.start()] + " " + text[people.end() :]
    if not re.search(r"\w", text):
        return None
    wants = [want for entry in entries for want in entry.wants]
    said = reader.read(f"- {text}").wants
    if not said:
        return doubt
    return None if all(_agrees(want, said, wants, reader) for want in said) else doubt


def _agrees(
    said: PastedWant, all_said: Sequence[PastedWant], wants: Sequence[PastedWant], reader: BodyReader
) -> bool:
    if said.text:
        total = sum(want.quantity for want in wants if want.item == said.item)
        return said.item is not None and total == said.quantity
    if len(all_said) > 1:
        return False
    of_unit = {
        id
        for id, item in reader.catalogue.items.items()
        if units.normal(fold(item.unit)) == units.normal(said.unit)
    }
    counted = [want for want in wants if want.item in of_unit] if of_unit else wants
    return sum(want.quantity for want in counted) == said.quantity
