"""Between plain JSON values and the model's classes, by their fields' metadata.

What a class requires, defaults to and allows is said once, in the class: here keys are matched with fields,
and construction checks the values. Unknown keys are refused unless they begin with `x_`; those are ignored
and not kept.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import MISSING, Field, fields
from datetime import date
from fractions import Fraction
from functools import cache
from typing import Any, NamedTuple, TypeVar

from millpond.errors import InputError
from millpond.model.rules import fraction_text, path_under, wrong

T = TypeVar("T")


class _Slot(NamedTuple):
    """One field of a class: its attribute, and how it comes from JSON (None: as it is)."""

    attribute: str
    read: Callable[[Any], Any] | None


class _Shape(NamedTuple):
    slots: dict[str, _Slot]
    required: dict[str, str]  # attribute -> key


def key_of(field: Field[Any]) -> str:
    """The JSON key of a field."""
    return str(field.metadata.get("key", field.name))


def written_fields(kind: Any) -> list[Field[Any]]:
    """The fields of a class that the format has, in the order in which they are written."""
    return [field for field in fields(kind) if "unwritten" not in field.metadata]


def _is_required(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


@cache
def _shape(kind: Any) -> _Shape:
    slots, required = {}, {}
    for field in written_fields(kind):
        read = field.metadata.get("read")
        if rows := field.metadata.get("rows"):
            read = _rows_reader(rows)
        slots[key_of(field)] = _Slot(field.name, read)
        if _is_required(field):
            required[field.name] = key_of(field)
    return _Shape(slots, required)


def build(kind: Callable[..., T], raw: Any, **given: Any) -> T:
    """The object of this class that a JSON object holds; `given` are attributes that come from elsewhere.

    Raises `InputError` with the path from this object on.
    """
    if not isinstance(raw, dict):
        raise wrong("", raw, "an object")
    slots, required = _shape(kind)
    values = given
    for key, value in raw.items():
        slot = slots.get(key)
        if slot is None:
            if not key.startswith("x_"):
                problem = f"unknown key; known are {', '.join(slots)} and any that begins with x_"
                raise InputError(problem, at=path_under("", key))
            continue
        if slot.read is not None:
            try:
                value = slot.read(value)
            except InputError as error:
                raise error.inside(key) from None
        elif value is None:
            raise wrong(key, value, "a value here: what is not there is left out, with its key")
        elif type(value) is str:
            value = sys.intern(value)  # ids repeat a million times in a large round
        values[slot.attribute] = value
    if not required.keys() <= values.keys():
        missing = next(key for attribute, key in required.items() if attribute not in values)
        raise InputError("is missing, and required", at=missing)
    return kind(**values)


def _rows_reader(kind: Callable[..., T]) -> Callable[[Any], tuple[T, ...]]:
    def read(raw: Any) -> tuple[T, ...]:
        if not isinstance(raw, list):
            raise wrong("", raw, "a list")
        built = []
        for index, row in enumerate(raw):
            try:
                built.append(build(kind, row))
            except InputError as error:
                raise error.inside(f"[{index}]") from None
            raw[index] = None  # the plain form is as heavy as what is built: let go of it row by row
        return tuple(built)

    return read


def plain(value: Any) -> Any:
    """The JSON value of an object of the model, without the fields that have their defaults."""
    if isinstance(value, tuple):
        return [plain(entry) for entry in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Fraction):
        return fraction_text(value)
    if not hasattr(value, "__dataclass_fields__"):
        return value
    kept = (field for field in written_fields(value) if not _is_default(field, value))
    return {key_of(field): plain(getattr(value, field.name)) for field in kept}


def _is_default(field: Field[Any], owner: Any) -> bool:
    value = getattr(owner, field.name)
    if field.name == "family" and field.default == "":
        return bool(value == owner.id)
    if field.default_factory is not MISSING:
        return bool(value == field.default_factory())
    return field.default is not MISSING and bool(value == field.default)
