"""Every address of the node, from the parts of the pages."""

from __future__ import annotations

from millpond.web.common import PAGES as COMMON
from millpond.web.household import PAGES as HOUSEHOLD
from millpond.web.leader import PAGES as LEADER
from millpond.web.logs import PAGES as LOGS
from millpond.web.routes import Route

PAGES: tuple[Route, ...] = (*LOGS, *HOUSEHOLD, *COMMON, *LEADER)
"""Those that are asked for most come first: the first one that fits answers. What is for programs comes
before all: its first part is no room's name."""
