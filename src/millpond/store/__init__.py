"""Keeping: one SQLite file a room, one for the node, one for logs of others, and the SQL for them.

>>> from pathlib import Path
>>> from tempfile import TemporaryDirectory
>>> with TemporaryDirectory() as folder:
...     with open_room(Path(folder) / "room.db") as room:
...         room.read.one("room.get") is None
True
"""

from millpond.store.database import Database, Rows
from millpond.store.files import (
    NETWORK_VERSION,
    NODE_VERSION,
    ROOM_VERSION,
    open_network,
    open_node,
    open_room,
)

__all__ = [
    "NETWORK_VERSION",
    "NODE_VERSION",
    "ROOM_VERSION",
    "Database",
    "Rows",
    "open_network",
    "open_node",
    "open_room",
]
