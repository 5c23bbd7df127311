"""A room's list of whom it knows and follows: it counts, moves with the room, other rows follow it."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest
from participants import Participant
from small_nodes import START_MS, Clock, set_up

from millpond.desk.refusals import Refused
from millpond.errors import InputError, Unreachable
from millpond.log import note
from millpond.log.kinds import Profile, Successor, Vouch
from millpond.network import addresses, following
from millpond.network.cards import Card
from millpond.network.people import Standing
from millpond.node import keepers, moving, own_cards, own_log, peers
from millpond.node.node import Node, OpenRoom
from millpond.node.peers import Met
from millpond.store import Rows, logs
from millpond.store.logs import origin_hash

ANN, BOB = Participant("ann"), Participant("bob")
CARD = Card(ANN.did, ("https://a.example", "http://10.0.0.2:8440/x"), "Ann")
KEEPER = Card(Participant("keeper").did, ("https://k.example",), "County", is_keeper=True)


@pytest.fixture
def room(pond: Node) -> OpenRoom:
    found = pond.room("pond")
    assert found is not None
    return found


def followed(node: Node, room: str = "pond") -> dict[str, set[str]]:
    """What the network's rows say that a room follows, and where."""
    rows, found = node.network.read, {}
    for row in rows.all("network_people.followed", room=room):
        head = logs.head(rows, row["origin"])
        assert head is not None
        found[row["origin"]] = {one.address for one in addresses.of_log(rows, head.id)}
    return found


def test_a_card_comes_into_the_list_and_is_followed(pond: Node, room: OpenRoom) -> None:
    peer = peers.meet(pond, room, CARD, met=Met.PASTE)
    assert (peer.did, peer.name, peer.addresses, peer.is_followed) == (ANN.did, "Ann", CARD.addresses, True)
    assert (peer.met, peer.added_ms, peer.compared_ms) == (Met.PASTE, START_MS, None)
    hash = origin_hash(ANN.did)
    assert followed(pond) == {
        ANN.did: {f"https://a.example/logs/{hash}", f"http://10.0.0.2:8440/x/logs/{hash}"}
    }
    peers.note_compared(room, ANN.did, now_ms=5)
    assert peers.find(room.db.read, "Ann").compared_ms == 5


def test_met_again_they_keep_their_name_and_get_addresses(pond: Node, room: OpenRoom, tmp_path: Path) -> None:
    peers.meet(pond, room, CARD, name="Auntie", met=Met.PASTE, is_followed=False)
    assert followed(pond) == {}
    again = peers.meet(
        pond, room, Card(ANN.did, ("https://new.example",), "ANN!"), met=Met.LAN, also_at=[str(tmp_path)]
    )
    assert again.name == "Auntie"
    assert again.addresses == (str(tmp_path), "https://new.example", *CARD.addresses)
    assert again.met is Met.PASTE
    assert str(tmp_path) in followed(pond)[ANN.did]


@pytest.mark.parametrize("who", ["Ann", ANN.did, ANN.did[:20], ANN.did.removeprefix("did:key:")[:9]])
def test_found_by_name_or_identity(pond: Node, room: OpenRoom, who: str) -> None:
    peers.meet(pond, room, CARD, met=Met.PASTE)
    assert peers.find(room.db.read, who).did == ANN.did


@pytest.mark.parametrize("who", ["", "An", "z6Mk", "did:key:z6Mk"])
def test_not_found_is_refused(pond: Node, room: OpenRoom, who: str) -> None:
    peers.meet(pond, room, CARD, met=Met.PASTE)
    peers.meet(pond, room, Card(BOB.did, (), "Bob"), met=Met.PASTE)
    with pytest.raises(Refused, match="Nobody in the list is called that"):
        peers.find(room.db.read, who)


