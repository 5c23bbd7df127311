"""Households: found again without guessing, given what is theirs, and forgotten to the last byte."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from small_rooms import DAY_MS, START_MS, opened, shirt

from millpond.community.transitions import Stage
from millpond.desk import claims, households, orders, rounds, standing
from millpond.desk.claims import ClaimKind, NewClaim
from millpond.desk.households import Household
from millpond.desk.orders import NewOrder, NewWant, Placed
from millpond.desk.refusals import Refused
from millpond.desk.rounds import RoundRecord
from millpond.store import Database

NOW = START_MS + 1
SECRETS = ("诸葛孔明", "13987654321", "卧龙岗 17 号", "怕狗", "绣丞相", "压坏了", "羽扇图", "赊账孔明")


def refused(code: str) -> Any:
    return pytest.raises(Refused, check=lambda error: error.code == code)


def add(db: Database, name: str = "王芳", phone: str = "", **more: Any) -> Household:
    return db.write(lambda rows: households.add(rows, name, phone=phone, **{"now_ms": NOW} | more))


def order(db: Database, round: RoundRecord, household: int, token: str, **more: Any) -> Placed:
    options = {"o0": "M", "o1": more.pop("name", "")}
    want = NewWant(item=int(round.offered[0].id), quantity=1, options=options)
    new = NewOrder(round=round.id, token=token, household=household, wants=(want,), **more)
    return db.write(lambda rows: orders.place(rows, new, now_ms=NOW))


def move(db: Database, round: RoundRecord, *stages: Stage, now_ms: int = NOW) -> None:
    for stage in stages:
        db.write(lambda rows, to=stage: rounds.move(rows, round.id, to, person=None, now_ms=now_ms))


def set_stage(db: Database, round: RoundRecord, stage: str, now_ms: int = NOW) -> None:
    """A stage that only deciding leads to."""
    db.write(lambda rows: rows.run("rounds.set_stage", id=round.id, stage=stage, now_ms=now_ms))


# ---- who is it


def test_the_secret_link_is_the_only_key(db: Database) -> None:
    one, other = add(db), add(db, "李娜")
    assert len(one.link) >= 22, "128 bits at six a letter"
    assert one.link != other.link
    assert households.by_link(db.read, one.link) == one
    for nothing in ("", one.link[:-1], one.link.swapcase(), str(one.id)):
        assert households.by_link(db.read, nothing) is None


def test_a_lost_link_ends(db: Database) -> None:
    one = add(db)
    link = db.write(lambda rows: households.new_link(rows, one.id, person=None, now_ms=NOW))
    assert households.by_link(db.read, one.link) is None
    found = households.by_link(db.read, link)
    assert found is not None
    assert found.id == one.id


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("138 1234-5678", "13812345678"),
        ("+86 138 1234 5678", "13812345678"),
        ("0086-13812345678", "13812345678"),
        ("１３８１２３４５６７８", "13812345678"),
        ("(0591) 8765 4321", "059187654321"),
        ("+86 591 8765", "+865918765"),
        ("+49 (170) 99/88", "+491709988"),
        ("微信同号", "微信同号"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_phone_is_kept_as_it_is_dialled(typed: str, kept: str) -> None:
    assert households.plain_phone(typed) == kept


def test_who_it_may_be_is_named_and_never_guessed(db: Database) -> None:
    wang, other_wang, li = (
        add(db, "王芳", "13812345678"),
        add(db, "王芳", "13900000000"),
        add(db, "李娜", "13812345678"),
    )
    nameless = add(db, "小王")

    def named(name: str, phone: str = "") -> set[int]:
        return {one.id for one in households.candidates(db.read, name, phone)}

    assert named("王芳", "138 1234 5678") == {wang.id, other_wang.id, li.id}
    assert named(" 小王 ") == {nameless.id}
    assert named("谁", "") == set(), "no phone is not the same phone"
    same = households.same(db.read, "王芳", "+86 13812345678")
    assert same is not None
    assert same.id == wang.id
    assert households.same(db.read, "小王", "") is None
    assert households.same(db.read, "王芳", "13111111111") is None


def test_found_by_a_part(db: Database) -> None:
    wang, li = add(db, "王芳", "13812345678", note="电梯坏"), add(db, "Li Na", address="3 栋")
    assert [one.id for one in households.search(db.read, "li")] == [li.id]
    assert [one.id for one in households.search(db.read, "5678")] == [wang.id]
    assert [one.id for one in households.search(db.read, "电梯")] == [wang.id]
    assert households.search(db.read, "%") == households.search(db.read, "' OR ''='") == ()


def test_a_household_has_a_name(db: Database) -> None:
    one = add(db)
    with refused("order.name_missing"):
        add(db, " \n ")
    with refused("order.name_missing"):
        db.write(
            lambda rows: households.change(rows, one.id, name="", phone="", address="", note="", now_ms=NOW)
        )


def test_two_entries_become_one(db: Database) -> None:
    round = opened(db, shirt())
    one, other = add(db, "王芳", note="早"), add(db, "王芳", "13812345678", note="晚", address="3 栋")
    placed = [order(db, round, who.id, f"t{n}") for n, who in enumerate((one, other, other))]
    for who in (one, other):
        for name in ("大米", "面粉")[: 1 + (who is other)]:
            db.write(
                lambda rows, w=who, n=name: standing.set_standing(rows, w.id, name=n, quantity=1, now_ms=NOW)
            )
    db.write(lambda rows: households.merge(rows, one.id, other.id, person=None, now_ms=NOW))
    kept = households.load(db.read, one.id)
    assert (kept.phone, kept.address, kept.note, kept.link) == ("13812345678", "3 栋", "早 · 晚", one.link)
    assert {orders.load(db.read, p.id).household for p in placed} == {one.id}
    assert [want.name for want in standing.of_household(db.read, one.id)] == ["大米", "面粉"]
    assert households.by_link(db.read, other.link) is None
    with refused("household.unknown"):
        db.write(lambda rows: households.merge(rows, one.id, other.id, person=None, now_ms=NOW))
    with refused("order.same"):
        db.write(lambda rows: households.merge(rows, one.id, one.id, person=None, now_ms=NOW))


# ---- what is theirs


def keep_everything(db: Database) -> tuple[Household, RoundRecord, Placed]:
    """A household of which there is a secret in every place that can hold one."""
    name, phone, address, note, stitched, words, picture, booked = SECRETS
    round = opened(db, shirt())
    one = add(db, name, phone, address=address, note=note)
    placed = order(db, round, one.id, "t", name=stitched, note=note, leader_note=note)
    set_stage(db, round, "arrived")
    page = picture.encode()
    db.write(
        lambda rows: rows.run(
            "room.add_picture", id="f" * 64, page=page, print=page * 9_000, width=1, height=1, created_ms=NOW
        )
    )
    claim = NewClaim(order=placed.id, kind=ClaimKind.DAMAGED, words=words, picture="f" * 64)
    db.write(lambda rows: claims.open_claim(rows, claim, now_ms=NOW))
    db.write(lambda rows: standing.set_standing(rows, one.id, name="大米", quantity=2, now_ms=NOW))
    book(db, one.id, 500, booked)
    return one, round, placed


def book(db: Database, household: int, amount: int, words: str) -> None:
    """An entry as plain rows: this household owes so much more."""

    def job(rows: Any) -> None:
        connection = rows._connection
        entry = connection.execute(
            "INSERT INTO entries (kind, at_ms, words) VALUES ('bill', ?, ?)", (NOW, words)
        ).lastrowid
        for position, (account, who, sum) in enumerate(
            [("receivable", household, amount), ("goods", None, -amount)]
        ):
            connection.execute(
                "INSERT INTO postings (entry, position, account, household, amount) VALUES (?, ?, ?, ?, ?)",
                (entry, position, account, who, sum),
            )

    db.write(job)


def test_everything_that_is_kept_of_a_household_is_given_to_it(db: Database) -> None:
    one, round, placed = keep_everything(db)
    someone_else = add(db, "别人", "13100000000")
    order(db, opened(db, shirt()), someone_else.id, "x", note="别人的")
    told = households.export(db.read, one.id)
    text = json.dumps(told, ensure_ascii=False)
    assert all(secret in text for secret in SECRETS if secret != "羽扇图"), "the picture is named by its id"
    assert "f" * 64 in text
    assert "别人" not in text
    assert one.link not in text
    assert told["orders"][0]["title"] == round.title
    assert told["orders"][0]["pickup_code"] == placed.code
    assert told["orders"][0]["place"] == "平塘"
    assert told["orders"][0]["wants"][0]["item"] == "校服"
    assert told["books"] == [
        {"kind": "bill", "at_ms": NOW, "words": "赊账孔明", "account": "receivable", "amount": 500}
    ]
    assert told["standing_wants"][0]["quantity"] == 2


# ---- forgotten


def bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()))


def test_nothing_is_left_of_an_erased_household_but_numbers(db: Database, tmp_path: Path) -> None:
    one, round, placed = keep_everything(db)
    before = bytes_of(tmp_path)
    assert all(secret.encode() in before for secret in SECRETS), "the test would see it"
    assert one.link.encode() in before
    with refused("household.under_way"):
        db.write(lambda rows: households.erase(rows, one.id, person=None, now_ms=NOW))
    set_stage(db, round, "done")
    db.write(lambda rows: households.erase(rows, one.id, person=None, now_ms=NOW))
    after = bytes_of(tmp_path)  # while the node runs, its log beside the file
    assert [secret for secret in (*SECRETS, one.link) if secret.encode() in after] == []
    kept = orders.load(db.read, placed.id)
    assert (kept.name, kept.units, kept.code) == (f"住户 {one.id}", 1, placed.code)
    assert db.read.all("households.books", id=one.id)[0]["amount"] == 500
    assert households.by_link(db.read, one.link) is None
    assert households.candidates(db.read, SECRETS[0], SECRETS[1]) == ()
    with refused("household.unknown"):
        db.write(lambda rows: households.erase(rows, one.id, person=None, now_ms=NOW))


def test_not_one_of_many_that_were_moved_about_leaves_a_trace(db: Database, tmp_path: Path) -> None:
    """Pages of the file are split and balanced again and again, which copies rows about."""
    random_ = random.Random(7)
    ids = [add(db, f"Zephyrine{n:04}", address="x" * random_.randrange(200)).id for n in range(500)]
    gone = random_.sample(ids, 200)

    def shuffle(rows: Any) -> None:
        for id in gone:
            name = households.load(rows, id).name
            households.change(
                rows, id, name=name, phone="", note="", address="y" * random_.randrange(400), now_ms=NOW
            )

    db.write(shuffle)
    names = [households.load(db.read, id).name.encode() for id in gone]
    db.write(lambda rows: [households.erase(rows, id, person=None, now_ms=NOW) for id in gone])
    after = bytes_of(tmp_path)
    assert [name for name in names if name in after] == []
    assert after.count(b"Zephyrine") >= 300


def test_a_picture_that_stands_elsewhere_stays(db: Database, tmp_path: Path) -> None:
    one, round, _ = keep_everything(db)
    db.write(lambda rows: rounds.set_picture(rows, round.id, "f" * 64))
    set_stage(db, round, "done")
    db.write(lambda rows: households.erase(rows, one.id, person=None, now_ms=NOW))
    assert db.read.value("room.picture_page", id="f" * 64) == "羽扇图".encode()


def test_who_insists_is_erased_though_an_order_is_under_way(db: Database) -> None:
    one, _, placed = keep_everything(db)
    db.write(lambda rows: households.erase(rows, one.id, person=None, now_ms=NOW, force=True))
    kept = orders.load(db.read, placed.id)
    assert (kept.name, kept.code, kept.note, kept.wants[0].options) == (f"住户 {one.id}", placed.code, "", {})


def test_what_a_merged_order_took_along_is_erased_with_whose_it_was(db: Database, tmp_path: Path) -> None:
    round = opened(db, shirt())
    one, other = add(db, "王芳"), add(db, "诸葛孔明")
    kept = order(db, round, one.id, "a")
    gone = order(db, round, other.id, "b", name="绣丞相", note="怕狗")
    db.write(lambda rows: orders.merge(rows, kept.id, gone.id, person=None, now_ms=NOW))
    with refused("household.under_way"):
        db.write(lambda rows: households.erase(rows, other.id, person=None, now_ms=NOW))
    set_stage(db, round, "done")
    db.write(lambda rows: households.erase(rows, other.id, person=None, now_ms=NOW))
    after = bytes_of(tmp_path)
    assert not any(secret.encode() in after for secret in ("诸葛孔明", "绣丞相", "怕狗"))
    assert orders.load(db.read, kept.id).name == "王芳"


def test_erased_when_their_time_is_over_and_not_a_moment_before(db: Database) -> None:
    round, still_open = opened(db, shirt()), opened(db, shirt())
    done_ms = NOW + 30 * DAY_MS
    who = {name: add(db, name) for name in ("done", "open", "standing", "owes", "settled", "never", "new")}
    for n, name in enumerate(("done", "open", "standing", "owes", "settled")):
        order(db, round, who[name].id, f"t{n}")
    order(db, still_open, who["open"].id, "o")
    db.write(lambda rows: standing.set_standing(rows, who["standing"].id, name="x", quantity=1, now_ms=NOW))
    book(db, who["owes"].id, 5, "")
    for amount in (5, -5):
        book(db, who["settled"].id, amount, "")
    set_stage(db, round, "done", done_ms)

    def erase_old(now_ms: int) -> int:
        return db.write(lambda rows: households.erase_old(rows, now_ms=now_ms))

    def left() -> set[str]:
        return {name for name, one in who.items() if households.load(db.read, one.id).erased_ms is None}

    end_ms = done_ms + 365 * DAY_MS
    assert erase_old(NOW + 365 * DAY_MS - 1) == 0
    new = add(db, "newcomer", now_ms=end_ms)
    assert erase_old(NOW + 365 * DAY_MS) == 2
    assert set(who) - left() == {"never", "new"}, "they never ordered"
    assert erase_old(end_ms - 1) == 0
    assert erase_old(end_ms) == 2
    assert left() == {"open", "standing", "owes"}
    assert households.load(db.read, new.id).erased_ms is None
    assert erase_old(end_ms) == 0


def test_goods_that_turn_up_again_hold_the_clock(db: Database) -> None:
    round, one = opened(db, shirt()), add(db)
    order(db, round, one.id, "t")
    set_stage(db, round, "done")
    move(db, round, Stage.ARRIVED)
    assert db.write(lambda rows: households.erase_old(rows, now_ms=NOW + 999 * DAY_MS)) == 0
