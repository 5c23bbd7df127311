"""A node that keeps logs of others, for the tests of a module; who uses `fresh` has a log of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from kept_logs import another
from sites import Site, start_site

from millpond.network import keeping
from millpond.network.keeping import Keeper


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A node with a room."""
    with start_site(tmp_path_factory.mktemp("logs")) as started:
        yield started


@pytest.fixture
def fresh(site: Site) -> None:
    """Another log."""
    another(site)


@pytest.fixture
def keeper(site: Site) -> Keeper:
    """The node's keeper."""
    return keeping.keeper(site.node.network, site.node.vault, now_ms=0)
