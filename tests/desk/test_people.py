"""Owner and helpers: invited once, allowed what their roles say, gone when they have left."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from millpond.desk import people, room
from millpond.desk.people import INVITATION_MS, Role
from millpond.desk.refusals import Refused
from millpond.desk.room import Profile
from millpond.store import Database, Rows, open_room

NOW = 1_795_000_000_000


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    """A room with its owner Li."""
    profile = Profile(
        name="Pond", is_community=True, is_maker=False, currency="CNY", language="zh", time_zone="UTC"
    )

    def begin(rows: Rows) -> None:
        room.create(rows, profile, id="00", now_ms=NOW)
        people.create_owner(rows, " Li  Mei ", passphrase_hash="hash of Li", now_ms=NOW)

    with open_room(tmp_path / "room.db") as db:
        db.write(begin)
        yield db


def invite(db: Database, name: str, *roles: Role) -> tuple[int, str]:
    person, token = db.write(lambda rows: people.invite(rows, name, roles, by=1, now_ms=NOW))
    return person.id, token


def take_up(db: Database, token: str, hash: str = "hash", now_ms: int = NOW) -> people.Person:
    return db.write(lambda rows: people.take_up(rows, token, passphrase_hash=hash, now_ms=now_ms))


def test_the_owner_may_everything_and_there_is_one(db: Database) -> None:
    owner = people.owner(db.read)
    assert owner is not None
    assert owner.name == "Li Mei"
    assert owner.is_owner
    assert all(owner.may(role) for role in Role)
    with pytest.raises(Refused):
        db.write(lambda rows: people.create_owner(rows, "Wu", passphrase_hash="x", now_ms=NOW))
    with pytest.raises(Refused, match="stays"):
        db.write(lambda rows: people.end_access(rows, owner.id, by=1, now_ms=NOW))
    with pytest.raises(Refused, match="stays"):
        db.write(lambda rows: people.change_roles(rows, owner.id, [], by=1, now_ms=NOW))
    with pytest.raises(Refused):
        invite(db, "Wu", Role.OWNER)


@pytest.mark.parametrize(
    "given", [(), (Role.COLLECTS,), (Role.HANDS_OUT,), (Role.KEEPS_MONEY, Role.COLLECTS)]
)
def test_a_helper_may_what_the_roles_say(db: Database, given: tuple[Role, ...]) -> None:
    id, token = invite(db, "Wang", *given)
    helper = take_up(db, token)
    assert helper.id == id
    assert {role for role in Role if helper.may(role)} == set(given)
    assert not helper.is_owner
    db.write(lambda rows: people.change_roles(rows, id, [Role.HANDS_OUT], by=1, now_ms=NOW))
    changed = people.by_id(db.read, id)
    assert changed is not None
    assert changed.roles == {Role.HANDS_OUT}


def test_an_invitation_is_taken_up_once_within_a_week(db: Database) -> None:
    id, token = invite(db, "Wang", Role.COLLECTS)
    assert len(token) >= 22  # 128 bits and more
    waiting = people.by_id(db.read, id)
    assert waiting is not None
    assert not waiting.has_passphrase
    assert waiting.invited_until_ms == NOW + INVITATION_MS
    assert people.known_by(db.read, "Wang") is None
    assert people.invited(db.read, token, now_ms=NOW + INVITATION_MS - 1) == waiting
    for wrong, when in ((token, NOW + INVITATION_MS), (token[:-1], NOW), ("", NOW), ("x" * 10_000, NOW)):
        assert people.invited(db.read, wrong, now_ms=when) is None
        with pytest.raises(Refused, match="used already, or is too old"):
            take_up(db, wrong, now_ms=when)
    came = take_up(db, token, "hash of Wang")
    assert came.has_passphrase
    assert came.invited_until_ms is None
    assert people.known_by(db.read, "Wang") == (came, "hash of Wang")
    with pytest.raises(Refused):
        take_up(db, token, "hash of somebody else")
    assert people.known_by(db.read, "Wang") == (came, "hash of Wang")


def test_the_token_is_not_kept(db: Database) -> None:
    _, token = invite(db, "Wang")
    assert token.encode() not in db.path.read_bytes() + db.path.with_name("room.db-wal").read_bytes()


def test_a_new_link_for_a_lost_passphrase(db: Database) -> None:
    id, first = invite(db, "Wang", Role.COLLECTS)
    take_up(db, first, "old")
    db.write(
        lambda rows: rows.run(
            "people.add_passkey", id="k", person=id, public_key=b"", sign_count=0, name="phone", now_ms=NOW
        )
    )
    second = db.write(lambda rows: people.invite_again(rows, id, by=1, now_ms=NOW))
    third = db.write(lambda rows: people.invite_again(rows, id, by=1, now_ms=NOW))
    assert people.invited(db.read, second, now_ms=NOW) is None
    assert people.known_by(db.read, "Wang")[1] == "old"  # type: ignore[index]
    take_up(db, third, "new")
    assert people.known_by(db.read, "Wang")[1] == "new"  # type: ignore[index]
    assert db.read.all("people.passkeys_of", person=id) == []


def test_who_has_left_is_found_by_nothing(db: Database) -> None:
    id, token = invite(db, "Wang", Role.COLLECTS)
    take_up(db, token)
    again = db.write(lambda rows: people.invite_again(rows, id, by=1, now_ms=NOW))
    db.write(
        lambda rows: rows.run(
            "people.add_passkey", id="k", person=id, public_key=b"", sign_count=0, name="phone", now_ms=NOW
        )
    )
    db.write(lambda rows: people.end_access(rows, id, by=1, now_ms=NOW))
    assert people.by_id(db.read, id) is None
    assert people.known_by(db.read, "Wang") is None
    assert people.invited(db.read, again, now_ms=NOW) is None
    assert db.read.one("people.passkey", id="k") is None
    assert [person.name for person in people.everyone(db.read)] == ["Li Mei"]
    for change in (
        lambda rows: people.change_roles(rows, id, [Role.KEEPS_MONEY], by=1, now_ms=NOW),
        lambda rows: people.invite_again(rows, id, by=1, now_ms=NOW),
        lambda rows: people.set_passphrase(rows, id, "x", now_ms=NOW),
        lambda rows: people.end_access(rows, id, by=1, now_ms=NOW),
    ):
        with pytest.raises(Refused, match="does not work here"):
            db.write(change)
    invite(db, "Wang")  # the name is free again


def test_names_tell_people_apart(db: Database) -> None:
    for taken in ("Li Mei", "li mei", "ＬＩ ＭＥＩ", "LiMei"):
        with pytest.raises(Refused, match="has this name"):
            invite(db, taken)
    for bad in ("", "   ", "x" * 61):
        with pytest.raises(Refused):
            invite(db, bad)
    id, _ = invite(db, "Wang")
    with pytest.raises(Refused):
        db.write(lambda rows: people.rename(rows, id, "LI MEI", by=1, now_ms=NOW))
    db.write(lambda rows: people.rename(rows, id, "WANG ", by=1, now_ms=NOW))
    assert people.by_id(db.read, id).name == "WANG"  # type: ignore[union-attr]


def test_a_passphrase_is_enough_while_one_person_has_one(db: Database) -> None:
    assert not people.asks_name(db.read)
    assert people.known_by(db.read, "")[0].name == "Li Mei"  # type: ignore[index]
    assert people.known_by(db.read, " ｌｉ mei")[0].name == "Li Mei"  # type: ignore[index]
    _, token = invite(db, "Wang")
    assert not people.asks_name(db.read)
    take_up(db, token)
    assert people.asks_name(db.read)
    assert people.known_by(db.read, "") is None
    assert people.known_by(db.read, "Zhao") is None


def test_the_journal_tells_who_did_what_without_names(db: Database) -> None:
    id, token = invite(db, "Wang Secret", Role.COLLECTS)
    take_up(db, token)
    db.write(lambda rows: people.end_access(rows, id, by=1, now_ms=NOW))
    with closing(sqlite3.connect(db.path)) as connection:
        told = connection.execute("SELECT what, person, details FROM journal ORDER BY id").fetchall()
    assert [what for what, *_ in told[-3:]] == ["person.invited", "person.came", "person.left"]
    assert [person for _, person, _ in told[-3:]] == [1, id, 1]
    assert "Secret" not in str(told)
