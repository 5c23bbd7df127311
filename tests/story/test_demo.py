"""`millpond demo` as people run it: the story with the real solver, the cheat with the real verifier."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from millpond import read_clearing, read_round
from millpond.cli import demo, main
from millpond.equality.outcomes import Reason
from millpond.story import facts, read_story, story_bytes
from millpond.verify import verifier


def test_what_the_story_is_meant_to_show() -> None:
    """If this fails, the solver found something else than the story tells of, or the round was changed."""
    round = read_story()
    clearing = demo.clear_story(round, lambda _: None)
    towns = facts.towns(round, clearing)
    served = [town for town in towns if town.served]
    assert len(towns) == 5
    assert len(served) == 4
    assert len(facts.common_prices(clearing)) == 1
    assert all(town.alone and town.together and town.together < town.alone for town in served)
    assert {refusal.reason for refusal in facts.refusals(round, clearing)} == {
        Reason.PRICE,
        Reason.UNDELIVERED,
    }
    assert any(
        not facts.reaches_alone(town, *facts.tier_of(round, run)) for run in clearing.runs for town in served
    )
    # The rest of the gap is what the refused line would add at a price below everybody else's.
    assert float(facts.percent_better(clearing.score, clearing.bound)) < 0.5


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests wait less long for a clearing that is hardly ever there."""
    monkeypatch.setattr(demo, "PATIENCE_SECONDS", 2)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_story_without_the_data(language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without the packages of the extra `demo`: says so, tells the story, and ends well."""
    monkeypatch.setattr(demo, "DATA_PACKAGES", {"not_there_at_all": "not-there-at-all"})
    done = CliRunner().invoke(
        main, ["demo", "-o", str(tmp_path), "--language", language], prog_name="millpond"
    )
    assert done.exit_code == 0, done.output
    told = " ".join(done.stdout.split())
    assert "not-there-at-all" in told
    assert "millpond[demo]" in told
    assert not (tmp_path / "baskets").exists()

    data = (tmp_path / "story/round.json").read_bytes()
    assert data == story_bytes()
    clearing = read_clearing((tmp_path / "story/clearing.json").read_bytes())
    for town in facts.towns(read_round(data), clearing):
        for amount in (town.alone_each, town.together):
            assert amount is None or f"{float(amount) / 100:,.2f}" in told

    changed = (tmp_path / "story/clearing-changed.json").read_bytes()
    failed = [check for check in verifier.verify(data, changed) if not check.ok]
    assert [check.name for check in failed] == ["bills"]
    assert failed[0].message in told
    before, after = (
        {bill["place"]: bill["amount"] for bill in json.loads(one)["bills"]}
        for one in ((tmp_path / "story/clearing.json").read_bytes(), changed)
    )
    assert [after[place] - before[place] for place in before if after[place] != before[place]] == [1]


def test_no_room_for_the_files(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    done = CliRunner().invoke(main, ["demo", "-o", str(tmp_path / "taken")], prog_name="millpond")
    assert done.exit_code == 2
    assert re.search(r"^millpond: .*taken/story: cannot make this folder", done.stderr, re.M)
    assert "Traceback" not in done.output


@pytest.mark.soak
def test_all_of_it(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["demo", "-o", str(tmp_path), "--seconds", "20"], prog_name="millpond")
    assert done.exit_code == 0, done.output
    assert {"round.json", "clearing.json", "report.html"} <= {
        file.name for file in (tmp_path / "baskets").iterdir()
    }
