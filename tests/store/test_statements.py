"""SQL by name: every statement of the package can be prepared, and takes the values it is given."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from millpond.store.files import migrations
from millpond.store.statements import parse, statements

ROOT = Path(__file__).parents[2]


def test_a_name_that_stands_twice_is_refused() -> None:
    with pytest.raises(ValueError, match=r"orders\.sql: count stands twice"):
        parse("orders", "-- name: count\nSELECT 1;\n-- name: count\nSELECT 2;\n")


def test_what_stands_before_the_first_name_is_no_statement() -> None:
    assert parse("x", "-- of orders\n\n-- name: a\nSELECT 1;\n-- name: b_2\n\nSELECT 2;") == {
        "x.a": "SELECT 1;",
        "x.b_2": "SELECT 2;",
    }


def files_of(name: str) -> set[str]:
    """Which databases a statement is for: by its file's name, `logs` for a room's own log and for others'."""
    file = name.partition(".")[0]
    if file == "logs":
        return {"room", "network"}
    return {"node"} if file == "node" else {"network"} if file.startswith("network") else {"room"}


@pytest.mark.parametrize("kind", ["node", "room", "network"])
def test_every_statement_fits_the_schema(kind: str) -> None:
    refused = {}
    with closing(sqlite3.connect(":memory:")) as connection:
        for _, sql in migrations(kind):
            connection.executescript(sql)
        for name, text in statements().items():
            if kind in files_of(name):
                named = dict.fromkeys(re.findall(r":([a-z_]\w*)", text))
                values = named or (None,) * text.count("?")
                try:
                    connection.execute(f"EXPLAIN {text}", values)
                except sqlite3.Error as error:
                    refused[name] = str(error)
    assert refused == {}


def test_every_statement_is_used() -> None:
    """By its whole name, or by its own where the file is put before it: `f"households.{name}"`."""
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "src" / "millpond").rglob("*.py"))
    joined = set(re.findall(r'f"([a-z]+)\.{name}"', source))

    def is_used(statement: str) -> bool:
        file, _, name = statement.partition(".")
        return f'"{statement}"' in source or (file in joined and f'"{name}"' in source)

    assert [statement for statement in statements() if not is_used(statement)] == []
