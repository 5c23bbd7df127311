"""`millpond log`: shown, checked, exported, resumed, succeeded; keys in files; a move from node to node."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from commands import environment
from small_nodes import PASSPHRASE, set_up
from talking import LISTING, check_whole, file_of, room_of, speak

from millpond.cli import main
from millpond.log import checkpoint, equivocation
from millpond.log.keys import Key
from millpond.node import key_file, own_log, sealed
from millpond.node.node import Node
from millpond.node.own_keys import State, current
from millpond.store import logs

SALTED = "CAST(replace(CAST(entry AS TEXT), 'Rice', 'Salt') AS BLOB)"
"""The entry, changed, in SQL."""


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed, "PASSES", 1)
    monkeypatch.setattr(sealed, "MEMORY_KIB", 64)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A node whose room said three things."""
    with Node(tmp_path / "data") as node:
        set_up(node)
        speak(node, room_of(node), 3)
    return tmp_path / "data"


@pytest.fixture
def seal(tmp_path: Path) -> Path:
    """A file with a passphrase."""
    path = tmp_path / "seal.txt"
    path.write_text(PASSPHRASE + "\n", encoding="utf-8")
    return path


def run(*arguments: str | Path, input: str = "", code: int = 0) -> Result:
    result = CliRunner().invoke(main, [str(one) for one in arguments], prog_name="millpond", input=input)
    assert result.exit_code == code, result.output
    return result


def did_of(data: Path) -> str:
    with Node(data) as node:
        return own_log.ensure(node, room_of(node))


# ---- show, tail


def test_show(data: Path, tmp_path: Path) -> None:
    shown = run("log", "show", "--data", data).stdout
    assert f"log         {did_of(data)}\n" in shown
    assert "state       open" in shown
    assert "size        3\n" in shown
    with closing(sqlite3.connect(data / "rooms/pond/room.db")) as connection:
        connection.execute(
            "INSERT INTO keepers (did, name, address, is_mirror, is_witness, size, problem, added_ms) "
            "VALUES ('did:key:a', 'Weir', 'https://weir.example', 1, 0, 2, 'no answer', 1)"
        )
        connection.commit()
    shown = run("log", "show", "--data", data).stdout
    assert "mirror      Weir at https://weir.example, has 2 of 3; no answer" in shown
    with Node(tmp_path / "new") as node:
        set_up(node)
    assert "nothing yet" in run("log", "show", "--data", tmp_path / "new", code=2).stderr


def test_tail(data: Path) -> None:
    lines = run("log", "tail", "-n", "2", "--data", data).stdout.splitlines()
    assert [line.split("\t")[0] for line in lines] == ["1", "2"]
    assert lines[0].split("\t")[2] == "listing/1"
    assert '"en": "Rice"' in lines[0]
    assert run("log", "tail", "-n", "0", "--data", data).stdout == ""


def test_what_is_shown_of_a_statement_turns_no_terminal_around(data: Path) -> None:
    run(
        "say",
        "evil/1",
        "-",
        "--unknown",
        "--data",
        data,
        input=json.dumps({"a": "\x1b[2J\u202e", "b": "x" * 999}),
    )
    line = run("log", "tail", "-n", "1", "--data", data).stdout
    assert not any(ord(letter) < 32 and letter not in "\t\n" for letter in line)
    assert "\u202e" not in line
    assert len(line) < 300


def test_tail_follows(data: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "millpond", "log", "tail", "-n", "1", "--follow", "--data", str(data)],
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=environment() | {"PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("2\t")
    run("say", "listing/1", "-", "--data", data, input=json.dumps(LISTING | {"x_now": 1}))
    assert process.stdout.readline().startswith("3\t")
    process.terminate()
    process.communicate()


# ---- check


def test_check_own(data: Path) -> None:
    said = run("log", "check", "--data", data).stdout
    assert said.startswith(f"whole: {did_of(data)}\nsize 3, root ")


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        (f"UPDATE log_entries SET entry = {SALTED} WHERE position = 1", "entry 1"),
        ("DELETE FROM log_entries WHERE position = 2", "is missing"),
        ("UPDATE log_tiles SET hashes = zeroblob(96)", "tile/0/000.p/3"),
        ("UPDATE logs SET checkpoint = CAST(checkpoint || 'x' AS BLOB)", "signature"),
        ("DELETE FROM log_statements", "sid"),
        ("UPDATE logs SET size = 2, checked = 2", "over 3 entries"),
    ],
)  # fmt: skip
def test_check_finds_what_is_wrong(data: Path, sql: str, why: str) -> None:
    with closing(sqlite3.connect(data / "rooms/pond/room.db")) as connection:
        connection.execute(sql)
        connection.commit()
    result = run("log", "check", "--data", data, code=1)
    assert "did:key:" in result.stderr
    assert why in result.stderr


