"""A room's own log: its key, saying things in it, and going on under a new key."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

import pytest
from small_nodes import set_up
from talking import LISTING, check_whole, room_of, speak

from millpond.desk.refusals import Refused
from millpond.errors import InputError
from millpond.log import inclusion, kinds, statement
from millpond.log.keys import Key
from millpond.node import own_log
from millpond.node.node import Node
from millpond.node.own_keys import State, Why, current, keys
from millpond.node.own_log import Saying
from millpond.store import Rows, logs


def test_a_room_gets_its_key_when_it_first_says_something(pond: Node) -> None:
    room = room_of(pond)
    assert current(room.db.read) is None
    assert list(own_log.own_logs(pond)) == []
    with pytest.raises(Refused, match="said nothing yet"):
        own_log.open_key(pond, room)
    receipt = own_log.say(pond, room, "profile/1", {"name": "平塘"})
    key = current(room.db.read)
    assert key is not None
    assert (key.state, key.why, key.has_seed) == (State.OPEN, "", True)
    assert own_log.ensure(pond, room) == key.did
    assert (receipt.position, receipt.is_new) == (0, True)
    [(slug, head)] = own_log.own_logs(pond)
    assert (slug, head.origin, head.size) == ("pond", key.did, 1)
    found = own_log.find(pond, key.hash)
    assert found is not None
    assert found.slug == "pond"
    assert own_log.find(pond, "0" * 64) is None


def test_the_seed_lies_sealed(pond: Node) -> None:
    room = room_of(pond)
    own_log.ensure(pond, room)
    key = own_log.open_key(pond, room)
    pond.close()
    for path in pond.data.rglob("*.db*"):
        assert key.seed not in path.read_bytes()


def test_a_receipt_proves_the_statement(pond: Node) -> None:
    room = room_of(pond)
    receipts = [own_log.say(pond, room, "listing/1", LISTING, time_ms=number) for number in range(5)]
    head = logs.head(room.db.read, own_log.ensure(pond, room))
    assert head is not None
    for receipt in receipts:
        entry = logs.entry(room.db.read, head.id, receipt.position)
        assert entry is not None
        assert inclusion.check(receipt.text, entry, head.origin).checkpoint.size == receipt.position + 1
        with pytest.raises(InputError):
            inclusion.check(receipt.text, entry.replace(b"Rice", b"Salt"), head.origin)
    assert check_whole(room) == 5


def test_many_at_once_share_one_checkpoint(pond: Node) -> None:
    room = room_of(pond)
    receipts = own_log.say_all(
        pond, room, [Saying("listing/1", LISTING, (), number) for number in range(300)]
    )
    assert [receipt.position for receipt in receipts] == list(range(300))
    heads = {inclusion.parse(receipt.text).checkpoint.note for receipt in receipts}
    assert len(heads) == 1
    assert check_whole(room) == 300


def test_one_that_is_wrong_among_many_says_nothing(pond: Node) -> None:
    room = room_of(pond)
    with pytest.raises(InputError, match="until_ms"):
        own_log.say_all(
            pond, room, [Saying("listing/1", LISTING), Saying("listing/1", {"title": {"en": "Rice"}})]
        )
    assert list(own_log.own_logs(pond)) == []


def test_the_same_bytes_have_one_place(pond: Node) -> None:
    room = room_of(pond)
    first = own_log.say(pond, room, "listing/1", LISTING, time_ms=1)
    own_log.say(pond, room, "listing/1", LISTING, time_ms=2)
    again = own_log.say(pond, room, "listing/1", LISTING, time_ms=1)
    assert (again.position, again.sid, again.is_new) == (0, first.sid, False)
    assert check_whole(room) == 2


def test_a_statement_stands_with_what_it_is_about_or_not_at_all(pond: Node) -> None:
    room = room_of(pond)
    own_log.ensure(pond, room)
    key = own_log.open_key(pond, room)

    def fails(rows: Rows) -> None:
        rows.run("own_log.set_seed", did=key.did, seed=b"gone", is_sealed=True)
        own_log.say_in(rows, key, Saying("listing/1", LISTING), now_ms=1)
        raise InputError("after all, no")

    with pytest.raises(InputError, match="after all"):
        room.db.write(fails)
    assert list(own_log.own_logs(pond)) == []
    room.db.write(lambda rows: own_log.say_in(rows, key, Saying("listing/1", LISTING), now_ms=1))
    assert own_log.open_key(pond, room).seed == key.seed
    assert check_whole(room) == 1


def test_an_entry_signed_elsewhere(pond: Node) -> None:
    room = room_of(pond)
    own_log.ensure(pond, room)
    key = own_log.open_key(pond, room)
    entry = statement.sign(statement.write("later/7", key.did, 5, {"anything": [1]}), key)
    assert own_log.append(pond, room, entry).position == 0
    stranger = Key(bytes(32))
    for bad in (
        statement.sign(statement.write("later/7", stranger.did, 5, {}), stranger),
        entry[:-2] + b"\n",
        b"rice\n",
    ):
        with pytest.raises(InputError):
            own_log.append(pond, room, bad)
    ends = statement.sign(kinds.write_body(kinds.Successor(successor=stranger.did), key.did, 5), key)
    with pytest.raises(InputError, match="log succeed"):
        own_log.append(pond, room, ends)
    assert check_whole(room) == 1


def test_a_key_that_began_to_rest_signs_nothing(pond: Node) -> None:
    """Also for who opened it before."""
    room = room_of(pond)
    speak(pond, room, 2)
    key = own_log.open_key(pond, room)
    room.db.write(lambda rows: own_log.rest(rows, Why.ELSEWHERE, now_ms=1))
    with pytest.raises(Refused, match="rests"):
        room.db.write(lambda rows: own_log.say_in(rows, key, Saying("listing/1", LISTING), now_ms=1))
    for attempt in (
        lambda: own_log.open_key(pond, room),
        lambda: own_log.say(pond, room, "listing/1", LISTING),
        lambda: own_log.append(
            pond, room, statement.sign(statement.write("listing/1", key.did, 9, LISTING), key)
        ),
    ):
        with pytest.raises(Refused, match="rests"):
            attempt()
    assert own_log.ensure(pond, room) == key.did
    assert check_whole(room) == 2


def test_attachments_stay_with_the_room(pond: Node) -> None:
    room = room_of(pond)
    one = room.db.write(
        lambda rows: own_log.attach_in(rows, b"a picture", "image/jpeg", "rice.jpg", now_ms=1)
    )
    own_log.say(pond, room, "listing/1", LISTING, attachments=[one])
    assert own_log.attachment(room.db.read, one.sha256) == b"a picture"
    assert own_log.attachment(room.db.read, "0" * 64) is None
    with pytest.raises(InputError, match="at most"):
        room.db.write(
            lambda rows: own_log.attach_in(rows, bytes(9 * 2**20), "image/jpeg", "big.jpg", now_ms=1)
        )


# ---- going on under a new key


def test_an_open_log_ends_with_its_successor(pond: Node) -> None:
    room = room_of(pond)
    speak(pond, room, 2)
    old = own_log.open_key(pond, room)
    new = own_log.succeed(pond, room)
    assert [(key.did, key.state, key.why) for key in keys(room.db.read)] == [
        (new, State.OPEN, ""),
        (old.did, State.ENDED, Why.SUCCEEDED),
    ]
    ended, begun = logs.head(room.db.read, old.did), logs.head(room.db.read, new)
    assert ended is not None
    assert begun is not None
    assert (ended.size, begun.size) == (3, 1)
    last = logs.entry(room.db.read, ended.id, 2)
    first = logs.entry(room.db.read, begun.id, 0)
    assert last is not None
    assert first is not None
    said = kinds.understand(statement.read(first, new))
    assert isinstance(said, kinds.Predecessor)
    assert said.entry == b64encode(last).decode()
    assert said.check(new) == old.did
    assert {head.origin for _, head in own_log.own_logs(pond)} == {old.did, new}
    speak(pond, room, 1)
    assert check_whole(room) == 2
    entry = statement.sign(statement.write("listing/1", old.did, 99, LISTING), old)
    with pytest.raises(Refused, match="another key"):
        room.db.write(lambda rows: own_log.append_in(rows, old, [entry]))


def test_a_resting_log_gets_no_new_checkpoint_from_it(pond: Node) -> None:
    room = room_of(pond)
    speak(pond, room, 2)
    old = own_log.ensure(pond, room)
    before = logs.head(room.db.read, old)
    room.db.write(lambda rows: own_log.rest(rows, Why.RESTORED, now_ms=1))
    new = own_log.succeed(pond, room)
    assert logs.head(room.db.read, old) == before
    begun = logs.head(room.db.read, new)
    assert begun is not None
    first = logs.entry(room.db.read, begun.id, 0)
    assert first is not None
    said = kinds.understand(statement.read(first, new))
    assert isinstance(said, kinds.Predecessor)
    assert said.check(new) == old


def test_without_the_old_seed_nothing_shows_the_succession(pond: Node) -> None:
    room = room_of(pond)
    speak(pond, room, 2)
    old = own_log.ensure(pond, room)
    room.db.write(lambda rows: rows.run("own_log.set_seed", did=old, seed=None, is_sealed=True))
    with pytest.raises(Refused, match="not here"):
        own_log.succeed(pond, room)
    new = own_log.succeed(pond, room, without_old=True)
    head = logs.head(room.db.read, new)
    assert head is not None
    assert (head.size, len(keys(room.db.read))) == (0, 2)
    speak(pond, room, 1)
    assert check_whole(room) == 1


def test_two_processes_say_things_at_once(pond: Node, tmp_path: Path) -> None:
    """Beside the owner: the edge is read inside each transaction."""
    from threading import Thread

    own_log.ensure(pond, room_of(pond))
    with Node(pond.data, beside=True) as other:
        threads = [
            Thread(target=speak, args=(node, room_of(node), 20, at)) for at, node in enumerate((pond, other))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert check_whole(room_of(pond)) == 40


def test_the_key_of_the_node_is_gone(pond: Node) -> None:
    speak(pond, room_of(pond), 1)
    pond.close()
    (pond.data / "node.key").unlink()
    with Node(pond.data) as again, pytest.raises(InputError, match="put the file back"):
        own_log.say(again, room_of(again), "listing/1", LISTING)


def test_a_room_that_is_removed_is_asked_for_in_vain(pond: Node) -> None:
    set_up(pond, "weir")
    speak(pond, room_of(pond, "weir"), 1)
    [(_, head)] = own_log.own_logs(pond)
    pond.remove_room("weir")
    assert own_log.find(pond, head.hash) is None
    assert list(own_log.own_logs(pond)) == []
