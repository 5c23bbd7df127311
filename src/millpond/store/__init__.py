"""Keeping: one SQLite file per room, one for the node, and the SQL that reads and writes them.

>>> from pathlib import Path
>>> from tempfile import TemporaryDirectory
>>> with TemporaryDirectory() as folder:
...     with open_room(Path(folder) / "room.db") as room:
...         room.read.one("room.get") is None
True
"""

from millpond.store.database import Database, Rows
from millpond.store.files import NODE_VERSION, ROOM_VERSION, open_node, open_room

__all__ = ["NODE_VERSION", "ROOM_VERSION", "Database", "Rows", "open_node", "open_room"]
