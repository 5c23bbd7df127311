"""A line to a node that can be cut: for tests of pages without a network, service workers and all.

    with line_to(site) as line:
        page.goto(line.base + "/pond/desk")
        line.cut()

Emulating it in the browser is not enough: what a page asks while it is being loaded may slip through.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit


class Line:
    """Passes bytes on between a port of its own and a node, until it is cut."""

    def __init__(self, to: str) -> None:
        self._to = urlsplit(to).port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.base = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._ends: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._is_cut = self._is_held = False
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Nothing gets through any more, whatever was under way."""
        with self._lock:
            self._is_cut = True
            for end in self._ends:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
            self._ends.clear()

    def hold(self) -> None:
        """New callers are let in, and never answered: a network that is there and too slow."""
        self.cut()
        with self._lock:
            self._is_cut, self._is_held = False, True

    def mend(self) -> None:
        """It works again."""
        with self._lock:
            self._is_cut = self._is_held = False

    def close(self) -> None:
        """For good."""
        self.cut()
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                caller, _ = self._listening.accept()
            except OSError:
                return
            with self._lock:
                if self._is_cut:
                    caller.close()
                    continue
                if self._is_held:
                    self._ends.add(caller)
                    continue
                node = socket.create_connection(("127.0.0.1", self._to))
                self._ends |= {caller, node}
            for one, other in ((caller, node), (node, caller)):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(65_536):
                other.sendall(data)
        for end in (one, other):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            with self._lock:
                self._ends.discard(end)


@contextmanager
def line_to(base: str) -> Iterator[Line]:
    """A line to the node at this address."""
    line = Line(base)
    try:
        yield line
    finally:
        line.close()
