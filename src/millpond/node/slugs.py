"""The short name of a room: in every address of it, and the name of its directory."""

from __future__ import annotations

import re

from millpond.desk.refusals import Refused

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{1,38}[a-z0-9]")

OF_THE_NODE = frozenset({
    "admin", "api", "assets", "backup", "card", "favicon", "health", "invitation", "keeper", "log", "logs",
    "millpond", "mirror", "network", "node", "peers", "places", "restore", "robots", "room", "rooms", "setup",
    "sign-in", "sign-out", "static", "well-known", "witness",
})  # fmt: skip
"""First parts of addresses that are, or may become, the node's own."""
OF_WINDOWS = frozenset(
    {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}
)
"""Names that no directory has on Windows."""


def check_slug(slug: str) -> str:
    """The slug as it is; raises `Refused` if it cannot be one."""
    if not _SLUG.fullmatch(slug):
        raise Refused("slug.shape", slug=slug[:60]).inside("slug")
    if slug in OF_THE_NODE or slug in OF_WINDOWS:
        raise Refused("slug.reserved", slug=slug).inside("slug")
    return slug
