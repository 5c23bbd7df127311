"""Households, orders and documents for tests of paper: as many as are wanted, always the same ones."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from random import Random

import pypdfium2 as pdfium

from millpond.paper import (
    Account,
    Booking,
    Charge,
    Heading,
    Label,
    Line,
    MakersOrder,
    Order,
    Payment,
    Piece,
    Poster,
    PosterItem,
    PriceStep,
    Receipt,
)

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


def label_of(order: Order) -> Label:
    return Label(
        number=order.number,
        code=order.code,
        name=order.name,
        lines=order.lines,
        pickup_point=order.pickup_point,
        scan=f"https://example.org/x?code={order.code}",
    )


MAKERS = MakersOrder(
    heading=HEADING,
    maker="五常稻香米厂",
    maker_contact="刘经理 13900001111",
    contact="王芳 13800002222",
    deliver_to="幸福里 3 号门",
    reference="XFL-12",
    ready_on=date(2026, 12, 15),
    lines=(
        Line(item="东北大米 5 kg", quantity=30, unit="袋", price=5200, amount=156000, case_size=4),
        Line(item="校服 130", quantity=2, unit="件", price=8800, amount=17600),
    ),
    charges=(Charge(words="开机费", amount=10000),),
    pieces=(Piece(number=101, item="校服 130", answers=(("身高", "132"), ("绣字", "小明"))),),
)
RECEIPT = Receipt(
    heading=HEADING,
    order=Order(
        number=7,
        code="4711",
        name="王芳",
        phone="13800001111",
        lines=(Line(item="东北大米 5 kg", quantity=2, unit="袋", grams=10250, price=5200, amount=10400),),
    ),
    charges=(Charge(words="服务费", amount=100),),
    payments=(Payment(on=date(2026, 12, 4), words="微信", amount=5000),),
    note="谢谢",
)
ACCOUNT = Account(
    heading=HEADING,
    holder="王芳",
    opening=-500,
    since=date(2026, 12, 1),
    until=date(2026, 12, 31),
    bookings=(
        Booking(on=date(2026, 12, 1), words="大米", charge=5200),
        Booking(on=date(2026, 12, 2), words="现金", payment=5000),
    ),
)
POSTER = Poster(
    heading=HEADING,
    link="https://example.org/xfl/g/k3m9p2",
    steps=(PriceStep(from_quantity=1, price=6800), PriceStep(from_quantity=100, price=5200)),
    items=(PosterItem(name="东北大米 10 kg", surcharge=4600, reference=13500),),
    unit="袋",
    about="当年新米",
    fee="服务费 ¥1.00",
    closes_at=CLOSE,
    pickup_points=POINTS,
    pickup_note="12 月 16 日",
)


def pages_of(pdf: bytes) -> list[str]:
    """The text of each page; spaces that only break a line are gone."""
    document = pdfium.PdfDocument(pdf)
    return [
        page.get_textpage().get_text_range().replace("\u200b", "").replace("\r\n", "\n") for page in document
    ]


def text_of(pdf: bytes) -> str:
    return "\n".join(pages_of(pdf))


def flat(text: str) -> str:
    return re.sub(r"\s", "", text)
