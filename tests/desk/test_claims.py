"""Claims: once the goods are here, of one's own order, once each, taken back only while they are open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from small_rooms import START_MS, item, journal, opened, small_room

from millpond import clear
from millpond.community.transitions import Stage
from millpond.desk import claims, deciding, orders, rounds
from millpond.desk.claims import MAX_OPEN, ClaimKind, ClaimState, NewClaim
from millpond.desk.orders import NewOrder, NewWant, Placed
from millpond.desk.refusals import Refused
from millpond.errors import InputError
from millpond.store import Database

NOW = START_MS + 1


class Bought:
    """Two orders of a group order whose goods have come."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.round = opened(db, item(reference=9_000))
        self.one, self.other = self.place("王芳"), self.place("李雷")
        self.want = self.want_of(self.one)

    def place(self, name: str) -> Placed:
        want = NewWant(item=int(self.round.offered[0].id), quantity=10)
        new = NewOrder(round=self.round.id, token=name, name=name, wants=(want,))
        return self.db.write(lambda rows: orders.place(rows, new, now_ms=NOW))

    def want_of(self, placed: Placed) -> int:
        return orders.load(self.db.read, placed.id).wants[0].id

    def arrive(self) -> None:
        self.move(Stage.CLOSED)
        answer = deciding.work_out(deciding.gather(self.db.read, self.round.id), clear)
        self.db.write(lambda rows: deciding.keep(rows, answer, person=None, now_ms=NOW))
        self.move(Stage.ORDERED)
        self.move(Stage.ARRIVED)

    def move(self, stage: Stage) -> None:
        self.db.write(lambda rows: rounds.move(rows, self.round.id, stage, person=None, now_ms=NOW))

    def claim(self, **values: object) -> int:
        given = {"order": self.one.id, "kind": ClaimKind.DAMAGED, "want": self.want} | values
        return self.db.write(lambda rows: claims.open_claim(rows, NewClaim(**given), now_ms=NOW))  # type: ignore[arg-type]


@pytest.fixture
def bought(tmp_path: Path) -> Iterator[Bought]:
    with small_room(tmp_path) as db:
        made = Bought(db)
        made.arrive()
        yield made


def test_a_claim_is_kept_as_it_was_said(bought: Bought) -> None:
    id = bought.claim(quantity=2, words="袋子破了")
    (kept,) = claims.of_order(bought.db.read, bought.one.id)
    assert claims.by_id(bought.db.read, id) == kept
    assert (kept.kind, kept.state, kept.quantity, kept.words, kept.refund) == (
        ClaimKind.DAMAGED,
        ClaimState.OPEN,
        2,
        "袋子破了",
        0,
    )
    assert claims.of_order(bought.db.read, bought.other.id) == ()


def test_nothing_said_stands_in_the_journal(bought: Bought) -> None:
    bought.claim(words="袋子破了")
    assert journal(bought.db, bought.round.id)[-1] == "claim.opened"
    details = [
        row["details"] for row in bought.db.read.all("room.journal_of_round", round=bought.round.id, most=9)
    ]
    assert not any("袋子" in text for text in details)


def test_the_same_claim_sent_twice_is_one(bought: Bought) -> None:
    assert bought.claim(words="a") == bought.claim(words="a") != bought.claim(words="b")
    assert len(claims.of_order(bought.db.read, bought.one.id)) == 2


def test_before_the_goods_are_here_there_is_nothing_to_claim(tmp_path: Path) -> None:
    with small_room(tmp_path) as db:
        early = Bought(db)
        assert not claims.may_claim(db.read, early.one.id)
        with pytest.raises(Refused) as refused:
            early.claim()
        assert refused.value.code == "claim.too_early"


def test_a_want_of_another_order_is_no_ones_to_claim(bought: Bought) -> None:
    with pytest.raises(Refused) as refused:
        bought.claim(want=bought.want_of(bought.other))
    assert refused.value.code == "claim.elsewhere"


def test_there_is_an_end_to_claiming(bought: Bought) -> None:
    for n in range(MAX_OPEN):
        bought.claim(words=str(n))
    with pytest.raises(Refused) as refused:
        bought.claim(words="one more")
    assert refused.value.code == "claim.too_many"


def test_it_is_taken_back_once_and_by_its_household_only(bought: Bought) -> None:
    id = bought.claim()

    def withdraw(order: int) -> None:
        bought.db.write(lambda rows: claims.withdraw(rows, id, order=order, now_ms=NOW))

    with pytest.raises(Refused):
        withdraw(bought.other.id)
    withdraw(bought.one.id)
    with pytest.raises(Refused) as refused:
        withdraw(bought.one.id)
    assert refused.value.code == "claim.settled"
    (kept,) = claims.of_order(bought.db.read, bought.one.id)
    assert (kept.state, kept.settled_ms) == (ClaimState.WITHDRAWN, NOW)
    assert bought.claim() != id, "it may be said again"


def test_the_open_ones_of_a_group_order_come_first(bought: Bought) -> None:
    first = bought.claim(words="first")
    last = bought.claim(order=bought.other.id, want=None, kind=ClaimKind.MISSING)
    bought.db.write(lambda rows: claims.withdraw(rows, last, order=bought.other.id, now_ms=NOW))
    assert [one.id for one in claims.of_round(bought.db.read, bought.round.id)] == [first, last]


@pytest.mark.parametrize("values", [{"quantity": 0}, {"quantity": 10**9}, {"words": "x" * 1_001}])
def test_what_is_no_claim(bought: Bought, values: dict[str, object]) -> None:
    with pytest.raises(InputError):
        bought.claim(**values)
