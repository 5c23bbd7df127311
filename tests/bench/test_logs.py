"""The benchmark of logs: its statements are real, its audit finds what is wrong, its poor line is poor."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from bench.logs import statements, structure
from bench.logs.ingest import heads, ingest_seconds, raw_seconds
from bench.logs.line import NEEDED, Line, is_possible
from bench.work import log_ingest
from bench.work.log_ingest import BATCHES
from static_logs import entries_of, write_log

from millpond.log import statement
from millpond.log.keys import Key

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
