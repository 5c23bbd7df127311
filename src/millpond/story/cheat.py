"""One bill changed by one minor unit, and the verifier that finds it.

The verifier runs as a process of its own, from its one file, as somebody would who trusts nobody: it shares
nothing with the process that made the clearing.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from millpond.verify import verifier

VERIFIER = Path(verifier.__file__)
TIMEOUT_SECONDS = 60
"""Far more than the verifier needs for the story's round: a demo must not hang."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What the verifier said about a clearing file: its command, exit code, and lines of output."""

    command: tuple[str, ...]
    exit_code: int
    lines: tuple[str, ...]


def one_cent_more(clearing: bytes, place: str) -> bytes:
    """The clearing file with the bill of `place` one minor unit higher and nothing else changed.

    Raises `ValueError` if there is no such bill.
    """
    told = json.loads(clearing)
    for bill in told["bills"]:
        if bill["place"] == place:
            bill["amount"] += 1
            return json.dumps(told, ensure_ascii=False, indent=1).encode()
    raise ValueError(f"no bill for {place}")


def check(round_path: Path, clearing_path: Path) -> Finding:
    """Run the verifier's one file on the two files, alone and without the rest of Millpond."""
    command: Sequence[str] = (sys.executable, "-I", str(VERIFIER), str(round_path), str(clearing_path))
    done = subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", timeout=TIMEOUT_SECONDS, check=False
    )
    said = (done.stdout + done.stderr).strip().splitlines()
    return Finding(command=tuple(command), exit_code=done.returncode, lines=tuple(said))
