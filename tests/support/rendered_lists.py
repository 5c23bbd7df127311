"""Lists written out from random orders in a given style: what is expected is known before anything is read.

Everything here is said clearly, in one of the ways people write lists, so nothing of it may be marked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from pasted_lists import CATALOGUES, Example, Expected

LISTS_PER_STYLE = 10

NAMES = """
    王芳 李雷 陈静 林建国 黄秀英 周敏 吴刚 郑爽 何平 高飞 小雨2018 502王阿姨 阿珍 老林头 秀秀妈
    A00大刘建材 Tina 红姐 德福叔 果果爸爸 静水流深 🌹小玫瑰🌹 lily1990 村口老周 二狗家的 四川妹子
    万千 丁一 十一妈妈 J.K. 小林_Lin 欧阳姐 88号技师
""".split()  # noqa: SIM905
TRADITIONAL = """
    陳小姐 黃太 張生 劉太 葉姐 吳媽媽 鄭生 許小姐 趙姐 何師奶 肥仔 阿May 譚伯
""".split()  # noqa: SIM905
ENGLISH = [
    "Anna",
    "Ben",
    "Carol Jones",
    "Mrs Okafor",
    "Mary-Jane",
    "O'Brien",
    "Zoë",
    "Sanjay",
    "Ivy",
    "Dave P",
]
ROOMS = ["3-502", "5-1-203", "3栋502", "12号楼1单元302", "A座1505", "8#1101", "7栋", "502室"]
NOTES = ["放门卫", "周六取", "晚上八点后自提", "已付款", "送上门", "不要太早"]
SHORT = {"rice": "大米", "oil": "花生油", "eggs": "土鸡蛋"}
TRADITIONAL_SHORT = {"rice": "大米", "oil": "花生油", "eggs": "土雞蛋"}
UNITS = {"rice": "袋", "oil": "桶", "eggs": "盒"}
HAN = """
    零 一 两 三 四 五 六 七 八 九 十 十一 十二 十三 十四 十五 十六 十七 十八 十九 二十
