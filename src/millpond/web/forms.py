"""Reading what a form sent: every wrong field is named, with what to do, and what was typed stays.

    form = Form(fields, words, currency="CNY")
    price = form.money("price", least=0)
    if form.wrong: show the page again, with form.wrong and form.typed

Reading never raises: a field that is wrong reads as its default and stands in `wrong`. Numbers may be typed
with full-width digits, and money with a comma for the decimal point or between thousands where that is clear.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from millpond.model.money import decimal_places
from millpond.web.words import Words

MAX_TEXT = 1_000
MAX_DIGITS = 15
_MONEY = re.compile(r"[¥￥$€£]?\s*([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:[.]([0-9]+))?")


class Form:
    """The fields of one form: `typed` as they came, `wrong` the message for each field that is wrong."""

    def __init__(self, fields: Iterable[tuple[str, str]], words: Words, currency: str = "CNY") -> None:
        self.typed: dict[str, str] = {}
        self.lists: dict[str, list[str]] = {}
        for name, value in fields:
            self.typed[name] = value
            self.lists.setdefault(name, []).append(value)
        self.wrong: dict[str, str] = {}
        self._words = words
        self._currency = currency

    def __contains__(self, name: str) -> bool:
        return name in self.typed

    def blame(self, name: str, message: str, /, **values: object) -> None:
        """Says what is wrong with a field, unless something is said already."""
        self.wrong.setdefault(name, self._words(message, **values))

    def text(self, name: str, *, required: bool = False, most: int = MAX_TEXT, lines: bool = False) -> str:
        """A text without control characters and outer space; one line unless `lines`."""
        raw = self.typed.get(name, "").replace("\r\n", "\n").replace("\r", "\n")
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
        if not re.fullmatch(r"-?[0-9]{1,15}", raw):
            self.blame(name, "A whole number, please.")
            return default
        value = int(raw)
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
        if found is None or len(found[1]) > MAX_DIGITS or len(found[2] or "") > places:
            example = f"1234.{'5' * places}" if places else "1234"
            self.blame(name, "An amount like {example}, please.", example=example)
            return default
        value = int(found[1].replace(",", "") + (found[2] or "").ljust(places, "0"))
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
        try:
            when = datetime.fromisoformat(raw).replace(tzinfo=ZoneInfo(time_zone))
        except ValueError:
            self.blame(name, "A day and a time, please.")
            return None
        return int(when.timestamp() * 1000)

    def day(self, name: str) -> date | None:
        """A day; None where the field is empty."""
        raw = self.typed.get(name, "").strip()
        if not raw:
            return None
        try:
            return date.fromisoformat(raw)
        except ValueError:
            self.blame(name, "A day, please.")
            return None


def _digits(raw: str) -> str:
    """The text with full-width digits and signs as plain ones, without outer space."""
    return unicodedata.normalize("NFKC", raw).replace("，", ",").strip()


def without(fields: Mapping[str, str], *names: str) -> dict[str, str]:
    """The fields but for these."""
    return {name: value for name, value in fields.items() if name not in names}