def test_check_an_export(data: Path, tmp_path: Path) -> None:
    assert "3 statements" in run("log", "export", tmp_path / "stick", "--data", data).stdout
    assert run("log", "check", tmp_path / "stick").stdout == run("log", "check", "--data", data).stdout
    run("say", "listing/1", "-", "--data", data, input=json.dumps(LISTING | {"x_now": 1}))
    run("log", "export", tmp_path / "stick", "--data", data)
    assert "size 4" in run("log", "check", tmp_path / "stick").stdout


@pytest.mark.parametrize(
    ("file", "change"),
    [
        ("tile/entries/000.p/3", lambda data: data.replace(b"Rice", b"Salt")),
        ("tile/entries/000.p/3", lambda data: data[:-1]),
        ("tile/0/000.p/3", lambda data: bytes(len(data))),
        ("checkpoint", lambda data: data.replace(b"\n3\n", b"\n4\n")),
    ],
    ids=["entry", "short", "tile", "checkpoint"],
)
def test_check_finds_what_was_changed_in_a_folder(data: Path, tmp_path: Path, file: str, change) -> None:  # type: ignore[no-untyped-def]
    run("log", "export", tmp_path / "stick", "--data", data)
    path = tmp_path / "stick" / file
    path.write_bytes(change(path.read_bytes()))
    result = run("log", "check", tmp_path / "stick", code=1)
    assert result.stdout == ""
    assert str(tmp_path / "stick") in result.stderr


def test_check_looks_at_pictures_and_documents(data: Path, tmp_path: Path) -> None:
    """A log is whole without them; what is there has to be what the statement names."""
    terms, stick = tmp_path / "terms", tmp_path / "stick"
    terms.write_bytes(b"pay within 14 days")
    body = json.dumps(LISTING | {"x_now": 1})
    run("say", "listing/1", "-", "--attach", terms, "--data", data, input=body)
    run("log", "export", stick, "--data", data)
    for where in ([], [stick]):
        assert run("log", "check", *where, "--data", data).stdout.endswith(" that are right: 1\n")
    (file,) = (stick / "attachments").iterdir()
    file.write_bytes(b"pay within 41 days")
    result = run("log", "check", stick, code=1)
    assert (result.stdout, "entry 3: gives other bytes" in result.stderr) == ("", True)
    file.unlink()
    assert run("log", "check", stick).stdout.endswith(" that are right: 0, not here: 1\n")
    with closing(sqlite3.connect(data / "rooms/pond/room.db")) as connection:
        connection.execute("UPDATE own_attachments SET data = CAST('pay within 41 days' AS BLOB)")
        connection.commit()
    assert "entry 3: its picture or document" in run("log", "check", "--data", data, code=1).stderr


def test_check_a_receipt(data: Path, tmp_path: Path) -> None:
    entry, receipt = tmp_path / "entry", tmp_path / "receipt.tlog-proof"
    run("log", "entry", "1", "--to", entry, "--receipt", receipt, "--data", data)
    assert run("log", "entry", "1", "--data", data).stdout.encode() == entry.read_bytes()
    said = run("log", "check", receipt, entry).stdout
    assert "holds: listing/1" in said
    assert "stands at 1 of 3" in said
    assert "give the file with its entry" in run("log", "check", receipt, code=2).stderr
    run("log", "entry", "2", "--to", entry, "--data", data)
    assert "does not show" in run("log", "check", receipt, entry, code=1).stderr
    assert "no statement 3" in run("log", "entry", "3", "--data", data, code=2).stderr


def test_check_an_accusation(tmp_path: Path) -> None:
    key = Key(bytes(32))
    one, other = (checkpoint.sign(key.did, 2, bytes([fill]) * 32, key) for fill in (1, 2))
    path = tmp_path / "proof.json"
    path.write_bytes(equivocation.build(one, other).write())
    said = run("log", "check", path).stdout
    assert said.startswith(f"proven: {key.did} signed two histories\nsize 2, root ")
    path.write_bytes(path.read_bytes().replace(b"\\n2\\n", b"\\n3\\n", 1))
    assert str(path) in run("log", "check", path, code=1).stderr
    path.write_text("rice", encoding="utf-8")
    assert "no receipt" in run("log", "check", path, code=2).stderr


