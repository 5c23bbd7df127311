"""Standing wants: one of a kind for a household, replaced when set again, ended by their household."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from small_rooms import START_MS, small_room

from millpond.desk import households, standing
from millpond.desk.refusals import Refused
from millpond.desk.standing import MAX_STANDING
from millpond.errors import InputError
from millpond.store import Database


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with small_room(tmp_path) as db:
        yield db


def household(db: Database, name: str = "王芳") -> int:
    return db.write(lambda rows: households.add(rows, name, now_ms=START_MS)).id


def want(db: Database, household: int, name: str = "大米", now_ms: int = START_MS, **values: object) -> int:
    given = {"name": name, "quantity": 2} | values
    return db.write(lambda rows: standing.set_standing(rows, household, now_ms=now_ms, **given))  # type: ignore[arg-type]


def test_set_again_is_replaced(db: Database) -> None:
    one = household(db)
    first = want(db, one)
    assert want(db, one) == first, "the same again changes nothing"
    second = want(db, one, quantity=3, limit=4_000)
    want(db, one, variant="10 kg")
    assert [
        (kept.id, kept.variant, kept.quantity, kept.limit) for kept in standing.of_household(db.read, one)
    ] == [
        (second, "", 3, 4_000),
        (second + 1, "10 kg", 2, None),
    ]


def test_it_is_ended_by_its_household(db: Database) -> None:
    one, other = household(db), household(db, "李雷")
    id = want(db, one)
    for who, left in ((other, 1), (one, 0), (one, 0)):
        db.write(lambda rows, who=who: standing.end_standing(rows, id, household=who, now_ms=START_MS))
        assert len(standing.of_household(db.read, one)) == left


def test_all_that_run_the_first_one_first(db: Database) -> None:
    one, other = household(db), household(db, "李雷")
    second, first = want(db, one, now_ms=START_MS + 1), want(db, other)
    ended = want(db, one, "油")
    db.write(lambda rows: standing.end_standing(rows, ended, household=one, now_ms=START_MS))
    assert [kept.id for kept in standing.running(db.read)] == [first, second]
    db.write(lambda rows: households.erase(rows, other, person=None, now_ms=START_MS))
    assert [kept.id for kept in standing.running(db.read)] == [second]


def test_there_is_an_end(db: Database) -> None:
    one = household(db)
    for n in range(MAX_STANDING):
        want(db, one, f"item {n}")
    with pytest.raises(Refused) as refused:
        want(db, one, "one more")
    assert refused.value.code == "standing.too_many"
    want(db, one, "item 0", quantity=9)


@pytest.mark.parametrize("values", [{"name": " "}, {"quantity": 0}, {"limit": -1}])
def test_what_is_no_standing_want(db: Database, values: dict[str, object]) -> None:
    one = household(db)
    with pytest.raises(InputError):
        want(db, one, **values)  # type: ignore[arg-type]
    assert standing.of_household(db.read, one) == ()
