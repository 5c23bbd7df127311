"""Reading what a form sent: every wrong field is named, with what to do, and what was typed stays.

    form = Form(fields, words, currency="CNY")
    price = form.money("price", least=0)
    if form.wrong: show the page again, with form.wrong and form.typed

Reading never raises: a field that is wrong reads as its default and stands in `wrong`. Numbers may be typed
with full-width digits and with commas between thousands; money also with its sign, with 元, and with a comma
for the decimal point where that can mean nothing else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime
from zoneinfo import ZoneInfo

from millpond.desk.refusals import Refused
from millpond.errors import InputError
from millpond.model.money import decimal_places
from millpond.web.words import Words

MAX_TEXT = 1_000
MAX_DIGITS = 15
MAX_NUMBER = 60
"""Characters of a number, before anything is done with it."""
MAX_MARKS = 30
"""Accents on one letter. Sorting them takes time by the square of their number, and no script needs more: the
Stream-Safe Text Format of Unicode (UAX #15) has the same bound."""
YEARS = range(2000, 2200)
"""Of a day or a moment that is typed: one that is far off breaks sums of times, and is a typo."""
_TURNING = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
"""Signs that turn the order of what follows on a page around: with them a name could turn 13 bags into 31."""
_FULL_WIDTH = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {
    0x3000: " ",
    0xFFE5: "¥",
    0x3002: ".",
}
"""Signs as Chinese keyboards give them: digits, commas, space, ￥, and 。 where a point was meant."""
_WHOLE = r"[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+"
_INTEGER = re.compile(rf"-?(?:{_WHOLE})")
_MONEY = re.compile(rf"[¥$€£]?\s*({_WHOLE})(?:[.]([0-9]+)|,([0-9]{{1,2}}))?\s*元?")


class _Typed(dict[str, str]):
    """What was typed; a field that was not sent reads as empty, for a page that shows the form again."""

    def __missing__(self, name: str) -> str:
        return ""


class Form:
    """The fields of one form: `typed` as they came, `wrong` the message for each field that is wrong."""

    def __init__(self, fields: Iterable[tuple[str, str]], words: Words, currency: str = "CNY") -> None:
        self.typed: _Typed = _Typed()
        self.lists: dict[str, list[str]] = {}
        for name, raw in fields:
            value = stream_safe(raw)
            self.typed[name] = value
            self.lists.setdefault(name, []).append(value)
        self.wrong: dict[str, str] = {}
        self.words = words
        self._currency = currency

    def __contains__(self, name: str) -> bool:
        return name in self.typed

    def again(self, typed: Mapping[str, str]) -> Form:
        """Another form of the same kind, in which this was typed: to try something out."""
        return Form(typed.items(), self.words, self._currency)

    def blame(self, name: str, message: str, /, **values: object) -> None:
        """Says what is wrong with a field, unless something is said already."""
        self.wrong.setdefault(name, self.words(message, **values))

    def refuse(self, name: str, error: InputError) -> None:
        """Says at a field what an error says, in the reader's language where the desk knows its sentence."""
        if isinstance(error, Refused):
            self.blame(name, error.message, **error.values)
        else:
            self.blame(name, "{what}", what=error.problem)

    def ids(self, name: str) -> tuple[int, ...]:
        """The numbers of things that were ticked; what is no number is left out."""
        return tuple(int(raw) for raw in self.lists.get(name, []) if re.fullmatch(r"[0-9]{1,15}", raw))

    def text(self, name: str, *, required: bool = False, most: int = MAX_TEXT, lines: bool = False) -> str:
        """A text without control characters and outer space; one line unless `lines`."""
        raw = self.typed.get(name, "").replace("\r\n", "\n").replace("\r", "\n").translate(_TURNING)
        kept = "".join(c for c in raw if c == "\n" or unicodedata.category(c) not in ("Cc", "Cs"))
        value = (kept if lines else " ".join(kept.split("\n"))).strip()
        if required and not value:
            self.blame(name, "Please fill this in.")
        if len(value) > most:
            self.blame(name, "At most {most} characters.", most=most)
            return value[:most]
        return value

    def choice(self, name: str, among: Iterable[str], default: str = "") -> str:
        """One of these."""
        value = self.typed.get(name, default)
        if value not in set(among):
            self.blame(name, "Please choose one.")
            return default
        return value

    def tick(self, name: str) -> bool:
        """Whether a box was ticked."""
        return self.typed.get(name, "") not in ("", "0")

    def integer(self, name: str, *, least: int, most: int, default: int | None = None) -> int | None:
        """A whole number; `default` where the field is empty."""
        raw = _digits(self.typed.get(name, ""))
        if not raw:
            return default
        plain = raw.replace(",", "")
        if not _INTEGER.fullmatch(raw) or len(plain) > MAX_DIGITS:
            self.blame(name, "A whole number, please.")
            return default
        value = int(plain)
        if not least <= value <= most:
            self.blame(name, "From {least} to {most}.", least=least, most=most)
            return default
        return value

    def required_integer(self, name: str, *, least: int, most: int) -> int:
        """A whole number that must be there; `least` where it is wrong."""
        value = self.integer(name, least=least, most=most)
        if value is None:
            self.blame(name, "Please fill this in.")
            return least
        return value

    def money(self, name: str, *, most: int = 10**12, default: int | None = None) -> int | None:
        """An amount in minor units, not below nothing; `default` where the field is empty."""
        raw = _digits(self.typed.get(name, ""))
        if not raw:
            return default
        places = decimal_places(self._currency)
        found = _MONEY.fullmatch(raw)
        cents = (found[2] or found[3] or "") if found else ""
        if found is None or len(found[1]) > MAX_DIGITS or len(cents) > places:
            example = f"1234.{'5' * places}" if places else "1234"
            self.blame(name, "An amount like {example}, please.", example=example)
            return default
        value = int(found[1].replace(",", "") + cents.ljust(places, "0"))
        if value > most:
            self.blame(name, "That is too much.")
            return default
        return value

    def required_money(self, name: str, *, most: int = 10**12) -> int:
        """An amount that must be there; 0 where it is wrong."""
        value = self.money(name, most=most)
        if value is None:
            self.blame(name, "Please fill this in.")
            return 0
        return value

    def moment(self, name: str, time_zone: str) -> int | None:
        """A day and time of the room's time zone as unix milliseconds; None where the field is empty."""
        raw = self.typed.get(name, "").strip()
        if not raw:
            return None
        when = None
        with suppress(ValueError):
            when = datetime.fromisoformat(raw).replace(tzinfo=ZoneInfo(time_zone))
        if when is None or when.year not in YEARS:
            self.blame(name, "A day and a time, please.")
            return None
        return int(when.timestamp() * 1000)

    def day(self, name: str) -> date | None:
        """A day; None where the field is empty."""
        raw = self.typed.get(name, "").strip()
        if not raw:
            return None
        day = None
        with suppress(ValueError):
            day = date.fromisoformat(raw)
        if day is None or day.year not in YEARS:
            self.blame(name, "A day, please.")
            return None
        return day


def _digits(raw: str) -> str:
    """The text with full-width digits and signs as plain ones, without outer space."""
    raw = raw.strip()
    if len(raw) > MAX_NUMBER:
        return "?"
    return raw.translate(_FULL_WIDTH).strip()


def stream_safe(text: str) -> str:
    """The text with at most `MAX_MARKS` accents on one letter.

    >>> len(stream_safe("e" + "\u0301\u0327" * 1_000)), len(stream_safe("e\u0301"))
    (31, 2)
    """
    if len(text) <= MAX_MARKS or text.isascii():
        return text
    kept, marks = [], 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= MAX_MARKS:
            kept.append(character)
    return "".join(kept)


def without(fields: Mapping[str, str], *names: str) -> dict[str, str]:
    """The fields but for these."""
    return {name: value for name, value in fields.items() if name not in names}
