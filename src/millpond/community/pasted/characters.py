"""From raw lines to characters that can be read: figures of one width, nothing hidden; what was struck out.

Texts keep the signs they were written with, so that names and notes look as they did; the folded form has
one sign for all of a kind and is what patterns are for.

Invariant: `Clean.folded` has exactly one character for each of `Clean.text`, so that a place in one is the
same place in the other.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

__all__ = ["KEYCAP", "Clean", "clean", "fold", "is_emoji", "split_lines"]

LINE_END = re.compile("\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
KEYCAP = "\u20e3"
_JOINER = "\u200d"
_STRIKES = "\u0335\u0336\u0337\u0338"
_STRUCK = re.compile(r"~~(?=\S)(.+?)(?<=\S)~~")

_REPLACED = {
    **{
        chr(wide): chr(wide - 0xFEE0)
        for wide in range(0xFF01, 0xFF5F)
        if chr(wide) not in "！（），：；？［］～"
    },
    **dict.fromkeys("–—―−‐‑‒─━➖", "-"),
    **dict.fromkeys("✕✖⨯╳", "×"),
    "➕": "+",
    "﹢": "+",
    "｡": "。",
    "㎏": "kg",
    "½": "半",
    "🔟": "10" + KEYCAP,
}

_TRADITIONAL = (
    "龍龙團团購购糧粮雞鸡蛋蛋兩两備备註注轉转帳账賬账單单樓楼棟栋號号碼码紅红藍蓝黃黄綠绿紫紫黑黑"
    "雙双對对條条隻只個个盒盒箱箱瓶瓶罐罐壺壶桶桶張张陳陈劉刘葉叶吳吴媽妈鄭郑許许趙赵鄧邓馮冯盧卢"
    "蘇苏蔣蒋賈贾韓韩楊杨羅罗謝谢蕭萧鍾钟譚谭範范陸陆萬万錢钱湯汤龔龚麵面飯饭餅饼餃饺饅馒頭头魚鱼"
    "蝦虾鴨鸭鵝鹅豬猪腸肠腦脑醬酱鹽盐糖糖鮮鲜幹干乾干凍冻葷荤薑姜蔥葱蘿萝蔔卜筍笋檸柠檬檬蘋苹鳳凤"
    "蘆芦薈荟棗枣蓮莲藕藕藥药參参靈灵銀银貳贰參叁陸陆訂订買买賣卖給给還还門门衛卫請请幫帮減减換换"
    "動动過过發发時时間间點点後后週周禮礼級级長长東东車车電电話话樣样總总計计報报價价錢钱記记錄录"
    "區区塊块斷断補补讓让誰谁這这裡里裏里個个們们麼么樂乐華华國国開开關关聯联繫系臺台灣湾廣广島岛"
    "網网線线純纯絲丝緊紧緑绿綿绵縣县師师爺爷嬸婶孫孙奧奥會会員员領领顆颗類类顏颜願愿養养餘余館馆"
    "變变軟软輕轻較较農农邊边運运選选遲迟適适郵邮鄉乡釋释針针釣钓鋪铺錯错鐘钟鐵铁閉闭雜杂離离難难"
    "雲云霜霜頂顶項项順顺須须預预顧顾風风飛飞飲饮餐餐餵喂馬马驗验髮发鬆松鹹咸麥麦麗丽齊齐龜龟"
)
_FOLDED = {ord(old): new for old, new in zip(_TRADITIONAL[::2], _TRADITIONAL[1::2], strict=True)}
"""Traditional to simplified, for what stands in orders: goods, units, numerals, surnames, remarks."""
_SIGNS = ("！!（(），,：:；;？?～~∼~〜~【[〔[〖[［[「[『[】]〕]〗]］]」]』]" + '“"”"„"‟"' + "‘'’'").replace(
    "（(）", "（(）)"
)
_FOLDED |= {ord(old): new for old, new in zip(_SIGNS[::2], _SIGNS[1::2], strict=True)}


@dataclass(frozen=True, slots=True)
class Clean:
    """One line that can be read. `struck` says of each character whether it was struck through."""

    text: str
    struck: tuple[bool, ...]

    @property
    def folded(self) -> str:
        """Small letters, simplified characters; the same length."""
        return fold(self.text)

    def kept(self) -> str:
        """The text without what was struck through."""
        pairs = zip(self.text, self.struck, strict=True)
        return "".join(" " if gone else character for character, gone in pairs)


def split_lines(text: str) -> list[str]:
    """The raw lines, whatever ends them."""
    return LINE_END.split(text)


def fold(text: str) -> str:
    """Small letters, simplified characters and narrow signs, character by character."""
    if text.isascii():
        return text.lower()
    return "".join(low if len(low := character.lower()) == 1 else character for character in text).translate(
        _FOLDED
    )


def is_emoji(character: str) -> bool:
    """Whether it is a picture (or part of one) and no letter, figure or sign of writing."""
    code = ord(character)
    return (
        (code >= 0x1F000 and code < 0x1FC00)
        or character == _JOINER
        or (code >= 0x2000 and unicodedata.category(character) == "So")
    )


def clean(line: str) -> Clean:
    """The readable characters of a raw line, with spaces and signs made alike."""
    text: list[str] = []
    struck: list[bool] = []
    for character in unicodedata.normalize("NFC", line):
        if character in _STRIKES:
            if struck:
                struck[-1] = True
            continue
        for new in _REPLACED.get(character, character):
            new = _readable(new, text)
            text.append(new)
            struck.extend([False] * len(new))
    plain = "".join(text)
    for match in reversed(list(_STRUCK.finditer(plain))):
        start, end = match.span()
        inner = slice(start + 2, end - 2)
        plain = plain[:start] + plain[inner] + plain[end:]
        struck[start:end] = [True] * (end - start - 4)
    start = len(plain) - len(plain.lstrip())
    plain = plain.strip()
    return Clean(plain, tuple(struck[start : start + len(plain)]))


def _readable(character: str, before: list[str]) -> str:
    """The character, a space for any kind of space, or nothing for what cannot be seen."""
    if character in "\t\u3164" or character.isspace():
        return " "
    if character == _JOINER:  # holds pictures together: 👩‍👧
        return character if before and before[-1] and is_emoji(before[-1]) else ""
    category = unicodedata.category(character)
    if category in {"Cf", "Cc", "Co", "Cs", "Cn"} or character in "\ufe0e\ufe0f":
        return ""
    return character
