"""Where the records are that are not the project's to ship, and one message for whatever is wrong with
them.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from millpond.errors import InputError

VARIABLE = "MILLPOND_RECORDS"
BESIDE = Path("shared") / "data"
"""Where the records lie beside the checkout."""


def data_folder(given: Path | None, record: str) -> Path:
    """The folder that holds this record: the one given, else that of the environment, else the one beside
    the checkout.

    Raises `InputError` that names the places where it was sought.
    """
    if given is not None:
        sought = [given]
    elif VARIABLE in os.environ:
        sought = [Path(os.environ[VARIABLE])]
    else:
        checkout = Path(__file__).resolve().parents[3]
        sought = [Path.cwd().parent / BESIDE, checkout.parent / BESIDE]
    for folder in sought:
        if (folder / record).is_file():
            return folder
    places = " nor in ".join(str(folder) for folder in dict.fromkeys(sought))
    raise InputError(
        f"there is no such record in {places}; name its folder with --data DIR or {VARIABLE}", name=record
    )


@contextmanager
def reading(record: Path) -> Iterator[None]:
    """Turns what goes wrong while a record is read into an `InputError` that names it."""
    try:
        yield
    except (OSError, ValueError, KeyError, EOFError, zlib.error) as error:
        said = str(error).partition("\n")[0]
        raise InputError(
            f"cannot be read as a record of this replay: {said:.200}", name=str(record)
        ) from error
