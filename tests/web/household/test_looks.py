"""Every page and error state of households: nothing cut off at 360 pixels, nothing that axe-core blames."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from open_group import Group, photo
from sites import cut_off, faults_of, open_phone

from millpond.community.transitions import Stage
from millpond.desk import claims, standing
from millpond.desk.claims import ClaimKind, NewClaim
from millpond.desk.orders import Placed

State = Callable[[object, object], None]


def fill(page, group: Group, quantity: str = "2") -> None:
    """Types an order."""
    page.fill(f"[name=q-{group.items[0]}-1]", quantity)
    page.fill("[name=name]", "李雷")


def shared(site, page) -> None:
    group = Group(site, points=2, picture=photo())
    group.order(62)
    page.goto(group.url)
    for summary in page.locator("details:not(:has(img)) > summary").all():
        summary.click()


def reached(site, page) -> None:
    group = Group(site)
    group.order(350)
    page.goto(group.url)


def wrong(site, page) -> None:
    group = Group(site, points=2)
    page.goto(group.url)
    apron = group.items[2]
    page.fill(f"[name=q-{group.items[0]}-1]", "2")
    page.fill(f"[name=q-{apron}-1]", "1")
    page.fill(f"[name=o-{apron}-1-o1]", "一个很长很长的名字要绣在围裙上面的口袋旁边再长一点也要放得下")
    page.evaluate("document.getElementById('order').submit()")
    page.locator(".wrong").first.wait_for()


def capped(site, page) -> None:
    group = Group(site, cap_units=10)
    page.goto(group.url)
    group.order(8)
    fill(page, group, "5")
    page.click("#order button[type=submit], #order .actions button")
    page.locator("[role=alert]").first.wait_for()


def closed(site, page) -> None:
    group = Group(site)
    page.goto(group.url)
    site.clock.pass_minutes(48 * 60)
    fill(page, group)
    page.click("#order .actions button")
    page.locator("#unsent").wait_for(state="attached")


def ordered(site, page) -> None:
    group = Group(site)
    page.goto(group.url)
    fill(page, group)
    page.click("#order .actions button")
    page.locator(".steps").wait_for()


def known(site, page) -> None:
    group = Group(site)
    page.goto(group.own(group.order(2)))
    page.goto(group.url)


def changing(site, page) -> None:
    group = Group(site, points=2)
    page.goto(group.own(group.order(2, more=4, limit=7_000)) + "/change")


def cancelled(site, page) -> None:
    group = Group(site)
    page.goto(group.own(group.order(2)))
    page.click(".bad >> xpath=ancestor::details/summary")
    page.click("button.bad")
    page.locator(".notice.warn").wait_for()


def arrived_with_claims(site) -> tuple[Group, Placed]:
    group = Group(site)
    placed = group.order(6, limit=8_000)
    group.order(60, name="韩梅梅")
    group.move(Stage.CLOSED, Stage.DECIDED, Stage.ORDERED, Stage.ARRIVED)
    new = NewClaim(order=placed.id, kind=ClaimKind.DAMAGED, words="袋子破了，米撒了一半", quantity=1)
    site.write(lambda rows: claims.open_claim(rows, new, now_ms=site.clock()))
    return group, placed


def arrived(site, page) -> None:
    group, placed = arrived_with_claims(site)
    page.goto(group.own(placed))
    for summary in page.locator("details > summary").all():
        summary.click()


def wrong_claim(site, page) -> None:
    group, placed = arrived_with_claims(site)
    page.goto(group.own(placed))
    page.click("#claims summary")
    page.check("[name=kind][value=other]")
    page.click("#claims form[enctype] button")
    page.locator(".wrong").wait_for()


def nothing_for_me(site, page) -> None:
    group = Group(site)
    placed = group.order(2, limit=100)
    group.order(60, name="韩梅梅")
    group.move(Stage.CLOSED, Stage.DECIDED)
    page.goto(group.own(placed))


def home(site, page) -> None:
    group = Group(site)
    placed = group.order(2)
    site.write(
        lambda rows: standing.set_standing(
            rows, placed.household, name="五常大米", variant="5 公斤", quantity=1, limit=7_000, now_ms=1
        )
    )
    page.goto(site.url(f"h/{placed.link}"))
    for summary in page.locator("details > summary").all():
        summary.click()


def room(site, page) -> None:
    group = Group(site)
    group.order(62)
    Group(site, title="一个标题很长很长的团看看会不会在小屏幕上被切掉")
    page.goto(site.url())


def lost(site, page) -> None:
    Group(site)
    page.goto(site.url("h/nothing"))


STATES = (
    shared, reached, wrong, capped, closed, ordered, known, changing, cancelled, arrived, wrong_claim,
    nothing_for_me, home, room, lost,
)  # fmt: skip


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_nothing_is_cut_off_and_nothing_is_in_the_way(site, browser, state: State) -> None:
    with open_phone(browser) as page:
        state(site, page)
        assert cut_off(page) == []
        assert faults_of(page) == []
        page.emulate_media(color_scheme="dark")
        page.context.add_cookies([{"name": "language", "value": "en", "url": site.base}])
        if state not in (wrong, capped, wrong_claim):
            page.reload()
            assert page.locator("html").get_attribute("lang") == "en"
        assert cut_off(page) == []
        assert faults_of(page, colours_only=True) == []
