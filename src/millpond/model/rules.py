"""The rules that single values obey: integers in a range, ids, texts, currencies, dates, fractions.

Invariants:
- A check returns nothing or raises `InputError` with the value, shortened, and the rule; the caller says
  where it stood.
- `bool` is no integer and neither is any float: types are compared exactly.

What a whole round must obey (references, families, totals) is in `checks`.
"""

from __future__ import annotations

import json
import re
from datetime import date
from fractions import Fraction
from math import gcd

from millpond.errors import InputError

MAX_AMOUNT = 10**12
"""Largest amount in minor units of a currency that a round may state."""
MAX_QUANTITY = 10**9
"""Largest quantity of a line, capacity of an offer or start of a tier."""
MAX_LOAD = 10**6
MAX_TOTAL = 10**18
"""Largest total value and total cost: both, and their difference, fit a 64-bit integer."""
MAX_POPULATION = 10**12
MAX_SOLIDARITY = 1_000
MAX_ID_BYTES = 200
MAX_FRACTION_TEXT = 100_000
"""Longest text of a fraction: a level's denominator can be the product of its family's item quantities."""

_SHOWN = 60
_CHUNK_DIGITS = 4_000
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FRACTION = re.compile(r"(-?)(0|[1-9][0-9]*)(?:/([1-9][0-9]*))?")


class NumberText(str):
    """A JSON number that is no integer of an ordinary length, as it stood in the file: `3.5`, `1e400`."""

    __slots__ = ()


def shown(value: object) -> str:
    """The value as a person would find it in the file, shortened to a line.

    >>> shown("永泰"), shown(None), shown({"a": 1}), shown(10**400)
    ('"永泰"', 'null', 'an object', '100000000000000000000000000000… (401 digits)')
    """
    if isinstance(value, NumberText):
        return value if len(value) <= _SHOWN else f"{value[:30]}… ({len(value):,} characters)"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list | tuple):
        return f"a list of {len(value):,}" if value else "an empty list"
    if isinstance(value, int) and abs(value) >= 10**_SHOWN:
        digits = integer_text(abs(value))
        return f"{'-' if value < 0 else ''}{digits[:30]}… ({len(digits):,} digits)"
    if isinstance(value, str):
        cut = value if len(value) <= _SHOWN else value[: _SHOWN - 1] + "…"
        quoted = json.dumps(cut, ensure_ascii=False)
        return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in quoted)
    if value is None or isinstance(value, bool | int):
        return json.dumps(value)
    return repr(value)[:_SHOWN]


def path_key(key: str) -> str:
    """A key as a step of a path: itself, or quoted in brackets when a dot would make it ambiguous."""
    return key if key.isidentifier() and len(key) <= _SHOWN else f"[{shown(key)}]"


def path_under(outer: str, key: str) -> str:
    """The path of a key of the object at this path."""
    step = path_key(key)
    return outer + step if not outer or step.startswith("[") else f"{outer}.{step}"


def wrong(at: str, value: object, rule: str) -> InputError:
    """The error "VALUE is not RULE" at this place."""
    return InputError(f"{shown(value)} is not {rule}", at=at)


def integer(at: str, value: object, low: int, high: int) -> None:
    if type(value) is not int or not low <= value <= high:
        raise wrong(at, value, f"an integer from {_bound(low)} to {_bound(high)}")


def _bound(value: int) -> str:
    digits = str(abs(value))
    power = f"10^{len(digits) - 1}" if len(digits) > 9 and digits.strip("0") == "1" else f"{abs(value):,}"
    return f"-{power}" if value < 0 else power


def amount(at: str, value: object) -> None:
    """An amount of minor units."""
    integer(at, value, 0, MAX_AMOUNT)


def flag(at: str, value: object) -> None:
    if type(value) is not bool:
        raise wrong(at, value, "true or false")


def text(at: str, value: object) -> None:
    """Any text that UTF-8 can carry: no lone surrogates."""
    if type(value) is not str:
        raise wrong(at, value, "a text")
    if not value.isascii() and not value.isprintable():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise wrong(
                at, value, "a text that UTF-8 can carry: half a surrogate pair stands alone"
            ) from None


