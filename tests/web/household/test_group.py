"""The page that is shared, and ordering on it: without scripts, exactly once, with every error said."""

import re
from urllib.parse import urlsplit

from open_group import Group

from millpond.community.transitions import Stage
from millpond.desk import households, orders
from millpond.desk.orders import NewOrder, NewWant, Source

TOKEN = "a" * 24


def field(group, n: int, line: int = 1) -> str:
    return f"q-{group.items[n]}-{line}"


def filled(group, **others: str) -> dict[str, str]:
    return {"token": TOKEN, "name": "李雷", "phone": "138 0000 1234", field(group, 0): "3"} | others


def test_the_page_says_what_and_how_far_it_is(site, group) -> None:
    group.order(62)
    page = site.client().get(group.url)
    assert page.status_code == 200
    for said in (
        "今年的新米",
        "五常合作社",
        "再来 38，大家一起降价",
        "¥72.00",
        "¥58.00",
        "¥75.00",
        "每单 ¥1.00，每份 ¥0.50",
    ):
        assert said in page.text, said
    assert "&lt;b&gt;不打蜡" in page.text, "what a leader types is text"


def test_an_order_is_sent_once_however_often_it_is_sent(site, group) -> None:
    with site.client() as client:
        first = client.post(group.url, data=filled(group))
        assert first.status_code == 303
        path = urlsplit(first.headers["location"]).path
        again = client.post(group.url, data=filled(group))
        assert urlsplit(again.headers["location"]).path == path
    (order,) = group.pooled()
    assert (order.name, order.phone, order.units, order.source) == ("李雷", "13800001234", 3, Source.LINK)
    assert path == f"/pond/h/{order.link}/{group.round.code}"


def test_the_later_of_two_that_carry_the_same_word_counts(site, group) -> None:
    with site.client() as client:
        client.post(group.url, data=filled(group))
        client.post(group.url, data=filled(group, **{field(group, 0): "5"}))
    assert [order.units for order in group.pooled()] == [5]


def test_a_word_that_can_be_guessed_opens_no_order(site, group) -> None:
    household = site.write(lambda rows: households.add(rows, "韩梅梅", now_ms=site.clock()))
    tokens = [f"standing {group.round.id} {household.id}", "s" * 24]
    for n, token in enumerate(tokens):
        new = NewOrder(
            round=group.round.id,
            token=token,
            household=household.id,
            wants=(NewWant(item=group.items[n], quantity=1),),
            source=Source.STANDING,
        )
        site.write(lambda rows, new=new: orders.place(rows, new, now_ms=site.clock()))
    with site.client() as client:
        for token in tokens:
            answer = client.post(group.url, data=filled(group, token=token))
            assert answer.status_code in (409, 422)
            assert household.link not in answer.text + str(answer.headers)


def test_a_script_is_told_where_the_order_is(site, group) -> None:
    answer = site.client(accept="application/json").post(group.url, data=filled(group))
    (order,) = group.pooled()
    assert answer.json() == {"go": f"/pond/h/{order.link}/{group.round.code}"}
    assert order.link in answer.headers["set-cookie"]


def test_the_phone_is_known_afterwards(site, group) -> None:
    with site.client() as client:
        cookie = client.post(group.url, data=filled(group)).headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "Path=/pond" in cookie
        assert "samesite=lax" in cookie.lower()
        page = client.get(group.url).text
    (order,) = group.pooled()
    assert f"/pond/h/{order.link}/{group.round.code}?no=1" in page
    assert order.link not in site.client().get(group.url).text, "another phone sees nothing of it"


def test_an_order_for_the_neighbour_is_another_household(site, group) -> None:
    with site.client() as client:
        client.post(group.url, data=filled(group))
        client.post(group.url, data=filled(group, token="b" * 24, name="奶奶"))
        client.post(group.url, data=filled(group, token="c" * 24, name="李雷", phone="13900000000"))
        page = client.get(group.url).text
    mine, hers, more = group.pooled()
    assert mine.household == more.household != hers.household
    assert more.phone == "13900000000", "the phone that was typed last is the one"
    assert [number in page for number in (f"{mine.link}/", f"{hers.link}/")] == [True, True]