def test_two_of_one_name_would_be_mixed_up(pond: Node, room: OpenRoom) -> None:
    peers.meet(pond, room, CARD, met=Met.PASTE)
    with pytest.raises(Refused, match="has the name “Ann”"):
        peers.meet(pond, room, Card(BOB.did, (), "Ann"), met=Met.PASTE)
    assert [one.did for one in peers.peers(room.db.read)] == [ANN.did]
    peers.meet(pond, room, Card(BOB.did, (), "Ann"), name="Ann from the mill", met=Met.PASTE)
    with pytest.raises(Refused, match="has the name"):
        peers.rename(pond, room, BOB.did, "Ann")
    for name in ("", " ", "a\nb", "x" * 121, "\u202egnaW"):
        with pytest.raises(Refused, match="one line of 1 to 120"):
            peers.rename(pond, room, BOB.did, name)
    assert peers.rename(pond, room, BOB.did, " Bob ").name == "Bob"


def test_a_card_without_a_name_is_called_by_its_key(pond: Node, room: OpenRoom) -> None:
    assert peers.meet(pond, room, Card(BOB.did), met=Met.FILE).name == BOB.did[8:20]


def test_nobody_follows_themselves_or_a_keeper(pond: Node, room: OpenRoom) -> None:
    did = own_log.ensure(pond, room)
    with pytest.raises(Refused, match="your own card"):
        peers.meet(pond, room, Card(did, (), "me"), met=Met.PASTE)
    with pytest.raises(Refused, match="card of a keeper"):
        peers.meet(pond, room, KEEPER, met=Met.PASTE)
    assert peers.peers(room.db.read) == ()


def test_a_full_list_takes_nobody(pond: Node, room: OpenRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "MOST_PEERS", 1)
    peers.meet(pond, room, CARD, met=Met.PASTE)
    with pytest.raises(Refused, match="at most 1"):
        peers.meet(pond, room, Card(BOB.did, (), "Bob"), met=Met.PASTE)


def test_followed_no_longer_and_forgotten(pond: Node, room: OpenRoom) -> None:
    set_up(pond, "other")
    other = pond.room("other")
    assert other is not None
    for where in (room, other):
        peers.meet(pond, where, CARD, met=Met.PASTE)
    ANN.say(Profile(name="Ann"))
    ANN.arrive(pond.network)
    assert not peers.unfollow(pond, room, ANN.did).is_followed
    assert (ANN.did in followed(pond), ANN.did in followed(pond, "other")) == (False, True)
    assert peers.follow(pond, room, ANN.did).is_followed
    peers.forget(pond, room, ANN.did)
    assert peers.peers(room.db.read) == ()
    assert logs.head(pond.network.read, ANN.did) is not None, "the other room follows it"
    peers.forget(pond, other, ANN.did)
    assert logs.head(pond.network.read, ANN.did) is None
    with pytest.raises(Refused, match="Nobody in the list"):
        peers.forget(pond, other, ANN.did)


def test_the_list_counts_after_a_crash(pond: Node, room: OpenRoom) -> None:
    peers.meet(pond, room, CARD, met=Met.PASTE)
    pond.network.write(lambda rows: following.unfollow(rows, "pond", ANN.did))  # as if it never came to it
    pond.network.write(lambda rows: following.follow(rows, "pond", BOB.did, ["https://b.example"]))
    pond.network.write(lambda rows: following.follow(rows, "gone", BOB.did, []))
    peers.bring_all_in_line(pond)
    assert list(followed(pond)) == [ANN.did]
    assert followed(pond, "gone") == {}


def test_where_they_say_their_log_is_it_is_asked_for(pond: Node, room: OpenRoom) -> None:
    chen = Participant("chen")
    peers.meet(pond, room, Card(chen.did, ("https://old.example",), "Chen"), met=Met.PASTE)
    chen.say(Profile(name="Chen", addresses=("https://new.example",)))
    chen.arrive(pond.network)
    peers.bring_in_line(pond, room)
    hash = origin_hash(chen.did)
    assert followed(pond)[chen.did] == {
        f"https://old.example/logs/{hash}",
        f"https://new.example/logs/{hash}",
    }


