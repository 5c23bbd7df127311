"""A line's body as pieces: items, quantities, rooms, telephones, notes, breaks, and the text that is left.

Painted from the most to the least certain: what one step takes is hidden from the next, so that a room's
figures are never a quantity. Every character ends up in exactly one piece or is a space.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

from millpond.community.pasted.catalogue import Catalogue, Found
from millpond.community.pasted.characters import fold, is_emoji
from millpond.community.pasted.numerals import CHINESE
from millpond.community.pasted.quantities import (
    ITEM_MARK,
    LETTER,
    OTHER_MARK,
    QUANTITY_MARK,
    Quantities,
    Quantity,
)
from millpond.community.pasted.vocabulary import EMOTICONS

__all__ = ["ORDERING", "Kind", "Piece", "Pieces"]


class Kind(Enum):
    """What a piece is."""

    TEXT = auto()
    ITEM = auto()
    QUANTITY = auto()
    EACH = auto()  # 各
    TOTAL = auto()  # 共3件
    BREAK = auto()
    NOTE = auto()
    BRACKET = auto()
    ADDRESS = auto()
    PHONE = auto()
    ODD_PHONE = auto()
    TICK = auto()
    CROSS = auto()
    PICTURE = auto()
    FILLER = auto()


ORDERING = frozenset({Kind.ITEM, Kind.QUANTITY, Kind.EACH})
"""What an order is made of."""


@dataclass(frozen=True, slots=True)
class Piece:
    """From `start` up to `end` of the body."""

    kind: Kind
    start: int
    end: int
    text: str
    found: Found | None = None
    quantity: Quantity | None = None

    @property
    def folded(self) -> str:
        """Its text in small letters and simplified characters."""
        return fold(self.text)


_MARKS = {Kind.ITEM: ITEM_MARK, Kind.QUANTITY: QUANTITY_MARK}
_MARKED = f"[{ITEM_MARK}{QUANTITY_MARK}]"
_HAN_NUMBER = "一二三四五六七八九十"

_BRACKET = re.compile(r"\(([^()]*)(?:\)|$)|\[([^\[\]]*)(?:\]|$)")
_NOTE = re.compile(r"(?:(?:备注|留言|说明|\bp\.?s\b\.?)\s*:?|(?:\bnotes?|\bremarks?|注)\s*:)\s*(.*)$")
_LABEL = r"(?:(?:联系)?(?:电话|手机)号?码?|\btel\b\.?|\bphone\b|☎|📞|📱)\s*:?\s*"
_PHONE = re.compile(
    rf"(?:{_LABEL})?(?P<phone>(?<![\d])(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{{4}}[- ]?\d{{4}}(?!\d)"
    r"|(?<!\d)0\d{2,3}[- ]?\d{7,8}(?!\d)|\+(?!1[3-9]\d)\d{1,3}(?:[ -]?\d{2,5}){2,5}(?!\d))"
)
_ODD_PHONE = re.compile(
    rf"(?:{_LABEL})?(?P<phone>(?<!\d)0\d{{2,4}}[ -]\d{{3,4}}[ -]?\d{{3,4}}(?!\d)|(?<![\d.])\d{{7,}}(?!\d))"
    rf"|{_LABEL}(?P<labelled>\d{{5,}})"
)
_PHONE_END = re.compile(
    r"(?<!\d)1\d{2}\s?\*{2,}\s?\d{4}(?!\d)|(?:电话|手机)?(?:尾号|后四位)\s*:?\s*\d{3,4}(?!\d)"
)
_PART = (
    rf"(?:[a-z](?=座|区|栋|幢)|\d{{1,3}}|[{_HAN_NUMBER}]{{1,3}})"
    rf"\s*(?:栋|幢|座|号楼|楼|单元|号院|区|期|弄|#(?=\s*\d|\W|$))"
)
_TICKS, _CROSSES = "✅☑✔💰🆗", "❌❎🚫✗✘"
_EACH = re.compile(
    r"(?:[两三四五六\d][样种])?各(?:自|种|样)?(?:要|来|订|定)?|每[样种](?:都?要|来|订)?|\beach\b"
)
_ASKING = (
    rf"(?:(?<=[{LETTER}][{LETTER}])|(?<![{LETTER}]))(?:我们?|俺|咱)?(?:也|还)?想?"
    r"(?:需要|要|订购?|定|下单|加购|报名?|来|买|拿|购)"
)
_ASKING_SO_MANY = re.compile(rf"{_ASKING}(?=\s*(?:\d|[{CHINESE}]))")
_FILLER = re.compile(
    rf"(?:谢谢|多谢|感谢|辛苦了?|麻烦了|劳驾|thanks|thank you|thx|cheers)"
    rf"(?:(?!麻烦)[^\s,;.!(\[{_MARKED[1:-1]}])*!*"
    rf"|{_ASKING}(?=\s*{_MARKED})"
    rf"|(?<![{LETTER}])(?:我们?|也|还)?(?:需要|要)(?![{LETTER}])"
    r"|\b(?:please|pls|plz|of|would like|i want|want|wants|order|orders|has|have)\b"
)
_JOINING = re.compile(
    rf"(?<={_MARKED})\s*(?:和|与|跟|及|以及|还有|加上|\band\b|&)\s*(?=a |an |{_MARKED}|\d|[{CHINESE}])"
)
_BREAK = re.compile(r"[\s,;:、+|/=。!?×*>→…\"]|-|[,.](?=\s|$)")


class Pieces:
    """Cuts bodies of lines into pieces, for one order's items."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._quantities = Quantities(catalogue.units)
        unit = catalogue.units
        tail = rf"(?:室|号房|号(?!楼|院)|房|户)?(?!\d)(?!{unit})"
        hyphens = rf"(?<!\d)(?<!\d-)\d{{1,3}}-(?:\d{{1,3}}-\d{{2,4}}|\d{{3,4}}){tail}(?!-\d+(?!\d|\s*{unit}))"
        self._address = re.compile(
            rf"(?:{_PART}\s*-?)*{_PART}(?:\s*-?\s*\d{{3,4}}(?!\d)(?:-\d{{1,4}}(?!\d))?{tail}|-?\d{{1,2}}{tail})?|{hyphens}"
            rf"|(?<!\d)\d{{3,4}}(?:室|号房|房)|\b(?:flat|apt\.?|apartment|room|house|unit)\s*#?\d+[a-z]?\b"
        )
        self._money = re.compile(
            rf"[￥¥$£€]\s*\d+(?:\.\d+)?|(?:一?共|合计|总计|计)?\s*\d+(?:\.\d+)?\s*(?:元|块钱?(?!{ITEM_MARK})|rmb|yuan)(?:\s*[/每一]\s*{unit})?"
        )
        self._time = re.compile(
            r"(?<!\d)(?:19|20)\d{2}\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}(?!\d)日?|(?<!\d)\d{1,2}:\d{2}(?::\d{2})?(?!\d)|\d{1,2}月\d{1,2}[日号]?|\d{1,2}\s?[点时](?:半|\d{1,2}分?)?[前后]?"
        )
        self._total = re.compile(
            rf"(?:一?共|总共|合计|总计|共计|total)\s*:?\s*(?P<count>\d+|[{CHINESE}]+)\s*(?P<unit>{unit})?(?![{LETTER}\d])"
        )

    def cut(self, body: str) -> list[Piece]:
        """The pieces of the body, in their order."""
        canvas = _Canvas(body)
        self._brackets(canvas)
        self._certain(canvas)
        for start, end, found in list(self.catalogue.find(canvas.rest)):
            canvas.take(Kind.ITEM, start, end, found=found)
        for match in self._total.finditer(canvas.rest):
            numbers = list(self._quantities.find(match[0][match.start("count") - match.start() :]))
            if numbers:
                canvas.take(Kind.TOTAL, *match.span(), quantity=numbers[0][2])
        canvas.paint(_EACH, Kind.EACH)
        canvas.paint(_ASKING_SO_MANY, Kind.FILLER)
        for start, end, quantity in list(self._quantities.find(canvas.rest)):
            canvas.take(Kind.QUANTITY, start, end, quantity=quantity)
        canvas.paint(_JOINING, Kind.BREAK)
        canvas.paint(_FILLER, Kind.FILLER)
        canvas.leave()
        return sorted(canvas.pieces, key=lambda piece: piece.start)

    def speaks_of_order(self, text: str) -> bool:
        """Whether a remark has quantities or items in it, so that it may change what is wanted."""
        canvas = _Canvas(text)
        self._certain(canvas)
        found = any(True for _ in self.catalogue.find(canvas.rest))
        return found or any(True for _ in self._quantities.find(canvas.rest))

    def _brackets(self, canvas: _Canvas) -> None:
        """What stands in brackets is a note, unless all of it can be read as part of the order."""
        for match in _BRACKET.finditer(canvas.rest):
            group = 1 if match[1] is not None else 2
            inner = canvas.body[match.start(group) : match.end(group)].strip()
            if fold(inner) in EMOTICONS:
                canvas.take(Kind.PICTURE, *match.span())
            elif inner and self._reads(inner):
                canvas.take(Kind.FILLER, match.start(), match.start() + 1)
                if match[0][-1] in ")]":
                    canvas.take(Kind.FILLER, match.end() - 1, match.end())
            else:
                canvas.take(Kind.BRACKET, *match.span(), text=inner)
        canvas.paint(_NOTE, Kind.BRACKET, group=1)

    def _reads(self, inner: str) -> bool:
        pieces = self.cut(inner) if not set("([") & set(fold(inner)) else []
        plain = {Kind.ITEM, Kind.QUANTITY, Kind.ADDRESS, Kind.PHONE, Kind.BREAK, Kind.FILLER}
        return bool(pieces) and all(piece.kind in plain for piece in pieces)

    def _certain(self, canvas: _Canvas) -> None:
        canvas.paint(_PHONE_END, Kind.NOTE)
        canvas.paint(_PHONE, Kind.PHONE, group="phone")
        for match in _ODD_PHONE.finditer(canvas.rest):
            if not re.match(rf"\s*{self.catalogue.units}", canvas.rest[match.end() :]):
                group = "phone" if match["phone"] else "labelled"
                canvas.take(
                    Kind.ODD_PHONE, *match.span(), text=canvas.body[match.start(group) : match.end(group)]
                )
        canvas.paint(self._money, Kind.NOTE)
        canvas.paint(self._time, Kind.NOTE)
        canvas.paint(self._address, Kind.ADDRESS)
        canvas.paint(re.compile(f"[{_TICKS}]"), Kind.TICK)
        canvas.paint(re.compile(f"[{_CROSSES}]"), Kind.CROSS)


