"""Data that lies beside the repository, in `../shared/data`; tests that need it are skipped without."""

from __future__ import annotations

from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[3] / "shared" / "data"


def shared_file(name: str) -> bytes:
    """The bytes of one file; skips the test where the data is not given."""
    path = FOLDER / name
    if not path.is_file():
        pytest.skip(f"shared/data/{name} is not beside the repository")
    return path.read_bytes()
