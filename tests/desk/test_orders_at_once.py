"""Three hundred households at once: none lost, none twice, not one after the close or above the cap."""

from __future__ import annotations

import threading
from typing import Any

from small_orders import NOW, new, place
from small_rooms import journal, opened

from millpond.community.transitions import Stage
from millpond.desk import households, orders, rounds
from millpond.desk.orders import NewWant, Placed
from millpond.desk.refusals import Refused
from millpond.store import Database


def at_once(work: list[Any]) -> list[Any]:
    """Runs each on a thread of its own, all let go at the same moment; results or refusals, in order."""
    results: list[Any] = [None] * len(work)
    gate = threading.Barrier(len(work))

    def run(n: int) -> None:
        gate.wait()
        try:
            results[n] = work[n]()
        except Refused as error:
            results[n] = error.code

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(work))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_three_hundred_at_once_none_lost_none_twice(db: Database) -> None:
    """Each sends its order twice, as a phone does that heard no answer."""
    round = opened(db)
    work = [lambda n=n: place(db, new(round, token=f"t{n % 150}", name=f"住户{n % 150}")) for n in range(300)]
    results = at_once(work)
    assert sum(result.is_new for result in results) == 150
    assert all(results[n].id == results[n + 150].id for n in range(150))
    kept = orders.of_round(db.read, round.id)
    assert sorted(order.number for order in kept) == list(range(1, 151))
    assert len(households.search(db.read)) == 150


def test_three_hundred_at_the_cap_and_not_one_unit_more(db: Database) -> None:
    round = opened(db, cap_units=201)
    rice = int(round.offered[0].id)
    work = [
        lambda n=n: place(db, new(round, NewWant(item=rice, quantity=2), token=f"t{n}")) for n in range(300)
    ]
    results = at_once(work)
    assert sum(isinstance(result, Placed) for result in results) == 100
    assert {result for result in results if isinstance(result, str)} == {"order.cap"}
    now = rounds.load(db.read, round.id)
    assert (now.units, now.stage) == (200, Stage.OPEN), "one unit is left"
    place(db, new(round, NewWant(item=rice, quantity=1), token="last"))
    assert rounds.load(db.read, round.id).stage is Stage.CLOSED


def test_three_hundred_while_the_leader_closes(db: Database) -> None:
    """Whoever was told yes stands before the close in the journal; whoever was told no is not kept."""
    round = opened(db)
    work: list[Any] = [lambda n=n: place(db, new(round, token=f"t{n}")) for n in range(300)]
    work.insert(
        150, lambda: db.write(lambda rows: rounds.move(rows, round.id, Stage.CLOSED, person=None, now_ms=NOW))
    )
    results = at_once(work)
    told_yes = {result.id for result in results if isinstance(result, Placed)}
    assert {result for result in results if isinstance(result, str)} <= {"order.closed"}
    assert {order.id for order in orders.of_round(db.read, round.id)} == told_yes
    done = journal(db, round.id)
    assert done.count("order.placed") == len(told_yes)
    assert "order.placed" not in done[done.index("round.closed") :]