# ---- resume, succeed


def backed_up(data: Path, tmp_path: Path, seal: Path) -> Path:
    """A node restored from a backup of now."""
    run("backup", "--to", tmp_path / "file", "--passphrase-file", seal, "--data", data)
    run("restore", tmp_path / "file", "--passphrase-file", seal, "--data", tmp_path / "new")
    return tmp_path / "new"


def test_resume_from_a_stick(data: Path, tmp_path: Path, seal: Path) -> None:
    new = backed_up(data, tmp_path, seal)
    run("say", "listing/1", "-", "--data", data, input=json.dumps(LISTING | {"x_now": 1}))
    run("log", "export", tmp_path / "stick", "--data", data)
    assert "rests" in run("say", "listing/1", "-", "--data", new, input=json.dumps(LISTING), code=2).stderr
    assert "resting: The room came from a backup" in run("log", "show", "--data", new).stdout
    declined = run("log", "resume", "--from", tmp_path / "stick", "--data", new, input="n\n", code=1)
    assert "1 statement came back; 4 are here now" in declined.stdout
    assert "nowhere" in declined.output
    run("say", "listing/1", "-", "--data", new, input=json.dumps(LISTING), code=2)
    assert "goes on at 4" in run("log", "resume", "--data", new, input="y\n").stdout
    run("say", "listing/1", "-", "--data", new, input=json.dumps(LISTING))
    with Node(new) as node:
        assert check_whole(room_of(node)) == 5
    assert "already" in run("log", "resume", "--yes-nothing-newer", "--data", new, code=2).stderr


def test_resume_finds_two_histories(data: Path, tmp_path: Path, seal: Path) -> None:
    """The old node was thought dead, and spoke; and the owner had let the new one speak."""
    new = backed_up(data, tmp_path, seal)
    run("log", "resume", "--yes-nothing-newer", "--data", new)
    for where in (data, new):
        run("say", "listing/1", "-", "--data", where, input=json.dumps(LISTING | {"x_where": str(where)}))
    run("log", "export", tmp_path / "stick", "--data", data)
    with Node(new) as node:
        room_of(node).db.write(lambda rows: own_log.rest(rows, own_log.Why.ELSEWHERE, now_ms=1))
    found = run(
        "log", "resume", "--from", tmp_path / "stick", "--proof", tmp_path / "proof.json",
        "--yes-nothing-newer", "--data", new, code=1,
    )  # fmt: skip
    assert "two histories" in found.stderr
    assert "proven" in run("log", "check", tmp_path / "proof.json").stdout
    old = did_of(new)
    said = run("log", "succeed", "--yes", "--data", new).stdout
    assert did_of(new) in said
    assert did_of(new) != old
    assert run("log", "check", "--data", new).stdout.count("whole: ") == 2


def test_succeed_is_asked_for(data: Path) -> None:
    before = did_of(data)
    run("log", "succeed", "--data", data, input="n\n", code=1)
    assert did_of(data) == before
    run("log", "succeed", "--data", data, input="y\n")
    assert did_of(data) != before
    shown = run("log", "show", "--data", data).stdout
    assert "ended: This log ended: it goes on under another key." in shown


# ---- keys


def test_a_key_in_the_drawer(data: Path, tmp_path: Path, seal: Path) -> None:
    """From a clear backup the key is missing; the drawer has it."""
    shown = run("log", "key", "show", "--data", data).stdout
    did = did_of(data)
    assert f"did      {did}\n" in shown
    assert f"vkey     {did}+" in shown
    assert len(next(line for line in shown.splitlines() if line.startswith("phrase")).split()) == 10
    run("log", "key", "export", "--to", tmp_path / "key", "--passphrase-file", seal, "--data", data)
    assert (tmp_path / "key").stat().st_mode & 0o077 == 0 or sys.platform == "win32"
    again = run(
        "log", "key", "export", "--to", tmp_path / "key", "--passphrase-file", seal, "--data", data, code=2
    )
    assert "exists" in again.stderr

    run("backup", "--to", tmp_path / "file", "--clear", "--data", data)
    run("restore", tmp_path / "file", "--data", tmp_path / "new")
    new = tmp_path / "new"
    assert "its secret is not here" in run("log", "key", "show", "--data", new).stdout
    assert "not here" in run("log", "resume", "--yes-nothing-newer", "--data", new, code=2).stderr
    run("log", "key", "import", tmp_path / "key", "--passphrase-file", seal, "--data", new)
    run("log", "resume", "--yes-nothing-newer", "--data", new)
    run("say", "listing/1", "-", "--data", new, input=json.dumps(LISTING))
    with Node(new) as node:
        assert check_whole(room_of(node)) == 4
        assert own_log.ensure(node, room_of(node)) == did


