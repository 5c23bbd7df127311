"""Participants for tests: a key, a log in a database, and statements that they say in it."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from millpond.log import checkpoint, kinds, statement
from millpond.log.keys import Key
from millpond.log.kinds import Body
from millpond.log.statement import Attachment
from millpond.network import meeting, reading
from millpond.store import Database, Rows, logs

START_MS = 1_795_000_000_000


class Participant:
    """Says statements, and puts them into a database as a node does that fetched them."""

    def __init__(self, name: str) -> None:
        self.key = Key(sha256(name.encode()).digest())
        self.did = self.key.did
        self.entries: list[bytes] = []

    def say(self, body: Body, *, attachments: Sequence[Attachment] = (), time_ms: int = START_MS) -> bytes:
        """The entry; what it says is not yet anywhere else."""
        payload = kinds.write_body(body, self.did, time_ms + len(self.entries), attachments)
        return self.put(statement.sign(payload, self.key))

    def say_plain(self, kind: str, body: dict[str, Any]) -> bytes:
        """The same for what is not understood."""
        payload = statement.write(kind, self.did, START_MS + len(self.entries), body)
        return self.put(statement.sign(payload, self.key))

    def put(self, entry: bytes) -> bytes:
        """Any entry, also one that stands there already."""
        self.entries.append(entry)
        return entry

    def arrive(self, db: Database) -> int:
        """Everything said so far is in the database, read and folded; returns the log's number."""

        def job(rows: Rows) -> int:
            known = logs.begin(rows, self.did)
            size = logs.put(rows, known.id, self.entries[known.reached :])
            head = checkpoint.sign(self.did, size, logs.root_at(rows, known.id, size), self.key)
            logs.accept(rows, known.id, head)
            return known.id

        id = db.write(job)
        while reading.read_on(db, id, meeting.fold):
            pass
        return id


def sid(entry: bytes) -> str:
    """The name of an entry's statement, as withdrawals have it."""
    return statement.sid_of(statement.split(entry)[0]).hex()
