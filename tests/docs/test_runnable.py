"""Pages that show commands and output: the commands are run in an empty folder and must print what is shown.

Marks, as comments that a reader of the page does not see, each for the fenced block that follows it:

- `<!-- file: NAME -->`  the block is the file NAME;
- `<!-- run -->`, `<!-- run: exit 1 -->`  the block (sh or python) is run and must end with this exit code;
- `<!-- shows -->`  what the last block that was run printed: "…" stands for anything in a line, a line of it
  alone for any lines.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
BLOCK = re.compile(r"<!-- (file|run|shows)(?:: ([^>]*?))? -->\n```(\w*)\n(.*?)^```$", re.M | re.S)
SECONDS = 300


@dataclass(frozen=True)
class Step:
    kind: str
    argument: str
    language: str
    text: str


def steps_of(page: str) -> list[Step]:
    return [Step(m[1], (m[2] or "").strip(), m[3], m[4]) for m in BLOCK.finditer(page)]


RUNNABLE = [page for page in PAGES if any(step.kind == "run" for step in steps_of(page.read_text("utf-8")))]


def run(step: Step, folder: Path) -> tuple[int, str]:
    """Exit code and standard output; what went to standard error is shown if the test fails."""
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT / "src"),
        "PYTHONIOENCODING": "utf-8",
        "COLUMNS": "100",
        "LC_ALL": "C.UTF-8",
    }
    command = {"sh": ["bash", "-eu", "-c", step.text], "python": [sys.executable, "-c", step.text]}[
        step.language
    ]
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )
    print(f"$ {step.text}{done.stdout}{done.stderr}")
    return done.returncode, done.stdout


def matches(shown: str, printed: str) -> bool:
    """Whether the output is the one shown, but for what "…" stands for.

    >>> matches("took … s\\n…\\nend", "took 3 s\\na\\nb\\nend"), matches("a\\n", "b\\n")
    (True, False)
    """
    pattern = ""
    for line in shown.strip("\n").split("\n"):
        if line.strip() == "…":
            pattern += r"(?:.*\n)*?"
        else:
            pattern += r".*?".join(re.escape(part) for part in line.rstrip().split("…")) + r"[ ]*\n"
    return re.fullmatch(pattern, printed.strip("\n") + "\n") is not None


def test_shown_output_must_match() -> None:
    assert matches("took … s\n…\nend", "took 3 s\na\nb\nend")
    assert matches("a\n…", "a\n")
    assert not matches("a\n", "b\n")
    assert not matches("a\n", "a\nb\n")
    assert not matches("price 35.13", "price 35.14")


def test_there_are_runnable_pages() -> None:
    assert {"tutorial.md", "write-a-round.md", "verify-a-clearing.md", "python.md"} <= {
        page.name for page in RUNNABLE
    }


@pytest.mark.parametrize("page", RUNNABLE, ids=lambda page: page.name)
def test_page_shows_what_happens(page: Path, tmp_path: Path) -> None:
    (tmp_path / "millpond").symlink_to(ROOT)  # where a reader has the repository
    printed = ""
    for step in steps_of(page.read_text("utf-8")):
        if step.kind == "file":
            (tmp_path / step.argument).write_text(step.text, "utf-8")
        elif step.kind == "run":
            expected = int(step.argument.removeprefix("exit ") or 0)
            code, printed = run(step, tmp_path)
            assert code == expected, step.text
        else:
            assert matches(step.text, printed), f"the page shows\n{step.text}\nbut it prints\n{printed}"
