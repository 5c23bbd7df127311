"""Pages of money, in a real browser and by HTTP: marking, taking back, books, files, claims, who may come."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from money_desk import LI, WANG, ZHAO, Money
from money_rooms import EGGS, FISH, RICE
from paper_samples import flat, text_of
from playwright.sync_api import Browser, Page, expect
from python_calamine import CalamineWorkbook
from sites import Site, open_phone

from millpond.community.books import Account, Means
from millpond.desk import answers, counter, goods, ledger, maker, money, people
from millpond.desk.people import Role


@pytest.fixture
def desk(site: Site) -> Money:
    """A node of the test's own."""
    return Money(site)


@pytest.fixture
def leader(browser: Browser, desk: Money) -> Iterator[Page]:
    """The owner's old phone: everything goes without scripts."""
    with open_phone(browser, scripts=False) as page:
        yield desk.let_in(page)


def row(page: Page, desk: Money, who: str) -> Any:
    return page.locator(f"#order-{desk.room.orders[who]}")


def test_one_tap_marks_an_order_as_paid_and_one_takes_it_back(leader: Page, desk: Money) -> None:
    leader.goto(desk.site.url(desk.path))
    expect(leader.locator("main")).to_contain_text("4 / 4 单")
    row(leader, desk, WANG).get_by_role("button", name="转账").click()
    expect(row(leader, desk, WANG)).to_contain_text("付款 · 银行")
    expect(row(leader, desk, WANG)).to_contain_text("王姐")
    expect(row(leader, desk, WANG)).to_contain_text("✓ 已付清")
    assert (desk.due(WANG).open, ledger.balances(desk.site.read)[Account.BANK]) == (0, 1_782)
    leader.get_by_role("link", name="未付 3").click()
    expect(row(leader, desk, WANG)).to_have_count(0)
    row(leader, desk, ZHAO).get_by_role("button", name="现金").click()
    assert "show=open" in leader.url
    leader.get_by_role("link", name="已付 2").click()
    row(leader, desk, WANG).get_by_role("button", name="撤销").click()
    expect(leader.get_by_role("status")).to_have_text("已撤销。")
    assert desk.due(WANG).open == 1_782


def test_a_page_that_is_sent_again_pays_once(desk: Money) -> None:
    with desk.site.client(cookie=f"session={desk.session()}") as client:
        page = client.get(desk.path).text
        form = dict(re.findall(r'name="(form_token|order|amount|once)" value="([^"]*)"', page)[:4])
        form |= {"means": "cash"}
        for _ in range(3):
            assert client.post(desk.path, data=form).status_code == 303
        assert client.post(desk.path, data=form | {"means": "wallet"}).status_code == 409
        assert client.post(desk.path, data=form | {"once": "another-one-1", "amount": "0"}).status_code == 422
        assert client.post(desk.path, data=form | {"order": "999"}).status_code == 409
        assert client.post(desk.path, data=form | {"form_token": ""}).status_code == 403
    kinds = [line.kind.value for line in ledger.lines(desk.site.read)]
    assert kinds.count("payment") == 1


def test_a_reminder_names_who_still_has_to_pay_and_how(desk: Money) -> None:
    desk.db.write(lambda rows: rows._connection.execute("UPDATE room SET payment_note = '微信 <团长>'"))
    desk.pay(WANG, 1_782)
    page = desk.get(desk.path).text
    text = re.search(r'<textarea id="reminder"[^>]*>(.*?)</textarea>', page, re.S)
    assert text is not None
    assert text[1] == (
        "【十二月】下面几位还没付款，麻烦抽空付一下，谢谢！\n2. =HYPERLINK(&#34;http://x&#34;) ¥33.01\n"
        "3. 李雷 &lt;b&gt; ¥35.92\n4. 赵六 ¥10.82\n\n微信 &lt;团长&gt;"
    )


def test_an_account_takes_another_amount_and_gives_back_no_more_than_was_paid(
    leader: Page, desk: Money
) -> None:
    leader.goto(desk.site.url(desk.account(WANG)))
    card = leader.locator(f"#order-{desk.room.orders[WANG]}")
    card.get_by_label("金额").first.fill("20")
    card.get_by_role("button", name="现金").first.click()
    expect(card).to_contain_text("应退 ¥2.18")
    card.get_by_text("退钱").click()
    form = card.locator("form[action$=refund]")
    expect(form.get_by_label("金额")).to_have_value("2.18")
    form.get_by_label("金额").fill("20.01")
    form.get_by_role("button", name="收款码").click()
    expect(card).to_contain_text("比已经付的还多。")
    expect(form.get_by_label("金额")).to_have_value("20.01")
    form.get_by_label("金额").fill("２．18")
    form.get_by_role("button", name="收款码").click()
    expect(card).to_contain_text("✓ 已付清")
    assert ledger.balances(desk.site.read)[Account.WALLET] == -218