def test_a_key_for_a_room_that_has_none_rests(data: Path, tmp_path: Path, seal: Path) -> None:
    run("log", "key", "export", "--to", tmp_path / "key", "--passphrase-file", seal, "--data", data)
    run("log", "export", tmp_path / "stick", "--data", data)
    with Node(tmp_path / "new") as node:
        set_up(node)
    new = tmp_path / "new"
    run("log", "key", "import", tmp_path / "key", "--passphrase-file", seal, "--data", new)
    with Node(new) as node:
        key = current(room_of(node).db.read)
        assert key is not None
        assert (key.state, key.why) == (State.RESTING, "key")
    run("log", "resume", "--from", tmp_path / "stick", "--yes-nothing-newer", "--data", new)
    assert "size 3" in run("log", "check", "--data", new).stdout
    again = run("log", "key", "import", tmp_path / "key", "--passphrase-file", seal, "--data", new, code=2)
    assert "already" in again.stderr


def test_the_key_comes_back_where_the_nodes_own_was_lost(data: Path, tmp_path: Path, seal: Path) -> None:
    run("log", "key", "export", "--to", tmp_path / "key", "--passphrase-file", seal, "--data", data)
    (data / "node.key").unlink()
    lost = run("say", "listing/1", "-", "--data", data, input=json.dumps(LISTING), code=2)
    assert "put the file back" in lost.stderr
    run("log", "key", "import", tmp_path / "key", "--passphrase-file", seal, "--data", data)
    assert run("say", "listing/1", "-", "--data", data, input=json.dumps(LISTING)).stdout.startswith("3\t")


def test_files_that_are_no_key(data: Path, tmp_path: Path, seal: Path) -> None:
    path = tmp_path / "key"
    run("log", "key", "export", "--to", path, "--passphrase-file", seal, "--data", data)
    good = path.read_bytes()
    assert key_file.read_key(path, PASSPHRASE).did == did_of(data)
    for bad in (
        b"",
        b"rice",
        good[:-1],
        good[:100] + bytes([good[100] ^ 1]) + good[101:],
        good + b"\n",
        bytes(9_999),
    ):
        path.write_bytes(bad)
        assert (
            str(path)
            in run("log", "key", "import", path, "--passphrase-file", seal, "--data", data, code=2).stderr
        )
    (tmp_path / "wrong").write_text("another passphrase\n", encoding="utf-8")
    path.write_bytes(good)
    run("log", "key", "import", path, "--passphrase-file", tmp_path / "wrong", "--data", data, code=2)


# ---- a log that moves


def test_a_room_moves_with_its_log(data: Path, tmp_path: Path, seal: Path) -> None:
    out = ("room", "export", "pond", "--passphrase-file", seal, "--data", data)
    clear = run("room", "export", "pond", "--to", tmp_path / "x", "--clear", "--move", "--data", data, code=2)
    assert "leave --clear out" in clear.stderr
    assert "its log ended here" in run(*out, "--to", tmp_path / "file", "--move").stdout.casefold()
    silent = run("say", "listing/1", "-", "--data", data, input=json.dumps(LISTING), code=2)
    assert "moved to another node" in silent.stderr
    other = tmp_path / "other"
    taken = run(
        "room", "import", tmp_path / "file", "--as", "mill", "--passphrase-file", seal, "--data", other
    )
    assert "rests" not in taken.stdout
    assert run("say", "listing/1", "-", "--data", other, input=json.dumps(LISTING)).stdout.startswith("3\t")
    again = run(
        "room", "import", tmp_path / "file", "--as", "copy", "--passphrase-file", seal, "--data", other
    )
    assert "taken in here before" in again.stdout
    assert "size 3" in run("log", "check", "--data", data).stdout  # what was said stays to be read
    with Node(other) as node:
        assert check_whole(room_of(node, "mill")) == 4
        assert file_of(node, "mill").exists()
        assert (
            logs.head(room_of(node, "copy").db.read, own_log.ensure(node, room_of(node, "mill"))) is not None
        )
