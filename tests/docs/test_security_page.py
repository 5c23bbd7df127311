"""The page on security names tests that exist, and every item of level 1 of OWASP ASVS 5.0."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/explanation/security.md").read_text(encoding="utf-8")
LEVEL_1 = re.findall(
    r"\S+",
    """
    1.2.1 1.2.2 1.2.3 1.2.4 1.2.5 1.3.1 1.3.2 1.5.1 2.1.1 2.2.1 2.2.2 2.3.1 3.2.1 3.2.2 3.3.1 3.4.1
    3.4.2 3.5.1 3.5.2 3.5.3 4.1.1 4.4.1 5.2.1 5.2.2 5.3.1 5.3.2 6.1.1 6.2.1 6.2.2 6.2.3 6.2.4 6.2.5
    6.2.6 6.2.7 6.3.1 6.4.1 6.4.2 7.2.1 7.2.2 7.2.3 7.2.4 7.4.1 7.4.2 8.1.1 8.2.1 8.2.2 8.3.1 9.1.1
    9.1.2 9.1.3 9.2.1 11.3.1 11.3.2 11.4.1 12.1.1 12.2.1 12.2.2 13.4.1 14.2.1 14.3.1 15.1.1 15.2.1
    15.3.1
    """,
)


def test_every_item_of_level_1_has_its_row() -> None:
    items = {
        item
        for row in PAGE.splitlines()
        if row.startswith("| ")
        for item in re.findall(r"\d+\.\d+\.\d+", row)
    }
    assert set(LEVEL_1) <= items


def test_every_test_that_is_named_exists() -> None:
    named = re.findall(r"`([\w/]+\.py)(?:::(\w+))?`", PAGE)
    assert len(named) > 60
    for file, function in named:
        path = ROOT / "tests" / file
        if file.startswith(("guard/", "web/forms", "web/pages")):
            path = ROOT / "src/millpond" / ("web/" + file if file.startswith("guard/") else file)
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if function:
            assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, (
                function
            )
