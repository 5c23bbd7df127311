"""Round and clearing files: from bytes to the model.

Every defect of a file is one `InputError` that names the file, the JSON path in it, the value and the rule. A
version of the format that this code does not know is refused before anything else is looked at.
"""

from __future__ import annotations

import hashlib
from typing import Any

from millpond.errors import InputError
from millpond.model.clearing import MAX_LEAVES, Branch, Certificate, Clearing, Leaf
from millpond.model.parsing import parse
from millpond.model.round import Round
from millpond.model.rules import shown, wrong
from millpond.model.shapes import build

ROUND_FORMAT = "millpond-round/1"
CLEARING_FORMAT = "millpond-clearing/1"


def read_round(data: bytes, name: str = "round") -> Round:
    """The round in the bytes of a round file; `name` stands for the file in messages.

    Raises `InputError`.
    """
    try:
        body = _body(parse(data), ROUND_FORMAT)
        return build(Round, body, sha256=hashlib.sha256(data).hexdigest())
    except InputError as error:
        raise error.named(name) from None


def read_clearing(data: bytes, name: str = "clearing") -> Clearing:
    """The clearing in the bytes of a clearing file, its form checked, but not whether it is valid for a
    round.

    Raises `InputError`.
    """
    try:
        body = _body(parse(data), CLEARING_FORMAT)
        if "certificate" not in body:
            raise InputError("is missing, and required", at="certificate")
        try:
            certificate = _certificate(body.pop("certificate"))
        except InputError as error:
            raise error.inside("certificate") from None
        return build(Clearing, body, certificate=certificate)
    except InputError as error:
        raise error.named(name) from None


def _body(value: Any, wanted: str) -> dict[str, Any]:
    """The object of a file without its `format`, which must be the one wanted."""
    if not isinstance(value, dict):
        raise wrong("", value, f"an object of format {wanted}")
    if "format" not in value:
        raise InputError(f'is missing; it must be "{wanted}"', at="format")
    found = value.pop("format")
    if found != wanted or type(found) is not str:
        raise InputError(f'{shown(found)} is not known here: it must be "{wanted}"', at="format")
    return value


def _certificate(raw: Any) -> Certificate:
    if isinstance(raw, dict) and "tree" in raw:
        raw["tree"] = _tree(raw["tree"])
    return build(Certificate, raw)


def _tree(raw: Any) -> Leaf | Branch:
    """The tree, built from the leaves up without recursion: it may be 4,095 branches deep."""
    order: list[tuple[str, Any]] = []
    waiting = [("tree", raw)]
    while waiting:
        at, node = waiting.pop()
        order.append((at, node))
        if len(order) >= 2 * MAX_LEAVES:
            raise InputError(f"more than {MAX_LEAVES:,} leaves", at="tree")
        if isinstance(node, dict) and "low" in node and "high" in node:
            waiting += ((_step(at, "high"), node["high"]), (_step(at, "low"), node["low"]))
    built: list[Leaf | Branch] = []
    for at, node in reversed(order):
        try:
            if isinstance(node, dict) and "low" in node and "high" in node:
                node["low"], node["high"] = built.pop(), built.pop()
                built.append(build(Branch, node))
            elif isinstance(node, dict) and not node.keys().isdisjoint(("offer", "tier", "low", "high")):
                built.append(build(Branch, node))
            else:
                built.append(build(Leaf, node))
        except InputError as error:
            raise error.inside(at) from None
    return built[0]


def _step(at: str, side: str) -> str:
    """The path one step down, its middle left out when it is long: it may be thousands of steps."""
    path = f"{at}.{side}"
    return path if len(path) <= 200 else f"{path[:80]} … {path[-80:]}"
