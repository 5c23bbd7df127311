"""`millpond peers`: cards in and out, check phrases compared, a list that says how things stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from participants import Participant
from small_nodes import set_up

from millpond.cli import main
from millpond.log.kinds import CardEntry, Profile, Successor, Vouch
from millpond.network import attachments, cards, exporting, keeping, phrases
from millpond.network.cards import Card
from millpond.node import own_log, peers
from millpond.node.node import Node
from millpond.store import logs

ANN, BOB = Participant("ann"), Participant("bob")
CARD = Card(ANN.did, ("https://a.example",), "Ann")
LINE = cards.write(CARD)
KEEPER = Card(Participant("keeper").did, ("https://k.example",), "County", is_keeper=True)


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    with Node(tmp_path / "data") as node:
        set_up(node)
    return tmp_path / "data"


def run(data: Path, *words: str, exit_code: int = 0, given: str | None = None) -> Result:
    """The command, which must end like this."""
    result = CliRunner().invoke(main, ["peers", *words, "--data", str(data)], input=given)
    assert result.exit_code == exit_code, result.output
    return result


def arrived(data: Path, *participants: Participant) -> None:
    """What they said was fetched."""
    with Node(data) as node:
        for one in participants:
            one.arrive(node.network)


def test_a_card_is_taken_in_and_its_phrase_shown(data: Path) -> None:
    said = run(data, "add", f"名片：{LINE}。", "--name", "Auntie Ann").output
    assert "Auntie Ann is in the list and followed." in said
    assert f"Check phrase: {' · '.join(phrases.both(ANN.did))}" in said
    assert "face to face or by phone" in said
    assert run(data).output == "Auntie Ann\tunvouched\t0 entries\tnever heard\n"
    assert "Noted for Auntie Ann" in run(data, "compared", "Auntie Ann").output
    assert run(data).output.startswith("Auntie Ann\tknown\t")
    run(data, "compared", "Auntie Ann", "--not")
    assert run(data).output.startswith("Auntie Ann\tunvouched\t")


def test_the_right_phrase_is_noted_and_a_wrong_one_refused(data: Path) -> None:
    english, chinese = phrases.both(ANN.did)
    said = run(data, "add", LINE, "--phrase", "sun dragon draft scheme", exit_code=2).output
    assert "this is not the check phrase of that card" in said
    assert "Nobody is in the list" in run(data).output
    assert "Check phrase" not in run(data, "add", LINE, "--phrase", chinese).output
    assert run(data).output.startswith("Ann\tknown\t")
    run(data, "compared", "Ann", "--phrase", "sun dragon draft scheme", exit_code=2)
    run(data, "compared", "Ann", "--phrase", english.upper())


@pytest.mark.parametrize("way", ["file", "standard input"])
def test_a_card_comes_in_a_file(data: Path, tmp_path: Path, way: str) -> None:
    text = cards.file_text(CARD, phrases.both(ANN.did))
    file = tmp_path / f"Ann{cards.FILE_ENDING}"
    file.write_text(text, encoding="utf-8")
    run(data, "add", str(file) if way == "file" else "-", given=text)
    assert ANN.did in run(data, "show", "Ann").output


def test_a_folder_with_a_log_is_followed(data: Path, tmp_path: Path) -> None:
    ANN.say(Profile(name="Ann"))
    with Node(data) as node:
        head = logs.head_by_id(node.network.read, ANN.arrive(node.network))
        exporting.export(node.network.read, head, tmp_path / "stick")
    run(data, "add", str(tmp_path / "stick"), "--name", "Ann")
    assert str(tmp_path / "stick") in run(data, "show", "Ann").output
    (tmp_path / "empty").mkdir()
    assert "has no log in it" in run(data, "add", str(tmp_path / "empty"), exit_code=2).output
    assert "no card is in it" in run(data, "add", "", exit_code=2).output
    assert "of this name is not here" in run(data, "add", "yongtai", exit_code=2).output


@pytest.mark.parametrize(
    ("card", "says"),
    [
        ("hello", "no card is in it"),
        (ANN.did, "this is an identity"),
        (LINE[:-4], "not whole"),
        (cards.write(KEEPER), "card of a keeper"),
        ("nowhere.millpond-card", "cannot read it"),
    ],
)
def test_what_is_no_card_is_one_message(data: Path, card: str, says: str) -> None:
    said = run(data, "add", card, exit_code=2).output
    assert says in said
    assert said.count("\n") == 1


def test_addresses_may_be_added_by_hand(data: Path, tmp_path: Path) -> None:
    run(
        data,
        "add",
        cards.write(Card(ANN.did, (), "Ann")),
        "--at",
        "https://mirror.example/",
        "--at",
        str(tmp_path),
    )
    shown = run(data, "show", "Ann").output
    assert re.findall(r"address +(.*)", shown) == ["https://mirror.example", str(tmp_path)]
    assert "neither an address" in run(data, "add", LINE, "--at", "ftp://x", exit_code=2).output
    assert "says no address" in run(data, "add", cards.write(Card(BOB.did, (), "Bob"))).output


def test_what_is_known_is_shown(data: Path) -> None:
    chen, dan = Participant("chen"), Participant("dan").did
    run(data, "add", cards.write(Card(chen.did, ("https://c.example",), "Chen")))
    chen.say(Profile(name="Chen the Great", place="永泰"))
    chen.say(Vouch(subject=dan, name="Dan"))
    arrived(data, chen)
    shown = run(data, "show", chen.did[:20]).output
    assert re.search(r"^calls itself +Chen the Great, 永泰$", shown, re.M)
    assert re.search(r"^standing +unvouched$", shown, re.M)
    assert re.search(r"^compared +not yet$", shown, re.M)
    assert re.search(r"^entries +2 here, 2 of them read$", shown, re.M)
    stranger = run(data, "show", dan).output
    assert re.search(r"^standing +vouched$", stranger, re.M)
    assert re.search(r"^vouched +by Chen, who calls them Dan$", stranger, re.M)
    assert re.search(r"^standing +unvouched$", run(data, "show", BOB.did).output, re.M)
    assert "Nobody in the list" in run(data, "show", "Zhao", exit_code=2).output


def test_the_list_is_changed(data: Path) -> None:
    run(data, "add", LINE)
    assert "not followed" in run(data, "unfollow", "Ann").output
    assert "Ann\tunvouched\t0 entries\tnot followed" in run(data).output
    run(data, "follow", "Ann")
    run(data, "rename", "Ann", "Auntie")
    assert run(data).output.startswith("Auntie\t")
    run(data, "remove", "Auntie")
    assert "Nobody is in the list" in run(data).output


def test_a_successor_is_followed_by_hand_alone(data: Path) -> None:
    eve, new = Participant("eve"), Participant("eve anew")
    run(data, "add", cards.write(Card(eve.did, ("https://e.example",), "Eve")))
    eve.say(Successor(successor=new.did))
    arrived(data, eve)
    assert f"goes on as {new.did}" in run(data).output
    wrong, right = phrases.phrase(eve.did), phrases.phrase(new.did)
    run(data, "succeeded", "Eve", new.did, "--phrase", wrong, exit_code=2)
    run(data, "succeeded", "Eve", new.did, "--phrase", right)
    assert f"Eve\tknown\t0 entries\tnever heard\nEve ({eve.did[-5:]})\t" in run(data).output


def test_cards_in_address_books_are_listed_and_nobody_is_added(data: Path) -> None:
    assert "no card in the book" in run(data, "book").output
    chen = Participant("chen")
    run(data, "add", cards.write(Card(chen.did, ("https://c.example",), "Chen")))
    chen.say(CardEntry(card=LINE))
    arrived(data, chen)
    assert run(data, "book").output == f"calls itself “Ann”\tin the book of Chen\t{LINE}\n"
    assert ANN.did not in run(data).output
    run(data, "add", LINE, "--name", "Auntie")
    assert run(data, "book").output.startswith("Auntie\tin the book of Chen")


def test_the_own_card_as_line_file_and_code(data: Path, tmp_path: Path) -> None:
    assert "said nothing yet" in run(data, "card", exit_code=2).output
    with Node(data) as node:
        room = node.room("pond")
        assert room is not None
        own_log.say(node, room, "profile/1", {"name": "永泰"})
        did = own_log.ensure(node, room)
    file, code = tmp_path / "own.millpond-card", tmp_path / "own.png"
    said = run(data, "card", "--public-url", "https://pond.example", "--qr", str(code), "--file", str(file))
    card = Card(did, ("https://pond.example",), "永泰")
    assert said.stdout == cards.write(card) + "\n"
    assert " · ".join(phrases.both(did)) in said.stderr
    assert cards.read(file.read_bytes()) == card
    assert code.read_bytes().startswith(b"\x89PNG")
    assert "no address that others can reach" in run(data, "card").stderr
    keeper = run(data, "card", "--keeper", "--public-url", "https://pond.example").stdout
    assert cards.read(keeper).is_keeper


def test_keepers_are_chosen(data: Path) -> None:
    said = run(data, "keeper", "add", cards.write(KEEPER), "--no-witness").output
    assert "County is asked to carry it from now on" in said
    assert phrases.phrase(KEEPER.did) in said
    assert run(data, "keeper", "list").output == "County\tmirror\t0 entries\tnever heard\n"
    run(
        data, "keeper", "add", cards.write(KEEPER), "--name", "Fujian", "--phrase", phrases.phrase(KEEPER.did)
    )
    assert run(data, "keeper", "list").output == "Fujian\tmirror and witness\t0 entries\tnever heard\n"
    run(data, "keeper", "add", cards.write(KEEPER), "--phrase", "a b c d", exit_code=2)
    run(data, "keeper", "add", LINE, exit_code=2)
    run(data, "keeper", "remove", "Fujian")
    assert run(data, "keeper", "list").output == ""


def test_a_keeper_decides_what_is_carried(data: Path) -> None:
    run(data, "carry", LINE)
    run(data, "carry", BOB.did)
    assert run(data, "carried").output == f"{ANN.did}\t–\t0 bytes\n{BOB.did}\t–\t0 bytes\n"
    run(data, "leave", ANN.did)
    assert "and what was here is gone" in run(data, "leave", BOB.did, "--forget").output
    assert run(data, "carried").output == ""
    with Node(data) as node:
        assert keeping.is_known(node.network.read, BOB.did) is False
    run(data, "carry", "did:key:z6Mkx", exit_code=2)
    keeper = cards.write(cards.Card(BOB.did, ("https://weir.example",), is_keeper=True))
    assert "the card of a keeper" in run(data, "carry", keeper, exit_code=2).output


def test_a_keeper_says_how_much_is_kept(data: Path) -> None:
    before = run(data, "limits").output
    assert re.fullmatch(r"logs\t0 of 4,096 MB, one at most 256 MB\nattachments\t0 of 2,048 MB\n", before)
    after = run(data, "limits", "--log", "10", "--attachments", "0").output
    assert after == "logs\t0 of 4,096 MB, one at most 10 MB\nattachments\t0 of 0 MB\n"
    assert run(data, "limits").output == after


def test_a_keeper_refuses_an_attachment(data: Path) -> None:
    hash = sha256(b"x").hexdigest()
    run(data, "refuse", hash)
    with Node(data) as node:
        assert attachments.refused(node.network.read) == (hash,)
    run(data, "allow", hash)
    assert "not refused here" in run(data, "allow", hash, exit_code=2).output
    run(data, "refuse", "rice.jpg", exit_code=2)


def test_one_of_several_rooms_is_named(data: Path) -> None:
    with Node(data) as node:
        set_up(node, "lake")
    assert "which room?" in run(data, "add", LINE, exit_code=2).output
    run(data, "add", LINE, "--room", "lake")
    with Node(data) as node:
        found = [node.room(slug) for slug in ("pond", "lake")]
        assert [len(peers.peers(room.db.read)) for room in found if room is not None] == [0, 1]
