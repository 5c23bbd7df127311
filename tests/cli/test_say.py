"""`millpond say`: what comes back is on the disk, also after a kill, also beside a node that serves."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from commands import environment, millpond, refused
from served import served
from small_nodes import set_up
from talking import LISTING, check_whole, room_of

from millpond.cli import main
from millpond.log import inclusion
from millpond.node import own_log
from millpond.node.node import Node
from millpond.store import logs


@pytest.fixture
def listing(tmp_path: Path) -> Path:
    """The body of a statement."""
    path = tmp_path / "listing.json"
    path.write_text(json.dumps(LISTING, indent=2), encoding="utf-8")
    return path


def run(*arguments: str | Path, input: str = "") -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments], prog_name="millpond", input=input)


def said(result: Result) -> tuple[int, str]:
    assert result.exit_code == 0, result.output
    position, sid = result.stdout.split()
    return int(position), sid


def test_a_statement_from_a_file_and_from_standard_input(data: Path, listing: Path, tmp_path: Path) -> None:
    receipt = tmp_path / "listing.tlog-proof"
    position, sid = said(run("say", "listing/1", listing, "--receipt", receipt, "--data", data))
    assert position == 0
    assert said(run("say", "profile/1", "-", "--data", data, input='{"name": "平塘"}'))[0] == 1
    with Node(data) as node:
        [(_, head)] = own_log.own_logs(node)
        room = room_of(node)
        assert check_whole(room) == 2
        entry = logs.entry(room.db.read, head.id, 0)
        row = room.db.read.one("logs.statement", sid=bytes.fromhex(sid))
    assert entry is not None
    assert row is not None
    assert inclusion.check(receipt.read_bytes(), entry, head.origin).index == 0


def test_files_that_are_attached(data: Path, listing: Path, tmp_path: Path) -> None:
    (tmp_path / "米.jpg").write_bytes(b"a picture")
    (tmp_path / "terms").write_bytes(b"words")
    attached = ["--attach", tmp_path / "米.jpg", "--attach", tmp_path / "terms"]
    said(run("say", "listing/1", listing, *attached, "--data", data))
    shown = run("log", "tail", "--data", data).stdout
    assert "+米.jpg +terms" in shown
    with Node(data) as node:
        rows = room_of(node).db.read
        kept = {own_log.attachment(rows, row["sha256"]) for row in rows.all("own_log.attachments")}
    assert kept == {b"a picture", b"words"}


@pytest.mark.parametrize(
    ("kind", "body", "why"),
    [
        ("listing/1", "{", "one whole JSON value"),
        ("listing/1", "[]", "not a JSON object"),
        ("listing/1", '{"title": {"en": "Rice"}}', "until_ms"),
        ("listing/1", '{"title": {"en": "Rice"}, "until_ms": 1.5}', "integer"),
        ("listing/1", '{"title": {"en": "Rice", "en": "Salt"}, "until_ms": 1}', "twice"),
        ("later/1", "{}", "not known here"),
        ("predecessor/1", '{"entry": "QQ=="}', "log succeed"),
        ("successor/1", "{}", "log succeed"),
        ("listing/1", json.dumps(LISTING | {"x_": "x" * 40_000}), "bytes"),
    ],
)  # fmt: skip
def test_what_cannot_be_said(data: Path, kind: str, body: str, why: str) -> None:
    result = run("say", kind, "-", "--data", data, input=body)
    assert (result.exit_code, result.stdout) == (2, "")
    assert why in result.stderr
    with Node(data) as node:
        assert list(own_log.own_logs(node)) == []


def test_an_unknown_kind_is_said_on_purpose(data: Path) -> None:
    assert said(run("say", "later/1", "-", "--unknown", "--data", data, input='{"a": [1]}'))[0] == 0
    assert said(run("say", "later/1", "-", "--unknown", "--data", data, input='{"a": [2]}'))[0] == 1
    result = run("say", "later/1", "-", "--unknown", "--data", data, input='{"a": 1.5}')
    assert (result.exit_code, "a: 1.5" in result.stderr) == (2, True)
    assert "not understood here" in run("log", "tail", "--data", data).stdout


def test_which_room(data: Path, listing: Path, tmp_path: Path) -> None:
    with Node(data) as node:
        set_up(node, "weir")
    assert "pond, weir" in run("say", "listing/1", listing, "--data", data).stderr
    said(run("say", "listing/1", listing, "--room", "weir", "--data", data))
    assert "no room 'mill'" in run("say", "listing/1", listing, "--room", "mill", "--data", data).stderr
    nowhere = tmp_path / "new"
    assert "holds no node" in run("say", "listing/1", listing, "--data", nowhere).stderr
    assert not nowhere.exists()
    Node(nowhere).close()
    assert "no room yet" in run("say", "listing/1", listing, "--data", nowhere).stderr


def test_a_receipt_that_cannot_be_written_is_refused_before(
    data: Path, listing: Path, tmp_path: Path
) -> None:
    message = refused(
        millpond("say", "listing/1", listing, "--receipt", tmp_path / "no" / "where", "--data", data)
    )
    assert "cannot write" in message
    with Node(data) as node:
        assert list(own_log.own_logs(node)) == []


def test_beside_a_node_that_serves(data: Path, listing: Path) -> None:
    """Several at once: each position once, all of them in a log that is whole."""
    with served(data) as node:
        assert node.get("/health").status_code == 200
        with ThreadPoolExecutor(3) as pool:
            done = list(pool.map(lambda _: millpond("say", "listing/1", listing, "--data", data), range(3)))
        assert [one.stderr for one in done] == [""] * 3
        positions = [int(one.stdout.split()[0]) for one in done]
        # The same body at the same millisecond is the same statement; else each has its own place.
        assert sorted(set(positions)) == list(range(len(set(positions))))
        assert node.get("/health").status_code == 200
        node.stop()
    with Node(data) as again:
        assert check_whole(room_of(again)) == len(set(positions))


# ---- kills

TALKER = """
import sys
from pathlib import Path
sys.path[:0] = sys.argv[2:3]
from talking import LISTING
from millpond.node import own_log
from millpond.node.node import Node