def test_credit_a_lower_fee_and_a_bad_debt(leader: Page, desk: Money) -> None:
    leader.goto(desk.site.url(desk.account(ZHAO)))
    leader.get_by_text("预存一笔钱").click()
    leader.locator("#ahead-amount").fill("5.00")
    leader.locator("#ahead").get_by_role("button", name="转账").click()
    card = leader.locator(f"#order-{desk.room.orders[ZHAO]}")
    card.get_by_role("button", name="抵这一单").click()
    expect(card).to_contain_text("¥5.82")
    card.get_by_text("少收服务费").click()
    card.get_by_label("这单的服务费").fill("0.15")
    card.get_by_role("button", name="保存").click()
    expect(card).to_contain_text("¥4.82")
    card.get_by_text("核销坏账：收不回来了").click()
    card.get_by_role("button", name="核销", exact=True).click()
    expect(card).to_contain_text("✓ 已付清")
    now = desk.due(ZHAO)
    assert (now.total, now.paid, now.written_off, now.fee_changed) == (982, 500, 482, -100)


def test_the_maker_is_billed_paid_and_makes_good(leader: Page, desk: Money) -> None:
    desk.do(goods.receive, desk.room.round, desk.room.items[RICE], received=5, billed=6)
    leader.goto(desk.site.url(f"{desk.path}/maker"))
    expect(leader.locator("#maker")).to_contain_text("1 收了钱没到货")
    bill = leader.locator("#bill")
    expect(bill.get_by_label("货款和开机费")).to_have_value("89.01")
    expect(bill.get_by_label("运费")).to_have_value("7.90")
    bill.get_by_label("货款和开机费").fill("9o")
    bill.get_by_role("button", name="记下账单").click()
    expect(bill).to_contain_text("请填金额")
    bill.get_by_label("货款和开机费").fill("90.01")
    bill.get_by_role("button", name="记下账单").click()
    expect(leader.locator("#maker")).to_contain_text("厂家要的比向住户收的货款多 ¥1.00")
    leader.locator("#pay").get_by_role("button", name="转账").click()
    leader.get_by_text("厂家为售后少收一些").click()
    leader.locator("#good-amount").fill("1")
    leader.locator("#good").get_by_role("button", name="记下").click()
    now = maker.standing(desk.site.read, desk.room.round)
    assert (now.billed, now.paid, now.made_good, now.open) == (9_791, 9_791, 100, -100)
    expect(leader.locator("#maker")).to_contain_text("多付了 ¥1.00")
    leader.get_by_role("button", name=re.compile("撤销.*已付厂家")).click()
    assert maker.standing(desk.site.read, desk.room.round).paid == 0


def test_leftovers_are_sold_and_no_more_than_there_are(leader: Page, desk: Money) -> None:
    leader.goto(desk.site.url(f"{desk.path}/maker"))
    eggs = leader.locator(f"#sell-{desk.room.items[EGGS]}")
    expect(eggs).to_contain_text("凑整箱余 2")
    expect(eggs.get_by_label("一共卖")).to_have_value("4.69")
    eggs.get_by_label("数量").fill("3")
    eggs.get_by_role("button", name="现金").click()
    expect(eggs).to_contain_text("只剩 2 份了。")
    eggs.get_by_label("数量").fill("1")
    eggs.get_by_label("一共卖").fill("3")
    eggs.get_by_role("button", name="现金").click()
    expect(eggs).to_contain_text("剩 1 个")
    eggs.get_by_role("button", name="没卖：坏了或送人了").click()
    expect(eggs).to_contain_text("剩 0 个")
    fish = leader.locator(f"#sell-{desk.room.items[FISH]}")
    fish.get_by_text("没人来取的").click()
    fish.get_by_label("这么多没人来取，可以卖掉").fill("4")
    fish.get_by_role("button", name="保存").click()
    expect(fish).to_contain_text("到 3（没人来提的）")
    fish.get_by_label("这么多没人来取，可以卖掉").fill("2")
    fish.get_by_role("button", name="保存").click()
    expect(fish).to_contain_text("剩 2 条")
    assert {one.item: one.left for one in counter.over(desk.site.read, desk.room.round) if one.left} == {
        desk.room.items[FISH]: 2
    }


