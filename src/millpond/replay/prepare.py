"""From a replay's name and a scenario to a round that can be cleared, with what was really paid beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from millpond.errors import InputError
from millpond.model import Round, read_round
from millpond.replay.orders import Orders
from millpond.replay.pooling import round_of
from millpond.replay.scenario import open_scenario, read_terms, told

NAMES = ("baskets", "olist", "scms")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A round of real orders.

    `paid` is what each demand line really cost its households, in minor units; `buyers` are counted and named
    ("1,897 households"), with their lines before they were gathered by place; `assumptions` are sentences
    by language ("en", "zh") that say what in the round is not data.
    """

    name: str
    round_bytes: bytes
    round: Round
    paid: Mapping[str, int]
    buyers: str
    buyer_lines: int
    assumptions: Mapping[str, Sequence[str]]


def prepare(name: str, scenario: str, called: str, data: Path | None) -> Prepared:
    """The round of this replay under a scenario (its text; `called` is how messages name it).

    `data` is the folder of records for `olist` and `scms`. Raises `InputError` for what is wrong with
    either, and `ModuleNotFoundError` where the extra `demo` is not installed.
    """
    top = open_scenario(scenario, called)
    terms = read_terms(top)
    try:
        orders: Orders = import_module(f"millpond.replay.{name}").read_orders(top, data)
    except InputError as error:
        raise error if error.name else error.named(called) from None
    if not orders.wants:
        raise InputError("leaves no order over; take in more of the records", name=called)
    value = round_of(orders, terms)
    round_bytes = encode(value)
    return Prepared(
        name=name,
        round_bytes=round_bytes,
        round=read_round(round_bytes, "the round of this scenario"),
        paid={line["id"]: line["x_paid"] for line in value["demand"]},
        buyers=f"{len({want.household for want in orders.wants}):,} {orders.buyers}",
        buyer_lines=len({(want.household, want.place, want.family) for want in orders.wants}),
        assumptions=_assumptions(scenario, orders),
    )


def encode(value: Mapping[str, Any]) -> bytes:
    """The round file: one row of a list on a line, so that people can read it and tools can compare it."""
    members = []
    for key, member in value.items():
        text = _json(member)
        if isinstance(member, list) and member:
            text = "[\n  " + ",\n  ".join(map(_json, member)) + "\n]"
        members.append(f"{_json(key)}: {text}")
    return ("{\n" + ",\n".join(members) + "\n}\n").encode()


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))


def _assumptions(scenario: str, orders: Orders) -> dict[str, list[str]]:
    """What is not data, in sentences by language."""
    tables = list(told(scenario))
    left_out = sorted(orders.left_out.items())
    return {
        "en": [
            *(note.en for note in orders.notes),
            *(f"Left out: {count:,} {why.en}." for why, count in left_out),
            *(f"Scenario, {table}" for table in tables),
        ],
        "zh": [
            *(note.zh for note in orders.notes),
            *(f"没有算进来：{why.zh}，{count:,} 条。" for why, count in left_out),
            *(f"方案 {table}" for table in tables),
        ],
    }