def test_the_list_moves_with_the_room(pond: Node, room: OpenRoom, tmp_path: Path) -> None:
    peers.meet(pond, room, CARD, met=Met.PASTE)
    keepers.add_keeper(room, KEEPER, now_ms=START_MS)
    moving.export_room(pond, "pond", tmp_path / "pond.zip", passphrase=None)
    with Node(tmp_path / "elsewhere", clock=Clock()) as elsewhere:
        moving.import_room(elsewhere, tmp_path / "pond.zip", "lake", passphrase=None)
        arrived = elsewhere.room("lake")
        assert arrived is not None
        assert peers.known(arrived.db.read) == {ANN.did: "Ann"}
        assert [one.name for one in keepers.keepers(arrived.db.read)] == ["County"]
        peers.bring_all_in_line(elsewhere)
        assert list(followed(elsewhere, "lake")) == [ANN.did]


def test_everybody_is_seen_with_what_is_known(pond: Node, room: OpenRoom) -> None:
    dan = Participant("dan")
    peers.meet(pond, room, Card(dan.did, ("https://d.example",), "Dan"), met=Met.PASTE)
    peers.meet(pond, room, Card(BOB.did, (), "Bob"), met=Met.BOOK, is_followed=False)
    dan.say(Profile(name="Daniel"))
    dan.say(Vouch(subject=BOB.did, name="Bobby"))
    id = dan.arrive(pond.network)
    (address,) = followed(pond)[dan.did]
    pond.network.write(lambda rows: addresses.asked(rows, id, address, now_ms=START_MS - 5))
    bob, seen = peers.seen(pond, room)
    assert (seen.person.calls_itself, seen.fetched.size, seen.fetched.read) == ("Daniel", 2, 2)
    assert (seen.fetched.heard_ms, seen.fetched.problem, seen.fetched.broken_at) == (START_MS - 5, "", None)
    assert (seen.person.standing, bob.person.standing) == (Standing.UNVOUCHED, Standing.VOUCHED)
    assert [(one.by, one.name) for one in bob.person.vouched_by] == [(dan.did, "Bobby")]
    assert bob.fetched.size == 0
    peers.note_compared(room, BOB.did, now_ms=START_MS)
    assert peers.seen(pond, room)[0].person.standing is Standing.KNOWN


def test_a_problem_is_one_when_every_source_has_one(pond: Node, room: OpenRoom) -> None:
    peers.meet(pond, room, CARD, met=Met.PASTE)
    head = logs.head(pond.network.read, ANN.did)
    assert head is not None
    first, second = (one.address for one in addresses.of_log(pond.network.read, head.id))
    for address, shown in ((first, ""), (second, "is off")):
        error = Unreachable("is off")
        pond.network.write(
            partial(addresses.failed, log=head.id, address=address, error=error, now_ms=START_MS)
        )
        assert following.fetched(pond.network.read, ANN.did).problem == shown


def test_the_successor_takes_the_name(pond: Node, room: OpenRoom) -> None:
    eve, new = Participant("eve"), Participant("eve anew")
    peers.meet(pond, room, Card(eve.did, ("https://e.example",), "Eve"), met=Met.PASTE)
    with pytest.raises(Refused, match="did not name this one"):
        peers.follow_successor(pond, room, eve.did, new.did)
    eve.say(Successor(successor=new.did))
    eve.arrive(pond.network)
    peer = peers.follow_successor(pond, room, eve.did, new.did)
    assert (peer.did, peer.name, peer.met, peer.addresses) == (
        new.did,
        "Eve",
        Met.SUCCESSOR,
        ("https://e.example",),
    )
    assert list(followed(pond)) == [new.did]
    assert peers.find(room.db.read, eve.did).name == f"Eve ({eve.did[-5:]})"


def test_keepers_are_chosen_and_left(room: OpenRoom) -> None:
    one = keepers.add_keeper(room, KEEPER, is_witness=False, now_ms=START_MS)
    assert (one.did, one.name, one.address) == (KEEPER.did, "County", "https://k.example")
    assert (one.is_mirror, one.is_witness, one.size, one.heard_ms) == (True, False, 0, None)
    again = keepers.add_keeper(room, KEEPER, name="The county", now_ms=START_MS)
    assert (again.name, again.is_witness) == ("The county", True)
    assert keepers.find_keeper(room.db.read, "The county") == again
    with pytest.raises(Refused, match="not the card of a keeper"):
        keepers.add_keeper(room, CARD, now_ms=START_MS)
    with pytest.raises(Refused, match="to carry your log, to witness it, or both"):
        keepers.add_keeper(room, KEEPER, is_mirror=False, is_witness=False, now_ms=START_MS)
    keepers.remove_keeper(room, KEEPER.did)
    assert keepers.keepers(room.db.read) == ()
    with pytest.raises(Refused, match="Nobody in the list"):
        keepers.remove_keeper(room, KEEPER.did)


