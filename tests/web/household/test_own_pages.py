"""A household's own order from the first word to the last cent, and everything of one household."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace

import pytest
from open_group import Group, photo
from sites import PROFILE

from millpond.community.books import Means
from millpond.community.transitions import Stage
from millpond.desk import claims, households, money, room, rounds, standing
from millpond.desk.claims import ClaimState

DECIDED = (Stage.CLOSED, Stage.DECIDED)
ARRIVED = (*DECIDED, Stage.ORDERED, Stage.ARRIVED)


def now(page: str) -> str:
    """The step it is at."""
    found = re.search(r'aria-current="step"><span>([^<]*)', page)
    assert found
    return found.group(1)


def test_the_line_of_progress(site, group) -> None:
    placed = group.order(6)
    group.order(60, name="韩梅梅")
    said = {
        Stage.OPEN: ("已下单", "都可以改"),
        Stage.CLOSED: ("已截团", "正在算"),
        Stage.DECIDED: ("已成团", "你订的全都有"),
        Stage.ORDERED: ("厂家在做", "已向五常合作社下单"),
        Stage.ARRIVED: ("已到货", "凭提货码来取"),
    }
    for stage, (step, meaning) in said.items():
        if stage is not Stage.OPEN:
            group.move(stage)
        page = site.client().get(group.own(placed)).text
        assert now(page) == step
        assert meaning in page
        assert placed.code in page
        assert ("/change" in page) == (stage is Stage.OPEN)


def test_what_is_paid_and_what_was_saved(site, group) -> None:
    placed = group.order(6)
    group.order(60, name="韩梅梅")
    group.move(*DECIDED)
    page = site.client().get(group.own(placed)).text
    for said in ("每份 ¥72.00", "¥432.00", "¥4.00", "¥436.00", "店里买要 ¥450.00", "你还省了 ¥14.00"):
        assert said in page, said


def test_what_was_paid_and_what_is_open(site, group) -> None:
    def pay(amount_minor: int) -> None:
        given = {"means": Means.CASH, "amount_minor": amount_minor, "token": None, "person": site.owner.id}
        site.write(lambda rows: money.pay(rows, placed.id, now_ms=site.clock(), **given))

    site.write(
        lambda rows: room.change(rows, replace(PROFILE, payment_note="转给王姐"), person=None, now_ms=1)
    )
    placed = group.order(6)
    group.order(60, name="韩梅梅")
    url, client = group.own(placed), site.client()
    assert "转给王姐" not in client.get(url).text, "nothing is to be paid yet"
    pay(10_000)
    page = client.get(url).text
    assert "已付" in page
    assert "¥100.00" in page
    assert "还要付" not in page
    group.move(*DECIDED)
    page = client.get(url).text
    assert "¥336.00" in page
    assert "转给王姐" in page
    assert "1 李雷" in page
    pay(40_000)
    page = client.get(url).text
    assert "退给你" in page
    assert "¥64.00" in page
    assert "转给王姐" not in page


def test_before_the_decision_the_most_it_may_come_to(site, group) -> None:
    placed = group.order(2, limit=7_000, more=4)
    page = site.client().get(group.own(placed)).text
    assert "每份最多出 ¥70.00，凑整箱可以多要 4" in page
    assert "¥424.00" in page, "6 × 70.00, 1.00 for the order and 6 × 0.50"


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        ({"quantity": 6, "limit": 6_000}, "价格会是 ¥72.00，超过了你愿意出的最高价。"),
        ({"quantity": 5}, "货是整箱来的"),
    ],
)
def test_why_less_than_wanted(site, group, order: dict[str, int], reason: str) -> None:
    placed = group.order(**order)
    group.order(60, name="韩梅梅")
    group.move(*DECIDED)
    page = site.client().get(group.own(placed)).text
    assert reason in page
    assert "你不用付钱" in page
    assert placed.code not in page, "there is nothing to pick up"


def test_the_files_prove_the_price(site, group, tmp_path) -> None:
    placed = group.order(6)
    group.order(60, name="韩梅梅")
    client = site.client()
    assert client.get(group.own(placed) + "/round.json").status_code == 404, "not before the decision"
    group.move(*DECIDED)
    for which in ("round", "clearing"):
        answer = client.get(f"{group.own(placed)}/{which}.json")
        assert answer.headers["content-disposition"] == f'attachment; filename="{which}.json"'
        (tmp_path / f"{which}.json").write_bytes(answer.content)
        assert "李雷" not in answer.text
        assert "13800001234" not in answer.text
    command = [sys.executable, "-m", "millpond", "verify", "round.json", "clearing.json"]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 0


def test_change_keeps_what_is_not_touched(site, group) -> None:
    placed = group.order(2, limit=7_000)
    client = site.client()
    page = client.get(group.own(placed) + "/change").text
    assert 'value="70.00"' in page
    data = {
        f"q-{group.items[0]}-1": "5",
        f"l-{group.items[0]}": "70.00",
        "name": "李雷雷",
        "phone": "139-1111 2222",
    }
    assert client.post(group.own(placed) + "/change", data=data).status_code == 303
    (order,) = group.pooled()
    assert (order.id, order.code, order.number) == (placed.id, placed.code, placed.number)
    assert (order.units, order.wants[0].limit, order.name, order.phone) == (5, 7_000, "李雷雷", "13911112222")


def test_a_withdrawn_item_stays_in_the_order_that_has_it(site, group) -> None:
    placed = group.order(2, item=1)
    kept = replace(group.round.terms, items=tuple(group.round.group.items[:1]))
    site.write(lambda rows: rounds.update(rows, group.round.id, kept, person=None, now_ms=site.clock()))
    assert f"q-{group.items[1]}-1" not in site.client().get(group.url).text
    data = {f"q-{group.items[1]}-1": "3", "name": "李雷"}
    assert f"q-{group.items[1]}-1" in site.client().get(group.own(placed) + "/change").text
    assert site.client().post(group.own(placed) + "/change", data=data).status_code == 303
    assert [order.units for order in group.pooled()] == [3]


def test_after_the_close_nothing_is_changed(site, group) -> None:
    placed = group.order(2)
    site.clock.pass_minutes(48 * 60)
    client = site.client()
    assert client.get(group.own(placed) + "/change").status_code == 303
    for path, data in (("change", {f"q-{group.items[0]}-1": "5", "name": "李雷"}), ("cancel", {})):
        answer = client.post(f"{group.own(placed)}/{path}", data=data)
        assert answer.status_code == 409
        assert 'role="alert"' in answer.text
    assert [(order.units, order.cancelled_ms) for order in group.pooled()] == [(2, None)]


def test_cancelled_twice_is_cancelled_once(site, group) -> None:
    placed = group.order(2)
    for _ in range(2):
        assert site.client().post(group.own(placed) + "/cancel").status_code == 303
    page = site.client().get(group.own(placed)).text
    assert "这个订单已取消" in page
    assert placed.code not in page
    assert f'href="/pond/g/{group.round.code}"' in page


def test_a_link_opens_its_own_orders_only(site, group) -> None:
    mine, hers = group.order(2), group.order(3, name="韩梅梅")
    page = site.client().get(f"{group.own(mine)}?no={hers.number}").text
    assert hers.code not in page
    assert mine.code in page
    other = Group(site)
    assert site.client().get(site.url(f"h/{mine.link}/{other.round.code}")).status_code == 404


def test_claims_with_a_photo(site, group) -> None:
    placed = group.order(6)
    group.order(60, name="韩梅梅")
    url, client = group.own(placed), site.client()
    claim = {"kind": "damaged", "quantity": "1", "words": "破了<script>alert(1)</script>"}
    assert client.post(f"{url}/claim", data=claim).status_code == 409, "not before the goods are here"
    group.move(*ARRIVED)
    sent = client.post(
        f"{url}/claim", data=claim, files={"picture": ("me.jpg", photo(400, 300), "image/jpeg")}
    )
    assert sent.status_code == 303
    (kept,) = claims.of_order(site.read, placed.id)
    assert kept.picture
    page = client.get(url).text
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
    assert client.get(site.url(f"picture/{kept.picture}")).headers["content-type"] == "image/webp"
    assert client.post(f"{url}/withdraw", data={"claim": str(kept.id)}).status_code == 303
    assert claims.of_order(site.read, placed.id)[0].state is ClaimState.WITHDRAWN


def test_what_is_no_photo_is_said_at_its_field(site, group) -> None:
    placed = group.order(6)
    group.order(60, name="韩梅梅")
    group.move(*ARRIVED)
    answer = site.client().post(
        f"{group.own(placed)}/claim",
        data={"kind": "other", "words": "怪"},
        files={"picture": ("me.jpg", b"<svg onload=alert(1)>", "image/jpeg")},
    )
    assert answer.status_code == 422
    assert 'id="wrong-picture"' in answer.text
    assert claims.of_order(site.read, placed.id) == ()


def test_somebody_elses_claim_is_not_taken_back(site, group) -> None:
    mine, hers = group.order(6), group.order(60, name="韩梅梅")
    group.move(*ARRIVED)
    client = site.client()
    client.post(f"{group.own(hers)}/claim", data={"kind": "missing", "quantity": "1"})
    (kept,) = claims.of_order(site.read, hers.id)
    assert client.post(f"{group.own(mine)}/withdraw", data={"claim": str(kept.id)}).status_code == 409
    assert claims.of_order(site.read, hers.id)[0].state is ClaimState.OPEN


def test_all_orders_of_a_household(site, group) -> None:
    placed = group.order(2)
    page = site.client().get(f"h/{placed.link}")
    assert "今年的新米" in page.text
    assert "五常大米 5 公斤 2 袋" in page.text
    assert placed.link in page.headers["set-cookie"], (
        "a link that was sent again is known to the phone from here on"
    )


def test_standing_wants(site, group) -> None:
    placed = group.order(2)
    url, client = site.url(f"h/{placed.link}"), site.client()
    page = client.get(url).text
    assert f'name="item" value="{group.items[0]}"' in page
    assert f'name="item" value="{group.items[2]}"' not in page, "it needs an answer each time"
    assert client.post(f"{url}/standing", data={"item": "999", "quantity": "2"}).status_code == 422
    data = {"item": str(group.items[0]), "quantity": "2", "limit": "70"}
    assert client.post(f"{url}/standing", data=data).status_code == 303
    (kept,) = standing.of_household(site.read, placed.household)
    assert (kept.name, kept.variant, kept.quantity, kept.limit) == ("五常大米", "5 公斤", 2, 7_000)
    assert "五常大米 5 公斤 × 2" in client.get(url).text
    assert client.post(f"{url}/standing/end", data={"standing": str(kept.id)}).status_code == 303
    assert standing.of_household(site.read, placed.household) == ()


def test_everything_that_is_known_can_be_downloaded(site, group) -> None:
    placed = group.order(2)
    answer = site.client().get(f"h/{placed.link}/data.json")
    assert answer.headers["content-disposition"] == 'attachment; filename="my-data.json"'
    data = json.loads(answer.text)
    assert data["household"]["name"] == "李雷"
    assert [order["number"] for order in data["orders"]] == [1]


def test_erased_when_nothing_is_under_way_and_only_if_sure(site, group) -> None:
    placed = group.order(2)
    url = site.url(f"h/{placed.link}")
    with site.client() as client:
        client.get(url)
        assert client.post(f"{url}/erase").status_code == 422
        under_way = client.post(f"{url}/erase", data={"sure": "1"})
        assert under_way.status_code == 409
        assert 'role="alert"' in under_way.text
        client.post(f"{group.own(placed)}/cancel")
        done = client.post(f"{url}/erase", data={"sure": "1"})
        assert done.status_code == 200
        assert "household" not in client.cookies
        assert client.get(url).status_code == 404
    assert households.load(site.read, placed.household).name != "李雷"


def test_nothing_private_is_kept_by_browsers_between(site, group) -> None:
    placed = group.order(2)
    for path in ("", f"/{group.round.code}", "/data.json"):
        headers = site.client().get(f"h/{placed.link}{path}").headers
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "no-referrer"
