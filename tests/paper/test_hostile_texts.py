"""What people typed is set as it stands: no markup, code or path in it is ever read, and nothing runs off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import pypdfium2 as pdfium
import pytest
from paper_samples import ACCOUNT, HEADING, MAKERS, POSTER, RECEIPT, flat, label_of, orders, pages_of, text_of
from PIL import Image

from millpond.paper import (
    Heading,
    LabelSheet,
    Line,
    Order,
    PackingBy,
    PackingList,
    PickUpList,
    Piece,
    PosterItem,
    PriceStep,
    account_pdf,
    labels_pdf,
    makers_order_pdf,
    packing_list_pdf,
    pick_up_list_pdf,
    poster_pdf,
    receipt_pdf,
)
from millpond.paper.typesetting import MAX_TEXT

FORTY = orders(40)

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


def test_a_poster_is_one_page_whatever_is_on_it() -> None:
    picture = BytesIO()
    Image.new("RGB", (90, 60)).save(picture, "JPEG")
    full = replace(
        POSTER,
        heading=replace(HEADING, title="长" * 120, community="x" * 120),
        about="介绍" * 200,
        steps=tuple(PriceStep(from_quantity=10**at, price=10 ** (9 - at)) for at in range(9)),
        items=tuple(
            PosterItem(name=f"货品 {at} " + "名" * 30, surcharge=10**6, reference=10**7) for at in range(30)
        ),
        pickup_points=tuple(f"自提点 {at} " + "东" * 40 for at in range(12)),
        pickup_note="周六" * 80,
        fee="费" * 120,
    )
    for poster in (full, replace(full, picture=picture.getvalue())):
        pages = pages_of(poster_pdf(poster, "zh"))
        assert len(pages) == 1
        assert "¥10,000,000.00" in flat(pages[0])  # a price is never cut
        assert "满100,000,000袋" in flat(pages[0])


def test_a_text_without_end_is_cut() -> None:
    data = PickUpList(heading=HEADING, orders=(replace(FORTY[0], attention="长" * 5000),))
    shown = flat(text_of(pick_up_list_pdf(data, "zh")))
    assert shown.count("长") == MAX_TEXT - 1
    assert "长…" in shown
