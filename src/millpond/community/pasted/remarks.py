"""What is left of a line when name, items and quantities are taken out: remarks, changes, cancellations.

A remark that speaks of quantities, items, changes or other people is kept as a note and marked, whether it
stands in brackets or not; so is text that is not known to be a remark.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from millpond.community.pasted import vocabulary as words
from millpond.community.pasted.draft import Draft
from millpond.community.pasted.pieces import Kind, Piece, Pieces
from millpond.community.pasted.values import DoubtCode

__all__ = ["read_remarks"]


def read_remarks(draft: Draft, pieces: Sequence[Piece], tool: Pieces, goods: Sequence[Piece]) -> None:
    """Put what is left into the note, with a doubt wherever it may matter. `goods` are the items read."""
    notes: list[tuple[int, int, str]] = []
    for piece in pieces:
        if piece.kind is Kind.BRACKET:
            notes += [(piece.start, piece.end, text) for text in _bracket(draft, piece, tool)]
        elif piece.kind is Kind.NOTE:
            notes.append((piece.start, piece.end, piece.text))
        elif piece.kind is Kind.TEXT:
            notes += [(piece.start, piece.end, text) for text in _text(draft, piece, goods)]
    draft.notes += _joined(sorted(notes))


def _joined(notes: Sequence[tuple[int, int, str]]) -> list[str]:
    """Texts that stand side by side are one: 晚上, 8点, 取."""
    result: list[str] = []
    last = -1
    for start, end, text in notes:
        if start == last:
            result[-1] += text
        else:
            result.append(text)
        last = end
    return result


def _bracket(draft: Draft, piece: Piece, tool: Pieces) -> list[str]:
    text, folded = piece.text.strip(), piece.folded.strip()
    if words.CANCEL_ALL.fullmatch(folded) or words.CANCEL_UNSURE.fullmatch(folded):
        draft.struck_out = True
        draft.cancelling_unsure |= words.CANCEL_ALL.fullmatch(folded) is None
        return []
    if words.CANCEL.search(folded):
        draft.doubt(DoubtCode.CANCELLED, text)
    elif words.CHANGE.search(folded):
        draft.doubt(DoubtCode.CHANGED, text)
    if words.ANOTHER_IN_NOTE.search(folded):
        draft.doubt(DoubtCode.FOR_ANOTHER, text)
    if tool.speaks_of_order(text) or (words.NEGATION.search(folded) and tool.catalogue.names_a_part(folded)):
        draft.doubt(DoubtCode.NOTE_MATTERS, text)
    return [text] if text else []


def _text(draft: Draft, piece: Piece, goods: Sequence[Piece]) -> list[str]:
    folded = piece.folded
    if not draft.name:
        draft.name = piece.text
        draft.doubt(DoubtCode.NAME_UNCLEAR, piece.text)
        return []
    if any(item.start == piece.end or item.end == piece.start for item in goods):
        draft.doubt(DoubtCode.UNKNOWN_ITEM, piece.text)
    if words.ANOTHER.match(folded):
        draft.doubt(DoubtCode.FOR_ANOTHER, piece.text)
    elif words.CANCEL.search(folded):
        draft.doubt(DoubtCode.CANCELLED, piece.text)
    elif words.CHANGE.search(folded):
        draft.doubt(DoubtCode.CHANGED, piece.text)
    elif any(character.isalnum() for character in folded) and (
        words.NEGATION.search(folded) or re.search(r"\d", folded) or not words.REMARK.search(folded)
    ):
        draft.doubt(DoubtCode.REMARK, piece.text)
    return [piece.text]
