"""All of a log in a folder of static files, held against its checkpoint: ours, and aics-tlog's audit.

Ours is a process of its own, as the other one is: `python -m bench.logs.structure FOLDER ORIGIN` reads every
bundle and every tile, hashes the entries, compares each tile with what they give, and the root with the
checkpoint's, whose signature it checks. Statements are not read. It prints one line of JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench import ROOT
from bench.machine import peak_bytes
from millpond.log import checkpoint, note, tiles
from millpond.log.keys import public_of
from millpond.log.merkle import leaf_hash

FOREIGN = ROOT / ".venv-foreign" / "bin" / "python"
CHECK = ROOT / "scripts" / "foreign_check.py"
NEEDED = "aics-tlog needs Python 3.12 or later: sh scripts/foreign"


def audit(folder: Path, origin: str) -> int:
    """Raises `RuntimeError` for whatever is not right; returns how many entries there are."""
    head = checkpoint.read((folder / "checkpoint").read_bytes(), origin)
    edge = tiles.Edge()
    for tile in tiles.tiles_of(head.size):
        if tile.level is not None:
            break  # bundles come first, from the first entry on
        entries, used = tiles.decode_bundle(data := (folder / tile.path).read_bytes())
        if len(entries) != tile.width or used != len(data):
            raise RuntimeError(f"{tile.path} is no bundle of {tile.width} entries")
        for level, number, hashes in edge.extend([leaf_hash(entry) for entry in entries]):
            _compare(folder, tiles.tile_path(level, number), hashes)
    for level, partial in enumerate(edge.partial):
        if partial:
            number = head.size >> tiles.TILE_HEIGHT * (level + 1)
            _compare(folder, tiles.tile_path(level, number, len(partial) // 32), bytes(partial))
    if edge.range.root() != head.root:
        raise RuntimeError("the entries do not have the root of the checkpoint")
    return head.size


def _compare(folder: Path, path: str, hashes: bytes) -> None:
    if (folder / path).read_bytes() != hashes:
        raise RuntimeError(f"{path} is not what the entries give")


def run_ours(folder: Path, origin: str) -> dict[str, Any]:
    """Seconds and bytes of memory of ours."""
    return _run([sys.executable, "-m", "bench.logs.structure", str(folder), origin])


def run_theirs(folder: Path, origin: str) -> dict[str, Any]:
    """The same of aics-tlog, its own Python, the same files."""
    vkey = note.vkey(origin, note.ED25519, public_of(origin))
    return _run([str(FOREIGN), str(CHECK), "audit", str(folder), vkey, origin])


def _run(command: list[str]) -> dict[str, Any]:
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{command[-3]}: {done.stdout}{done.stderr[-1_000:]}")
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def main() -> None:
    """The process."""
    folder, origin = Path(sys.argv[1]), sys.argv[2]
    start = time.perf_counter()
    size = audit(folder, origin)
    seconds = round(time.perf_counter() - start, 3)
    print(json.dumps({"ok": True, "size": size, "seconds": seconds, "peak_bytes": peak_bytes()}))


if __name__ == "__main__":
    main()
