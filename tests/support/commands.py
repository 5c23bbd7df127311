"""Running the real command as people do: a process, its output and its exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

TIMEOUT_SECONDS = 300


def environment() -> dict[str, str]:
    """Ours, with the source tree on the path and no colours or terminal width of whoever runs the tests."""
    source = str(Path(__file__).parents[2] / "src")
    kept = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "FORCE_COLOR")}
    return kept | {"PYTHONPATH": source, "PYTHONUTF8": "1", "NO_COLOR": "1"}


def millpond(
    *arguments: str | Path,
    launcher: Sequence[str] = ("-m", "millpond"),
    before: Callable[[], None] | None = None,
    output: int = subprocess.PIPE,
) -> subprocess.CompletedProcess[str]:
    """The finished command; `before` runs in its process, before it starts; `output` is where it prints."""
    return subprocess.run(
        [sys.executable, *launcher, *map(str, arguments)],
        stdout=output,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=environment(),
        preexec_fn=before,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )


def refused(done: subprocess.CompletedProcess[str], code: int = 2, *, at_once: bool = True) -> str:
    """The one message of a command that ended with this code; before it progress, if not refused at once."""
    assert done.returncode == code, done
    assert done.stdout == ""
    *progress, said = done.stderr.splitlines()
    assert not (at_once and progress), done
    assert not any(line.startswith(("millpond", "Traceback")) for line in progress), done
    assert said.startswith("millpond: ")
    return said.removeprefix("millpond: ")
