"""SQL lives in `.sql` files: each statement has a name, `FILE.NAME`, from a line `-- name: NAME` before it.

>>> parse("orders", "-- name: count\\nSELECT count(*) FROM orders;\\n")
{'orders.count': 'SELECT count(*) FROM orders;'}
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

_NAME = re.compile(r"^-- name: ([a-z_0-9]+)$", re.M)


def parse(file: str, text: str) -> dict[str, str]:
    """The statements of one file, by their names; raises `ValueError` for a name that stands twice."""
    parts = _NAME.split(text)
    found: dict[str, str] = {}
    for name, sql in zip(parts[1::2], parts[2::2], strict=True):
        full = f"{file}.{name}"
        if full in found:
            raise ValueError(f"{file}.sql: {name} stands twice")
        found[full] = sql.strip()
    return found


@cache
def statements() -> dict[str, str]:
    """Every statement of the package."""
    found: dict[str, str] = {}
    for file in (files("millpond.store") / "sql").iterdir():
        if file.name.endswith(".sql"):
            found |= parse(file.name.removesuffix(".sql"), file.read_text(encoding="utf-8"))
    return found
