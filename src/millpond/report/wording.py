"""How a report writes numbers, money and names, in Chinese and in English.

- `Words` belong to one language and one round; everything for people goes through them.
- Both texts of a sentence stand side by side where it is used: `w.t("…", "…")`, so neither is changed alone.
- Figures are rounded here and nowhere before; a percentage that is not 0 is never written as 0.

What it does not do: escape. The templates do; what they get from here is plain text.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import ceil, inf
from typing import TypeVar

from markupsafe import Markup

from millpond.equality.outcomes import Reason
from millpond.equality.sizes import Size
from millpond.model import Round
from millpond.model.money import money_text
from millpond.report.compared import Way

LANGUAGES = ("zh", "en")
NO_BREAK = "\u00a0"
Start = TypeVar("Start", str, list[str])
CHART_LABEL = 14
"""Columns (a Chinese character is two) that a label beside a chart may take."""

_CURRENCY = {"zh": {"CNY": "元", "USD": "美元", "EUR": "欧元", "BRL": "雷亚尔", "JPY": "日元"}, "en": {}}
_SIZES = {
    Size.VILLAGE: ("村", "不到 5 千人", "Villages", "under 5,000 people"),
    Size.TOWN: ("镇", "5 千到 5 万人", "Towns", "5,000 to 50,000"),
    Size.SMALL_CITY: ("县城和小城", "5 万到 50 万人", "Small cities", "50,000 to 500,000"),
    Size.CITY: ("大中城市", "50 万人以上", "Cities", "500,000 and more"),
    Size.UNKNOWN: ("人口不明", "轮次里没写人口", "Unknown", "no population given"),
}
_REASONS = {
    Reason.SERVED: ("买到了", "Served"),
    Reason.PRICE: ("嫌贵没买", "Refused by price"),
    Reason.UNDELIVERED: ("没人送到", "Nobody delivers"),
    Reason.CAPACITY: ("产能不够", "Runs were full"),
    Reason.NO_RUN: ("凑不起一批", "Too few for a run"),
    Reason.OTHER: ("其他原因", "Other"),
}
_WAYS = {
    Way.ALONE: ("单独买", "Alone"),
    Way.TOWN: ("本地拼", "Town"),
    Way.REGION: ("片区拼", "Region"),
    Way.WHOLE: ("全网拼", "Network"),
}
_WAYS_SAID = {
    Way.ALONE: ("单独买", "bought alone"),
    Way.TOWN: ("在本地拼", "in the own town’s pool"),
    Way.REGION: ("在片区拼", "in the region’s pool"),
    Way.WHOLE: ("全网一起拼", "in the whole network’s"),
}


class Words:
    """The words of one language for one round."""

    def __init__(self, language: str, round: Round) -> None:
        self.language = language
        self.currency = round.currency
        self._places = {place.id: place.name for place in round.places}
        self._items = {item.id: item.name for item in round.items}
        self._families: dict[str, list[str]] = {}
        for item in round.items:
            self._families.setdefault(item.family, []).append(item.id)

    def t(self, zh: str, en: str, **values: object) -> str:
        """The text of this language, with `{names}` filled in."""
        return (zh if self.language == "zh" else en).format(**values)

    def number(self, value: int) -> str:
        return f"{value:,}"

    def decimal(self, value: float, places: int = 3) -> str:
        """A measure; what is not 0 but would be written as 0 is written as less than the least shown."""
        if value == inf:
            return "∞"
        least = 10**-places
        return f"< {least:.{places}f}" if 0 < abs(value) < least / 2 else f"{value:.{places}f}"

    def percent(self, share: float, *, signed: bool = False) -> str:
        """A share as a percentage with one decimal; what is neither nothing nor all is not written so."""
        gap = "" if self.language == "zh" else NO_BREAK
        if not signed and 0 < share < 0.0005:
            return f"<{NO_BREAK}0.1{gap}%"
        if not signed and 0.9995 <= share < 1:
            return f">{NO_BREAK}99.9{gap}%"
        text = f"{share * 100:+,.1f}" if signed and abs(share) >= 0.0005 else f"{share * 100:,.1f}"
        return f"{text.removesuffix('.0').replace('-', '−')}{gap}%"

    def percent_up(self, share: float) -> str:
        """A share that is promised not to be passed: two decimals, rounded up."""
        text = f"{ceil(round(share * 10_000, 6)) / 100:,.2f}".rstrip("0").rstrip(".")
        return f"{text}{'' if self.language == 'zh' else NO_BREAK}%"

    def money(self, minor: float | Fraction, *, signed: bool = False) -> str:
        """An amount of minor units with its currency; a float is rounded to the minor unit."""
        exact = Fraction(minor)
        text = money_text(exact, self.currency)
        if signed and exact > 0:
            text = "+" + text
        named, text = self.currency_name, text.replace("-", "−")
        return f"{text}{NO_BREAK}{named}" if self.language == "zh" else f"{named}{NO_BREAK}{text}"

    def size(self, size: Size | None) -> str:
        if size is None:
            return self.t("全部", "All")
        zh, _, en, _ = _SIZES[size]
        return self.t(zh, en)

    def size_range(self, size: Size) -> str:
        _, zh, _, en = _SIZES[size]
        return self.t(zh, en)

    def size_said(self, size: Size) -> str:
        """The size inside a sentence."""
        text = self.size(size)
        return text if self.language == "zh" else text[0].lower() + text[1:]

    def size_cell(self, size: Size | None) -> Markup:
        """The size, and the populations it stands for in small."""
        if size is None:
            return Markup("{}").format(self.size(size))
        return Markup("{} <small>{}</small>").format(self.size(size), self.size_range(size))

    def reason(self, reason: Reason) -> str:
        return self.t(*_REASONS[reason])

    def way(self, way: Way) -> str:
        return self.t(*_WAYS[way])

    def way_said(self, way: Way) -> str:
        """The way inside a sentence."""
        return self.t(*_WAYS_SAID[way])

    @property
    def currency_name(self) -> str:
        return _CURRENCY[self.language].get(self.currency, self.currency)

    def place(self, id: str) -> str:
        return self._name(self._places[id], id)

    def item(self, id: str) -> str:
        return self._name(self._items[id], id)

    def family(self, id: str) -> str:
        """What the names of a family's items begin with alike; its id, where that says nothing."""
        members = self._families[id]
        if len(members) == 1:
            return self.item(members[0])
        names = [self.item(member) for member in members]
        # "Milk, 1 l, white" and "Milk, 1 l, brown" are "Milk, 1 l"; without commas, whole words or
        # characters.
        parts = _common_start([re.split(r"(?<=[,，、])", name) for name in names])
        common = "".join(parts) or _whole_words(_common_start(names), names)
        common = common.rstrip(" -–—·(（[/,，、:：#")
        return common if len(common) > 1 else id

    def listed(self, texts: list[str]) -> str:
        return self.t("、", ", ").join(texts)

    def _name(self, names: Mapping[str, str], id: str) -> str:
        """The name in this language, or in any, or the id; never blank."""
        found = (names.get(self.language, ""), *names.values(), id)
        return next((name for name in map(plain, found) if name), plain(id) or "?")


def _common_start(lists: Sequence[Start]) -> Start:
    """What all begin with alike."""
    first, last = min(lists), max(lists)
    differs = (index for index, (a, b) in enumerate(zip(first, last, strict=False)) if a != b)
    return first[: next(differs, min(len(first), len(last)))]


def _whole_words(start: str, names: list[str]) -> str:
    """The start without a Latin word that goes on in one of the names."""
    cut = any(re.match(r"\w", name[len(start) :], re.ASCII) for name in names)
    return re.sub(r"[A-Za-z0-9_]+$", "", start) if cut else start


def plain(text: str) -> str:
    """The text on one line, without control characters and what turns the direction of text around it."""
    return " ".join("".join(" " if _unwanted(character) else character for character in text).split())


def _unwanted(character: str) -> bool:
    return (
        unicodedata.category(character) in ("Cc", "Cs")
        or character in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    )


def shortened(text: str, columns: int = CHART_LABEL) -> str:
    """The text cut to so many columns, with an ellipsis where something was cut."""
    text = plain(text)
    kept, used = "", 0
    for character in text:
        used += 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if used > columns:
            return kept[:-1] + "…"
        kept += character
    return kept
