"""The systemd units: systemd understands them, they leave the node little, and they call what there is."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from millpond.cli import COMMANDS, main

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted(path for path in DEPLOY.iterdir() if path.suffix in {".service", ".timer"})
SERVICES = [path for path in UNITS if path.suffix == ".service"]
PROGRAM = "/usr/local/lib/millpond/bin/millpond"
PAGE = ROOT / "docs" / "how-to" / "run-a-node.md"
MOST_EXPOSED = 15
"""In tenths of systemd's scale from 0 (safe) to 10 (exposed); a service without a word about it has 9.6."""

ANALYZE = shutil.which("systemd-analyze")


def systemd_version() -> int:
    if ANALYZE is None:
        return 0
    said = subprocess.run([ANALYZE, "--version"], capture_output=True, encoding="utf-8", check=True).stdout
    found = re.search(r"systemd (\d+)", said)
    return int(found[1]) if found else 0


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(arguments, capture_output=True, encoding="utf-8", check=False)


@pytest.mark.skipif(ANALYZE is None, reason="needs systemd-analyze")
def test_systemd_understands_every_unit(tmp_path: Path) -> None:
    assert ANALYZE
    copies = []
    for unit in UNITS:
        copies.append(tmp_path / unit.name)
        copies[-1].write_text(unit.read_text("utf-8").replace(PROGRAM, "/bin/true"), "utf-8")
    done = run(ANALYZE, "verify", "--man=no", *map(str, copies))
    ours = [line for line in done.stderr.splitlines() if "millpond" in line]
    assert (done.returncode, ours) == (0, [])


@pytest.mark.skipif(systemd_version() < 250, reason="needs systemd-analyze security --offline")
@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_a_service_may_do_little(unit: Path) -> None:
    assert ANALYZE
    done = run(ANALYZE, "security", "--offline=true", f"--threshold={MOST_EXPOSED}", "--no-pager", str(unit))
    assert done.returncode == 0, done.stdout.splitlines()[-1:]


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_a_service_is_named_as_the_page_sets_it_up(unit: Path) -> None:
    text, page = unit.read_text("utf-8"), PAGE.read_text("utf-8")
    settings = dict(re.findall(r"^(\w+)=(.*)$", text, re.M))
    assert settings["ExecStart"].startswith(PROGRAM + " ")
    assert settings["User"] == settings["Group"] == settings["StateDirectory"] == "millpond"
    assert settings["ProtectSystem"] == "strict"
    assert settings["NoNewPrivileges"] == "yes"
    for path in re.findall(r"/(?:etc|var/backups)/millpond\S*", text):
        assert path.rstrip(",;.") in page, f"{PAGE.name} does not say how {path} comes to be"


def test_the_page_names_every_file() -> None:
    page = PAGE.read_text("utf-8")
    for file in DEPLOY.iterdir():
        assert f"deploy/{file.name}" in page


def calls() -> list[str]:
    """Every call of millpond in the units and on the page, as one line."""
    text = "\n".join(unit.read_text("utf-8") for unit in SERVICES)
    found = re.findall(r"^ExecStart=\S+/(millpond .*)$", text, re.M)
    page = PAGE.read_text("utf-8")
    for block in re.findall(r"^```sh\n(.*?)^```$", page, re.M | re.S):
        found += re.findall(r"^(?:sudo -u millpond )?(millpond .*)$", block, re.M)
    return list(dict.fromkeys(found))


def test_there_are_calls() -> None:
    named = {call.split()[1] for call in calls()}
    assert {"serve", "backup", "restore", "update", "room"} <= named


@pytest.mark.parametrize("call", calls())
def test_a_call_is_one_that_millpond_knows(call: str) -> None:
    words = call.split()[1:]
    command = [word for word in words[:2] if not word.startswith("-")][: 2 if words[0] == "room" else 1]
    if command[0] not in COMMANDS:
        pytest.skip(f"there is no `millpond {command[0]}` yet")
    said = CliRunner().invoke(main, [*command, "--help"])
    assert said.exit_code == 0, said.output
    known = set(re.findall(r"--[a-z-]+", said.output))
    assert {word.partition("=")[0] for word in words if word.startswith("--")} <= known
