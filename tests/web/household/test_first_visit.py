"""The page that is kept for who comes for the first time: never older than the last order, nobody's own."""

import re

import pytest

from millpond.web.household import first_visit

TOKEN = re.compile(r'name="token" value="([A-Za-z0-9_-]{24})"')


@pytest.fixture
def shown_from_kept(monkeypatch) -> list[bool]:
    """Whether each page that was asked for came from what is kept."""
    seen: list[bool] = []
    asked = first_visit.kept

    def watched(*arguments):
        answer = asked(*arguments)
        seen.append(answer is not None)
        return answer

    monkeypatch.setattr(first_visit, "kept", watched)
    return seen


def token_of(text: str) -> str:
    found = TOKEN.findall(text)
    assert len(found) == 1
    return found[0]


def test_the_next_visitor_gets_the_same_page_with_another_word(site, group, shown_from_kept) -> None:
    one, other = (site.client().get(group.url).text for _ in range(2))
    assert shown_from_kept == [False, True]
    assert token_of(one) != token_of(other)
    assert TOKEN.sub("", one) == TOKEN.sub("", other)


def test_it_is_never_older_than_the_last_order(site, group, shown_from_kept) -> None:
    for units in (1, 2, 3, 20, 80):
        group.order(units)
        sums = [int(n) for n in re.findall(r'class="count[^"]*">(\d+)<', site.client().get(group.url).text)]
        site.client().get(group.url)
        assert sums == [sum(order.units for order in group.pooled())]
    assert shown_from_kept == [False, True] * 5


def test_it_is_not_shown_after_the_close(site, group, shown_from_kept) -> None:
    for _ in range(2):
        token_of(site.client().get(group.url).text)
    site.clock.now_ms = group.round.closes_at_ms - 1
    token_of(site.client().get(group.url).text)
    site.clock.now_ms += 1
    closed = site.client().get(group.url).text
    assert not TOKEN.search(closed)
    assert "不再接单" in closed or "截团" in closed
    assert shown_from_kept == [False, True, True, False]


def test_a_household_sees_its_own_order_and_nobody_else_does(site, group, shown_from_kept) -> None:
    fields = {"token": "a" * 24, "name": "李雷", f"q-{group.items[0]}-1": "3"}
    with site.client() as known:
        known.post(group.url, data=fields)
        (order,) = group.pooled()
        for _ in range(2):
            assert order.link in known.get(group.url).text
            assert order.link not in site.client().get(group.url).text
    assert shown_from_kept == [False, False, False, True]


def test_each_language_and_what_is_asked_behind_the_address_has_its_own(site, group) -> None:
    for _ in range(2):
        assert 'lang="zh-CN"' in site.client(**{"accept-language": "zh"}).get(group.url).text
        assert 'lang="en"' in site.client(**{"accept-language": "en"}).get(group.url).text
        assert "?from=chat&amp;language=en" in site.client().get(f"{group.url}?from=chat").text
        assert "from=chat" not in site.client().get(group.url).text
        long = "x" * (first_visit.MOST_ASKED + 1)
        assert f"{long}=y" in site.client().get(f"{group.url}?{long}=y").text
        assert f"{long}=z" in site.client().get(f"{group.url}?{long}=z").text


def test_so_many_are_kept_and_not_one_more(site, group) -> None:
    for n in range(first_visit.MOST_KEPT + 3):
        assert f"n={n}&amp;" in site.client().get(f"{group.url}?n={n}").text
    pages = first_visit._kept[site.room]
    assert len(pages) <= first_visit.MOST_KEPT
