"""What a cell says: text, a quantity, an amount, a phone number; or a doubt.

A reader never guesses silently. Numbers come as text, text as numbers, phone numbers as `13800001111.0` or
`1.38E+10`: what can be read without loss is read, everything else is a doubt beside an empty value.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation

from millpond.model.money import decimal_places
from millpond.paper.sheets.opening import RawCell
from millpond.paper.sheets.orders import DoubtCode

MAX_TEXT = 1_000
MAX_QUANTITY = 100_000
MAX_MINOR = 10**12
_QUANTITY = re.compile(r"[x×*]?\s*(\d{1,9})(?:\.0+)?\s*(\D{0,6})")
_MONEY = re.compile(r"(-?)\s*(?:¥|￥|元|CNY|RMB)?\s*(-?\d[\d,]*(?:\.\d+)?)\s*(?:元|CNY|RMB)?", re.IGNORECASE)
_EXPONENT = re.compile(r"\d(?:\.\d+)?e\+?\d+", re.IGNORECASE)
_PHONE_SIGNS = re.compile(r"[\s\-‐–—().·]")
_PAID = (
    (re.compile(r"未|待|没|否|no|unpaid", re.IGNORECASE), False),
    (re.compile(r"已支付|已付|已收|支付成功|已完成|是|✓|√|yes|paid", re.IGNORECASE), True),
)


def text_of(cell: RawCell) -> tuple[str, DoubtCode | None]:
    """The text of a cell; a whole number without `.0`."""
    if isinstance(cell, bool):
        return ("是" if cell else "否"), None
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        cell = int(cell)
    text = "".join(char for char in str(cell) if char.isprintable() or char.isspace()).strip()
    text = re.sub(r"[ \t\u00a0\u3000]+", " ", text)
    if len(text) > MAX_TEXT:
        return text[:MAX_TEXT].rstrip(), DoubtCode.SHORTENED
    return text, None


def quantity_of(cell: RawCell) -> tuple[int | None, DoubtCode | None]:
    """A quantity from 1 to `MAX_QUANTITY`.

    >>> quantity_of("２ 份"), quantity_of(3.0), quantity_of("2.5"), quantity_of("")
    ((2, <DoubtCode.QUANTITY_UNIT: 'quantity-unit'>), (3, None), \
(None, <DoubtCode.QUANTITY_UNCLEAR: 'quantity-unclear'>), (None, <DoubtCode.NO_QUANTITY: 'no-quantity'>))
    """
    text = _folded(cell)
    if not text:
        return None, DoubtCode.NO_QUANTITY
    found = _QUANTITY.fullmatch(text)
    if found is None or not 1 <= int(found[1]) <= MAX_QUANTITY:
        return None, DoubtCode.QUANTITY_UNCLEAR
    return int(found[1]), (DoubtCode.QUANTITY_UNIT if found[2] else None)


def number_of(cell: RawCell) -> tuple[int | None, DoubtCode | None]:
    """The number of an order; None for an empty cell."""
    text = _folded(cell).lstrip("#").removeprefix("No.").strip()
    if not text:
        return None, None
    text = re.sub(r"\.0+$", "", text)
    if text.isdecimal() and len(text) <= 9:
        return int(text), None
    return None, DoubtCode.NUMBER_UNCLEAR


def money_of(cell: RawCell, currency: str) -> tuple[int | None, DoubtCode | None]:
    """Minor units; a float is taken as the spreadsheet shows it (59.9, not 59.899999).

    >>> money_of("¥1,234.50", "CNY"), money_of(59.9, "CNY"), money_of("", "CNY")
    ((123450, None), (5990, None), (None, None))
    """
    text = _folded(cell)
    if not text or text in {"-", "/", "无"}:
        return None, None
    try:
        if isinstance(cell, float | int) and not isinstance(cell, bool):
            value = Decimal(repr(cell))
        else:
            found = _MONEY.fullmatch(text)
            if found is None:
                return None, DoubtCode.AMOUNT_UNCLEAR
            value = Decimal(found[1] + found[2].replace(",", ""))
        minor = value.scaleb(decimal_places(currency))
        if not minor.is_finite() or abs(minor) > MAX_MINOR:
            return None, DoubtCode.AMOUNT_UNCLEAR
        rounded = int(minor.to_integral_value())
    except InvalidOperation:
        return None, DoubtCode.AMOUNT_UNCLEAR
    if abs(minor - rounded) > Decimal("0.001"):  # more places than the currency has, and no float's dust
        return None, DoubtCode.AMOUNT_UNCLEAR
    return rounded, None


def phone_of(cell: RawCell) -> tuple[str, DoubtCode | None]:
    """A phone number without spaces and dashes.

    >>> phone_of(13800001111.0), phone_of("+86 138-0000-1111"), phone_of("1.38E+10")
    (('13800001111', None), ('13800001111', None), ('', <DoubtCode.PHONE_ROUNDED: 'phone-rounded'>))
    """
    if isinstance(cell, float) and cell.is_integer() and 0 < cell < 1e15:
        cell = int(cell)
    text = _folded(cell)
    if not text:
        return "", None
    if _EXPONENT.fullmatch(text.replace(" ", "")):
        return "", DoubtCode.PHONE_ROUNDED
    text = re.sub(r"\.0+$", "", text)
    plain = _PHONE_SIGNS.sub("", text)
    plain = re.sub(r"^(?:\+|00)?86(?=1\d{10}$)", "", plain)
    if "*" in plain:
        return plain[:30], DoubtCode.PHONE_HIDDEN
    if re.fullmatch(r"\+?\d{5,15}", plain):
        return plain, None
    return text[:60], DoubtCode.PHONE_UNCLEAR


def paid_of(cell: RawCell) -> tuple[bool | None, DoubtCode | None]:
    """Whether the order is paid."""
    text = _folded(cell)
    if not text:
        return None, None
    if "退" in text:  # paid, and then paid back
        return None, DoubtCode.PAID_UNCLEAR
    for pattern, paid in _PAID:
        if pattern.search(text):
            return paid, None
    return None, DoubtCode.PAID_UNCLEAR


def _folded(cell: RawCell) -> str:
    """Full-width figures and signs as the usual ones."""
    return unicodedata.normalize("NFKC", text_of(cell)[0]).strip()