def test_what_is_wrong_stays_in_the_form_with_a_word_at_it(site, group) -> None:
    answer = site.client().post(
        group.url, data=filled(group, name="", **{field(group, 0): "many", "note": "门口"})
    )
    assert answer.status_code == 422
    assert group.pooled() == []
    assert answer.text.count('aria-invalid="true"') == 2
    assert 'value="many"' in answer.text
    assert 'value="门口"' in answer.text
    assert f'value="{TOKEN}"' in answer.text, "the same order, when it is sent again"


def test_one_more_line_without_scripts(site, group) -> None:
    apron = group.items[2]
    data = filled(group, add=str(apron), **{f"o-{apron}-1-o0": "M", f"q-{apron}-1": "1"})
    page = site.client().post(group.url, data=data)
    assert page.status_code == 200
    assert f'name="q-{apron}-2"' in page.text
    assert re.search(rf'name="o-{apron}-1-o0" value="M"[^>]* checked', page.text)
    assert group.pooled() == []


def test_two_aprons_with_two_names(site, group) -> None:
    apron = group.items[2]
    data = {"token": TOKEN, "name": "李雷"}
    for n, (size, name) in enumerate([("M", "雷"), ("L", "梅")], 1):
        data |= {f"q-{apron}-{n}": "1", f"o-{apron}-{n}-o0": size, f"o-{apron}-{n}-o1": name}
    assert site.client().post(group.url, data=data).status_code == 303
    (order,) = group.pooled()
    assert [(dict(want.options), want.piece) for want in order.wants] == [
        ({"o0": "M", "o1": "雷"}, 1),
        ({"o0": "L", "o1": "梅"}, 2),
    ]


def test_closed_while_typing(site, group) -> None:
    site.clock.pass_minutes(48 * 60)
    answer = site.client().post(group.url, data=filled(group))
    assert answer.status_code == 409
    assert 'role="alert">这个团已经截团，不再接龙了。' in answer.text
    assert 'id="unsent"' in answer.text
    assert "<form" not in answer.text
    assert group.pooled() == []


def test_one_that_was_in_before_the_close_is_found_after_it(site, group) -> None:
    with site.client() as client:
        first = client.post(group.url, data=filled(group))
        site.clock.pass_minutes(48 * 60)
        again = client.post(group.url, data=filled(group))
    assert again.status_code == 303
    assert again.headers["location"] == first.headers["location"]


def test_the_cap_says_how_many_are_left(site) -> None:
    group = Group(site, cap_units=10)
    group.order(8)
    answer = site.client().post(group.url, data=filled(group))
    assert answer.status_code == 409
    assert "2" in re.search(r'role="alert">([^<]*)', answer.text).group(1)
    assert len(group.pooled()) == 1
    group.order(2, name="韩梅梅")
    assert "截团" in site.client().get(group.url).text, "the cap closes it"


def test_links_that_lead_nowhere(site, group) -> None:
    client = site.client()
    for path in (
        "g/nothing",
        f"g/{'x' * 300}",
        "h/nothing",
        f"h/nothing/{group.round.code}",
        "h/nothing/data.json",
    ):
        answer = client.get(path)
        assert answer.status_code == 404, path
        assert "请团长把你的链接再发一次" in answer.text
        assert "0591 1234567" in answer.text
    placed = group.order()
    assert client.get(f"h/{placed.link}/nothing").status_code == 404


def test_a_draft_is_not_shown_and_a_cancelled_one_says_so(site, group) -> None:
    group.move(Stage.CANCELLED)
    page = site.client().get(group.url)
    assert page.status_code == 200
    assert "团长取消了这个团" in page.text
    assert group.round.code not in site.client().get("").text


def test_the_room_shows_what_is_open_and_what_was(site, group) -> None:
    group.order(62)
    page = site.client().get("").text
    assert group.round.code in page
    assert "再来 38" in page
    group.move(Stage.CLOSED)
    page = site.client().get("").text
    assert "现在没有正在开的团" in page
    assert group.round.code in page


def test_a_form_of_another_site_is_refused(site, group) -> None:
    answer = site.client(origin="https://evil.example").post(group.url, data=filled(group))
    assert answer.status_code == 403
    assert group.pooled() == []
