"""`millpond log follow`, `unfollow`, `sync`: what they say, and how they end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from static_logs import key_of, write_log
from talking import check_log

from millpond.cli import main
from millpond.cli.log.following import _failed, _line
from millpond.log import kinds, statement
from millpond.network import addresses, cards
from millpond.network.cards import Card
from millpond.node.node import Node
from millpond.node.schedule import Kind
from millpond.node.syncing import Synced
from millpond.store import logs

KEY = key_of(1)
Run = Callable[..., Result]


@pytest.fixture
def run(data: Path) -> Run:
    def go(*arguments: str | Path) -> Result:
        return CliRunner().invoke(main, ["log", *map(str, arguments), "--data", str(data)])

    return go


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    """A folder with somebody's log: a profile, and two statements of a kind that nobody knows."""
    return write_log(tmp_path / "stick", said(3), KEY)


def said(count: int) -> list[bytes]:
    profile = kinds.write_body(kinds.Profile(name="Yongtai"), KEY.did, 1)
    notes = [statement.write("note/1", KEY.did, number, {"n": number}) for number in range(1, count)]
    return [statement.sign(payload, KEY) for payload in (profile, *notes)]


def test_a_log_on_a_stick_is_followed_and_synced(run: Run, data: Path, stick: Path) -> None:
    done = run("follow", stick, "--name", "Yongtai")
    assert done.exit_code == 0, done.output
    assert done.output.startswith("Yongtai is followed.\n")
    assert "Check phrase: " in done.output
    assert run("sync").output == f"Yongtai\t3 new, 3 statements\tfrom {stick}\n"
    assert run("sync").output == f"Yongtai\tnothing new, 3 statements\tfrom {stick}\n"
    write_log(stick, said(300), KEY)
    assert run("sync").output == f"Yongtai\t297 new, 300 statements\tfrom {stick}\n"
    with Node(data) as node:
        assert check_log(node.network.read, KEY.did) == 300


def test_a_stick_that_is_not_there_is_said(run: Run, stick: Path) -> None:
    run("follow", stick, "--name", "Yongtai")
    stick.rename(stick.with_name("away"))
    done = run("sync")
    assert done.exit_code == 1
    assert done.output.startswith("Yongtai\tNOT: ")
    assert "millpond: not everything could be exchanged: Yongtai\n" in done.output
    stick.with_name("away").rename(stick)
    assert run("sync").exit_code == 0  # nobody waits for who failed a moment ago


def test_a_card_a_did_and_more_addresses(run: Run, data: Path, stick: Path) -> None:
    card = cards.write(Card(key_of(2).did, ("https://two.example",), "Two"))
    assert run("follow", card).output.startswith("Two is followed.\n")
    done = run("follow", KEY.did, "--at", "https://mirror.example/", "--at", stick)
    assert done.exit_code == 0, done.output
    with Node(data) as node:
        known = logs.head(node.network.read, KEY.did)
        assert known is not None
        found = [source.address for source in addresses.of_log(node.network.read, known.id)]
    assert found == [f"https://mirror.example/logs/{known.hash}", str(stick)]


def test_a_did_alone_has_no_address(run: Run) -> None:
    assert "say where it is with --at" in run("follow", KEY.did, "--name", "Yongtai").output
    done = run("sync")
    assert (done.exit_code, "NOT: no address of it is known" in done.output) == (1, True)


@pytest.mark.parametrize("whom", ["did:key:zNobody", "millpond:nothing", "nowhere.txt"])
def test_what_is_no_card_is_refused(run: Run, whom: str) -> None:
    done = run("follow", whom)
    assert done.exit_code == 2
    assert done.output.startswith("millpond: ")


def test_who_is_not_followed_is_not_asked(run: Run, stick: Path) -> None:
    run("follow", stick, "--name", "Yongtai")
    assert run("unfollow", "Yongtai").output == "Yongtai is not followed any more.\n"
    done = run("sync")
    assert (done.exit_code, done.output.startswith("Nobody is followed")) == (0, True)
    assert run("unfollow", "Nobody").exit_code == 2


def one(kind: Kind, did: str, problem: str = "", **how: int) -> Synced:
    return Synced(kind=kind, did=did, name=did, address="https://x.example", problem=problem, **how)


def test_one_source_of_several_may_fail_and_no_keeper() -> None:
    done = (
        one(Kind.PULL, "a"),
        one(Kind.PULL, "a", "is off"),
        one(Kind.PULL, "b", "is off"),
        one(Kind.PULL, "b", "is off, too"),
        one(Kind.PUSH, "c"),
        one(Kind.PUSH, "c", "is off"),
    )
    assert _failed(done) == ["b", "c"]


def test_lines() -> None:
    assert _line(one(Kind.PUSH, "x" * 30, size=1_234_567, came=1_000)) == (
        f"{'x' * 23}…\t1,000 new, 1,234,567 statements\tto https://x.example"
    )
