"""Scenario files: what a replay assumes, in TOML, checked field by field.

A scenario is complete: every field is there, nothing is guessed from elsewhere, and a field it does not
know is refused. Whatever is wrong is one `InputError` that names the file, the field, the value and the
rule.

>>> table = Table({"weeks": [1, 4]}, "scenario.toml")
>>> table.integers("weeks", 1, 53)
(1, 4)
>>> table.close()
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from millpond.errors import InputError
from millpond.replay.orders import Step, Terms

MOST_MINOR = 10**12
"""The largest amount of a round file."""
MOST_BYTES = 1 << 20
"""A scenario is written by hand; anything larger is some other file."""


class Table:
    """A TOML table that remembers what was asked of it, so that `close` can refuse the rest."""

    def __init__(self, values: Mapping[str, Any], name: str, at: str = "") -> None:
        self._values, self._name, self._at = values, name, at
        self._asked: set[str] = set()

    def integer(self, key: str, low: int, high: int) -> int:
        """An integer from `low` to `high`."""
        return self._integer(self._get(key), key, low, high)

    def integers(self, key: str, low: int, high: int) -> tuple[int, ...]:
        """A list of integers from `low` to `high`."""
        return tuple(self._integer(v, f"{key}[{i}]", low, high) for i, v in enumerate(self._list(key)))

    def text(self, key: str) -> str:
        """A text that is not empty."""
        return self._text(self._get(key), key)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts."""
        return tuple(self._text(value, f"{key}[{i}]") for i, value in enumerate(self._list(key)))

    def table(self, key: str) -> Table:
        """A table in this one; close it, too."""
        return self._table(self._get(key), key)

    def tables(self, key: str) -> Iterator[Table]:
        """A list of tables in this one; close each."""
        for i, value in enumerate(self._list(key)):
            yield self._table(value, f"{key}[{i}]")

    def names(self) -> list[str]:
        """The keys that are there, in file order, where the keys themselves are data."""
        return list(self._values)

    def close(self) -> None:
        """Refuse what nobody asked for."""
        for key in self._values:
            if key not in self._asked:
                known = ", ".join(sorted(self._asked))
                raise self.wrong(key, f"no such field; the fields here are {known}")

    def wrong(self, key: str, problem: str) -> InputError:
        """The error for a field of this table."""
        return InputError(problem, at=f"{self._at}.{key}" if self._at else key, name=self._name)

    def _get(self, key: str) -> Any:
        self._asked.add(key)
        if key not in self._values:
            raise self.wrong(key, "is missing")
        return self._values[key]

    def _list(self, key: str) -> list[Any]:
        value = self._get(key)
        if not isinstance(value, list):
            raise self.wrong(key, f"{value!r:.60} is not a list")
        return value

    def _integer(self, value: Any, at: str, low: int, high: int) -> int:
        if type(value) is not int:
            raise self.wrong(at, f"{value!r:.60} is not an integer")
        if not low <= value <= high:
            raise self.wrong(at, f"{value} is not from {low:,} to {high:,}")
        return value

    def _text(self, value: Any, at: str) -> str:
        if not isinstance(value, str) or not value:
            raise self.wrong(at, f"{value!r:.60} is not a text")
        return value

    def _table(self, value: Any, at: str) -> Table:
        if not isinstance(value, dict):
            raise self.wrong(at, f"{value!r:.60} is not a table")
        return Table(value, self._name, f"{self._at}.{at}" if self._at else at)


def default_text(replay: str) -> str:
    """The scenario that ships with this replay."""
    return resources.files("millpond.replay").joinpath(f"scenarios/{replay}.toml").read_text(encoding="utf-8")


def scenario_text(path: Path) -> str:
    """The text of a scenario file; `InputError` where it cannot be had."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", name=str(path)) from error
    if len(data) > MOST_BYTES:
        raise InputError(f"is {len(data):,} bytes; a scenario has at most {MOST_BYTES:,}", name=str(path))
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"is not UTF-8 (byte {error.start})", name=str(path)) from error


def open_scenario(text: str, name: str) -> Table:
    """The scenario's top table; `name` is how messages call the file."""
    try:
        return Table(tomllib.loads(text), name)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError(f"is not TOML: {error}", name=name) from error


def read_terms(scenario: Table) -> Terms:
    """The `[terms]` table that every scenario has."""
    table = scenario.table("terms")
    steps = list(table.tables("ladder"))
    ladder = []
    for step in steps:
        ladder.append(Step(step.integer("run_value", 0, MOST_MINOR), step.integer("percent", 1, 1000)))
        step.close()
    for i in range(1, len(ladder)):
        if ladder[i].run_value <= ladder[i - 1].run_value or ladder[i].percent >= ladder[i - 1].percent:
            raise table.wrong(
                f"ladder[{i}]", "a step must start at a larger run and be cheaper than the one before"
            )
    terms = Terms(
        ladder=tuple(ladder),
        setup=table.integer("setup", 0, MOST_MINOR),
        capacity_percent=table.integer("capacity_percent", 1, 100_000),
        band_percent=table.integer("band_percent", 100, 100_000),
        freight_pooled=table.integer("freight_pooled", 0, 100),
        solidarity=table.integer("solidarity", 0, 1000),
    )
    table.close()
    return terms


def told(text: str) -> Iterator[str]:
    """A scenario for people, a line for each of its tables: "orders: weeks 27, 30; product_types 60"."""
    for key, value in tomllib.loads(text).items():
        if isinstance(value, dict):
            yield f"{key}: " + "; ".join(f"{inner} {_words(member)}" for inner, member in value.items())
        else:
            yield f"{key}: {_words(value)}"


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_words(inner)}" for key, inner in value.items())
    if isinstance(value, list):
        joint = " / " if any(isinstance(one, dict) for one in value) else ", "
        return joint.join(map(_words, value)) or "none"
    return str(value)
