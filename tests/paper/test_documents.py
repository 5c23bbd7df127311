"""Real PDFs: what stands in them, that Chinese is drawn, and that nothing typed is ever run."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache
from io import BytesIO
from typing import Any

import pypdfium2 as pdfium
import pytest
from paper_samples import CLOSE, HEADING, ITEMS, POINTS, orders
from PIL import Image

from millpond.errors import InputError
from millpond.paper import (
    Account,
    Booking,
    Charge,
    Heading,
    Label,
    LabelSheet,
    Line,
    MakersOrder,
    Order,
    PackingBy,
    PackingList,
    Payment,
    PickUpList,
    Piece,
    Poster,
    PosterItem,
    PriceStep,
    Receipt,
    SortedBy,
    account_pdf,
    labels_pdf,
    makers_order_pdf,
    packing_list_pdf,
    pick_up_list_pdf,
    poster_pdf,
    receipt_pdf,
)
from millpond.paper.fonts import find_fonts
from millpond.paper.typesetting import MAX_TEXT

FORTY = orders(40)
A4 = (595, 842)


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

Make = Callable[[str], bytes]
DOCUMENTS: dict[str, Make] = {
    "pick-up list": lambda w: pick_up_list_pdf(PickUpList(heading=HEADING, orders=FORTY), w),
    "by household": lambda w: packing_list_pdf(
        PackingList(heading=HEADING, orders=FORTY, by=PackingBy.HOUSEHOLD), w
    ),
    "by item": lambda w: packing_list_pdf(PackingList(heading=HEADING, orders=FORTY, by=PackingBy.ITEM), w),
    "by point": lambda w: packing_list_pdf(
        PackingList(heading=HEADING, orders=FORTY, by=PackingBy.PICKUP_POINT), w
    ),
    "labels": lambda w: labels_pdf(LabelSheet(heading=HEADING, labels=tuple(map(label_of, FORTY))), w),
    "receipt": lambda w: receipt_pdf(RECEIPT, w),
    "makers order": lambda w: makers_order_pdf(MAKERS, w),
    "account": lambda w: account_pdf(ACCOUNT, w),
    "poster": lambda w: poster_pdf(POSTER, w),
}
SAYS = {
    "pick-up list": ("提货单 提货码 注意 已付 合计", "Pick-up list Code Attention Paid Total"),
    "by household": ("分户配货 跟团号", "By household No."),
    "by item": ("分货品配货 合计", "By item Total"),
    "by point": ("分自提点配货 40 户", "By pick-up point 40 households"),
    "labels": ("跟团号", "No."),
    "receipt": ("收据 应付 10.25 kg ¥104.00 ¥105.00 −¥50.00 未付 ¥55.00", "Receipt To pay ¥55.00 Price"),
    "makers order": (
        "订货单 交货日期 2026年12月15日 7 × 4 + 2 定制明细 件号 101",
        "Order Ready on 15 Dec 2026",
    ),
    "account": (
        "对账单 上期结余 −¥5.00 ¥47.00 −¥3.00 应退",
        "Statement of account Brought forward To give back",
    ),
    "poster": (
        "满 100 袋 ¥52.00 截团时间 扫码参团 +¥46.00",
        "from 100 袋 Order until Scan to order In the shop",
    ),
}


@cache
def made(name: str, language: str) -> bytes:
    return DOCUMENTS[name](language)


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_document_in_both_languages(name: str, language: str) -> None:
    pdf = made(name, language)
    document = pdfium.PdfDocument(pdf)
    assert {tuple(round(side) for side in page.get_size()) for page in document} == {A4}
    assert document.get_metadata_value("Title") == (ACCOUNT.heading.title)
    shown = flat(text_of(pdf))
    for words in SAYS[name][language == "en"].replace("应付 ", "").split():
        assert words in shown
    assert "\ufffd" not in shown


def test_the_same_data_gives_the_same_bytes() -> None:
    assert receipt_pdf(RECEIPT, "zh") == made("receipt", "zh")


def test_every_household_stands_once_on_the_list_under_its_point() -> None:
    pages = pages_of(made("pick-up list", "zh"))
    shown = [flat(page) for page in pages]
    for order in FORTY:
        on = [page for page in shown if f"{order.code}{flat(order.name)}" in page]
        assert len(on) == 1
        assert flat(order.pickup_point) in on[0]
    for at, page in enumerate(shown, start=1):
        assert f"第{at}/{len(pages)}页" in page
        if any(order.code in page for order in FORTY):  # not only totals
            assert "跟团号提货码姓名货品注意已付" in page


def test_names_are_sorted_within_a_point() -> None:
    page = next(page for page in pages_of(made("pick-up list", "zh")) if "平塘村委会" in page)
    rooms = [tuple(map(int, room)) for room in re.findall(r"\d{4} ?(\d+)-(\d+) ", page)]
    assert len(rooms) > 5
    assert rooms == sorted(rooms)


def test_totals_of_a_point_are_those_of_its_orders() -> None:
    inside = [order for order in FORTY if order.pickup_point == "平塘村委会"]
    page = next(page for page in pages_of(made("pick-up list", "zh")) if "平塘村委会" in page)
    foot = flat(page.rpartition("合计")[2])
    for item, unit in ITEMS:
        total = sum(line.quantity for order in inside for line in order.lines if line.item == item)
        assert f"{flat(item)}{total}{unit}" in foot


def test_phones_and_prices_only_if_asked_for() -> None:
    bare = flat(text_of(made("pick-up list", "zh")))
    full = PickUpList(
        heading=HEADING, orders=FORTY, show_phones=True, show_prices=True, sorted_by=SortedBy.CODE
    )
    shown = flat(text_of(pick_up_list_pdf(full, "zh")))
    for order in FORTY:
        assert order.phone not in bare
        assert order.phone in shown
    assert "¥" not in bare
    assert "¥" in shown


def test_three_hundred_households_repeat_the_heading_on_every_page() -> None:
    data = PickUpList(heading=HEADING, orders=orders(300, ("",)))
    pages = [flat(page) for page in pages_of(pick_up_list_pdf(data, "zh"))]
    assert len(pages) >= 9
    assert all("跟团号提货码姓名货品注意已付" in page for page in pages[:-1])
    assert all(f"第{at}/{len(pages)}页" in page for at, page in enumerate(pages, start=1))
    joined = "".join(pages)
    assert all(order.code + flat(order.name) in joined for order in data.orders)


def test_one_household_and_none() -> None:
    assert len(pages_of(pick_up_list_pdf(PickUpList(heading=HEADING, orders=FORTY[:1]), "en"))) == 1
    for by in PackingBy:
        data = PackingList(heading=HEADING, orders=(), by=by)
        assert "还没有订单" in text_of(packing_list_pdf(data, "zh"))
    assert "no orders" in text_of(pick_up_list_pdf(PickUpList(heading=HEADING, orders=()), "en"))


def test_the_maker_learns_nothing_of_households() -> None:
    shown = flat(text_of(made("makers order", "zh")))
    assert "101校服130身高132绣字小明" in shown
    assert "139件" not in shown
    assert "32件" in shown


def test_labels_skip_used_stickers_and_go_on_to_a_second_one() -> None:
    many = replace(label_of(FORTY[0]), lines=tuple(Line(item=f"货{i}", quantity=i + 1) for i in range(9)))
    sheet = LabelSheet(heading=HEADING, labels=(many, label_of(FORTY[1])), skip=22)
    pages = [flat(page) for page in pages_of(labels_pdf(sheet, "zh"))]
    assert len(pages) == 2
    assert "1/3" in pages[0]
    assert "3/3" in pages[1]
    assert FORTY[1].code in pages[1]
    with pytest.raises(InputError, match="skip"):
        LabelSheet(heading=HEADING, labels=(), skip=24)


HOSTILE = (
    "#panic()",
    "#panic(",
    "$x$",
    '"; #read("/etc/passwd")',
    '#read("sheet.typ")',
    '#import "@preview/x:1.0.0"',
    "*bold* _it_ `raw` <label> @ref // rest",
    "= heading",
    "\\u{41} \\",
    "{{ 1 + 1 }} ${7*7} %s",
    "[",
    "</w:t>",
)


def hostile_orders() -> tuple[Order, ...]:
    return tuple(
        Order(
            number=at,
            code=f"{at:04}",
            name=text,
            phone=text,
            pickup_point=HOSTILE[at % 2],
            attention=text,
            lines=(Line(item=text, quantity=1, unit=text[:3], note=text),),
        )
        for at, text in enumerate(HOSTILE)
    )


@pytest.mark.parametrize("name", ["pick-up list", "by household", "by item", "by point", "labels"])
def test_hostile_names_run_nothing_and_stand_as_they_were_typed(name: str) -> None:
    hostile = replace(HEADING, title='"; #panic() $x$', community='#read("/etc/passwd")')
    rows = hostile_orders()
    data: dict[str, Callable[[], bytes]] = {
        "pick-up list": lambda: pick_up_list_pdf(PickUpList(heading=hostile, orders=rows), "zh"),
        "labels": lambda: labels_pdf(LabelSheet(heading=hostile, labels=tuple(map(label_of, rows))), "zh"),
    }
    by = {"by household": PackingBy.HOUSEHOLD, "by item": PackingBy.ITEM, "by point": PackingBy.PICKUP_POINT}
    make = data.get(name) or (
        lambda: packing_list_pdf(PackingList(heading=hostile, orders=rows, by=by[name]), "zh")
    )
    shown = flat(text_of(make()))
    assert "root:" not in shown
    for text in HOSTILE:
        if name != "labels" or len(text) < 12:  # a sticker cuts long names off
            assert flat(text) in shown


def test_hostile_texts_in_the_other_documents() -> None:
    evil = '#panic() $x$ "; #read("/etc/passwd")'
    heading = Heading(title=evil, community=evil, currency="CNY", made_at=HEADING.made_at)
    line = Line(item=evil, quantity=1, unit=evil, price=1, amount=1)
    documents = (
        receipt_pdf(
            replace(RECEIPT, heading=heading, order=replace(RECEIPT.order, name=evil, lines=(line,))), "en"
        ),
        makers_order_pdf(
            replace(
                MAKERS,
                heading=heading,
                maker=evil,
                lines=(line,),
                pieces=(Piece(number=1, item=evil, answers=((evil, evil),)),),
                note=evil,
            ),
            "en",
        ),
        account_pdf(replace(ACCOUNT, heading=heading, holder=evil, note=evil), "en"),
        poster_pdf(
            replace(POSTER, heading=heading, about=evil, fee=evil, pickup_points=(evil,), link=evil), "en"
        ),
    )
    for pdf in documents:
        assert flat('#panic()$x$"; #read("/etc/passwd")') in flat(text_of(pdf))


def test_long_names_emoji_and_right_to_left() -> None:
    names = (
        "W" * 120,
        "无" * 120,
        "王芳🌸👩‍👩‍👧",
        "محمد علي",
        "שלום",
        "a\u202eb\u2066c\x00\x1b[31m",
        "é ñ ü ß ø",
    )
    rows = tuple(
        Order(number=at, code="1", name=name, attention=name, lines=(Line(item=name, quantity=1),))
        for at, name in enumerate(names)
    )
    pdf = pick_up_list_pdf(PickUpList(heading=HEADING, orders=rows), "zh")
    shown = flat(text_of(pdf))
    assert "王芳" in shown
    assert "abc[31m" in shown
    assert flat("é ñ ü ß ø") in shown
    assert shown.count("W") == 4 * 120  # name, item, attention, total
    for page in pdfium.PdfDocument(pdf):  # nothing runs off the paper
        image = page.render(scale=1).to_pil().convert("L")
        for edge in ((0, 0, 30, image.height), (image.width - 30, 0, image.width, image.height)):
            assert image.crop(edge).getextrema() == (255, 255)


def test_a_text_without_end_is_cut() -> None:
    data = PickUpList(heading=HEADING, orders=(replace(FORTY[0], attention="长" * 5000),))
    shown = flat(text_of(pick_up_list_pdf(data, "zh")))
    assert shown.count("长") == MAX_TEXT - 1
    assert "长…" in shown


def ink_of(pdf: bytes, char: str) -> Image.Image:
    """The picture of a character as it stands on the first page."""
    page = pdfium.PdfDocument(pdf)[0]
    text = page.get_textpage()
    at = text.get_text_range().replace("\r\n", "\r\n").index(char)
    left, bottom, right, top = text.get_charbox(at)
    scale = 6
    image = page.render(scale=scale).to_pil().convert("L")
    height = page.get_size()[1]
    box = (left * scale, (height - top) * scale, right * scale, (height - bottom) * scale)
    return image.crop(tuple(round(side) for side in box)).resize((48, 48))


def difference(a: Image.Image, b: Image.Image) -> float:
    pairs = list(zip(a.tobytes(), b.tobytes(), strict=True))
    return sum(abs(x - y) for x, y in pairs) / len(pairs)


def test_chinese_is_really_drawn() -> None:
    title = "平塘团购住户提货"
    pdf = poster_pdf(replace(POSTER, heading=replace(HEADING, title=title, community="x")), "zh")
    glyphs = [ink_of(pdf, char) for char in title]
    for glyph in glyphs:
        dark, light = glyph.getextrema()
        assert dark < 90 < light  # neither empty nor a black block
    for at, glyph in enumerate(glyphs):  # no two the same: none is the box for a missing one
        assert all(difference(glyph, other) > 15 for other in glyphs[at + 1 :])


@pytest.mark.parametrize("name", DOCUMENTS)
def test_fonts_are_embedded_and_chinese_is_set_in_the_one_for_chinese(name: str) -> None:
    chinese = find_fonts().chinese
    assert chinese is not None
    fonts = [
        obj.get_font()
        for page in pdfium.PdfDocument(made(name, "zh"))
        for obj in page.get_objects(filter=[pdfium.raw.FPDF_PAGEOBJ_TEXT])
    ]
    assert all(font.is_embedded for font in fonts)
    face = chinese.replace(" ", "").casefold()
    assert any(face in font.get_base_name().casefold() for font in fonts)


def test_a_picture_is_on_the_poster() -> None:
    picture = Image.new("RGB", (800, 500), (180, 40, 40))
    out = BytesIO()
    picture.save(out, "JPEG")
    pdf = poster_pdf(replace(POSTER, picture=out.getvalue()), "zh")
    image: Any = pdfium.PdfDocument(pdf)[0].render(scale=1).to_pil().convert("RGB")
    pixels = image.tobytes()
    red = sum(abs(r - 180) < 20 and g < 70 for r, g in zip(pixels[0::3], pixels[1::3], strict=True))
    assert red > 0.15 * image.width * image.height


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(InputError, match="fr"):
        receipt_pdf(RECEIPT, "fr")
