"""Round and clearing files: from the model to bytes.

Deterministic: the same object gives the same bytes, UTF-8 JSON with one row of a list a line and a newline at
the end. Fields that have their default are left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from millpond.model.clearing import Branch, Clearing, Leaf
from millpond.model.reading import CLEARING_FORMAT, ROUND_FORMAT
from millpond.model.round import Round
from millpond.model.shapes import key_of, plain, written_fields


def encode_round(round: Round) -> bytes:
    """The bytes of a round file; `read_round` gives an equal round back."""
    return _file({"format": ROUND_FORMAT} | plain(round))


def encode_clearing(clearing: Clearing) -> bytes:
    """The bytes of a clearing file; `read_clearing` gives an equal clearing back."""
    body: dict[str, Any] = {"format": CLEARING_FORMAT}
    for field in written_fields(clearing):
        value = getattr(clearing, field.name)
        if field.name == "certificate":
            tree = "".join(_pieces(value.tree))
            body[field.name] = _Text(f'{{"scale": {value.scale}, "tree": {tree}}}')
        else:
            body[key_of(field)] = plain(value)
    return _file(body)


class _Text(str):
    """JSON that is text already."""

    __slots__ = ()


def _file(body: dict[str, Any]) -> bytes:
    entries = ",\n".join(f"  {_json(key)}: {_value(value)}" for key, value in body.items())
    return f"{{\n{entries}\n}}\n".encode()


def _value(value: Any) -> str:
    if isinstance(value, _Text):
        return value
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(f"    {_json(row)}" for row in value) + "\n  ]"
    return _json(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _pieces(tree: Leaf | Branch) -> Iterator[str]:
    """The tree's JSON, without recursion: it may be 4,095 branches deep."""
    waiting: list[Leaf | Branch | str] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            yield node
        elif isinstance(node, Leaf):
            yield _json(plain(node))
        else:
            yield f'{{"offer": {_json(node.offer)}, "tier": {node.tier}, "low": '
            waiting += ("}", node.high, ', "high": ', node.low)
