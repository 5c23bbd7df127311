"""Where the real records are that are not the project's to ship; what needs them is skipped without them."""

from __future__ import annotations

from pathlib import Path

import pytest

from millpond.errors import InputError
from millpond.replay.records import data_folder


def records(record: str) -> Path:
    """The folder that holds this record; skips the test where it is not, or pandas to read it is not."""
    pytest.importorskip("pandas", reason="the extra demo is not installed")
    pytest.importorskip("pyarrow", reason="the extra demo is not installed")
    try:
        return data_folder(None, record)
    except InputError as error:
        pytest.skip(str(error))
