"""Saying something in one's own log: each statement once, under one head a size, or nothing at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from millpond.errors import InputError
from millpond.log import checkpoint, inclusion, merkle, statement
from millpond.log.keys import Key
from millpond.log.kinds import Profile, write_body
from millpond.network import writing
from millpond.store import Database, Rows, logs, open_room

KEY, OTHER = Key(bytes(range(32))), Key(bytes(range(1, 33)))


def entry(name: str, key: Key = KEY) -> bytes:
    return statement.sign(write_body(Profile(name=name), key.did, 1_790_000_000_000), key)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with open_room(tmp_path / "room.db") as db:
        yield db


def head(rows: Rows) -> logs.Head:
    found = logs.head(rows, KEY.did)
    assert found is not None
    return found


def test_what_is_said_has_a_place_and_a_receipt(db: Database) -> None:
    said = db.write(lambda rows: writing.say(rows, KEY, [entry("a"), entry("b"), entry("a")]))
    assert [(one.position, one.is_new) for one in said] == [(0, True), (1, True), (0, False)]
    again = db.write(lambda rows: writing.say(rows, KEY, [entry("b"), entry("c")]))
    assert [(one.position, one.is_new) for one in again] == [(1, False), (2, True)]
    known = head(db.read)
    assert (known.size, known.checked, known.reached) == (3, 3, 3)
    for position, name in enumerate("abc"):
        receipt = writing.receipt(db.read, known, position)
        assert inclusion.check(receipt, entry(name), KEY.did).checkpoint.size == 3


def test_nothing_new_signs_nothing(db: Database) -> None:
    db.write(lambda rows: writing.say(rows, KEY, [entry("a")]))
    before = head(db.read)
    db.write(lambda rows: writing.say(rows, KEY, [entry("a")]))
    assert head(db.read) == before


def test_one_that_is_refused_takes_the_others_along_though_the_transaction_goes_on(db: Database) -> None:
    def job(rows: Rows) -> None:
        with pytest.raises(InputError):
            writing.say(rows, KEY, [entry("a"), entry("x", OTHER)])

    db.write(job)
    said = db.write(lambda rows: writing.say(rows, KEY, [entry("b"), entry("a")]))
    assert [(one.position, one.is_new) for one in said] == [(0, True), (1, True)]


def test_a_log_that_was_not_read_says_nothing(db: Database) -> None:
    """Entries that came back from a mirror, and are not read yet: saying them again would add them twice."""

    def comes_back(rows: Rows) -> None:
        known = logs.begin(rows, KEY.did)
        logs.put(rows, known.id, [entry("a")])
        root = merkle.leaf_hash(entry("a"))
        logs.accept(rows, known.id, checkpoint.sign(KEY.did, 1, root, KEY))

    db.write(comes_back)
    for name in ("a", "b"):
        with pytest.raises(InputError, match="not read yet"):
            db.write(lambda rows, name=name: writing.say(rows, KEY, [entry(name)]))
    assert head(db.read).size == 1


def test_heads_of_a_commit_that_failed_are_seen_by_nobody_and_signed_anew(db: Database) -> None:
    """Two jobs sign heads in one transaction that fails: no reader sees one, and the size is free again."""
    heard: list[bytes] = []

    def job(name: str) -> None:
        def say(rows: Rows) -> bytes:
            writing.say(rows, KEY, [entry(name)])
            found = head(rows).checkpoint
            assert found is not None
            return found

        heard.append(db.write(say))

    def fails(rows: Rows) -> None:
        writing.say(rows, KEY, [entry("lost")])
        assert logs.head(db.read, KEY.did) is None, "a reader sees only what is durable"
        rows._connection.execute("PRAGMA defer_foreign_keys = ON")
        rows.run("room.journal", at_ms=1, person=99, what="x", round=None, order_id=None, details="{}")

    with pytest.raises(Exception, match="FOREIGN KEY"):
        db.write(fails)
    assert logs.head(db.read, KEY.did) is None
    job("kept")
    assert [checkpoint.read(note).size for note in heard] == [1]
    assert logs.entries(db.read, head(db.read).id, 0, 9) == [entry("kept")]
