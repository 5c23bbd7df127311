"""Households, orders and documents for tests of paper: as many as are wanted, always the same ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from random import Random

from millpond.paper.values import Heading, Line, Order

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏"
GIVEN = (
    "芳",
    "桂英",
    "秀兰",
    "建国",
    "敏",
    "静",
    "伟",
    "丽华",
    "国强",
    "小红",
    "志明",
    "玉梅",
    "婷婷",
    "浩然",
)
POINTS = ("幸福里小区东门", "南山路 18 号便利店", "平塘村委会")
ITEMS = (("东北大米 5 kg", "袋"), ("菜籽油 5 L", "桶"), ("土鸡蛋 30 枚", "板"), ("赣南脐橙 10 斤", "箱"))
NOTES = ("易碎，轻放", "晚上 7 点后来", "要两个袋子分开装，一袋给三楼的婆婆", "代邻居拿")
HEADING = Heading(
    title="十二月大米粮油团",
    community="幸福里团购",
    currency="CNY",
    made_at=datetime(2026, 12, 5, 9, 30, tzinfo=timezone(timedelta(hours=8))),
)
CLOSE = datetime(2026, 12, 8, 20, 0, tzinfo=UTC)


def orders(count: int, points: tuple[str, ...] = POINTS, seed: int = 1) -> tuple[Order, ...]:
    """So many orders of one to three items."""
    random = Random(seed)
    made = []
    for number in range(1, count + 1):
        items = random.sample(ITEMS, random.choice((1, 1, 2, 2, 3)))
        lines = tuple(
            Line(item=item, unit=unit, quantity=random.randint(1, 4), amount=random.randint(2000, 30000))
            for item, unit in items
        )
        amount = sum(line.amount or 0 for line in lines)
        made.append(
            Order(
                number=number,
                code=f"{random.randint(0, 9999):04}",
                name=f"{random.randint(1, 12)}-{random.randint(1, 18)}0{random.randint(1, 4)} "
                + random.choice(SURNAMES)
                + random.choice(GIVEN),
                phone=f"138{random.randint(0, 99999999):08}",
                pickup_point=random.choice(points),
                attention=random.choice(NOTES) if random.random() < 0.15 else "",
                lines=lines,
                amount=amount,
                due=random.choice((0, 0, 0, amount, -150)),
            )
        )
    return tuple(made)
