"""A node without the packages of the extra `solve`: rounds of one maker are cleared, others name the extra.

The real command runs in a process that cannot import numpy, numba or highspy, as if they were not installed.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from commands import environment, millpond, refused
from plain_rounds import encoded, example_round
from tiny_rounds import golden

from millpond.model import read_clearing

ROOT = str(Path(__file__).resolve().parents[1])
if ROOT not in sys.path:  # the benchmark is no part of the package
    sys.path.insert(0, ROOT)

from bench.group_orders import group_order  # noqa: E402

MISSING = """
import importlib.abc, sys

class NotInstalled(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name.partition(".")[0] in {"highspy", "numba", "numpy"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, NotInstalled())
"""
COMMAND = ("-c", MISSING + "from millpond.cli import main; main(prog_name='millpond')")


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    return tmp_path / "round.json", tmp_path / "clearing.json"


def test_a_group_order_is_cleared_and_verified(files: tuple[Path, Path]) -> None:
    round, clearing = files
    round.write_bytes(encoded(group_order(120, seed=4, scarce=True)))
    done = millpond("clear", round, "-o", clearing, launcher=COMMAND)
    assert done.returncode == 0, done.stderr
    assert "proven" in done.stderr
    assert "compiling" not in done.stderr
    assert read_clearing(clearing.read_bytes()).awards
    assert millpond("verify", round, clearing, launcher=COMMAND).returncode == 0


def test_one_that_cannot_be_served_is_refused_as_ever(files: tuple[Path, Path]) -> None:
    round, clearing = files
    told = group_order(5, seed=4) | {"must_serve": True}
    told["offers"][0]["freight"] = []
    round.write_bytes(encoded(told))
    done = millpond("clear", round, "-o", clearing, launcher=COMMAND)
    assert "w00000, w00001" in refused(done, 1)
    assert not clearing.exists()


def test_another_round_names_the_extra_and_why(files: tuple[Path, Path]) -> None:
    round, clearing = files
    round.write_bytes(encoded(golden("two-makers")["round"]))
    said = refused(millpond("clear", round, "-o", clearing, launcher=COMMAND))
    assert said.startswith("this round (")
    assert "could both serve line" in said
    assert said.endswith("needs the package numpy: pip install 'millpond[solve]'")
    assert not clearing.exists()


def test_a_library_caller_gets_an_error_of_ours() -> None:
    program = """
import json, sys
import millpond
try:
    millpond.clear(millpond.read_round(sys.stdin.buffer.read()))
except millpond.MissingExtra as error:
    print(json.dumps([error.extra, isinstance(error, millpond.MillpondError), str(error)]))
"""
    done = subprocess.run(
        [sys.executable, "-c", MISSING + program],
        input=encoded(example_round()),
        env=environment(),
        capture_output=True,
        check=True,
    )
    extra, ours, said = json.loads(done.stdout)
    assert (extra, ours) == ("solve", True)
    assert "o1 could serve lines at p1 and at p2" in said
    assert "millpond[solve]" in said
