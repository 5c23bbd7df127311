"""`millpond clear` and `millpond verify` as people run them: processes, files, signals, exit codes."""

import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from commands import TIMEOUT_SECONDS, environment, millpond, refused
from plain_rounds import encoded, example_clearing, example_round, large_round

from millpond.model import read_clearing

GOLDEN = Path(__file__).parents[1] / "golden"


def put(path: Path, value: Any) -> Path:
    path.write_bytes(value if isinstance(value, bytes) else encoded(value))
    return path


@pytest.fixture
def wants(tmp_path: Path) -> Path:
    return put(tmp_path / "wants.json", example_round())


TEXT = encoded(example_round())
GARBAGE = {
    "unknown item": (
        TEXT.replace(b'"item": "rice-5kg", "limit": 4000', b'"item": "tea", "limit": 1'),
        "demand[1].acc",
    ),
    "tiers out of order": (
        TEXT.replace(b'"from": 30', b'"from": 1'),
        "offers[0].tiers[1].from: 1 is not above 1",
    ),
    "float money": (
        TEXT.replace(b'"setup": 20000', b'"setup": 200.5'),
        "offers[0].setup: 200.5 is not an integer",
    ),
    "boolean money": (
        TEXT.replace(b'"setup": 20000', b'"setup": true'),
        "offers[0].setup: true is not an integer",
    ),
    "duplicate id": (TEXT.replace(b'"id": "d2"', b'"id": "d1"'), 'demand[1].id: "d1" stands at [0] already'),
    "duplicate key": (
        TEXT.replace(b'"id": "d2"', b'"id": "d2", "id": "d3"'),
        'demand[1]: key "id" stands twice',
    ),
    "10^400": (
        TEXT.replace(b"20000", b"1" + b"0" * 400),
        "offers[0].setup: 100000000000000000000000000000… (401 ch",
    ),
    "1e400": (TEXT.replace(b"20000", b"1e400"), "offers[0].setup: 1e400 is not an integer"),
    "NaN": (TEXT.replace(b"20000", b"NaN"), "offers[0].setup: NaN is not a number of JSON"),
    "UTF-16": (TEXT.decode().encode("utf-16"), "byte 0: it begins with a byte order mark"),
    "GB 18030": (TEXT.decode().encode("gb18030"), "is not UTF-8"),
    "truncated": (TEXT[:-40], "it ends in the middle"),
    "empty": (b"", "line 1 column 1: it ends in the middle"),
    "200,000 brackets": (b"[" * 200_000, "nested deeper than 4,200 levels"),
    "a clearing": (encoded(example_clearing()), 'format: "millpond-clearing/1" is not known here'),
}


@pytest.mark.parametrize("name", GARBAGE)
def test_every_defect_is_one_message(tmp_path: Path, name: str) -> None:
    data, expected = GARBAGE[name]
    bad, out = put(tmp_path / "wants.json", data), tmp_path / "clearing.json"
    said = refused(millpond("clear", bad, "-o", out))
    assert said.startswith(f"{bad}: ")
    assert expected in said
    assert not out.exists()


@pytest.mark.parametrize("name", GARBAGE)
def test_verify_refuses_them_too(tmp_path: Path, name: str) -> None:
    bad, clearing = (
        put(tmp_path / "wants.json", GARBAGE[name][0]),
        put(tmp_path / "c.json", example_clearing()),
    )
    done = millpond("verify", bad, clearing)
    assert done.returncode == 2
    assert str(bad) in done.stderr
    assert "Traceback" not in done.stderr


def test_a_directory_and_a_missing_file(tmp_path: Path) -> None:
    out = tmp_path / "clearing.json"
    assert refused(millpond("clear", tmp_path, "-o", out)) == f"{tmp_path}: cannot read it: Is a directory"
    missing = tmp_path / "missing.json"
    assert (
        refused(millpond("clear", missing, "-o", out))
        == f"{missing}: cannot read it: No such file or directory"
    )


@pytest.mark.parametrize("where", ["", "missing/clearing.json", "wants.json/clearing.json"])
def test_an_output_that_cannot_be_written_is_said_before_the_search(wants: Path, where: str) -> None:
    out = f"{wants.parent}/{where}"
    said = refused(millpond("clear", wants, "-o", out, "--seconds", 10_000))
    assert said.startswith(f"{out}: cannot write it: ")
    assert said.endswith("; nothing was written")


# Root may read everything, so it becomes nobody, who may not import from everywhere: first a warm-up.
AS_NOBODY = """
import contextlib, os, sys
from millpond.cli import main
with contextlib.suppress(Exception):
    main(["clear", "missing", "-o", "missing/missing"], standalone_mode=False)
if os.geteuid() == 0:
    os.seteuid(65534)
main(sys.argv[1:])
"""


def test_no_permission(wants: Path) -> None:
    wants.chmod(0)
    said = refused(millpond("clear", wants, "-o", "clearing.json", launcher=("-c", AS_NOBODY)))
    assert said == f"{wants}: cannot read it: Permission denied"


