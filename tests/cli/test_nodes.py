"""The commands of a node as people use them: real processes, real files, real requests."""

from __future__ import annotations

import os
import re
import signal
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner
from commands import millpond, refused
from served import Served, served
from small_nodes import PASSPHRASE, dump, fill, profile

from millpond.cli import main
from millpond.node import passphrases
from millpond.node.node import Node

OWNER_PASSPHRASE = "the mill by the pond"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A directory with a room whose owner has a real passphrase."""
    with Node(tmp_path / "data") as node:
        hashed = passphrases.hash_passphrase(OWNER_PASSPHRASE)
        code = node.make_setup_code()
        node.set_up_room("pond", profile("平塘团"), code=code, owner="Li", passphrase_hash=hashed)
        fill(node.folder("pond") / "room.db")
    return tmp_path / "data"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """A file with a passphrase."""
    path = tmp_path / "key.txt"
    path.write_text(PASSPHRASE + "\n", encoding="utf-8")
    return path


def done(*arguments: str | Path) -> str:
    """What a command says that does what it should, called in this process, beside the node's own."""
    result = CliRunner().invoke(main, [str(one) for one in arguments], prog_name="millpond")
    assert result.exit_code == 0, result.output
    return result.stdout


def said_no(*arguments: str | Path) -> str:
    """The one message of a command that refuses, called in this process, where nobody is to type anything."""
    result = CliRunner().invoke(main, [str(one) for one in arguments], prog_name="millpond")
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    return line.removeprefix("millpond: ")


def signs_in(node: Served, slug: str = "pond", passphrase: str = OWNER_PASSPHRASE) -> bool:
    """Whether the owner comes in with this passphrase."""
    answer = node.post(f"/{slug}/sign-in", name="", passphrase=passphrase)
    return answer.status_code == 303 and "session" in answer.cookies


def test_a_first_start_prints_the_link_that_opens_the_set_up(tmp_path: Path) -> None:
    with served(tmp_path / "new") as node:
        (link,) = [line.removeprefix("Set it up: ") for line in node.said if line.startswith("Set it up: ")]
        path = link.removeprefix(node.url)
        assert node.get("/health").text == "ok"
        assert node.get(path).status_code == 200
        assert node.get("/setup?code=" + "x" * 22).status_code == 403
        assert "server" not in node.get("/health").headers
        said = refused(millpond("serve", "--data", tmp_path / "new", "--address", "127.0.0.1:0"))
        assert "in use by another Millpond" in said
        assert node.stop(signal.SIGTERM) == 0
    assert node.said[-1] == "Stopped."
    code = path.partition("code=")[2]
    assert code not in node.log
    assert "/setup" not in node.log


