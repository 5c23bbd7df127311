"""Fixtures: a node in a folder of its own, empty or with a room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from small_nodes import Clock, set_up

from millpond.node.node import Node


@pytest.fixture
def clock() -> Clock:
    """The node's clock."""
    return Clock()


@pytest.fixture
def node(tmp_path: Path, clock: Clock) -> Iterator[Node]:
    """A new node."""
    with Node(tmp_path / "data", clock=clock) as node:
        yield node


@pytest.fixture
def pond(node: Node) -> Node:
    """The node with a room `pond`."""
    set_up(node)
    return node
