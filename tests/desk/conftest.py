"""A small room for tests that do not make one of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from small_rooms import small_room

from millpond.store import Database


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    """An empty room with one pick-up point."""
    with small_room(tmp_path) as db:
        yield db
