"""Software of others that judges our logs: aics-tlog and aics-witness, as processes.

It lives in `.venv-foreign` (`scripts/foreign` makes it, `make test` calls that); where that could not be made
its tests are skipped, and say why.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

ROOT = Path(__file__).parents[2]
PROGRAMS = ROOT / ".venv-foreign" / "bin"
CHECK = ROOT / "scripts" / "foreign_check.py"
WITNESS_NAME = "witness.example/w1"


def program(name: str = "python") -> Path:
    """Where this program of others is; skips the test where it is not."""
    found = PROGRAMS / name
    if not found.exists():
        pytest.skip("software of others needs Python 3.12 or later and a download: sh scripts/foreign")
    return found


# ---- aics-tlog


def audit(where: Path | str, vkey: str, origin: str) -> subprocess.CompletedProcess[str]:
    """All of a log, a folder or an address, read by aics-tlog; ends with 0 if it is right; told in JSON."""
    return run("python", str(CHECK), "audit", str(where), vkey, origin)


def tlog(*arguments: str) -> subprocess.CompletedProcess[str]:
    """`aics-tlog` itself: verify-checkpoint, verify-inclusion, verify-consistency."""
    return run("aics-tlog", *arguments)


def cosigned(questions: Sequence[tuple[bytes, str]]) -> list[bool]:
    """Of each note and vkey: whether that witness's cosignature is under the note, and is valid."""
    asked = [{"note": note.decode(), "vkey": vkey} for note, vkey in questions]
    done = run("python", str(CHECK), "cosignatures", said=json.dumps(asked))
    assert done.returncode == 0, done.stderr
    verdicts: list[bool] = json.loads(done.stdout)
    return verdicts


def run(name: str, *arguments: str, said: str = "") -> subprocess.CompletedProcess[str]:
    """A program of others, to its end; `said` is its standard input."""
    return subprocess.run(
        [str(program(name)), *arguments],
        input=said, capture_output=True, text=True, encoding="utf-8", check=False, timeout=120,
    )  # fmt: skip


# ---- aics-witness


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness of others that answers at `url`; `vkey` is its key in a note's words."""

    url: str
    vkey: str
    folder: Path

    def add_checkpoint(self, body: bytes) -> httpx2.Response:
        """What it answers to a request of tlog-witness."""
        return httpx2.post(f"{self.url}/add-checkpoint", content=body, timeout=60)

    def evidence(self) -> list[dict[str, Any]]:
        """What it keeps of requests that a log signed and that it had to refuse."""
        done = run("aics-witness", "evidence", "--config", str(self.folder / "witness.json"))
        assert done.returncode == 0, done.stderr
        kept: list[dict[str, Any]] = json.loads(done.stdout)
        return kept


@contextmanager
def witness(folder: Path, logs: Sequence[tuple[str, str]]) -> Iterator[Witness]:
    """`aics-witness serve` on a free port, for these logs (origin, vkey), until the block ends."""
    folder.mkdir(parents=True, exist_ok=True)
    config = ("--config", str(folder / "witness.json"))
    begun = run("aics-witness", "init", *config, "--name", WITNESS_NAME, "--listen", "127.0.0.1:0")
    assert begun.returncode == 0, begun.stderr
    for origin, vkey in logs:
        done = run("aics-witness", "add-log", *config, "--origin", origin, "--vkey", vkey)
        assert done.returncode == 0, done.stderr
    process = subprocess.Popen(
        [str(program("aics-witness")), "serve", *config],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, encoding="utf-8",
    )  # fmt: skip
    try:
        yield Witness(_address(process), begun.stdout.strip(), folder)
    finally:
        process.terminate()
        process.communicate(timeout=60)


def _address(process: subprocess.Popen[str]) -> str:
    """Where it listens: it says so once it does."""
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        if "listening on" in line:
            return line.partition("listening on ")[2].split()[0]
    raise AssertionError(f"the witness did not start: {''.join(said)}")
