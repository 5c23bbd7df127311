"""Links, help texts, status, glossary, dependencies: what pages say about the repository is true."""

from __future__ import annotations

import json
import re
import tomllib
import unicodedata
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from millpond.cli import COMMANDS, main
from millpond.cli.log import command as log_command
from millpond.cli.peers import command as peers_command
from millpond.cli.room import command as rooms_command
from millpond.model import read_round

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)\s]+)\)")
FENCED = re.compile(r"^```.*?^```$", re.M | re.S)

WORDS = dict(
    pair.strip().rsplit(" ", 1)
    for pair in """
        community 社群, leader 团长, household 住户, maker 厂家, want 想要, demand line 需求行,
        item 货品, variant 规格, offer 报价, tier 阶梯, setup 开机费, capacity 产能, lead time 交期,
        round 轮次, open 开团, close 截团, seal 封存, solve 求解, award 成交, pool 汇集,
        production run 生产批次, lot 批号, clearing 清算, allocation 分配, bill 账单, settlement 结算,
        level 统一价, alone price 单独买的价, family 系列, surcharge 加价, pick-up point 自提点,
        pick-up code 提货码, check-off 核销, consignment 发运, freight 运费, load 计费量, claim 售后,
        adjustment 调整, refund 退款, node 节点, room 房间, peer 对等, mirror 镜像, witness 见证,
        host 主持, standby 备任
    """.strip()
    .replace("\n", " ")
    .split(",")
)
"""The founding design's words."""


def text_of(page: Path) -> str:
    return page.read_text("utf-8")


def anchors(page: Path) -> set[str]:
    """Anchors of a page's headings, as GitHub makes them."""
    found = set()
    for heading in re.findall(r"^#+ (.+)$", FENCED.sub("", text_of(page)), re.M):
        plain = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
        kept = (c for c in plain if c in "- _" or unicodedata.category(c)[0] in "LN")
        found.add("".join(kept).replace(" ", "-"))
    return found


def rows(page: str, heading: str) -> list[list[str]]:
    """The cells of the first table after this heading, without its head."""
    after = text_of(ROOT / page).partition(heading)[2]
    lines = after.partition("\n\n|")[2].partition("\n\n")[0].splitlines()
    return [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines[2:]]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for link in LINK.findall(FENCED.sub("", text_of(page))):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.name}: {link}"
        assert not anchor or anchor in anchors(target), f"{page.name}: {link}"


def test_every_page_can_be_reached_from_the_readme() -> None:
    waiting, seen = [ROOT / "README.md"], set()
    while waiting:
        page = waiting.pop()
        if page in seen or page.suffix != ".md":
            continue
        seen.add(page)
        links = LINK.findall(FENCED.sub("", text_of(page)))
        waiting += [
            (page.parent / link.partition("#")[0]).resolve() for link in links if link.partition("#")[0]
        ]
    assert set(PAGES) <= seen, set(PAGES) - seen


def commands_of(group: str, command: click.Command) -> list[str]:
    """The commands of a group, and of groups in it."""
    if not isinstance(command, click.Group):
        return []
    found = []
    for name, one in sorted(command.commands.items()):
        found += [f"{group} {name}", *commands_of(f"{group} {name}", one)]
    return found


@pytest.mark.parametrize(
    "name",
    [
        "",
        *COMMANDS,
        *commands_of("room", rooms_command),
        *commands_of("peers", peers_command),
        *commands_of("log", log_command),
    ],
)
def test_help_is_the_one_in_the_reference(name: str) -> None:
    command = f"millpond {name}".strip()
    shown = re.search(
        rf"<!-- help: {command} -->\n```text\n(.*?)^```$",
        text_of(ROOT / "docs/reference/commands.md"),
        re.M | re.S,
    )
    assert shown, f"docs/reference/commands.md lacks the help of {command}"
    said = CliRunner().invoke(main, [*name.split(), "--help"], prog_name="millpond", terminal_width=80)
    assert said.exit_code == 0
    assert shown[1].rstrip() == said.output.rstrip()


