"""From the bytes of one line to a JSON object, refusing whatever two readers could read differently.

JSON is RFC 8259. On top of it, and without exception:

- UTF-8 without a byte order mark; the first byte is "{" and the last "}"; no line feed and no carriage return
  (other white space between values is allowed: what is signed are the bytes, and nothing re-writes them).
- A key stands once in its object. Texts have no half of a surrogate pair standing alone.
- Numbers are integers from -(2^53 - 1) to 2^53 - 1, so that a browser reads them exactly; written without
  fraction or exponent, and nought is "0", not "-0" (a browser tells the two apart).
- Objects and lists stand at most `MAX_DEPTH` deep, counting the outermost.

Invariants:
- Whatever the bytes, the outcome is a dict or one `InputError` that says which rule, and where.
- The outcome depends on the bytes alone: not on the stack, the platform or a table of Unicode.
- Time and memory are in proportion to the bytes; the caller bounds how many those are.

Reading is done by the standard library's scanner with hooks that refuse; only once something was refused, a
second pass looks for where it stands.

>>> parse(b'{"name": "rice", "bags": 3}')
{'name': 'rice', 'bags': 3}
>>> parse(b'{"sold": [{"bags": 3.5}]}')
Traceback (most recent call last):
millpond.errors.InputError: sold[0].bags: 3.5 is not an integer; numbers are integers here
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

from millpond.errors import InputError
from millpond.model.rules import path_under, shown

MAX_DEPTH = 16
"""Levels of nesting: far more than any statement needs, far fewer than cost a stack."""
MAX_INTEGER = 2**53 - 1
"""Largest size of an integer: up to here a double, and so JavaScript, keeps every one apart."""

_SHORT_DIGITS = 15
"""An integer written in this many characters is within the bounds."""
_LONGEST_DIGITS = 17

_LINE_FEED, _CARRIAGE_RETURN, _BACKSLASH, _CLOSING = b"\n\r\\}"

_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
"""A string, or what is left if it does not end. Possessive, so that any bytes take time in proportion."""
_BRACKETS = re.compile(rb"[\[\]{}]")


def parse(payload: bytes) -> dict[str, Any]:
    """The object that the bytes hold: dicts, lists, texts, integers, booleans and None.

    Raises `InputError`: which rule is broken, and where.
    """
    # Every statement that is taken in passes here: a single byte is found fastest as a number.
    if payload[:1] != b"{" or payload[-1] != _CLOSING or _LINE_FEED in payload or _CARRIAGE_RETURN in payload:
        raise _not_one_object(payload)
    if payload.count(b"{") + payload.count(b"[") > MAX_DEPTH and _depth(payload) > MAX_DEPTH:
        raise InputError(f"nested deeper than {MAX_DEPTH} levels, and nothing here needs to be")
    try:
        text = payload.decode()
    except UnicodeDecodeError as error:
        raise InputError(
            f"byte {error.start:,}: 0x{payload[error.start]:02x} is not UTF-8, and the whole must be"
        ) from None
    try:
        value, end = _scan(text, 0)
    except (_RefusedError, json.JSONDecodeError, StopIteration):
        raise _located(text) from None
    if end != len(text):
        raise _not_json(text, end, "the object has ended before it")
    if _BACKSLASH in payload and b"\\u" in payload:
        _check_surrogates(value)
    assert isinstance(value, dict)  # it begins with "{"
    return value


def _not_one_object(payload: bytes) -> InputError:
    if payload.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        return InputError("byte 0: it begins with a byte order mark; it is UTF-8 without one")
    for byte, name in ((b"\n", "a line feed"), (b"\r", "a carriage return")):
        if byte in payload:
            return InputError(
                f"byte {payload.index(byte):,}: {name}; it is one line, and texts have it as an escape"
            )
    if not payload.startswith(b"{"):
        return InputError("byte 0: it does not begin with {; it is one JSON object, with nothing before it")
    return InputError("it does not end with }; it is one whole JSON object, with nothing after it")


def _depth(payload: bytes) -> int:
    """How deep brackets outside of strings stand; exact for JSON, and no less than what a scanner meets."""
    depth = most = 0
    for bracket in _BRACKETS.findall(_STRING.sub(b"", payload)):
        depth += 1 if bracket in b"[{" else -1
        most = max(most, depth)
    return most


class _RefusedError(Exception):
    """Raised by a hook: a rule is broken somewhere."""


class _Broken:
    """What stands in the place of a value that breaks a rule, in the second pass."""

    __slots__ = ("problem",)

    def __init__(self, problem: str) -> None:
        self.problem = problem


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise _RefusedError
    return value


def _integer(digits: str) -> int:
    if len(digits) <= _SHORT_DIGITS and digits != "-0":
        return int(digits)
    if (
        len(digits) <= _LONGEST_DIGITS
        and digits != "-0"
        and -MAX_INTEGER <= (value := int(digits)) <= MAX_INTEGER
    ):
        return value
    raise _RefusedError


def _refuse(_: str) -> NoReturn:
    raise _RefusedError


def _marked_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for key, entry in pairs:
        value[key] = (
            _Broken("this key stands twice in its object; a key stands once") if key in value else entry
        )
    return value


def _marked_integer(digits: str) -> int | _Broken:
    try:
        return _integer(digits)
    except _RefusedError:
        if digits == "-0":
            return _Broken("-0 is not an integer; nought is written 0")
        cut = digits if len(digits) <= 40 else f"{digits[:30]}… ({len(digits):,} digits)"
        return _Broken(f"{cut} is not an integer from -(2^53 - 1) to 2^53 - 1")


def _marked_number(text: str) -> _Broken:
    cut = text if len(text) <= 40 else f"{text[:30]}…"
    return _Broken(f"{cut} is not an integer; numbers are integers here")


_Scan = Callable[[str, int], tuple[Any, int]]
"""The value that begins at this character, and where it ends."""

_scan: _Scan = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_refuse, parse_constant=_refuse
).scan_once  # type: ignore[attr-defined]  # public, and not in typeshed
_scan_marking: _Scan = json.JSONDecoder(
    object_pairs_hook=_marked_object,
    parse_int=_marked_integer,
    parse_float=_marked_number,
    parse_constant=_marked_number,
).scan_once  # type: ignore[attr-defined]


def _located(text: str) -> InputError:
    """The error of a text that was refused: the first broken rule that stands in it."""
    try:
        value, _ = _scan_marking(text, 0)
    except json.JSONDecodeError as error:
        return _not_json(text, error.pos, error.msg)
    except StopIteration as stop:
        return _not_json(text, stop.value, "no value begins so")
    broken = ((at, entry.problem) for at, entry in _values("", value) if isinstance(entry, _Broken))
    at, problem = next(broken)
    return InputError(problem, at=at)


def _not_json(text: str, position: int, why: str) -> InputError:
    if position >= len(text) or why.startswith("Unterminated string"):
        return InputError(f"character {position:,}: it ends in the middle; it is one whole JSON object")
    return InputError(
        f"character {position:,}: {shown(text[position : position + 20])} is not JSON here ({why})"
    )


def _values(at: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Every key (as a text) and value in this one, with its path."""
    yield at, value
    if isinstance(value, dict):
        for key, entry in value.items():
            path = path_under(at, key)
            yield path, key
            yield from _values(path, entry)
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            yield from _values(f"{at}[{index}]", entry)


def _check_surrogates(value: dict[str, Any]) -> None:
    for at, entry in _values("", value):
        if isinstance(entry, str) and not entry.isascii():
            try:
                entry.encode()
            except UnicodeEncodeError:
                raise InputError(
                    "half of a surrogate pair stands alone; UTF-8 cannot carry it", at=at
                ) from None