sys.stdin.readline() or sys.exit()
with Node(Path(sys.argv[1])) as node:
    room = node.room("pond")
    for number in range(1_000_000):
        receipt = own_log.say(node, room, "listing/1", LISTING | {"x_mark": [sys.argv[3], number]})
        sys.stdout.buffer.write(len(receipt.text).to_bytes(4, "big") + receipt.text)
        sys.stdout.buffer.flush()
"""


def talker(data: Path, turn: int) -> subprocess.Popen[bytes]:
    """A process that says things as fast as it can, once it hears a line."""
    support = Path(__file__).parents[1] / "support"
    return subprocess.Popen(
        [sys.executable, "-c", TALKER, str(data), str(support), str(turn)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment(),
    )


def killed_after(process: subprocess.Popen[bytes], receipts: int) -> list[bytes]:
    """Its receipts until it is killed in the middle."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"go\n")
    process.stdin.close()
    found = [_one(process) for _ in range(receipts)]
    process.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))
    rest = process.stdout.read()  # receipts that had left when it was killed count, too
    process.wait()
    process.stdout.close()
    while len(rest) >= 4 and len(rest) >= 4 + (size := int.from_bytes(rest[:4], "big")):
        found.append(rest[4 : 4 + size])
        rest = rest[4 + size :]
    return found


def _one(process: subprocess.Popen[bytes]) -> bytes:
    assert process.stdout is not None
    size = int.from_bytes(process.stdout.read(4), "big")
    return process.stdout.read(size)


def check_kills(data: Path, kills: int) -> None:
    """No acknowledged statement is lost, no size has two roots, and the log goes on."""
    roots: dict[int, bytes] = {}
    places: dict[int, bytes] = {}
    following = talker(data, 0)
    for turn in range(kills):
        process, following = following, talker(data, turn + 1)  # which starts meanwhile
        for receipt in killed_after(process, 1 + turn % 7):
            head = inclusion.parse(receipt).checkpoint
            assert roots.setdefault(head.size, head.root) == head.root
            places[inclusion.parse(receipt).index] = receipt
    following.kill()
    following.communicate()
    with Node(data) as node:
        room = room_of(node)
        size = check_whole(room)
        [(_, known)] = own_log.own_logs(node)
        assert len(places) >= kills
        for index, receipt in places.items():
            entry = logs.entry(room.db.read, known.id, index)
            assert entry is not None
            assert inclusion.check(receipt, entry, known.origin).index == index
        for of, root in roots.items():
            assert of <= size
            assert logs.root_at(room.db.read, known.id, of) == root
        assert own_log.say(node, room, "listing/1", LISTING).position == size


def test_twenty_kills(data: Path) -> None:
    check_kills(data, 20)


@pytest.mark.soak
def test_a_thousand_kills(data: Path) -> None:
    check_kills(data, 1_000)
