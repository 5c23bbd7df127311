"""Statements of a log, checked one by one: whose they are, whether they are well-formed, what they say.

A checkpoint is one signature over a whole log. Before anything is done because of a statement, its own
signature is checked, too, once: `checked` of the log says how far. Invariants:

- The first entry that is no statement of the log's author ends the reading for good (`broken_at`): the author
  signed a log with it in, which `inclusion` and the entry prove to anyone. What stands before it counts.
- A statement whose kind or version is not known here is kept and passed by, not refused.
- Reading goes on where it stopped, in transactions of at most `MOST` statements.
"""

from __future__ import annotations

from collections.abc import Callable

from millpond.errors import InputError
from millpond.log import statement
from millpond.log.statement import Statement
from millpond.store import Rows, logs
from millpond.store.logs import Head

MOST = 1_024
"""Statements read in one transaction: some 80 ms of checking signatures, while others wait to write."""

Fold = Callable[[Rows, Head, int, Statement], None]
"""Notes what a statement says, in the same transaction: the rows, the log, the position, the statement."""


def read_on(rows: Rows, id: int, fold: Fold | None = None, *, most: int = MOST) -> int:
    """Checks the next statements under the checkpoint; returns how many, 0 when there is nothing to do."""
    known = logs.head_by_id(rows, id)
    if known.broken_at is not None:
        return 0
    end = min(known.size, known.checked + most)
    position, broken_at = known.checked, None
    found: list[tuple[bytes, int, int]] = []
    for entry in logs.entries(rows, id, position, end):
        try:
            said = statement.read(entry, known.origin)
        except InputError:
            broken_at = position
            break
        found.append((said.sid, id, position))
        if fold is not None:
            fold(rows, known, position, said)
        position += 1
    rows.many("logs.add_statement", found)
    rows.run("logs.set_checked", id=id, checked=position, broken_at=broken_at)
    return position - known.checked