@pytest.mark.parametrize("seconds", ["nan", "inf", "-1", "soon"])
def test_seconds_that_are_none(wants: Path, seconds: str) -> None:
    done = millpond("clear", wants, "-o", wants.parent / "c.json", "--seconds", seconds)
    assert done.returncode == 2
    assert "--seconds" in done.stderr


def test_cleared_summarised_and_verified(wants: Path) -> None:
    out = wants.parent / "clearing.json"
    done = millpond("clear", wants, "-o", out, "--seconds", 10)
    assert done.returncode == 0, done
    assert "Served: " in done.stdout
    assert f"Written to {out}; check it with: millpond verify {wants} {out}" in done.stdout
    clearing = read_clearing(out.read_bytes())
    assert clearing.bound >= clearing.score
    assert millpond("verify", wants, out).returncode == 0


def test_progress_is_told_in_plain_lines(tmp_path: Path) -> None:
    wants = put(tmp_path / "wants.json", large_round(60, 10, seed=2))
    done = millpond("clear", wants, "-o", tmp_path / "clearing.json", "--seconds", 4)
    assert done.returncode == 0, done
    lines = done.stderr.splitlines()
    assert 0 < len(lines) < 15, lines
    assert all("best " in line and "bound " in line for line in lines)
    assert "\x1b" not in done.stderr


def test_the_same_seed_gives_the_same_file(wants: Path) -> None:
    outs = [wants.parent / name for name in ("one.json", "two.json")]
    for out in outs:
        assert millpond("clear", wants, "-o", out, "--seconds", 60, "--seed", 7).returncode == 0
    assert outs[0].read_bytes() == outs[1].read_bytes()


def test_a_changed_bill_is_named(wants: Path) -> None:
    out = wants.parent / "clearing.json"
    assert millpond("clear", wants, "-o", out, "--seconds", 10).returncode == 0
    plain = json.loads(out.read_bytes())
    plain["bills"][0]["amount"] += 1
    done = millpond("verify", wants, put(out, plain))
    assert done.returncode == 1
    assert "bills" in done.stdout
    assert "p1" in done.stdout


def test_a_round_nobody_can_serve_in_full(tmp_path: Path) -> None:
    plain = example_round(must_serve=True)
    plain["demand"][1]["needed_by"] = "2026-12-01"
    out = tmp_path / "clearing.json"
    said = refused(millpond("clear", put(tmp_path / "wants.json", plain), "-o", out), code=1)
    assert "d2" in said
    assert "d1" not in said
    assert not out.exists()


def test_must_serve(tmp_path: Path) -> None:
    wants, out = put(tmp_path / "wants.json", example_round(must_serve=True)), tmp_path / "clearing.json"
    done = millpond("clear", wants, "-o", out, "--seconds", 10)
    assert done.returncode == 0, done
    assert "Served: 47 of 47 units, 2 of 2 demand lines." in done.stdout
    assert millpond("verify", wants, out).returncode == 0


def test_a_full_disk_is_said_and_nothing_is_written(wants: Path) -> None:
    done = millpond("clear", wants, "-o", "/dev/full", "--seconds", 5)
    said = refused(done, at_once=False)
    assert said == "/dev/full: cannot write it: No space left on device; nothing was written"

    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200))

    out = put(wants.parent / "clearing.json", b"old")
    launcher = ("-B", "-m", "millpond")
    done = millpond("clear", wants, "-o", out, "--seconds", 5, launcher=launcher, before=small_files)
    assert "File too large; nothing was written" in refused(done, at_once=False)
    assert out.read_bytes() == b"old"
    assert {path.name for path in wants.parent.iterdir()} == {"wants.json", "clearing.json"}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_half_way_it_writes_the_best_so_far(tmp_path: Path, number: signal.Signals) -> None:
    wants, out = put(tmp_path / "wants.json", large_round(120, 12, seed=1)), tmp_path / "clearing.json"
    command = [sys.executable, "-m", "millpond", "clear", str(wants), "-o", str(out), "--seconds", "100000"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment()
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "none yet" not in line:  # there is a best and a bound
                break
        os.kill(process.pid, number)
        said, _ = process.communicate(timeout=TIMEOUT_SECONDS)
    assert process.returncode == 0
    assert said.startswith("Stopped early; this is the best so far.\nServed: ")
    assert millpond("verify", wants, out).returncode == 0


def test_a_terminal_sees_one_line_that_is_redrawn(wants: Path) -> None:
    import pty

    main_end, terminal = pty.openpty()
    command = [sys.executable, "-m", "millpond", "clear", str(wants), "-o", str(wants.parent / "c.json")]
    with subprocess.Popen(
        [*command, "--seconds", "5"],
        stdout=subprocess.DEVNULL,
        stderr=terminal,
        env=environment() | {"TERM": "xterm"},
    ) as process:
        os.close(terminal)
        seen = b""
        while True:
            try:
                chunk = os.read(main_end, 65536)
            except OSError:  # Linux says so when the other end is closed
                break
            if not chunk:
                break
            seen += chunk
        assert process.wait(timeout=TIMEOUT_SECONDS) == 0
    os.close(main_end)
    assert "━".encode() in seen or "╌".encode() in seen
    assert b"\x1b[" in seen
