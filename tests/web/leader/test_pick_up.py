"""Lists to print, as PDF with real text and as Excel; what is private only where it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from urllib.parse import unquote

import pytest
from leading import Leader
from money_desk import EVIL, LI, WANG, ZHAO, Money
from paper_samples import flat, pages_of, text_of
from python_calamine import CalamineWorkbook
from sites import Site, start_site
from small_rooms import item, opened

from millpond.desk import handing


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Money]:
    """One node for all: papers leave no trace."""
    with start_site(tmp_path_factory.mktemp("pick-up") / "node") as site:
        yield Money(site)


def cells(data: bytes) -> list[str]:
    book = CalamineWorkbook.from_filelike(BytesIO(data))
    rows = [row for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python()]
    return [str(cell) for row in rows for cell in row]


def test_phones_and_amounts_stand_there_only_if_asked_for(desk: Money) -> None:
    path = f"desk/{desk.room.round}/pick-up-list"
    plain = flat(text_of(desk.get(f"{path}.pdf").content))
    for words in ("提货单", WANG, LI, ZHAO, EVIL, "鸡蛋", "还没称重"):
        assert flat(words) in plain
    assert "139000" not in plain
    assert "¥" not in plain
    asked = flat(text_of(desk.get(f"{path}.pdf?phones=1&prices=1").content))
    assert "1390000" in asked
    assert "¥17.82" in asked
    assert not [cell for cell in cells(desk.get(f"{path}.xlsx").content) if "139000" in cell]
    assert [cell for cell in cells(desk.get(f"{path}.xlsx?phones=1").content) if "139000" in cell]


def test_the_list_is_sorted_as_asked(desk: Money) -> None:
    path = f"desk/{desk.room.round}/pick-up-list.pdf?sort="
    text = flat(text_of(desk.get(f"{path}number").content))
    places = [text.index(flat(who)) for who in (WANG, EVIL, LI, ZHAO)]
    assert places == sorted(places)
    assert desk.get(f"{path}nonsense").status_code == 200


@pytest.mark.parametrize("by", ["household", "item", "pickup-point"])
def test_packing_lists(desk: Money, by: str) -> None:
    pdf = desk.get(f"desk/{desk.room.round}/packing/{by}.pdf")
    text = flat(text_of(pdf.content))
    assert flat("配货单") in text
    assert "大米" in text
    assert "attachment" not in pdf.headers["content-disposition"]
    assert "配货单 十二月.pdf" in unquote(pdf.headers["content-disposition"])
    excel = desk.get(f"desk/{desk.room.round}/packing/{by}.xlsx")
    assert "attachment" in excel.headers["content-disposition"]
    assert "大米" in " ".join(cells(excel.content))


def test_labels_leave_out_what_is_used_of_the_sheet(desk: Money) -> None:
    path = f"desk/{desk.room.round}/labels.pdf"
    assert len(pages_of(desk.get(path).content)) == 1
    assert len(pages_of(desk.get(f"{path}?skip=22").content)) == 2
    for skip in ("-1", "x", "9" * 50, ""):
        assert desk.get(f"{path}?skip={skip}").status_code == 200
    assert flat(WANG) in flat(text_of(desk.get(path).content))


@pytest.mark.parametrize("path", ["pick-up-list.exe", "packing/none.pdf", "packing/item.doc"])
def test_there_is_no_other_paper(desk: Money, path: str) -> None:
    assert desk.get(f"desk/{desk.room.round}/{path}").status_code == 404


def test_what_was_handed_out_is_counted(site: Site) -> None:
    desk = Money(site)
    assert "0 / 4" in desk.get(f"desk/{desk.room.round}/pick-up").text
    desk.do(handing.hand_out, desk.room.round, desk.room.orders[WANG])
    page = desk.get(f"desk/{desk.room.round}/pick-up").text
    assert "1 / 4" in page
    assert "已提货" in page
    assert "平塘团</small>" not in page, "with one pick-up point nobody needs its name on every line"


def test_before_it_is_decided_there_is_nothing_to_print(site: Site) -> None:
    round = opened(site.room.db, item())
    assert "成团以后" in Leader(site).get(f"desk/{round.id}/pick-up").text
