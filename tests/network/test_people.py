"""Who somebody is to a room: by its own list, by the word of those it follows, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from participants import START_MS, Participant, sid

from millpond.log import checkpoint, equivocation
from millpond.log.kinds import CardEntry, Follow, Listing, Profile, Successor, Vouch, Withdraw
from millpond.log.merkle import leaf_hash
from millpond.network import cards, contradictions, following, people
from millpond.network.cards import Card
from millpond.network.people import Standing, Vouching, standing
from millpond.store import Database, open_network

ROOM = "pond"


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with open_network(tmp_path / "network.db") as database:
        yield database


@pytest.fixture
def ann(db: Database) -> Participant:
    """Somebody whom the room follows."""
    one = Participant("ann")
    db.write(lambda rows: following.follow(rows, ROOM, one.did, ["https://a.example"]))
    return one


STRANGER = Participant("stranger").did


def test_compared_comes_before_vouched_before_nothing() -> None:
    word = Vouching("did:a", "Bob", "", 0)
    assert standing("did:b", {"did:b"}, []) is Standing.KNOWN
    assert standing("did:b", {"did:b"}, [word]) is Standing.KNOWN
    assert standing("did:b", {"did:a"}, [word]) is Standing.VOUCHED
    assert standing("did:b", {"did:a"}, []) is Standing.UNVOUCHED


def test_a_stranger_is_vouched_for_by_somebody_followed(db: Database, ann: Participant) -> None:
    names = {ann.did: "Ann"}
    assert people.person(db.read, ROOM, STRANGER, names).standing is Standing.UNVOUCHED
    ann.say(Vouch(subject=STRANGER, name="Old name"))
    word = ann.say(Vouch(subject=STRANGER, name="Wang", note="next door"))
    ann.arrive(db)
    found = people.person(db.read, ROOM, STRANGER, names)
    assert found.standing is Standing.VOUCHED
    assert [(one.by, one.name, one.note) for one in found.vouched_by] == [(ann.did, "Wang", "next door")]
    assert people.person(db.read, "another-room", STRANGER, names).standing is Standing.UNVOUCHED
    ann.say(Withdraw(sid=sid(word)))
    ann.arrive(db)
    assert [one.name for one in people.vouches(db.read, ROOM, STRANGER)] == ["Old name"]


def test_who_is_not_followed_any_more_vouches_for_nobody(db: Database, ann: Participant) -> None:
    ann.say(Vouch(subject=STRANGER, name="Wang"))
    ann.arrive(db)
    db.write(lambda rows: following.unfollow(rows, ROOM, ann.did))
    assert people.vouches(db.read, ROOM, STRANGER) == ()


def test_of_a_key_with_two_histories_nothing_counts(db: Database, ann: Participant) -> None:
    ann.say(Vouch(subject=STRANGER, name="Wang"))
    ann.say(CardEntry(card=cards.write(Card(STRANGER, (), "Wang"))))
    ann.say(Listing(title={"en": "Rice"}, until_ms=START_MS + 9))
    ann.arrive(db)
    one, two = (checkpoint.sign(ann.did, 1, leaf_hash(data), ann.key) for data in (b"a", b"b"))
    proof = equivocation.build(one, two)
    db.write(lambda rows: contradictions.keep(rows, proof, now_ms=START_MS))
    assert people.vouches(db.read, ROOM, STRANGER) == ()
    assert people.book(db.read, ROOM) == ()
    assert following.fetched(db.read, ann.did).is_contradicted


def test_names_of_ones_own_come_first(db: Database, ann: Participant) -> None:
    ann.say(Profile(name="The Great Ann", about="rice", place="永泰", addresses=("https://new.example",)))
    ann.arrive(db)
    found = people.person(db.read, ROOM, ann.did, {ann.did: "Ann"})
    assert (found.name, found.calls_itself, found.place, found.about) == (
        "Ann",
        "The Great Ann",
        "永泰",
        "rice",
    )
    assert found.addresses == ("https://new.example",)
    assert people.person(db.read, ROOM, ann.did, {}).name == ""


def test_successors_are_shown_and_two_of_them_are_a_warning(db: Database, ann: Participant) -> None:
    new, other = Participant("new").did, Participant("other").did
    ann.say(Successor(successor=new))
    ann.arrive(db)
    found = people.person(db.read, ROOM, ann.did, {})
    assert (found.successors, found.is_in_two_hands) == ((new,), False)
    assert people.person(db.read, ROOM, new, {}).predecessors == (ann.did,)
    assert people.person(db.read, ROOM, new, {}).standing is Standing.UNVOUCHED
    ann.say(Successor(successor=other))
    ann.arrive(db)
    found = people.person(db.read, ROOM, ann.did, {})
    assert (found.successors, found.is_in_two_hands) == (tuple(sorted((new, other))), True)


def test_listings_end_when_they_say(db: Database, ann: Participant) -> None:
    ann.say(Listing(title={"zh": "大米"}, text={"en": "new"}, until_ms=START_MS + 20))
    ann.say(Listing(title={"en": "Jackets"}, until_ms=START_MS + 10, wants=True))
    ann.arrive(db)

    def titles(room: str, now_ms: int) -> list[object]:
        return [dict(one.title) for one in people.listings(db.read, room, now_ms=now_ms)]

    assert titles(ROOM, START_MS) == [{"en": "Jackets"}, {"zh": "大米"}]
    assert titles(ROOM, START_MS + 10) == [{"zh": "大米"}]
    assert titles(ROOM, START_MS + 20) == []
    assert titles("another-room", START_MS) == []
    jackets, _ = people.listings(db.read, ROOM, now_ms=START_MS)
    assert (jackets.by, jackets.is_wanted, jackets.until_ms) == (ann.did, True, START_MS + 10)


def test_address_books_of_those_who_are_followed(db: Database, ann: Participant) -> None:
    card = Card(STRANGER, ("https://w.example",), "Wang")
    ann.say(CardEntry(card=cards.write(card)))
    ann.arrive(db)
    unknown = Participant("nobody follows me")
    unknown.say(CardEntry(card=cards.write(card)))
    unknown.arrive(db)
    (entry,) = people.book(db.read, ROOM)
    assert (entry.by, entry.card) == (ann.did, card)
    assert people.book(db.read, "another-room") == ()


def test_who_says_that_they_follow(db: Database, ann: Participant) -> None:
    ann.say(Follow(subject=STRANGER))
    ann.arrive(db)
    assert people.who_follows(db.read, STRANGER) == (ann.did,)
    assert people.who_follows(db.read, ann.did) == ()