def test_an_address_that_is_taken_or_none(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        assert "cannot listen on" in said_no("serve", "--data", tmp_path, "--address", address)
    for wrong in ("8440", "127.0.0.1:", "127.0.0.1:http", "127.0.0.1:70000"):
        assert "is not like" in said_no("serve", "--data", tmp_path, "--address", wrong)
    for wrong in ("pond.example", "ftp://pond.example", "https://pond.example/path", "https://"):
        refusal = CliRunner().invoke(main, ["serve", "--data", str(tmp_path), "--public-url", wrong])
        assert refusal.exit_code == 2
        assert "is not like https://pond.example" in refusal.stderr


def test_restored_on_an_empty_machine_it_answers(data: Path, key: Path, tmp_path: Path) -> None:
    """The node runs while it is backed up; of the old machine only the file and the passphrase are left."""
    nights = tmp_path / "nights"
    nights.mkdir()
    with served(data) as node:
        assert signs_in(node)
        assert not signs_in(node, passphrase=OWNER_PASSPHRASE + "s")
        for _ in range(2):
            sealing = ("--to", nights, "--passphrase-file", key, "--keep", "1")
            assert "Written and read again" in millpond("backup", "--data", data, *sealing).stdout
        os.kill(node.process.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
        node.process.wait()
    (file,) = nights.iterdir()
    before = dump(data / "rooms/pond/room.db")
    for path in sorted(data.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    new = tmp_path / "new machine"
    wrong = tmp_path / "wrong.txt"
    wrong.write_text("another passphrase\n", encoding="utf-8")
    said = refused(millpond("restore", file, "--data", new, "--passphrase-file", wrong))
    assert "passphrase" in said
    assert not new.exists()
    restored = millpond("restore", file, "--data", new, "--passphrase-file", key)
    assert "rooms: pond" in restored.stdout
    with served(new) as node:
        assert node.said[0] == f"Open: {node.url}/"
        page = node.get("/pond/sign-in")
        assert page.status_code == 200
        assert "平塘团" in page.text
        assert signs_in(node)
    after = dump(new / "rooms/pond/room.db")
    assert [row for row in before if "住户" in row] == [row for row in after if "住户" in row]
    assert "not empty" in said_no("restore", file, "--data", new, "--passphrase-file", key)


def test_a_room_moves_between_two_nodes_that_run(data: Path, key: Path, tmp_path: Path) -> None:
    file, other_data = tmp_path / "pond.millpond-room", tmp_path / "other"
    with served(data) as node, served(other_data) as other:
        said = done("room", "export", "pond", "--to", file, "--passphrase-file", key, "--data", data)
        assert f"millpond room import {file} --as pond" in said
        moving = ("room", "import", file, "--passphrase-file", key, "--data", other_data)
        done(*moving, "--as", "pond")
        assert "already" in said_no(*moving, "--as", "pond")
        assert "kept for the node" in said_no(*moving, "--as", "static")
        assert signs_in(other)
        assert done("room", "list", "--data", other_data) == "pond\t平塘团\n"
        assert "in use" in said_no("room", "remove", "pond", "--yes", "--data", data)
        assert signs_in(node)
    assert done("room", "remove", "pond", "--yes", "--data", data).startswith("The room pond is gone")
    assert done("room", "list", "--data", data) == ""
    assert "no room" in said_no("room", "remove", "pond", "--yes", "--data", data)


def test_a_further_room_and_a_lost_passphrase(data: Path) -> None:
    with served(data) as node:
        link = done("room", "add", "weir", "--data", data).removeprefix("Set it up: ").strip()
        assert link.startswith(node.url)  # where it really is, though nobody told the command
        assert node.get(link.removeprefix(node.url)).status_code == 200
        assert "weir\t(not set up yet)\n" in done("room", "list", "--data", data)
        assert signs_in(node)
        assert node.get("/pond/sign-in").status_code == 303  # and goes on to the desk
        link = done("room", "owner-link", "pond", "--data", data).removeprefix("For Li: ").strip()
        assert node.get("/pond/sign-in").status_code == 200  # signed out
        page = node.get(link.removeprefix(node.url))
        assert page.status_code == 200
        token = re.search(r'name="token" value="([\w-]+)"', page.text)
        assert token
        fresh = "a pond under the hill"
        assert node.post("/pond/invitation", token=token[1], passphrase=fresh).status_code == 303
        node.client.cookies.clear()
        assert not signs_in(node)
        assert signs_in(node, passphrase=fresh)
        assert token[1] not in node.said
        assert "not set up" in said_no("room", "owner-link", "weir", "--data", data)


def test_passphrases_are_no_arguments_and_not_weak(data: Path, tmp_path: Path) -> None:
    to = tmp_path / "file"
    for content, why in ((b"", "empty"), (b"\n\nseven ponds", "empty"), (b"\xff\xfe", "UTF-8")):
        key = tmp_path / "key.txt"
        key.write_bytes(content)
        assert why in said_no("backup", "--data", data, "--to", to, "--passphrase-file", key)
    key.write_text("password1\n", encoding="utf-8")
    sealing = ("backup", "--data", data, "--to", to)
    assert "others would try" in said_no(*sealing, "--passphrase-file", key)
    assert "cannot be read" in said_no(*sealing, "--passphrase-file", tmp_path / "none")
    assert "nobody is there to type" in said_no(*sealing)
    assert not to.exists()
    assert "Written" in done("backup", "--data", data, "--to", to, "--clear")
    assert "pond" in done("restore", to, "--data", tmp_path / "new")


def test_update_says_what_it_did(data: Path, tmp_path: Path) -> None:
    assert done("update", "--data", data) == "Everything is up to date.\n"
    assert "holds no node" in said_no("update", "--data", tmp_path / "none")


def test_nightly_backups_begin_with_the_first_start(data: Path, key: Path) -> None:
    assert "give --backup-passphrase-file" in said_no("serve", "--data", data, "--backup-to", data)
    with served(data, "--backup-passphrase-file", str(key)) as node:
        folder = data / "backups"
        while not list(folder.glob("millpond-*.millpond-backup")):
            assert node.get("/health").text == "ok"
    (file,) = folder.iterdir()
    assert "rooms: pond" in done("restore", file, "--data", data / "tried", "--passphrase-file", key)
    assert PASSPHRASE not in node.log
    assert "nightly backup" in node.log
