"""Statements of a log, checked one by one: whose they are, whether they are well-formed, what they say.

A checkpoint is one signature over a whole log. Before anything is done because of a statement, its own
signature is checked, too, once: `checked` of the log says how far. Invariants:

- The first entry that is no statement of the log's author ends the reading for good (`broken_at`): the author
  signed a log with it in, which a receipt and the entry prove to anyone. What stands before it counts.
- A statement whose kind or version is not known here is kept and passed by, not refused.
- Checking waits for nobody and holds up nobody: it is done on all cores before the transaction in which its
  outcome is noted, and noted only if the reading still stands where it began.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import chain

from millpond.errors import InputError
from millpond.log import statement
from millpond.log.statement import Statement
from millpond.store import Database, Rows, logs
from millpond.store.logs import Head

MOST = 1_024
"""Statements read in one go: some 80 ms of checking on one core, and as many rows in a transaction."""
MOST_THREADS = 4
_SHARE = 16
"""Statements that one thread takes at a time: 1 ms."""

Fold = Callable[[Rows, Head, int, Statement], None]
"""Notes what a statement says, in the same transaction: the rows, the log, the position, the statement."""


@dataclass(frozen=True, slots=True)
class Checked:
    """Statements of one author in a row from `start` on; `is_broken` if the next entry is none."""

    start: int
    statements: tuple[Statement, ...]
    is_broken: bool


def check(author: str, start: int, entries: Sequence[bytes]) -> Checked:
    """Reads entries of the author's log, the first of them at position `start`; changes nothing.

    Signatures are checked by libsodium, which lets other threads run meanwhile.
    """
    if len(entries) <= _SHARE:
        found = _check_some(author, entries)
    else:
        shares = [entries[at : at + _SHARE] for at in range(0, len(entries), _SHARE)]
        found = list(chain.from_iterable(_threads().map(lambda share: _check_some(author, share), shares)))
    good = next((at for at, one in enumerate(found) if one is None), len(found))
    return Checked(start, tuple(one for one in found[:good] if one is not None), good < len(found))


def note(rows: Rows, id: int, checked: Checked, fold: Fold | None = None) -> int:
    """Notes what was checked, if the reading stands where it began; returns how many were noted."""
    known = logs.head_by_id(rows, id)
    if known.broken_at is not None or known.checked != checked.start:
        return 0
    end = checked.start + len(checked.statements)
    said = enumerate(checked.statements, checked.start)
    rows.many("logs.add_statement", [(one.sid, id, position) for position, one in said])
    rows.run("logs.set_checked", id=id, checked=end, broken_at=end if checked.is_broken else None)
    if fold is not None:
        for position, one in enumerate(checked.statements, checked.start):
            fold(rows, known, position, one)
    return len(checked.statements)


def read_on(db: Database, id: int, fold: Fold | None = None, *, most: int = MOST) -> int:
    """Checks and notes the next statements under the checkpoint; returns how many, 0 at the end."""
    known = logs.head_by_id(db.read, id)
    if known.broken_at is not None or known.checked == known.size:
        return 0
    end = min(known.size, known.checked + most)
    checked = check(known.origin, known.checked, logs.entries(db.read, id, known.checked, end))
    return db.write(lambda rows: note(rows, id, checked, fold))


def _check_some(author: str, entries: Sequence[bytes]) -> list[Statement | None]:
    """The statements up to the first that is none, for which None stands."""
    found: list[Statement | None] = []
    for entry in entries:
        try:
            found.append(statement.read(entry, author))
        except InputError:
            found.append(None)
            break
    return found


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(min(MOST_THREADS, os.cpu_count() or 1), "checking statements")
