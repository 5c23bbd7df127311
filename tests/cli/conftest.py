"""Fixtures: a node for commands that work beside it."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_nodes import set_up

from millpond.node.node import Node


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A node with one room, which nobody has open."""
    with Node(tmp_path / "data") as node:
        set_up(node)
    return tmp_path / "data"
