"""The verifier's one file, copied somewhere else and run by itself."""

from __future__ import annotations

import ast
import io
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tiny_rounds import encoded, golden_clearing

from millpond.verify import verifier

FILE = Path(verifier.__file__)


def run(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The copied file, run where nothing of Millpond and nothing installed can be imported."""
    copied = tmp_path / "elsewhere" / "check.py"
    copied.parent.mkdir(exist_ok=True)
    shutil.copyfile(FILE, copied)
    command = [sys.executable, "-I", "-S", str(copied), *arguments]
    return subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", check=False, timeout=60
    )


def files(tmp_path: Path, name: str, old: str = "", new: str = "") -> None:
    data, told = golden_clearing(name)
    (tmp_path / "round.json").write_bytes(data)
    (tmp_path / "clearing.json").write_bytes(encoded(told).replace(old.encode(), new.encode(), 1))


def test_valid(tmp_path: Path) -> None:
    files(tmp_path, "two-makers")
    done = run(tmp_path, "round.json", "clearing.json")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert [line.partition(":")[0] for line in lines[:15]] == [
        f"ok      check {n} {name}" for n, (name, _) in enumerate(verifier.CHECKS, 1)
    ]
    assert lines[15:] == [
        "VALID: all of it follows from the awards, and no other allocation can score more than 98.73 % better"
    ]


def test_invalid(tmp_path: Path) -> None:
    files(tmp_path, "two-makers", '"amount": 85217', '"amount": 85218')
    done = run(tmp_path, "round.json", "clearing.json")
    assert (done.returncode, done.stderr) == (1, "")
    assert (
        "FAILED  check 9 bills: 永泰 amount says 85218, follows 85217 (1 too much)"
        in done.stdout.splitlines()
    )
    assert done.stdout.endswith("INVALID: 1 of 15 checks failed\n")


def test_what_is_not_reached(tmp_path: Path) -> None:
    files(tmp_path, "capped", '"offer": "o1"', '"offer": "o3"')
    done = run(tmp_path, "round.json", "clearing.json")
    assert done.returncode == 1
    assert "FAILED  check 3 awards: row 0 (d1 o3 x): the round has no such offer" in done.stdout.splitlines()
    assert "-       check 9 bills: not reached" in done.stdout.splitlines()


def test_unusable(tmp_path: Path) -> None:
    files(tmp_path, "capped", '"score": 134850', '"score": 134850.0')
    done = run(tmp_path, "round.json", "clearing.json")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("clearing.json: score: 134850.0 is not an integer from ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "arguments", [[], ["round.json"], ["round.json", "clearing.json", "more"], ["--quick"]]
)
def test_not_two_files(tmp_path: Path, arguments: list[str]) -> None:
    done = run(tmp_path, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("usage: verifier.py [-h] ROUND.json CLEARING.json\n")
    assert "Traceback" not in done.stderr


def test_help(tmp_path: Path) -> None:
    done = run(tmp_path, "--help")
    assert done.returncode == 0
    assert "Exit code 0: valid." in done.stdout


def test_a_terminal_that_cannot_write_the_ids(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    files(tmp_path, "two-makers", '"amount": 85217', '"amount": 85218')
    paper = io.TextIOWrapper(io.BytesIO(), encoding="ascii", write_through=True)
    monkeypatch.setattr(sys, "stdout", paper)
    assert verifier.main([str(tmp_path / "round.json"), str(tmp_path / "clearing.json")]) == 1
    assert rb"bills: \u6c38\u6cf0 amount says 85218" in paper.buffer.getvalue()  # type: ignore[attr-defined]


def test_only_the_standard_library() -> None:
    tree = ast.parse(FILE.read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in names} <= set(sys.stdlib_module_names)
    assert not any(isinstance(node, ast.ImportFrom) and node.level for node in ast.walk(tree))


def test_each_check_is_tagged_in_the_code() -> None:
    code = FILE.read_text(encoding="utf-8")
    tags = [int(n) for line in code.splitlines() if "# check" in line for n in numbers(line)]
    assert sorted(tags) == list(range(1, 16))


def numbers(line: str) -> list[int]:
    """`# checks 6 to 10, 12` is 6, 7, 8, 9, 10 and 12."""
    found: list[int] = []
    for part in line.partition("# check")[2].removeprefix("s").split(","):
        first, _, last = part.strip().partition(" to ")
        found += range(int(first), int(last or first) + 1)
    return found


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is full")
def test_an_output_that_takes_no_more_is_not_a_verdict(tmp_path: Path) -> None:
    files(tmp_path, "capped")
    command = [sys.executable, "-I", "-S", str(FILE), "round.json", "clearing.json"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command, cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (done.returncode, done.stderr) == (2, "standard output takes no more: No space left on device\n")
