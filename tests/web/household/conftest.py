"""A community with an open group order (`open_group`): two sizes of rice and an apron with a name on it."""

from __future__ import annotations

import pytest
from open_group import Group


@pytest.fixture
def group(site) -> Group:
    """An open group order without orders."""
    return Group(site)
