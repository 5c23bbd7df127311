"""One line's body read as an order: who, where, what, how many, remarks, and all that is doubtful about it.

Invariant: every piece of the line ends in the name, the address, the phone, a want or the note, or is a known
filler; what does not fit anywhere is a doubt.
"""

from __future__ import annotations

import re

from millpond.community.pasted import people, units
from millpond.community.pasted import vocabulary as words
from millpond.community.pasted.catalogue import Catalogue, Found
from millpond.community.pasted.characters import fold
from millpond.community.pasted.draft import Draft
from millpond.community.pasted.joins import (
    mentions_together,
    rooms_in_remarks,
    sizes_among,
    texts_together,
)
from millpond.community.pasted.pairing import STRONG, Element, matched
from millpond.community.pasted.pieces import ORDERING, Kind, Piece, Pieces
from millpond.community.pasted.quantities import LETTER, Quantity
from millpond.community.pasted.remarks import read_remarks
from millpond.community.pasted.values import Doubt, DoubtCode, PastedWant
from millpond.community.pasted.wants import made, of_unit_alone

__all__ = ["MAX_PIECES", "BodyReader"]

MAX_PIECES = 120
"""Of one line: ten items with quantities and commas are forty. A line with more is kept as a note, marked."""


class BodyReader:
    """Reads bodies of lines against the items of one order."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.pieces = Pieces(catalogue)

        self._start = re.compile(rf"\s?(?:{catalogue.units})(?![妈爸姐哥叔婶姨婆爷])")

    def read(self, body: str) -> Draft:
        """The order in the body of a line, without its number."""
        pieces = self.pieces.cut(body)
        if len(pieces) > MAX_PIECES:
            draft = Draft(notes=[body], asks=True)
            draft.doubt(DoubtCode.REMARK, body)
            draft.doubt(DoubtCode.NO_NAME)
            return draft
        return _Body(self, body, pieces).read()

    def begins_with_unit_or_item(self, text: str) -> bool:
        """Whether a figure before this folded text would be a quantity."""
        item = next(self.catalogue.find(text), None)
        return self._start.match(text) is not None or (item is not None and not text[: item[0]].strip())


_LETTERS = {Kind.ITEM: "I", Kind.QUANTITY: "Q", Kind.TEXT: "T", Kind.EACH: "E"}
_NO_ITEM = (words.CHANGE, words.CANCEL, words.NEGATION, words.REMARK)
_STRONG_BREAKS = set(",;、/|。\n")


class _Body:
    """The reading of one body, step by step."""

    def __init__(self, reader: BodyReader, body: str, pieces: list[Piece]) -> None:
        self.reader = reader
        self.catalogue = reader.catalogue
        self.body = body
        self.draft = Draft()
        self.pieces = self._with_nickname(pieces)
        self.goods: list[Piece] = []

    def read(self) -> Draft:
        self.draft.is_empty = not self.pieces
        self.pieces = rooms_in_remarks(self.pieces, self.body)
        self._contacts()
        self._single_words()
        self._rooms_among_quantities()
        self._who()
        self._what()
        read_remarks(self.draft, self.pieces, self.reader.pieces, self.goods)
        self._verdict()
        return self.draft

    # --- steps

    def _with_nickname(self, pieces: list[Piece]) -> list[Piece]:
        def fits(unit: str) -> bool:
            return any(units.fits(fold(item.unit), unit) for item in self.catalogue.items.values())

        result = people.counted_nickname(people.made_of_goods(pieces, self.body), self.body, fits)
        if pieces and pieces[0].kind is Kind.QUANTITY and result[0].kind is Kind.TEXT:
            self.draft.doubt(DoubtCode.NAME_UNCLEAR, result[0].text)
        if pieces and pieces[0].kind is Kind.BRACKET and not any(p.kind is Kind.TEXT for p in pieces):
            self.draft.doubt(DoubtCode.NAME_UNCLEAR, pieces[0].text)
            start = self.body.index(pieces[0].text)
            end = start + len(pieces[0].text)
            return [Piece(Kind.TEXT, start, end, pieces[0].text), *pieces[1:]]
        return result

    def _contacts(self) -> None:
        draft = self.draft
        rest: list[Piece] = []
        for place, piece in enumerate(self.pieces):
            if piece.kind in {Kind.PHONE, Kind.ODD_PHONE}:
                number = re.sub(r"\s" if piece.text.startswith("0") else r"[\s-]", "", piece.text)
                if piece.kind is Kind.ODD_PHONE or draft.phone:
                    draft.doubt(DoubtCode.PHONE, piece.text)
                if draft.phone:
                    draft.notes.append(number)
                draft.phone = draft.phone or number
            elif piece.kind is Kind.ADDRESS:
                before = self.pieces[place - 1] if place else None
                others = [p for p in self.pieces if p.kind is Kind.TEXT and p is not before]
                text = piece.text
                if before and before.kind is Kind.TEXT and before.end == piece.start and others:
                    text = before.text + text  # 阳光花园3栋502, with the name elsewhere
                    rest.remove(before)
                draft.address = f"{draft.address} {text}".strip()
            elif piece.kind is Kind.TICK:
                draft.notes.append(piece.text)
            elif piece.kind is Kind.CROSS:
                draft.struck_out = draft.cancelling_unsure = True
            rest.append(piece)
        self.pieces = rest

    def _single_words(self) -> None:
        """Words that are a whole remark by themselves: 取消, 同上; parts of items' names."""
        rest: list[Piece] = []
        for piece in self.pieces:
            folded = piece.folded
            if piece.kind is not Kind.TEXT:
                rest.append(piece)
            elif words.CANCEL_ALL.fullmatch(folded) and not self._leads(piece):
                self.draft.struck_out = True
            elif words.CANCEL_UNSURE.fullmatch(folded) and not self._leads(piece):
                self.draft.struck_out = self.draft.cancelling_unsure = True
            elif words.ABOVE.fullmatch(folded):
                self.draft.as_above = True
                self.draft.doubt(DoubtCode.SAME_AS_ABOVE, piece.text)
            elif any(p.kind is Kind.TEXT for p in rest) and (found := self.catalogue.whole(folded)):
                rest.append(Piece(Kind.ITEM, piece.start, piece.end, piece.text, found=found))
            else:
                rest.append(piece)
        self.pieces = rest
        if not self.draft.as_above and (
            found_above := re.search(r"same as (?:above|before)", self.body.lower())
        ):
            self.draft.as_above = True
            self.draft.doubt(DoubtCode.SAME_AS_ABOVE, found_above[0])
            first, last = found_above.span()
            self.pieces = [p for p in self.pieces if p.end <= first or p.start >= last]

    def _leads(self, piece: Piece) -> bool:
        """Whether it runs into an item or a quantity and so is about that alone: 不要油, 退1袋."""
        return any(p.kind in ORDERING and p.start == piece.end for p in self.pieces)

    def _rooms_among_quantities(self) -> None:
        """A bare figure of three or four digits is a room, if the order has its quantities without it."""
        quantities = [p for p in self.pieces if p.kind is Kind.QUANTITY]
        rooms = [p for p in quantities if p.quantity and p.quantity.bare and re.fullmatch(r"\d{3,4}", p.text)]
        items = [p for p in self.pieces if p.kind is Kind.ITEM]
        others = len(quantities) - len(rooms)
        if not rooms or (others == 0 and items) or (others and others < len(items)):
            return
        edges = {
            edge for p in self.pieces if p.kind in ORDERING and p not in rooms for edge in (p.start, p.end)
        }
        glued = any(room.start in edges or room.end in edges for room in rooms)
        if len(rooms) > 1 or others == 0 or glued:
            self.draft.doubt(DoubtCode.NUMBER_UNCLEAR, rooms[0].text)
        for room in rooms:
            self.draft.address = f"{self.draft.address} {room.text}".strip()
        self.pieces = [
            Piece(Kind.ADDRESS, p.start, p.end, p.text) if any(p is room for room in rooms) else p
            for p in self.pieces
        ]

    def _who(self) -> None:
        first = next(
            (n for n, p in enumerate(self.pieces) if p.kind in ORDERING or p.kind is Kind.TOTAL), None
        )
        head = self.pieces[:first]
        texts = [p for p in head if p.kind is Kind.TEXT]
        if not texts:
            picture = next((p for p in head if p.kind is Kind.PICTURE), None)
            if picture is not None:
                self.draft.name = picture.text
                self.draft.doubt(DoubtCode.NAME_UNCLEAR, picture.text)
            return
        count = people.joined(texts)
        last = texts[count - 1]
        self.draft.name = self.body[texts[0].start : last.end].strip()
        if words.ANOTHER.match(texts[0].folded):
            self.draft.doubt(DoubtCode.FOR_ANOTHER, texts[0].text)
        taken = texts[:count]
        for text in texts[count:]:
            if self._is_name_too(text, head, first):
                self.draft.name += " " + text.text
                self.draft.doubt(DoubtCode.NAME_UNCLEAR, self.draft.name)
                last = text
                taken.append(text)
        self._name_against_order(last, first)
        self.pieces = [p for p in self.pieces if not any(p is text for text in taken)]

    def _is_name_too(self, text: Piece, head: list[Piece], first: int | None) -> bool:
        """Whether a further word before the order is more of the name, and not a remark or an item."""
        folded = text.folded
        if any(word.search(folded) for word in (*_NO_ITEM, words.LIKE_BEFORE)) or words.ANOTHER.match(folded):
            return False
        before = [p for p in head if p.end <= text.start and p.kind is Kind.BREAK]
        if folded[0].isdigit() or any(p.folded in {",", ";", "。"} for p in before):
            return False
        if first is None:
            return not self.draft.as_above
        last = [p for p in head if p.kind not in {Kind.FILLER, Kind.PICTURE}][-1]
        if text is not last:
            return True
        ordering = self.pieces[first]
        if ordering.kind is Kind.EACH:
            return True
        return (
            self.catalogue.sole is not None and ordering.start > text.end and ordering.kind is Kind.QUANTITY
        )

    def _name_against_order(self, last: Piece, first: int | None) -> None:
        """Is it certain where the name ends?"""
        draft = self.draft
        if first is None:
            if (asking := words.WANTS_IN.search(fold(draft.name))) and asking.start() > 1:
                draft.name = draft.name[: asking.start()]
            digits = re.fullmatch(rf"(.*[{LETTER}])(\d{{1,2}})", draft.name)
            if digits and digits[1].strip() and not digits[1][-1].isascii():
                draft.name = digits[1]
                draft.doubt(DoubtCode.NUMBER_UNCLEAR, digits[0])
                guess = Quantity(int(digits[2]), bare=True)
                self.pieces.append(Piece(Kind.QUANTITY, last.end, last.end, digits[2], quantity=guess))
            return
        after = self.pieces[first]
        goods_told = any(p.kind is Kind.ITEM for p in self.pieces)
        if not goods_told and people.may_be_goods(draft.name):
            draft.doubt(DoubtCode.NAME_UNCLEAR, draft.name)
        if after.start != last.end:
            return
        runs_into_goods = after.kind is Kind.ITEM and not people.surely_ends(draft.name)
        if runs_into_goods or (len(draft.name) == 1 and not draft.name.isascii()):
            draft.doubt(DoubtCode.NAME_UNCLEAR, draft.name + after.text)

    def _what(self) -> None:
        row = self._row()
        elements = [Element(_LETTERS[piece.kind], strength) for piece, strength in row]
        result = matched(elements)
        paired_texts = set()
        draft = self.draft
        draft.asks = any(piece.kind in ORDERING for piece, _ in row)
        for pair in result.pairs:
            item, quantity = row[pair.item][0], row[pair.quantity][0].quantity
            paired_texts.add(id(item))
            if item.kind is Kind.EACH:
                continue
            self._want(item.found if item.kind is Kind.ITEM else None, item.text, quantity)
        for place in result.lone_items:
            self._want(row[place][0].found, row[place][0].text, None)
        lone = [row[place][0] for place in result.lone_quantities]
        if result.unclear:
            draft.doubt(DoubtCode.NUMBER_UNCLEAR, self.body[row[0][0].start : row[-1][0].end])
        if result.pairs or result.lone_items:
            for piece in lone:
                draft.doubt(DoubtCode.NUMBER_UNCLEAR, piece.text)
        elif lone:
            self._quantity_alone(lone)
        else:
            self._nothing_said()
        self._totals()
        items = [want.item for want in draft.wants if want.item is not None]
        if len(set(items)) < len(items):
            draft.doubt(DoubtCode.REPEATED_ITEM)
        self.goods = [p for p in self.pieces if p.kind is Kind.ITEM]
        self.pieces = [p for p in self.pieces if p.kind not in ORDERING and id(p) not in paired_texts]

    def _totals(self) -> None:
        """共3件 behind the items is checked."""
        for total in [piece for piece in self.pieces if piece.kind is Kind.TOTAL]:
            self.draft.sums = True
            wanted = sum(want.quantity for want in self.draft.wants)
            if total.quantity and total.quantity.count != wanted:
                self.draft.doubt(DoubtCode.TALLY, total.text)

    def _row(self) -> list[tuple[Piece, int]]:
        """Items, quantities and texts behind the name, each with how strong a break stands before it."""
        row: list[tuple[Piece, int]] = []
        strength = 0
        self.pieces = mentions_together(texts_together(self.pieces, self.body), self.body)
        for piece in self.pieces:
            if piece.kind is Kind.BREAK:
                strong = piece.folded in _STRONG_BREAKS or len(piece.text) > 1
                strength = max(strength, STRONG if strong else 1)
            elif piece.kind in _LETTERS and not self._is_no_item(piece):
                row.append((piece, strength))
                strength = 0
        sizes = sizes_among([piece for piece, _ in row if piece.kind is not Kind.TEXT])
        for size in sizes:
            self.draft.doubt(DoubtCode.UNIT, size.text)
        return [(piece, strength) for piece, strength in row if not any(piece is size for size in sizes)]

    def _is_no_item(self, piece: Piece) -> bool:
        """Text that tells of a change or a remark, and text that may still be the name."""
        if piece.kind is not Kind.TEXT:
            return False
        folded = piece.folded
        if any(word.search(folded) for word in _NO_ITEM) or words.ANOTHER.match(folded):
            return True
        apart = all(piece.end != other.start and piece.start != other.end for other in self.pieces)
        counted = any(p.kind is Kind.QUANTITY and p.end <= piece.start for p in self.pieces)
        return self.catalogue.sole is not None and apart and (counted or not self.draft.name)

    def _want(self, found: Found | None, text: str, quantity: Quantity | None) -> None:
        want, doubts = made(self.catalogue, found, text, quantity)
        self._take(want, doubts)

    def _take(self, want: PastedWant | None, doubts: list[Doubt]) -> None:
        if want is not None:
            self.draft.wants.append(want)
        for doubt in doubts:
            self.draft.doubt(doubt.code, doubt.fragment)

    def _quantity_alone(self, lone: list[Piece]) -> None:
        sole = self.catalogue.sole
        with_unit = [piece for piece in lone if piece.quantity and not piece.quantity.bare]
        piece = (with_unit or lone)[0]
        assert piece.quantity is not None
        if len(lone) > 1:
            self.draft.doubt(DoubtCode.NUMBER_UNCLEAR, " ".join(other.text for other in lone))
        if sole is not None:
            self._want(Found(frozenset([sole.id]), 9, named=True), "", piece.quantity)
        elif self.catalogue.items:
            self._take(*of_unit_alone(self.catalogue, piece.quantity))
        else:
            self._want(None, "", piece.quantity)

    def _nothing_said(self) -> None:
        """Neither an item nor a quantity: with one item offered it may mean one of it."""
        sole = self.catalogue.sole
        total = next((piece for piece in self.pieces if piece.kind is Kind.TOTAL), None)
        if total is not None:
            self.pieces.remove(total)
            self.draft.sums = True
            self._quantity_alone([total])
        elif self.draft.is_empty or self.draft.as_above or self.draft.struck_out:
            return
        elif any(p.kind is Kind.TEXT and words.NEGATION.search(p.folded) for p in self.pieces):
            self.draft.doubt(DoubtCode.NO_QUANTITY)
        elif sole is not None:
            self._want(Found(frozenset([sole.id]), 9, named=True), "", None)
        elif self.catalogue.items:
            self.draft.doubt(DoubtCode.WHICH_ITEM, self.draft.name)
        else:
            self.draft.doubt(DoubtCode.UNKNOWN_ITEM, self.draft.name)

    def _verdict(self) -> None:
        draft = self.draft
        draft.name = draft.name.strip(" ()（）,，")
        if any(p.kind is Kind.BREAK and p.folded == "?" for p in self.pieces):
            draft.doubt(DoubtCode.REMARK, "?")
        if draft.struck_out and (draft.cancelling_unsure or len(draft.wants) != 1):
            draft.doubt(DoubtCode.CANCELLED)
        if not draft.name:
            draft.doubt(DoubtCode.NO_NAME)
