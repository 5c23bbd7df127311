"""The order of names on a list: as people look for them.

Chinese characters stand in the order of GB 2312, whose first level (3,755 characters, nearly all that names
are made of) is sorted by pinyin. Surnames that the standard keeps in its second level (sorted by radical) or
files under another reading are put where their sound belongs. Figures count as numbers, so that door 3-12
stands before 12-3; letters come before characters and capitals don't matter.

What it does not do: know how every rare character is read. Those stand after the others, by radical.

>>> sorted(["张三", "12-3 李", "阿宝", "Bob", "3-12 王", "闫六", "alice", "杨五"], key=name_key)
['3-12 王', '12-3 李', 'alice', 'Bob', '阿宝', '闫六', '杨五', '张三']
"""

from __future__ import annotations

import re
import unicodedata

_RUNS = re.compile(r"\d+|\D")
_MAX_DIGITS = 18
"""A longer run of figures is no number that anybody counts with."""

_SOUNDS_LIKE = {
    # second level of GB 2312 (or beyond it): a first-level character of the same sound
    "亓": "其", "仉": "掌", "佘": "蛇", "佟": "同", "冼": "显", "厍": "社", "呙": "锅", "妘": "云",
    "妫": "归", "姒": "四", "宓": "密", "岑": "层", "嬴": "迎", "嵇": "机", "庹": "妥", "戢": "集",
    "晁": "巢", "晏": "厌", "暨": "计", "殳": "书", "沐": "木", "滕": "疼", "濮": "菩", "爨": "窜",
    "璩": "渠", "眭": "虽", "笪": "达", "缪": "庙", "羿": "义", "臧": "脏", "芮": "锐", "苻": "扶",
    "茆": "毛", "荀": "旬", "莘": "身", "蔺": "吝", "覃": "秦", "谌": "陈", "谯": "乔", "逄": "旁",
    "遆": "题", "邝": "况", "邬": "污", "邰": "台", "邳": "批", "邴": "饼", "邸": "底", "郄": "切",
    "郇": "旬", "郏": "夹", "郗": "吸", "郜": "告", "郦": "利", "郯": "谈", "鄢": "烟", "鄞": "银",
    "钭": "斗", "闫": "颜", "阚": "看", "隗": "伟", "隽": "倦", "雒": "洛", "麴": "曲",
    # filed under a reading that is not the surname's
    "仇": "求", "区": "欧", "单": "善", "朴": "飘", "查": "扎", "盖": "葛", "解": "谢",
}  # fmt: skip


def name_key(name: str) -> tuple[tuple[int, int, bytes], ...]:
    """What to sort names by."""
    plain = unicodedata.normalize("NFKC", name).casefold().strip()
    runs = [run for run in _RUNS.findall(plain) if not run.isspace()]
    keys = [_part(run) for run in runs]
    if runs and runs[0] in _SOUNDS_LIKE:  # by its sound, and those of one surname side by side
        group, number, sound = _part(_SOUNDS_LIKE[runs[0]])
        keys[0] = (group, number, sound + runs[0].encode("gb18030"))
    return tuple(keys)


def _part(run: str) -> tuple[int, int, bytes]:
    if run.isdecimal() and len(run) <= _MAX_DIGITS:
        return 0, int(run), b""
    if ord(run[0]) < 0x80:
        return 1, 0, run.encode()
    try:
        return 2, 0, run.encode("gb2312")
    except UnicodeEncodeError:
        return 3, 0, run.encode("gb18030", "replace")
