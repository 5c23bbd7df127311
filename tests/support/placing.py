"""Run as a program: places orders as fast as it can and says each one that is kept, until it is killed.

    python placing.py ROOM ROUND ITEM NAME

It waits for a line, so that whoever kills it need not wait for Python to start. Each line that it prints is
a token, an id and a number: what a household was told.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from small_rooms import START_MS

from millpond.desk import orders
from millpond.desk.orders import NewOrder, NewWant, Placed
from millpond.store import Database, open_room

THREADS = 4


def place(db: Database, new: NewOrder) -> Placed:
    """Returns when it is durable."""
    return db.write(lambda rows: orders.place(rows, new, now_ms=START_MS))


def main(path: Path, round: int, item: int, name: str) -> None:
    """Never returns."""
    say = threading.Lock()
    sys.stdin.readline()

    def work(thread: int) -> None:
        number = 0
        while True:
            number += 1
            token = f"{name}-{thread}-{number}"
            want = NewWant(item=item, quantity=1 + number % 3)
            placed = place(db, NewOrder(round=round, token=token, name=token, wants=(want, want)))
            with say:
                print(token, placed.id, placed.number, flush=True)

    with open_room(path) as db:
        threads = [threading.Thread(target=work, args=(n,)) for n in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
