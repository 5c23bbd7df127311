"""Pages of money: who may come in, files without names and formulas, looks in both languages and colours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from beancount import loader
from money_desk import EVIL, LI, WANG, ZHAO, Money
from playwright.sync_api import Browser, expect
from python_calamine import CalamineWorkbook
from sites import cut_off, faults_of, open_phone, start_site

from millpond.community.books import Means
from millpond.desk import answers, claims, maker, money, people
from millpond.desk.people import HELPER_ROLES, Role
from millpond.web.leader import account, booked, books, maker_money
from millpond.web.leader import claims as claim_pages
from millpond.web.leader import money as money_pages

ROUTES = [
    route
    for module in (money_pages, maker_money, account, books, booked, claim_pages)
    for route in module.PAGES
]


@pytest.fixture(scope="module")
def at_work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Money]:
    """One node for the tests that leave no trace, or leave it with their own household."""
    with start_site(tmp_path_factory.mktemp("money") / "node") as site:
        yield Money(site)


def test_what_is_searched_is_found(at_work: Money) -> None:
    found = at_work.get(f"{at_work.path}?q=%E8%B5%B5").text
    assert ZHAO in found
    assert f'id="order-{at_work.room.orders[WANG]}"' not in found


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_who_has_another_task_does_not_come_in(at_work: Money, route: Any) -> None:
    assert route.needs in (Role.KEEPS_MONEY, Role.HANDS_OUT)
    path = re.sub(r"\{\w+:int\}", "1", re.sub(r"\{\w+:str\}", "pdf", route.path)).lstrip("/")
    others = [role for role in HELPER_ROLES if role is not route.needs]
    name = f"{route.method}{route.path}"[-40:]
    helper, _ = at_work.db.write(lambda rows: people.invite(rows, name, others, by=None, now_ms=1))
    with at_work.site.client() as client:
        assert client.request(route.method, path).status_code in (303, 401)
    with at_work.site.client(cookie=f"session={at_work.session(helper.id)}") as client:
        assert client.request(route.method, path).status_code == 403
    at_work.db.write(lambda rows: people.end_access(rows, helper.id, by=None, now_ms=1))


def test_files_hide_names_unless_they_are_asked_for(at_work: Money, tmp_path: Path) -> None:
    at_work.pay(EVIL, 100, words="=1+1 王芳")
    for names in (False, True):
        query = "?names=1" if names else ""
        book = at_work.get(f"desk/books/books.xlsx{query}")
        assert "attachment; filename*=UTF-8''" in book.headers["content-disposition"]
        sheets = CalamineWorkbook.from_filelike(BytesIO(book.content))
        rows = [row for name in sheets.sheet_names for row in sheets.get_sheet_by_name(name).to_python()]
        cells = [str(cell) for row in rows for cell in row]
        assert (EVIL in cells, "=1+1 王芳" in cells, "王姐" in cells) == (names,) * 3
        assert (f"H{at_work.room.households[EVIL]}" in cells) is not names
        text = at_work.get(f"desk/books/books.beancount{query}").text
        assert (WANG in text, "1+1" in text) == (names, names)
        (tmp_path / "b.beancount").write_text(text, encoding="utf-8")
        entries, errors, _ = loader.load_file(str(tmp_path / "b.beancount"))
        assert errors == []
        assert len(entries) > 10


def test_no_cell_of_the_books_is_a_formula(at_work: Money) -> None:
    at_work.pay(EVIL, 100, words='=cmd|" /C calc"!A0')
    with ZipFile(BytesIO(at_work.get("desk/books/books.xlsx?names=1").content)) as file:
        sheets = [file.read(name).decode() for name in file.namelist() if "worksheets/sheet" in name]
    assert sheets
    assert not any("<f>" in sheet or "<hyperlink" in sheet for sheet in sheets)


LOOKS = [("zh-CN", "light", 360), ("en-GB", "dark", 360), ("en-GB", "light", 1_280)]


@pytest.mark.parametrize(("locale", "scheme", "width"), LOOKS)
def test_every_page_is_whole_and_open_to_everybody(
    browser: Browser, at_work: Money, locale: str, scheme: str, width: int
) -> None:
    if not claims.of_round(at_work.site.read, at_work.room.round):
        at_work.claim(LI, "坏" * 300)
        at_work.do(answers.grant, at_work.claim(LI, "少了"), refund_minor=240, answer="x" * 100)
        at_work.do(money.own_money, means=Means.CASH, amount_minor=123_456_789, token=None)
        at_work.do(
            money.pay_ahead, at_work.room.households[ZHAO], means=Means.WALLET, amount_minor=500, token=None
        )
        at_work.do(maker.pay, at_work.room.round, means=Means.CASH, amount_minor=12_345_678, token=None)
    paths = [
        at_work.path, f"{at_work.path}/maker", at_work.account(ZHAO), "desk/books",
        "desk/books/account/receivable", f"desk/{at_work.room.round}/claims",
    ]  # fmt: skip
    with open_phone(browser, locale=locale, scheme=scheme, width=width) as page:
        at_work.let_in(page)
        for path in paths:
            page.goto(at_work.site.url(path))
            for fold in page.locator("main details").all():
                fold.evaluate("fold => fold.open = true")
            assert cut_off(page) == [], path
            assert width > 360 or faults_of(page, colours_only=scheme == "dark") == [], path
        page.goto(at_work.site.url(at_work.account(ZHAO)))
        form = page.locator("form[action$=write-off]")
        page.locator("details:has(form[action$=write-off]) summary").click()
        form.locator("input[name=amount]").fill("99999")
        form.locator("button").click()
        expect(form.locator(".wrong")).to_be_visible()
        assert cut_off(page) == []
        assert faults_of(page) == []
