"""npm's Hypercore as a peer: the same records appended in batches, then copied to a reader by its protocol.

`bench/hypercore` pins it; it is installed beside, in `out/hypercore`, by `npm ci`. What it does of what we
do: a batch is hashed (BLAKE2b), put into the Merkle tree, the new root signed (Ed25519) and kept in RocksDB,
which is not told to fsync; a reader verifies every block that comes by hashes up to a root that the writer
signed, as our ingest by checkpoint does. Both are processes of their own, with a socket of this machine
between them.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench import ROOT
from bench.logs.statements import write_records

PINNED = ROOT / "bench" / "hypercore"
INSTALLED = ROOT / "out" / "hypercore"
NEEDED = "Hypercore is a package of npm: node and npm are needed"
FILES = ("package.json", "package-lock.json", "peer.mjs")
MOST_SECONDS = 300


def install() -> bool:
    """Whether it is there; installed if it was not and can be."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return False
    INSTALLED.mkdir(parents=True, exist_ok=True)
    done = INSTALLED / "installed.json"
    lock = (PINNED / "package-lock.json").read_bytes()
    for name in FILES:
        shutil.copyfile(PINNED / name, INSTALLED / name)
    if not done.exists() or done.read_bytes() != lock:
        command = ["npm", "ci", "--no-audit", "--no-fund", "--silent"]
        if subprocess.run(command, cwd=INSTALLED, check=False).returncode:
            return False
        done.write_bytes(lock)
    return True


def version() -> str:
    """Of Hypercore, and of node."""
    package = INSTALLED / "node_modules" / "hypercore" / "package.json"
    node = subprocess.run(["node", "--version"], check=True, capture_output=True, text=True).stdout.strip()
    return f"{json.loads(package.read_text(encoding='utf-8'))['version']}, node {node}"


def measure(entries: Sequence[bytes], batches: Sequence[int]) -> list[dict[str, Any]]:
    """A row for each size of batches: seconds of appending, and of copying to a reader."""
    rows = []
    for batch in batches:
        with TemporaryDirectory() as folder:
            rows.append({"batch": batch, **_run(Path(folder), entries, batch)})
    return rows


def _run(folder: Path, entries: Sequence[bytes], batch: int) -> dict[str, Any]:
    write_records(folder / "records", entries)
    writer = _start("write", folder / "writer", folder / "records", batch)
    try:
        assert writer.stdout is not None
        said = json.loads(writer.stdout.readline() or "{}")
        if said.get("records") != len(entries):
            raise RuntimeError("Hypercore did not append what it was given")
        reader = _start("read", folder / "reader", said["key"], said["port"])
        out, _ = reader.communicate(timeout=MOST_SECONDS)
        copied = json.loads(out or "{}")
    finally:
        writer.communicate(timeout=MOST_SECONDS)
    if (copied.get("records"), copied.get("bytes")) != (len(entries), sum(map(len, entries))):
        raise RuntimeError("Hypercore's reader has not got what its writer has")
    return {"append_seconds": said["seconds"], "copy_seconds": copied["seconds"]}


def _start(*arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        ["node", "peer.mjs", *map(str, arguments)],
        cwd=INSTALLED,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
