"""Real PDFs: what stands in them, that Chinese is drawn, and that nothing typed is ever run."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from io import BytesIO
from typing import Any

import pypdfium2 as pdfium
import pytest
from paper_samples import (
    ACCOUNT,
    HEADING,
    ITEMS,
    MAKERS,
    POSTER,
    RECEIPT,
    flat,
    label_of,
    orders,
    pages_of,
    text_of,
)
from PIL import Image

from millpond.errors import InputError
from millpond.paper import (
    LabelSheet,
    Line,
    PackingBy,
    PackingList,
    PickUpList,
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

FORTY = orders(40)
A4 = (595, 842)


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