""".split()  # noqa: SIM905
CIRCLED = [chr(0x2460 + place) for place in range(20)]


@dataclass(frozen=True)
class Wanted:
    """One random order."""

    name: str
    wants: tuple[tuple[str, int], ...]
    room: str = ""
    phone: str = ""
    note: str = ""


Writer = Callable[[int, Wanted], str]


def goods(joint: str, one: Callable[[str, int], str]) -> Callable[[Wanted], str]:
    return lambda order: joint.join(one(item, count) for item, count in order.wants)


def bracketed(order: Wanted) -> str:
    return f"（{order.note}）" if order.note else ""


def spaced(*parts: str) -> str:
    return " ".join(part for part in parts if part)


plain = goods(" ", lambda item, count: f"{SHORT[item]}{count}{UNITS[item]}")
commas = goods("，", lambda item, count: f"{SHORT[item]}×{count}")
stars = goods("、", lambda item, count: f"{SHORT[item]}*{count}")
figures = goods(" ", lambda item, count: f"{SHORT[item]} {count}")
first = goods(" ", lambda item, count: f"{count}{UNITS[item]}{SHORT[item]}")
words = goods("和", lambda item, count: f"{SHORT[item]}{HAN[count]}{UNITS[item]}")
plus = goods("+", lambda item, count: f"{SHORT[item]}{count}")
together = goods("", lambda item, count: f"{SHORT[item]}{count}{UNITS[item]}")
old = goods(
    "；", lambda item, count: f"{TRADITIONAL_SHORT[item]}{HAN[count].replace('两', '兩')}{UNITS[item]}"
)
ENGLISH_UNITS = {"rice": "bag", "oil": "bottle", "eggs": "box"}
english = goods(
    ", ",
    lambda item, count: (
        f"{count} {ENGLISH_UNITS[item]}{'' if count == 1 else 'es' if item == 'eggs' else 's'} {item}"
    ),
)
_WIDE = {ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"}


def wide(text: str) -> str:
    return text.translate(_WIDE)


WRITERS: dict[str, Writer] = {
    "dots": lambda n, o: f"{n}. {spaced(o.name, o.room, plain(o))}{bracketed(o)}",
    "commas": lambda n, o: f"{n}、{o.name}：{commas(o)}{bracketed(o)}",
    "round": lambda n, o: f"{n}）{spaced(o.room, o.name, stars(o))}",
    "circled": lambda n, o: f"{CIRCLED[n - 1]} {spaced(o.name, figures(o), o.phone)}",
    "keycaps": lambda n, o: (
        f"{''.join(d + chr(0xFE0F) + chr(0x20E3) for d in str(n))} {o.name} {plain(o)} 👍"
    ),
    "square": lambda n, o: f"【{n}】{spaced(o.name, o.phone, words(o))} {bracketed(o)}",
    "template": lambda n, o: f"{n}. " + "+".join(p for p in (o.name, o.room, o.phone, plus(o)) if p),
    "quantity-first": lambda n, o: f"{n}. {spaced(o.name, first(o))}{bracketed(o)}",
    "glued-goods": lambda n, o: f"{n}.{o.name}，{together(o)}{bracketed(o)}",
    "full-width": lambda n, o: wide(f"{n}．{o.name}　{plain(o)}") + bracketed(o),
    "unnumbered": lambda n, o: spaced(o.name, o.room, plain(o)),
    "remarks": lambda n, o: f"{n}. {spaced(o.name, plain(o))} " + (f"备注：{o.note}" if o.note else ""),
    "traditional": lambda n, o: f"{n}. {spaced(o.name, old(o))}{bracketed(o)}",
    "english": lambda n, o: f"{n}. {o.name} - {english(o)}",
}


def rendered(style: str) -> list[Example]:
    """Ten lists of a style, the same ones every time."""
    return [_one(style, Random(f"{style} {number}")) for number in range(LISTS_PER_STYLE)]


def _one(style: str, random: Random) -> Example:
    names = {"traditional": TRADITIONAL, "english": ENGLISH}.get(style, NAMES)
    items = CATALOGUES["bread" if style == "english" else "basics"]
    people = random.sample(names, random.randint(4, min(12, len(names))))
    orders = [_order(style, name, random) for name in people]
    example = Example(f"rendered-{style}", str(orders[0].name), items)
    example.sources = [random.choice(["#接龙", "粮油接龙", "周末团购"])]
    example.expected = [Expected(1, "h")]
    for number, order in enumerate(orders, 1):
        example.sources.append(WRITERS[style](number, order).rstrip())
        example.expected.append(Expected(number + 1, _says(style, number, order)))
    if style == "dots" and random.random() < 0.5:
        _copied(example, random.randint(1, len(orders)))
    return example


def _order(style: str, name: str, random: Random) -> Wanted:
    ids = random.sample(["rice", "oil", "eggs"], random.choice([1, 1, 2, 3]))
    has_room = style in {"dots", "round", "template", "unnumbered"}
    has_phone = style in {"circled", "square", "template"}
    has_note = style in {
        "dots",
        "commas",
        "square",
        "quantity-first",
        "glued-goods",
        "full-width",
        "remarks",
        "traditional",
    }
    return Wanted(
        name,
        tuple((id, random.randint(1, 20)) for id in ids),
        room=random.choice(["", *ROOMS]) if has_room else "",
        phone=random.choice(["", f"1{random.randint(3 * 10**9, 10**10 - 1)}"]) if has_phone else "",
        note=random.choice(["", "", *NOTES]) if has_note else "",
    )


def _says(style: str, number: int, order: Wanted) -> str:
    wants = ", ".join(f"{item} {count}" for item, count in order.wants)
    parts = [f"{'-' if style == 'unnumbered' else number} {order.name}", wants]
    parts += [f"room {order.room}"] if order.room else []
    parts += [f"phone {order.phone}"] if order.phone else []
    parts += [f"note {order.note}"] if order.note else []
    return " | ".join(parts)


def _copied(example: Example, count: int) -> None:
    """An older copy of the list above it: its lines are duplicates of the longer one's."""
    sources = example.sources[: count + 1] + example.sources
    shift = count + 1
    before = [Expected(1, "h")]
    for place in range(1, count + 1):
        before.append(Expected(place + 1, f"{example.expected[place].says} | dup {place + 1 + shift}"))
    after = [Expected(expected.line + shift, expected.says) for expected in example.expected]
    after[0].says = "i repeated-heading"
    example.sources, example.expected = sources, before + after
