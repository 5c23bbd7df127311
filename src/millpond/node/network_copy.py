"""What of `network.db` goes into a backup, and what a restored keeper does not take up again.

The file holds mostly copies of others' logs, which may be large and can be fetched again. A backup has what
cannot: whom rooms follow and where from, the newest signed head of every log (what is fetched later must
continue it), proofs of two histories, successions, what this keeper cosigned, and what it refuses to carry.

A keeper's own key stays out. A witness that was set back may have cosigned more than it remembers, and could
cosign a second history; so after a restore it has a *new* key, under which nobody has seen anything yet. It
still begins at what the old one is known to have cosigned.

- `KEPT`, `FETCHED_AGAIN` and `LEFT_OUT` name every table: a new one is put into one of them on purpose.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

from millpond.log import checkpoint
from millpond.network import keeping
from millpond.store import NETWORK_VERSION, Rows
from millpond.store.files import migrate, version_of

KEPT = {
    "logs": ("network_copy.logs", "network_copy.add_log"),
    "followers": ("network_copy.followers", "network_copy.add_follower"),
    "sources": ("network_copy.sources", "network_copy.add_source"),
    "equivocations": ("network_copy.equivocations", "network_copy.add_equivocation"),
    "successions": ("network_copy.successions", "network_copy.add_succession"),
    "witnessed": ("network_copy.witnessed", "network_copy.add_witnessed"),
    "attachments": ("network_copy.refused_attachments", "network_copy.add_refused_attachment"),
    "limits": ("network_copy.limits", "network_copy.add_limit"),
}
"""Tables of which something is kept: what is read there, and how it is written."""

FETCHED_AGAIN = frozenset(
    {
        *("log_entries", "log_tiles", "log_statements", "attached", "attachment_parts", "received"),
        *("profiles", "vouches", "book", "listings", "follows", "withdrawn"),
    }
)
"""Tables that are filled again from the logs."""
LEFT_OUT = frozenset({"keeper"})


def copy(source: Path, target: Path) -> None:
    """Writes what a backup keeps to a new file; others may be writing meanwhile.

    A file of an older Millpond is copied whole: its tables are not ours to choose from. Raises
    `sqlite3.Error`, `InputError`.
    """
    if version_of(source, "network") != NETWORK_VERSION:
        with _opened(source) as whole, contextlib.closing(sqlite3.connect(target)) as taken:
            whole.backup(taken)
            taken.execute("PRAGMA journal_mode = DELETE")
        return
    migrate(target, "network")
    with _opened(source) as read, _opened(target) as written:
        read.execute("PRAGMA query_only = ON")
        read.execute("BEGIN")  # one moment of it
        written.execute("PRAGMA foreign_keys = ON")
        written.execute("BEGIN")
        rows, kept = Rows(read), Rows(written)
        for table, (every, add) in KEPT.items():
            kept.many(add, (_REDUCED.get(table, tuple)(row) for row in rows.all(every)))
        written.execute("COMMIT")
        written.execute("PRAGMA journal_mode = DELETE")


def arrive(file: Path) -> None:
    """In a file that came from an archive, and that nobody uses: the keeper's key signs nothing any more.

    The node makes another one when it is asked to cosign.
    """
    with _opened(file) as connection:
        rows = Rows(connection)
        if version_of(file, "network") and rows.one("own_log.has_table", table="keeper") is not None:
            connection.execute("PRAGMA secure_delete = ON")
            rows.run("network_copy.forget_keeper")


def _log(row: sqlite3.Row) -> tuple[object, ...]:
    """With nothing in it, and the newest head that was seen to be held against."""
    notes = [bytes(row[name]) for name in ("pending", "checkpoint") if row[name] is not None]
    newest = max(notes, key=_size_of, default=None)
    return row["id"], row["origin"], row["hash"], newest


def _witnessed(row: sqlite3.Row) -> tuple[object, ...]:
    """Without cosignatures: the key that made ours does not come back."""
    bare = keeping.bare(checkpoint.read(row["note"], row["origin"])).note
    return row["origin"], row["hash"], row["size"], bare, row["cosigned_s"]


_REDUCED: dict[str, Callable[[sqlite3.Row], tuple[object, ...]]] = {"logs": _log, "witnessed": _witnessed}


def _size_of(data: bytes) -> int:
    return checkpoint.parse(data).size


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        yield connection