def test_the_books_visibly_balance(leader: Page, desk: Money) -> None:
    desk.pay(WANG, 1_782)
    leader.goto(desk.site.url("desk/books"))
    expect(leader.locator("main")).to_contain_text("借贷两边相等：账是平的。")
    totals = leader.locator("table.trial tfoot td").all_inner_texts()
    assert totals[0] == totals[1] == "¥102.26"
    leader.get_by_text("我自己放钱进去，或拿钱出来").click()
    leader.get_by_label("拿出来").check()
    leader.locator("#own-amount").fill("5")
    leader.locator("#own").get_by_role("button", name="现金").click()
    leader.get_by_text("把钱从一处存到另一处").click()
    leader.get_by_label("到", exact=True).select_option("cash")
    leader.locator("#move-amount").fill("5")
    leader.locator("#move").get_by_role("button", name="记下").click()
    expect(leader.locator("#move")).to_contain_text("请选两个不同的地方。")
    leader.get_by_label("到", exact=True).select_option("wallet")
    leader.locator("#move").get_by_role("button", name="记下").click()
    now = ledger.balances(desk.site.read)
    assert (now[Account.CASH], now[Account.WALLET], now[Account.OWN]) == (782, 500, 500)
    leader.get_by_role("link", name="现金", exact=True).first.click()
    after = leader.locator("td.then").all_inner_texts()
    assert [text.split()[-1] for text in after] == ["¥7.82", "¥12.82", "¥17.82"]


def test_long_books_have_pages(desk: Money) -> None:
    for n in range(60):
        desk.do(money.own_money, means=Means.CASH, amount_minor=n + 1, token=None)
    second = desk.get("desk/books?page=2").text
    assert "2 / 2" in second
    assert "/ 2" in desk.get("desk/books?page=99").text
    older = desk.get("desk/books/account/cash?page=2").text
    assert "¥0.55" in older  # 1 + 2 + … + 10 after the tenth entry
    assert desk.get("desk/books/account/none").status_code == 404


def test_a_claim_is_answered_and_the_answer_taken_back(leader: Page, desk: Money) -> None:
    desk.pay(WANG, 1_782)
    id = desk.claim(WANG, "袋子破了\n<script>document.title='x'</script>")
    leader.goto(desk.site.url(f"desk/{desk.room.round}/claims"))
    card = leader.locator(f"#claim-{id}")
    expect(card).to_contain_text("<script>")
    expect(card.get_by_label("退多少")).to_have_value("3.23")
    card.get_by_role("button", name="不同意").click()
    expect(card).to_contain_text("请写上原因，好让对方明白。")
    card.get_by_label("退多少").fill("99")
    card.get_by_role("button", name="同意", exact=True).click()
    expect(card).to_contain_text("比这个订单的金额还多。")
    card.get_by_label("退多少").fill("3.00")
    card.get_by_label("你的答复").fill("对不起")
    card.get_by_label("方式").select_option("cash")
    card.get_by_role("button", name="同意", exact=True).click()
    expect(card).to_contain_text("已同意")
    now = desk.due(WANG)
    assert (now.claims, now.refunded, now.open) == (300, 300, 0)
    card.get_by_role("button", name=re.compile("撤回答复")).click()
    expect(card).to_contain_text("待答复")
    assert (desk.due(WANG).claims, desk.due(WANG).refunded) == (0, 0)


def test_a_helper_who_hands_out_answers_without_money(desk: Money) -> None:
    helper, _ = desk.db.write(lambda rows: people.invite(rows, "小李", [Role.HANDS_OUT], by=None, now_ms=1))
    id = desk.claim(WANG, "坏了")
    path = f"desk/{desk.room.round}/claims"
    with desk.site.client(cookie=f"session={desk.session(helper.id)}") as client:
        page = client.get(path).text
        token = re.search(r'name="form_token" value="([^"]*)"', page)
        assert token is not None
        assert 'name="refund"' not in page
        form = {"form_token": token[1], "what": "grant", "answer": "换一袋", "back": "credit"}
        refused = client.post(f"{path}/{id}", data=form | {"refund": "1.00"})
        assert refused.status_code == 422
        assert "退钱要由管钱的人来做。" in refused.text
        assert client.post(f"{path}/{id}", data=form).status_code == 303
        desk.do(answers.take_back, id)
        desk.do(answers.grant, id, refund_minor=100)
        assert client.post(f"{path}/{id}", data=form | {"what": "reopen"}).status_code == 422
        assert client.post(f"desk/99/claims/{id}", data=form).status_code == 404
    assert desk.due(WANG).claims == 100


def test_a_statement_and_a_receipt_on_paper(desk: Money) -> None:
    desk.pay(LI, 1_000)
    statement = desk.get(f"{desk.account(LI)}.pdf")
    assert statement.headers["content-type"] == "application/pdf"
    text = flat(text_of(statement.content))
    for words in ("对账单", "李雷 <b>", "¥35.92", "¥10.00", "¥25.92"):
        assert flat(words) in text
    sheet = CalamineWorkbook.from_filelike(BytesIO(desk.get(f"{desk.account(LI)}.xlsx").content))
    assert sheet.sheet_names
    of = f"desk/households/{desk.room.households[LI]}/receipt-"
    text = flat(text_of(desk.get(f"{of}{desk.room.orders[LI]}.pdf").content))
    for words in (EGGS, FISH, "团长服务费", "¥1.40", "¥35.92", "¥25.92"):
        assert flat(words) in text
    assert desk.get(f"{of}{desk.room.orders[WANG]}.pdf").status_code == 404
