"""The order of names: by pinyin as far as GB 2312 knows it, doors by number."""

from __future__ import annotations

from random import Random

import pytest

from millpond.paper.names import _SOUNDS_LIKE, name_key


@pytest.mark.parametrize(
    "names",
    [
        "阿宝 白 陈 丁 鄂 方 高 何 贾 柯 李 马 倪 欧阳 潘 秦 任 沈 唐 王 谢 杨 张",
        "欧阳 区 潘 秦 覃 仇 任 山 单",
        "谢 解 徐 闫 杨",
        "1-2 2-1 10-1 Anna bob Zoe 阿宝",
        "3栋2单元 3栋10单元 12栋1单元",
        "王2 王10",
    ],
)
def test_sorted_as_people_look_for_them(names: str) -> None:
    expected = names.split()
    mixed = expected.copy()
    Random(1).shuffle(mixed)
    assert sorted(mixed, key=name_key) == expected


def test_one_surname_stays_together() -> None:
    names = sorted(["颜九", "闫一", "颜一", "闫九"], key=name_key)
    assert [name[0] for name in names] in (["颜", "颜", "闫", "闫"], ["闫", "闫", "颜", "颜"])


def test_the_stand_ins_are_first_level_characters() -> None:
    for surname, sound in _SOUNDS_LIKE.items():
        assert 0xB0 <= sound.encode("gb2312")[0] <= 0xD7
        assert surname != sound


def test_any_text_has_a_place() -> None:
    texts = ["", " ", "🌸", "\ud800", "9" * 400, "²", "١٢", "𠮷野家", "\x00", "é", "ｗａｎｇ"]
    assert len(sorted(texts, key=name_key)) == len(texts)
    assert name_key("ＷＡＮＧ") == name_key("wang")
