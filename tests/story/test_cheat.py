"""One cent, found by the real verifier in a process of its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from millpond.clearing.finish import finish
from millpond.model import Award, Certificate, Leaf, encode_clearing, read_round
from millpond.story import cheat, story_bytes


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, bytes]:
    """The story's round file, and the bytes of a valid clearing of it."""
    round = read_round(story_bytes())
    line = next(line for line in round.demand if line.id == "yongtai-M")
    award = Award(demand=line.id, offer="qingyun-tailor", item="jacket-M", quantity=line.quantity)
    (tmp_path / "round.json").write_bytes(story_bytes())
    return tmp_path / "round.json", encode_clearing(finish(round, [award], Certificate(scale=1, tree=Leaf())))


def test_valid_as_it_is(files: tuple[Path, bytes]) -> None:
    path = files[0].with_name("clearing.json")
    path.write_bytes(files[1])
    finding = cheat.check(files[0], path)
    assert finding.exit_code == 0, finding.lines


def test_one_cent_is_found_and_named(files: tuple[Path, bytes]) -> None:
    path = files[0].with_name("changed.json")
    path.write_bytes(cheat.one_cent_more(files[1], "yongtai"))
    before, after = json.loads(files[1]), json.loads(path.read_bytes())
    assert after["bills"][0].pop("amount") - before["bills"][0].pop("amount") == 1
    assert after == before
    finding = cheat.check(files[0], path)
    assert finding.exit_code == 1
    failed = [line for line in finding.lines if line.startswith("FAILED")]
    assert len(failed) == 1
    assert "bills: yongtai amount" in failed[0]
    assert "1 too much" in failed[0]


def test_no_such_bill(files: tuple[Path, bytes]) -> None:
    with pytest.raises(ValueError, match="no bill for medog"):
        cheat.one_cent_more(files[1], "medog")
