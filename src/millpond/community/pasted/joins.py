"""Pieces that belong together: words of one remark, name and variant of one item, a room inside a remark.

All functions take pieces in the order of the body and give them back in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from millpond.community.pasted import units
from millpond.community.pasted.pieces import ORDERING, Kind, Piece

__all__ = ["mentions_together", "rooms_in_remarks", "sizes_among", "texts_together"]

_ROOM_IN_TEXT = {Kind.TEXT, Kind.ADDRESS}


def texts_together(pieces: Sequence[Piece], body: str) -> list[Piece]:
    """Words with nothing but spaces between them are one text: leave at door."""
    result: list[Piece] = []
    for piece in pieces:
        last = result[-1] if result else None
        if last and last.kind is piece.kind is Kind.TEXT and body[last.end : piece.start].isspace():
            result[-1] = Piece(Kind.TEXT, last.start, piece.end, body[last.start : piece.end])
        else:
            result.append(piece)
    return result


def mentions_together(pieces: Sequence[Piece], body: str) -> list[Piece]:
    """校服 蓝色 M码 is one thing; brackets round what was read are gone after this."""
    result: list[Piece] = []
    for piece in pieces:
        if piece.kind is Kind.FILLER and piece.folded in "()[]":
            continue
        last = result[-1] if result else None
        if last and last.found and piece.found and (both := last.found.narrowed(piece.found)):
            result[-1] = Piece(Kind.ITEM, last.start, piece.end, body[last.start : piece.end], found=both)
        else:
            result.append(piece)
    return result


def rooms_in_remarks(pieces: Sequence[Piece], body: str) -> list[Piece]:
    """放5栋门口, behind the order: that is not where the household lives."""
    result: list[Piece] = []
    named = ordered = False
    for piece in pieces:
        last = result[-1] if result else None
        if (
            last
            and named
            and ordered
            and piece.start == last.end
            and {piece.kind, last.kind} == _ROOM_IN_TEXT
        ):
            result[-1] = Piece(Kind.TEXT, last.start, piece.end, body[last.start : piece.end])
        else:
            result.append(piece)
        named |= piece.kind is Kind.TEXT
        ordered |= piece.kind in ORDERING
    return result


def sizes_among(pieces: Sequence[Piece]) -> list[Piece]:
    """Weights beside a count, 大米10斤2袋 or 10斤大米2袋: they say which, and are no quantities.

    Only weights that no item has come here: those of items are parts of their names.
    """
    sizes: list[Piece] = []
    for place, (before, after) in enumerate(pairwise(pieces)):
        if before.quantity is None or not units.is_measure(before.quantity.unit):
            continue
        follows: Piece | None = after
        if after.kind is Kind.ITEM:
            if place > 0:
                continue  # it is the quantity of the item before
            follows = pieces[place + 2] if place + 2 < len(pieces) else None
        if follows is None or follows.quantity is None:
            continue
        if follows.quantity.unit and not units.is_measure(follows.quantity.unit):
            sizes.append(before)
    return sizes
