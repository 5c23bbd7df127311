"""What statements say, as it is noted: the last profile, vouches, listings, cards; who may take what back."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from participants import START_MS, Participant, sid

from millpond.log.kinds import CardEntry, Follow, Listing, Predecessor, Profile, Successor, Vouch, Withdraw
from millpond.log.statement import Attachment
from millpond.network import cards, writing
from millpond.network.cards import Card
from millpond.store import Database, logs, open_network, open_room
from millpond.store.database import connect

TABLES = ("profiles", "vouches", "book", "listings", "follows", "withdrawn", "successions", "attached")


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with open_network(tmp_path / "network.db") as database:
        yield database


@pytest.fixture
def ann() -> Participant:
    return Participant("ann")


BOB, CHEN, DAN = (Participant(name).did for name in ("bob", "chen", "dan"))


def rows_of(db: Database, table: str, columns: str = "*") -> list[tuple[Any, ...]]:
    """What stands in a table."""
    connection = connect(db.path, writes=False)
    try:
        return [tuple(row) for row in connection.execute(f"SELECT {columns} FROM {table} ORDER BY 1")]
    finally:
        connection.close()


def test_everything_that_is_understood_is_noted(db: Database, ann: Participant) -> None:
    card = cards.write(Card(CHEN, ("https://chen.example",), "Chen"))
    ann.say(Profile(name="安", about="rice", addresses=("https://a.example",), place="永泰"))
    ann.say(Vouch(subject=BOB, name="Bob", note="my cousin"))
    ann.say(Listing(title={"zh": "大米"}, text={"en": "new rice"}, until_ms=START_MS + 5, wants=True))
    ann.say(CardEntry(card=f"名片：{card}。"))
    ann.say(Follow(subject=DAN))
    ann.arrive(db)
    assert rows_of(db, "profiles", "name, about, place, addresses, position") == [
        ("安", "rice", "永泰", '["https://a.example"]', 0)
    ]
    assert rows_of(db, "vouches", "subject, name, note, position") == [(BOB, "Bob", "my cousin", 1)]
    assert rows_of(db, "listings", "title, text, is_wanted, until_ms") == [
        ('{"zh": "大米"}', '{"en": "new rice"}', 1, START_MS + 5)
    ]
    assert rows_of(db, "book", "origin, card") == [(CHEN, card)]
    assert rows_of(db, "follows", "subject") == [(DAN,)]


def test_the_last_profile_counts(db: Database, ann: Participant) -> None:
    ann.say(Profile(name="An", about="old"))
    ann.arrive(db)
    ann.say(Profile(name="Ann"), time_ms=5)  # an author's clock decides nothing
    ann.arrive(db)
    assert rows_of(db, "profiles", "name, about") == [("Ann", "")]


def test_what_is_not_understood_is_passed_by(db: Database, ann: Participant) -> None:
    ann.say_plain("vouch/2", {"subject": BOB, "name": "Bob"})
    ann.say_plain("vouch/1", {"subject": BOB, "name": "Bob", "until_ms": 4})
    ann.say_plain("vouch/1", {"subject": ann.did, "name": "me"})
    ann.say_plain("card/1", {"card": "millpond:z6Mknothing"})
    ann.say_plain("recipe/1", {"name": "rice"})
    ann.say(Vouch(subject=CHEN, name="Chen"))
    id = ann.arrive(db)
    assert logs.head_by_id(db.read, id).checked == 6
    assert rows_of(db, "vouches", "subject") == [(CHEN,)]
    assert rows_of(db, "book") == []


@pytest.mark.parametrize(
    ("body", "table"),
    [
        (Vouch(subject=BOB, name="Bob"), "vouches"),
        (Listing(title={"en": "Rice"}, until_ms=START_MS), "listings"),
        (CardEntry(card=cards.write(Card(CHEN))), "book"),
        (Follow(subject=BOB), "follows"),
    ],
)
def test_taken_back_by_its_author_for_good(db: Database, ann: Participant, body: Any, table: str) -> None:
    entry = ann.say(body)
    ann.arrive(db)
    assert len(rows_of(db, table)) == 1
    ann.say(Withdraw(sid=sid(entry)))
    ann.put(entry)  # the same bytes once more are the same statement
    ann.arrive(db)
    assert rows_of(db, table) == []


def test_one_read_takes_back_what_it_said_before(db: Database, ann: Participant) -> None:
    entry = ann.say(Vouch(subject=BOB, name="Bob"))
    ann.say(Withdraw(sid=sid(entry)))
    again = ann.say(Vouch(subject=BOB, name="Bob again"))
    ann.arrive(db)
    assert rows_of(db, "vouches", "sid") == [(bytes.fromhex(sid(again)),)]


def test_nobody_takes_back_what_another_said(db: Database, ann: Participant) -> None:
    entry = ann.say(Vouch(subject=BOB, name="Bob"))
    ann.arrive(db)
    other = Participant("other")
    other.say(Withdraw(sid=sid(entry)))
    other.arrive(db)
    assert len(rows_of(db, "vouches")) == 1
    assert rows_of(db, "withdrawn") == []


def test_nothing_is_taken_back_before_it_is_said(db: Database, ann: Participant) -> None:
    later = Participant("ann")
    later.say(Follow(subject=BOB))
    entry = later.say(Vouch(subject=BOB, name="Bob"))
    ann.say(Withdraw(sid=sid(entry)))
    ann.put(entry)
    ann.arrive(db)
    assert len(rows_of(db, "vouches")) == 1


def test_a_log_ends_with_its_successor(db: Database, ann: Participant) -> None:
    ann.say(Profile(name="Ann"))
    ending = ann.say(Successor(successor=BOB))
    ann.say(Profile(name="Thief"))
    ann.say(Vouch(subject=CHEN, name="Chen"))
    ann.say(Listing(title={"en": "Rice"}, until_ms=START_MS))
    ann.say(Follow(subject=CHEN))
    ann.say(CardEntry(card=cards.write(Card(CHEN))))
    ann.arrive(db)
    assert rows_of(db, "profiles", "name") == [("Ann",)]
    assert [rows_of(db, table) for table in ("vouches", "listings", "follows", "book")] == [[], [], [], []]
    assert rows_of(db, "successions") == [(ann.did, BOB, ending, 1)]


def test_two_successors_are_both_noted(db: Database, ann: Participant) -> None:
    ann.say(Successor(successor=BOB))
    ann.say(Successor(successor=CHEN))
    ann.arrive(db)
    assert sorted(rows_of(db, "successions", "successor")) == sorted([(BOB,), (CHEN,)])


def test_a_new_log_shows_what_the_old_key_said(db: Database, ann: Participant) -> None:
    new = Participant("ann anew")
    ending = ann.say(Successor(successor=new.did))
    new.say(Predecessor(entry=b64encode(ending).decode()))
    new.arrive(db)
    assert rows_of(db, "successions") == [(ann.did, new.did, ending, None)]
    ann.arrive(db)  # now the old log says so itself
    assert rows_of(db, "successions") == [(ann.did, new.did, ending, 0)]


def test_a_predecessor_counts_as_the_first_statement_alone(db: Database, ann: Participant) -> None:
    new = Participant("ann anew")
    ending = ann.say(Successor(successor=new.did))
    new.say(Profile(name="Ann"))
    new.say(Predecessor(entry=b64encode(ending).decode()))
    new.arrive(db)
    assert rows_of(db, "successions") == []


def test_whom_the_old_key_did_not_name_continues_nothing(db: Database, ann: Participant) -> None:
    ending = ann.say(Successor(successor=BOB))
    thief = Participant("thief")
    thief.say_plain("predecessor/1", {"entry": b64encode(ending).decode()})
    thief.arrive(db)
    assert rows_of(db, "successions") == []


def test_attachments_are_noted_whatever_the_statement_says(db: Database, ann: Participant) -> None:
    picture = Attachment("ab" * 32, 500, "image/jpeg", "rice.jpg")
    ann.say(Listing(title={"en": "Rice"}, until_ms=START_MS), attachments=[picture])
    id = ann.arrive(db)
    assert rows_of(db, "attached", "log, sha256, position") == [(id, "ab" * 32, 0)]
    assert rows_of(db, "attachments", "sha256, bytes, type, data") == [("ab" * 32, 500, "image/jpeg", None)]


def test_a_log_that_is_forgotten_leaves_nothing_noted(db: Database, ann: Participant) -> None:
    taken_back = ann.say(Follow(subject=DAN))
    ann.say(Profile(name="Ann"), attachments=[Attachment("ab" * 32, 5, "image/png", "a")])
    ann.say(Vouch(subject=BOB, name="Bob"))
    ann.say(Listing(title={"en": "Rice"}, until_ms=START_MS))
    ann.say(CardEntry(card=cards.write(Card(CHEN))))
    ann.say(Follow(subject=BOB))
    ann.say(Withdraw(sid=sid(taken_back)))
    id = ann.arrive(db)
    counts = {table: len(rows_of(db, table)) for table in TABLES}
    assert counts == dict.fromkeys(TABLES, 1) | {"successions": 0}
    db.write(lambda rows: logs.forget(rows, id))
    assert {table: len(rows_of(db, table)) for table in TABLES} == dict.fromkeys(TABLES, 0)


def test_a_rooms_own_statements_are_noted_as_they_are_said(tmp_path: Path, ann: Participant) -> None:
    with open_room(tmp_path / "room.db") as room:
        first = [ann.say(Profile(name="Ann")), ann.say(Vouch(subject=BOB, name="Bob"))]
        room.write(lambda rows: writing.say(rows, ann.key, first))
        assert rows_of(room, "profiles", "name, position") == [("Ann", 0)]
        more = [ann.say(Withdraw(sid=sid(first[1]))), ann.say(Successor(successor=CHEN))]
        room.write(lambda rows: writing.say(rows, ann.key, [*first, *more]))
        assert rows_of(room, "vouches") == []
        assert rows_of(room, "successions", "successor, entry, position") == [(CHEN, more[1], 3)]


def test_no_end_of_successors_is_kept_as_some(db: Database, ann: Participant) -> None:
    for number in range(30):
        ann.say(Successor(successor=Participant(f"next {number}").did))
    ann.arrive(db)
    assert len(rows_of(db, "successions")) == 8
