"""How many large bodies are taken at a time: each may hold a package of entries, 8 MB at most, in memory.

Few of one address, so that nobody who sends slowly on many lines keeps the others away; who is told to wait
loses nothing, for a push goes on where it stopped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

MOST_AT_ONCE = 16
"""At worst 140 MB, on a machine that has 512."""
MOST_OF_ONE = 4


class Busy(Exception):
    """Too many are being taken already."""


class Pushes:
    """Who is sending. It belongs to the event loop."""

    def __init__(self) -> None:
        self._of: Counter[str] = Counter()

    @contextmanager
    def place(self, client: str) -> Iterator[None]:
        """A place until the end of the block; raises `Busy` where there is none.

        >>> pushes = Pushes()
        >>> with pushes.place("a"), pushes.place("a"), pushes.place("b"):
        ...     pushes.count
        3
        """
        if self.count >= MOST_AT_ONCE or self._of[client] >= MOST_OF_ONE:
            raise Busy
        self._of[client] += 1
        try:
            yield
        finally:
            self._of[client] -= 1
            if not self._of[client]:
                del self._of[client]

    @property
    def count(self) -> int:
        """How many are being taken."""
        return self._of.total()
