"""No bytes of strangers break a reader: some examples of each here, millions by coverage in `make soak`."""

from __future__ import annotations

import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import pytest
from fuzz_targets import BY_NAME, TARGETS, Target, refused
from hypothesis import given, settings
from hypothesis import strategies as st
from mangled import mangled

from millpond.errors import InputError

FUZZ = Path(__file__).parent / "fuzz.py"
EXAMPLES = 150
"""Here, where it runs with all other tests."""
RUNS = 300_000
SECONDS = 600
"""Of each target in soak at most; the whole is then a morning's work of one core."""


def named(targets: list[Target]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("target", targets, ids=lambda target: target.name)


@named(list(TARGETS))
def test_what_is_right_is_taken(target: Target) -> None:
    for seed in target.seeds:
        target.read(seed)


@named([target for target in TARGETS if target.in_suite])
def test_mangled_bytes_break_nothing(target: Target) -> None:
    @settings(max_examples=max(EXAMPLES, settings().max_examples))
    @given(mangled(*target.seeds))
    def run(data: bytes) -> None:
        target.read(data)

    run()


@given(st.sampled_from(sorted(BY_NAME)), st.binary(max_size=100))
def test_any_bytes_break_nothing(name: str, data: bytes) -> None:
    BY_NAME[name].read(data)


def test_only_a_refusal_is_swallowed() -> None:
    with refused():
        raise InputError("no")
    with pytest.raises(KeyError), refused():
        raise KeyError("no")
    with pytest.raises(UnicodeEncodeError), refused():
        raise InputError("\ud800")
    with pytest.raises(AssertionError), refused():
        raise InputError("no" * 4_000)


def test_what_broke_is_done_again_by_hand() -> None:
    done = subprocess.run(
        [sys.executable, FUZZ, "path", "--again", b64encode(b"tile/0/000").decode()], check=False
    )
    assert done.returncode == 0


@pytest.mark.soak
@named(list(TARGETS))
def test_driven_by_coverage_nothing_breaks(target: Target) -> None:
    pytest.importorskip("atheris", reason="atheris is not installed: pip install atheris")
    options = ["-seed=1", f"-runs={RUNS}", f"-max_total_time={SECONDS}", "-timeout=20", "-rss_limit_mb=1024"]
    done = subprocess.run(
        [sys.executable, FUZZ, target.name, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    assert done.returncode == 0, done.stdout[-8_000:]
    assert "Done " in done.stdout
