"""The benchmark of logs: its statements are real, its audit finds what is wrong, its poor line is poor."""

from __future__ import annotations

import subprocess
import sys
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from bench.logs import nodes, statements, structure
from bench.logs.ingest import heads, ingest_seconds, raw_seconds
from bench.logs.line import NEEDED, Line, is_possible
from bench.work import Scale, log_bytes, log_cold, log_ingest, log_receipts, log_slow_link
from bench.work.log_ingest import BATCHES
from static_logs import entries_of, write_log

from millpond.errors import InputError
from millpond.log import statement
from millpond.log.keys import Key
from millpond.network import writing
from millpond.store import logs
from millpond.store.files import open_room

KEY = statements.KEY


@pytest.fixture
def entries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    monkeypatch.setattr(statements, "KEPT", tmp_path)
    return statements.signed(300)


def test_statements_are_signed_and_each_is_another_one(
    entries: list[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = [statement.read(entry, KEY.did) for entry in entries]
    assert len({one.sid for one in read}) == 300
    assert 350 < sum(map(len, entries)) / 300 < 450
    assert statements.signed(300) == entries, "kept from the first time"
    monkeypatch.setattr(statements, "KEPT", tmp_path / "anew")
    assert statements.signed(300) == entries, "the same anew"


def test_what_is_taken_in_is_there(entries: list[bytes]) -> None:
    assert raw_seconds(entries, KEY.public) > 0
    for each in (False, True):
        assert ingest_seconds(entries, heads(entries, KEY, 64), 64, each=each) > 0
    with pytest.raises(RuntimeError, match="not every entry"):
        ingest_seconds([*entries[:-1], entries[0]], heads(entries[:256], KEY, 64), 64, each=False)


@pytest.mark.parametrize("path", ["tile/entries/001", "tile/0/000", "tile/0/002.p/88", "tile/1/000.p/2"])
def test_the_audit_finds_a_changed_file(tmp_path: Path, path: str) -> None:
    key = Key(bytes(32))
    folder = write_log(tmp_path, entries_of(600), key)
    assert structure.audit(folder, key.did) == 600
    data = bytearray((folder / path).read_bytes())
    data[-1] ^= 1
    (folder / path).write_bytes(data)
    with pytest.raises(RuntimeError):
        structure.audit(folder, key.did)


def test_the_audit_runs_as_a_process_too(tmp_path: Path) -> None:
    key = Key(bytes(32))
    told = structure.run_ours(write_log(tmp_path, entries_of(257), key), key.did)
    assert told["size"] == 257


def ingested(share: float) -> list[dict[str, Any]]:
    return [
        {"seed": seed, "batch": batch, "entries": 1_000, "raw_seconds": share, "seconds": 1.0}
        for seed in (1, 2, 3)
        for batch in BATCHES
    ]


@pytest.mark.parametrize(("share", "reached"), [(0.85, True), (0.84, False)])
def test_the_share_of_the_bound_decides(share: float, reached: bool) -> None:
    rows = ingested(share)
    rows[0]["raw_seconds"] = 9.0  # one lucky run moves nothing
    found = log_ingest.VERIFIED.figures(rows)
    assert [figure.reached for figure in found] == [reached] * len(BATCHES)
    assert log_ingest.VERIFIED.tables(rows)


@pytest.mark.parametrize(
    ("ours", "appended", "reached"), [(60_000, 59_000, True), (60_000, 61_000, False), (49_000, 1_000, False)]
)
def test_ahead_of_hypercore_and_fast_enough(ours: int, appended: int, reached: bool) -> None:
    rows: list[dict[str, Any]] = [
        {"who": "millpond", "seed": 1, "batch": 256, "entries": ours, "seconds": 1.0},
        {"who": "hypercore", "seed": 1, "batch": 256, "entries": appended, "append_seconds": 1.0},
    ]
    rows[1]["copy_seconds"] = 10.0
    (figure,) = log_ingest.CHECKPOINT.figures(rows)
    assert figure.reached is reached
    (alone,) = log_ingest.CHECKPOINT.figures(rows[:1])
    assert alone.reached is False, "nobody is ahead of who was not there"


SENDS = """
import socket
with socket.create_server(("10.77.0.1", 8000)) as server:
    print("ready", flush=True)
    while True:
        connection, _ = server.accept()
        connection.sendall(bytes(40_000))
        connection.close()
"""
TAKES = """
import socket, sys
connection, got = socket.create_connection(("10.77.0.1", 8000)), 0
try:
    while part := connection.recv(4_096):
        got += len(part)
except ConnectionResetError:
    got = -1
print(got)
"""


@pytest.mark.skipif(not is_possible(), reason=NEEDED)
@pytest.mark.parametrize(
    ("way", "got"),
    [
        ({"bits": 800_000, "loss": 0.0, "cut_every": 0}, 40_000),
        ({"bits": 800_000, "loss": 0.2, "cut_every": 0}, 40_000),
        ({"bits": 200_000, "loss": 0.0, "cut_every": 1.5}, -1),  # 40,000 bytes take longer than it holds
    ],
    ids=["whole", "loses", "is cut"],
)
def test_a_poor_line(way: dict[str, Any], got: int) -> None:
    with Line(1, delay=0.01, **way) as line:
        sends = subprocess.Popen([*line.near, sys.executable, "-c", SENDS], stdout=subprocess.PIPE, text=True)
        try:
            assert sends.stdout is not None
            assert sends.stdout.readline() == "ready\n"
            takes = [*line.far, sys.executable, "-c", TAKES]
            done = subprocess.run(takes, capture_output=True, text=True, check=True, timeout=60)
        finally:
            sends.kill()
            sends.communicate()
    near = line.ways[0]
    assert int(done.stdout) == got, "all of it, or told that the line was cut"
    assert near.lost or not way["loss"]
    if got > 0:
        assert got <= near.payload_bytes <= got + 1, "each byte counts once, however often it was sent"
    else:
        assert line.cuts
        assert near.payload_bytes < 40_000


# ---- what the works make of their rows


def test_a_log_of_files_that_is_slower_than_theirs_falls_short() -> None:
    rows: list[dict[str, Any]] = [
        {"what": "structure", "who": who, "size": 9, "seconds": took, "peak_bytes": 1}
        for who, took in (("millpond", 1.0), ("aics-tlog", 1.1), ("millpond", 1.3), ("aics-tlog", 1.2))
    ]
    (structure_of,) = log_cold.COLD.figures(rows)
    assert structure_of.reached, "the medians are the same"
    rows.append(
        {
            "what": "fetch",
            "size": 9,
            "seconds": 25.1,
            "peak_bytes": 1,
            "cpu_seconds": 9.0,
            "node_seconds": 2.0,
        }
    )
    assert [figure.reached for figure in log_cold.COLD.figures(rows)] == [True, False]
    assert "9.0 s for the follower and 2.0 s" in log_cold.COLD.tables(rows)
    assert [figure.reached for figure in log_cold.COLD.figures(rows[::2])] == [False, False], "nobody beside"


@pytest.mark.parametrize(("p99", "reached"), [(50.0, True), (50.1, False)])
def test_the_quietest_run_of_receipts_is_told(p99: float, reached: bool) -> None:
    times = {"count": 9, "p50": 1.0, "p95": 2.0, "max": 99.0, "wall": 30.0, "node_share": 0.5, "rate": 500}
    rows = [
        {**times, "seed": 1, "p99": 500.0, "others_share": 1.4},
        {**times, "seed": 2, "p99": p99, "others_share": 0.1},
    ]
    (figure,) = log_receipts.RECEIPTS.figures(rows)
    assert figure.reached is reached
    assert log_receipts.RECEIPTS.tables(rows)


@pytest.mark.parametrize(
    ("down_bytes", "checked", "reached"),
    [(51_200, 1_000, True), (51_201, 1_000, False), (51_000, 999, False)],
)
def test_a_bundle_a_cut_may_come_again(down_bytes: int, checked: int, reached: bool) -> None:
    row: dict[str, Any] = {"entries": 1_000, "size": checked, "checked": checked, "seconds": 9.0}
    row |= {"up_bytes": 1, "packets": 9, "lost": 2}
    whole = row | {"name": log_slow_link.WHOLE, "cuts": 0, "down_bytes": 100_000}
    cut = row | {"name": "is cut", "cuts": 2, "down_bytes": 100_000 + down_bytes}
    (figure,) = log_slow_link.SLOW_LINK.figures([whole, cut])
    assert figure.reached is reached
    assert log_slow_link.SLOW_LINK.figures([]) == []


# ---- over HTTP


def test_bytes_and_requests_are_counted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(statements, "KEPT", tmp_path)
    monkeypatch.setattr(log_bytes, "ENTRIES", 600)
    rows = log_bytes.BYTES.measure(Scale())
    assert [row["requests"] for row in rows[:4]] == [1, 3, 1, 3]
    bodies = sum(map(len, statements.signed(600))) + 2 * 600
    assert [row["bytes"] for row in rows[:2]] == [bodies, bodies]
    assert rows[2]["bytes"] < bodies > rows[3]["bytes"]
    assert rows[4]["requests"] > rows[5]["requests"] == 1
    assert [figure.reached for figure in log_bytes.BYTES.figures(rows)] == [True, True, True]
    assert log_bytes.BYTES.tables(rows)


def test_receipts_are_measured_and_false_ones_are_found(tmp_path: Path) -> None:
    entries = [statement.sign(statement.write("note/1", KEY.did, number, {}), KEY) for number in range(40)]
    row = log_receipts.run(entries, 200, 1)
    assert row["count"] == 40
    assert row["max"] >= row["p50"] > 0
    said: dict[str, Any] = {"statuses": [200], "receipts": [""]}
    room = nodes.writing(tmp_path / "node", KEY)
    with open_room(room) as file:
        file.write(lambda rows: writing.say(rows, KEY, entries[:1]))
        head = logs.head(file.read, KEY.did)
        assert head is not None
        text = writing.receipt(file.read, head, 0)
    said["receipts"] = [b64encode(text).decode()]
    log_receipts._check(said, entries[:1], room)
    with pytest.raises(InputError):
        log_receipts._check(said, entries[1:2], room)
    with pytest.raises(RuntimeError, match="not every"):
        log_receipts._check(said | {"statuses": [503]}, entries[:1], room)
