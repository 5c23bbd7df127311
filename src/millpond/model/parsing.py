"""From bytes to plain JSON values (RFC 8259), refusing what the standard library would let pass.

Invariants:
- Each key stands once in its object, NaN and Infinity are refused, wherever they are (also under keys that
  are ignored).
- Numbers other than integers of an ordinary length become `NumberText`, which no rule takes for an integer.
- Whatever the bytes, the outcome is a value or one `InputError`; nesting is bounded by `MAX_DEPTH` and costs
  no stack.

>>> parse(b'{"limit": 3.5}')
{'limit': '3.5'}
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from millpond.errors import InputError
from millpond.model.rules import NumberText, path_under, shown

MAX_DEPTH = 4_200
"""Levels of nesting: a certificate of 4,096 leaves is at most 4,095 branches deep."""
MAX_DIGITS = 100
"""Digits of an integer that is read as one: more than any rule allows, few enough to be cheap."""

_SPACE = re.compile(r"[ \t\n\r]*")


class _Doubled(dict[str, Any]):
    """An object that had a key twice."""

    key = ""


class _NoNumber(NumberText):
    """NaN, Infinity or -Infinity."""

    __slots__ = ()


def parse(data: bytes) -> Any:
    """The value that the bytes hold: dict, list, str, int, bool, None, or `NumberText` for other numbers."""
    text = _decode(data)
    parser = _Parser()
    try:
        value = parser.shallow(text)
    except RecursionError:
        value = parser.deep(text)
    except json.JSONDecodeError as error:
        raise _not_json(text, error) from None
    if parser.defective:
        raise _find_defect(value)
    return value


def _decode(data: bytes) -> str:
    if data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        raise InputError("byte 0: it begins with a byte order mark; the file is UTF-8 without one")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            f"byte {error.start:,}: 0x{data[error.start]:02x} is not UTF-8, and the file must be"
        ) from None


def _not_json(text: str, error: json.JSONDecodeError) -> InputError:
    where = f"line {error.lineno:,} column {error.colno:,}"
    if not text[error.pos :].strip() or error.msg.startswith("Unterminated string"):
        return InputError(f"{where}: it ends in the middle; the file must be one whole JSON value")
    found = shown(text[error.pos : error.pos + 20])
    return InputError(
        f"{where}: {found} is not JSON here ({error.msg}); the file must be one whole JSON value"
    )


class _Parser:
    """The standard library's parser with our hooks, and a loop around it for what is nested too deeply."""

    def __init__(self) -> None:
        self.defective = False
        self._decoder = json.JSONDecoder(
            object_pairs_hook=self._object,
            parse_int=self._integer,
            parse_float=NumberText,
            parse_constant=self._constant,
        )

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(pairs)
        if len(value) == len(pairs):
            return value
        self.defective = True
        seen: set[str] = set()
        doubled = _Doubled(value)
        doubled.key = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        return doubled

    @staticmethod
    def _integer(digits: str) -> int | NumberText:
        return int(digits) if len(digits) <= MAX_DIGITS else NumberText(digits)

    def _constant(self, name: str) -> _NoNumber:
        self.defective = True
        return _NoNumber(name)

    def shallow(self, text: str) -> Any:
        return self._decoder.decode(text)

    def deep(self, text: str) -> Any:
        """As `shallow`, but with the open containers in a list instead of on the stack."""
        try:
            return self._deep(text)
        except json.JSONDecodeError as error:
            raise _not_json(text, error) from None

    def _deep(self, text: str) -> Any:
        """Each turn reads a value or opens a container; a value then closes what containers end after it."""
        position = _skip(text, 0)
        # Of each open container: its members so far (of an object: pairs), and "[", or "{" and the key.
        open_: list[tuple[list[Any], str]] = []
        while True:
            opening = text[position : position + 1]
            if opening in ("{", "[") and not _is_empty(text, position):
                if len(open_) == MAX_DEPTH:
                    raise InputError(f"nested deeper than {MAX_DEPTH:,} levels, and no file needs to be")
                position = _skip(text, position + 1)
                key, position = self._key(text, position) if opening == "{" else ("", position)
                open_.append(([], opening + key))
                continue
            value, position = self._scalar(text, position)
            position = _skip(text, position)
            while open_:
                members, mark = open_[-1]
                members.append((mark[1:], value) if mark[0] == "{" else value)
                following = text[position : position + 1]
                if following == ",":
                    position = _skip(text, position + 1)
                    if mark[0] == "{":
                        key, position = self._key(text, position)
                        open_[-1] = (members, "{" + key)
                    break
                if following != ("}" if mark[0] == "{" else "]"):
                    raise json.JSONDecodeError("Expecting ',' delimiter", text, position)
                open_.pop()
                value = self._object(members) if mark[0] == "{" else members
                position = _skip(text, position + 1)
            else:
                if position < len(text):
                    raise json.JSONDecodeError("Extra data", text, position)
                return value

    def _scalar(self, text: str, position: int) -> tuple[Any, int]:
        return self._decoder.raw_decode(text, position)

    def _key(self, text: str, position: int) -> tuple[str, int]:
        if text[position : position + 1] != '"':
            raise json.JSONDecodeError("Expecting property name enclosed in double quotes", text, position)
        key, position = self._decoder.raw_decode(text, position)
        position = _skip(text, position)
        if text[position : position + 1] != ":":
            raise json.JSONDecodeError("Expecting ':' delimiter", text, position)
        return key, _skip(text, position + 1)


def _skip(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    assert match
    return match.end()


def _is_empty(text: str, position: int) -> bool:
    closing = "}" if text[position] == "{" else "]"
    return text.startswith(closing, _skip(text, position + 1))


def _find_defect(value: Any) -> InputError:
    """The first doubled key or non-number in the value, which has one."""
    waiting: list[tuple[str, Any]] = [("", value)]
    while waiting:
        at, node = waiting.pop()
        if isinstance(node, _NoNumber):
            return InputError(f"{node} is not a number of JSON", at=at)
        if isinstance(node, _Doubled):
            return InputError(f"key {shown(node.key)} stands twice in this object; a key stands once", at=at)
        waiting += reversed(list(_members(at, node)))
    raise AssertionError("a defect was seen and is gone")


def _members(at: str, node: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict):
        for key, entry in node.items():
            yield path_under(at, key), entry
    elif isinstance(node, list):
        for index, entry in enumerate(node):
            yield f"{at}[{index}]", entry