def identifier(at: str, value: object) -> None:
    if type(value) is str and value.isascii() and 0 < len(value) <= MAX_ID_BYTES:
        return
    text(at, value)
    assert type(value) is str
    size = len(value.encode())
    if not 0 < size <= MAX_ID_BYTES:
        raise wrong(at, value, f"an id: a text of 1 to {MAX_ID_BYTES} bytes (this one has {size:,})")


def read_identifier(value: object) -> str:
    """The id as it stands: for fields whose default is no id."""
    identifier("", value)
    assert type(value) is str
    return value


def currency(at: str, value: object) -> None:
    if type(value) is not str or not _CURRENCY.fullmatch(value):
        raise wrong(at, value, "an ISO 4217 code: three capital letters, like CNY")


def texts(at: str, value: object) -> None:
    """A map from language to text."""
    if not isinstance(value, dict):
        raise wrong(at, value, 'an object from language to text, like {"en": "Rice"}')
    for key, entry in value.items():
        text(at, key)
        try:
            text("", entry)
        except InputError as error:
            raise error.inside(path_key(key)).inside(at) from None


def rows(at: str, value: object, kind: type, least: int = 0) -> None:
    """A tuple of rows that were checked when they were constructed."""
    if type(value) is not tuple or not all(type(row) is kind for row in value):
        raise wrong(at, value, f"a tuple of {kind.__name__}")
    if len(value) < least:
        raise wrong(at, value, f"a list of {least} or more")


def day(at: str, value: object) -> None:
    if value is not None and type(value) is not date:
        raise wrong(at, value, "a date")


def read_day(value: object) -> date:
    """The date written YYYY-MM-DD (ISO 8601, extended calendar form)."""
    rule = "a date of the calendar, YYYY-MM-DD"
    if type(value) is not str or not _DATE.fullmatch(value):
        raise wrong("", value, rule)
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise wrong("", value, rule) from None


def read_fraction(value: object) -> Fraction:
    """The exact fraction written in lowest terms, without a denominator of 1: "7163/2", "-3", "0"."""
    rule = 'an exact fraction in lowest terms, in text, like "7163/2"'
    if type(value) is not str or len(value) > MAX_FRACTION_TEXT:
        raise wrong("", value, rule)
    match = _FRACTION.fullmatch(value)
    if not match:
        raise wrong("", value, rule)
    sign, over, under = match.groups(default="")
    numerator, denominator = integer_from(over), integer_from(under or "1")
    if (under and denominator == 1) or gcd(numerator, denominator) != 1 or (sign and numerator == 0):
        raise wrong("", value, rule)
    return Fraction(-numerator if sign else numerator, denominator)


def read_level(value: object) -> Fraction | None:
    return None if value is None else read_fraction(value)


def fraction(at: str, value: object) -> None:
    if type(value) is not Fraction:
        raise wrong(at, value, "a fraction")


def read_lists(value: object) -> object:
    """An object of lists as an object of tuples; anything else as it is."""
    if not isinstance(value, dict):
        return value
    return {key: tuple(entry) if isinstance(entry, list) else entry for key, entry in value.items()}


def fraction_text(value: Fraction) -> str:
    """The inverse of `read_fraction`."""
    over = integer_text(value.numerator)
    return over if value.denominator == 1 else f"{over}/{integer_text(value.denominator)}"


def integer_text(value: int) -> str:
    """Decimal digits of any integer: `str` refuses to write more than some 4,300 digits at once."""
    step = 10**_CHUNK_DIGITS
    rest, chunks = abs(value), []
    while rest >= step:
        rest, chunk = divmod(rest, step)
        chunks.append(f"{chunk:0{_CHUNK_DIGITS}d}")
    return ("-" if value < 0 else "") + str(rest) + "".join(reversed(chunks))


def integer_from(digits: str) -> int:
    """The integer of any number of decimal digits: `int` refuses to read more than some 4,300 at once."""
    value, head = 0, len(digits) % _CHUNK_DIGITS
    for start, end in [(0, head), *((k, k + _CHUNK_DIGITS) for k in range(head, len(digits), _CHUNK_DIGITS))]:
        value = value * 10 ** (end - start) + int(digits[start:end] or "0")
    return value
