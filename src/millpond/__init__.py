"""Millpond: many small places pool their demand into production runs, at one price, wherever you live.

>>> import millpond
>>> millpond.read_round(b'[]', "wants.json")
Traceback (most recent call last):
...
millpond.errors.InputError: wants.json: an empty list is not an object of format millpond-round/1

Names are loaded when they are first used, so that `millpond verify` needs nothing but the standard library.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from millpond.api import clear
    from millpond.errors import CannotServe, InputError, MillpondError, MissingExtra
    from millpond.model import Clearing, Round, encode_clearing, encode_round, read_clearing, read_round

__version__ = "0.1.0"

_HOME = {
    "clear": "millpond.api",
    "CannotServe": "millpond.errors",
    "InputError": "millpond.errors",
    "MillpondError": "millpond.errors",
    "MissingExtra": "millpond.errors",
    "Clearing": "millpond.model",
    "Round": "millpond.model",
    "encode_clearing": "millpond.model",
    "encode_round": "millpond.model",
    "read_clearing": "millpond.model",
    "read_round": "millpond.model",
}

__all__ = [
    "CannotServe",
    "Clearing",
    "InputError",
    "MillpondError",
    "MissingExtra",
    "Round",
    "clear",
    "encode_clearing",
    "encode_round",
    "read_clearing",
    "read_round",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