def test_a_witness_of_another_kind_is_named_by_its_vkey(room: OpenRoom) -> None:
    vkey = note.vkey("witness.example/w1", note.COSIGNATURE, BOB.key.public)
    one = keepers.add_cosigner(
        room, vkey, "https://w.example/", name="W1", is_mirror=False, is_witness=True, now_ms=START_MS
    )
    assert (one.did, one.address) == (vkey, "https://w.example")
    with pytest.raises(InputError, match="key of a log"):
        keepers.add_cosigner(
            room,
            note.vkey("log.example", 1, BOB.key.public),
            "https://w.example",
            name="W1",
            is_mirror=False,
            is_witness=True,
            now_ms=START_MS,
        )


def test_cards_of_a_node(pond: Node, room: OpenRoom) -> None:
    assert own_cards.of_room(room, ["https://pond.example"]) is None
    keeper = own_cards.of_keeper(pond, "https://pond.example")
    assert (keeper.is_keeper, keeper.name, keeper.addresses) == (
        True,
        "pond.example",
        ("https://pond.example",),
    )
    assert own_cards.all_of(pond, "https://pond.example") == (keeper,)
    own_log.say(pond, room, "profile/1", {"name": "永泰"})
    keepers.add_keeper(room, KEEPER, now_ms=START_MS)
    card = own_cards.of_room(room, ["http://localhost:8440", "https://pond.example"])
    assert card is not None
    assert (card.name, card.addresses) == ("永泰", ("https://pond.example", "https://k.example"))
    assert own_cards.all_of(pond, "https://pond.example") == (
        Card(card.did, ("https://pond.example", "https://k.example"), "永泰"),
        keeper,
    )


def test_what_somebody_says_leads_nobody_into_their_own_network(pond: Node, room: OpenRoom) -> None:
    """But to who was met there: its address changes, and it says so in its log."""
    said = ("http://192.168.1.1/reboot", "http://localhost:9200", "https://pond.example")
    for person, at in ((ANN, "https://a.example"), (BOB, "http://192.168.1.7:8440")):
        peers.meet(pond, room, Card(person.did, (at,), person.did[-5:]), met=Met.PASTE)
    rows = pond.network
    for person in (ANN, BOB):
        head = logs.head(rows.read, person.did)
        assert head is not None
        rows.write(partial(_says_it_is_at, log=head.id, author=person.did, addresses=said))
    peers.bring_in_line(pond, room)
    found = {did: {one.partition("/logs/")[0] for one in at} for did, at in followed(pond).items()}
    assert found[ANN.did] == {"https://a.example", "https://pond.example"}
    assert found[BOB.did] == {"http://192.168.1.7:8440", *said}


def _says_it_is_at(rows: Rows, log: int, author: str, addresses: tuple[str, ...]) -> None:
    profile = {"name": "x", "about": "", "place": "", "addresses": json.dumps(addresses)}
    rows.run("network_people.set_profile", log=log, position=0, author=author, time_ms=1, **profile)


def test_addresses_of_a_log_are_bounded(pond: Node, room: OpenRoom) -> None:
    """Who names others each day fills nothing; the one that answered stays."""
    peers.meet(pond, room, CARD, met=Met.PASTE)
    head = logs.head(pond.network.read, ANN.did)
    assert head is not None
    good = addresses.of_log(pond.network.read, head.id)[0].address
    pond.network.write(lambda rows: addresses.asked(rows, head.id, good, now_ms=START_MS))
    for day in range(20):
        new = [f"https://a{day}-{number}.example" for number in range(8)]
        pond.network.write(partial(following.follow, room="pond", origin=ANN.did, at=new))
    found = [one.address for one in addresses.of_log(pond.network.read, head.id)]
    assert len(found) == addresses.MOST_OF_LOG
    assert good in found
    assert following.source_of(new[-1], ANN.did) in found
