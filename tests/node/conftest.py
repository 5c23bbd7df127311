"""Fixtures: a node in a folder of its own, empty or with a room; people whose nodes exchange logs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from exchanging import Person, person
from sites import Site, start_site
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


@pytest.fixture
def ann(tmp_path: Path) -> Iterator[Person]:
    """Somebody with a node that only calls out."""
    with person(tmp_path / "ann") as found:
        yield found


@pytest.fixture
def bo(tmp_path: Path) -> Iterator[Person]:
    """Somebody else."""
    with person(tmp_path / "bo") as found:
        yield found


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A node that is served, whose keeper carries logs."""
    with start_site(tmp_path / "site") as found:
        yield found