class _Canvas:
    """A body, the pieces taken out of it, and `rest`: the folded text with marks where pieces are."""

    def __init__(self, body: str) -> None:
        self.body = body
        self.rest = fold(body)
        self.pieces: list[Piece] = []

    def take(
        self,
        kind: Kind,
        start: int,
        end: int,
        *,
        text: str | None = None,
        found: Found | None = None,
        quantity: Quantity | None = None,
    ) -> None:
        """Make a piece of it and hide it from what comes later."""
        shown = self.body[start:end] if text is None else text
        self.pieces.append(Piece(kind, start, end, shown.strip(), found, quantity))
        mark = _MARKS.get(kind, OTHER_MARK)
        if kind in {Kind.FILLER, Kind.BREAK} and end - start == 1:
            mark = " "
        self.rest = self.rest[:start] + mark * (end - start) + self.rest[end:]

    def paint(self, pattern: re.Pattern[str], kind: Kind, group: int | str = 0) -> None:
        """Make pieces of all that matches; the text of a piece is its group."""
        for match in pattern.finditer(self.rest):
            if match.end() > match.start():
                self.take(kind, *match.span(), text=self.body[match.start(group) : match.end(group)])

    def leave(self) -> None:
        """Make pieces of all that is left: words, pictures, breaks."""
        taken = bytearray(len(self.body) + 1)
        taken[-1] = 1
        for piece in self.pieces:
            taken[piece.start : piece.end] = b"\x01" * (piece.end - piece.start)
        word = 0
        for place, gone in enumerate(taken):
            if not gone and not self._breaks(place):
                continue
            if place > word:
                text = self.body[word:place]
                self.take(Kind.PICTURE if all(map(is_emoji, text)) else Kind.TEXT, word, place)
            if not gone and not self.body[place].isspace():
                self.take(Kind.BREAK, place, place + 1)
            word = place + 1

    def _breaks(self, place: int) -> bool:
        """Whether a word ends here; a hyphen inside a Latin name, or a point inside one, belongs to it."""
        character = self.rest[place]
        before, after = self.rest[place - 1 : place], self.rest[place + 1 : place + 2]
        if (
            character in "-'"
            and before.isascii()
            and before.isalpha()
            and after.isascii()
            and after.isalpha()
        ):
            return False
        if character == ".":
            return not (before.isalpha() and (before.isascii() or (after.isascii() and after.isalpha())))
        return _BREAK.match(character) is not None