def test_round_in_the_reference_is_one() -> None:
    page = text_of(ROOT / "docs/reference/round-file.md")
    block = re.search(r"<!-- round -->\n```json\n(.*?)^```$", page, re.M | re.S)
    assert block
    round = read_round(block[1].encode(), "reference")
    assert round.id == "rice-2026-12"
    # Every field of the format is in the tables of the page, and no other.
    schema = json.loads((ROOT / "src/millpond/model/schemas/millpond-round-1.schema.json").read_text("utf-8"))
    fields = set(
        re.findall(r"`([a-z_]+)`", " ".join(line for line in page.splitlines() if line.startswith("| `")))
    )
    assert property_names(schema) <= fields | {"from", "price"}


def property_names(schema: object) -> set[str]:
    """Names of all properties anywhere in a JSON Schema."""
    if isinstance(schema, list):
        return set().union(*map(property_names, schema))
    if not isinstance(schema, dict):
        return set()
    own = set(schema["properties"]) if isinstance(schema.get("properties"), dict) else set()
    return own.union(*(property_names(value) for value in schema.values()))


def test_status_is_true() -> None:
    """What works is a command that is there; what does not yet is a room that is not."""
    states = {row[0]: row[1] for row in rows("README.md", "## What works")}
    assert set(states.values()) <= {"works", "partly", "not yet"}
    told = {name for row in states for name in re.findall(r"`millpond (\w+)`", row)}
    assert told == set(COMMANDS)
    for row, state in states.items():
        for name in re.findall(r"`millpond (\w+)`", row):
            folder = ROOT / "src/millpond/cli"
            is_there = (folder / f"{name}.py").exists() or (folder / name / "__init__.py").exists()
            assert is_there == (state != "not yet"), f"README: {row}"
        for room in re.findall(r"`(\w+)/`", row):
            assert (ROOT / f"src/millpond/{room}").is_dir() == (state != "not yet"), f"README: {row}"


def test_both_readmes_tell_the_same_status() -> None:
    def marks(page: str, heading: str, words: dict[str, str]) -> list[tuple[tuple[str, ...], str]]:
        return [(tuple(re.findall(r"`[^`]+`", row[0])), words[row[1]]) for row in rows(page, heading)]

    english = marks("README.md", "## What works", {"works": "+", "partly": "~", "not yet": "-"})
    chinese = marks("README.zh.md", "## 哪些能用", {"能用": "+", "部分能用": "~", "还没有": "-"})
    assert english == chinese


def test_both_tutorials_have_the_same_blocks() -> None:
    """The English one is run; the Chinese one shows the same commands and output."""
    english, chinese = (FENCED.findall(text_of(ROOT / f"docs/tutorial{ending}.md")) for ending in ("", ".zh"))
    assert english == chinese
    assert len(english) > 10


def test_two_commands_of_the_readme_are_make_targets() -> None:
    targets = set(re.findall(r"^(\w+):", text_of(ROOT / "Makefile"), re.M))
    for page in ("README.md", "README.zh.md"):
        asked = set(re.findall(r"^make (\w+)$", text_of(ROOT / page), re.M))
        assert asked == {"demo", "test"}
        assert asked <= targets


def test_glossary_has_every_word_of_the_design() -> None:
    glossary = dict(re.findall(r"^\| ([^|]+?) \| ([^|]+?) \|", text_of(ROOT / "docs/glossary.md"), re.M))
    assert {word: glossary.get(word) for word in WORDS} == WORDS


def test_every_dependency_is_explained() -> None:
    project = tomllib.loads(text_of(ROOT / "pyproject.toml"))["project"]
    asked = list(project["dependencies"]) + [
        one for extra in project["optional-dependencies"].values() for one in extra
    ]
    names = {re.split(r"[\[<>=!~ ]", one)[0] for one in asked} - {"millpond"}
    page = text_of(ROOT / "docs/dependencies.md")
    assert set(re.findall(r"^\| `([\w-]+)` \|", page, re.M)) == names


def test_decisions_are_listed() -> None:
    listed = set(re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", text_of(ROOT / "docs/adr/README.md")))
    assert listed == {page.name for page in (ROOT / "docs/adr").glob("[0-9]*.md")}


def test_licence_is_apache_2() -> None:
    licence = text_of(ROOT / "LICENSE")
    assert "Apache License\n                           Version 2.0, January 2004" in licence
    assert "END OF TERMS AND CONDITIONS" in licence
