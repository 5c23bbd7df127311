"""Lists with the reading a person expects of them, and the comparison of the two.

A file has one style; its lists look like this:

    == title | items basics            (which items are offered; "ends crlf" for other line ends)
    | 1. 王芳 大米2袋（放门口）           (a source line, exactly as it stands behind "| ")
    = 1 王芳 | rice 2 | note 放门口      (what is expected of it)
    => number-gap                      (doubts about the whole list)

An expectation is `h` (heading), `i` (ignored, with the reason if it matters), `^` (belongs to the
entry above) or an entry: number (`-`: none) and name, then wants (`-`: none, `?text 1`: an unknown
item), then `note`, `phone`, `room`, `struck`, `dup LINE`, and `?` with the codes of doubts that
must be there (`? *`: any). Without `?` there must be no doubt at all. `*` is for what may be
anything; only a marked line may have it. `{200B}` is the character of that code.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from millpond.community.group import Item
from millpond.community.pasted import Entry, PastedList, read_list


def item(id: str, name: str, unit: str, variant: str = "") -> Item:
    return Item(id=id, family=name, name=name, variant=variant, unit=unit)


CATALOGUES: dict[str, tuple[Item, ...]] = {
    "none": (),
    "rice": (item("rice", "大米", "袋"),),
    "tea": (item("tea", "茶叶", "unit"),),
    "basics": (item("rice", "大米", "袋"), item("oil", "花生油", "桶"), item("eggs", "土鸡蛋", "盒")),
    "mill": (
        item("rice5", "大米", "袋", "5kg"),
        item("rice10", "大米", "袋", "10kg"),
        item("oil", "花生油", "桶", "5L"),
    ),
    "meat": (item("pork", "五花肉", "斤"), item("ribs", "排骨", "斤")),
    "ducks": (item("duck", "麻鸭", "只"), item("egg", "鸭蛋", "枚")),
    "fruit": (
        item("orange", "赣南脐橙", "箱"),
        item("apple", "红富士苹果", "箱"),
        item("pear", "砀山梨", "箱"),
    ),
    "boxes": (item("a", "A款礼盒", "份"), item("b", "B款礼盒", "份"), item("c", "C款礼盒", "份")),
    "tee": tuple(item(f"tee-{size.lower()}", "T恤", "件", f"{size}码") for size in ("S", "M", "L", "XL")),
    "uniform": tuple(
        item(f"{colour}-{size.lower()}", "校服", "件", f"{name} {size}码")
        for colour, name in (("red", "红色"), ("blue", "蓝色"))
        for size in ("S", "M")
    ),
    "jam": (item("straw", "果酱", "瓶", "草莓"), item("blue", "果酱", "瓶", "蓝莓")),
    "trad": (item("egg", "雞蛋", "盒"), item("noodle", "麵條", "包")),
    "bread": (item("rice", "Rice", "bag"), item("oil", "Olive oil", "bottle"), item("eggs", "Eggs", "box")),
    "seafood": (item("croaker", "大黄鱼", "条"), item("shrimp", "明虾", "斤"), item("clam", "花蛤", "斤")),
    "dumplings": (
        item("leek", "水饺", "袋", "韭菜猪肉"),
        item("cabbage", "水饺", "袋", "白菜猪肉"),
        item("corn", "水饺", "袋", "玉米虾仁"),
    ),
    "paper": (item("tissue", "抽纸", "提"), item("roll", "卷纸", "提")),
    "oranges": (item("o5", "脐橙", "箱", "5斤装"), item("o10", "脐橙", "箱", "10斤装")),
    "milk": (item("milk", "纯牛奶", "箱"), item("yoghurt", "酸奶", "箱")),
    "sets": (item("set", "练习册", "套"),),
    "mooncakes": (
        item("lotus", "莲蓉月饼", "盒"),
        item("bean", "豆沙月饼", "盒"),
        item("nuts", "五仁月饼", "盒"),
    ),
    "bakery": (item("toast", "全麦吐司", "条"), item("bagel", "贝果", "个"), item("roll", "肉松小贝", "盒")),
    "veg": (
        item("box", "Veg box", "box"),
        item("eggs", "Free range eggs", "dozen"),
        item("honey", "Honey", "jar"),
    ),
    "farm": (item("chicken", "散养土鸡", "只"), item("duckegg", "海鸭蛋", "枚"), item("yam", "蜜薯", "斤")),
    "wash": (item("liquid", "洗衣液", "瓶"), item("bag", "垃圾袋", "卷"), item("towel", "洗脸巾", "包")),
    "tea-kinds": (
        item("black", "正山小种", "罐", "红茶"),
        item("rock", "大红袍", "罐", "岩茶"),
        item("white", "老白茶", "饼"),
    ),
    "socks": tuple(
        item(f"sock-{id}", "棉袜", "双", name) for id, name in (("m", "男款"), ("f", "女款"), ("k", "童款"))
    ),
    "honey-en": (item("honey", "Honey", "jar"),),
}

ENDS = {"lf": ["\n"], "crlf": ["\r\n"], "cr": ["\r"], "mixed": ["\r\n", "\n", "\r", "\u2028"]}


@dataclass
class Expected:
    """What a person reads in one source line."""

    line: int
    says: str


@dataclass
class Example:
    """One list: its text and what is expected of it."""

    style: str
    title: str
    items: tuple[Item, ...]
    sources: list[str] = field(default_factory=list)
    expected: list[Expected] = field(default_factory=list)
    doubts: set[str] = field(default_factory=set)
    ends: str = "lf"

    @property
    def text(self) -> str:
        ends = ENDS[self.ends]
        return "".join(source + ends[place % len(ends)] for place, source in enumerate(self.sources))


@dataclass
class Outcome:
    """One line compared: `right` in all, `differs` in what it says, `marked` for a look."""

    line: int
    source: str
    says: str
    got: str
    right: bool
    differs: bool
    marked: bool


def load(path: Path) -> list[Example]:
    """All lists of one style."""
    examples: list[Example] = []
    for number, row in enumerate(path.read_text("utf-8").splitlines(), 1):
        if row.startswith("== "):
            title, *settings = [part.strip() for part in row[3:].split(" | ")]
            values = dict(setting.split(" ", 1) for setting in settings)
            examples.append(
                Example(path.stem, title, CATALOGUES[values["items"]], ends=values.get("ends", "lf"))
            )
        elif row.startswith("| ") or row == "|":
            source = re.sub(r"\{([0-9A-F]{2,5})\}", lambda match: chr(int(match[1], 16)), row[2:])
            examples[-1].sources.append(source)
        elif row.startswith("=> "):
            examples[-1].doubts = set(row[3:].split())
        elif row.startswith("= "):
            examples[-1].expected.append(Expected(len(examples[-1].sources), row[2:].strip()))
        elif row and not row.startswith("#"):
            raise ValueError(f"{path.name}, line {number}: {row!r}")
    for example in examples:
        told = [expected.line for expected in example.expected]
        filled = [n for n, source in enumerate(example.sources, 1) if source.strip()]
        if told != filled:
            raise ValueError(
                f"{path.name}, {example.title}: lines without an expectation: {set(filled) ^ set(told)}"
            )
    return examples


def compare(example: Example) -> tuple[PastedList, list[Outcome]]:
    """Read the list and compare it line by line."""
    result = read_list(example.text, example.items)
    return result, [_outcome(example, expected, result) for expected in example.expected]


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _outcome(example: Example, expected: Expected, result: PastedList) -> Outcome:
    line = expected.line
    source = example.sources[line - 1]
    entry = next((e for e in result.entries if e.line <= line <= e.line + e.source.count("\n")), None)
    got = described(entry, line) if entry else _other(result, line)
    marked = bool(entry and entry.doubts)
    head = expected.says.split()[0]
    if head in {"h", "^"}:
        right = got.split()[0] == head
        return Outcome(line, source, expected.says, got, right, not right, marked)
    if head == "i":
        right = got.startswith(expected.says)
        return Outcome(line, source, expected.says, got, right, not right, marked)
    if entry is None or entry.line != line:
        return Outcome(line, source, expected.says, got, False, True, marked)
    differs, codes = _differs(expected.says, entry)
    missing = codes - {"*"} - {str(doubt.code) for doubt in entry.doubts}
    right = not differs and not missing and bool(codes) == marked
    return Outcome(line, source, expected.says, got, right, differs, marked)


def _other(result: PastedList, line: int) -> str:
    if line in result.heading_lines:
        return "h"
    return next((f"i {ignored.reason}" for ignored in result.ignored if ignored.line == line), "nowhere")


def described(entry: Entry, line: int) -> str:
    """An entry in the notation of the files."""
    if line != entry.line:
        return "^"
    wants = ", ".join(f"{want.item or '?' + want.text} {want.quantity}" for want in entry.wants) or "-"
    parts = [f"{'-' if entry.number is None else entry.number} {entry.name or '-'}", wants]
    parts += [f"{key} {value}" for key, value in _extras(entry).items() if value]
    if entry.doubts:
        parts.append("? " + " ".join(doubt.code for doubt in entry.doubts))
    return " | ".join(parts)


def _extras(entry: Entry) -> dict[str, str]:
    return {
        "note": entry.note,
        "phone": entry.phone,
        "room": entry.address,
        "struck": "yes" if entry.struck_out else "",
        "dup": str(entry.duplicate_of or ""),
    }


def _differs(says: str, entry: Entry) -> tuple[bool, set[str]]:
    """Whether the entry says something else, and the doubts that are expected of it."""
    head, wants, *rest = [part.strip() for part in says.split(" | ")]
    number, name = head.split(" ", 1)
    extras, codes = {}, set()
    for part in rest:
        key, _, value = part.partition(" ")
        if key == "?":
            codes = set(value.split())
        else:
            extras[key] = value or "yes"
    differs = number != ("-" if entry.number is None else str(entry.number))
    if name != "*":
        differs |= _squeezed(name) != _squeezed(entry.name or "-")
    if wants != "*":
        got = ", ".join(f"{want.item or '?' + want.text} {want.quantity}" for want in entry.wants) or "-"
        differs |= _squeezed(wants) != _squeezed(got)
    for key, value in _extras(entry).items():
        if key in extras or (key in {"struck", "dup"} and wants != "*") or not codes:
            differs |= _squeezed(extras.get(key, "")) != _squeezed(value)
    return differs, codes
